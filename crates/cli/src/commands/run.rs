//! `run`: the quarterly stock-take in one go.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use leastgrant_audit::RuleSelection;
use leastgrant_collect::Collected;
use leastgrant_inventory::{FolderKind, Inventory, OutputFolder, counted};
use leastgrant_report as report;

use super::audit::as_of;
use super::collect::{from_files, say_gaps, say_sources, summary};
use super::live::{self, LiveArguments};
use super::minimize;
use super::plan;
use super::usage::{Logs, UsageOptions, add_usage, cloudtrail_folders, say_coverage};
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::permission_use::permission_use;
use crate::printer::Printer;
use crate::progress::Progress;
use crate::settings;

/// The quarterly stock-take: collect, audit and reports in one go
///
/// Writes a folder with the inventory (`inventory/`), all findings (`findings.csv`, `findings.json`), a report to read
/// (`report.md`), a list for each owner to answer (`owners/OWNER.md`, `owners/OWNER.csv`), and smaller policies with their proof
/// (`minimize/`). CloudTrail logs become usage in the inventory: those in the bundle's `cloudtrail/` folders, and those of
/// `--logs`; then `permission-use.csv` tells of each user and role how many of its granted actions were used, unused, or cannot be
/// told. Without `--from` and `--demo`, AWS is asked.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source"))]
pub(crate) struct RunArguments {
    /// Files and folders that the `aws` CLI wrote, in place of AWS; `-` is standard input
    #[arg(long, num_args = 1.., value_name = "BUNDLE", group = "source")]
    from: Vec<PathBuf>,
    /// Use a made-up organisation
    #[arg(long, group = "source")]
    demo: bool,
    /// The folder to write
    #[arg(long, value_name = "DIR", required_unless_present = "plan")]
    out: Option<PathBuf>,
    #[command(flatten)]
    usage: UsageOptions,
    #[command(flatten)]
    live: LiveArguments,
}

/// As many days of logs as `usage` reads of a trail if nothing else is said. A year of the demo's takes a minute.
const DAYS_OF_DEMO: u32 = 90;

pub(super) fn run(
    arguments: &RunArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let is_live = arguments.from.is_empty() && !arguments.demo;
    if !is_live {
        arguments.live.expect_none()?;
        arguments.usage.expect_use_of_connection()?;
    }
    let out = match &arguments.out {
        Some(out) if !arguments.live.plan => out,
        _ => return plan::run(&arguments.live, &arguments.usage.connection, printer),
    };
    arguments.usage.expect_one_connection()?;
    let settings = settings::load(global.config.as_ref())?;
    let folder = OutputFolder::create(out, FolderKind::Run)?;
    let progress = Progress::new(printer, "reading");
    let with_usage = |mut collected: Collected, from: &[PathBuf], called: Option<&'static str>| {
        let logs = Logs {
            folders: cloudtrail_folders(from),
            called,
        };
        let usage = add_usage(
            &mut collected,
            logs,
            &arguments.usage,
            global,
            &progress,
            printer,
        )?;
        anyhow::Ok((collected, usage))
    };
    let mut answers = None;
    let (collected, usage) = if is_live {
        let connection = &arguments.usage.connection;
        let live = &arguments.live;
        let (collected, store) = live
            .collect(connection, out, global, &progress, printer)?
            .split();
        answers = Some(store);
        with_usage(collected, &[], None)?
    } else if arguments.demo {
        // The bundle lies in the hidden folder only for as long as it is read.
        let bundle = folder.path().join("bundle");
        std::fs::create_dir(&bundle).with_context(|| cannot_write(&bundle))?;
        let options = leastgrant_demo::Options {
            days: DAYS_OF_DEMO,
            ..leastgrant_demo::Options::default()
        };
        leastgrant_demo::write(&options, &bundle)?;
        let from = std::slice::from_ref(&bundle);
        let collected = from_files(from, global, &progress)?;
        let (mut collected, usage) = with_usage(collected, from, Some("--demo"))?;
        collected.manifest.arguments = vec!["--demo".to_owned()];
        std::fs::remove_dir_all(&bundle).with_context(|| cannot_write(&bundle))?;
        (collected, usage)
    } else {
        let collected = from_files(&arguments.from, global, &progress)?;
        with_usage(collected, &arguments.from, None)?
    };
    let tables = summary(&collected);
    let gaps = collected.manifest.gaps.clone();
    let sources = collected.manifest.sources.clone();
    let rows = collected.dataset.usage.len();
    let inventory_path = folder.path().join("inventory");
    std::fs::create_dir(&inventory_path).with_context(|| cannot_write(&inventory_path))?;
    progress.phase("writing tables");
    leastgrant_inventory::write(&inventory_path, collected.dataset, collected.manifest)?;
    progress.phase("auditing");
    let inventory = Inventory::open(&inventory_path)?;
    let outcome = leastgrant_audit::audit(
        &inventory,
        &settings,
        &RuleSelection::default(),
        as_of(&inventory, global, printer),
    )?;
    let permission_use = permission_use(&inventory, &settings)?;
    report::folder::write_reports(
        &outcome,
        permission_use.as_ref(),
        folder.path(),
        report::folder::Files::ALL,
    )?;
    progress.phase("minimizing");
    let minimized = minimized(&inventory, global, printer)?;
    let minimize_path = folder.path().join("minimize");
    std::fs::create_dir(&minimize_path).with_context(|| cannot_write(&minimize_path))?;
    minimize::write(&inventory, &minimized, &minimize_path, &[])?;
    folder.commit()?;
    drop(progress);

    printer.note(&format!("collected {tables}"));
    say_sources(&sources, printer);
    let has_usage = !usage.is_empty();
    usage.say(printer);
    if has_usage {
        printer.detail(&format!("{} of usage", counted(rows, "row")));
        let accounts = permission_use.map(|permission_use| permission_use.accounts);
        say_coverage(&accounts.unwrap_or_default(), printer);
        minimize::say(&minimized, printer);
    }
    printer.note(&report::table::summary(&outcome));
    printer.note(&format!(
        "wrote `{}`; begin with `{}`",
        out.display(),
        out.join("report.md").display()
    ));
    say_gaps(&gaps, &out.join("inventory/manifest.json"), printer);
    if let Some(answers) = answers {
        live::finish(answers, !gaps.is_empty(), printer);
    }
    Ok(if gaps.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}

/// Smaller policies of everybody, as `minimize` makes them.
fn minimized(
    inventory: &Inventory,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<leastgrant_minimize::Outcome> {
    let settings = settings::load_minimize(global.config.as_ref())?;
    let options = leastgrant_minimize::Options {
        principals: Vec::new(),
        max_risk: 0.0,
        as_of: as_of(inventory, global, printer),
    };
    Ok(leastgrant_minimize::minimize(
        inventory, &settings, &options,
    )?)
}
