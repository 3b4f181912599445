//! `audit`: findings and reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use leastgrant_audit::{AuditOutcome, RuleMetadata, RuleSelection, Severity, rules};
use leastgrant_inventory::{FolderKind, Inventory, OutputFolder, Timestamp};
use leastgrant_report as report;
use leastgrant_report::folder::Files;
use leastgrant_report::permission_use::PermissionUse;
use leastgrant_report::table::Terminal;

use super::collect::{now, say_gaps};
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::permission_use::permission_use;
use crate::printer::Printer;
use crate::progress::Progress;
use crate::settings;

/// Find stale users, old and unused keys, missing MFA and the like
///
/// Prints the findings in one format, or writes reports to a folder: `findings.csv`, `findings.json`, `report.md`, `report.html`,
/// and for each owner `owners/OWNER.md` and `owners/OWNER.csv`; with `--format` only those of these formats (`table` is
/// `findings.txt`, `sarif` is `findings.sarif`). With CloudTrail logs in the inventory the report and the owners' lists
/// tell what of the granted permissions was used, and `permission-use.csv` does of every user and role.
#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// The inventory's folder
    inventory: PathBuf,
    /// Write the reports to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the findings like this [default: table], or with `--out` write these formats only
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "FORMAT,…",
        hide_default_value = true
    )]
    format: Vec<Format>,
    /// Exit with 1 if there are findings of this severity or above, with 3 if some could be where something could not be judged
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<SeverityArgument>,
    /// Ask only these rules
    #[arg(long, value_delimiter = ',', value_name = "RULE,…", value_parser = rule_ids())]
    rules: Vec<String>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for the terminal.
    Table,
    /// Comma-separated values.
    Csv,
    /// Markdown.
    Markdown,
    /// JSON, `leastgrant.findings/1`.
    Json,
    /// A page.
    Html,
    /// SARIF 2.1.0.
    Sarif,
}

/// A severity as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SeverityArgument {
    /// Hygiene and worse.
    Low,
    /// Medium and worse.
    Medium,
    /// High and worse.
    High,
    /// Critical only.
    Critical,
}

impl From<SeverityArgument> for Severity {
    fn from(argument: SeverityArgument) -> Self {
        match argument {
            SeverityArgument::Low => Self::Low,
            SeverityArgument::Medium => Self::Medium,
            SeverityArgument::High => Self::High,
            SeverityArgument::Critical => Self::Critical,
        }
    }
}

/// The ids of all rules, so that a slip of the pen gets a suggestion.
pub(super) fn rule_ids() -> PossibleValuesParser {
    PossibleValuesParser::new(rules::ALL.iter().map(|rule| rule.metadata.id))
}

pub(super) fn run(
    arguments: &AuditArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let printed = match (&arguments.out, arguments.format.as_slice()) {
        (Some(_), _) | (None, []) => Format::Table,
        (None, [format]) => *format,
        (None, _) => {
            bail!("standard output takes one format; give one, or `--out DIR` for several files")
        }
    };
    let settings = settings::load(global.config.as_ref())?;
    let inventory = Inventory::open(&arguments.inventory)?;
    let folder = arguments
        .out
        .as_ref()
        .map(|out| OutputFolder::create(out, FolderKind::Report))
        .transpose()?;
    let progress = Progress::new(printer, "auditing");
    let selection = RuleSelection {
        only: arguments.rules.iter().cloned().collect::<BTreeSet<_>>(),
    };
    let outcome = leastgrant_audit::audit(
        &inventory,
        &settings,
        &selection,
        as_of(&inventory, global, printer),
    )?;
    match folder {
        Some(folder) => {
            let permission_use = permission_use(&inventory, &settings)?;
            write(&outcome, permission_use.as_ref(), arguments, folder.path())?;
            folder.commit()?;
            drop(progress);
            if let Some(out) = &arguments.out {
                let written = format!("wrote the reports to `{}`", out.display());
                match arguments.format.is_empty() || arguments.format.contains(&Format::Markdown) {
                    true => printer.note(&format!(
                        "{written}; begin with `{}`",
                        out.join("report.md").display()
                    )),
                    false => printer.note(&written),
                }
            }
        }
        None => {
            let permission_use = match printed {
                Format::Markdown => permission_use(&inventory, &settings)?,
                _ => None,
            };
            let place = artifact_uri(&arguments.inventory);
            let terminal = printer.terminal();
            let text = rendered(&outcome, permission_use.as_ref(), printed, terminal, &place)?;
            drop(progress);
            printer.data(&text)?;
        }
    }
    printer.note(&report::table::summary(&outcome));
    say_gaps(
        &outcome.gaps,
        &arguments.inventory.join("manifest.json"),
        printer,
    );
    let judgement = arguments
        .fail_on
        .map_or(Outcome::Done, |severity| judged(&outcome, severity.into()));
    // A hundred thousand findings take a while to free, and the process ends here.
    std::mem::forget(outcome);
    Ok(judgement)
}

