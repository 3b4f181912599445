//! `simulate`: one decision explained, or a batch of them.

mod batch;
mod single;

use std::path::PathBuf;

pub(super) use single::action;

use clap::{Args, ValueEnum};
use leastgrant_policy::Resource;
use leastgrant_policy::evaluate::Outcome as Decision;
use leastgrant_policy::resource::arn_fields;

use crate::exit::Outcome;
use crate::printer::Printer;

/// The two forms exclude each other, which a generated usage does not show.
const USAGE: &str =
    "leastgrant simulate [OPTIONS] --principal <ARN> --action <ACTION> --resource <ARN> <INVENTORY>
       leastgrant simulate [OPTIONS] --batch <FILE>";

/// Decide one request of a principal of an inventory, and explain it
///
/// The context is what `--context` gives and the principal's ARN implies, and nothing else. Condition keys that were not
/// given and matter are named. With `--batch`, requests and their policies come as JSON Lines, and no inventory is read.
/// 0: decided, as `--expect` says if it is given; 1: another decision than that; 3: what was not collected or cannot be read
/// may decide otherwise; 2: an error, such as a principal that is not there. With `--batch`, 0 if every line was judged, else 2.
#[derive(Debug, Args)]
#[command(override_usage = USAGE)]
pub(crate) struct SimulateArguments {
    /// The inventory's folder
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    inventory: Option<PathBuf>,
    /// Who calls: the ARN of a user, role, session or root user, a service's host, or `*` for anybody
    #[arg(
        long,
        value_name = "ARN",
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    principal: Option<String>,
    /// The action, such as `s3:GetObject`
    #[arg(
        long,
        value_name = "ACTION",
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    action: Option<String>,
    /// The resource's ARN, or `*` for a request that names no resource
    #[arg(
        long,
        value_name = "ARN",
        value_parser = resource,
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    resource: Option<Resource>,
    /// A condition key and its value; the same key again makes it multivalued
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair, conflicts_with = "batch")]
    context: Vec<(String, String)>,
    /// Exit with 1 if the decision is another one
    #[arg(long, value_enum, value_name = "DECISION", conflicts_with = "batch")]
    expect: Option<DecisionArgument>,
    /// Print the decision like this
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        conflicts_with = "batch"
    )]
    format: Format,
    /// Read requests with their policies from this file, a line each; `-` is standard input
    #[arg(long, value_name = "FILE")]
    batch: Option<PathBuf>,
}

/// How a decision is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// JSON, `leastgrant.simulate/1`.
    Json,
}

/// A decision as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum DecisionArgument {
    /// It is allowed.
    Allowed,
    /// Nothing that must allow it does.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
}

impl From<DecisionArgument> for Decision {
    fn from(argument: DecisionArgument) -> Self {
        match argument {
            DecisionArgument::Allowed => Self::Allowed,
            DecisionArgument::ImplicitlyDenied => Self::ImplicitlyDenied,
            DecisionArgument::ExplicitlyDenied => Self::ExplicitlyDenied,
        }
    }
}

/// `KEY=VALUE`, cut at the first `=`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(
            "a condition key and its value were expected, such as `aws:SourceIp=10.0.0.1`"
                .to_owned(),
        ),
    }
}

/// `*`, or an ARN of six fields.
pub(super) fn resource(text: &str) -> Result<Resource, String> {
    if text == "*" || arn_fields(text).is_some() {
        return Ok(Resource::parse(text));
    }
    Err("a resource's ARN was expected, such as `arn:aws:s3:::bucket/key`, or `*` for a request that names no resource".to_owned())
}

pub(super) fn run(arguments: &SimulateArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    match (&arguments.batch, &arguments.inventory) {
        (Some(batch), _) => batch::run(batch, printer),
        (None, Some(inventory)) => single::run(arguments, inventory, printer),
        (None, None) => Ok(Outcome::CannotAnswer),
    }
}
