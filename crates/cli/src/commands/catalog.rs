//! `catalog`: what the built-in catalogue knows of AWS.

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::ActionPattern;
use leastgrant_report::catalog::{Answer, Expansion, json, text};

use crate::exit::Outcome;
use crate::printer::Printer;

/// Show what the built-in catalogue knows of AWS
#[derive(Debug, Args)]
pub(crate) struct CatalogArguments {
    #[command(subcommand)]
    command: CatalogCommand,
}

#[derive(Debug, Subcommand)]
enum CatalogCommand {
    /// Show an action or a service: access levels, resource types, condition keys
    ///
    /// 0: shown; 2: the catalogue does not know it.
    Show(ShowArguments),
    /// List the actions that patterns match, one a line
    ///
    /// `*` stands for any text and `?` for one character, in prefix and name; case is ignored. 3: some of the patterns match
    /// nothing; 2: none of them matches.
    Expand(ExpandArguments),
    /// Show what the catalogue is made from, and of which day it is
    Version(VersionArguments),
}

#[derive(Debug, Args)]
struct ShowArguments {
    /// `prefix:Name` or a service's prefix, in any case
    #[arg(value_name = "ACTION|SERVICE")]
    name: String,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct ExpandArguments {
    /// As in a policy's Action: `s3:Get*`, `*:Describe*`
    #[arg(value_name = "PATTERN", required = true)]
    patterns: Vec<String>,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct VersionArguments {
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct OutputArguments {
    /// Print the answer like this
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: Format,
}

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// JSON, `leastgrant.catalog/1`.
    Json,
}

pub(super) fn run(arguments: &CatalogArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    match &arguments.command {
        CatalogCommand::Show(arguments) => show(arguments, printer),
        CatalogCommand::Expand(arguments) => expand(arguments, printer),
        CatalogCommand::Version(arguments) => {
            print(Answer::Version, &arguments.output, printer)?;
            Ok(Outcome::Done)
        }
    }
}

fn show(arguments: &ShowArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let name = arguments.name.trim();
    let catalog = Catalog::get();
    let answer = if name.contains(['*', '?']) {
        bail!("`{name}` is a pattern; `leastgrant catalog expand '{name}'` lists what it matches");
    } else if name.contains(':') {
        catalog.action(name).map(Answer::Action)
    } else {
        catalog.service(name).map(Answer::Service)
    };
    let Some(answer) = answer else {
        let kind = if name.contains(':') {
            "action"
        } else {
            "service"
        };
        bail!("{}", unknown(kind, name));
    };
    print(answer, &arguments.output, printer)?;
    Ok(Outcome::Done)
}

fn expand(arguments: &ExpandArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let patterns = &arguments.patterns;
    let mut actions = ActionSet::new();
    let mut unmatched = Vec::new();
    for text in patterns {
        let pattern = ActionPattern::parse(text);
        if !pattern.is_well_formed() {
            bail!("{}", no_pattern(text));
        }
        let matched = Catalog::get().expand(&pattern);
        if matched.is_empty() {
            unmatched.push(text.clone());
        }
        actions.union_with(&matched);
    }
    let messages: Vec<String> = unmatched
        .iter()
        .map(|text| match text.contains(['*', '?']) {
            true => unknown("action like", text),
            false => unknown("action", text),
        })
        .collect();
    if actions.is_empty() {
        bail!("{}", messages.join("; "));
    }
    let expansion = Expansion {
        patterns,
        unmatched: &unmatched,
        actions: &actions,
    };
    print(Answer::Expansion(expansion), &arguments.output, printer)?;
    for message in &messages {
        printer.note(message);
    }
    Ok(if messages.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

fn print(answer: Answer<'_>, output: &OutputArguments, printer: &Printer) -> anyhow::Result<()> {
    match output.format {
        Format::Text => printer.data(&text(answer, printer.terminal().width)),
        Format::Json => printer.data(&json(answer)?),
    }
}

/// Says that the catalogue does not know something, which may exist all the same.
fn unknown(kind: &str, name: &str) -> String {
    let catalog = Catalog::get();
    let mut message = format!(
        "the catalogue of {} has no {kind} `{name}`",
        catalog.version().date
    );
    if let Some(suggestion) = catalog.suggest(name) {
        message.push_str(&format!("; did you mean `{suggestion}`?"));
    }
    message
}

fn no_pattern(text: &str) -> String {
    let is_service = Catalog::get().service(text.trim_end_matches(':')).is_some();
    let example = if is_service {
        format!("{}:*", text.trim_end_matches(':'))
    } else {
        "s3:Get*".to_owned()
    };
    format!(
        "`{text}` is no pattern of actions, which is `*` or has a prefix and a name, such as `{example}`"
    )
}
