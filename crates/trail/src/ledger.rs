//! What earlier runs have counted, so that nothing is counted twice over runs and sources.

/// The events that were counted so far, by hashes (XXH64, seed 0).
///
/// Two copies of an event count in the rows of the first run that met one of them, also where a later copy tells more. A shared
/// event id that only a later copy of an event tells is taken as counted with it. A call that was counted by another account's record,
/// which does not name the role, counts once more in the rows of the caller's own account as soon as its record is met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    events: Vec<u64>,
    shared: Vec<(u64, bool)>,
    without_id: Vec<(u64, u32)>,
}

impl Ledger {
    /// From the hashes of event ids, of shared event ids with whether the caller's own account's record was counted, and of what tells records without an event id from others with how often each was
    /// met; in any order.
    #[must_use]
    pub fn new(
        mut event_ids: Vec<u64>,
        mut shared_event_ids: Vec<(u64, bool)>,
        mut without_event_id: Vec<(u64, u32)>,
    ) -> Self {
        // What is sorted in pieces already is sorted faster by the stable one.
        event_ids.sort();
        event_ids.dedup();
        shared_event_ids.sort();
        shared_event_ids.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 |= is_same && next.1;
            is_same
        });
        without_event_id.sort();
        without_event_id.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 = kept.1.max(next.1);
            }
            is_same
        });
        Self {
            events: event_ids,
            shared: shared_event_ids,
            without_id: without_event_id,
        }
    }

    /// Hashes of event ids, in order, each once.
    pub(crate) fn event_ids(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.events.iter().copied()
    }

    /// Hashes of shared event ids, in order, each once, and whether the record of the caller's own account was counted.
    pub(crate) fn shared_event_ids(&self) -> impl ExactSizeIterator<Item = (u64, bool)> + '_ {
        self.shared.iter().copied()
    }

    /// Hashes of what tells records without an event id from others, in order, each once, and how often a single run has met each at most.
    pub(crate) fn without_event_id(&self) -> impl ExactSizeIterator<Item = (u64, u32)> + '_ {
        self.without_id.iter().copied()
    }

    pub(crate) fn has_event(&self, id: u64) -> bool {
        self.events.binary_search(&id).is_ok()
    }

    /// Whether a call was counted, and then whether by the record of the caller's own account.
    pub(crate) fn shared(&self, id: u64) -> Option<bool> {
        let place = self.shared.binary_search_by_key(&id, |(own, _)| *own);
        let found = place.ok().and_then(|place| self.shared.get(place));
        found.map(|(_, is_callers_account)| *is_callers_account)
    }

    /// How often a record without an event id was counted.
    pub(crate) fn copies(&self, hash: u64) -> u32 {
        let place = self.without_id.binary_search_by_key(&hash, |(own, _)| *own);
        let found = place.ok().and_then(|place| self.without_id.get(place));
        found.map_or(0, |(_, copies)| *copies)
    }

    /// What either knows.
    pub(crate) fn joined(&self, mut other: Self) -> Self {
        other.events.extend(&self.events);
        other.shared.extend(&self.shared);
        other.without_id.extend(&self.without_id);
        Self::new(other.events, other.shared, other.without_id)
    }
}
