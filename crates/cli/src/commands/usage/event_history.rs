//! `--event-history`: asks CloudTrail's event history.

use anyhow::bail;
use jiff::{SignedDuration, Timestamp};
use leastgrant_aws::Connection;
use leastgrant_trail::{HistoryRead, UsageCollector, Window, read_event_history};

use super::source::SourceRead;
use crate::progress::Progress;

/// AWS keeps no more.
const REACHES_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reads a window's part of the 90 days before a time.
pub(super) fn read(
    connection: &Connection,
    window: Window,
    from: Timestamp,
    progress: &Progress,
) -> anyhow::Result<SourceRead> {
    progress.phase("asking the event history");
    let mut notes = Vec::new();
    let window = cut(window, from, &mut notes)?;
    let collector = UsageCollector::new(window);
    let HistoryRead {
        sink,
        files,
        region,
    } = read_event_history(connection, window, collector)?;
    notes.push(format!(
        "the event history of `{region}` holds management events of that Region alone; what was done elsewhere, and with data, is unknown"
    ));
    if region != "us-east-1" {
        notes.push(
            "IAM, STS's global endpoint, CloudFront and other global services log in us-east-1: ask there too, with `--region us-east-1`"
                .to_owned(),
        );
    }
    Ok(SourceRead {
        collectors: vec![sink],
        files,
        notes,
        kept: None,
    })
}

/// AWS refuses times that are too far away.
fn cut(window: Window, from: Timestamp, notes: &mut Vec<String>) -> anyhow::Result<Window> {
    let first = from.checked_sub(REACHES_BACK)?;
    if let Some(until) = window.until
        && until <= first
    {
        bail!(
            "the event history reaches back 90 days, to {first}, and `--until` ({until}) is before that: read the trail's bucket with `--s3`"
        );
    }
    if window.since.is_some_and(|since| since < first) {
        notes.push(format!(
            "the event history reaches back 90 days: what was done before {first} is unknown"
        ));
    }
    let since = window.since.map_or(first, |since| since.max(first));
    Ok(Window {
        since: Some(since),
        ..window
    })
}
