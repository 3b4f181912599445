//! The tables of usage of an inventory, replaced; everything else stays as it is, byte for byte.

use std::path::Path;

use crate::manifest::{Manifest, TableEntry};
use crate::store::{MANIFEST_FILE, write_manifest, write_table};
use crate::tables::{
    UsageEventRow, UsageRecordWithoutIdRow, UsageRow, UsageSharedEventRow, UsageSourceRow,
};
use crate::{Error, Inventory};

/// Everything of an inventory that a run of `usage` makes anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageTables {
    /// Who used which permission on what.
    pub usage: Vec<UsageRow>,
    /// What was read for it.
    pub sources: Vec<UsageSourceRow>,
    /// Events that are counted.
    pub events: Vec<UsageEventRow>,
    /// Events of several accounts that are counted.
    pub shared_events: Vec<UsageSharedEventRow>,
    /// Records without an id that are counted.
    pub records_without_id: Vec<UsageRecordWithoutIdRow>,
}

impl Inventory {
    /// Writes this inventory with other tables of usage and another manifest into an empty folder, which
    /// [`crate::OutputFolder`] then puts in this one's place. What stays is linked, or copied where it cannot be. The
    /// manifest's list of tables is filled in here.
    ///
    /// # Errors
    /// [`Error::Read`] of what stays, [`Error::Write`] or [`Error::Table`].
    pub fn write_with_usage(
        &self,
        folder: &Path,
        tables: UsageTables,
        mut manifest: Manifest,
    ) -> Result<(), Error> {
        let written = vec![
            write_table(folder, tables.usage)?,
            write_table(folder, tables.sources)?,
            write_table(folder, tables.events)?,
            write_table(folder, tables.shared_events)?,
            write_table(folder, tables.records_without_id)?,
        ];
        let is_new = |name: &str| written.iter().any(|entry: &TableEntry| entry.name == name);
        manifest.tables = self.manifest().tables.clone();
        manifest.tables.retain(|entry| !is_new(&entry.name));
        manifest.tables.extend(written);
        write_manifest(folder, &manifest)?;
        self.link_the_rest(folder)
    }

    /// Takes over every file that was not written anew.
    fn link_the_rest(&self, folder: &Path) -> Result<(), Error> {
        let failed = |source| Error::Read {
            path: self.path().to_owned(),
            source,
        };
        for entry in std::fs::read_dir(self.path()).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let target = folder.join(entry.file_name());
            // The manifest, the tables of usage and the marker are there already.
            if entry.file_name() == MANIFEST_FILE
                || target.exists()
                || !entry.file_type().map_err(failed)?.is_file()
            {
                continue;
            }
            if std::fs::hard_link(entry.path(), &target).is_err() {
                std::fs::copy(entry.path(), &target).map_err(|source| Error::Write {
                    path: target.clone(),
                    source,
                })?;
            }
        }
        Ok(())
    }
}
