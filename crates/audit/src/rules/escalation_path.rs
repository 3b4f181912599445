//! `escalation-path`: principal can raise its rights.

use leastgrant_access::{Confidence as Sure, Gain, NodeId, Subject, SubjectId, Way, Worth};
use rayon::prelude::*;

use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::GraphContext;
use crate::escalation::{
    MAY_BE_CLOSED, confidence_if_met, evidence, may_be_closed, principals, report_unknown,
    resource_type, short,
};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "escalation-path";

/// More ways than these of one principal are counted, not shown.
const SHOWN: usize = 8;

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        worst_severity: Severity::Critical,
        summary: "Principal can raise its rights",
        what_it_does: "Reports users and roles that can gain rights which they were not given, by any of 83 known sets of actions, such as `iam:PassRole` with `lambda:CreateFunction` and `lambda:InvokeFunction`. All policies of the principal are taken together, less Denies and within its permissions boundary and service control policies, and a way needs a target that exists: a role that trusts the service and that may be passed, a user with room for another access key, a role whose trust policy admits the principal, an own policy that can be edited. A permissions boundary that the principal can take off, replace or edit does not limit it, groups that it can join count with what it has, whoever can make an administrator can be one, and so can whoever can raise the rights of another and become it, also over several steps. Critical where one step ends with administrator rights, high where several do, medium where the rights of others are gained. Administrators are not reported, nor are service-linked roles.",
        why_it_is_bad: "What the principal's policies say is not what it can do: whoever takes over its credentials takes over the targets too.",
        evidence_needed: "The answer of GetAccountAuthorizationDetails. Keys and passwords of users (credential report, ListAccessKeys) and service control policies make the answer exact.",
        limits: "The sets of CodeStar are still looked for, although AWS closed that service in 2024. Functions, instances, stacks and the like are not in an inventory: ways that take over the role of one are of low confidence and name roles that the service may assume. So are ways that raise the rights of somebody whom the principal cannot become, such as `iam:AttachUserPolicy` held by a role. Conditions on what only a request tells count as met and are named, and where every way has some, confidence is medium; a date that has passed counts as over. Conditions that exclude each other, as of a policy and a permissions boundary, are no way where they leave a key single values; patterns, numbers and addresses that do each count as met. Tags of users and roles, as callers and as targets, are compared with those of the inventory, unless the caller may change tags or pass some for a session; that a role may be passed by its tags is never told. Of policies that may be attached, AWS's `AdministratorAccess` and `IAMFullAccess` and those of the inventory are tried that grant everything, or all of IAM, without conditions.",
        remediation: "Take away one action of each way, or limit its Resource and, for `iam:PassRole`, `iam:PassedToService`. Where the principal has to manage permissions, give it and what it makes a permissions boundary.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
            "https://pathfinding.cloud",
        ],
    },
    check: Check::Graph(check),
};

/// A way that is worth going, with the target that is worth the most.
struct Reported<'a> {
    way: &'a Way,
    target: Option<NodeId>,
    more: usize,
    rank: Worth,
}

fn check(context: &GraphContext<'_>, output: &mut Output) {
    report_unknown(context, output);
    let principals: Vec<(SubjectId, &Subject)> = principals(context).collect();
    let drafts: Vec<Draft> = principals
        .par_iter()
        .filter_map(|(id, subject)| {
            let node = context.graph.node_of(*id);
            let ways = context.graph.ways(node).iter();
            let mut reported: Vec<Reported<'_>> = ways
                .filter_map(|way| reported(context, node, way))
                .collect();
            reported.sort_by_key(|own| (std::cmp::Reverse(own.way.confidence), own.rank));
            let first = reported.first()?;
            Some(describe(context, node, subject, first, &reported))
        })
        .collect();
    drafts.into_iter().for_each(|draft| output.find(draft));
}

