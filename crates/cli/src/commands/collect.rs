//! `collect`: exported files to an inventory.

use std::path::{Path, PathBuf};

use clap::Args;
use leastgrant_collect::{Collected, Options};
use leastgrant_inventory::{FolderKind, Gap, OutputFolder, Source, Timestamp};

use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;
use crate::progress::Progress;

/// Fill an inventory from files that the `aws` CLI wrote
///
/// Kinds are recognised by content: authorization details, credential report, access keys, last-accessed data, account
/// summary, password policy, organization, permission sets, Access Analyzer findings, trails, and wrapped calls; as JSON,
/// `.json.gz` or CSV, in pages or whole. Several accounts lie side by side, one folder each. `leastgrant bundle-script`
/// prints a script that writes such folders. What cannot be read is a gap: the rest is used, and the exit code is 3.
#[derive(Debug, Args)]
pub(crate) struct CollectArguments {
    /// Files and folders to read; `-` is standard input
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    from: Vec<PathBuf>,
    /// The folder to write the inventory to
    #[arg(long, value_name = "INVENTORY")]
    out: PathBuf,
}

pub(super) fn run(
    arguments: &CollectArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let folder = OutputFolder::create(&arguments.out, FolderKind::Inventory)?;
    let progress = Progress::new(printer, "reading");
    let collected = from_files(&arguments.from, global, &progress)?;
    let tables = summary(&collected);
    let gaps = collected.manifest.gaps.clone();
    let sources = collected.manifest.sources.clone();
    progress.phase("writing tables");
    leastgrant_inventory::write(folder.path(), collected.dataset, collected.manifest)?;
    folder.commit()?;
    drop(progress);
    printer.note(&format!(
        "wrote the inventory `{}`: {tables}",
        arguments.out.display()
    ));
    say_sources(&sources, printer);
    say_gaps(&gaps, &arguments.out.join("manifest.json"), printer);
    Ok(if gaps.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

/// Reads the files of `--from`.
pub(super) fn from_files(
    from: &[PathBuf],
    global: &GlobalArguments,
    progress: &Progress,
) -> anyhow::Result<Collected> {
    let mut recorded = vec!["--from".to_owned()];
    recorded.extend(from.iter().map(|path| path.display().to_string()));
    if let Some(as_of) = global.as_of {
        recorded.extend(["--as-of".to_owned(), as_of.to_string()]);
    }
    let options = Options {
        from: from.to_vec(),
        as_of: global.as_of,
        run_time: now(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        arguments: recorded,
    };
    Ok(leastgrant_collect::from_files(&options, &|step| {
        progress.files(step.files_read, step.files_total)
    })?)
}

/// The time of the run, in whole seconds as AWS counts them.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// What a collection came to, in one line.
pub(super) fn summary(collected: &Collected) -> String {
    let dataset = &collected.dataset;
    let users = dataset.users.iter().filter(|user| !user.is_root).count();
    let counts = [
        (collected.manifest.accounts.len(), "account"),
        (users, "user"),
        (dataset.access_keys.len(), "access key"),
        (dataset.groups.len(), "group"),
        (dataset.roles.len(), "role"),
        (dataset.managed_policies.len(), "managed policy"),
    ];
    counts.map(|(count, what)| counted(count, what)).join(", ")
}

/// A number with its noun.
pub(super) fn counted(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !noun.ends_with("key") && !noun.ends_with("day") => {
            format!("{count} {stem}ies")
        }
        _ => format!("{count} {noun}s"),
    }
}

/// With `--verbose`: what was read, of when.
pub(super) fn say_sources(sources: &[Source], printer: &Printer) {
    for source in sources {
        let account = source.account_id.as_deref().unwrap_or("organisation");
        let answers = counted(
            usize::try_from(source.answers).unwrap_or(usize::MAX),
            "answer",
        );
        printer.detail(&format!(
            "{account}: {} ({answers}), as of {}",
            source.kind.words(),
            source.collected_at
        ));
    }
}

/// Names the first gaps; the manifest has all of them.
pub(super) fn say_gaps(gaps: &[Gap], manifest: &Path, printer: &Printer) {
    const SHOWN: usize = 5;
    for gap in gaps.iter().take(SHOWN) {
        printer.note(&format!("gap: `{}` {}", gap.source, gap.reason));
    }
    if gaps.len() > SHOWN {
        printer.note(&format!(
            "and {} more gaps, all of them in `{}`",
            gaps.len() - SHOWN,
            manifest.display()
        ));
    }
}
