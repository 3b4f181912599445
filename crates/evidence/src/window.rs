//! The time that an account's logs cover without a break.

use std::collections::{BTreeMap, BTreeSet};

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

/// What was read of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Covered {
    /// The latest span in which no day is without an event. Logs that are missing and a day on which nobody called look alike.
    pub(crate) window: Window,
    /// The Regions with events in any run.
    pub(crate) regions: BTreeSet<ShortText>,
    /// Whether all of it is event history: of one Region a run, without data events, whatever trails there are.
    pub(crate) is_history: bool,
}

#[derive(Default)]
struct Read {
    days: BTreeSet<i64>,
    first_and_last: Option<(Timestamp, Timestamp)>,
    regions: BTreeSet<ShortText>,
    has_other_engines: bool,
}

/// What was read, by account, in whatever parts.
pub(crate) fn covered(rows: &[UsageSourceRow]) -> BTreeMap<ShortText, Covered> {
    let mut accounts: BTreeMap<&ShortText, Read> = BTreeMap::new();
    for row in rows {
        let (Some(from), Some(to)) = (row.first_event, row.last_event) else {
            continue;
        };
        let read = accounts.entry(&row.account_id).or_default();
        let (first, last) = read.first_and_last.unwrap_or((from, to));
        read.first_and_last = Some((first.min(from), last.max(to)));
        read.days.extend(row.active_dates.iter());
        read.regions.insert(row.region.clone());
        read.has_other_engines |= row.engine != "event_history";
    }
    accounts
        .into_iter()
        .filter_map(|(account, read)| {
            let covered = Covered {
                window: latest(&read.days, read.first_and_last?)?,
                regions: read.regions,
                is_history: !read.has_other_engines,
            };
            Some((account.clone(), covered))
        })
        .collect()
}

/// The latest days in a row, cut to the first and the last event of all.
fn latest(days: &BTreeSet<i64>, (first, last): (Timestamp, Timestamp)) -> Option<Window> {
    let mut days = days.iter().rev();
    let end = *days.next()?;
    let mut begin = end;
    for day in days {
        if *day < begin - 1 {
            break;
        }
        begin = *day;
    }
    let from = Timestamp::from_second(begin.checked_mul(86_400)?).ok()?;
    let to = Timestamp::from_second(end.checked_mul(86_400)?.checked_add(86_399)?).ok()?;
    Some(Window {
        from: from.max(first),
        to: to.min(last),
    })
}

#[cfg(test)]
mod tests {
    use leastgrant_inventory::day_of_date;

    use super::*;

    fn row(run: i64, dates: &[&str]) -> UsageSourceRow {
        let noon = |date: &&str| format!("{date}T12:00:00Z").parse().unwrap();
        UsageSourceRow {
            run,
            engine: "logs".into(),
            account_id: "1".into(),
            region: format!("region-{run}").into(),
            first_event: dates.first().map(noon),
            last_event: dates.last().map(noon),
            active_dates: dates
                .iter()
                .map(|date| day_of_date(date.parse().unwrap()))
                .collect(),
            ..UsageSourceRow::default()
        }
    }

    fn span(rows: &[UsageSourceRow]) -> Option<(String, String, i64)> {
        let covered = covered(rows);
        let window = covered.get("1")?.window;
        Some((
            window.from.to_string(),
            window.to.to_string(),
            window.days(),
        ))
    }

    #[test]
    fn a_day_without_events_begins_another_span_however_the_days_were_read() {
        let told = |from: &str, to: &str, days| Some((from.to_owned(), to.to_owned(), days));
        let whole = row(1, &["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]);
        let expected = told("2026-01-30T12:00:00Z", "2026-02-02T12:00:00Z", 4);
        assert_eq!(span(&[whole]), expected);
        let parts = [
            row(1, &["2026-02-01", "2026-02-02"]),
            row(2, &["2026-01-30", "2026-02-01"]),
            row(3, &["2026-01-31"]),
        ];
        assert_eq!(span(&parts), expected);
        assert_eq!(
            span(&parts[..2]),
            told("2026-02-01T00:00:00Z", "2026-02-02T12:00:00Z", 2)
        );
        assert_eq!(span(&[row(1, &[])]), None);
    }
}
