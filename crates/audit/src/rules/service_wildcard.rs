//! `service-wildcard`: principal has all actions of a service.

use std::collections::{BTreeSet, HashMap};

use leastgrant_access::PolicyId;
use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::evaluate::Member;
use leastgrant_policy::{ActionPattern, Effect, Piece, Policy, Statement};
use rayon::prelude::*;

use super::principals;
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::reach::{PrincipalReach, Reader, Universe, actions_of};
use crate::{RuleMetadata, Severity, action_lists, listing};

/// The rule's id.
pub const ID: &str = "service-wildcard";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Principal has all actions of a service",
        what_it_does: "Reports users and roles that have all actions of a service on any resource by a wildcard (`s3:*`, `*`, NotAction) and may change something with them, over all their policies and less every Deny, permissions boundary and organisation's policy. Where those take some of the actions away the finding is of what remains, and where they leave none that changes anything there is none.",
        why_it_is_bad: "The wildcard also grants what AWS adds to the service later, and what manages its permissions.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "The wildcard on one bucket or queue is no finding. Patterns such as `s3:Put*` are none either; `unscoped-write` has those. Administrators are reported by `admin-access` alone; service-linked roles and the principals in `minimize.break_glass` are not reported.",
        remediation: "List the actions that are needed; `leastgrant minimize` does it from what was used, and `leastgrant catalog expand 's3:*'` shows what the wildcard grants.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        ],
    },
    check: Check::Policies(check),
};

/// More services than these are counted only.
const SHOWN_SERVICES: usize = 8;

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let first = context.principals().next();
    let partition = first.and_then(|own| own.subject.arn.split(':').nth(1));
    let account_id = &context.account.account.account_id;
    let resources = Universe::get().resources(partition.unwrap_or("aws"), account_id);
    let reader = Reader {
        resources: &resources,
        short: Member::Identity.short_arn(),
    };
    let access = &context.policies.access;
    let policies: BTreeSet<PolicyId> = context
        .principals()
        .flat_map(|own| own.subject.identity.iter().map(|own| own.policy))
        .collect();
    let granted: HashMap<PolicyId, ActionSet> = policies
        .into_par_iter()
        .filter_map(|id| Some((id, by_wildcard(&reader, access.document(id)?))))
        .filter(|(_, granted)| !granted.is_empty())
        .collect();
    principals::each_limited(context, output, |principal| {
        report(context, principal, &granted)
    });
}

fn report(
    context: &PolicyContext<'_>,
    principal: PrincipalReach<'_>,
    granted_by: &HashMap<PolicyId, ActionSet>,
) -> Option<Draft> {
    let PrincipalReach { subject, reach } = principal;
    let policies = subject.identity.iter();
    let mut granting = policies
        .filter_map(|own| granted_by.get(&own.policy))
        .peekable();
    granting.peek()?;
    if !reach.anywhere.intersects(action_lists::changes()) {
        return None;
    }
    let mut granted = ActionSet::new();
    granting.for_each(|own| granted.union_with(own));
    let mut words = Vec::new();
    let mut actions = ActionSet::new();
    for service in granted.services() {
        let count = service.actions().len();
        if granted.count_of(service) != count
            || !reach
                .anywhere
                .intersects_of(service, action_lists::changes())
        {
            continue;
        }
        words.push(match reach.anywhere.count_of(service) {
            remaining if remaining == count => format!("`{}` (all {count})", service.prefix()),
            remaining => format!("`{}` ({remaining} of {count})", service.prefix()),
        });
        actions.union_of(service, &reach.anywhere);
    }
    if words.is_empty() {
        return None;
    }
    let count = words.len();
    words.truncate(SHOWN_SERVICES);
    if count > SHOWN_SERVICES {
        words.push(format!("{} more services", count - SHOWN_SERVICES));
    }
    let draft = principals::draft(subject, &RULE)
        .detail(format!(
            "it has all actions of {} by a wildcard, and may use on any resource those of {}",
            listing::counted(count, "service"),
            listing::and(words)
        ))
        .remediation(RULE.metadata.remediation);
    principals::granted(context, principal, &actions, draft)
}

/// The actions that wildcards for whole services grant on any resource of some kind.
fn by_wildcard(reader: &Reader<'_>, policy: &Policy) -> ActionSet {
    let mut granted = ActionSet::new();
    for statement in &policy.statements {
        if statement.effect != Effect::Allow || !is_of_any_resource(reader, statement) {
            continue;
        }
        if statement.action.is_negated {
            granted.union_with(&actions_of(statement));
            continue;
        }
        let entries = statement.action.entries.iter();
        for entry in entries.filter(|entry| is_of_whole_services(entry)) {
            Catalog::get().expand_into(entry, &mut granted);
        }
    }
    granted
}

/// Whether a statement matches any resource of some kind: a wildcard on one bucket is none for the service.
fn is_of_any_resource(reader: &Reader<'_>, statement: &Statement) -> bool {
    let is_every = statement.resource.as_ref().is_none_or(|list| {
        let mut entries = list.entries.iter();
        !list.is_negated && entries.any(|entry| entry.is_every())
    });
    is_every || !reader.targets(statement).is_empty()
}

/// Whether a pattern of names asks for nothing but, perhaps, some length: `*`, `?*`.
fn is_of_any_name(pieces: &[Piece]) -> bool {
    pieces.contains(&Piece::Many)
        && pieces
            .iter()
            .all(|piece| matches!(piece, Piece::Many | Piece::One))
}

fn is_of_whole_services(entry: &ActionPattern) -> bool {
    entry.is_every()
        || entry
            .service_and_name()
            .is_some_and(|(_, name)| is_of_any_name(name.pieces()))
}
