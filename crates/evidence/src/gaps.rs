//! Files of logs that could not be read.

use jiff::tz::TimeZone;
use leastgrant_inventory::delivered::{day_of, days_of_events};
use leastgrant_inventory::{DataKind, Gap};

use crate::Reason;
use crate::window::Window;

/// The files of an account and time that could not be read. What does not tell its account or day can be of any.
pub(crate) fn unreadable(gaps: &[Gap], account: &str, window: Window) -> Option<Reason> {
    let date = |time| TimeZone::UTC.to_datetime(time).date();
    let gaps = gaps.iter().filter(|gap| {
        gap.unknowable.contains(&DataKind::CloudTrail)
            && gap.account_id.as_deref().is_none_or(|own| own == account)
            && day_of(&gap.source).is_none_or(|delivered| {
                let (first, last) = days_of_events(delivered);
                first <= date(window.to) && date(window.from) <= last
            })
    });
    let mut files: Vec<&str> = gaps.map(|gap| &*gap.source).collect();
    files.sort_unstable();
    let first = files.first()?;
    Some(Reason::UnreadableFiles {
        files: files.len(),
        first: (*first).to_owned(),
    })
}
