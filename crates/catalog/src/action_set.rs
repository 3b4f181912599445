//! Sets of the catalogue's actions, as bits.

use std::fmt;
use std::ops::Range;

use crate::{ActionId, Catalog, Service};

const BITS: usize = u64::BITS as usize;

/// A set of actions that the catalogue knows: one bit for each of them, some three kilobytes.
///
/// Actions that the catalogue does not know have no place in it; who works with sets keeps those beside them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ActionSet {
    words: Box<[u64]>,
}

impl ActionSet {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self {
            words: vec![0; Catalog::get().len().div_ceil(BITS)].into(),
        }
    }

    /// All actions of the catalogue.
    #[must_use]
    pub fn all() -> Self {
        let mut set = Self::new();
        set.insert_range(&(0..Catalog::get().len()));
        set
    }

    /// Adds an action, and says whether it was not there.
    pub fn insert(&mut self, action: ActionId) -> bool {
        let (place, bit) = place(action);
        let Some(word) = self.words.get_mut(place) else {
            return false;
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Takes an action out, and says whether it was there.
    pub fn remove(&mut self, action: ActionId) -> bool {
        let (place, bit) = place(action);
        let Some(word) = self.words.get_mut(place) else {
            return false;
        };
        let was_there = *word & bit != 0;
        *word &= !bit;
        was_there
    }

    /// Whether an action is in it.
    #[must_use]
    pub fn contains(&self, action: ActionId) -> bool {
        let (place, bit) = place(action);
        self.words.get(place).is_some_and(|word| word & bit != 0)
    }

    /// Adds the actions of another set.
    pub fn union_with(&mut self, other: &Self) {
        self.combine(other, |own, other| own | other);
    }

    /// Keeps the actions that another set has too.
    pub fn intersect_with(&mut self, other: &Self) {
        self.combine(other, |own, other| own & other);
    }

    /// Takes the actions of another set out.
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, |own, other| own & !other);
    }

    /// Whether another set has all of its actions.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .all(|(own, other)| own & !other == 0)
    }

    /// Whether it has an action in common with another set.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .any(|(own, other)| own & other != 0)
    }

    /// How many actions it has. Counts them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| usize::try_from(word.count_ones()).unwrap_or_default())
            .sum()
    }

    /// How many actions of a service it has.
    #[must_use]
    pub fn count_of(&self, service: &Service) -> usize {
        let masks = masks(&service.actions);
        let counts = masks.map(|(place, mask)| (self.word(place) & mask).count_ones());
        usize::try_from(counts.sum::<u32>()).unwrap_or(usize::MAX)
    }

    /// The services that it has actions of, in the catalogue's order.
    pub fn services(&self) -> impl Iterator<Item = &'static Service> {
        let services = Catalog::get().services();
        let mut from = 0;
        std::iter::from_fn(move || {
            let number = next_bit(&self.words, from, |word| word)?;
            let place = services.partition_point(|service| service.actions.end <= number);
            let service = services.get(place)?;
            from = service.actions.end;
            Some(service)
        })
    }

    /// Whether it has an action of a service in common with another set.
    #[must_use]
    pub fn intersects_of(&self, service: &Service, other: &Self) -> bool {
        let mut masks = masks(&service.actions);
        masks.any(|(place, mask)| self.word(place) & other.word(place) & mask != 0)
    }

    /// Adds the actions of a service that another set has.
    pub fn union_of(&mut self, service: &Service, other: &Self) {
        for (place, mask) in masks(&service.actions) {
            if let Some(word) = self.words.get_mut(place) {
                *word |= other.word(place) & mask;
            }
        }
    }

    /// Whether it has no action.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Its actions in the order of their numbers, which is the alphabet's.
    pub fn iter(&self) -> impl Iterator<Item = ActionId> {
        self.words.iter().enumerate().flat_map(|(place, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                let bit = usize::try_from(bit).unwrap_or_default();
                Some(ActionId::of_number(place * BITS + bit))
            })
        })
    }

    /// The numbers of its actions, those that follow each other together.
    pub fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        runs_of_bits(&self.words)
    }

    /// Adds the actions of these numbers.
    pub fn insert_range(&mut self, numbers: &Range<usize>) {
        set_bits(&mut self.words, numbers);
    }

    fn word(&self, place: usize) -> u64 {
        self.words.get(place).copied().unwrap_or_default()
    }

    fn combine(&mut self, other: &Self, combined: impl Fn(u64, u64) -> u64) {
        for (own, other) in self.words.iter_mut().zip(&other.words) {
            *own = combined(*own, *other);
        }
    }
}

impl Default for ActionSet {
    fn default() -> Self {
        Self::new()
    }
}

impl FromIterator<ActionId> for ActionSet {
    fn from_iter<Actions: IntoIterator<Item = ActionId>>(actions: Actions) -> Self {
        let mut set = Self::new();
        set.extend(actions);
        set
    }
}

impl Extend<ActionId> for ActionSet {
    fn extend<Actions: IntoIterator<Item = ActionId>>(&mut self, actions: Actions) {
        for action in actions {
            self.insert(action);
        }
    }
}

impl fmt::Debug for ActionSet {
    /// Writes the actions' names.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Catalog::get()
            .actions_of(self)
            .map(|action| action.to_string());
        formatter.debug_set().entries(names).finish()
    }
}

fn place(action: ActionId) -> (usize, u64) {
    (action.number() / BITS, 1 << (action.number() % BITS))
}

