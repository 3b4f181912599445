//! What a principal does, and when: the source of CloudTrail events and of every last-used date.

use crate::calls::ApiCall;
use crate::moment::{DAY, HOUR, MINUTE, Moment};

/// How often something happens, the fastest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rhythm {
    /// Once a minute.
    PerMinute,
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
    /// Once a week.
    Weekly,
    /// Every 30 days.
    Monthly,
    /// Every 91 days.
    Quarterly,
    /// Every 365 days.
    Yearly,
    /// Once and never again.
    Once,
}

impl Rhythm {
    /// The rhythm's name in `truth.json`.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::PerMinute => "per_minute",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
            Self::Once => "once",
        }
    }

    /// The seconds from one time to the next.
    const fn period(self) -> i64 {
        match self {
            Self::PerMinute => MINUTE,
            Self::Hourly => HOUR,
            Self::Daily => DAY,
            Self::Weekly => 7 * DAY,
            Self::Monthly => 30 * DAY,
            Self::Quarterly => 91 * DAY,
            Self::Yearly => 365 * DAY,
            // Longer ago than anything in the demo, so there is only the last time.
            Self::Once => 1000 * 365 * DAY,
        }
    }
}

/// The times at which something happens: the last one, and one a period before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// How often.
    pub(crate) rhythm: Rhythm,
    /// The last time.
    pub(crate) last: Moment,
    /// Nothing happens before this, usually because the credential did not exist.
    pub(crate) not_before: Moment,
}

impl Schedule {
    /// The numbers of the periods before the last time that fall into a half-open span of time,
    /// the latest first.
    fn periods(&self, from: Moment, until: Moment) -> std::ops::RangeInclusive<i64> {
        let period = self.rhythm.period();
        let earliest = from.max(self.not_before);
        let past_the_end = self.last.seconds_since(until);
        let latest_period = if past_the_end < 0 {
            0
        } else {
            past_the_end.div_euclid(period).saturating_add(1)
        };
        let earliest_period = self.last.seconds_since(earliest).div_euclid(period);
        latest_period..=earliest_period
    }

    /// The times within a half-open span of time, in order.
    pub(crate) fn times(&self, from: Moment, until: Moment) -> impl Iterator<Item = Moment> {
        let period = self.rhythm.period();
        let last = self.last;
        self.periods(from, until)
            .rev()
            .map(move |number| last.earlier(number.saturating_mul(period)))
    }

    /// How often it happens within a half-open span of time, and the first and the last time.
    pub(crate) fn extent(&self, from: Moment, until: Moment) -> Option<(u64, Moment, Moment)> {
        let first = self.times(from, until).next()?;
        let periods = self.periods(from, until);
        let last = self
            .last
            .earlier(periods.start().saturating_mul(self.rhythm.period()));
        let more = periods.end().saturating_sub(*periods.start());
        let count = u64::try_from(more).unwrap_or(0).saturating_add(1);
        Some((count, first, last))
    }

    /// The date that AWS keeps as the last use: the first use within a span of 15 minutes, which
    /// differs from the last use only where there are several within such a span.
    pub(crate) fn recorded_last_use(&self) -> Moment {
        match self.rhythm {
            Rhythm::PerMinute => self.last.earlier(14 * MINUTE),
            _ => self.last,
        }
    }
}

/// With what a principal does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// With a long-term access key.
    Key(String),
    /// With the password, in the console.
    Password,
    /// In a session of the role. `opened_for_it` says that a new session is opened each time, which
    /// is an event of its own.
    Session {
        /// Whether the session is opened for this very call.
        opened_for_it: bool,
    },
}

/// What calls, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// What it says of itself.
    pub(crate) user_agent: &'static str,
    /// Its address.
    pub(crate) source_ip: &'static str,
}

/// Something that a principal does again and again, or once.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// The API call.
    pub(crate) call: &'static ApiCall,
    /// The Region that it is logged in.
    pub(crate) region: &'static str,
    /// When.
    pub(crate) schedule: Schedule,
    /// With what credential.
    pub(crate) actor: Actor,
    /// Why it is denied, if it is: the end of the error message.
    pub(crate) denied: Option<&'static str>,
    /// The service that makes the call with the principal's rights.
    pub(crate) invoked_by: Option<&'static str>,
    /// The client that makes the call, where it is not the principal's usual one.
    pub(crate) client: Option<Client>,
}

/// When and where a credential was last used, as AWS keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastUse {
    /// When.
    pub(crate) at: Moment,
    /// In which Region; `N/A` for some services.
    pub(crate) region: &'static str,
    /// Of which service.
    pub(crate) service: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(rhythm: Rhythm, days_ago: i64) -> Schedule {
        Schedule {
            rhythm,
            last: Moment::days_ago(days_ago).earlier(30),
            not_before: Moment::days_ago(400),
        }
    }

    #[test]
    fn a_year_by_the_minute_has_525600_minutes() {
        let year = schedule(Rhythm::PerMinute, 0);
        let (count, first, last) = year.extent(Moment::days_ago(365), Moment::NOW).unwrap();
        assert_eq!(count, 525_600);
        assert_eq!(first.to_string(), "2025-11-01T00:00:30Z");
        assert_eq!(last.to_string(), "2026-10-31T23:59:30Z");
    }

    #[test]
    fn the_extent_is_that_of_the_listed_times() {
        let rhythms = [
            Rhythm::PerMinute,
            Rhythm::Hourly,
            Rhythm::Daily,
            Rhythm::Weekly,
            Rhythm::Monthly,
            Rhythm::Quarterly,
            Rhythm::Yearly,
            Rhythm::Once,
        ];
        for rhythm in rhythms {
            for last in [0, 3, 80, 200, 390, 500] {
                for (from, until) in [(365, 0), (100, 90), (30, 29), (4, 3), (500, 0)] {
                    let schedule = schedule(rhythm, last);
                    let (from, until) = (Moment::days_ago(from), Moment::days_ago(until));
                    let times: Vec<_> = schedule.times(from, until).collect();
                    assert!(times.is_sorted());
                    assert!(times.iter().all(|time| *time >= from && *time < until));
                    let expected = times
                        .first()
                        .map(|first| (times.len() as u64, *first, *times.last().unwrap()));
                    assert_eq!(schedule.extent(from, until), expected);
                }
            }
        }
    }

    #[test]
    fn nothing_happens_before_the_credential_exists() {
        let daily = schedule(Rhythm::Daily, 399);
        let extent = daily.extent(Moment::days_ago(1000), Moment::NOW);
        assert_eq!(extent.map(|(count, ..)| count), Some(1));
    }
}
