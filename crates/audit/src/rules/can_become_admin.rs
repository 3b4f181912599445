//! `can-become-admin`: principal can become an administrator over several steps.

use leastgrant_access::{Confidence as Sure, Path, Subject, SubjectId};
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
pub const ID: &str = "can-become-admin";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Critical,
        worst_severity: Severity::Critical,
        summary: "Principal can become an administrator over several steps",
        what_it_does: "Reports users and roles from which a chain of two or more principals leads to an administrator, such as a role that may be assumed and that may pass an administrator's role to a function. The steps are the ways that `escalation-path` knows; the shortest chain is shown, over ways of high confidence where there is such a chain. Single steps are what `escalation-path` reports.",
        why_it_is_bad: "No single policy shows it, and each principal on the way looks harmless.",
        evidence_needed: "The answer of GetAccountAuthorizationDetails, of every account that the chain may lead through.",
        limits: "The same as those of `escalation-path`. A chain is as sure as its least sure step, and of medium confidence at most where a step depends on conditions. Session policies and the length of chained sessions (one hour) are not counted as limits.",
        remediation: "Cut the chain where it is cheapest, which is mostly its last step: narrow the trust policy of the administrator's role, or who may pass it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        ],
    },
    check: Check::Graph(check),
};

fn check(context: &GraphContext<'_>, output: &mut Output) {
    report_unknown(context, output);
    let principals: Vec<(SubjectId, &Subject)> = principals(context).collect();
    let drafts: Vec<Draft> = principals
        .par_iter()
        .filter_map(|(id, subject)| {
            let node = context.graph.node_of(*id);
            let path = context.graph.path_to_administrator(node)?;
            (path.hops.len() > 1).then(|| describe(context, subject, &path))
        })
        .collect();
    drafts.into_iter().for_each(|draft| output.find(draft));
}

fn describe(context: &GraphContext<'_>, subject: &Subject, path: &Path) -> Draft {
    let access = &context.policy.policies.access;
    let sure = path.confidence();
    let mut words = short(&subject.arn);
    for hop in &path.hops {
        let way = hop.way.as_ref().map_or("", |way| way.set.name);
        let to = hop.to.map_or_else(
            || "administrator".to_owned(),
            |to| short(context.graph.arn(access, to)),
        );
        words.push_str(&format!(" → {to} ({way})"));
    }
    let perhaps = match sure {
        Sure::High => "",
        Sure::Low => "perhaps ",
    };
    let mut draft = Draft::new(&subject.arn, resource_type(subject), RULE.metadata.summary)
        .confidence(confidence_if_met(sure, false))
        .detail(format!("{perhaps}in {} steps: {words}", path.hops.len()))
        .remediation(RULE.metadata.remediation);
    let mut hops = path.hops.iter();
    let may_be_closed = hops.any(|hop| may_be_closed(context, hop.from));
    if may_be_closed {
        draft.confidence = Confidence::Low;
        draft.detail.push_str(MAY_BE_CLOSED);
    }
    if may_be_closed || sure == Sure::Low {
        draft.severity = Some(Severity::High);
    }
    for hop in &path.hops {
        if let Some(way) = &hop.way {
            let own = evidence(context, hop.from, way, hop.to, 0);
            let from = short(context.graph.arn(access, hop.from));
            draft = draft.evidence(own.source, format!("{from}: {}", own.fact));
            if !may_be_closed {
                let now = confidence_if_met(sure, own.depends);
                draft.confidence = draft.confidence.min(now);
            }
        }
    }
    draft
}
