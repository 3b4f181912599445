//! Folders that appear whole or not at all.
//!
//! Output is written to a hidden sibling and swapped in with one rename, so a killed run leaves the
//! old folder. A marker file tells a folder of ours, which may be replaced, from one that is not.
//!
//! A sibling is locked while it is written: what nobody holds was left by a run that was killed. Process ids would not tell that,
//! since containers that share a folder have ids of their own.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::{Error, read_file_of_at_most};

const MARKER_FILE: &str = ".leastgrant";
/// A file of that name that is longer is none of ours.
const MOST_BYTES_OF_MARKER: u64 = 1 << 10;
const PARTIAL_INFIX: &str = ".leastgrant-partial-";
/// The end of the name of an old folder that was put aside.
const ASIDE: &str = "-old";

/// What a folder of ours holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderKind {
    /// An inventory.
    Inventory,
    /// The reports of `audit --out`.
    Report,
    /// The output of `run`: reports, inventory and what else a quarterly run makes.
    Run,
    /// The bundle of `demo`.
    Demo,
    /// The smaller policies of `minimize`.
    Minimize,
}

impl FolderKind {
    const ALL: [Self; 5] = [
        Self::Inventory,
        Self::Report,
        Self::Run,
        Self::Demo,
        Self::Minimize,
    ];

    fn marker(self) -> &'static str {
        match self {
            Self::Inventory => "leastgrant.folder/1 inventory\n",
            Self::Report => "leastgrant.folder/1 report\n",
            Self::Run => "leastgrant.folder/1 run\n",
            Self::Demo => "leastgrant.folder/1 demo\n",
            Self::Minimize => "leastgrant.folder/1 minimize\n",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Inventory => "an inventory",
            Self::Report => "a report",
            Self::Run => "the output of `run`",
            Self::Demo => "a demo bundle",
            Self::Minimize => "the output of `minimize`",
        }
    }
}

/// Whether a folder holds an inventory or reports of ours, which are no input of a collection. A demo bundle is one.
#[must_use]
pub fn is_own_output(folder: &Path) -> bool {
    let found = kind_of(folder);
    found.is_some_and(|kind| kind != FolderKind::Demo)
}

fn kind_of(folder: &Path) -> Option<FolderKind> {
    let marker = read_file_of_at_most(&folder.join(MARKER_FILE), MOST_BYTES_OF_MARKER).ok()?;
    FolderKind::ALL
        .into_iter()
        .find(|known| known.marker().as_bytes() == marker)
}

/// A folder that is being written. Dropped without [`OutputFolder::commit`], it leaves no trace.
#[derive(Debug)]
pub struct OutputFolder {
    destination: PathBuf,
    partial: PathBuf,
    _lock: File,
}

impl OutputFolder {
    /// Checks that `destination` may be written and makes the hidden sibling that is written instead.
    ///
    /// # Errors
    /// [`Error::ForeignFolder`], [`Error::OtherFolder`] or [`Error::NotAFolder`] if it may not, [`Error::Write`] if it cannot.
    pub fn create(destination: &Path, kind: FolderKind) -> Result<Self, Error> {
        // The sibling needs a parent and a name, which `.` and `a/..` do not have.
        let destination = if destination.exists() {
            destination.canonicalize().map_err(|source| Error::Read {
                path: destination.to_owned(),
                source,
            })?
        } else {
            destination.to_owned()
        };
        check_replaceable(&destination, kind)?;
        let parent = match destination.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let name = destination
            .file_name()
            .ok_or_else(|| Error::ForeignFolder {
                path: destination.clone(),
            })?
            .to_string_lossy()
            .into_owned();
        std::fs::create_dir_all(&parent).map_err(|source| Error::Write {
            path: parent.clone(),
            source,
        })?;
        let failed = |source| Error::Write {
            path: destination.clone(),
            source,
        };
        remove_abandoned(&destination, &parent, &name);
        let (partial, lock) = locked_sibling(&parent, &name).map_err(failed)?;
        std::fs::write(partial.join(MARKER_FILE), kind.marker()).map_err(failed)?;
        Ok(Self {
            destination: destination.clone(),
            partial,
            _lock: lock,
        })
    }

    /// The folder to write into.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Puts the folder in its place; what was there before is removed after the swap.
    ///
    /// # Errors
    /// [`Error::Write`]; the old folder is then still in place.
    pub fn commit(self) -> Result<(), Error> {
        let failed = |source| Error::Write {
            path: self.destination.clone(),
            source,
        };
        make_private(&self.partial).map_err(failed)?;
        if !self.destination.exists() {
            return std::fs::rename(&self.partial, &self.destination).map_err(failed);
        }
        exchange(&self.partial, &self.destination).map_err(failed)
        // `drop` removes the old folder, which now has the partial one's name.
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; the next run tries again.
        let _ = std::fs::remove_dir_all(&self.partial);
    }
}

/// Takes from others what the process's mask let them have: a file may be moved out of its folder, and the folder be opened.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = metadata.permissions().mode() & 0o700;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path)? {
            make_private(&entry?.path())?;
        }
    }
    Ok(())
}

