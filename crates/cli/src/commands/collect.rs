//! `collect`: AWS, or exported files, to an inventory.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use leastgrant_collect::{Collected, Options};
use leastgrant_inventory::{FolderKind, Gap, OutputFolder, Source, Timestamp, counted};
use leastgrant_report::text::terminal_safe;

use super::connection::ConnectionArguments;
use super::live::{self, LiveArguments};
use super::plan;
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;
use crate::progress::Progress;

/// Fill an inventory from AWS, or from files that the `aws` CLI wrote
///
/// Without `--from`, AWS is asked, with credentials from where the `aws` CLI takes them; nothing is changed there. Answers are
/// kept beside the inventory as they come, so that nothing is asked twice: after Ctrl-C, or once a refusal is mended, `--resume` goes on.
///
/// With `--from`, kinds are recognised by content: authorization details, credential report, access keys, last-accessed data, account
/// summary, password policy, organization, permission sets, Access Analyzer findings, trails, and wrapped calls; as JSON,
/// `.json.gz` or CSV, in pages or whole. Several accounts lie side by side, one folder each. `leastgrant bundle-script`
/// prints a script that writes such folders. What cannot be read, and what AWS refuses, is a gap: the rest is used, and the exit code is 3.
#[derive(Debug, Args)]
pub(crate) struct CollectArguments {
    /// Files and folders to read in place of AWS; `-` is standard input
    #[arg(long, num_args = 1.., value_name = "PATH")]
    from: Vec<PathBuf>,
    /// The folder to write the inventory to
    #[arg(long, value_name = "INVENTORY", required_unless_present = "plan")]
    out: Option<PathBuf>,
    #[command(flatten)]
    connection: ConnectionArguments,
    #[command(flatten)]
    live: LiveArguments,
}

pub(super) fn run(
    arguments: &CollectArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    if !arguments.from.is_empty() {
        arguments.live.expect_none()?;
        if arguments.connection.is_given() {
            bail!(
                "`--from` reads files and asks nothing of AWS: leave out `--profile`, `--region` and `--endpoint-url`"
            );
        }
    }
    let out = match &arguments.out {
        Some(out) if !arguments.live.plan => out,
        _ => return plan::run(&arguments.live, &arguments.connection, printer),
    };
    let folder = OutputFolder::create(out, FolderKind::Inventory)?;
    let progress = Progress::new(printer, "reading");
    let (collected, answers) = if arguments.from.is_empty() {
        let (collected, answers) = arguments
            .live
            .collect(&arguments.connection, out, global, &progress, printer)?
            .split();
        (collected, Some(answers))
    } else {
        (from_files(&arguments.from, global, &progress)?, None)
    };
    let tables = summary(&collected);
    let gaps = collected.manifest.gaps.clone();
    let sources = collected.manifest.sources.clone();
    progress.phase("writing tables");
    leastgrant_inventory::write(folder.path(), collected.dataset, collected.manifest)?;
    folder.commit()?;
    drop(progress);
    printer.note(&format!(
        "wrote the inventory `{}`: {tables}",
        out.display()
    ));
    say_sources(&sources, printer);
    say_gaps(&gaps, &out.join("manifest.json"), printer);
    if let Some(answers) = answers {
        live::finish(answers, !gaps.is_empty(), printer);
    }
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

/// With `--verbose`: what was read, of when.
pub(super) fn say_sources(sources: &[Source], printer: &Printer) {
    for source in sources {
        let account = source.account_id.as_deref().unwrap_or("organisation");
        let answers = counted(source.answers, "answer");
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
        // Names of files and what AWS says are other people's, and none begins a new line.
        let line = format!("gap: `{}` {}", gap.source, gap.reason);
        printer.note(&terminal_safe(&line));
    }
    if gaps.len() > SHOWN {
        printer.note(&format!(
            "and {} more gaps, all of them in `{}`",
            gaps.len() - SHOWN,
            manifest.display()
        ));
    }
}
