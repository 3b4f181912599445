//! `--event-history`: asks CloudTrail's event history.

use leastgrant_aws::Connection;
use leastgrant_trail::{HistoryRead, UsageCollector, Window, read_event_history};

use super::source::SourceRead;
use crate::progress::Progress;

pub(super) fn read(
    connection: &Connection,
    window: Window,
    progress: &Progress,
) -> anyhow::Result<SourceRead> {
    progress.phase("asking the event history");
    let collector = UsageCollector::new(window);
    let HistoryRead {
        sink,
        files,
        region,
    } = read_event_history(connection, window, collector, |_| {})?;
    let mut notes = vec![format!(
        "the event history of `{region}` holds management events of that Region alone; what was done elsewhere, and with data, is unknown"
    )];
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
