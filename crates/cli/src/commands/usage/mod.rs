//! `usage`: who used which permission on what, from CloudTrail logs.

mod athena;
mod event_history;
mod s3;
mod source;
mod when;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use leastgrant_report::text::{json_safe, terminal_safe};
use leastgrant_report::usage as report;
use leastgrant_trail::{Summary, usage};

use self::source::{SourceArguments, SourceRead};
pub(super) use self::when::window;
use super::collect::{counted, now};
use super::connection::ConnectionArguments;
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
/// and `--s3` goes on when it is run again.
#[derive(Debug, Args)]
pub(crate) struct UsageArguments {
    #[command(flatten)]
    source: SourceArguments,
    /// Leave out events before this: a date, a time, or a number of days back such as `90d`
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Leave out events from this on: a date, a time, or a number of days back
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Print the rows like this
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write what was read, counted and left out to a file as `leastgrant.usage-summary/1`
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// How the rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// Comma-separated values.
    #[default]
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
    let from = global.as_of.unwrap_or_else(now);
    let (since, until) = (arguments.since.as_deref(), arguments.until.as_deref());
    let window = window(since, until, from, arguments.source.reads_all())?;
    let progress = Progress::new(printer, "reading");
    let SourceRead {
        collectors,
        files: read,
        notes,
        kept,
    } = arguments.source.read(
        &arguments.connection.connection(),
        window,
        from,
        &progress,
        printer,
    )?;
    let is_all_of_another_kind = read.files > 0 && read.files_of_another_kind == read.files;
    let usage = usage(collectors, read);
    drop(progress);
    if let Some(path) = &arguments.summary {
        let text = json_safe(serde_json::to_string_pretty(&usage.summary)? + "\n");
        std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    for note in &notes {
        printer.note(note);
    }
    say(
        &usage.summary,
        &usage.unmapped.iter().collect::<Vec<_>>(),
        printer,
    );
    let is_whole = usage.summary.files_unreadable.is_empty();
    if is_all_of_another_kind {
        bail!(
            "no CloudTrail record is in the files: all that they hold is something else; give the files that a trail delivers"
        );
    }
    let rows = usage.rows;
    printer.data_by(|output| match arguments.format {
        Format::Csv => report::csv(&rows, output),
        Format::Json => report::json(&rows, output),
        Format::Parquet => {
            let bytes = leastgrant_inventory::parquet(rows).map_err(std::io::Error::other)?;
            output.write_all(&bytes)
        }
    })?;
    if let Some(kept) = kept {
        s3::remove(kept, printer);
    }
    Ok(if is_whole {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

fn say(summary: &Summary, unmapped: &[(&(String, String), &u64)], printer: &Printer) {
    let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
    let duplicates = match summary.duplicates {
        0 => String::new(),
        1 => ", and 1 record that was delivered again".to_owned(),
        count => format!(", and {count} records that were delivered again"),
    };
    let files = match summary.files {
        0 => String::new(),
        files => format!(" in {}", counted(number(files), "file")),
    };
    printer.note(&format!(
        "read {}{files}{duplicates}",
        counted(number(summary.events), "event")
    ));
    for (reason, count) in &summary.skipped {
        printer.note(&format!("left out as {reason}: {count}"));
    }
    for ((source, name), count) in unmapped.iter().take(SHOWN) {
        printer.note(&format!(
            "no permission is known of `{source}` `{name}` ({count} times); its rows have no action"
        ));
    }
    if unmapped.len() > SHOWN {
        printer.note(&format!("nor of {} other events", unmapped.len() - SHOWN));
    }
    for problem in summary.files_unreadable.iter().take(SHOWN) {
        // Names are other people's, and none begins a new line.
        let (path, reason) = (terminal_safe(&problem.path), terminal_safe(&problem.reason));
        printer.note(&format!("gap: `{path}` {reason}"));
    }
    if summary.files_unreadable.len() > SHOWN {
        printer.note(&format!(
            "and {} more files with gaps; `--summary FILE` lists them",
            summary.files_unreadable.len() - SHOWN
        ));
    }
}
