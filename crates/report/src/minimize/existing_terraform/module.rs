//! The files of Terraform modules: each folder with `.tf` files is one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hcl_edit::structure::Body;
use walkdir::WalkDir;

use crate::Error;
use crate::text::terminal_safe;

/// Larger files are not written by people, and not read.
const MOST_BYTES: u64 = 4 << 20;
/// Folders within folders.
const MOST_DEPTH: usize = 32;

/// One folder.
pub(super) struct Module {
    /// From the folder that was asked for.
    pub(super) folder: PathBuf,
    /// Sorted by path.
    pub(super) files: Vec<TerraformFile>,
}

/// One file.
pub(super) struct TerraformFile {
    /// From the folder that was asked for.
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) body: Body,
}

/// All modules of a folder; links are not followed, and what Terraform downloads is left out.
pub(super) fn read(folder: &Path, notes: &mut Vec<String>) -> Result<Vec<Module>, Error> {
    let mut modules: BTreeMap<PathBuf, Vec<TerraformFile>> = BTreeMap::new();
    let walk = WalkDir::new(folder)
        .max_depth(MOST_DEPTH)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        });
    for entry in walk {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            let source = error
                .into_io_error()
                .unwrap_or_else(|| std::io::Error::other("it is a circle of links"));
            Error::Read { path, source }
        })?;
        let is_terraform = entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "tf");
        if !is_terraform || !entry.file_type().is_file() {
            continue;
        }
        let path = entry
            .path()
            .strip_prefix(folder)
            .unwrap_or(entry.path())
            .to_owned();
        let mut leave = |why: &str| {
            let note = format!("{}: {why}", path.display());
            notes.push(terminal_safe(&note).into_owned());
        };
        if entry
            .metadata()
            .is_ok_and(|metadata| metadata.len() > MOST_BYTES)
        {
            leave("is larger than 4 MB and was not read");
            continue;
        }
        let text = std::fs::read(entry.path()).map_err(|source| Error::Read {
            path: entry.path().to_owned(),
            source,
        })?;
        let Ok(text) = String::from_utf8(text) else {
            leave("is no UTF-8 and was not read");
            continue;
        };
        if text.contains('\r')
            || path
                .to_string_lossy()
                .contains(|own: char| own.is_control())
        {
            leave("has line ends of Windows, or a name with control characters, and is left alone");
            continue;
        }
        let body = match hcl_edit::parser::parse_body(&text) {
            Ok(body) => body,
            Err(error) => {
                let line = error.location().line();
                leave(&format!("is no HCL from line {line} on and was not read"));
                continue;
            }
        };
        let own = path.parent().unwrap_or(Path::new("")).to_owned();
        modules
            .entry(own)
            .or_default()
            .push(TerraformFile { path, text, body });
    }
    let modules = modules.into_iter();
    Ok(modules
        .map(|(folder, files)| Module { folder, files })
        .collect())
}

/// The text of a file with a document.
pub(super) fn document(path: &Path) -> Option<String> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    (metadata.is_file() && metadata.len() <= MOST_BYTES)
        .then(|| std::fs::read_to_string(path).ok())
        .flatten()
}