/// What ages are counted to: the flag, else when the inventory was collected, else now.
pub(super) fn as_of(
    inventory: &Inventory,
    global: &GlobalArguments,
    printer: &Printer,
) -> Timestamp {
    if let (Some(as_of), Some(collected_at)) = (global.as_of, inventory.manifest().collected_at)
        && as_of < collected_at
    {
        printer.note(&format!("ages are counted to {as_of}, before the data were collected ({collected_at}): what is younger has no age yet"));
    }
    global
        .as_of
        .or(inventory.manifest().collected_at)
        .unwrap_or_else(now)
}

/// What a rule says of itself, for formats that carry it.
pub(super) fn rule_metadata() -> Vec<&'static RuleMetadata> {
    rules::ALL.iter().map(|rule| &rule.metadata).collect()
}

/// The inventory's manifest as the place of findings, which viewers of SARIF insist on.
pub(super) fn artifact_uri(inventory: &std::path::Path) -> String {
    let path = inventory.join("manifest.json");
    path.components()
        .filter_map(|component| match component {
            std::path::Component::Normal(name) => Some(name.to_string_lossy()),
            _ => None,
        })
        .map(|name| percent_encoded(&name))
        .collect::<Vec<_>>()
        .join("/")
}

fn percent_encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// The files of the formats that were asked for, or all reports.
fn write(
    outcome: &AuditOutcome,
    permission_use: Option<&PermissionUse>,
    arguments: &AuditArguments,
    folder: &Path,
) -> anyhow::Result<()> {
    let has = |format: Format| arguments.format.contains(&format);
    let files = match arguments.format.is_empty() {
        true => Files::ALL,
        false => Files {
            csv: has(Format::Csv),
            json: has(Format::Json),
            markdown: has(Format::Markdown),
            html: has(Format::Html),
        },
    };
    report::folder::write_reports(outcome, permission_use, folder, files)?;
    let place = artifact_uri(&arguments.inventory);
    for (format, name) in [
        (Format::Table, "findings.txt"),
        (Format::Sarif, "findings.sarif"),
    ] {
        if has(format) {
            let text = rendered(outcome, None, format, Terminal::default(), &place)?;
            let path = folder.join(name);
            std::fs::write(&path, text)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
    }
    Ok(())
}

fn rendered(
    outcome: &AuditOutcome,
    permission_use: Option<&PermissionUse>,
    format: Format,
    terminal: Terminal,
    place: &str,
) -> anyhow::Result<String> {
    Ok(match format {
        Format::Table => report::table::render(outcome, terminal),
        Format::Csv => report::csv::render(outcome)?,
        Format::Markdown => report::markdown::render(outcome, permission_use, &BTreeMap::new()),
        Format::Json => report::json::findings(outcome)?,
        Format::Html => report::html::render(outcome)?,
        Format::Sarif => report::sarif::audit(outcome, &rule_metadata(), place)?,
    })
}

/// A finding of that severity wins over anything that could not be judged. An exemption takes a finding out.
fn judged(outcome: &AuditOutcome, severity: Severity) -> Outcome {
    let fails = outcome
        .findings
        .iter()
        .any(|finding| finding.severity >= severity && finding.exemption.is_none());
    match (fails, outcome.leaves_open(severity)) {
        (true, _) => Outcome::No,
        (false, true) => Outcome::Incomplete,
        (false, false) => Outcome::Done,
    }
}
