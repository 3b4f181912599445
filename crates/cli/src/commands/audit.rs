//! `audit`: findings and reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use leastgrant_audit::{AuditOutcome, RuleMetadata, RuleSelection, Severity, rules};
use leastgrant_inventory::{FolderKind, Inventory, OutputFolder, Timestamp};
use leastgrant_report as report;
use leastgrant_report::permission_use::PermissionUse;

use super::collect::now;
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::permission_use::permission_use;
use crate::printer::Printer;
use crate::progress::Progress;
use crate::settings;

/// Find stale users, old and unused keys, missing MFA and the like
///
/// Prints the findings in one format, or writes all reports to a folder: `findings.csv`, `findings.json`, `report.md`, and
/// for each owner `owners/OWNER.md` and `owners/OWNER.csv`. With CloudTrail logs in the inventory the report and the owners' lists
/// tell what of the granted permissions was used, and `permission-use.csv` does of every user and role.
#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// The inventory's folder
    inventory: PathBuf,
    /// Write the reports to this folder
    #[arg(long, value_name = "DIR", conflicts_with = "format")]
    out: Option<PathBuf>,
    /// Print the findings like this
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Exit with 1 if there are findings of this severity or above, with 3 if something could not be judged
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<SeverityArgument>,
    /// Ask only these rules
    #[arg(long, value_delimiter = ',', value_name = "RULE,…", value_parser = rule_ids())]
    rules: Vec<String>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A table for the terminal.
    #[default]
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
            report::folder::write_reports(&outcome, permission_use.as_ref(), folder.path())?;
            folder.commit()?;
            drop(progress);
            if let Some(out) = &arguments.out {
                printer.note(&format!(
                    "wrote the reports to `{}`; begin with `{}`",
                    out.display(),
                    out.join("report.md").display()
                ));
            }
        }
        None => {
            let permission_use = match arguments.format {
                Format::Markdown => permission_use(&inventory, &settings)?,
                _ => None,
            };
            let text = rendered(&outcome, permission_use.as_ref(), arguments, printer)?;
            drop(progress);
            printer.data(&text)?;
        }
    }
    printer.note(&report::table::summary(&outcome));
    Ok(arguments
        .fail_on
        .map_or(Outcome::Done, |severity| judged(&outcome, severity.into())))
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

fn rendered(
    outcome: &AuditOutcome,
    permission_use: Option<&PermissionUse>,
    arguments: &AuditArguments,
    printer: &Printer,
) -> anyhow::Result<String> {
    Ok(match arguments.format {
        Format::Table => report::table::render(outcome, printer.terminal()),
        Format::Csv => report::csv::render(outcome)?,
        Format::Markdown => report::markdown::render(outcome, permission_use, &BTreeMap::new()),
        Format::Json => report::json::findings(outcome)?,
        Format::Html => report::html::render(outcome)?,
        Format::Sarif => report::sarif::audit(
            outcome,
            &rule_metadata(),
            &artifact_uri(&arguments.inventory),
        )?,
    })
}

/// A finding of that severity wins over anything that could not be judged. An exemption takes a finding out.
fn judged(outcome: &AuditOutcome, severity: Severity) -> Outcome {
    let fails = outcome
        .findings
        .iter()
        .any(|finding| finding.severity >= severity && finding.exemption.is_none());
    let is_incomplete = outcome.accounts.is_empty()
        || !outcome.gaps.is_empty()
        || outcome.not_checked.iter().any(|entry| {
            rules::find(entry.rule)
                .is_some_and(|rule| rule.judges_credentials && rule.metadata.severity >= severity)
        });
    match (fails, is_incomplete) {
        (true, _) => Outcome::No,
        (false, true) => Outcome::Incomplete,
        (false, false) => Outcome::Done,
    }
}
