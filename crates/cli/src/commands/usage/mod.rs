//! `usage`: who used which permission on what, from CloudTrail logs.

mod athena;
mod coverage;
mod event_history;
mod options;
mod resume;
mod s3;
mod source;
mod stock_take;
mod when;

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use leastgrant_inventory::tables::UsageRow;
use leastgrant_inventory::{
    FolderKind, Inventory, InventoryLock, OutputFolder, Timestamp, counted,
};
use leastgrant_report::text::{json_safe, terminal_safe};
use leastgrant_report::usage as report;
use leastgrant_trail::{
    KeptFiles, Ledger, RunSource, Summary, Usage, UsageOfInventory, Window, usage, usage_beyond,
};

pub(super) use self::coverage::say_coverage;
use self::coverage::say_coverage_of;
pub(crate) use self::options::UsageOptions;
use self::source::SourceRead;
pub(super) use self::stock_take::{Logs, add_usage, cloudtrail_folders};
pub(super) use self::when::window;
use super::collect::now;
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;
use crate::progress::Progress;

/// Tell from CloudTrail logs who used which permission on what
///
/// Prints a row for each principal, access key, event, action, resource, Region and outcome. Files may be packed or not, in any
/// layout: as CloudTrail delivers them, arrays, JSON Lines, EventBridge events, LookupEvents answers, batches of CloudWatch
/// Logs. An event that is delivered twice counts once. What the logs do not show is not unused: data events are logged only
/// where a trail selects them. `--logs` reads all that is there; the other sources the last
/// 90 days, if no `--since` is given. 0: all was read; 3: some file could not be read to its end; 2: an error; 130: interrupted,
/// and `--s3` and `--event-history` go on when it is run again.
///
/// With an INVENTORY the rows are added to it, and nothing is printed unless `--format` asks for the table as it is then. Events
/// that the inventory has already do not count again.
#[derive(Debug, Args)]
pub(crate) struct UsageArguments {
    /// Add to this inventory instead of printing
    #[arg(value_name = "INVENTORY")]
    inventory: Option<PathBuf>,
    #[command(flatten)]
    options: UsageOptions,
    /// Print the rows like this [default: csv without an INVENTORY]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write what was read, counted and left out to a file as `leastgrant.usage-summary/1`; `-` is standard output, where no rows are printed
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
}

const STANDARD_OUTPUT: &str = "-";

/// How the rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated values.
    Csv,
    /// JSON, `leastgrant.usage/1`.
    Json,
    /// A Parquet file.
    Parquet,
}

/// Unreadable files and unmapped events beyond these are in the summary and the rows only.
const SHOWN: usize = 5;

pub(super) fn run(
    arguments: &UsageArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    if !arguments.options.source.is_given() {
        bail!(
            "no source is named: say where the CloudTrail records are, such as `--logs FOLDER` or `--s3 URI`"
        );
    }
    let prints_summary = arguments.summary.as_deref() == Some(Path::new(STANDARD_OUTPUT));
    if prints_summary && (arguments.inventory.is_none() || arguments.format.is_some()) {
        bail!(
            "the rows are on standard output, so that the summary cannot be there too: name a file for `--summary`"
        );
    }
    let from = global.as_of.unwrap_or_else(now);
    match &arguments.inventory {
        Some(inventory) => add(arguments, inventory, from, printer),
        None => print(arguments, from, printer),
    }
}

/// `usage SOURCE`: the table on standard output.
fn print(
    arguments: &UsageArguments,
    from: Timestamp,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let read = read(arguments, from, None, printer)?;
    let outcome = outcome(&read.usage.summary);
    print_rows(
        read.usage.rows,
        arguments.format.unwrap_or(Format::Csv),
        printer,
    )?;
    remove(read.kept, printer);
    Ok(outcome)
}

/// `usage INVENTORY SOURCE`: the inventory with the table.
fn add(
    arguments: &UsageArguments,
    path: &Path,
    from: Timestamp,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let _lock = InventoryLock::take(path)?;
    let inventory = Inventory::open(path)?;
    let folder = OutputFolder::create(path, FolderKind::Inventory)?;
    let before = UsageOfInventory::read(&inventory)?;
    let read = read(arguments, from, Some(&before), printer)?;
    let outcome = outcome(&read.usage.summary);
    let after = before.with(read.usage, read.ledger, &read.source);
    let count = after.rows().len();
    let rows = arguments
        .format
        .map(|format| (format, after.rows().to_vec()));
    after.write(&inventory, folder.path())?;
    folder.commit()?;
    remove(read.kept, printer);
    printer.note(&format!(
        "wrote the inventory `{}`, with {} of usage",
        path.display(),
        counted(count, "row")
    ));
    say_coverage_of(&Inventory::open(path)?, printer)?;
    if let Some((format, rows)) = rows {
        print_rows(rows, format, printer)?;
    }
    Ok(outcome)
}

/// What a source had beyond what was known.
struct Read {
    usage: Usage,
    ledger: Ledger,
    source: RunSource,
    /// To be removed when the rows are out.
    kept: Option<KeptFiles>,
}

