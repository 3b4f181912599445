//! Where and under which names CloudTrail delivers files.
//!
//! `…/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz`; CloudTrail User Guide, "CloudTrail
//! log file name format" and "Getting and viewing your CloudTrail log files".

use jiff::civil::Date;

use crate::is_account;

/// The unique part is shorter in no file.
const SHORTEST_UNIQUE: usize = 16;

/// A name that no other file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveredName<'a> {
    /// The account whose events it has.
    pub account: &'a str,
    /// When it was delivered, in UTC.
    pub day: Date,
    /// The name without what tells whether the file is packed.
    pub unpacked: &'a str,
}

impl<'a> DeliveredName<'a> {
    /// Of a path or URI, if its last part is such a name.
    #[must_use]
    pub fn of(path: &'a str) -> Option<Self> {
        let name = path.rsplit('/').next()?;
        let unpacked = name.strip_suffix(".gz").unwrap_or(name);
        let parts: Vec<&str> = unpacked.strip_suffix(".json")?.split('_').collect();
        let [account, "CloudTrail", _, time, unique] = *parts.as_slice() else {
            return None;
        };
        let is_unique = unique.len() >= SHORTEST_UNIQUE
            && unique.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (day, _) = time.split_once('T')?;
        let day = Date::strptime("%Y%m%d", day).ok()?;
        (is_account(account) && is_unique).then_some(Self {
            account,
            day,
            unpacked,
        })
    }
}

/// The account of a delivered file.
#[must_use]
pub fn account_of(path: &str) -> Option<&str> {
    let of_folder = || {
        let (before, _) = path.rsplit_once("/CloudTrail/")?;
        let account = before.rsplit('/').next()?;
        is_account(account).then_some(account)
    };
    of_folder().or_else(|| Some(DeliveredName::of(path)?.account))
}

/// The day of a delivered file.
#[must_use]
pub fn day_of(path: &str) -> Option<Date> {
    let of_folder = || {
        let (_, after) = path.rsplit_once("/CloudTrail/")?;
        let parts: Vec<&str> = after.split('/').collect();
        let [_, year, month, day, _] = parts.as_slice() else {
            return None;
        };
        Date::strptime("%Y/%m/%d", format!("{year}/{month}/{day}")).ok()
    };
    of_folder().or_else(|| Some(DeliveredName::of(path)?.day))
}

/// The days of the events that a file can have that was delivered on a day, the first and the last: one beyond either end, since files are
/// delivered minutes after the events in them.
#[must_use]
pub fn days_of_events(delivered: Date) -> (Date, Date) {
    let before = delivered.yesterday().unwrap_or(delivered);
    (before, delivered.tomorrow().unwrap_or(delivered))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "111122223333_CloudTrail_us-east-2_20150801T0210Z_Mu0KsOhtH1ar15ZZ";

    #[test]
    fn a_delivered_file_tells_its_account_and_day() {
        let date = |text: &str| Some(text.parse().unwrap());
        for (path, day) in [
            (
                "logs/AWSLogs/o-1/111122223333/CloudTrail/eu-west-1/2026/10/01/x.json.gz"
                    .to_owned(),
                "2026-10-01",
            ),
            (format!("{NAME}.json.gz"), "2015-08-01"),
            (format!("s3://b/{NAME}.json"), "2015-08-01"),
        ] {
            assert_eq!(account_of(&path), Some("111122223333"), "{path}");
            assert_eq!(day_of(&path), date(day), "{path}");
        }
        for other in [
            "logs/x.json",
            "CloudTrail/x",
            "a/CloudTrail/x",
            "/CloudTrail/",
            "x/CloudTrail/eu-west-1/2026/13/01/x.json",
            "111122223333_CloudTrail_us-east-2_20150801T0210Z_short.json.gz",
            "11112222333x_CloudTrail_us-east-2_20150801T0210Z_Mu0KsOhtH1ar15ZZ.json",
        ] {
            assert_eq!((account_of(other), day_of(other)), (None, None), "{other}");
        }
    }

    #[test]
    fn a_name_is_the_same_packed_or_not_wherever_it_is() {
        let unpacked = |path: &str| DeliveredName::of(path).map(|name| name.unpacked.to_owned());
        let one = unpacked(&format!("a/{NAME}.json.gz"));
        assert!(one.is_some());
        assert_eq!(one, unpacked(&format!("s3://b/c/{NAME}.json")));
        assert_eq!(unpacked(&format!("{NAME}.txt")), None);
    }
}
