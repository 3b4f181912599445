//! The smallest few of many texts, whatever their order.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

/// How many are kept.
const KEPT: usize = 20;
/// Clients can call themselves anything, at any length.
const LONGEST: usize = 1024;
/// So many texts are looked up before all are forgotten.
const MOST_SHARED: usize = 1 << 14;

/// Texts that many rows hold, each once in memory.
#[derive(Debug, Default)]
pub(crate) struct SharedTexts(FxHashSet<Arc<str>>);

impl SharedTexts {
    /// A text, cut to a bearable length; none where it is empty.
    pub(crate) fn share(&mut self, text: &str) -> Option<Arc<str>> {
        let end = text.floor_char_boundary(LONGEST);
        let text = text.get(..end).filter(|text| !text.is_empty())?;
        if let Some(shared) = self.0.get(text) {
            return Some(Arc::clone(shared));
        }
        // Whoever writes a new one into each record gets no more than this remembered.
        if self.0.len() >= MOST_SHARED {
            self.0.clear();
        }
        let shared: Arc<str> = text.into();
        self.0.insert(Arc::clone(&shared));
        Some(shared)
    }
}

/// The 20 smallest distinct texts, in byte order, and whether there were more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Smallest {
    /// Most rows have one text in each list, and there are many rows.
    texts: SmallVec<[Arc<str>; 1]>,
    has_more: bool,
}

impl Smallest {
    pub(crate) fn add(&mut self, text: &Arc<str>) {
        // Mostly it is the same text at the same place, which need not be read.
        if self.texts.iter().any(|known| Arc::ptr_eq(known, text)) {
            return;
        }
        let Err(place) = self.texts.binary_search(text) else {
            return;
        };
        if self.texts.len() == KEPT {
            self.has_more = true;
            if place >= KEPT {
                return;
            }
            self.texts.pop();
        }
        let length = self.texts.len();
        if length >= 8 && length == self.texts.capacity() {
            self.texts.reserve_exact(KEPT - length);
        }
        self.texts.insert(place, Arc::clone(text));
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for text in &other.texts {
            self.add(text);
        }
        self.has_more |= other.has_more;
    }

    /// Adds what [`Self::into_list`] made: what comes after the most that are kept only says that there were more.
    pub(crate) fn add_list(&mut self, list: &[Arc<str>]) {
        for text in list.iter().take(KEPT) {
            self.add(text);
        }
        self.has_more |= list.len() > KEPT;
    }

    /// The texts in order, with `…` last if there were more.
    pub(crate) fn into_list(self) -> Vec<Arc<str>> {
        let mut texts = self.texts.into_vec();
        texts.extend(self.has_more.then(|| "…".into()));
        texts
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_smallest_are_those_of_the_sorted_set_in_any_split(texts in prop::collection::vec("[a-f]{1,2}", 0..90), cut in 0..90_usize) {
            let mut shared = SharedTexts::default();
            let all: Vec<Arc<str>> = texts.iter().filter_map(|text| shared.share(text)).collect();
            let (one, two) = all.split_at(cut.min(all.len()));
            let mut first = Smallest::default();
            one.iter().for_each(|text| first.add(text));
            let mut second = Smallest::default();
            two.iter().for_each(|text| second.add(text));
            second.add_all(&first);
            let set: BTreeSet<String> = texts.into_iter().collect();
            let mut expected: Vec<Arc<str>> = set.iter().take(KEPT).map(|text| text.as_str().into()).collect();
            if set.len() > KEPT {
                expected.push("…".into());
            }
            prop_assert_eq!(second.into_list(), expected);
        }
    }
}
