//! `policy-lint`: policy does not do what it seems to.

use std::collections::HashMap;

use leastgrant_policy::Policy;
use leastgrant_policy::scalar::Instant;
use rayon::prelude::*;

use super::policies::{self, HeldPolicy};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::policy_faults::{Fault, faults};
use crate::{Confidence, RuleMetadata, Severity, listing};

/// The rule's id.
pub const ID: &str = "policy-lint";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Medium,
        summary: "Policy does not do what it seems to",
        what_it_does: "Reports policies of your own with actions that AWS does not document (with the nearest one that it does), resources of no type that the action works on, statements that others of the same policy make void or repeat, conditions that are always met, can no longer or never be met or are on keys that the actions do not have, resources of another partition, and variables under version `2008-10-17`, where `${aws:username}` is plain text. `s3:GetObject` on `arn:aws:s3:::data` is one: objects are `arn:aws:s3:::data/*`.",
        why_it_is_bad: "A right that does not work is soon replaced by a wider one, and a Deny that does not work protects nothing.",
        evidence_needed: "Policies of users, groups and roles (authorization details).",
        limits: "Actions, resource types and condition keys are those of the built-in catalogue, of the day that `leastgrant catalog version` tells; what AWS added later, or never documented, looks unknown, and the confidence is lower. AWS managed policies, trust policies, and policies that no user and no role has are not judged.",
        remediation: "Correct the statements that the evidence names, and test with `leastgrant simulate`.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
        ],
    },
    check: Check::Policies(check),
};

/// More faults of a policy than these are counted only.
const SHOWN_FAULTS: usize = 10;

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    context.report_missing_policies(output);
    let as_of = Instant::parse(&context.account.as_of.to_string());
    let partition = &context.account.account.partition;
    let mut held = policies::held(context);
    held.retain(|policy| !policy.is_of_aws());
    // Many policies are copies of one document.
    let documents: HashMap<usize, &Policy> = held
        .iter()
        .map(|policy| (address(policy.document), policy.document))
        .collect();
    let known: HashMap<usize, Vec<Fault>> = documents
        .into_par_iter()
        .map(|(address, document)| (address, faults(document, partition, as_of)))
        .collect();
    for policy in &held {
        if let Some(faults) = known.get(&address(policy.document)) {
            report(policy, faults, output);
        }
    }
}

fn address(policy: &Policy) -> usize {
    std::ptr::from_ref(policy).addr()
}

fn report(policy: &HeldPolicy<'_>, faults: &[Fault], output: &mut Output) {
    if faults.is_empty() {
        return;
    }
    let mut draft = policy
        .draft(&RULE)
        .detail(format!(
            "{} has {}",
            policy.words(),
            listing::counted(faults.len(), "fault")
        ))
        .remediation(RULE.metadata.remediation)
        .confidence(match faults.iter().all(|fault| fault.is_by_catalogue) {
            true => Confidence::Medium,
            false => Confidence::High,
        });
    if faults.iter().any(|fault| fault.weakens_deny) {
        draft.severity = Some(Severity::Medium);
    }
    for fault in faults.iter().take(SHOWN_FAULTS) {
        let source = policy.named.words();
        let place = fault
            .statement
            .map(|index| format!("statement {}: ", index + 1));
        draft = draft.evidence(source, place.unwrap_or_default() + &fault.words);
    }
    if faults.len() > SHOWN_FAULTS {
        let more = listing::counted(faults.len() - SHOWN_FAULTS, "more fault");
        draft = draft.evidence(policy.named.words(), format!("and {more}"));
    }
    output.find(draft);
}
