//! `gate`: pass or fail for CI.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use leastgrant_audit::{Baseline, GateResult, Limits, judge_gate};
use leastgrant_inventory::{Inventory, MOST_BYTES_OF_JSON};
use leastgrant_report as report;

use super::audit::{SeverityArgument, artifact_uri, as_of, rule_metadata};
use super::collect::now;
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;
use crate::progress::Progress;
use crate::settings;
use crate::text_file;

/// Pass or fail a pipeline on old or unused access keys
///
/// Strictly more than a limit fails: 0 passes, 1 fails, 3 could not judge some credential, or with `--fail-on` some policy, user or
/// role that was not collected or cannot be read. At least one limit is required. CloudTrail logs and last-accessed data need not
/// be there. Exemptions come from the settings, with owner, reason and expiry date.
#[derive(Debug, Args)]
pub(crate) struct GateArguments {
    /// The inventory's folder
    inventory: PathBuf,
    /// Active access keys, the root user's too, may be this old
    #[arg(long, value_name = "DAYS", help_heading = "Limits", value_parser = days, allow_negative_numbers = true)]
    max_key_age: Option<u32>,
    /// Active keys, passwords and users may be unused this long
    #[arg(long, value_name = "DAYS", help_heading = "Limits", value_parser = days, allow_negative_numbers = true)]
    max_unused: Option<u32>,
    /// No finding of this severity or above
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Limits")]
    fail_on: Option<SeverityArgument>,
    /// The inventory may be this old, by the clock or an explicit `--as-of`
    #[arg(long, value_name = "DAYS", help_heading = "Limits", value_parser = days, allow_negative_numbers = true)]
    max_inventory_age: Option<u32>,
    /// Fail only on what is not in this file: the JSON output of an earlier `gate` or `audit`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Print the answer like this
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

fn days(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "a whole number of days from 0 on was expected".to_owned())
}

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// JSON, `leastgrant.gate/1`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

pub(super) fn run(
    arguments: &GateArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let limits = Limits {
        max_key_age_days: arguments.max_key_age,
        max_unused_days: arguments.max_unused,
        fail_on: arguments.fail_on.map(Into::into),
        max_inventory_age_days: arguments.max_inventory_age,
    };
    if limits.is_empty() {
        bail!(
            "a gate needs a limit: give `--max-key-age DAYS`, `--max-unused DAYS`, `--fail-on SEVERITY` or `--max-inventory-age DAYS`"
        );
    }
    let settings = settings::load(global.config.as_ref())?;
    let inventory = Inventory::open(&arguments.inventory)?;
    let baseline = arguments
        .baseline
        .as_ref()
        .map(|path| baseline(path))
        .transpose()?
        .unwrap_or_default();
    let now = global.as_of.unwrap_or_else(now);
    let progress = Progress::new(printer, "judging");
    let outcome = judge_gate(
        &inventory,
        &settings,
        limits,
        &baseline,
        as_of(&inventory, global, printer),
        now,
    )?;
    drop(progress);
    let text = match arguments.format {
        Format::Text => report::gate_text::render(&outcome, printer.terminal()),
        Format::Json => report::json::gate(&outcome)?,
        Format::Sarif => report::sarif::gate(
            &outcome,
            &rule_metadata(),
            &artifact_uri(&arguments.inventory),
        )?,
        Format::Junit => report::junit::render(&outcome)?,
        Format::Github => report::github::render(&outcome),
    };
    printer.data(&text)?;
    Ok(match outcome.result {
        GateResult::Pass => Outcome::Done,
        GateResult::Fail => Outcome::No,
        GateResult::Incomplete => Outcome::Incomplete,
    })
}

fn baseline(path: &std::path::Path) -> anyhow::Result<Baseline> {
    let text = text_file::read(path, MOST_BYTES_OF_JSON)
        .with_context(|| format!("cannot read the baseline `{}`", path.display()))?;
    Baseline::from_json(&text).with_context(|| format!("`{}`", path.display()))
}
