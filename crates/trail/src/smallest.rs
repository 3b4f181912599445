//! The smallest few of many texts, whatever their order.

/// How many are kept.
const KEPT: usize = 20;
/// Clients can call themselves anything, at any length.
const LONGEST: usize = 1024;

/// The 20 smallest distinct texts, in byte order, and whether there were more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Smallest {
    texts: Vec<Box<str>>,
    has_more: bool,
}

impl Smallest {
    pub(crate) fn add(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let end = text.floor_char_boundary(LONGEST);
        let text = text.get(..end).unwrap_or(text);
        let Err(place) = self.texts.binary_search_by(|own| (**own).cmp(text)) else {
            return;
        };
        if place < KEPT {
            self.texts.insert(place, text.into());
        }
        if place >= KEPT || self.texts.len() > KEPT {
            self.has_more = true;
            self.texts.truncate(KEPT);
        }
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for text in &other.texts {
            self.add(text);
        }
        self.has_more |= other.has_more;
    }

    /// Adds what [`Self::into_list`] made: what comes after the most that are kept only says that there were more.
    pub(crate) fn add_list(&mut self, list: &[String]) {
        for text in list.iter().take(KEPT) {
            self.add(text);
        }
        self.has_more |= list.len() > KEPT;
    }

    /// The texts in order, with `…` last if there were more.
    pub(crate) fn into_list(self) -> Vec<String> {
        let more = self.has_more.then(|| "…".to_owned());
        self.texts
            .into_iter()
            .map(String::from)
            .chain(more)
            .collect()
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
            let (one, two) = texts.split_at(cut.min(texts.len()));
            let mut first = Smallest::default();
            one.iter().for_each(|text| first.add(text));
            let mut second = Smallest::default();
            two.iter().for_each(|text| second.add(text));
            second.add_all(&first);
            let set: BTreeSet<String> = texts.into_iter().collect();
            let mut expected: Vec<String> = set.iter().take(KEPT).cloned().collect();
            if set.len() > KEPT {
                expected.push("…".to_owned());
            }
            prop_assert_eq!(second.into_list(), expected);
        }
    }
}
