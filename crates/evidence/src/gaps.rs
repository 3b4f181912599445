//! Files of logs that could not be read.

use leastgrant_inventory::{DataKind, Gap};

use crate::Reason;
use crate::window::{Window, date};

/// The files of an account and time that could not be read. What does not tell its account or day can be of any.
pub(crate) fn unreadable(gaps: &[Gap], account: &str, window: Window) -> Option<Reason> {
    let gaps = gaps.iter().filter(|gap| {
        gap.unknowable.contains(&DataKind::CloudTrail)
            && gap.account_id.as_deref().is_none_or(|own| own == account)
            && day_of_file(&gap.source)
                .is_none_or(|day| date(window.from) <= day && day <= date(window.to))
    });
    let mut files: Vec<&str> = gaps.map(|gap| &*gap.source).collect();
    files.sort_unstable();
    let first = files.first()?;
    Some(Reason::UnreadableFiles {
        files: files.len(),
        first: (*first).to_owned(),
    })
}

/// The day of a delivered file, `…/CloudTrail/REGION/YYYY/MM/DD/FILE`, as `yyyy-mm-dd`.
fn day_of_file(path: &str) -> Option<String> {
    let (_, after) = path.rsplit_once("/CloudTrail/")?;
    let parts: Vec<&str> = after.split('/').collect();
    let [_, year, month, day, _] = parts.as_slice() else {
        return None;
    };
    let is_date = [*year, month, day]
        .into_iter()
        .zip([4, 2, 2])
        .all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    is_date.then(|| format!("{year}-{month}-{day}"))
}