/// Reads the source beyond what is known, and says what was read.
fn read(
    arguments: &UsageArguments,
    from: Timestamp,
    before: Option<&UsageOfInventory>,
    printer: &Printer,
) -> anyhow::Result<Read> {
    arguments.options.expect_use_of_connection()?;
    let window = arguments.options.window(from)?;
    let progress = Progress::new(printer, "reading");
    let read = {
        let unread = before.map(UsageOfInventory::unread);
        let options = &arguments.options;
        options.read(window, from, unread.as_ref(), &progress, printer)?
    };
    let source = arguments.options.source.described(&read);
    let SourceRead {
        collectors,
        files,
        notes,
        kept,
        ..
    } = read;
    let is_all_of_another_kind = files.files > 0 && files.files_of_another_kind == files.files;
    let (usage, ledger) = match before {
        Some(before) => usage_beyond(collectors, files, before.ledger()),
        // Nobody asks later which events were counted, of which there are many.
        None => (usage(collectors, files), Ledger::default()),
    };
    drop(progress);
    if let Some(path) = &arguments.summary {
        let text = json_safe(serde_json::to_string_pretty(&usage.summary)? + "\n");
        if path.as_os_str() == STANDARD_OUTPUT {
            printer.data_by(|output| output.write_all(text.as_bytes()))?;
        } else {
            std::fs::write(path, text)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
    }
    for note in &notes {
        printer.note(note);
    }
    say(
        &usage.summary,
        &usage.unmapped.iter().collect::<Vec<_>>(),
        printer,
    );
    // What was damaged may have had some, and other sources look only where there can be any.
    let is_whole = usage.summary.files_unreadable.is_empty();
    if is_whole
        && arguments.options.source.reads_all()
        && let Some(note) = nothing_in(window, &usage.summary)
    {
        printer.note(&note);
    }
    if is_all_of_another_kind {
        bail!(
            "no CloudTrail record is in the files: all that they hold is something else; give the files that a trail delivers"
        );
    }
    Ok(Read {
        usage,
        ledger,
        source,
        kept,
    })
}

/// Removes what was kept for a run that goes on, once the rows are out: not if their reader went away.
fn remove(kept: Option<KeptFiles>, printer: &Printer) {
    if let Some(kept) = kept.filter(|_| !printer.is_output_closed()) {
        resume::remove(kept, printer);
    }
}

fn outcome(summary: &Summary) -> Outcome {
    if summary.files_unreadable.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    }
}

fn print_rows(rows: Vec<UsageRow>, format: Format, printer: &Printer) -> anyhow::Result<()> {
    // A million rows take a while to free, and the process ends here.
    let rows = ManuallyDrop::new(rows);
    printer.data_by(|output| match format {
        Format::Csv => report::csv(&rows, output),
        Format::Json => report::json(&rows, output),
        Format::Parquet => {
            let rows = ManuallyDrop::into_inner(rows);
            let bytes = leastgrant_inventory::parquet(rows).map_err(std::io::Error::other)?;
            output.write_all(&bytes)
        }
    })
}

/// What is said where a span of time that was asked for has no event.
fn nothing_in(window: Window, summary: &Summary) -> Option<String> {
    if window == Window::default() || summary.first_event.is_some() {
        return None;
    }
    let since = window.since.map(|since| match since > now() {
        true => format!(" from {since} on, which is to come"),
        false => format!(" from {since} on"),
    });
    let until = window.until.map(|until| format!(" until {until}"));
    Some(format!(
        "no event is in the time that was asked for:{}{}",
        since.unwrap_or_default(),
        until.unwrap_or_default()
    ))
}

fn say(summary: &Summary, unmapped: &[(&(String, String), &u64)], printer: &Printer) {
    let duplicates = match summary.duplicates {
        0 => String::new(),
        1 => ", and 1 record that was delivered again".to_owned(),
        count => format!(", and {count} records that were delivered again"),
    };
    let files = match summary.files {
        0 => String::new(),
        files => format!(" in {}", counted(files, "file")),
    };
    printer.note(&format!(
        "read {}{files}{duplicates}",
        counted(summary.events, "event")
    ));
    for (reason, count) in &summary.skipped {
        printer.note(&format!("left out as {reason}: {count}"));
    }
    for ((source, name), count) in unmapped.iter().take(SHOWN) {
        printer.note(&format!(
            "no permission is known of `{}` `{}` ({}); its rows have no action",
            terminal_safe(source),
            terminal_safe(name),
            counted(**count, "time")
        ));
    }
    if unmapped.len() > SHOWN {
        let more = counted(unmapped.len() - SHOWN, "other event");
        printer.note(&format!("nor of {more}"));
    }
    for problem in summary.files_unreadable.iter().take(SHOWN) {
        // Names are other people's, and none begins a new line.
        let (path, reason) = (terminal_safe(&problem.path), terminal_safe(&problem.reason));
        printer.note(&format!("gap: `{path}` {reason}"));
    }
    if summary.files_unreadable.len() > SHOWN {
        printer.note(&format!(
            "and {} with gaps; `--summary FILE` lists them",
            counted(summary.files_unreadable.len() - SHOWN, "more file")
        ));
    }
}
