//! What the logs of an inventory can show, in a line for each account.

use std::collections::BTreeMap;

use leastgrant_catalog::Catalog;
use leastgrant_evidence::{AccountCoverage, Evidence, Options};
use leastgrant_inventory::{Inventory, ShortText};
use leastgrant_report::text::terminal_safe;

use crate::commands::collect::counted;
use crate::printer::Printer;

/// More accounts than these are only counted.
const SHOWN: usize = 5;

/// Says for each account which time and Regions its logs are of, and of how many actions they can tell that one was not used;
/// with `--verbose`, why not of the others.
pub(crate) fn say_coverage(inventory: &Inventory, printer: &Printer) -> anyhow::Result<()> {
    let evidence = Evidence::load(inventory, Options::default())?;
    for coverage in evidence.coverage().take(SHOWN) {
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for (reason, actions) in &coverage.not_shown {
            *reasons.entry(reason.in_general()).or_default() += actions;
        }
        // Names of Regions and files are other people's, and none begins a new line.
        printer.note(&terminal_safe(&line(&coverage, &reasons)));
        for (reason, actions) in reasons {
            let line = format!("  {}: {reason}", counted(actions, "action"));
            printer.detail(&terminal_safe(&line));
        }
    }
    if evidence.accounts() > SHOWN {
        let more = evidence.accounts() - SHOWN;
        printer.note(&format!("and {} with logs", counted(more, "more account")));
    }
    Ok(())
}

fn line(coverage: &AccountCoverage, reasons: &BTreeMap<String, usize>) -> String {
    let regions: Vec<&str> = coverage.regions.iter().map(ShortText::as_str).collect();
    let told = match (coverage.shown, reasons.keys().next()) {
        // Where nothing can be told, one reason holds for all.
        (0, Some(reason)) => format!("no action can be told to be unused: {reason}"),
        (shown, _) => format!(
            "of {shown} of {} actions it can be told that they were not used",
            Catalog::get().len()
        ),
    };
    let account = match &*coverage.account_id {
        "" => "no account",
        account => account,
    };
    format!(
        "logs of {account}: {} to {} ({}), {}; {told}",
        coverage.window.from,
        coverage.window.to,
        counted(
            usize::try_from(coverage.window.days()).unwrap_or_default(),
            "day"
        ),
        regions.join(", "),
    )
}
