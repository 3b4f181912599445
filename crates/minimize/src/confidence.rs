//! How sure it is that what was not seen is not needed.
//!
//! Plain estimators, stated with what they assume; none of them takes a right away by itself.

use leastgrant_evidence::Window;
use leastgrant_inventory::Timestamp;
use serde::Serialize;

use crate::usage::Uses;

const DAY: f64 = 86_400.0;
/// Days after the window for which the chance of a need is told.
const AHEAD: f64 = 30.0;

/// How much was seen of a principal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confidence {
    /// Days in UTC that the logs cover without a break.
    pub days_observed: i64,
    /// Allowed events of the principal.
    pub events: i64,
    /// Distinct pairs of action and resource.
    pub tuples: usize,
    /// Days between the last time that a new pair was met and the end of the window; none where that is not known.
    pub days_since_new: Option<i64>,
    /// Good and Turing's estimate of the chance, of 1, that the next event is of a pair that was not seen: pairs seen once, by
    /// events.
    pub chance_next_is_new: Option<f64>,
    /// The chance, of 1, that an action that is needed four times a year at random was not seen.
    pub chance_quarterly_unseen: f64,
    /// The same of one that is needed once a year at random.
    pub chance_yearly_unseen: f64,
}

impl Confidence {
    pub(crate) fn of(window: Window, uses: Option<&Uses>) -> Self {
        let all = || uses.into_iter().flat_map(|uses| uses.values());
        let pairs = || all().flat_map(|own| own.resources.values());
        let events = pairs()
            .map(|own| own.events)
            .chain(all().map(|own| own.untold))
            .fold(0, i64::saturating_add);
        let once = pairs().filter(|own| own.events == 1).count();
        let last_new: Option<Vec<Timestamp>> = all().map(|own| own.last_new()).collect();
        let days = window.days();
        Self {
            days_observed: days,
            events,
            tuples: pairs().count(),
            days_since_new: last_new
                .and_then(|times| times.into_iter().max())
                .map(|last| (window.to.as_second() - last.as_second()).max(0) / 86_400),
            chance_next_is_new: (events > 0).then(|| rounded(ratio(once, events))),
            chance_quarterly_unseen: rounded((-float(days) * 4.0 / 365.0).exp()),
            chance_yearly_unseen: rounded((-float(days) / 365.0).exp()),
        }
    }
}

/// The chance that a right is needed in the 30 days after the window, if it is needed at random and about as often as it is long
/// ago.
pub(crate) fn chance_of_need(last: Timestamp, end: Timestamp) -> f64 {
    let seconds = end.as_second().saturating_sub(last.as_second()).max(1);
    1.0 - (-AHEAD * DAY / float(seconds)).exp()
}

/// Days that last-accessed data reach back at most (IAM User Guide, "last accessed information").
const TRACKED_DAYS: i64 = 400;

/// The same chance at most, of a right on a resource on which it was not seen in the window: last-accessed data know no resources, so it
/// may have been used just before.
pub(crate) fn chance_unseen(window: Window) -> f64 {
    if window.days() >= TRACKED_DAYS {
        return 0.0;
    }
    rounded(chance_of_need(window.from, window.to))
}

fn ratio(part: usize, whole: i64) -> f64 {
    float(i64::try_from(part).unwrap_or(i64::MAX)) / float(whole)
}

/// Four decimals, so that the last bits of a logarithm make no difference between machines.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "estimates; numbers this large do not occur and would lose nothing that matters"
)]
fn float(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_days_miss_a_yearly_need_three_times_of_four() {
        let window = Window {
            from: "2026-01-01T00:00:00Z".parse().unwrap(),
            to: "2026-03-31T23:59:59Z".parse().unwrap(),
        };
        let confidence = Confidence::of(window, None);
        assert_eq!(confidence.days_observed, 90);
        assert_eq!(confidence.chance_yearly_unseen, 0.7815);
        assert_eq!(confidence.chance_quarterly_unseen, 0.373);
        assert_eq!(confidence.chance_next_is_new, None);
    }

    #[test]
    fn the_longer_ago_the_less_it_is_needed() {
        let end = "2026-12-31T00:00:00Z".parse().unwrap();
        let chance = |last: &str| chance_of_need(last.parse().unwrap(), end);
        assert!(chance("2026-12-01T00:00:00Z") > 0.6);
        assert!((0.07..0.09).contains(&chance("2025-12-31T00:00:00Z")));
        let unseen = |from: &str| {
            chance_unseen(Window {
                from: from.parse().unwrap(),
                to: end,
            })
        };
        assert_eq!(unseen("2026-10-02T00:00:00Z"), 0.2835);
        assert_eq!(unseen("2025-11-20T00:00:00Z"), 0.0);
    }
}
