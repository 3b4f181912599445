//! Sets of small numbers.

/// A set of numbers below a size that all sets of one kind share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bits(Vec<u64>);

const WORD: usize = 64;

impl Bits {
    pub(super) fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(WORD)])
    }

    pub(super) fn all(size: usize) -> Self {
        let mut all = Self::none(size);
        for index in 0..size {
            all.insert(index);
        }
        all
    }

    pub(super) fn insert(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / WORD) {
            *word |= 1 << (index % WORD);
        }
    }

    pub(super) fn contains(&self, index: usize) -> bool {
        self.0
            .get(index / WORD)
            .is_some_and(|word| word & (1 << (index % WORD)) != 0)
    }

    /// How many machine words it takes.
    pub(super) fn words(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .any(|(own, other)| own & other != 0)
    }

    pub(super) fn intersect(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own &= other;
        }
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own &= !other;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let word = *word;
            (0..WORD).filter_map(move |bit| (word & (1 << bit) != 0).then_some(index * WORD + bit))
        })
    }

    pub(super) fn first(&self) -> Option<usize> {
        self.iter().next()
    }
}
