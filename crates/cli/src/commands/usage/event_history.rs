//! `--event-history`: asks CloudTrail's event history.

use anyhow::bail;
use jiff::{SignedDuration, Timestamp};
use leastgrant_aws::Connection;
use leastgrant_inventory::counted;
use leastgrant_trail::athena::RegionName;
use leastgrant_trail::{
    HistoryRead, HistorySource, UsageCollector, Window, open_kept_history, read_event_history,
};

use super::resume::{ResumeArguments, goes_on, goes_on_if_interrupted};
use super::source::SourceRead;
use crate::printer::Printer;
use crate::progress::Progress;

/// Where services without Regions log.
const GLOBAL: &str = "us-east-1";

/// AWS keeps no more.
const REACHES_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reads a window's part of the 90 days before a time.
pub(super) fn read(
    resume: &ResumeArguments,
    regions: &[RegionName],
    connection: &Connection,
    window: Window,
    from: Timestamp,
    progress: &Progress,
    printer: &Printer,
) -> anyhow::Result<SourceRead> {
    progress.phase("asking the event history");
    let mut notes = Vec::new();
    let (asked, window) = cut(window, from, &mut notes)?;
    let endpoint = connection.endpoint_url.as_deref();
    let kept = resume.open("event-history", &mut notes, |root, now| {
        open_kept_history(root, endpoint, now)
    })?;
    let mut regions: Vec<String> = regions
        .iter()
        .map(|region| region.text().to_owned())
        .collect();
    regions.sort();
    regions.dedup();
    let _guard = goes_on_if_interrupted(kept.as_ref(), printer);
    let source = HistorySource {
        connection,
        regions: &regions,
        window,
        kept: kept.as_ref(),
        // What is still to happen cannot have been read, whenever ages are counted to.
        asked_at: from.min(Timestamp::now()),
    };
    let HistoryRead {
        sinks,
        files,
        regions,
        parts_kept,
        may_have_more,
    } = read_event_history(source, || UsageCollector::new(window))?;
    let names: Vec<String> = regions.iter().map(|region| format!("`{region}`")).collect();
    let of_those = match regions.len() {
        1 => "that Region",
        _ => "those Regions",
    };
    notes.push(format!(
        "the event history of {} holds management events of {of_those} alone; what was done elsewhere, and with data, is unknown",
        names.join(", ")
    ));
    if !regions.iter().any(|region| region == GLOBAL) {
        notes.push(format!(
            "IAM, STS's global endpoint, CloudFront and other global services log in {GLOBAL}: ask there too, with `--regions {},{GLOBAL}`",
            regions.join(",")
        ));
    }
    if parts_kept > 0 {
        notes.push(format!(
            "{} of it had been fetched before",
            counted(parts_kept, "part")
        ));
    }
    if may_have_more && let Some(kept) = &kept {
        notes.push(goes_on(kept));
    }
    Ok(SourceRead {
        collectors: sinks,
        asked,
        window,
        files,
        notes,
        kept: kept.filter(|_| !may_have_more),
    })
}

/// What is asked of AWS, which refuses times that are too far away. Whoever asks for all that there is has asked for all of the time before.
fn cut(
    window: Window,
    from: Timestamp,
    notes: &mut Vec<String>,
) -> anyhow::Result<(Window, Window)> {
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
    let asked = Window {
        since: window.since.filter(|since| *since > first),
        ..window
    };
    let cut = Window {
        since: Some(asked.since.unwrap_or(first)),
        ..window
    };
    Ok((asked, cut))
}
