//! When a trail logged: its status, and since when the account is of its organisation.
//!
//! Source: CloudTrail API Reference, `GetTrailStatus`: when logging last began and last ended, and what became of the last delivery.

use leastgrant_inventory::Timestamp;
use leastgrant_inventory::tables::TrailRow;

use crate::Window;

/// A time in which a trail logged as far as is known. Without a status it is open at both ends, and only the files that
/// were read show that there was logging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Logged {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Logged {
    /// The last time that a trail logged and its files came; nothing if there was none.
    pub(crate) fn of(row: &TrailRow) -> Option<Self> {
        let mut logged = match row.is_logging {
            None => Self::default(),
            Some(true) => Self {
                // What was before the last stop is not told: an earlier start is forgotten.
                from: row.started_logging_at.max(row.stopped_logging_at),
                to: None,
            },
            Some(false) => Self {
                from: row.started_logging_at,
                to: Some(row.stopped_logging_at?),
            },
        };
        if row.delivery_error.is_some() {
            let last = row.last_delivered_at?;
            logged.to = Some(logged.to.map_or(last, |to| to.min(last)));
        }
        let is_a_time = logged
            .from
            .zip(logged.to)
            .is_none_or(|(from, to)| from < to);
        is_a_time.then_some(logged)
    }

    /// The same, beginning not before the account was of the organisation.
    pub(crate) fn since(self, joined_at: Option<Timestamp>) -> Self {
        Self {
            from: self.from.max(joined_at),
            to: self.to,
        }
    }

    /// What of a window it covers.
    pub(crate) fn within(self, window: Window) -> Option<Window> {
        let covered = Window {
            from: self.from.map_or(window.from, |from| from.max(window.from)),
            to: self.to.map_or(window.to, |to| to.min(window.to)),
        };
        (covered.from <= covered.to).then_some(covered)
    }
}

/// The latest time that some of the windows cover without a break.
pub(crate) fn latest_union(mut windows: Vec<Window>) -> Option<Window> {
    windows.sort_unstable_by_key(|window| window.to);
    let mut windows = windows.into_iter().rev();
    let mut union = windows.next()?;
    // Sorted by their ends, so that the first one that ends too early is followed by none that does not.
    for window in windows {
        if window.to < union.from {
            break;
        }
        union.from = union.from.min(window.from);
    }
    Some(union)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn window(from: i64, to: i64) -> Window {
        Window {
            from: at(from),
            to: at(to),
        }
    }

    fn row(is_logging: Option<bool>, started: Option<i64>, stopped: Option<i64>) -> TrailRow {
        TrailRow {
            is_logging,
            started_logging_at: started.map(at),
            stopped_logging_at: stopped.map(at),
            ..TrailRow::default()
        }
    }

    fn covered(row: &TrailRow) -> Option<(i64, i64)> {
        let covered = Logged::of(row)?.within(window(10, 90))?;
        Some((covered.from.as_second(), covered.to.as_second()))
    }

    #[test]
    fn a_trail_covers_the_time_between_its_last_start_and_its_last_stop() {
        for (is_logging, started, stopped, expected) in [
            (None, None, None, Some((10, 90))),
            (Some(true), Some(5), None, Some((10, 90))),
            (Some(true), Some(40), None, Some((40, 90))),
            (Some(true), Some(40), Some(20), Some((40, 90))),
            (Some(true), None, None, Some((10, 90))),
            (Some(true), Some(95), None, None),
            (Some(false), Some(5), Some(60), Some((10, 60))),
            (Some(false), Some(5), Some(7), None),
            (Some(false), Some(60), Some(50), None),
            (Some(false), None, Some(50), Some((10, 50))),
            (Some(false), None, None, None),
            (Some(false), Some(20), None, None),
        ] {
            assert_eq!(
                covered(&row(is_logging, started, stopped)),
                expected,
                "{is_logging:?} {started:?} {stopped:?}"
            );
        }
    }

    #[test]
    fn files_that_cannot_be_delivered_end_with_the_last_that_were() {
        let mut row = row(Some(true), Some(5), None);
        row.last_delivered_at = Some(at(70));
        assert_eq!(covered(&row), Some((10, 90)));
        row.delivery_error = Some("AccessDenied".to_owned());
        assert_eq!(covered(&row), Some((10, 70)));
        row.last_delivered_at = None;
        assert_eq!(covered(&row), None);
    }

    proptest! {
        #[test]
        fn the_latest_union_has_the_seconds_that_lie_in_a_row_before_the_last_one(
            spans in prop::collection::vec((0..40_i64, 0..12_i64), 0..6)
        ) {
            let windows: Vec<Window> = spans.iter().map(|(from, length)| window(*from, from + length)).collect();
            // Half seconds, so that spans that only lie side by side do not touch.
            let is_in = |half: i64| spans.iter().any(|(from, length)| 2 * from <= half && half <= 2 * (from + length));
            let last = (0..=120).rev().find(|half| is_in(*half));
            let expected = last.map(|last| {
                let first = (0..=last).rev().take_while(|half| is_in(*half)).last().unwrap();
                (first / 2, last / 2)
            });
            let found = latest_union(windows).map(|window| (window.from.as_second(), window.to.as_second()));
            prop_assert_eq!(found, expected);
        }
    }
}
