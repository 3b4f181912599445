//! The time that an account's logs cover without a break.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use leastgrant_inventory::tables::UsageSourceRow;
use leastgrant_inventory::{ShortText, Timestamp};

/// A span of event times, both ends inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// The first event.
    pub from: Timestamp,
    /// The last event.
    pub to: Timestamp,
}

impl Window {
    /// How many days in UTC it touches.
    #[must_use]
    pub fn days(self) -> i64 {
        day(self.to) - day(self.from) + 1
    }

    /// Whether a time is inside.
    #[must_use]
    pub fn contains(self, time: Timestamp) -> bool {
        self.from <= time && time <= self.to
    }
}

/// Days since 1970.
pub(crate) fn day(time: Timestamp) -> i64 {
    time.as_second().div_euclid(86_400)
}

/// The day as `yyyy-mm-dd`.
pub(crate) fn date(time: Timestamp) -> String {
    TimeZone::UTC.to_datetime(time).date().to_string()
}

/// What was read of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Covered {
    /// The latest span without a break between runs. A run covers the time from its first to its last event.
    pub(crate) window: Window,
    /// The Regions with events in any run.
    pub(crate) regions: BTreeSet<ShortText>,
    /// Whether all of it is event history, which has all management events and no data events, whatever trails there are.
    pub(crate) is_history: bool,
}

/// What was read, by account.
pub(crate) fn covered(rows: &[UsageSourceRow]) -> BTreeMap<ShortText, Covered> {
    let mut runs: BTreeMap<(&ShortText, i64), Window> = BTreeMap::new();
    let mut regions: BTreeMap<&ShortText, BTreeSet<ShortText>> = BTreeMap::new();
    let mut has_other_engines: BTreeSet<&ShortText> = BTreeSet::new();
    for row in rows {
        let (Some(from), Some(to)) = (row.first_event, row.last_event) else {
            continue;
        };
        let window = runs
            .entry((&row.account_id, row.run))
            .or_insert(Window { from, to });
        window.from = window.from.min(from);
        window.to = window.to.max(to);
        regions
            .entry(&row.account_id)
            .or_default()
            .insert(row.region.clone());
        if row.engine != "event_history" {
            has_other_engines.insert(&row.account_id);
        }
    }
    let mut windows: BTreeMap<&ShortText, Vec<Window>> = BTreeMap::new();
    for ((account, _), window) in runs {
        windows.entry(account).or_default().push(window);
    }
    windows
        .into_iter()
        .filter_map(|(account, windows)| {
            let covered = Covered {
                window: latest(windows)?,
                regions: regions.remove(account).unwrap_or_default(),
                is_history: !has_other_engines.contains(account),
            };
            Some((account.clone(), covered))
        })
        .collect()
}

/// The latest span without a day between its parts.
fn latest(mut windows: Vec<Window>) -> Option<Window> {
    windows.sort_unstable();
    let mut windows = windows.into_iter();
    let mut span = windows.next()?;
    for window in windows {
        if day(window.from) > day(span.to) + 1 {
            span = window;
        } else {
            span.to = span.to.max(window.to);
        }
    }
    Some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_touch_are_one_span_and_a_break_begins_another() {
        let window = |from: &str, to: &str| Window {
            from: format!("2026-{from}T12:00:00Z").parse().unwrap(),
            to: format!("2026-{to}T11:00:00Z").parse().unwrap(),
        };
        let (january, february) = (window("01-01", "01-31"), window("02-01", "02-20"));
        let whole = latest(vec![february, january]).unwrap();
        assert_eq!(whole, window("01-01", "02-20"));
        assert_eq!(whole.days(), 51);
        let april = window("04-01", "04-10");
        assert_eq!(latest(vec![april, february, january]), Some(april));
        assert_eq!(
            latest(vec![window("01-01", "03-01"), january]),
            Some(window("01-01", "03-01"))
        );
        assert_eq!(latest(Vec::new()), None);
    }
}
