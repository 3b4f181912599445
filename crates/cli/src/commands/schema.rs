//! `schema`: JSON Schemas of what is printed.

use clap::Args;
use clap::builder::PossibleValuesParser;
use leastgrant_report::{access, catalog, json, minimize, usage};

use crate::exit::Outcome;
use crate::printer::Printer;

/// Print the JSON Schema of an output
#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// Which output
    #[arg(value_parser = PossibleValuesParser::new(["catalog", "findings", "gate", "manifest", "minimize", "minimize-check", "prove", "simulate", "truth", "usage", "usage-summary", "who-can", "who-can-become"]))]
    name: String,
}

pub(super) fn run(arguments: &SchemaArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let schema = match arguments.name.as_str() {
        "catalog" => catalog::schema(),
        "manifest" => Some(leastgrant_inventory::Manifest::json_schema()),
        "minimize" => minimize::schema(),
        "minimize-check" => minimize::check::schema(),
        "usage" => usage::schema(),
        "usage-summary" => Some(leastgrant_trail::Summary::json_schema()),
        "truth" => Some(leastgrant_demo::truth_schema()),
        name => json::schema(name).or_else(|| access::schema(name)),
    };
    if let Some(schema) = schema {
        printer.data(&schema)?;
    }
    Ok(Outcome::Done)
}
