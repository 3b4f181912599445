//! `prove`: is everything that a new policy allows allowed by the old one?

mod batch;

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare_knowing};
use leastgrant_policy::{Policy, PolicyKind};
use leastgrant_report as report;

use crate::exit::Outcome;
use crate::known_actions;
use crate::policy_file;
use crate::printer::Printer;

/// Prove that a new policy allows nothing that the old one does not
///
/// Answers `subset`, `not_subset` with a request that shows it, or `unknown` with the reason. A subset holds for every
/// request, whichever way `*` is read across the colons of an ARN. 0: subset; 1: not_subset; 3: unknown. With `--batch`, 0 if
/// every line was answered.
#[derive(Debug, Args)]
pub(crate) struct ProveArguments {
    /// The policy that is there; `-` is standard input
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "batch",
        requires = "new"
    )]
    old: Option<PathBuf>,
    /// The policy that is to take its place; `-` is standard input
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "batch",
        requires = "old"
    )]
    new: Option<PathBuf>,
    /// What the policies are attached to
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        default_value_t,
        conflicts_with = "batch"
    )]
    kind: KindArgument,
    /// Many pairs, as JSON Lines: `{"id", "old", "new", "kind"}` each; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["old", "new"])]
    batch: Option<PathBuf>,
    /// Print the answer like this; a batch is always JSON Lines
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value_t,
        conflicts_with = "batch"
    )]
    format: Format,
}

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum KindArgument {
    /// A user, group or role; permissions boundaries and permission sets are alike.
    #[default]
    Identity,
    /// A resource, with a Principal in each statement; trust policies are alike.
    Resource,
}

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// JSON, `leastgrant.prove/1`.
    Json,
}

impl From<KindArgument> for Kind {
    fn from(kind: KindArgument) -> Self {
        match kind {
            KindArgument::Identity => Self::Identity,
            KindArgument::Resource => Self::Resource,
        }
    }
}

pub(super) fn run(arguments: &ProveArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    if let Some(batch) = &arguments.batch {
        return batch::run(batch, printer);
    }
    let (Some(old_path), Some(new_path)) = (&arguments.old, &arguments.new) else {
        bail!("`--old` and `--new` are needed, or `--batch`");
    };
    if old_path == new_path && old_path.as_os_str() == "-" {
        bail!("only one of `--old` and `--new` can be standard input");
    }
    let old = policy_file::read(old_path, printer)?;
    let new = policy_file::read(new_path, printer)?;
    let kind = arguments.kind.into();
    for (path, policy) in [(old_path, &old), (new_path, &new)] {
        let lint_kind = match arguments.kind {
            KindArgument::Identity => PolicyKind::Identity,
            KindArgument::Resource => PolicyKind::Resource,
        };
        policy_file::warn(path, policy, lint_kind, printer);
        known_actions::note_unknown_in(policy, &path.display().to_string(), printer);
    }
    let verdict = answer(&old, &new, kind);
    let text = match arguments.format {
        Format::Text => report::prove::text(&verdict, &old, &new, kind),
        Format::Json => report::prove::json(&verdict)?,
    };
    printer.data(&text)?;
    Ok(match verdict {
        Verdict::Subset => Outcome::Done,
        Verdict::NotSubset(_) => Outcome::No,
        Verdict::Unknown(_) => Outcome::Incomplete,
    })
}

fn answer(old: &Policy, new: &Policy, kind: Kind) -> Verdict {
    let verdict = compare_knowing(
        &[old],
        &[new],
        kind,
        DEFAULT_WORK,
        &known_actions::is_multivalued,
    );
    match verdict {
        Verdict::NotSubset(witness) => {
            Verdict::NotSubset(Box::new(known_actions::plainer(*witness, old, new, kind)))
        }
        verdict => verdict,
    }
}
