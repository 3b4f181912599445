//! Instants in whole seconds, counted back from the one fixed instant of the inventory.

use std::fmt;

use serde::{Serialize, Serializer};

/// 2026-11-01T00:00:00Z.
pub(crate) const NOW_IN_UNIX_SECONDS: i64 = 1_793_491_200;

/// One minute, in seconds.
pub(crate) const MINUTE: i64 = 60;
/// One hour, in seconds.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// One day, in seconds.
pub(crate) const DAY: i64 = 24 * HOUR;

/// An instant in whole seconds. IAM and CloudTrail know no finer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moment(i64);

impl Moment {
    /// The instant of the inventory.
    pub(crate) const NOW: Self = Self(NOW_IN_UNIX_SECONDS);

    /// So many seconds before the inventory.
    pub(crate) const fn seconds_ago(seconds: i64) -> Self {
        Self(NOW_IN_UNIX_SECONDS.saturating_sub(seconds))
    }

    /// So many whole days before the inventory, to the second.
    pub(crate) const fn days_ago(days: i64) -> Self {
        Self::seconds_ago(days.saturating_mul(DAY))
    }

    /// The instant so many seconds later.
    pub(crate) const fn later(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The instant so many seconds earlier.
    pub(crate) const fn earlier(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// The seconds from `earlier` to this instant; negative if it comes after.
    pub(crate) const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The number of this instant's UTC day, counted from 1970-01-01.
    pub(crate) const fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Midnight at which a numbered UTC day begins.
    pub(crate) const fn start_of_day(day: i64) -> Self {
        Self(day.saturating_mul(DAY))
    }

    /// The instant as IAM's command line and the credential report print it:
    /// `2026-11-01T00:00:00+00:00`.
    pub(crate) fn with_offset(self) -> String {
        let mut text = self.to_string();
        if text.ends_with('Z') {
            text.pop();
            text.push_str("+00:00");
        }
        text
    }

    /// The date as the folders of a CloudTrail bucket have it: `2026/11/01`.
    pub(crate) fn day_folders(self) -> String {
        self.timestamp().strftime("%Y/%m/%d").to_string()
    }

    /// The date as the names of CloudTrail files have it: `20261101`.
    pub(crate) fn compact_date(self) -> String {
        self.timestamp().strftime("%Y%m%d").to_string()
    }

    /// Dates of the demo are all within living memory, so the fall-back is never taken.
    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0).unwrap_or_default()
    }
}

/// RFC 3339 in UTC with `Z`, as CloudTrail prints it.
impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), formatter)
    }
}

/// The form that the aws command line prints, with `+00:00`.
impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.with_offset())
    }
}

/// An instant that is serialised with `Z`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Zulu(pub(crate) Moment);

impl Serialize for Zulu {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instant_of_the_inventory_is_the_first_of_november() {
        assert_eq!(Moment::NOW.to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(Moment::NOW.with_offset(), "2026-11-01T00:00:00+00:00");
        assert_eq!(crate::NOW.to_string(), "2026-11-01T00:00:00Z");
    }

    #[test]
    fn ninety_days_are_counted_in_seconds() {
        assert_eq!(Moment::days_ago(90).to_string(), "2026-08-03T00:00:00Z");
        assert_eq!(
            Moment::days_ago(90).earlier(1).to_string(),
            "2026-08-02T23:59:59Z"
        );
        assert_eq!(Moment::NOW.seconds_since(Moment::days_ago(90)), 90 * DAY);
    }

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let day = Moment::NOW.earlier(1).day();
        assert_eq!(
            Moment::start_of_day(day).to_string(),
            "2026-10-31T00:00:00Z"
        );
        assert_eq!(Moment::start_of_day(day).day_folders(), "2026/10/31");
        assert_eq!(Moment::start_of_day(day).compact_date(), "20261031");
    }
}
