//! Lists of targets, each distinct one kept once: thousands of principals reach the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SetId(pub usize);

/// Lists of numbers, sorted and without repetitions.
#[derive(Debug, Default)]
pub(super) struct Sets {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    lists: Vec<Arc<[u32]>>,
    ids: HashMap<Arc<[u32]>, SetId>,
    common: HashMap<(SetId, SetId), SetId>,
}

impl Sets {
    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        // Nothing is left half done where a thread panics.
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The list of these numbers, in any order.
    pub(super) fn of(&self, mut numbers: Vec<u32>) -> SetId {
        numbers.sort_unstable();
        numbers.dedup();
        self.with(|inner| {
            if let Some(id) = inner.ids.get(&*numbers) {
                return *id;
            }
            let list: Arc<[u32]> = numbers.into();
            let id = SetId(inner.lists.len());
            inner.lists.push(Arc::clone(&list));
            inner.ids.insert(list, id);
            id
        })
    }

    pub(super) fn list(&self, id: SetId) -> Arc<[u32]> {
        self.with(|inner| inner.lists.get(id.0).cloned().unwrap_or_default())
    }

    pub(super) fn is_empty(&self, id: SetId) -> bool {
        self.with(|inner| inner.lists.get(id.0).is_none_or(|list| list.is_empty()))
    }

    /// What is in both.
    pub(super) fn common(&self, one: SetId, other: SetId) -> SetId {
        if one == other {
            return one;
        }
        let pair = (one.min(other), one.max(other));
        if let Some(known) = self.with(|inner| inner.common.get(&pair).copied()) {
            return known;
        }
        let (one, other) = (self.list(pair.0), self.list(pair.1));
        let (short, long) = match one.len() <= other.len() {
            true => (one, other),
            false => (other, one),
        };
        let both = short
            .iter()
            .copied()
            .filter(|number| long.binary_search(number).is_ok());
        let id = self.of(both.collect());
        self.with(|inner| inner.common.insert(pair, id));
        id
    }

    /// What is in any.
    pub(super) fn union(&self, ids: impl IntoIterator<Item = SetId>) -> SetId {
        let lists = ids.into_iter().map(|id| self.list(id));
        self.of(lists.flat_map(|list| list.to_vec()).collect())
    }

    /// What is in the one and not in the other.
    pub(super) fn without(&self, one: SetId, other: SetId) -> SetId {
        let other = self.list(other);
        let left = self.list(one);
        let left = left.iter().copied();
        self.of(left
            .filter(|number| other.binary_search(number).is_err())
            .collect())
    }

    /// All lists so far.
    pub(super) fn lists(&self) -> Vec<Arc<[u32]>> {
        self.with(|inner| inner.lists.clone())
    }

    /// All lists, in no particular order.
    pub(super) fn into_lists(self) -> Vec<Arc<[u32]>> {
        self.inner
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .lists
    }
}
