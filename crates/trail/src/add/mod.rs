//! A run's usage added to what an inventory has already.

mod covered;
mod gaps;
mod merge;
mod names;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use leastgrant_inventory::tables::{
    RoleRow, UsageEventRow, UsageRecordWithoutIdRow, UsageRow, UsageSharedEventRow, UsageSourceRow,
    UserRow,
};
use leastgrant_inventory::{DataKind, Dataset, Error, Inventory, Manifest, UsageRun, UsageTables};

pub(crate) use self::merge::merged;
use self::names::KnownNames;
use crate::{Ledger, Summary, UnreadFiles, Usage, Window};

/// Where a run's records came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunSource {
    /// `logs`, `s3`, `athena` or `event_history`.
    pub engine: &'static str,
    /// The paths, or the URI or table.
    pub paths: Vec<PathBuf>,
    /// The Regions that alone were asked for; none: all that the source has.
    pub asked_regions: Vec<String>,
    /// The folder that relative paths begin at, if they are paths and it is known.
    pub folder: Option<String>,
    /// What was read of what was asked for: a source may not reach so far back.
    pub window: Window,
    /// What was asked for.
    pub asked: Window,
}

/// The usage that an inventory has, and who is in it.
pub struct UsageOfInventory {
    rows: Vec<UsageRow>,
    sources: Vec<UsageSourceRow>,
    ledger: Ledger,
    names: KnownNames,
    manifest: Manifest,
}

impl UsageOfInventory {
    /// Reads what is there; nothing of an inventory that never had any.
    ///
    /// # Errors
    /// A table that is missing or damaged.
    pub fn read(inventory: &Inventory) -> Result<Self, Error> {
        let events = inventory.read::<UsageEventRow>()?.into_iter();
        let shared = inventory.read::<UsageSharedEventRow>()?.into_iter();
        let without_id = inventory.read::<UsageRecordWithoutIdRow>()?.into_iter();
        Ok(Self {
            rows: inventory.read()?,
            sources: inventory.read()?,
            ledger: Ledger::new(
                events
                    .map(|row| row.event_id_hash.cast_unsigned())
                    .collect(),
                shared
                    .map(|row| {
                        let is_callers_account = row.is_callers_account.unwrap_or_default();
                        (row.shared_event_id_hash.cast_unsigned(), is_callers_account)
                    })
                    .collect(),
                without_id
                    .map(|row| {
                        let copies = u32::try_from(row.copies).unwrap_or_default();
                        (row.text_hash.cast_unsigned(), copies)
                    })
                    .collect(),
            ),
            names: KnownNames::of(&inventory.read::<UserRow>()?, &inventory.read::<RoleRow>()?),
            manifest: inventory.manifest().clone(),
        })
    }

    /// Of an inventory that is not written yet and has no usage.
    #[must_use]
    pub fn none(dataset: &Dataset, manifest: Manifest) -> Self {
        Self {
            rows: Vec::new(),
            sources: Vec::new(),
            ledger: Ledger::default(),
            names: KnownNames::of(&dataset.users, &dataset.roles),
            manifest,
        }
    }

    /// The events that are counted already, for [`crate::usage_beyond`].
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The files that were not read to their ends so far.
    #[must_use]
    pub fn unread(&self) -> UnreadFiles {
        UnreadFiles::of(gaps::unread(&self.manifest))
    }

    /// The rows, sorted.
    #[must_use]
    pub fn rows(&self) -> &[UsageRow] {
        &self.rows
    }

    /// Adds what [`crate::usage_beyond`] counted beyond the ledger, and takes the ledger that it gave.
    #[must_use]
    pub fn with(mut self, mut usage: Usage, ledger: Ledger, source: &RunSource) -> Self {
        let run = i64::try_from(self.manifest.usage.len().saturating_add(1)).unwrap_or(i64::MAX);
        self.sources
            .extend(covered::sources(run, source, &usage.extents));
        self.sources.sort_unstable();
        let manifest = &mut self.manifest;
        gaps::tell_apart(manifest, source, &mut usage.summary.files_unreadable);
        manifest.gaps = gaps::after(manifest, source, &usage);
        manifest
            .sources
            .retain(|source| source.kind != DataKind::CloudTrail);
        let sources = covered::manifest_sources(&self.sources, &manifest.gaps);
        manifest.sources.extend(sources);
        manifest
            .sources
            .sort_by(|one, two| (&one.account_id, one.kind).cmp(&(&two.account_id, two.kind)));
        manifest.usage.push(run_of(&usage.summary, source));
        self.rows.extend(usage.rows.into_iter().map(|mut row| {
            self.names.complete(&mut row);
            row
        }));
        self.rows = merged(self.rows);
        self.ledger = ledger;
        self
    }

    /// Writes the inventory with this usage into an empty folder.
    ///
    /// # Errors
    /// See [`Inventory::write_with_usage`].
    pub fn write(self, inventory: &Inventory, folder: &Path) -> Result<(), Error> {
        let (tables, manifest) = self.into_tables();
        inventory.write_with_usage(folder, tables, manifest)
    }

    /// Fills the tables of an inventory that is not written yet, and gives its manifest.
    #[must_use]
    pub fn fill(self, dataset: &mut Dataset) -> Manifest {
        let (tables, manifest) = self.into_tables();
        dataset.usage = tables.usage;
        dataset.usage_sources = tables.sources;
        dataset.usage_events = tables.events;
        dataset.usage_shared_events = tables.shared_events;
        dataset.usage_records_without_id = tables.records_without_id;
        manifest
    }

    fn into_tables(self) -> (UsageTables, Manifest) {
        let ledger = &self.ledger;
        let tables = UsageTables {
            usage: self.rows,
            sources: self.sources,
            events: ledger
                .event_ids()
                .map(|hash| UsageEventRow {
                    event_id_hash: hash.cast_signed(),
                })
                .collect(),
            shared_events: ledger
                .shared_event_ids()
                .map(|(hash, is_callers_account)| UsageSharedEventRow {
                    shared_event_id_hash: hash.cast_signed(),
                    is_callers_account: Some(is_callers_account),
                })
                .collect(),
            records_without_id: ledger
                .without_event_id()
                .map(|(hash, copies)| UsageRecordWithoutIdRow {
                    text_hash: hash.cast_signed(),
                    copies: i64::from(copies),
                })
                .collect(),
        };
        (tables, self.manifest)
    }
}

/// What the manifest says of a run.
fn run_of(summary: &Summary, source: &RunSource) -> UsageRun {
    UsageRun {
        engine: source.engine.to_owned(),
        source: source
            .paths
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        asked_regions: source.asked_regions.clone(),
        since: source.window.since,
        until: source.window.until,
        files: summary.files,
        files_unreadable: u64::try_from(summary.files_unreadable.len()).unwrap_or(u64::MAX),
        unreadable: summary
            .files_unreadable
            .iter()
            .map(|problem| problem.path.clone())
            .collect(),
        folder: source
            .folder
            .clone()
            .filter(|_| !summary.files_unreadable.is_empty()),
        events: summary.events,
        duplicates: summary.duplicates,
        first_event: summary.first_event,
        last_event: summary.last_event,
    }
}
