//! Files that earlier runs could not read to their ends, so that a later run tells which of them it has read.
//!
//! A file is known again by its path, and what CloudTrail has delivered also by its name, wherever it lies by then.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::delivered::DeliveredName;

/// What is still unread. Nothing where no inventory is added to.
#[derive(Debug, Clone, Default)]
pub struct UnreadFiles {
    paths: HashMap<PathBuf, Vec<String>>,
    names: HashMap<String, Vec<String>>,
}

impl UnreadFiles {
    /// Of files as they were named when they could not be read: paths, or URIs of objects.
    pub(crate) fn of<'a>(files: impl Iterator<Item = &'a str>) -> Self {
        let mut unread = Self::default();
        for file in files {
            let path = Path::new(file);
            // One file can be named in several ways.
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            let same_path = unread.paths.entry(path).or_default();
            same_path.push(file.to_owned());
            if let Some(name) = DeliveredName::of(file) {
                let same_name = unread.names.entry(name.unpacked.to_owned()).or_default();
                same_name.push(file.to_owned());
            }
        }
        unread
    }

    /// Which of them a local file is.
    pub(crate) fn at_path(&self, path: &Path) -> Vec<String> {
        if self.paths.is_empty() {
            return Vec::new();
        }
        let whole = path.canonicalize();
        self.known(whole.as_deref().unwrap_or(path), path.to_str())
    }

    /// Which of them an object is.
    pub(crate) fn at_uri(&self, uri: &str) -> Vec<String> {
        self.known(Path::new(uri), Some(uri))
    }

    fn known(&self, path: &Path, name: Option<&str>) -> Vec<String> {
        let name = name.and_then(DeliveredName::of);
        let same_name = name.and_then(|name| self.names.get(name.unpacked));
        let same_path = self.paths.get(path);
        same_path
            .into_iter()
            .chain(same_name)
            .flatten()
            .cloned()
            .collect()
    }
}
