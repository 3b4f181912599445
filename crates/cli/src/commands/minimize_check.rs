//! `minimize-check`: after a roll-out, which denials are regressions.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use leastgrant_inventory::{Inventory, MOST_BYTES_OF_JSON};
use leastgrant_minimize::Minimized;
use leastgrant_report as report;

use crate::exit::Outcome;
use crate::printer::Printer;
use crate::text_file;

/// List the denials that smaller policies caused
///
/// DIR is what `minimize` wrote, INVENTORY was collected later, with usage. A denied call is a regression if the old policies
/// would have allowed it and the new ones do not; the statement to restore is named. Other denials are none. The certificates in
/// DIR are checked again before. 0: no regression; 1: there are some; 2: an error, or a certificate that does not hold; 3: none, but
/// logs after the roll-out are missing of an account, or could not be read.
#[derive(Debug, Args)]
pub(crate) struct MinimizeCheckArguments {
    /// What `minimize` wrote
    folder: PathBuf,
    /// The inventory that was collected later, with usage in it
    inventory: PathBuf,
    /// Print the regressions like this
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// How regressions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// Lines to read.
    #[default]
    Text,
    /// JSON, `leastgrant.minimize-check/1`.
    Json,
}

pub(super) fn run(
    arguments: &MinimizeCheckArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let path = arguments.folder.join("minimize.json");
    let text = text_file::read(&path, MOST_BYTES_OF_JSON).with_context(|| {
        format!(
            "cannot read `{}`; give the folder that `minimize --out` wrote",
            path.display()
        )
    })?;
    let minimized =
        Minimized::read(&text).with_context(|| format!("cannot use `{}`", path.display()))?;
    let inventory = Inventory::open(&arguments.inventory)?;
    let checked = minimized.check(&inventory)?;
    let output = match arguments.format {
        Format::Text => report::minimize::check::text(&checked),
        Format::Json => report::minimize::check::json(&checked)?,
    };
    printer.data(&output)?;
    printer.note(&report::minimize::check::summary(&checked));
    Ok(
        match (
            checked.regressions.is_empty(),
            checked.not_checked.is_empty(),
        ) {
            (false, _) => Outcome::No,
            (true, false) => Outcome::Incomplete,
            (true, true) => Outcome::Done,
        },
    )
}
