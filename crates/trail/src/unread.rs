//! Files that earlier runs could not read to their ends, so that a later run tells which of them it has read.
//!
//! A file is known again by its path, an object by its URI, and what CloudTrail has delivered also by its name, wherever it lies by then.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use leastgrant_inventory::delivered::DeliveredName;

/// What is still unread. Nothing where no inventory is added to.
#[derive(Debug, Clone, Default)]
pub struct UnreadFiles {
    paths: HashMap<PathBuf, Vec<String>>,
    uris: HashSet<String>,
    names: HashMap<String, Vec<String>>,
}

/// Whether something is called by a URI, as objects are, and not by a path.
pub(crate) fn is_uri(name: &str) -> bool {
    name.starts_with("s3://")
}

/// The absolute path of a file that was called so in a run that began in `folder`. None of an object, of standard input, and of a relative
/// path whose beginning nobody knows.
pub(crate) fn absolute(name: &str, folder: Option<&str>) -> Option<PathBuf> {
    let path = Path::new(name);
    if is_uri(name) || name == "-" {
        return None;
    }
    match (path.is_absolute(), folder) {
        (true, _) => Some(path.to_owned()),
        (false, Some(folder)) => Some(Path::new(folder).join(path)),
        (false, None) => None,
    }
}

impl UnreadFiles {
    /// Of files as they were named when they could not be read, each with the folder that the run began in: paths, or URIs of objects.
    pub(crate) fn of<'a>(files: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let mut unread = Self::default();
        for (file, folder) in files {
            // One file can be named in several ways. One that is gone by now is not met by its path.
            let path = absolute(file, folder).and_then(|path| path.canonicalize().ok());
            if is_uri(file) {
                unread.uris.insert(file.to_owned());
            }
            if let Some(path) = path {
                unread.paths.entry(path).or_default().push(file.to_owned());
            }
            if let Some(name) = DeliveredName::of(file) {
                let same_name = unread.names.entry(name.unpacked.to_owned()).or_default();
                same_name.push(file.to_owned());
            }
        }
        unread
    }

    /// Which of them a local file is. What comes through a pipe is none that can be known again.
    pub(crate) fn at_path(&self, path: &Path) -> Vec<String> {
        if self.paths.is_empty() && self.names.is_empty() {
            return Vec::new();
        }
        let Some(whole) = path.canonicalize().ok().filter(|path| path.is_file()) else {
            return Vec::new();
        };
        let same_path = self.paths.get(&whole).into_iter().flatten();
        let same_name = path
            .to_str()
            .into_iter()
            .flat_map(|path| self.of_name(path));
        same_path.chain(same_name).cloned().collect()
    }

    /// Which of them an object is.
    pub(crate) fn at_uri(&self, uri: &str) -> Vec<String> {
        let same_uri = self.uris.get(uri).into_iter();
        same_uri.chain(self.of_name(uri)).cloned().collect()
    }

    /// Which of them CloudTrail delivered under the name that a path or URI ends in.
    fn of_name(&self, path: &str) -> impl Iterator<Item = &String> {
        let name = DeliveredName::of(path);
        let files = name.and_then(|name| self.names.get(name.unpacked));
        files.into_iter().flatten()
    }
}