/// Sets the bits of these numbers, a word at a time. Nothing is set of those beyond the words.
pub fn set_bits(words: &mut [u64], numbers: &Range<usize>) {
    for (place, mask) in masks(numbers) {
        if let Some(word) = words.get_mut(place) {
            *word |= mask;
        }
    }
}

/// The numbers of the bits that are set, those that follow each other together.
pub fn runs_of_bits(words: &[u64]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = next_bit(words, from, |word| word)?;
        let end = next_bit(words, start, |word| !word);
        from = end.unwrap_or(words.len() * BITS);
        Some(start..from)
    })
}

/// The first number from here on whose bit is set in the words that are made of these.
fn next_bit(words: &[u64], from: usize, made: impl Fn(u64) -> u64) -> Option<usize> {
    let words = words.iter().enumerate().skip(from / BITS);
    words
        .map(|(place, word)| {
            let before = low_bits(from.saturating_sub(place * BITS));
            (place, made(*word) & !before)
        })
        .find(|(_, word)| *word != 0)
        .and_then(|(place, word)| Some(place * BITS + usize::try_from(word.trailing_zeros()).ok()?))
}

/// The words in which these numbers are, each with the numbers' bits.
fn masks(numbers: &Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    let (start, end) = (numbers.start, numbers.end);
    (start / BITS..end.div_ceil(BITS)).map(move |place| {
        let from = start.saturating_sub(place * BITS);
        let to = (end - place * BITS).min(BITS);
        (place, low_bits(to) & !low_bits(from))
    })
}

/// The lowest bits, at most all of them.
fn low_bits(count: usize) -> u64 {
    u32::try_from(count)
        .ok()
        .and_then(|count| 1_u64.checked_shl(count))
        .map_or(u64::MAX, |bit| bit - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn numbers() -> impl Strategy<Value = BTreeSet<u32>> {
        let last = u32::try_from(Catalog::get().len()).unwrap();
        prop::collection::btree_set(prop_oneof![0..130u32, 0..last, last - 130..last], 0..40)
    }

    fn set(numbers: &BTreeSet<u32>) -> ActionSet {
        numbers.iter().copied().map(ActionId).collect()
    }

    fn back(set: &ActionSet) -> BTreeSet<u32> {
        set.iter().map(|action| action.0).collect()
    }

    proptest! {
        #[test]
        fn sets_of_bits_behave_as_sets_of_numbers(a in numbers(), b in numbers()) {
            let (left, right) = (set(&a), set(&b));
            prop_assert_eq!(left.len(), a.len());
            prop_assert_eq!(left.is_empty(), a.is_empty());
            let runs: Vec<Range<usize>> = left.runs().collect();
            prop_assert!(runs.is_sorted_by(|one, next| one.end < next.start));
            prop_assert_eq!(runs.into_iter().flatten().map(ActionId::of_number).collect::<ActionSet>(), left.clone());
            prop_assert_eq!(left.is_subset(&right), a.is_subset(&b));
            prop_assert_eq!(left.intersects(&right), !a.is_disjoint(&b));
            let combined = |combine: fn(&mut ActionSet, &ActionSet)| {
                let mut own = left.clone();
                combine(&mut own, &right);
                back(&own)
            };
            prop_assert_eq!(combined(ActionSet::union_with), &a | &b);
            prop_assert_eq!(combined(ActionSet::intersect_with), &a & &b);
            prop_assert_eq!(combined(ActionSet::subtract), &a - &b);
            for number in &b {
                let mut own = left.clone();
                prop_assert_eq!(own.contains(ActionId(*number)), a.contains(number));
                prop_assert_eq!(own.remove(ActionId(*number)), a.contains(number));
                prop_assert_eq!(own.insert(ActionId(*number)), true);
            }
        }

        #[test]
        fn actions_are_counted_by_service(numbers in numbers()) {
            let set = set(&numbers);
            for service in Catalog::get().services() {
                let own = service.actions().filter(|action| set.contains(action.id()));
                prop_assert_eq!(set.count_of(service), own.count());
            }
        }

        #[test]
        fn services_are_those_of_the_actions(a in numbers(), b in numbers()) {
            let (left, right) = (set(&a), set(&b));
            let catalog = Catalog::get();
            let services = catalog.services().iter();
            let own: Vec<&Service> = services.filter(|own| left.count_of(own) > 0).collect();
            let prefixes = |services: &[&'static Service]| -> Vec<&str> {
                services.iter().map(|own| own.prefix()).collect()
            };
            prop_assert_eq!(prefixes(&left.services().collect::<Vec<_>>()), prefixes(&own));
            let mut both = left.clone();
            both.intersect_with(&right);
            let mut by_service = ActionSet::new();
            for service in catalog.services() {
                let is_common = both.count_of(service) > 0;
                prop_assert_eq!(left.intersects_of(service, &right), is_common);
                by_service.union_of(service, &left);
            }
            prop_assert_eq!(by_service, left);
        }

        #[test]
        fn a_range_is_all_numbers_in_it(start in 0..300usize, length in 0..300usize) {
            let mut ranged = ActionSet::new();
            ranged.insert_range(&(start..start + length));
            let expected: ActionSet = (start..start + length).map(ActionId::of_number).collect();
            prop_assert_eq!(ranged, expected);
        }
    }

    #[test]
    fn all_is_every_action_and_no_more() {
        assert_eq!(ActionSet::all().len(), Catalog::get().len());
        assert!(!ActionSet::all().contains(ActionId::of_number(Catalog::get().len())));
        assert!(!ActionSet::new().insert(ActionId(u32::MAX)));
    }
}
