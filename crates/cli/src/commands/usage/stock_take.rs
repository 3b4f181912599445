//! Usage within `run`: the bundle's own `cloudtrail/` folders, and the source that is named besides.

use std::path::PathBuf;

use anyhow::bail;
use leastgrant_collect::Collected;
use leastgrant_inventory::counted;
use leastgrant_trail::{KeptFiles, RunSource, Summary, UsageOfInventory, usage_beyond};

use super::UsageOptions;
use super::resume;
use super::source::{SourceRead, read_folders, working_folder};
use crate::arguments::GlobalArguments;
use crate::commands::collect::now;
use crate::printer::Printer;
use crate::progress::Progress;

/// Logs that come with a collection.
pub(crate) struct Logs {
    /// Where they are.
    pub(crate) folders: Vec<PathBuf>,
    /// What the manifest calls them, where that is not their path.
    pub(crate) called: Option<&'static str>,
}

/// The `cloudtrail/` folders of bundles: of an account's, or of accounts' side by side.
pub(crate) fn cloudtrail_folders(bundles: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for bundle in bundles {
        let accounts = std::fs::read_dir(bundle).into_iter().flatten().flatten();
        let accounts = accounts.map(|entry| entry.path());
        folders.extend(
            std::iter::once(bundle.clone())
                .chain(accounts)
                .map(|account| account.join("cloudtrail"))
                .filter(|folder| folder.is_dir()),
        );
    }
    folders.sort();
    folders.dedup();
    folders
}

/// What the sources had.
#[derive(Default)]
pub(crate) struct UsageRead {
    summaries: Vec<Summary>,
    notes: Vec<String>,
    /// To be removed when all is written.
    kept: Vec<KeptFiles>,
}

/// Adds usage to what was collected, and tells what each source gave. No source is no fault.
pub(crate) fn add_usage(
    collected: &mut Collected,
    logs: Logs,
    options: &UsageOptions,
    global: &GlobalArguments,
    progress: &Progress,
    printer: &Printer,
) -> anyhow::Result<UsageRead> {
    let from = global.as_of.unwrap_or_else(now);
    let mut all = UsageOfInventory::none(&collected.dataset, collected.manifest.clone());
    let mut outcome = UsageRead::default();
    if !logs.folders.is_empty() {
        progress.phase("reading CloudTrail");
        let window = options.window_of_files(from)?;
        match read_folders(&logs.folders, window, &all.unread(), progress) {
            Ok(read) => {
                let called = logs.called.map(|name| vec![PathBuf::from(name)]);
                let described = RunSource {
                    engine: "logs",
                    paths: called.unwrap_or(logs.folders),
                    asked_regions: Vec::new(),
                    folder: working_folder(),
                    window,
                    asked: window,
                };
                all = outcome.add(all, read, &described);
            }
            // A bundle need not have any.
            Err(error) if has_no_files(&error) => {}
            Err(error) => return Err(error),
        }
    }
    if options.source.is_given() {
        progress.phase("reading CloudTrail");
        let window = options.window(from)?;
        let read = options.read(window, from, Some(&all.unread()), progress, printer)?;
        if read.files.files > 0 && read.files.files_of_another_kind == read.files.files {
            bail!(
                "no CloudTrail record is in the files: all that they hold is something else; give the files that a trail delivers"
            );
        }
        let described = options.source.described(&read);
        all = outcome.add(all, read, &described);
    }
    collected.manifest = all.fill(&mut collected.dataset);
    Ok(outcome)
}

impl UsageRead {
    fn add(
        &mut self,
        all: UsageOfInventory,
        read: SourceRead,
        described: &RunSource,
    ) -> UsageOfInventory {
        let (usage, ledger) = usage_beyond(read.collectors, read.files, all.ledger());
        self.summaries.push(usage.summary.clone());
        self.notes.extend(read.notes);
        self.kept.extend(read.kept);
        all.with(usage, ledger, described)
    }

    /// Whether there were any logs.
    pub(crate) fn is_empty(&self) -> bool {
        self.summaries.is_empty()
    }

    /// Says what was read, when all is written.
    pub(crate) fn say(self, printer: &Printer) {
        for note in &self.notes {
            printer.note(note);
        }
        for summary in &self.summaries {
            printer.note(&line(summary));
        }
        for kept in self.kept {
            resume::remove(kept, printer);
        }
    }
}

/// What was read of a source, in one line.
fn line(summary: &Summary) -> String {
    let times = match (summary.first_event, summary.last_event) {
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    let files = match summary.files {
        0 => String::new(),
        files => format!(" in {}", counted(files, "file")),
    };
    format!(
        "read {} of CloudTrail{files}{times}",
        counted(summary.events, "event"),
    )
}

fn has_no_files(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(leastgrant_trail::Error::NoFiles { .. })
    )
}
