//! CloudTrail's layout in a bucket: what need not be listed.
//!
//! `[PREFIX/]AWSLogs/[o-ORGANIZATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/FILE.json.gz`, as the CloudTrail User Guide has it in
//! "Getting and viewing your CloudTrail log files". Down to the Region, folders are listed one by one. A Region's keys are in the
//! order of time, so the days of a span are one range of them, and one listing.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use leastgrant_inventory::is_account;

use crate::Window;

/// What a folder's children are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Anything, perhaps with CloudTrail's layout further down.
    Free,
    /// Accounts and organisations: `AWSLogs/`.
    Logs,
    /// Accounts.
    Organization,
    /// Kinds of logs of an account, of which CloudTrail's is one.
    Account,
    /// Perhaps the same, where somebody copied it to: a folder that is called like an account.
    LooseAccount,
    /// Regions.
    Regions,
    /// Years, months and days.
    Region,
}

impl Level {
    /// What a child's children are; none where nothing in it is a CloudTrail event.
    pub(super) fn child(self, name: &str) -> Option<Self> {
        match self {
            Self::Logs | Self::Organization if is_account(name) => Some(Self::Account),
            Self::Logs if name.starts_with("o-") => Some(Self::Organization),
            Self::Account | Self::LooseAccount if name == "CloudTrail" => Some(Self::Regions),
            Self::Account => None,
            Self::LooseAccount if name.starts_with("CloudTrail-") => None,
            Self::Regions if is_region(name) => Some(Self::Region),
            _ if name == "AWSLogs" => Some(Self::Logs),
            _ if is_account(name) => Some(Self::LooseAccount),
            _ => Some(Self::Free),
        }
    }
}

/// Where a folder is in the layout: its level, and for a Region or what lies below it the Region's folder.
///
/// What somebody names is read, even if nothing of that kind would be looked for.
pub(super) fn place(folder: &str) -> (Level, Option<&str>) {
    let mut level = Level::Free;
    let mut end = 0;
    for name in folder.split_inclusive('/') {
        end += name.len();
        level = level
            .child(name.trim_end_matches('/'))
            .unwrap_or(Level::Free);
        if level == Level::Region {
            return (level, folder.get(..end));
        }
    }
    (level, None)
}

/// As in `eu-west-1`, whatever Regions AWS will have.
fn is_region(name: &str) -> bool {
    name.contains('-')
        && name.bytes().any(|byte| byte.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The Region whose folder alone is named, or what lies in it, in CloudTrail's layout.
#[must_use]
pub fn region_of_folder(folder: &str) -> Option<&str> {
    place(folder).1?.trim_end_matches('/').rsplit('/').next()
}

/// The folders of days that a window's events can be in: those of its days, and one beyond either end, since files are delivered
/// some minutes after the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Days {
    /// As in `2026/10/01`.
    pub(super) first: Option<String>,
    /// The last one, included.
    pub(super) last: Option<String>,
}

impl Days {
    pub(super) fn of(window: Window) -> Self {
        let date = |time: Timestamp| TimeZone::UTC.to_datetime(time).date();
        let folder = |date: Date| date.strftime("%Y/%m/%d").to_string();
        let one = Span::new().days(1);
        Self {
            first: window
                .since
                .and_then(|since| date(since).checked_sub(one).ok())
                .map(folder),
            last: window
                .until
                .and_then(|until| date(until).checked_add(one).ok())
                .map(folder),
        }
    }

    /// Whether what follows a Region's folder in a key is past the last day. So are all keys after it.
    pub(super) fn end_before(&self, rest: &str) -> bool {
        let Some(last) = &self.last else {
            return false;
        };
        let day = rest.as_bytes().get(..last.len());
        day.unwrap_or(rest.as_bytes()) > last.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_is_told_from_what_lies_above_it() {
        let region = "x/AWSLogs/o-abc/111122223333/CloudTrail/eu-west-1/";
        for (folder, level) in [
            ("", Level::Free),
            ("x/", Level::Free),
            ("x/AWSLogs/", Level::Logs),
            ("x/AWSLogs/o-abc/", Level::Organization),
            ("AWSLogs/111122223333/", Level::Account),
            ("x/AWSLogs/o-abc/111122223333/", Level::Account),
            ("x/AWSLogs/o-abc/111122223333/CloudTrail/", Level::Regions),
            ("copy/111122223333/CloudTrail/", Level::Regions),
            (
                "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/",
                Level::Free,
            ),
            ("CloudTrail/eu-west-1/", Level::Free),
        ] {
            assert_eq!(place(folder), (level, None), "{folder}");
        }
        for below in ["", "2026/", "2026/10/", "2026/10/01/", "other/"] {
            let folder = format!("{region}{below}");
            assert_eq!(place(&folder), (Level::Region, Some(region)));
        }
    }

    #[test]
    fn what_is_no_event_is_not_listed() {
        for name in [
            "CloudTrail-Digest",
            "CloudTrail-Insight",
            "Config",
            "vpcflowlogs",
        ] {
            assert_eq!(Level::Account.child(name), None);
        }
        assert_eq!(Level::LooseAccount.child("CloudTrail-Digest"), None);
        assert_eq!(Level::LooseAccount.child("2026"), Some(Level::Free));
    }

    #[test]
    fn who_names_a_regions_folder_asks_for_that_region() {
        for (folder, region) in [
            (
                "AWSLogs/111122223333/CloudTrail/us-east-1/",
                Some("us-east-1"),
            ),
            (
                "x/AWSLogs/o-a/111122223333/CloudTrail/eu-west-1/2026/10",
                Some("eu-west-1"),
            ),
            ("AWSLogs/111122223333/CloudTrail/", None),
            ("", None),
        ] {
            assert_eq!(region_of_folder(folder), region);
        }
    }

    #[test]
    fn days_reach_one_beyond_either_end() {
        let time = |text: &str| Some(text.parse().unwrap());
        let days = Days::of(Window {
            since: time("2026-03-01T00:00:00Z"),
            until: time("2026-12-31T12:00:00Z"),
        });
        assert_eq!(days.first.as_deref(), Some("2026/02/28"));
        assert_eq!(days.last.as_deref(), Some("2027/01/01"));
        assert!(!days.end_before("2027/01/01/x.json.gz"));
        assert!(!days.end_before("2026/12"));
        assert!(days.end_before("2027/01/02/x.json.gz"));
        assert!(days.end_before("x.json.gz"));
        assert_eq!(Days::of(Window::default()), Days::default());
        assert!(!Days::default().end_before("9"));
    }
}
