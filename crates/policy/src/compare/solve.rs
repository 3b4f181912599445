//! Is there a context in which some conditions hold and others do not?

use std::collections::HashSet;

use super::keys::{EntryId, KeyState, Keys};
use super::work::{Exhausted, Work};

/// What a context must do.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// Entries that must hold.
    pub held: Vec<EntryId>,
    /// Statements of which one entry at least must not hold.
    pub missed: Vec<&'a [EntryId]>,
}

/// Finds what each key may be, if there is a way.
pub(super) fn solve(
    keys: &Keys<'_>,
    mut states: Vec<KeyState>,
    wanted: &Wanted<'_>,
    work: &mut Work,
) -> Result<Option<Vec<KeyState>>, Exhausted> {
    // Without entries a statement always matches, so it cannot be missed.
    if wanted.missed.iter().any(|entries| entries.is_empty()) {
        return Ok(None);
    }
    for id in &wanted.held {
        work.spend(1)?;
        if !narrow(keys, &mut states, *id, true) {
            return Ok(None);
        }
    }
    Search::new(keys, wanted, work).run(states)
}

struct Search<'a, 'k> {
    keys: &'a Keys<'k>,
    missed: &'a [&'a [EntryId]],
    /// Entries that hold because others have to.
    implied: HashSet<EntryId>,
    work: &'a mut Work,
}

/// An entry that was chosen not to hold, and what its key could be before.
struct Choice {
    entry: usize,
    domain: usize,
    before: KeyState,
}

impl<'a, 'k> Search<'a, 'k> {
    fn new(keys: &'a Keys<'k>, wanted: &'a Wanted<'a>, work: &'a mut Work) -> Self {
        let held = wanted.held.iter().filter_map(|id| keys.entries.get(*id));
        Self {
            keys,
            missed: &wanted.missed,
            implied: held.flat_map(|held| &held.implies).copied().collect(),
            work,
        }
    }

    /// Chooses for one statement after the other an entry that does not hold, and goes back where none is left to choose.
    /// Statements are many, so this is a loop and what a choice changed is kept aside.
    fn run(&mut self, mut states: Vec<KeyState>) -> Result<Option<Vec<KeyState>>, Exhausted> {
        let mut chosen: Vec<Choice> = Vec::new();
        let mut from = 0;
        while let Some(entries) = self.missed.get(chosen.len()).copied() {
            match self.choose(&mut states, entries, from)? {
                Some(choice) => {
                    chosen.push(choice);
                    from = 0;
                }
                None => {
                    let Some(last) = chosen.pop() else {
                        return Ok(None);
                    };
                    if let Some(state) = states.get_mut(last.domain) {
                        *state = last.before;
                    }
                    from = last.entry + 1;
                }
            }
        }
        Ok(Some(states))
    }

    /// The first of the entries, from this one on, that can be made not to hold.
    fn choose(
        &mut self,
        states: &mut [KeyState],
        entries: &[EntryId],
        from: usize,
    ) -> Result<Option<Choice>, Exhausted> {
        for (entry, id) in entries.iter().enumerate().skip(from) {
            self.work.spend(4)?;
            let Some(known) = self.keys.entries.get(*id) else {
                continue;
            };
            let Some(state) = states.get_mut(known.domain) else {
                continue;
            };
            if self.implied.contains(id) {
                continue;
            }
            self.work.spend(8 + 4 * state.size())?;
            let before = state.clone();
            known.narrow(state, false);
            if state.is_possible() {
                return Ok(Some(Choice {
                    entry,
                    domain: known.domain,
                    before,
                }));
            }
            *state = before;
        }
        Ok(None)
    }
}

fn narrow(keys: &Keys<'_>, states: &mut [KeyState], id: EntryId, wanted: bool) -> bool {
    let Some(entry) = keys.entries.get(id) else {
        return false;
    };
    let Some(state) = states.get_mut(entry.domain) else {
        return false;
    };
    entry.narrow(state, wanted);
    state.is_possible()
}
