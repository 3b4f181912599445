//! `schema`: JSON Schemas of what is printed.

use clap::Args;
use clap::builder::PossibleValuesParser;
use leastgrant_report::json;

use crate::exit::Outcome;
use crate::printer::Printer;

/// Print the JSON Schema of an output
#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// Which output
    #[arg(value_parser = PossibleValuesParser::new(json::SCHEMA_NAMES))]
    name: String,
}

pub(super) fn run(arguments: &SchemaArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    if let Some(schema) = json::schema(&arguments.name) {
        printer.data(&schema)?;
    }
    Ok(Outcome::Done)
}
