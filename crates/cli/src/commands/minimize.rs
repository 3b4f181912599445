//! `minimize`: smaller policies with their proof.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use leastgrant_inventory::{FolderKind, Inventory, OutputFolder, counted};
use leastgrant_minimize::{Options, Outcome as Minimized, Status};
use leastgrant_report as report;
use leastgrant_report::minimize::existing_terraform::existing_terraform;
use leastgrant_report::minimize::folder::Formats;
use wildmatch::WildMatch;

use super::audit::as_of;
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;
use crate::progress::Progress;
use crate::settings;

/// Write smaller policies, with their proof
///
/// They grant nothing new and break nothing that was seen. Takes the policies that are there, and what the inventory's usage shows, and
/// takes out what nobody who has them used where a use would have been seen. What could have gone unseen stays, and so does what last-accessed data show before the window and
/// what `[minimize]` of the settings keeps. Writes `minimize.json`, each new document with its diff, and a page for each principal
/// to review. Nothing is changed in AWS. 0: done; 3: nothing became smaller, since the inventory has no policies or no usage.
#[derive(Debug, Args)]
pub(crate) struct MinimizeArguments {
    /// The inventory's folder, with usage in it
    inventory: PathBuf,
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only principals whose ARN matches; `*` and `?` are wildcards. Several: any of them
    #[arg(long, value_name = "GLOB")]
    principal: Vec<String>,
    /// Take out rights that were used before the window too, if the chance that one is needed in the 30 days after it is at most
    /// this, from 0 to 1
    #[arg(long, value_name = "CHANCE", default_value_t = 0.0, value_parser = chance)]
    max_risk: f64,
    /// What is written beside the pages: JSON documents always, Terraform and CloudFormation
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "json",
        value_name = "FORMAT"
    )]
    format: Vec<Format>,
    /// Also write `terraform.diff`: the smaller policies as changes of the `.tf` files in this folder
    #[arg(long, value_name = "DIR")]
    from_terraform: Option<PathBuf>,
}

/// What policies are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Documents, and their diffs.
    Json,
    /// Data sources, resources and `import` blocks, with why each statement stays.
    Terraform,
    /// Templates that can take the policies over, and give them back.
    #[value(name = "cloudformation")]
    CloudFormation,
}

fn chance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(chance) if (0.0..=1.0).contains(&chance) => Ok(chance),
        _ => Err("a number from 0 to 1 was expected, such as `0.1`".to_owned()),
    }
}

pub(super) fn run(
    arguments: &MinimizeArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let settings = settings::load_minimize(global.config.as_ref())?;
    let inventory = Inventory::open(&arguments.inventory)?;
    let folder = OutputFolder::create(&arguments.out, FolderKind::Minimize)?;
    let progress = Progress::new(printer, "minimizing");
    let options = Options {
        principals: arguments
            .principal
            .iter()
            .map(|pattern| WildMatch::new(pattern))
            .collect(),
        max_risk: arguments.max_risk,
        as_of: as_of(&inventory, global, printer),
    };
    let outcome = leastgrant_minimize::minimize(&inventory, &settings, &options)?;
    if outcome.principals.is_empty() && !arguments.principal.is_empty() {
        anyhow::bail!(
            "no user or role of the inventory matches `{}`; give a glob over whole ARNs, such as `*:role/web-*`",
            arguments.principal.join("`, `")
        );
    }
    write(&inventory, &outcome, folder.path(), &arguments.format)?;
    let existing = match &arguments.from_terraform {
        Some(terraform) => {
            let existing = existing_terraform(&outcome, terraform)?;
            let path = folder.path().join("terraform.diff");
            std::fs::write(&path, existing.text())
                .with_context(|| format!("cannot write `{}`", path.display()))?;
            Some((existing, terraform))
        }
        None => None,
    };
    folder.commit()?;
    drop(progress);
    say(&outcome, printer);
    if let Some((existing, terraform)) = existing {
        for note in &existing.notes {
            printer.detail(note);
        }
        printer.note(&format!(
            "`{}` has changes for {} of the policies in `{}`, and {} at its head",
            arguments.out.join("terraform.diff").display(),
            existing.changed,
            terraform.display(),
            counted(existing.notes.len(), "note")
        ));
    }
    printer.note(&format!(
        "wrote `{}`; begin with `{}`",
        arguments.out.display(),
        arguments.out.join("minimize.json").display()
    ));
    let Some(missing) = missing(&outcome) else {
        return Ok(Outcome::Done);
    };
    printer.note(&format!("nothing could be made smaller: {missing}"));
    for (reason, count) in most_reasons(&outcome) {
        printer.note(&format!(
            "skipped {}: {reason}",
            counted(count, "principal")
        ));
    }
    Ok(Outcome::Incomplete)
}

/// The evidence without which no policy can become smaller, where nothing did for want of it.
fn missing(outcome: &Minimized) -> Option<&'static str> {
    let mut principals = outcome.principals.iter();
    if principals.any(|own| own.status == Status::Minimized) {
        return None;
    }
    if outcome.policies.is_empty() {
        return Some(
            "the inventory has no policies of users and roles; collect authorization details (`iam get-account-authorization-details`)",
        );
    }
    outcome.window.is_none().then_some(
        "the inventory has no usage, and no last-accessed data that suffice; add 90 days of CloudTrail logs with `usage`",
    )
}

/// Why principals were skipped, the most frequent reasons first.
fn most_reasons(outcome: &Minimized) -> Vec<(&str, usize)> {
    const SHOWN: usize = 3;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for principal in &outcome.principals {
        if let (Status::Skipped, Some(reason)) = (principal.status, &principal.reason) {
            *counts.entry(reason).or_default() += 1;
        }
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(SHOWN);
    counts
}

/// Writes the files of an outcome.
pub(super) fn write(
    inventory: &Inventory,
    outcome: &Minimized,
    folder: &Path,
    formats: &[Format],
) -> anyhow::Result<()> {
    let runs = inventory.manifest().usage.iter();
    let sources = runs.map(|run| format!("{}: {}", run.engine, run.source.join(", ")));
    Ok(report::minimize::folder::write(
        outcome,
        sources.collect(),
        folder,
        Formats {
            terraform: formats.contains(&Format::Terraform),
            cloudformation: formats.contains(&Format::CloudFormation),
        },
    )?)
}

/// What came of it, and who was skipped and why.
pub(super) fn say(outcome: &Minimized, printer: &Printer) {
    printer.note(&report::minimize::summary(outcome));
    let skipped = outcome.principals.iter();
    for principal in skipped.filter(|own| own.status == Status::Skipped) {
        let reason = principal.reason.as_deref().unwrap_or_default();
        printer.detail(&format!("skipped `{}`: {reason}", principal.arn));
    }
}
