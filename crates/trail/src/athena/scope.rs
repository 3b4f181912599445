//! Which part of a table a query looks at: partitions always, and the exact time besides.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::names::{AccountId, PartitionColumns, RegionName, TableName};
use super::sql::{identifier, literal};
use crate::Window;

/// Whether a record has a time as CloudTrail writes it; nothing where it has none at all.
pub(super) const HAS_TIME: &str = "eventtime LIKE '____-__-__T__:__:__%Z'";

/// CloudTrail began in November 2013; no partition is older.
const FIRST_DAY: &str = "2013-11-01T00:00:00Z";

/// What a query reads.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The table.
    pub table: TableName,
    /// Its partition columns.
    pub columns: PartitionColumns,
    /// Only these accounts' partitions; all if there are none here.
    pub accounts: Vec<AccountId>,
    /// Only these Regions' partitions; all if there are none here.
    pub regions: Vec<RegionName>,
    /// Only events of this time.
    pub window: Window,
}

/// How a table writes the days of its partitions. Only such that sort by time as texts are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DayFormat(String);

impl Default for DayFormat {
    fn default() -> Self {
        Self("yyyy/MM/dd".to_owned())
    }
}

impl DayFormat {
    /// Reads `projection.COLUMN.format`; none if days of that format do not sort as texts, or are no days.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let (year, rest) = pattern.split_once("yyyy")?;
        let (one, rest) = rest.split_once("MM")?;
        let (two, end) = rest.split_once("dd")?;
        let are_signs = [one, two]
            .iter()
            .all(|between| between.chars().all(|sign| "/-_.".contains(sign)));
        (year.is_empty() && end.is_empty() && are_signs).then(|| Self(pattern.to_owned()))
    }

    fn day(&self, date: Date) -> String {
        self.0
            .replace("yyyy", &format!("{:04}", date.year()))
            .replace("MM", &format!("{:02}", date.month()))
            .replace("dd", &format!("{:02}", date.day()))
    }
}

impl Scope {
    /// The predicates on partitions. Files are delivered late, so days are one more at either end.
    pub(super) fn partitions(&self, format: &DayFormat) -> String {
        let date = |time: Timestamp| TimeZone::UTC.to_datetime(time).date();
        let first = self
            .window
            .since
            .and_then(|since| date(since).checked_sub(1.day()).ok())
            .or_else(|| FIRST_DAY.parse().ok().map(date));
        let last = self
            .window
            .until
            .and_then(|until| date(until).checked_add(1.day()).ok());
        let day = identifier(&self.columns.day);
        let mut predicates = Vec::new();
        if let Some(first) = first {
            predicates.push(format!("{day} >= {}", literal(&format.day(first))));
        }
        if let Some(last) = last {
            predicates.push(format!("{day} <= {}", literal(&format.day(last))));
        }
        let among = |column: &str, mut values: Vec<String>| {
            values.sort();
            values.dedup();
            format!("{} IN ({})", identifier(column), values.join(", "))
        };
        if !self.accounts.is_empty() {
            let accounts = self
                .accounts
                .iter()
                .map(|account| literal(account.text()))
                .collect();
            predicates.push(among(&self.columns.account, accounts));
        }
        if !self.regions.is_empty() {
            let regions = self
                .regions
                .iter()
                .map(|region| literal(region.text()))
                .collect();
            predicates.push(among(&self.columns.region, regions));
        }
        predicates.join("\n        AND ")
    }

    /// The window, by eventTime as CloudTrail writes it: in UTC and in seconds, which sort as texts.
    pub(super) fn times(&self) -> String {
        let second = |time: Timestamp| {
            // The first whole second that is not before.
            let before = Timestamp::from_second(time.as_second()).unwrap_or(time);
            let whole = if before < time {
                before
                    .checked_add(SignedDuration::from_secs(1))
                    .unwrap_or(before)
            } else {
                before
            };
            literal(whole.to_string().get(..19).unwrap_or_default())
        };
        let mut predicates = vec![HAS_TIME.to_owned()];
        let bounds = [(">=", self.window.since), ("<", self.window.until)];
        for (operator, time) in bounds {
            if let Some(time) = time {
                predicates.push(format!(
                    "substr(eventtime, 1, 19) {operator} {}",
                    second(time)
                ));
            }
        }
        predicates.join("\n        AND ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(since: Option<&str>, until: Option<&str>) -> Scope {
        let time = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        Scope {
            table: "d.t".parse().unwrap(),
            columns: PartitionColumns::default(),
            accounts: Vec::new(),
            regions: Vec::new(),
            window: Window {
                since: time(since),
                until: time(until),
            },
        }
    }

    #[test]
    fn days_are_one_more_at_either_end_and_times_are_exact() {
        let scope = scope(Some("2024-03-01T00:00:00Z"), Some("2024-12-31T10:00:00.5Z"));
        assert_eq!(
            scope.partitions(&DayFormat::default()),
            "\"day\" >= '2024/02/29'\n        AND \"day\" <= '2025/01/01'"
        );
        assert_eq!(
            scope.times().lines().skip(1).collect::<Vec<_>>(),
            [
                "        AND substr(eventtime, 1, 19) >= '2024-03-01T00:00:00'",
                "        AND substr(eventtime, 1, 19) < '2024-12-31T10:00:01'"
            ]
        );
    }

    #[test]
    fn there_is_a_partition_predicate_without_a_window_too() {
        let mut scope = scope(None, None);
        scope.regions = vec!["eu-west-1".parse().unwrap(), "eu-west-1".parse().unwrap()];
        assert_eq!(
            scope.partitions(&DayFormat::of("yyyy-MM-dd").unwrap()),
            "\"day\" >= '2013-11-01'\n        AND \"region\" IN ('eu-west-1')"
        );
        for format in ["dd/MM/yyyy", "yyyy/MM", "yyyy/MM/dd/HH", "yyyy'MM'dd"] {
            assert_eq!(DayFormat::of(format), None, "{format}");
        }
    }
}
