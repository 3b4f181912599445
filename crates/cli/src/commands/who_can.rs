//! `who-can`: the principals that can do something, or become somebody.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use leastgrant_access::{Access, Question, WhoCan, context_of};
use leastgrant_inventory::Inventory;
use leastgrant_policy::{Context, Resource};
use leastgrant_report::access::becoming::Becoming;
use leastgrant_report::access::who_can;
use leastgrant_report::text::terminal_safe;

use super::audit::as_of;
use super::simulate::{action, pair, resource};
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;

/// List the principals that can do an action, or become another
///
/// Asked over all policies of each principal: its own and its groups', its permissions boundary, service and resource control
/// policies, and the resource's own policy. `yes`: in every context; `depends`: in some contexts, and the condition keys are
/// named; `unknown`: something that was not collected or cannot be read decides. Without `--resource` it means: on some
/// resource, and the patterns that the policies have are named. 0: answered, also if nobody can; 3: what cannot be read may
/// decide for some of them; 2: an error.
///
/// With `--become` it lists who can become a principal, directly or over others, with the shortest path: by a role that may be
/// assumed or passed, by keys or a password that can be made, by policies that can be changed (see `explain escalation-path`).
/// `depends` names the condition keys of the steps of that path; `perhaps`: a step rests on what an inventory does not hold, such
/// as functions.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("question").args(["action", "become_arn"]).required(true))]
pub(crate) struct WhoCanArguments {
    /// The inventory's folder
    inventory: PathBuf,
    /// The action, such as `s3:GetObject`
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// The resource's ARN, or `*` for a request that names no resource [default: on some resource]
    #[arg(long, value_name = "ARN", value_parser = resource)]
    resource: Option<Resource>,
    /// A condition key and its value; the same key again makes it multivalued. Other keys may have any value
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// List who can become this principal: the ARN of a user, a role or a role's session
    #[arg(long = "become", value_name = "ARN", conflicts_with_all = ["action", "resource", "context"])]
    become_arn: Option<String>,
    /// Print the principals like this
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// How the principals are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A table for the terminal.
    #[default]
    Table,
    /// JSON, `leastgrant.who-can/1`.
    Json,
    /// Comma-separated values, a row for each principal and resource.
    Csv,
}

pub(super) fn run(
    arguments: &WhoCanArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    match (&arguments.become_arn, &arguments.action) {
        (Some(target), _) => who_can_become(arguments, target, global, printer),
        (None, action) => who_can_do(arguments, action.as_deref().unwrap_or_default(), printer),
    }
}

fn who_can_become(
    arguments: &WhoCanArguments,
    target: &str,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let inventory = Inventory::open(&arguments.inventory)?;
    let access = Access::load(&inventory)?;
    let Some(principal) = access.principal_of(target) else {
        anyhow::bail!(
            "`{}` is no principal of the inventory; give the ARN of a user, a role or a role's session of an account that was collected",
            terminal_safe(target)
        );
    };
    let as_of = as_of(&inventory, global, printer);
    let graph = super::graph::made(&inventory, &access, as_of, printer)?;
    let found = Becoming::of(&access, &graph, principal);
    match arguments.format {
        Format::Table => printer.data(&found.table(printer.terminal()))?,
        Format::Json => printer.data_by(|output| found.json(output))?,
        Format::Csv => printer.data_by(|output| found.csv(output))?,
    }
    printer.note(&found.summary());
    Ok(match found.unknowns.is_empty() {
        true => Outcome::Done,
        false => Outcome::Incomplete,
    })
}

fn who_can_do(
    arguments: &WhoCanArguments,
    name: &str,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let pairs = arguments.context.iter();
    let question = Question {
        action: action(name, printer)?,
        resource: arguments.resource.clone(),
        context: context_of(
            pairs.map(|(key, value)| (key.as_str(), value.as_str())),
            Context::open(),
        ),
    };
    let inventory = Inventory::open(&arguments.inventory)?;
    let started = std::time::Instant::now();
    let access = Access::load(&inventory)?;
    printer.detail(&format!(
        "read the policies in {} µs",
        started.elapsed().as_micros()
    ));
    let started = std::time::Instant::now();
    let answers = access.who_can(&question);
    printer.detail(&format!("asked in {} µs", started.elapsed().as_micros()));
    let notes = access.notes();
    match arguments.format {
        Format::Table => {
            let table = who_can::table(&access, &answers, notes, printer.terminal());
            printer.data(&table)?;
        }
        Format::Json => {
            printer.data_by(|output| who_can::json(&access, &question, &answers, notes, output))?
        }
        Format::Csv => printer.data_by(|output| who_can::csv(&access, &answers, output))?,
    }
    printer.note(&who_can::summary(&answers, &question));
    Ok(outcome(&answers))
}

/// Evidence that the question needs and that could not be read is 3; a kind of data that was never collected is said, and is 0.
fn outcome(answers: &WhoCan) -> Outcome {
    if answers.unknowns.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    }
}
