//! Smaller policies as files: `minimize.json`, documents, diffs, and a page for each principal.

pub mod check;
mod cloudformation;
mod diff;
pub mod existing_terraform;
pub mod folder;
mod hcl;
mod json;
mod page;
mod place;
mod terraform;

use std::collections::BTreeSet;

use leastgrant_inventory::counted;
use leastgrant_minimize::{Outcome, PolicyOutcome, Source, SourceKind, Status};

pub use json::schema;

/// What a policy is called in refinements: an inline policy's name, or an ARN. An inline policy that the principal has through a
/// group or a permission set is told from its own by that one's ARN.
fn key(policy: &PolicyOutcome, principal_arn: &str) -> String {
    let Source {
        kind,
        owner,
        name,
        arn,
        ..
    } = &policy.source;
    match kind {
        SourceKind::Inline if owner == principal_arn => name.clone(),
        SourceKind::Inline => format!("{owner}:{name}"),
        SourceKind::AwsManaged | SourceKind::CustomerManaged => arn.clone(),
    }
}

/// The policies that change of the principals that were asked for, with their places.
fn changed(outcome: &Outcome) -> impl Iterator<Item = (usize, &PolicyOutcome)> {
    let principals = outcome.principals.iter();
    let asked: BTreeSet<usize> = principals
        .flat_map(|own| own.policies.iter().copied())
        .collect();
    let policies = outcome.policies.iter().enumerate();
    policies.filter(move |(place, own)| own.is_changed && asked.contains(place))
}

/// What `actions_before` and `actions_after` count. Reports on use count what is granted in the end, which is less.
const COUNTED_ACTIONS: &str = "actions that its policies allow, Denies and boundary aside";

/// What came of it, in a line.
#[must_use]
pub fn summary(outcome: &Outcome) -> String {
    let count = |status: Status| {
        let principals = outcome.principals.iter();
        principals.filter(|own| own.status == status).count()
    };
    let minimized = || {
        let principals = outcome.principals.iter();
        principals.filter(|own| own.status == Status::Minimized)
    };
    let before: usize = minimized().map(|own| own.metrics.actions_before).sum();
    let after: usize = minimized().map(|own| own.metrics.actions_after).sum();
    let percent = before.saturating_sub(after) * 100 / before.max(1);
    format!(
        "{} minimized (actions that their policies allow, Denies and boundaries aside: {before} before, {after} after, {percent} % fewer), {} unchanged, {} skipped",
        counted(count(Status::Minimized), "principal"),
        count(Status::Unchanged),
        count(Status::Skipped),
    )
}
