//! The days of which an account's events were read.

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

    /// What is in both; where nothing is, its end is before its beginning, and its days are none or less.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        }
    }

    /// Its days since 1970, as far as it has some.
    pub(crate) fn all_days(self) -> std::ops::RangeInclusive<i64> {
        day(self.from)..=day(self.to)
    }
}

/// Days since 1970.
pub(crate) fn day(time: Timestamp) -> i64 {
    time.as_second().div_euclid(86_400)
}

/// Days since 1970.
pub(crate) type Days = BTreeSet<i64>;

/// What was read of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Covered {
    /// The latest span in which no day is without an event of any kind, of files; of event history where that is longer. Logs
    /// that are missing and a day on which nobody called look alike.
    pub(crate) window: Window,
    /// The Regions with events in that time.
    pub(crate) regions: BTreeSet<ShortText>,
    /// The same of trails' files alone; nothing if none was read.
    pub(crate) files_window: Option<Window>,
    /// What was read of trails' files.
    pub(crate) files: Read,
    /// What was read of event history, or of files of Regions that alone were asked for: for management events of those Regions only,
    /// whatever trails there are.
    pub(crate) history: Read,
}

/// What was read in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Read {
    first_and_last: Option<(Timestamp, Timestamp)>,
    /// Days with events of any kind, by Region.
    any: BTreeMap<ShortText, Days>,
    /// Days with management events, by Region.
    pub(crate) management: BTreeMap<ShortText, Days>,
    /// The latest days in a row that all have management events.
    pub(crate) management_run: Option<Window>,
}

impl Read {
    fn add(&mut self, row: &UsageSourceRow) {
        let (Some(from), Some(to)) = (row.first_event, row.last_event) else {
            return;
        };
        let (first, last) = self.first_and_last.unwrap_or((from, to));
        self.first_and_last = Some((first.min(from), last.max(to)));
        for (days, dates) in [
            (&mut self.any, &row.active_dates),
            (&mut self.management, &row.management_dates),
        ] {
            if !dates.is_empty() {
                let days = days.entry(row.region.clone()).or_default();
                days.extend(dates.iter());
            }
        }
    }

    /// The latest of some days in a row, cut to the first and the last event of all.
    pub(crate) fn latest(&self, days: &Days) -> Option<Window> {
        let (first, last) = self.first_and_last?;
        let mut days = days.iter().rev();
        let end = *days.next()?;
        let mut begin = end;
        for day in days {
            if *day < begin - 1 {
                break;
            }
            begin = *day;
        }
        Some(whole_days(begin, end)?.and(Window {
            from: first,
            to: last,
        }))
    }

    /// Days with management events of any Region.
    pub(crate) fn management_days(&self) -> Days {
        self.management.values().flatten().copied().collect()
    }

    /// The part of a window between the first and the last management event of a Region in it.
    pub(crate) fn management_of(&self, region: &str, window: Window) -> Option<Window> {
        let days = self.management.get(region)?;
        let mut days = days.iter().filter(|day| window.all_days().contains(day));
        let first = *days.next()?;
        let last = days.next_back().copied().unwrap_or(first);
        Some(whole_days(first, last)?.and(window))
    }

    fn latest_of_any(&self) -> Option<Window> {
        self.latest(&self.any.values().flatten().copied().collect())
    }

    fn regions_within(&self, window: Window) -> impl Iterator<Item = &ShortText> {
        let regions = self.any.iter();
        regions
            .filter(move |(_, days)| days.iter().any(|day| window.all_days().contains(day)))
            .map(|(region, _)| region)
    }
}

/// From a day's first second to another's last.
fn whole_days(begin: i64, end: i64) -> Option<Window> {
    Some(Window {
        from: Timestamp::from_second(begin.checked_mul(86_400)?).ok()?,
        to: Timestamp::from_second(end.checked_mul(86_400)?.checked_add(86_399)?).ok()?,
    })
}

impl Covered {
    /// The part of a window in which a change of a trail of this account would have been read, by files or by event history.
    pub(crate) fn watched(&self, home_region: Option<&str>, window: Window) -> Option<Window> {
        let parts = [&self.files, &self.history].into_iter().filter_map(|read| {
            let run = read.management_run?.and(window);
            match home_region {
                Some(region) => read.management_of(region, run),
                None => Some(run),
            }
        });
        parts.max_by_key(|part| part.days())
    }

    /// Whether nothing but event history was read.
    pub(crate) fn is_history(&self) -> bool {
        self.files.any.is_empty()
    }
}

