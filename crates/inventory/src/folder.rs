//! Folders that appear whole or not at all.
//!
//! Output is written to a hidden sibling and swapped in with one rename, so a killed run leaves the
//! old folder. A marker file tells a folder of ours, which may be replaced, from one that is not.

use std::path::{Path, PathBuf};

use crate::Error;

const MARKER_FILE: &str = ".leastgrant";
const PARTIAL_INFIX: &str = ".leastgrant-partial-";

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
    let marker = std::fs::read_to_string(folder.join(MARKER_FILE)).ok()?;
    FolderKind::ALL
        .into_iter()
        .find(|known| known.marker() == marker)
}

/// A folder that is being written. Dropped without [`OutputFolder::commit`], it leaves no trace.
#[derive(Debug)]
pub struct OutputFolder {
    destination: PathBuf,
    partial: PathBuf,
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
        remove_abandoned(&parent, &name);
        let partial = parent.join(format!(".{name}{PARTIAL_INFIX}{}", std::process::id()));
        let failed = |source| Error::Write {
            path: destination.clone(),
            source,
        };
        if partial.exists() {
            std::fs::remove_dir_all(&partial).map_err(failed)?;
        }
        create_private(&partial).map_err(failed)?;
        let folder = Self {
            destination: destination.clone(),
            partial,
        };
        std::fs::write(folder.partial.join(MARKER_FILE), kind.marker()).map_err(failed)?;
        Ok(folder)
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

/// An inventory tells who has which keys and rights, which is nobody's business but its owner's.
fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Takes from others what the process's mask let them have: a file may be moved out of its folder, and the folder be opened.
#[cfg(unix)]
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

#[cfg(not(unix))]
fn make_private(_path: &Path) -> std::io::Result<()> {
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
#[cfg(unix)]
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

#[cfg(not(unix))]
fn is_movable(_destination: &Path) -> Result<(), Error> {
    Ok(())
}

/// Removes what runs that were killed left behind; a run that still lives keeps its folder.
fn remove_abandoned(parent: &Path, name: &str) {
    let prefix = format!(".{name}{PARTIAL_INFIX}");
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let process = file_name
            .to_str()
            .and_then(|name| name.strip_prefix(&prefix))
            .and_then(|id| id.parse().ok());
        if process.is_some_and(|id| !is_running(id)) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_running(process_id: i32) -> bool {
    rustix::process::Pid::from_raw(process_id)
        .is_some_and(|id| rustix::process::test_kill_process(id) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_running(_process_id: i32) -> bool {
    true
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
    aside.push("-old");
    std::fs::rename(old, &aside)?;
    if let Err(error) = std::fs::rename(new, old) {
        std::fs::rename(&aside, old)?;
        return Err(error);
    }
    std::fs::rename(&aside, new)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_and_what_is_in_it_are_their_owners_alone() {
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
