//! `--since` and `--until`: dates, times and days back.

use anyhow::bail;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use leastgrant_trail::Window;

/// The days that are asked for where `--since` is not given and a source is not read whole.
const DEFAULT_SINCE: &str = "90d";

/// The span `[since, until)`. A date is its first instant in UTC; days count back from a time.
pub(in crate::commands) fn window(
    since: Option<&str>,
    until: Option<&str>,
    from: Timestamp,
    reads_all: bool,
) -> anyhow::Result<Window> {
    let window = Window {
        since: when(
            "--since",
            since.or((!reads_all).then_some(DEFAULT_SINCE)),
            from,
        )?,
        until: when("--until", until, from)?,
    };
    if since.is_none()
        && let (Some(default), Some(until)) = (window.since, window.until)
        && default >= until
    {
        bail!(
            "`--until` ({until}) is before the last 90 days, which are read where no `--since` is given: give one too"
        );
    }
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
fn when(option: &str, text: Option<&str>, from: Timestamp) -> anyhow::Result<Option<Timestamp>> {
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
            "`{text}` is no time for `{option}`: give a date (`2026-01-31`), a time (`2026-01-31T12:00:00Z`) or days back (`90d`)"
        ),
    }
}
