//! `--s3`: reads a bucket, and goes on from what an interrupted run has fetched.

use clap::Args;
use leastgrant_aws::Connection;
use leastgrant_inventory::counted;
use leastgrant_trail::{
    S3Location, S3Read, S3Source, UnreadFiles, UsageCollector, Window, open_kept_objects, read_s3,
};

use super::resume::{ResumeArguments, goes_on, goes_on_if_interrupted};
use super::source::SourceRead;
use crate::printer::Printer;
use crate::progress::Progress;

/// Where the objects are.
#[derive(Debug, Args)]
pub(crate) struct S3Arguments {
    /// The bucket of a trail, whole or a folder of it; only the days of the window are listed and fetched
    #[arg(long = "s3", id = "s3", value_name = "URI", group = "engine")]
    pub(super) location: Option<S3Location>,
}

pub(super) fn read(
    resume: &ResumeArguments,
    location: &S3Location,
    connection: &Connection,
    window: Window,
    unread: &UnreadFiles,
    progress: &Progress,
    printer: &Printer,
) -> anyhow::Result<SourceRead> {
    progress.phase("listing");
    let mut notes = Vec::new();
    let endpoint = connection.endpoint_url.as_deref();
    let kept = resume.open("s3", &mut notes, |root, now| {
        open_kept_objects(root, location, endpoint, now)
    })?;
    let _guard = goes_on_if_interrupted(kept.as_ref(), printer);
    let source = S3Source {
        connection,
        location,
        window,
        kept: kept.as_ref(),
        unread,
    };
    let S3Read {
        sinks,
        files,
        region,
        objects_fetched,
        bytes_fetched,
        objects_kept,
        may_have_more,
        folders_left_out,
    } = read_s3(
        source,
        || UsageCollector::new(window),
        |done, of| progress.files(done, of),
    )?;
    let went_on = match objects_kept {
        0 => String::new(),
        kept => format!("; {} had been fetched before", counted(kept, "other")),
    };
    notes.push(format!(
        "fetched {} ({}) from `{location}` in {region}{went_on}",
        counted(objects_fetched, "object"),
        megabytes(bytes_fetched),
    ));
    if folders_left_out > 0 {
        notes.push(format!(
            "left out {} without CloudTrail events: digests, Insights and other services' logs",
            counted(folders_left_out, "folder")
        ));
    }
    if may_have_more && let Some(kept) = &kept {
        notes.push(goes_on(kept));
    }
    Ok(SourceRead {
        collectors: sinks,
        asked: window,
        window,
        files,
        notes,
        kept: kept.filter(|_| !may_have_more),
    })
}

/// As in `1.5 MB`.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
