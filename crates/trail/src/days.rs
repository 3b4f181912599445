//! Days of a row, as bits: hundreds of days take a few words.

/// Days that one word holds.
const OF_A_WORD: i64 = 64;

/// Days since 1970, by spans of 64 days, of which only those with a day are kept, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Days(Vec<(i64, u64)>);

/// The span of a day, and the day's bit there.
pub(crate) fn span_and_bit(day: i64) -> (i64, u64) {
    (day.div_euclid(OF_A_WORD), 1 << day.rem_euclid(OF_A_WORD))
}

impl Days {
    pub(crate) fn add(&mut self, day: i64) {
        let (span, bit) = span_and_bit(day);
        self.add_of_span(span, bit);
    }

    /// Adds the days of one span.
    pub(crate) fn add_of_span(&mut self, span: i64, bits: u64) {
        if bits == 0 {
            return;
        }
        match self.0.binary_search_by_key(&span, |(span, _)| *span) {
            Ok(place) => {
                if let Some((_, known)) = self.0.get_mut(place) {
                    *known |= bits;
                }
            }
            Err(place) => {
                // A quarter begins in one span and ends in the next; few rows have more.
                if self.0.len() < 2 {
                    self.0.reserve_exact(1);
                }
                self.0.insert(place, (span, bits));
            }
        }
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for (span, bits) in &other.0 {
            self.add_of_span(*span, *bits);
        }
    }

    /// How many.
    pub(crate) fn len(&self) -> u32 {
        let counts = self.0.iter().map(|(_, bits)| bits.count_ones());
        counts.fold(0, u32::saturating_add)
    }

    /// In order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = i64> {
        self.0.iter().flat_map(|(span, bits)| {
            let first = span * OF_A_WORD;
            let bits = *bits;
            (0..OF_A_WORD)
                .filter(move |place| bits >> place & 1 == 1)
                .map(move |place| first + place)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn days_are_those_of_the_sorted_set(days in prop::collection::vec(-200..400_i64, 0..60), cut in 0..60_usize) {
            let (one, two) = days.split_at(cut.min(days.len()));
            let mut first = Days::default();
            one.iter().for_each(|day| first.add(*day));
            let mut second = Days::default();
            two.iter().for_each(|day| second.add(*day));
            second.add_all(&first);
            let set: BTreeSet<i64> = days.into_iter().collect();
            prop_assert_eq!(second.len() as usize, set.len());
            prop_assert_eq!(second.iter().collect::<Vec<_>>(), set.into_iter().collect::<Vec<_>>());
        }
    }
}