/// What was read, by account, in whatever parts.
pub(crate) fn covered(rows: &[UsageSourceRow]) -> BTreeMap<ShortText, Covered> {
    let mut accounts: BTreeMap<&ShortText, (Read, Read)> = BTreeMap::new();
    for row in rows {
        let (files, history) = accounts.entry(&row.account_id).or_default();
        match row.engine.as_str() {
            "use_only" => {}
            "event_history" => history.add(row),
            // Of other Regions nothing was asked, so that it shows no more than event history does.
            _ if !row.asked_regions.is_empty() => history.add(row),
            _ => files.add(row),
        }
    }
    accounts
        .into_iter()
        .filter_map(|(account, (mut files, mut history))| {
            for read in [&mut files, &mut history] {
                read.management_run = read.latest(&read.management_days());
            }
            let files_window = files.latest_of_any();
            let windows = [history.latest_of_any(), files_window];
            let window = windows.into_iter().flatten().max_by_key(|one| one.days())?;
            let regions = files.regions_within(window);
            let regions = regions.chain(history.regions_within(window));
            let covered = Covered {
                window,
                regions: regions.cloned().collect(),
                files_window,
                files,
                history,
            };
            Some((account.clone(), covered))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use leastgrant_inventory::day_of_date;

    use super::*;

    fn days_of(dates: &[&str]) -> leastgrant_inventory::Days {
        let dates = dates.iter();
        dates
            .map(|date| day_of_date(date.parse().unwrap()))
            .collect()
    }

    fn row(region: &str, dates: &[&str]) -> UsageSourceRow {
        let noon = |date: &&str| format!("{date}T12:00:00Z").parse().unwrap();
        UsageSourceRow {
            engine: "logs".into(),
            account_id: "1".into(),
            region: region.into(),
            first_event: dates.first().map(noon),
            last_event: dates.last().map(noon),
            active_dates: days_of(dates),
            ..UsageSourceRow::default()
        }
    }

    fn of(rows: &[UsageSourceRow]) -> Option<Covered> {
        covered(rows).remove("1")
    }

    fn span(rows: &[UsageSourceRow]) -> Option<(String, String, i64)> {
        let window = of(rows)?.window;
        Some((
            window.from.to_string(),
            window.to.to_string(),
            window.days(),
        ))
    }

    #[test]
    fn a_day_without_events_begins_another_span_however_the_days_were_read() {
        let told = |from: &str, to: &str, days| Some((from.to_owned(), to.to_owned(), days));
        let whole = row(
            "a",
            &["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"],
        );
        let expected = told("2026-01-30T12:00:00Z", "2026-02-02T12:00:00Z", 4);
        assert_eq!(span(&[whole]), expected);
        let parts = [
            row("a", &["2026-02-01", "2026-02-02"]),
            row("b", &["2026-01-30", "2026-02-01"]),
            row("c", &["2026-01-31"]),
        ];
        assert_eq!(span(&parts), expected);
        assert_eq!(
            span(&parts[..2]),
            told("2026-02-01T00:00:00Z", "2026-02-02T12:00:00Z", 2)
        );
        assert_eq!(span(&[row("a", &[])]), None);
    }

    #[test]
    fn what_shows_use_alone_covers_nothing_and_asked_regions_are_not_all() {
        let mut passed_on = row("eu-west-1", &["2026-01-01"]);
        passed_on.engine = "use_only".into();
        assert_eq!(of(&[passed_on]), None);
        let mut asked = row("eu-west-1", &["2026-01-01"]);
        assert!(!of(&[asked.clone()]).unwrap().is_history());
        asked.asked_regions = vec!["eu-west-1".into()];
        assert!(of(&[asked]).unwrap().is_history());
    }

    #[test]
    fn event_history_is_kept_apart_and_is_the_window_only_where_it_is_longer() {
        let mut history = row("a", &["2026-01-01", "2026-01-02", "2026-01-03"]);
        history.engine = "event_history".into();
        let files = row("b", &["2026-01-02"]);
        let both = of(&[history.clone(), files.clone()]).unwrap();
        assert_eq!((both.window.days(), both.is_history()), (3, false));
        assert_eq!(both.files_window.map(Window::days), Some(1));
        assert_eq!(both.regions.len(), 2);
        assert!(of(&[history]).unwrap().is_history());
        // A Region of another time is none of the window's.
        let early = row("c", &["2025-01-02"]);
        assert_eq!(of(&[files, early]).unwrap().regions.len(), 1);
    }

    #[test]
    fn a_region_was_read_between_its_first_and_its_last_management_event() {
        let mut files = row(
            "a",
            &["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"],
        );
        files.management_dates = days_of(&["2026-01-02", "2026-01-04"]);
        let read = of(&[files]).unwrap();
        let part = read.files.management_of("a", read.window).unwrap();
        assert_eq!(
            (part.from.to_string(), part.to.to_string()),
            (
                "2026-01-02T00:00:00Z".to_owned(),
                "2026-01-04T12:00:00Z".to_owned()
            )
        );
        assert_eq!(read.files.management_of("b", read.window), None);
    }
}
