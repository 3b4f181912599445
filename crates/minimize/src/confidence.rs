//! How sure it is that what was not seen is not needed.
//!
//! Plain estimators, stated with what they assume; none of them takes a right away by itself.

use leastgrant_evidence::Window;
use leastgrant_inventory::{Days, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::rhythm::Rhythm;
use crate::usage::{ActionUse, Uses};

const DAY: f64 = 86_400.0;
/// Days after the window for which the chance of a need is told.
const AHEAD: f64 = 30.0;

/// How much was seen of a principal.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "confidence")]
pub struct Confidence {
    /// Days in UTC that the logs cover without a break.
    pub days_observed: i64,
    /// Allowed events of the principal.
    pub events: i64,
    /// Distinct pairs of action and resource.
    pub tuples: usize,
    /// When it was at work; none without a use.
    #[serde(flatten)]
    pub rhythm: Option<Rhythm>,
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
        let mut days_used = Days::default();
        all().for_each(|own| days_used.add_all(&own.days));
        let days = window.days();
        Self {
            days_observed: days,
            events,
            tuples: pairs().count(),
            rhythm: Rhythm::of(&days_used),
            days_since_new: last_new
                .and_then(|times| times.into_iter().max())
                .map(|last| days_since(last, window)),
            chance_next_is_new: (events > 0).then(|| rounded(ratio(once, events))),
            chance_quarterly_unseen: chance_unseen_in(days, 4.0),
            chance_yearly_unseen: chance_unseen_in(days, 1.0),
        }
    }
}

/// How sure it is of one action. Of a used one its days are told, of another one the chances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "action_confidence")]
pub struct ActionConfidence {
    /// Days in UTC in which a call of it would have been seen; of a used action the days that the logs cover without a break.
    pub days_observed: i64,
    /// When it was used; none of an action that was not.
    #[serde(flatten)]
    pub rhythm: Option<Rhythm>,
    /// Days between the last time that it was used on a new resource and the end of the window; none where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_since_new: Option<i64>,
    /// The chance, of 1, that a need of it four times a year at random was not seen; none of an action that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance_quarterly_unseen: Option<f64>,
    /// The same of a need once a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance_yearly_unseen: Option<f64>,
}

impl ActionConfidence {
    /// Of an action that was used.
    pub(crate) fn of_used(window: Window, used: &Days, own: Option<&ActionUse>) -> Self {
        Self {
            days_observed: window.days(),
            rhythm: Rhythm::of(used),
            days_since_new: own
                .and_then(ActionUse::last_new)
                .map(|last| days_since(last, window)),
            chance_quarterly_unseen: None,
            chance_yearly_unseen: None,
        }
    }

    /// Of one of which no call was seen in a time in which it would have been.
    pub(crate) fn of_unused(window: Window) -> Self {
        let days = window.days();
        Self {
            days_observed: days,
            rhythm: None,
            days_since_new: None,
            chance_quarterly_unseen: Some(chance_unseen_in(days, 4.0)),
            chance_yearly_unseen: Some(chance_unseen_in(days, 1.0)),
        }
    }
}

/// Whole days between a time and the end of a window.
fn days_since(time: Timestamp, window: Window) -> i64 {
    (window.to.as_second() - time.as_second()).max(0) / 86_400
}

/// The chance, of 1, that what is needed so many times a year at random is not needed in some days (Poisson).
fn chance_unseen_in(days: i64, times_a_year: f64) -> f64 {
    rounded((-float(days) * times_a_year / 365.0).exp())
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
        assert_eq!(confidence.rhythm, None);
        let of_action = ActionConfidence::of_unused(window);
        assert_eq!(of_action.chance_yearly_unseen, Some(0.7815));
        assert_eq!(of_action.chance_quarterly_unseen, Some(0.373));
    }

    #[test]
    fn a_principal_is_at_work_on_the_days_of_all_its_actions() {
        let window = Window {
            from: "2026-01-01T00:00:00Z".parse().unwrap(),
            to: "2026-03-31T23:59:59Z".parse().unwrap(),
        };
        let on = |days: &[i64]| ActionUse {
            days: days.iter().copied().collect(),
            ..ActionUse::default()
        };
        let uses = Uses::from([
            ("s3:getobject".to_owned(), on(&[20_454, 20_461])),
            ("s3:putobject".to_owned(), on(&[20_454, 20_468])),
        ]);
        let rhythm = Confidence::of(window, Some(&uses)).rhythm.unwrap();
        assert_eq!((rhythm.days_used, rhythm.longest_pause_days), (3, Some(7)));
        let own = ActionConfidence::of_used(window, &on(&[20_454]).days, None);
        assert_eq!(own.rhythm.map(|own| own.days_used), Some(1));
        assert_eq!((own.days_observed, own.chance_yearly_unseen), (90, None));
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
