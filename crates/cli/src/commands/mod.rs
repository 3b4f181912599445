//! The commands: one file each, one list of all.

mod athena;
mod audit;
mod bundle_script;
mod catalog;
mod collect;
mod completions;
mod connection;
mod demo;
mod explain;
mod gate;
mod graph;
mod live;
mod man;
mod minimize;
mod minimize_check;
mod plan;
mod policy;
mod prove;
mod rules;
mod run;
mod schema;
mod simulate;
mod tables;
mod usage;
mod who_can;

use clap::Subcommand;

use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;

/// A command with its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Box<run::RunArguments>),
    Collect(Box<collect::CollectArguments>),
    Usage(Box<usage::UsageArguments>),
    Audit(audit::AuditArguments),
    Gate(gate::GateArguments),
    Minimize(minimize::MinimizeArguments),
    MinimizeCheck(minimize_check::MinimizeCheckArguments),
    Prove(prove::ProveArguments),
    Simulate(simulate::SimulateArguments),
    WhoCan(who_can::WhoCanArguments),
    Graph(graph::GraphArguments),
    Athena(athena::AthenaArguments),
    Catalog(catalog::CatalogArguments),
    Policy(policy::PolicyArguments),
    Rules(rules::RulesArguments),
    Explain(explain::ExplainArguments),
    Demo(demo::DemoArguments),
    BundleScript(bundle_script::BundleScriptArguments),
    Tables(tables::TablesArguments),
    Schema(schema::SchemaArguments),
    Completions(completions::CompletionsArguments),
    Man(man::ManArguments),
}

pub(crate) fn run(
    command: &Command,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    match command {
        Command::Run(arguments) => run::run(arguments, global, printer),
        Command::Collect(arguments) => collect::run(arguments, global, printer),
        Command::Usage(arguments) => usage::run(arguments, global, printer),
        Command::Audit(arguments) => audit::run(arguments, global, printer),
        Command::Gate(arguments) => gate::run(arguments, global, printer),
        Command::Minimize(arguments) => minimize::run(arguments, global, printer),
        Command::MinimizeCheck(arguments) => minimize_check::run(arguments, printer),
        Command::Prove(arguments) => prove::run(arguments, printer),
        Command::Simulate(arguments) => simulate::run(arguments, printer),
        Command::WhoCan(arguments) => who_can::run(arguments, global, printer),
        Command::Graph(arguments) => graph::run(arguments, global, printer),
        Command::Athena(arguments) => athena::run(arguments, global, printer),
        Command::Catalog(arguments) => catalog::run(arguments, printer),
        Command::Policy(arguments) => policy::run(arguments, printer),
        Command::Rules(arguments) => rules::run(arguments, printer),
        Command::Explain(arguments) => explain::run(arguments, printer),
        Command::Demo(arguments) => demo::run(arguments, printer),
        Command::BundleScript(arguments) => bundle_script::run(arguments, printer),
        Command::Tables(arguments) => tables::run(arguments, printer),
        Command::Schema(arguments) => schema::run(arguments, printer),
        Command::Completions(arguments) => completions::run(arguments, printer),
        Command::Man(arguments) => man::run(arguments, printer),
    }
}
