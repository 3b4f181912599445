//! `--s3`: reads a bucket, and goes on from what an interrupted run has fetched.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args;
use leastgrant_aws::Connection;
use leastgrant_trail::{
    KeptObjects, S3Location, S3Read, S3Source, UsageCollector, Window, read_s3,
};

use super::source::SourceRead;
use crate::commands::collect::counted;
use crate::printer::Printer;
use crate::progress::Progress;

/// They fetch no objects that could be kept.
const OTHER_ENGINES: [&str; 3] = ["logs", "athena", "event_history"];

/// Where the objects are, and where they are kept.
#[derive(Debug, Args)]
pub(crate) struct S3Arguments {
    /// The bucket of a trail, whole or a folder of it; only the days of the window are listed and fetched
    #[arg(long = "s3", id = "s3", value_name = "URI", group = "engine")]
    pub(super) location: Option<S3Location>,
    /// Keep what `--s3` fetches in this folder until all is read, so that an interrupted run goes on [default: `leastgrant` in the user's cache folder]
    #[arg(long, value_name = "DIR", conflicts_with_all = OTHER_ENGINES)]
    resume_dir: Option<PathBuf>,
    /// Keep nothing of what `--s3` fetches
    #[arg(long, conflicts_with = "resume_dir", conflicts_with_all = OTHER_ENGINES)]
    no_resume: bool,
}

pub(super) fn read(
    arguments: &S3Arguments,
    location: &S3Location,
    connection: &Connection,
    window: Window,
    progress: &Progress,
) -> anyhow::Result<SourceRead> {
    progress.phase("listing");
    let mut notes = Vec::new();
    let kept = match open_kept(arguments, location, connection) {
        Ok(kept) => kept,
        // What the user named has to do; what we chose does not.
        Err(error) if arguments.resume_dir.is_some() => return Err(error),
        Err(error) => {
            notes.push(format!(
                "nothing was kept for a run that goes on after this one: {error:#}"
            ));
            None
        }
    };
    let source = S3Source {
        connection,
        location,
        window,
        kept: kept.as_ref(),
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
    let of = |count: u64, noun| counted(usize::try_from(count).unwrap_or(usize::MAX), noun);
    let went_on = match objects_kept {
        0 => String::new(),
        kept => format!("; {} had been fetched before", of(kept, "other")),
    };
    notes.push(format!(
        "fetched {} ({}) from `{location}` in {region}{went_on}",
        of(objects_fetched, "object"),
        megabytes(bytes_fetched),
    ));
    if folders_left_out > 0 {
        notes.push(format!(
            "left out {} without CloudTrail events: digests, Insights and other services' logs",
            of(folders_left_out, "folder")
        ));
    }
    if may_have_more && let Some(kept) = &kept {
        notes.push(format!(
            "what was fetched is kept in `{}` for a week; the same command goes on from it",
            kept.folder().display()
        ));
    }
    Ok(SourceRead {
        collectors: sinks,
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

fn open_kept(
    arguments: &S3Arguments,
    location: &S3Location,
    connection: &Connection,
) -> anyhow::Result<Option<KeptObjects>> {
    if arguments.no_resume {
        return Ok(None);
    }
    let Some(root) = arguments.resume_dir.clone().or_else(cache_folder) else {
        return Ok(None);
    };
    let endpoint = connection.endpoint_url.as_deref();
    let kept = KeptObjects::open(&root, location, endpoint, SystemTime::now())
        .with_context(|| format!("cannot keep objects in `{}`", root.display()))?;
    Ok(Some(kept))
}

/// As the XDG Base Directory Specification has it: a relative path is none.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |name| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(cache.join("leastgrant").join("s3"))
}

/// Removes what was kept, once it is of no more use.
pub(super) fn remove(kept: KeptObjects, printer: &Printer) {
    let folder = kept.folder().to_owned();
    if let Err(error) = kept.remove() {
        printer.note(&format!(
            "cannot remove what was kept in `{}`: {error}",
            folder.display()
        ));
    }
}
