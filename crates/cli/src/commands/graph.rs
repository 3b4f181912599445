//! `graph`: who can become whom.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use leastgrant_access::{Access, Graph, GraphFacts};
use leastgrant_inventory::{Inventory, Timestamp};
use leastgrant_policy::Context;
use leastgrant_policy::scalar::Instant;
use leastgrant_report::access::graph::{dot, graphml};

use super::audit::as_of;
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;

/// More of what is not known is counted, and named with `--verbose`.
const SHOWN: usize = 20;

/// Print who can become whom, as a graph
///
/// Nodes are principals, groups that can be joined, and the administrator of each account. An edge is a way to become another
/// or an administrator, over all policies of a principal: its sets of actions are named as in `explain escalation-path`, and
/// `low` (dashed) confidence means that it rests on something that an inventory does not hold, such as a function with that
/// role. Where several principals have the same targets, edges lead through a node `any_of`. What is not
/// known of the policies of some principals is said on standard error: they may have more ways. 0: printed; 3: printed, and something
/// is not known; 2: an error.
#[derive(Debug, Args)]
pub(crate) struct GraphArguments {
    /// The inventory's folder
    inventory: PathBuf,
    /// Print the graph like this
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Format,
}

/// How the graph is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For Graphviz.
    Dot,
    /// XML for yEd, Gephi, Neo4j and NetworkX.
    Graphml,
}

pub(super) fn run(
    arguments: &GraphArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let inventory = Inventory::open(&arguments.inventory)?;
    let access = Access::load(&inventory)?;
    let graph = made(
        &inventory,
        &access,
        as_of(&inventory, global, printer),
        printer,
    )?;
    printer.data_by(|output| match arguments.format {
        Format::Dot => dot(&access, &graph, output),
        Format::Graphml => graphml(&access, &graph, output),
    })?;
    for note in access.notes() {
        printer.note(note);
    }
    let unknowns = access.unknowns();
    for (index, unknown) in unknowns.iter().enumerate() {
        let line = format!("not known: {}", unknown.reason);
        match index < SHOWN {
            true => printer.note(&line),
            false => printer.detail(&line),
        }
    }
    if unknowns.len() > SHOWN {
        printer.note(&format!(
            "and {} more that are not known; `--verbose` names them",
            unknowns.len() - SHOWN
        ));
    }
    Ok(match unknowns.is_empty() {
        true => Outcome::Done,
        false => Outcome::Incomplete,
    })
}

/// The graph at an instant and later.
pub(super) fn made(
    inventory: &Inventory,
    access: &Access,
    as_of: Timestamp,
    printer: &Printer,
) -> anyhow::Result<Graph> {
    let started = std::time::Instant::now();
    let facts = GraphFacts::load(inventory)?;
    let context = Context::open().at_or_after(Instant(as_of.as_nanosecond()));
    let graph = Graph::new(access, &facts, &context);
    printer.detail(&format!(
        "made the graph in {} µs",
        started.elapsed().as_micros()
    ));
    Ok(graph)
}
