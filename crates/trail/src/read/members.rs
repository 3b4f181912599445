//! By which members of an object it is known what it holds.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::values::Values;
use crate::{Record, Text};

/// Says of an answer of LookupEvents that there is more.
pub(super) const NEXT_TOKEN: &str = "NextToken";

/// A bare record has no wrapper at all, so it is told by members that only records have. Any one of them may be missing.
pub(super) fn is_record(record: &Record<'_>) -> bool {
    let members = [
        record.event_source.is_some(),
        record.event_name.is_some(),
        record.event_id.is_some(),
        record.event_time.is_some(),
        record.user_identity.is_some(),
    ];
    members.into_iter().filter(|is_there| *is_there).count() >= 2
}

/// CloudTrail's own files, answers of LookupEvents, which the AWS CLI joins to one object of any size, and batches of CloudWatch Logs.
pub(super) fn holds_records(name: &str) -> bool {
    matches!(name, "Records" | "Events" | "logEvents")
}

/// Whether a value says that there is more.
pub(super) fn is_token(value: &str) -> bool {
    !matches!(value, "null" | "\"\"")
}

/// Goes to the bracket of `"Records":[` or the like, if it is among the first members of the object that begins here, and tells whether
/// a member before it says that there is more.
pub(super) fn records_member<'a>(values: &Values<'a>, among: usize) -> Option<(Values<'a>, bool)> {
    let mut inside = *values;
    let mut has_more = false;
    inside.pass();
    for _ in 0..among {
        let name = member_name(&mut inside)?;
        if holds_records(&name) {
            return (inside.peek(&[])? == b'[').then_some((inside, has_more));
        }
        let (_, text) = inside.read::<IgnoredAny>().ok()?;
        has_more |= name == NEXT_TOKEN && is_token(text.trim());
        if inside.peek(&[])? != b',' {
            return None;
        }
        inside.pass();
    }
    None
}

/// Reads a member's name and the colon behind it.
pub(super) fn member_name<'a>(values: &mut Values<'a>) -> Option<Cow<'a, str>> {
    if values.peek(&[])? != b'"' {
        return None;
    }
    let (Text(name), _) = values.read::<Text<'a>>().ok()?;
    if values.peek(&[])? != b':' {
        return None;
    }
    values.pass();
    Some(name)
}
