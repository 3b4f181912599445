//! Sets of small numbers, as bits: one to compute with, and one that takes little room while it is kept.

use std::ops::Range;

const BITS: usize = u64::BITS as usize;

/// A set to compute with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BitSet {
    words: Box<[u64]>,
}

/// The same with its empty words left out: most documents are about a few of many thousand numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeptSet {
    /// Places of words, in order, and the words.
    words: Box<[(u32, u64)]>,
}

impl BitSet {
    /// An empty set of numbers below `length`.
    pub(crate) fn new(length: usize) -> Self {
        Self {
            words: vec![0; length.div_ceil(BITS)].into(),
        }
    }

    pub(crate) fn insert(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / BITS) {
            *word |= 1 << (number % BITS);
        }
    }

    pub(crate) fn insert_range(&mut self, numbers: &Range<usize>) {
        leastgrant_catalog::set_bits(&mut self.words, numbers);
    }

    pub(crate) fn contains(&self, number: usize) -> bool {
        self.words
            .get(number / BITS)
            .is_some_and(|word| word & (1 << (number % BITS)) != 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(crate) fn union_with(&mut self, other: &Self) {
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own |= other;
        }
    }

    pub(crate) fn intersect_with(&mut self, other: &Self) {
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own &= other;
        }
    }

    pub(crate) fn subtract(&mut self, other: &Self) {
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own &= !other;
        }
    }

    pub(crate) fn add(&mut self, kept: &KeptSet) {
        for (place, bits) in &kept.words {
            let place = usize::try_from(*place).unwrap_or(usize::MAX);
            if let Some(word) = self.words.get_mut(place) {
                *word |= bits;
            }
        }
    }

    pub(crate) fn kept(&self) -> KeptSet {
        let words = self.words.iter().enumerate();
        KeptSet {
            words: words
                .filter(|(_, bits)| **bits != 0)
                .filter_map(|(place, bits)| Some((u32::try_from(place).ok()?, *bits)))
                .collect(),
        }
    }

    /// The numbers, those that follow each other together.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        leastgrant_catalog::runs_of_bits(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const LENGTH: usize = 300;

    fn set(numbers: &BTreeSet<usize>) -> BitSet {
        let mut set = BitSet::new(LENGTH);
        for number in numbers {
            set.insert(*number);
        }
        set
    }

    proptest! {
        #[test]
        fn sets_of_bits_behave_as_sets_of_numbers(
            a in prop::collection::btree_set(0..LENGTH, 0..40),
            b in prop::collection::btree_set(0..LENGTH, 0..40),
        ) {
            let combined = |combine: fn(&mut BitSet, &BitSet)| {
                let mut own = set(&a);
                combine(&mut own, &set(&b));
                own.runs().flatten().collect::<BTreeSet<_>>()
            };
            prop_assert_eq!(combined(BitSet::union_with), &a | &b);
            prop_assert_eq!(combined(BitSet::intersect_with), &a & &b);
            prop_assert_eq!(combined(BitSet::subtract), &a - &b);
            prop_assert_eq!(combined(|own, other| own.add(&other.kept())), &a | &b);
            prop_assert_eq!(set(&a).is_empty(), a.is_empty());
            let (from, to) = (a.first().copied().unwrap_or(0), b.last().copied().unwrap_or(0));
            let mut ranged = set(&b);
            ranged.insert_range(&(from..to.max(from)));
            prop_assert_eq!(ranged.runs().flatten().collect::<BTreeSet<_>>(), &b | &(from..to.max(from)).collect());
            for number in 0..LENGTH {
                prop_assert_eq!(set(&a).contains(number), a.contains(&number));
            }
        }
    }
}
