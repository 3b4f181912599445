//! Usage within `run`: the bundle's own `cloudtrail/` folders, and the source that is named besides.

use std::path::PathBuf;

use anyhow::bail;
use leastgrant_collect::Collected;
use leastgrant_trail::{RunSource, Summary, UsageOfInventory, usage_beyond};

use super::UsageOptions;
use super::source::SourceArguments;
use crate::arguments::GlobalArguments;
use crate::commands::collect::now;
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

/// Adds usage to what was collected, and tells what each source gave. No source is no fault.
pub(crate) fn add_usage(
    collected: &mut Collected,
    logs: Logs,
    options: &UsageOptions,
    global: &GlobalArguments,
    progress: &Progress,
) -> anyhow::Result<Vec<Summary>> {
    let window = options.window(global.as_of.unwrap_or_else(now))?;
    let mut sources = Vec::new();
    if !logs.folders.is_empty() {
        let called = logs.called.map(|name| vec![PathBuf::from(name)]);
        let paths = called.unwrap_or_else(|| logs.folders.clone());
        let source = SourceArguments::of_logs(logs.folders);
        let described = RunSource {
            paths,
            ..source.described(window)
        };
        sources.push((source, described, true));
    }
    if options.source.is_given() {
        let described = options.source.described(window);
        sources.push((options.source.clone(), described, false));
    }
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = UsageOfInventory::none(&collected.dataset, collected.manifest.clone());
    let mut summaries = Vec::new();
    for (source, described, may_be_empty) in sources {
        progress.phase("reading CloudTrail");
        let (collectors, read) = match source.read(window, progress) {
            Ok(read) => read,
            Err(error) if may_be_empty && has_no_files(&error) => continue,
            Err(error) => return Err(error),
        };
        if !may_be_empty && read.files_of_another_kind == read.files {
            bail!(
                "no CloudTrail record is in the files: all that they hold is something else; give the files that a trail delivers"
            );
        }
        let (usage, ledger) = usage_beyond(collectors, read, all.ledger());
        summaries.push(usage.summary.clone());
        all = all.with(usage, ledger, &described);
    }
    collected.manifest = all.fill(&mut collected.dataset);
    Ok(summaries)
}

fn has_no_files(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(leastgrant_trail::Error::NoFiles { .. })
    )
}
