//! What was fetched, kept until a run is whole, so that an interrupted one goes on. Files appear whole, by a rename.

use std::fs::DirEntry;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// What is kept at most, in bytes: some millions of CloudTrail's objects. What comes after that is fetched again.
const MOST_BYTES: u64 = 32 << 30;
const PART_SUFFIX: &str = ".part";
/// Who was interrupted goes on within this time.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Longer files are none of ours.
const LARGEST_FILE: u64 = 256 << 20;

/// A private folder with what was fetched of one place.
#[derive(Debug)]
pub struct KeptFiles {
    folder: PathBuf,
    bytes: AtomicU64,
    /// Once something could not be written, such as on a full disk, nothing more is.
    is_closed: AtomicBool,
}

impl KeptFiles {
    /// Opens the folder of a place below `root`, or makes one that only its owner can look into. `parts` tell places from each
    /// other; `beginning` is of the folder's name, so that no folder of anybody else's is taken for one of ours. What was kept of any
    /// such place more than a week before `now` is removed.
    pub(crate) fn open(
        root: &Path,
        beginning: &str,
        parts: &[&str],
        now: SystemTime,
    ) -> io::Result<Self> {
        let folder = root.join(format!("{beginning}{}", hash(parts)));
        remove_old(root, beginning, now);
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

    /// Where the files are.
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
            // Another run of the same place was done first.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// A file's bytes, if it was kept and is not of another size.
    pub(crate) fn get(&self, name: &str, size: Option<u64>) -> Option<Vec<u8>> {
        let path = self.folder.join(name);
        // The size first, so that no memory is spent on what cannot be it.
        let length = std::fs::metadata(&path).ok()?.len();
        if size.is_some_and(|size| size != length) || length > LARGEST_FILE {
            return None;
        }
        let bytes = std::fs::read(path).ok()?;
        (u64::try_from(bytes.len()) == Ok(length)).then_some(bytes)
    }

    /// The names of all files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| !name.ends_with(PART_SUFFIX)).collect();
        names.sort_unstable();
        names
    }

    /// Removes a file. One that cannot be removed is damaged instead, if that can be.
    pub(crate) fn forget(&self, name: &str) {
        let path = self.folder.join(name);
        if std::fs::remove_file(&path).is_err() {
            let _ = std::fs::write(&path, []);
        }
    }

    pub(crate) fn keep(&self, name: &str, bytes: &[u8]) {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let before = self.bytes.fetch_add(size, Ordering::Relaxed);
        if before.saturating_add(size) > MOST_BYTES || self.is_closed.load(Ordering::Relaxed) {
            return;
        }
        let path = self.folder.join(name);
        let part = path.with_extension(format!("{}{PART_SUFFIX}", std::process::id()));
        let kept = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, &path));
        if kept.is_err() {
            self.is_closed.store(true, Ordering::Relaxed);
            // What is left of it is removed with the folder.
            let _ = std::fs::remove_file(&part);
        }
    }
}

impl Drop for KeptFiles {
    fn drop(&mut self) {
        // An empty folder is of no use. One that is not stays.
        let _ = std::fs::remove_dir(&self.folder);
    }
}

/// Removes old files from folders of ours. One that cannot be removed does no harm.
fn remove_old(root: &Path, beginning: &str, now: SystemTime) {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_old = |file: &DirEntry| {
        let modified = file.metadata().and_then(|file| file.modified()).ok();
        let age = modified.and_then(|modified| now.duration_since(modified).ok());
        age.is_some_and(|age| age > KEPT_FOR)
    };
    for folder in entries(root) {
        let is_ours = folder.file_name().to_string_lossy().starts_with(beginning);
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

/// A hash that nobody who chooses keys can make equal to another's.
pub(crate) fn hash(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.len().to_string().as_bytes());
        hasher.update(b":");
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
