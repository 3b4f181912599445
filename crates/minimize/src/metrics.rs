//! Sizes of a principal's policies before and after.

use leastgrant_access::{Access, Subject};
use leastgrant_catalog::ActionSet;
use leastgrant_policy::{Effect, Policy, Statement};

use crate::narrow::Granted;
use crate::outcome::Metrics;

/// All of a principal's identity policies.
pub(crate) struct Sizes<'a> {
    pub(crate) old: &'a [&'a Policy],
    pub(crate) new: &'a [&'a Policy],
}

pub(crate) fn metrics(access: &Access, subject: &Subject, sizes: &Sizes<'_>) -> Metrics {
    let live = |policies: &[&Policy]| access.live_escalation_sets(subject, policies).len();
    Metrics {
        actions_before: actions(sizes.old),
        actions_after: actions(sizes.new),
        resources_wildcard_before: wildcards(sizes.old),
        resources_wildcard_after: wildcards(sizes.new),
        escalation_paths_before: live(sizes.old),
        escalation_paths_after: live(sizes.new),
    }
}

fn allows<'a>(policies: &'a [&'a Policy]) -> impl Iterator<Item = &'a Statement> {
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    statements.filter(|own| own.effect == Effect::Allow)
}

fn actions(policies: &[&Policy]) -> usize {
    let mut all = ActionSet::new();
    for allow in allows(policies) {
        all.union_with(&Granted::of(allow).all);
    }
    all.len()
}

fn wildcards(policies: &[&Policy]) -> usize {
    let elements = allows(policies).filter_map(|own| own.resource.as_ref());
    elements
        .flat_map(|element| &element.entries)
        .filter(|entry| entry.whole().as_literal().is_none())
        .count()
}
