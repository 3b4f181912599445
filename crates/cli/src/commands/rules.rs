//! `rules`: what is looked for.

use clap::Args;
use leastgrant_audit::rules;
use leastgrant_report::table::listing;

use crate::exit::Outcome;
use crate::printer::Printer;

/// List the rules
#[derive(Debug, Args)]
pub(crate) struct RulesArguments {}

pub(super) fn run(_arguments: &RulesArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let rows: Vec<_> = rules::ALL
        .iter()
        .map(|rule| {
            vec![
                rule.metadata.id.to_owned(),
                rule.metadata.severity.name().to_owned(),
                rule.metadata.summary.to_owned(),
            ]
        })
        .collect();
    printer.data(&listing(
        &["rule", "severity", "finds"],
        &rows,
        printer.terminal().width,
    ))?;
    printer.note("`leastgrant explain RULE` tells one of them in full");
    Ok(Outcome::Done)
}
