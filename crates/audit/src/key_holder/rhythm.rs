//! When a key was used: on which days, how often, at which hours.
//!
//! Days are whole ones in UTC. Of hours only those of each row's first and last event are known, which is a sample.

use leastgrant_inventory::Days;

/// The days and hours of a key's calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rhythm {
    /// On how many days there were calls.
    pub active_days: u32,
    /// From the first of them to the last, both counted.
    pub span_days: i64,
    /// How many of them were Saturdays or Sundays.
    pub weekend_days: u32,
    /// The longest time between two of them, in days; none if there is only one.
    pub longest_gap_days: i64,
    /// Calls of all days.
    pub calls: i64,
    /// The hours in UTC at which calls were seen, as bits.
    pub hours: u32,
    /// How many times those hours are of.
    pub times: u32,
}

const HOURS: u32 = 24;

impl Rhythm {
    pub(crate) fn of(days: &Days, calls: i64, hours: u32, times: u32) -> Self {
        let mut rhythm = Self {
            active_days: days.len(),
            calls,
            hours,
            times,
            ..Self::default()
        };
        let mut first = None;
        let mut last: Option<i64> = None;
        for day in days.iter() {
            rhythm.weekend_days += u32::from(is_weekend(day));
            if let Some(last) = last {
                rhythm.longest_gap_days = rhythm.longest_gap_days.max(day.saturating_sub(last));
            }
            last = Some(day);
            first.get_or_insert(day);
        }
        if let (Some(first), Some(last)) = (first, last) {
            rhythm.span_days = last.saturating_sub(first).saturating_add(1);
        }
        rhythm
    }

    /// Used on days of work only, for long enough that weekends cannot be missing by chance.
    pub(crate) fn rests_on_weekends(&self) -> bool {
        self.active_days >= 10 && self.span_days >= 21 && self.weekend_days == 0
    }

    /// Used on seven days of eight or more, for four weeks at least: nobody works so.
    pub(crate) fn never_rests(&self) -> bool {
        self.span_days >= 28
            && i64::from(self.active_days).saturating_mul(8) >= self.span_days.saturating_mul(7)
    }

    /// More calls a day than anybody types.
    pub(crate) fn is_faster_than_people(&self) -> bool {
        self.calls_a_day() >= 1000
    }

    /// Calls a day, of the days on which there were any.
    pub(crate) fn calls_a_day(&self) -> i64 {
        self.calls
            .checked_div(i64::from(self.active_days))
            .unwrap_or(0)
    }

    /// On ten days or more, all times that are known lie within two hours of the day.
    pub(crate) fn keeps_to_the_hour(&self) -> bool {
        const MOST_HOURS: u32 = 2;
        self.active_days >= 10
            && self.times >= 2
            && HOURS.saturating_sub(longest_pause(self.hours)) <= MOST_HOURS
    }

    /// The fewest hours in a row, round the clock, that hold all calls that are known; none where too few are known.
    pub(crate) fn hours_in_a_row(&self) -> Option<u32> {
        const LEAST_TIMES: u32 = 8;
        (self.times >= LEAST_TIMES).then(|| HOURS.saturating_sub(longest_pause(self.hours)))
    }
}

/// The most hours in a row, round the clock, without a call.
fn longest_pause(hours: u32) -> u32 {
    let mut longest = 0;
    let mut pause = 0;
    // Twice round the clock, since a pause may go past midnight.
    for hour in (0..HOURS).chain(0..HOURS) {
        pause = if hours >> hour & 1 == 1 { 0 } else { pause + 1 };
        longest = longest.max(pause);
    }
    longest.min(HOURS)
}

/// Saturday or Sunday; day 0, 1970-01-01, was a Thursday.
fn is_weekend(day: i64) -> bool {
    matches!(day.rem_euclid(7), 2 | 3)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, Weekday};
    use proptest::prelude::*;

    use super::*;

    fn rhythm(days: impl IntoIterator<Item = i64>) -> Rhythm {
        Rhythm::of(&days.into_iter().collect(), 100, 0, 0)
    }

    #[test]
    fn weekends_and_gaps_are_told() {
        // Day 4 was a Monday. Three weeks of work.
        let work: Vec<i64> = (4..25).filter(|day| !is_weekend(*day)).collect();
        assert!(
            !rhythm(work.clone()).rests_on_weekends(),
            "19 days are too short"
        );
        let work: Vec<i64> = (4..32).filter(|day| !is_weekend(*day)).collect();
        assert!(rhythm(work.clone()).rests_on_weekends());
        assert!(
            !rhythm(work.into_iter().chain([9])).rests_on_weekends(),
            "one Saturday"
        );
        assert!(rhythm(0..28).never_rests());
        assert!(!rhythm((0..28).step_by(2)).never_rests());
        let twice = rhythm([3, 185]);
        assert_eq!(
            (twice.active_days, twice.span_days, twice.longest_gap_days),
            (2, 183, 182)
        );
        assert_eq!(Rhythm::default().calls_a_day(), 0);
        let at_hours = |hours| Rhythm::of(&(0..20).collect(), 100, hours, 2);
        assert!(at_hours(1 << 2).keeps_to_the_hour());
        assert!(at_hours(1 << 23 | 1).keeps_to_the_hour(), "past midnight");
        assert!(!at_hours(1 << 8 | 1 << 16).keeps_to_the_hour());
        assert!(!rhythm(0..20).keeps_to_the_hour(), "no time is known");
    }

    proptest! {
        #[test]
        fn days_are_those_of_the_calendar(days in prop::collection::btree_set(-40_000..40_000_i64, 0..30)) {
            let found = rhythm(days.iter().copied());
            let first = Date::constant(1970, 1, 1);
            let dates: Vec<Date> = days.iter().map(|day| first + jiff::Span::new().days(*day)).collect();
            let weekends = dates.iter().filter(|date| matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)).count();
            prop_assert_eq!(found.weekend_days as usize, weekends);
            let gaps = dates.windows(2).map(|two| i64::from((two[1] - two[0]).get_days())).max();
            prop_assert_eq!(found.longest_gap_days, gaps.unwrap_or(0));
            let span = dates.first().zip(dates.last()).map_or(0, |(first, last)| i64::from((*last - *first).get_days()) + 1);
            prop_assert_eq!(found.span_days, span);
        }

        /// The slow twin tries every first hour and every length.
        #[test]
        fn the_hours_in_a_row_are_the_fewest(hours in 1_u32..1 << 24) {
            let holds = |first: u32, length: u32| {
                (0..24).all(|hour| hours >> hour & 1 == 0 || (hour + 24 - first) % 24 < length)
            };
            let fewest = (1..=24).find(|length| (0..24).any(|first| holds(first, *length))).unwrap();
            let known = Rhythm { hours, times: 8, ..Rhythm::default() };
            prop_assert_eq!(known.hours_in_a_row(), Some(fewest));
        }
    }
}
