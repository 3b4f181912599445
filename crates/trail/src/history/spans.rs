//! Spans of time that were read, in whole seconds.

/// Seconds since 1970, as spans that end before another begins, in order. A span has the seconds after its first number up to its second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spans(Vec<(i64, i64)>);

impl Spans {
    pub(super) fn has(&self, second: i64) -> bool {
        self.0
            .iter()
            .any(|(low, high)| *low < second && second <= *high)
    }

    /// Adds the seconds after `low` up to `high`.
    pub(super) fn add(&mut self, low: i64, high: i64) {
        if low >= high {
            return;
        }
        self.0.push((low, high));
        self.0.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(self.0.len());
        for (low, high) in std::mem::take(&mut self.0) {
            match joined.last_mut() {
                Some(last) if low <= last.1 => last.1 = last.1.max(high),
                _ => joined.push((low, high)),
            }
        }
        self.0 = joined;
    }

    /// What is missing of the seconds from `first` to `last`, the latest first; each with its first and last second.
    pub(super) fn missing(&self, first: i64, last: i64) -> Vec<(i64, i64)> {
        let mut missing = Vec::new();
        let mut end = last;
        for (low, high) in self.0.iter().rev() {
            let after = high.saturating_add(1).max(first);
            if after <= end {
                missing.push((after, end));
            }
            end = end.min(*low);
        }
        if first <= end {
            missing.push((first, end));
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spans_are_sets_of_seconds(added in prop::collection::vec((0..30_i64, 0..30_i64), 0..6), first in 0..30_i64, last in 0..30_i64) {
            let mut spans = Spans::default();
            let mut seconds = BTreeSet::new();
            for (low, high) in added {
                spans.add(low, high);
                seconds.extend(low + 1..=high);
            }
            for second in -1..32 {
                prop_assert_eq!(spans.has(second), seconds.contains(&second));
            }
            let missing = spans.missing(first, last);
            prop_assert!(missing.windows(2).all(|two| two[0].0 > two[1].1 + 1));
            let found: BTreeSet<i64> = missing.iter().flat_map(|(first, last)| *first..=*last).collect();
            let expected: BTreeSet<i64> = (first..=last).filter(|second| !seconds.contains(second)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