fn check_replaceable(destination: &Path, kind: FolderKind) -> Result<(), Error> {
    let read_failed = |source| Error::Read {
        path: destination.to_owned(),
        source,
    };
    match std::fs::metadata(destination) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(read_failed(error)),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(Error::NotAFolder {
                path: destination.to_owned(),
            });
        }
        Ok(_) => {}
    }
    if std::fs::read_dir(destination)
        .map_err(read_failed)?
        .next()
        .is_none()
    {
        return is_movable(destination);
    }
    match kind_of(destination) {
        Some(found) if found == kind => is_movable(destination),
        Some(found) => Err(Error::OtherFolder {
            path: destination.to_owned(),
            found: found.words(),
            wanted: kind.words(),
        }),
        None => match destination
            .parent()
            .filter(|parent| kind_of(parent) == Some(FolderKind::Run))
        {
            Some(parent) => Err(Error::PartOfRun {
                path: destination.to_owned(),
                run: parent.to_owned(),
            }),
            None => Err(Error::ForeignFolder {
                path: destination.to_owned(),
            }),
        },
    }
}

/// A mount point cannot be renamed, so it cannot be replaced whole.
fn is_movable(destination: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.dev()).ok();
    match destination.parent() {
        Some(parent) if device(parent) != device(destination) => Err(Error::MountPoint {
            path: destination.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// A new folder beside the destination that nobody else removes while the lock is held, and that only its owner can look into: an
/// inventory tells who has which keys and rights.
fn locked_sibling(parent: &Path, name: &str) -> std::io::Result<(PathBuf, File)> {
    let prefix = partial_prefix(name);
    loop {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix);
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(parent)?;
        let lock = File::open(folder.path())?;
        // Some network file systems have no locks; then nobody else gets one either, and nothing is removed.
        let _ = lock.try_lock();
        // Another run may have taken it for abandoned before it was locked.
        if folder.path().exists() {
            return Ok((folder.keep(), lock));
        }
    }
}

fn partial_prefix(name: &str) -> String {
    format!(".{name}{PARTIAL_INFIX}")
}

/// Removes what runs that were killed left behind; a run that still lives holds its folder's lock.
///
/// A run that was killed between two renames left the old folder aside, which goes back to its place.
fn remove_abandoned(destination: &Path, parent: &Path, name: &str) {
    let prefix = partial_prefix(name);
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let is_partial = file_name
            .to_str()
            .is_some_and(|own| own.starts_with(&prefix));
        let path = entry.path();
        if !is_partial || !File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok()) {
            continue;
        }
        let is_aside = file_name.to_str().is_some_and(|own| own.ends_with(ASIDE));
        let _ = match is_aside && !destination.exists() {
            true => std::fs::rename(&path, destination),
            false => std::fs::remove_dir_all(&path),
        };
    }
}

#[cfg(target_os = "linux")]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        // Some network file systems cannot exchange.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            exchange_by_two_renames(new, old)
        }
        outcome => Ok(outcome?),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    exchange_by_two_renames(new, old)
}

/// Between the two renames neither folder is in place: the old one then still lies beside it, complete.
fn exchange_by_two_renames(new: &Path, old: &Path) -> std::io::Result<()> {
    let mut aside = new.as_os_str().to_owned();
    aside.push(ASIDE);
    std::fs::rename(old, &aside)?;
    if let Err(error) = std::fs::rename(new, old) {
        // If that fails too, the next run puts it back.
        let _ = std::fs::rename(&aside, old);
        return Err(error);
    }
    std::fs::rename(&aside, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_at_once_leave_each_others_folders_alone_and_what_nobody_holds_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        let destination = parent.path().join("out");
        let create = || OutputFolder::create(&destination, FolderKind::Report).unwrap();
        let (first, second) = (create(), create());
        std::fs::write(first.path().join("first"), "1").unwrap();
        assert_ne!(first.path(), second.path());
        second.commit().unwrap();
        assert!(first.path().join("first").exists());
        first.commit().unwrap();
        assert!(destination.join("first").exists());
        // As of runs that were killed, with process ids and without.
        for left in ["1", "Ab3dEf"] {
            let left = format!(".out{PARTIAL_INFIX}{left}");
            std::fs::create_dir(parent.path().join(left)).unwrap();
        }
        drop(create());
        let names = std::fs::read_dir(parent.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["out"]);
    }

    #[test]
    fn an_old_folder_that_was_put_aside_goes_back_to_its_place() {
        let parent = tempfile::tempdir().unwrap();
        let destination = parent.path().join("out");
        let aside = parent.path().join(format!(".out{PARTIAL_INFIX}x{ASIDE}"));
        std::fs::create_dir(&aside).unwrap();
        std::fs::write(aside.join(MARKER_FILE), FolderKind::Report.marker()).unwrap();
        let folder = OutputFolder::create(&destination, FolderKind::Report).unwrap();
        assert!(destination.join(MARKER_FILE).exists());
        folder.commit().unwrap();
        assert!(!aside.exists());
    }

    #[test]
    fn a_folder_and_what_is_in_it_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let root = tempfile::tempdir().unwrap();
        let destination = root.path().join("out");
        for _ in ["new", "replaced"] {
            let folder = OutputFolder::create(&destination, FolderKind::Run).unwrap();
            let mode = |path: &Path| {
                let metadata = std::fs::metadata(path).unwrap();
                metadata.permissions().mode() & 0o777
            };
            assert_eq!(mode(folder.path()), 0o700);
            let inner = folder.path().join("owners");
            std::fs::create_dir(&inner).unwrap();
            for (path, given) in [(&inner.join("a.csv"), 0o666), (&inner.join("b.sh"), 0o755)] {
                std::fs::write(path, "").unwrap();
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(given)).unwrap();
            }
            folder.commit().unwrap();
            assert_eq!(mode(&destination), 0o700);
            assert_eq!(mode(&destination.join(MARKER_FILE)), 0o600);
            assert_eq!(mode(&destination.join("owners")), 0o700);
            assert_eq!(mode(&destination.join("owners/a.csv")), 0o600);
            assert_eq!(mode(&destination.join("owners/b.sh")), 0o700);
        }
    }
}
