//! Files and folders, each file read by one thread.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{shapes, unpack};
use crate::error::Error;
use crate::{FileProblem, Record, RecordSink, SkipReason};

const STANDARD_INPUT: &str = "-";

/// Ends of names that are opened when a folder is walked.
const LOG_SUFFIXES: &[&str] = &[".json", ".jsonl", ".ndjson", ".log", ".gz"];

/// What was read of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilesRead {
    /// How many were opened.
    pub files: u64,
    /// Those that could not be read to their ends, sorted by path.
    pub files_unreadable: Vec<FileProblem>,
    /// Those that are whole and hold something, but nothing that CloudTrail writes.
    pub files_of_another_kind: u64,
    /// Their size in bytes.
    pub bytes_compressed: u64,
    /// Their size in bytes, unpacked.
    pub bytes_json: u64,
}

impl FilesRead {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.files_of_another_kind += other.files_of_another_kind;
        self.files_unreadable.extend(other.files_unreadable);
        self.bytes_compressed += other.bytes_compressed;
        self.bytes_json += other.bytes_json;
    }
}

/// Reads files, folders with all below them, and with `-` standard input, on all threads. Each thread has a sink, which
/// `make_sink` makes, and which takes the records of some files; which ones differs from run to run.
///
/// # Errors
/// [`Error::Read`] and [`Error::NoFiles`] for what was named. A damaged file, or a folder that cannot be listed, is no error:
/// it is in [`FilesRead::files_unreadable`].
pub fn read_logs<S: RecordSink + Send>(
    paths: &[PathBuf],
    make_sink: impl Fn() -> S + Sync,
    on_progress: impl Fn(u64, u64) + Sync,
) -> Result<(Vec<S>, FilesRead), Error> {
    let Found {
        files, problems, ..
    } = find(paths)?;
    let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    // One sink a thread: each holds rows of its own. `rayon`'s own splitting would make many.
    let threads = rayon::current_num_threads().min(files.len()).max(1);
    let parts: Vec<(S, FilesRead)> = (0..threads)
        .into_par_iter()
        .with_max_len(1)
        .map(|_| {
            let (mut sink, mut read) = (make_sink(), FilesRead::default());
            while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                read.add(read_file(path, &mut sink));
                on_progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
            (sink, read)
        })
        .collect();
    let mut sinks = Vec::with_capacity(parts.len());
    let mut all = FilesRead {
        files_unreadable: problems,
        ..FilesRead::default()
    };
    for (sink, read) in parts {
        sinks.push(sink);
        all.add(read);
    }
    all.files_unreadable.sort();
    Ok((sinks, all))
}

/// Files in a fixed order, and what could not be looked into.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    has_links: bool,
    problems: Vec<FileProblem>,
}

fn find(paths: &[PathBuf]) -> Result<Found, Error> {
    let mut found = Found::default();
    for path in paths {
        if path.as_os_str() == STANDARD_INPUT {
            found.files.push(path.clone());
            continue;
        }
        std::fs::metadata(path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        find_below(path, &mut found);
    }
    found.files.sort_unstable();
    found.files.dedup();
    // One file can have several paths.
    if paths.len() > 1 || found.has_links {
        let mut met = HashSet::new();
        found
            .files
            .retain(|file| file.canonicalize().map_or(true, |path| met.insert(path)));
    }
    if found.files.is_empty() && found.problems.is_empty() {
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Error::NoFiles {
            path: names.join("`, `"),
        });
    }
    Ok(found)
}

fn find_below(root: &Path, found: &mut Found) {
    for entry in walkdir::WalkDir::new(root).follow_links(true) {
        found.has_links |= entry.as_ref().is_ok_and(walkdir::DirEntry::path_is_symlink);
        match entry {
            // What is named is read whatever its name and kind, such as a pipe.
            Ok(entry) if entry.depth() == 0 && !entry.file_type().is_dir() => {
                found.files.push(entry.into_path());
            }
            Ok(entry) => {
                let name = entry.file_name().to_string_lossy();
                let is_log = LOG_SUFFIXES.iter().any(|end| name.ends_with(end));
                if entry.file_type().is_file() && is_log {
                    found.files.push(entry.into_path());
                }
            }
            Err(error) => found.problems.push(FileProblem {
                path: error.path().unwrap_or(root).display().to_string(),
                reason: format!("cannot be looked into: {error}"),
            }),
        }
    }
}

fn read_file(path: &Path, sink: &mut impl RecordSink) -> FilesRead {
    let mut read = FilesRead {
        files: 1,
        ..FilesRead::default()
    };
    let name = path.display().to_string();
    let bytes = if path.as_os_str() == STANDARD_INPUT {
        unpack::read_all(std::io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(unpack::read_all)
    };
    let problem = match bytes {
        Err(error) => Some(format!("cannot be read: {error}")),
        Ok(bytes) => {
            read.bytes_compressed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let object = read_bytes(&name, bytes, sink);
            read.bytes_json = object.bytes_json;
            read.files_of_another_kind = u64::from(object.is_of_another_kind);
            object.problem
        }
    };
    read.files_unreadable
        .extend(problem.map(|reason| FileProblem { path: name, reason }));
    read
}

/// What was read of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectRead {
    /// Its size in bytes, unpacked.
    pub bytes_json: u64,
    /// Why it could not be read to its end.
    pub problem: Option<String>,
    /// Whether it is whole and holds something, but nothing that CloudTrail writes.
    pub is_of_another_kind: bool,
}

/// Passes on what it gets, and remembers of which kind it was.
struct Kinds<'s, S> {
    sink: &'s mut S,
    has_cloudtrail: bool,
    has_others: bool,
}

impl<S: RecordSink> RecordSink for Kinds<'_, S> {
    fn record(&mut self, record: &Record<'_>, text: &str) {
        self.has_cloudtrail = true;
        self.sink.record(record, text);
    }

    fn skipped(&mut self, reason: SkipReason) {
        match reason {
            SkipReason::NotCloudTrail => self.has_others = true,
            _ => self.has_cloudtrail = true,
        }
        self.sink.skipped(reason);
    }
}

/// Hands the records of an object to a sink, packed or not and in whatever layout. The name only tells an empty gzip file.
pub fn read_bytes(name: &str, bytes: Vec<u8>, sink: &mut impl RecordSink) -> ObjectRead {
    let unpacked = unpack::unpack(name, bytes);
    let mut kinds = Kinds {
        sink,
        has_cloudtrail: false,
        has_others: false,
    };
    let in_text = shapes::read(&unpacked.text, &mut kinds);
    let is_of_another_kind = kinds.has_others && !kinds.has_cloudtrail;
    ObjectRead {
        is_of_another_kind,
        bytes_json: u64::try_from(unpacked.text.len()).unwrap_or(u64::MAX),
        problem: unpacked.problem.or(in_text),
    }
}