fn reported<'a>(context: &GraphContext<'_>, node: NodeId, way: &'a Way) -> Option<Reported<'a>> {
    let access = &context.policy.policies.access;
    let graph = context.graph;
    let count = graph.targets(node, way).count();
    if way.gain == Gain::Becomes {
        let (rank, best) = graph.best_target(access, node, way)?;
        let target = match rank {
            Worth::Rights => graph.targets(node, way).find(|target| {
                graph.has_more(access, node, *target) && has_rights(context, *target)
            })?,
            _ => best,
        };
        return Some(Reported {
            way,
            target: Some(target),
            more: count.saturating_sub(1),
            rank,
        });
    }
    Some(Reported {
        way,
        target: graph.targets(node, way).next(),
        more: count.saturating_sub(1),
        rank: match way.gain {
            Gain::Administrator => Worth::Administrator,
            _ => Worth::Rights,
        },
    })
}

/// Whether a target has any right, or may have: one that its boundary leaves nothing is nothing to become.
fn has_rights(context: &GraphContext<'_>, target: NodeId) -> bool {
    let access = &context.policy.policies.access;
    let subject = context
        .graph
        .principal(target)
        .and_then(|id| access.subject(id));
    // A group has no boundary, and its policies are its members'.
    subject.is_none_or(|subject| {
        !context.graph.ways(target).is_empty()
            || !subject.unknowns.is_empty()
            || !context.policy.policies.granted_actions(subject).is_empty()
    })
}

fn describe(
    context: &GraphContext<'_>,
    node: NodeId,
    subject: &Subject,
    first: &Reported<'_>,
    all: &[Reported<'_>],
) -> Draft {
    let access = &context.policy.policies.access;
    let sure = first.way.confidence;
    let mut draft = Draft::new(&subject.arn, resource_type(subject), RULE.metadata.summary)
        .confidence(confidence_if_met(sure, false))
        .remediation(RULE.metadata.remediation);
    let whom = first
        .target
        .map(|target| short(context.graph.arn(access, target)));
    let is_group = first
        .target
        .is_some_and(|target| context.graph.principal(target).is_none());
    let become_it = if is_group { "join" } else { "become" };
    let (severity, what) = match (first.rank, first.way.gain, whom) {
        (Worth::Administrator, Gain::Becomes, Some(whom)) => (
            Severity::Critical,
            format!("can become the administrator {whom}"),
        ),
        (Worth::Administrator, ..) => {
            (Severity::Critical, "can become an administrator".to_owned())
        }
        (Worth::BecomesAdministrator, _, Some(whom)) => (
            Severity::High,
            format!("can {become_it} {whom}, which can become an administrator"),
        ),
        (_, Gain::Becomes, Some(whom)) => (
            Severity::Medium,
            format!("can {become_it} {whom}, which has rights that it lacks"),
        ),
        (_, Gain::OthersRights, Some(whom)) => (
            Severity::Medium,
            format!("can give {whom} more rights, and cannot become it"),
        ),
        _ => (Severity::Medium, "can give itself more rights".to_owned()),
    };
    draft.severity = Some(severity);
    let perhaps = match (sure, first.way.gain) {
        (Sure::High, _) | (_, Gain::OthersRights) => "",
        (Sure::Low, _) => "perhaps ",
    };
    let count = match all.len() {
        1 => "1 way".to_owned(),
        count => format!("{count} ways"),
    };
    draft = draft.detail(format!(
        "{perhaps}{what}, by {}; {count} in all",
        first.way.set.name
    ));
    if may_be_closed(context, node) {
        draft.confidence = Confidence::Low;
        draft.detail.push_str(MAY_BE_CLOSED);
    }
    let mut depends = true;
    for own in all.iter().take(SHOWN) {
        let words = evidence(context, node, own.way, own.target, own.more);
        depends &= words.depends || own.way.confidence != sure;
        draft = draft.evidence(words.source, words.fact);
    }
    if all.len() > SHOWN {
        let names: Vec<&str> = all.iter().skip(SHOWN).map(|own| own.way.set.name).collect();
        draft = draft.evidence("the same policies", format!("also {}", names.join(", ")));
        depends = depends
            && all.iter().skip(SHOWN).all(|own| {
                own.way.confidence != sure
                    || evidence(context, node, own.way, own.target, 0).depends
            });
    }
    draft.confidence = draft.confidence.min(confidence_if_met(sure, depends));
    draft
}
