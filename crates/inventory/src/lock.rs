//! One run at a time changes an inventory: two would each keep what the other did not read.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::Error;

/// An inventory that no other run changes, for as long as this lives. The system takes the lock from a run that ends in any way.
#[derive(Debug)]
pub struct InventoryLock {
    _folder: File,
}

impl InventoryLock {
    /// Locks an inventory that is there, before anything of it is read.
    ///
    /// # Errors
    /// [`Error::InUse`] if another run changes it now, [`Error::NoInventory`] if there is none.
    pub fn take(path: &Path) -> Result<Self, Error> {
        let in_use = || Error::InUse {
            path: path.to_owned(),
        };
        let folder = File::open(path).map_err(|_| Error::NoInventory {
            path: path.to_owned(),
        })?;
        match folder.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use()),
            // Some network file systems have no locks; then nothing is promised.
            Err(TryLockError::Error(_)) => {}
        }
        // The run before may have put another folder in the place of this one meanwhile.
        if !is_at(&folder, path) {
            return Err(in_use());
        }
        Ok(Self { _folder: folder })
    }
}

fn is_at(folder: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(own), Ok(there)) = (folder.metadata(), std::fs::metadata(path)) else {
        return false;
    };
    (own.dev(), own.ino()) == (there.dev(), there.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_has_to_wait_until_the_first_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let first = InventoryLock::take(folder.path()).unwrap();
        let second = InventoryLock::take(folder.path());
        assert!(matches!(second, Err(Error::InUse { .. })));
        drop(first);
        InventoryLock::take(folder.path()).unwrap();
        let nowhere = InventoryLock::take(&folder.path().join("nowhere"));
        assert!(matches!(nowhere, Err(Error::NoInventory { .. })));
    }
}
