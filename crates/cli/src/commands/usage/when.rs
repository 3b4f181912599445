//! `--since` and `--until`: dates, times and days back.

use anyhow::bail;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use leastgrant_trail::Window;

/// The span `[since, until)`. A date is its first instant in UTC; days count back from a time.
pub(in crate::commands) fn window(
    since: Option<&str>,
    until: Option<&str>,
    from: Timestamp,
) -> anyhow::Result<Window> {
    let window = Window {
        since: when(since, from)?,
        until: when(until, from)?,
    };
    if let (Some(since), Some(until)) = (window.since, window.until)
        && since >= until
    {
        bail!(
            "there is no time between `--since` ({since}) and `--until` ({until}): give an earlier and a later one"
        );
    }
    Ok(window)
}

/// A date is its first instant in UTC.
fn when(text: Option<&str>, from: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    let Some(text) = text else {
        return Ok(None);
    };
    let days_back = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<u32>().ok());
    let time = if let Some(days) = days_back {
        from.checked_sub(SignedDuration::from_hours(i64::from(days) * 24))
            .ok()
    } else if let Ok(date) = text.parse::<Date>()
        && text.len() == "2026-01-31".len()
    {
        TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
    } else {
        text.parse().ok()
    };
    match time {
        Some(time) => Ok(Some(time)),
        None => bail!(
            "`{text}` is no time: give a date (`2026-01-31`), a time (`2026-01-31T12:00:00Z`) or days back (`90d`)"
        ),
    }
}
