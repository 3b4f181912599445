//! Is there a context in which some conditions hold and others do not?

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
    let mut search = Search {
        keys,
        held: &wanted.held,
        missed: &wanted.missed,
        work,
    };
    search.go_on(states, 0)
}

struct Search<'a, 'k> {
    keys: &'a Keys<'k>,
    held: &'a [EntryId],
    missed: &'a [&'a [EntryId]],
    work: &'a mut Work,
}

impl Search<'_, '_> {
    fn go_on(
        &mut self,
        states: Vec<KeyState>,
        from: usize,
    ) -> Result<Option<Vec<KeyState>>, Exhausted> {
        let Some(entries) = self.missed.get(from).copied() else {
            return Ok(Some(states));
        };
        for id in entries {
            self.work.spend(4)?;
            if self.is_implied(*id) {
                continue;
            }
            let mut next = states.clone();
            if narrow(self.keys, &mut next, *id, false)
                && let Some(found) = self.go_on(next, from + 1)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Whether an entry that must hold makes this one hold too.
    fn is_implied(&self, id: EntryId) -> bool {
        self.held.iter().any(|held| {
            let held = self.keys.entries.get(*held);
            held.is_some_and(|held| held.implies.contains(&id))
        })
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
