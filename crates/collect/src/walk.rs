//! Finding the files of a bundle.

use std::path::{Path, PathBuf};

use leastgrant_inventory::{DataKind, Gap};

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
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                found.files.push(FoundFile {
                    path: entry.into_path(),
                });
            }
            // Folders are walked; pipes and devices hold no answers and could block for ever.
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                found.gaps.push(PlacedGap::new(
                    &path,
                    Gap {
                        account_id: None,
                        source: path.display().to_string(),
                        reason: format!(
                            "cannot be looked into: {error}; make it readable and collect again"
                        ),
                        error_code: None,
                        unknowable: vec![DataKind::Anything],
                    },
                ));
            }
        }
    }
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
