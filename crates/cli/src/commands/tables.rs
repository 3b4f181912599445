//! `tables`: what an inventory holds.

use clap::Args;
use clap::builder::PossibleValuesParser;
use leastgrant_inventory::{Table, tables};
use leastgrant_report::table::listing;

use crate::exit::Outcome;
use crate::printer::Printer;

/// List the inventory's tables and columns with their types and units
#[derive(Debug, Args)]
pub(crate) struct TablesArguments {
    /// Only this table
    #[arg(value_parser = PossibleValuesParser::new(tables::ALL.iter().map(|table| table.name)))]
    table: Option<String>,
}

pub(super) fn run(arguments: &TablesArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let width = printer.terminal().width;
    let wanted = tables::ALL.iter().filter(|table| {
        arguments
            .table
            .as_ref()
            .is_none_or(|name| name == table.name)
    });
    let texts: Vec<String> = wanted.map(|table| text(table, width)).collect();
    printer.data(&texts.join("\n"))?;
    Ok(Outcome::Done)
}

fn text(table: &Table, width: Option<usize>) -> String {
    let rows: Vec<_> = table
        .columns
        .iter()
        .map(|column| {
            let nullable = if column.nullable { "?" } else { "" };
            vec![
                column.name.to_owned(),
                format!("{}{nullable}", column.column_type.name()),
                column.unit.unwrap_or_default().to_owned(),
                column.about.trim().to_owned(),
            ]
        })
        .collect();
    format!(
        "{} ({}): {}\n{}",
        table.name,
        table.file_name(),
        table.about.trim(),
        listing(&["column", "type", "unit", "holds"], &rows, width)
    )
}
