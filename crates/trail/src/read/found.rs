//! Which files are logs: by their names, and where these say nothing by how they begin.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use leastgrant_inventory::{NO_FILE, is_device};
use rayon::prelude::*;

use super::unpack;
use crate::FileProblem;
use crate::error::Error;

/// What is named so is read from standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// Ends of names of logs, in whatever case.
const LOG_SUFFIXES: &[&str] = &[".json", ".jsonl", ".ndjson", ".log", ".gz"];
/// What the names of CloudTrail's own files have in them, whatever was put behind.
const CLOUDTRAIL: &str = "_CloudTrail_";
/// How much of a file with another name is looked at.
const FIRST_BYTES: u64 = 64;

/// What a name says of a file or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// It is read.
    Log,
    /// It is a log, in a form that is not read.
    OddLog,
    Other,
}

impl Named {
    /// By the last part of a path or key.
    pub(crate) fn of(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        match LOG_SUFFIXES.iter().any(|end| lower.ends_with(end)) {
            true => Self::Log,
            false if name.contains(CLOUDTRAIL) => Self::OddLog,
            false => Self::Other,
        }
    }
}

/// Why something is left out that seems to be a log.
pub(crate) const ODD_NAME: &str = "was left out, since its name does not end like that of a log, and it seems to be one: unpack it or call it `.json` or `.json.gz`";

/// Files in a fixed order, and what could not be looked into.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: Vec<PathBuf>,
    has_links: bool,
    pub(super) problems: Vec<FileProblem>,
    /// What is not called like a log.
    pub(super) others: Vec<PathBuf>,
}

/// The files of some paths, and in the folders below them.
///
/// # Errors
/// A path that is not there, or no files at all.
pub(super) fn find(paths: &[PathBuf]) -> Result<Found, Error> {
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
        let whole: Vec<Option<PathBuf>> = found
            .files
            .par_iter()
            .map(|file| file.canonicalize().ok())
            .collect();
        let mut met = HashSet::new();
        let mut whole = whole.into_iter();
        found.files.retain(|_| {
            let path = whole.next().flatten();
            path.is_none_or(|path| met.insert(path))
        });
    }
    found.leave_out_others();
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

impl Found {
    /// Files that are not called like logs, and may be some, unless they are named themselves.
    fn leave_out_others(&mut self) {
        if self.others.is_empty() {
            return;
        }
        let whole = |path: &PathBuf| path.canonicalize().ok();
        let read: HashSet<PathBuf> = self.files.iter().filter_map(whole).collect();
        self.others
            .retain(|path| whole(path).is_none_or(|path| !read.contains(&path)));
        self.others.sort_unstable();
        self.others.dedup();
        let problems = self.others.iter().filter_map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let reason = match begins_like_log(path) {
                Err(error) => format!("cannot be read: {error}"),
                Ok(true) => ODD_NAME.to_owned(),
                Ok(false) if Named::of(&name) == Named::OddLog => ODD_NAME.to_owned(),
                Ok(false) => return None,
            };
            Some(FileProblem {
                path: path.display().to_string(),
                reason,
            })
        });
        self.problems.extend(problems);
    }
}

/// Whether a file begins as gzip or JSON does.
fn begins_like_log(path: &Path) -> std::io::Result<bool> {
    let mut first = Vec::new();
    std::fs::File::open(path)?
        .take(FIRST_BYTES)
        .read_to_end(&mut first)?;
    let text = first.trim_ascii_start();
    Ok(unpack::is_gzip(&first) || matches!(text.first(), Some(b'{' | b'[')))
}

fn find_below(root: &Path, found: &mut Found) {
    for entry in walkdir::WalkDir::new(root).follow_links(true) {
        found.has_links |= entry.as_ref().is_ok_and(walkdir::DirEntry::path_is_symlink);
        match entry {
            // What is named is read whatever its name, and if it is a pipe. A device may have no end.
            Ok(entry)
                if entry.depth() == 0
                    && !entry.file_type().is_dir()
                    && !is_device(entry.file_type()) =>
            {
                found.files.push(entry.into_path());
            }
            Ok(entry) => {
                let named = Named::of(&entry.file_name().to_string_lossy());
                let kind = entry.file_type();
                if kind.is_file() {
                    match named {
                        Named::Log => found.files.push(entry.into_path()),
                        _ => found.others.push(entry.into_path()),
                    }
                } else if !kind.is_dir() && (named == Named::Log || entry.depth() == 0) {
                    found.problems.push(FileProblem {
                        path: entry.path().display().to_string(),
                        reason: NO_FILE.to_owned(),
                    });
                }
            }
            // What the link leads to is walked already.
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) => found.problems.push(FileProblem {
                path: error.path().unwrap_or(root).display().to_string(),
                // walkdir's own words repeat the path.
                reason: match error.io_error() {
                    Some(error) => format!("cannot be looked into: {error}"),
                    None => "cannot be looked into".to_owned(),
                },
            }),
        }
    }
}
