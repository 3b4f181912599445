//! Finding the files of a bundle.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use leastgrant_inventory::{DataKind, Gap, NO_FILE, is_device};

use crate::Error;
use crate::facts::PlacedGap;

/// The folder of CloudTrail files, which `usage` reads and `collect` leaves alone.
const CLOUDTRAIL_FOLDER: &str = "cloudtrail";

/// A regular file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundFile {
    /// Where to read it.
    pub path: PathBuf,
}

/// All files, in a fixed order, and what could not be looked into.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub files: Vec<FoundFile>,
    /// Whether a symbolic link was met, so that one file may have two paths.
    has_links: bool,
    pub gaps: Vec<PlacedGap>,
}

pub(crate) fn find(paths: &[PathBuf]) -> Result<Found, Error> {
    let mut found = Found::default();
    for path in paths {
        if path.as_os_str() == "-" {
            found.files.push(FoundFile { path: path.clone() });
            continue;
        }
        std::fs::metadata(path).map_err(|source| Error::Missing {
            path: path.clone(),
            source,
        })?;
        find_below(path, &mut found);
    }
    // A file that is named twice, or lies under two of the paths, is read once.
    found
        .files
        .sort_by(|left, right| left.path.as_os_str().cmp(right.path.as_os_str()));
    found.files.dedup_by(|left, right| left.path == right.path);
    if paths.len() > 1 || found.has_links {
        let mut met = std::collections::HashSet::new();
        found.files.retain(|file| {
            file.path
                .canonicalize()
                .map_or(true, |path| met.insert(path))
        });
    }
    Ok(found)
}

fn find_below(root: &Path, found: &mut Found) {
    let entries = walkdir::WalkDir::new(root)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            // The path that the user named is taken whatever its name is.
            entry.depth() == 0
                || !is_left_alone(&name, entry.file_type().is_dir())
                    && !leastgrant_inventory::is_own_output(entry.path())
        });
    for entry in entries {
        found.has_links |= entry.as_ref().is_ok_and(walkdir::DirEntry::path_is_symlink);
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                found.files.push(FoundFile {
                    path: entry.into_path(),
                });
            }
            Ok(entry) if entry.file_type().is_dir() => {}
            // A pipe that the user named is read to its end.
            Ok(entry) if entry.depth() == 0 && !is_device(entry.file_type()) => {
                found.files.push(FoundFile {
                    path: entry.into_path(),
                });
            }
            Ok(entry) => found
                .gaps
                .push(gap(entry.path(), NO_FILE.to_owned(), Vec::new())),
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                let reason = match (error.loop_ancestor(), error.io_error()) {
                    (Some(ancestor), _) => format!(
                        "is a link to `{}`, the folder that it lies in; remove the link",
                        ancestor.display()
                    ),
                    (None, Some(error)) => format!("cannot be looked into: {}", reason_of(error)),
                    (None, None) => "cannot be looked into".to_owned(),
                };
                found
                    .gaps
                    .push(gap(&path, reason, vec![DataKind::Anything]));
            }
        }
    }
}

/// Why a file or folder cannot be read, and what to do.
pub(crate) fn reason_of(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            "permission denied; make it readable and collect again".to_owned()
        }
        ErrorKind::NotFound => {
            "it is not there, or is a link to nothing; remove it or put it back".to_owned()
        }
        _ => format!("{error}; mend that and collect again"),
    }
}

fn gap(path: &Path, reason: String, unknowable: Vec<DataKind>) -> PlacedGap {
    let source = path.display().to_string();
    PlacedGap::new(
        path,
        Gap {
            account_id: None,
            source,
            reason,
            error_code: None,
            unknowable,
        },
    )
}

/// Hidden files and folders are other programs' (`.git`, `.DS_Store`), but a user may be named `.x`, and so may its key list.
fn is_left_alone(name: &str, is_folder: bool) -> bool {
    let is_export = [".json", ".json.gz", ".csv"]
        .iter()
        .any(|ending| name.ends_with(ending));
    if is_folder {
        name == CLOUDTRAIL_FOLDER || name.starts_with('.')
    } else {
        name.starts_with('.') && !is_export
    }
}
