//! Objects that were fetched, kept until a run is whole, so that an interrupted one goes on.
//!
//! A file is called by a hash of where its object is, of its ETag and of its size: a key is never a file name, and an object that was
//! written anew is fetched anew. Files appear whole, by a rename.

use std::fs::DirEntry;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::list::Object;
use super::location::S3Location;

/// What is kept at most, in bytes: some millions of CloudTrail's objects. What comes after that is fetched again.
const MOST_BYTES: u64 = 32 << 30;
const PART_SUFFIX: &str = ".part";
/// Who was interrupted goes on within this time.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// So that no folder of anybody else's is taken for one of ours.
const FOLDER_PREFIX: &str = "leastgrant-s3-";

/// A private folder with fetched objects.
#[derive(Debug)]
pub struct KeptObjects {
    folder: PathBuf,
    bytes: AtomicU64,
    /// Once something could not be written, such as on a full disk, nothing more is.
    is_closed: AtomicBool,
}

impl KeptObjects {
    /// Opens the folder of a location below `root`, or makes one that only its owner can look into. `endpoint` tells buckets of
    /// the same name from each other. What was kept of any location more than a week before `now` is removed.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(
        root: &Path,
        location: &S3Location,
        endpoint: Option<&str>,
        now: SystemTime,
    ) -> io::Result<Self> {
        let parts = [
            &*location.bucket,
            &*location.prefix,
            endpoint.unwrap_or_default(),
        ];
        let folder = root.join(format!("{FOLDER_PREFIX}{}", hash(&parts)));
        remove_old(root, now);
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
        match std::fs::remove_dir_all(&self.folder) {
            // Another run of the same bucket was done first.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
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

/// Removes old files from folders of ours. One that cannot be removed does no harm.
fn remove_old(root: &Path, now: SystemTime) {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_old = |file: &DirEntry| {
        let modified = file.metadata().and_then(|file| file.modified()).ok();
        let age = modified.and_then(|modified| now.duration_since(modified).ok());
        age.is_some_and(|age| age > KEPT_FOR)
    };
    for folder in entries(root) {
        let is_ours = folder
            .file_name()
            .to_string_lossy()
            .starts_with(FOLDER_PREFIX);
        if !is_ours || !folder.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        for file in entries(&folder.path()).filter(is_old) {
            let _ = std::fs::remove_file(file.path());
        }
        // Only where nothing is left.
        let _ = std::fs::remove_dir(folder.path());
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

    fn open(root: &Path, uri: &str, now: SystemTime) -> KeptObjects {
        KeptObjects::open(root, &uri.parse().unwrap(), None, now).unwrap()
    }

    #[test]
    fn what_was_kept_is_found_until_the_object_is_written_anew() {
        let root = tempfile::tempdir().unwrap();
        let kept = open(root.path(), "s3://logs", SystemTime::now());
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

    #[test]
    fn what_is_old_and_ours_is_removed_whatever_location_it_is_of() {
        let root = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let object = Object {
            key: "a".to_owned(),
            etag: String::new(),
            size: 1,
        };
        std::fs::create_dir(root.path().join("other")).unwrap();
        std::fs::write(root.path().join("other/a"), b"a").unwrap();
        open(root.path(), "s3://logs/one", now).keep(&object, b"a");
        let folders = |now: SystemTime| {
            drop(open(root.path(), "s3://logs/two", now));
            root.path().read_dir().unwrap().count()
        };
        assert_eq!(folders(now), 2);
        assert_eq!(folders(now + KEPT_FOR + Duration::from_secs(60)), 1);
    }
}
