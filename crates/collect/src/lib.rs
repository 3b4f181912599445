//! Files that the `aws` CLI wrote, or AWS itself, to an inventory.
//!
//! Data flow: [`walk`] finds files → [`file`] reads one → [`recognise`] tells what answers it holds, by content →
//! a reader of [`answers`] turns each answer into facts → [`assemble`] joins the facts of all files into the
//! tables. Whatever cannot be read becomes a gap, and the rest goes on. [`live`] asks AWS for the same answers.

mod answer;
mod answers;
mod assemble;
mod cli_error;
mod document;
mod elements;
mod error;
mod facts;
mod file;
pub mod live;
mod recognise;
mod time;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use leastgrant_inventory::{Dataset, MANIFEST_SCHEMA, Manifest, Timestamp};
use rayon::prelude::*;

pub use error::Error;

/// A POSIX shell script that writes a bundle with the `aws` CLI alone.
pub const BUNDLE_SCRIPT: &str = include_str!("bundle.sh");

/// What to collect and how to date it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Files and folders; `-` is standard input.
    pub from: Vec<PathBuf>,
    /// Overrides the date of every source.
    pub as_of: Option<Timestamp>,
    /// The date of sources that nothing else dates: the time of the run.
    pub run_time: Timestamp,
    /// The version written into the manifest.
    pub tool_version: String,
    /// The arguments written into the manifest.
    pub arguments: Vec<String>,
}

/// A dataset and its manifest, ready to be written.
#[derive(Debug)]
pub struct Collected {
    /// All rows.
    pub dataset: Dataset,
    /// What they were made from, with the gaps.
    pub manifest: Manifest,
}

/// How far the reading has come, for a progress bar.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Files read so far.
    pub files_read: u64,
    /// Files that were found.
    pub files_total: u64,
}

/// Reads exported files into a dataset.
///
/// Files that cannot be used become gaps of the manifest.
///
/// # Errors
/// [`Error::Missing`] if a path does not exist, [`Error::NothingUsable`] if no file held anything to keep.
pub fn from_files(
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Collected, Error> {
    let walk::Found { files, gaps, .. } = walk::find(&options.from)?;
    let files_total = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let files_read = AtomicU64::new(0);
    let outcomes: Vec<file::Outcome> = files
        .par_iter()
        .map(|found| {
            let outcome = file::read(found);
            let files_read = files_read.fetch_add(1, Ordering::Relaxed) + 1;
            progress(Progress {
                files_read,
                files_total,
            });
            outcome
        })
        .collect();
    collected(outcomes, gaps, options)
}

/// Joins what was read of files or of calls.
fn collected(
    outcomes: Vec<file::Outcome>,
    mut gaps: Vec<facts::PlacedGap>,
    options: &Options,
) -> Result<Collected, Error> {
    let read = outcomes.len();
    let mut pieces = Vec::new();
    for outcome in outcomes {
        pieces.extend(outcome.pieces);
        gaps.extend(outcome.gaps);
    }
    let assembled = assemble::assemble(pieces, gaps, options);
    if assembled.dataset.is_empty() {
        return Err(Error::NothingUsable {
            paths: options.from.clone(),
            files: read,
            gaps: assembled.gaps,
        });
    }
    let manifest = Manifest {
        schema: MANIFEST_SCHEMA.to_owned(),
        tool_version: options.tool_version.clone(),
        catalogue_version: None,
        accounts: assembled.accounts,
        collected_at: assembled
            .sources
            .iter()
            .map(|source| source.collected_at)
            .max(),
        arguments: options.arguments.clone(),
        sources: assembled.sources,
        gaps: assembled.gaps,
        usage: Vec::new(),
        tables: Vec::new(),
    };
    Ok(Collected {
        dataset: assembled.dataset,
        manifest,
    })
}

/// Reads one file's text as `collect --from` would, and throws the rows away. For fuzzing.
#[doc(hidden)]
pub fn read_bytes_for_fuzzing(name: &str, bytes: &[u8]) {
    let options = Options {
        from: Vec::new(),
        as_of: None,
        run_time: Timestamp::UNIX_EPOCH,
        tool_version: String::new(),
        arguments: Vec::new(),
    };
    let outcome = file::read_bytes(Path::new(name), bytes.to_vec());
    let _ = assemble::assemble(outcome.pieces, outcome.gaps, &options);
}
