//! Files and folders, each file read by one thread.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{shapes, unpack};
use crate::error::Error;
use crate::{FileProblem, RecordSink};

/// Ends of names that are opened when a folder is walked.
const LOG_SUFFIXES: &[&str] = &[".json", ".jsonl", ".ndjson", ".log", ".gz"];

/// What was read of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilesRead {
    /// How many were opened.
    pub files: u64,
    /// Those that could not be read to their ends, sorted by path.
    pub files_unreadable: Vec<FileProblem>,
    /// Their size in bytes.
    pub bytes_compressed: u64,
    /// Their size in bytes, unpacked.
    pub bytes_json: u64,
}

impl FilesRead {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.files_unreadable.extend(other.files_unreadable);
        self.bytes_compressed += other.bytes_compressed;
        self.bytes_json += other.bytes_json;
    }
}

/// Reads files, and folders with all below them, on all threads. Each of the sinks, which `make_sink` makes, takes the records
/// of some files; which ones differs from run to run.
///
/// # Errors
/// [`Error::Read`], [`Error::Walk`] and [`Error::NoFiles`] for what was named. A damaged file is no error: it is in
/// [`FilesRead::files_unreadable`].
pub fn read_logs<S: RecordSink + Send>(
    paths: &[PathBuf],
    make_sink: impl Fn() -> S + Sync,
    on_progress: impl Fn(u64, u64) + Sync,
) -> Result<(Vec<S>, FilesRead), Error> {
    let files = found(paths)?;
    let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let done = AtomicU64::new(0);
    let parts: Vec<(S, FilesRead)> = files
        .par_iter()
        .fold(
            || (make_sink(), FilesRead::default()),
            |(mut sink, mut read), path| {
                read.add(read_file(path, &mut sink));
                on_progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
                (sink, read)
            },
        )
        .collect();
    let mut sinks = Vec::with_capacity(parts.len());
    let mut all = FilesRead::default();
    for (sink, read) in parts {
        sinks.push(sink);
        all.add(read);
    }
    all.files_unreadable.sort();
    Ok((sinks, all))
}

/// All files, each once, in order.
fn found(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let read = |source| Error::Read {
            path: path.clone(),
            source,
        };
        if !std::fs::metadata(path).map_err(read)?.is_dir() {
            files.push(path.clone());
            continue;
        }
        for entry in walkdir::WalkDir::new(path).follow_links(false) {
            let entry = entry.map_err(|source| Error::Walk {
                path: path.clone(),
                source,
            })?;
            let name = entry.file_name().to_string_lossy();
            if entry.file_type().is_file() && LOG_SUFFIXES.iter().any(|end| name.ends_with(end)) {
                files.push(entry.into_path());
            }
        }
    }
    files.sort_unstable();
    files.dedup();
    if files.is_empty() {
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Error::NoFiles {
            path: names.join("`, `"),
        });
    }
    Ok(files)
}

fn read_file(path: &Path, sink: &mut impl RecordSink) -> FilesRead {
    let mut read = FilesRead {
        files: 1,
        ..FilesRead::default()
    };
    let problem = match unpack::file(path) {
        Err(error) => Some(error.to_string()),
        Ok(unpacked) => {
            read.bytes_compressed = unpacked.bytes_compressed;
            read.bytes_json = u64::try_from(unpacked.text.len()).unwrap_or(u64::MAX);
            let in_text = shapes::read(&unpacked.text, sink);
            unpacked.problem.or(in_text)
        }
    };
    if let Some(reason) = problem {
        read.files_unreadable.push(FileProblem {
            path: path.display().to_string(),
            reason,
        });
    }
    read
}
