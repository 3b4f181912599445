//! Objects that were fetched, kept until a run is whole, so that an interrupted one goes on.
//!
//! A file is called by a hash of where its object is, of its ETag and of its size: a key is never a file name, and an object that was
//! written anew is fetched anew. Files appear whole, by a rename.

use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::list::Object;

/// What is kept at most, in bytes: some millions of CloudTrail's objects. What comes after that is fetched again.
const MOST_BYTES: u64 = 32 << 30;
const PART_SUFFIX: &str = ".part";

/// A private folder with fetched objects.
#[derive(Debug)]
pub struct KeptObjects {
    folder: PathBuf,
    bytes: AtomicU64,
    /// Once something could not be written, such as on a full disk, nothing more is.
    is_closed: AtomicBool,
}

impl KeptObjects {
    /// Opens the folder of a bucket below `root`, or makes one that only its owner can look into. `endpoint` tells buckets of
    /// the same name from each other.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(root: &Path, bucket: &str, endpoint: Option<&str>) -> io::Result<Self> {
        let folder = root.join(hash(&[bucket, endpoint.unwrap_or_default()]));
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        // Fails where the folder is somebody else's.
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
        let mut bytes = 0;
        for entry in std::fs::read_dir(&folder)? {
            bytes += entry?.metadata().map_or(0, |found| found.len());
        }
        Ok(Self {
            folder,
            bytes: AtomicU64::new(bytes),
            is_closed: AtomicBool::new(false),
        })
    }

    /// Where the objects are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes all of them, when they are of no more use.
    ///
    /// # Errors
    /// What the file system says.
    pub fn remove(self) -> io::Result<()> {
        std::fs::remove_dir_all(&self.folder)
    }

    /// An object's bytes, if they were kept.
    pub(super) fn get(&self, object: &Object) -> Option<Vec<u8>> {
        let path = self.folder.join(name(object));
        // The size first, so that no memory is spent on what cannot be it.
        if std::fs::metadata(&path).ok()?.len() != object.size {
            return None;
        }
        let bytes = std::fs::read(path).ok()?;
        (u64::try_from(bytes.len()) == Ok(object.size)).then_some(bytes)
    }

    pub(super) fn keep(&self, object: &Object, bytes: &[u8]) {
        let before = self.bytes.fetch_add(object.size, Ordering::Relaxed);
        if before.saturating_add(object.size) > MOST_BYTES || self.is_closed.load(Ordering::Relaxed)
        {
            return;
        }
        let path = self.folder.join(name(object));
        let part = path.with_extension(format!("{}{PART_SUFFIX}", std::process::id()));
        let kept = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, &path));
        if kept.is_err() {
            self.is_closed.store(true, Ordering::Relaxed);
            // What is left of it is removed with the folder.
            let _ = std::fs::remove_file(&part);
        }
    }
}

impl Drop for KeptObjects {
    fn drop(&mut self) {
        // An empty folder is of no use. One that is not stays.
        let _ = std::fs::remove_dir(&self.folder);
    }
}

fn name(object: &Object) -> String {
    hash(&[&object.key, &object.etag, &object.size.to_string()])
}

/// A hash that nobody who chooses keys can make equal to another's.
fn hash(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.len().to_string().as_bytes());
        hasher.update(b":");
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_until_the_object_is_written_anew() {
        let root = tempfile::tempdir().unwrap();
        let kept = KeptObjects::open(root.path(), "logs", None).unwrap();
        let object = Object {
            key: "../../a\nb".to_owned(),
            etag: "\"1\"".to_owned(),
            size: 5,
        };
        assert_eq!(kept.get(&object), None);
        kept.keep(&object, b"hello");
        assert_eq!(kept.get(&object).as_deref(), Some(&b"hello"[..]));
        let newer = Object {
            etag: "\"2\"".to_owned(),
            ..object.clone()
        };
        assert_eq!(kept.get(&newer), None);
        // As a crash of the machine can leave it.
        std::fs::write(kept.folder().join(name(&object)), b"hel").unwrap();
        assert_eq!(kept.get(&object), None);
        let mode = std::fs::metadata(kept.folder())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        kept.remove().unwrap();
        assert_eq!(root.path().read_dir().unwrap().count(), 0);
    }
}
