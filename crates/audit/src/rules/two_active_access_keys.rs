//! `two-active-access-keys`: user has two active access keys.

use super::{Check, Rule, coverage};
use crate::context::{Context, Draft, Output, key_evidence, key_name};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "two-active-access-keys";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "User has two active access keys",
        what_it_does: "Reports users with more than one active access key.",
        why_it_is_bad: "A second key is for the time of a rotation. Two that stay are two secrets to lose, and the next rotation has no room.",
        evidence_needed: "The credential report, or ListAccessKeys.",
        limits: "A rotation that is under way looks the same.",
        remediation: "Find out which key is in use, deactivate the other one, wait, look at its last use again, then delete it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.13",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    coverage::report_missing_keys(context, false, output);
    for facts in &context.account.users {
        let active: Vec<_> = facts.active_keys().collect();
        if active.len() < 2 {
            continue;
        }
        let keys = active
            .iter()
            .map(|key| {
                let created_at = key
                    .created_at
                    .map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string());
                format!("{} created {created_at}", key_name(key))
            })
            .collect::<Vec<_>>()
            .join("; ");
        let mut draft = Draft::user(&facts.user, RULE.metadata.summary)
            .detail(format!("{} access keys are active: {keys}", active.len()))
            .remediation(RULE.metadata.remediation);
        draft.evidence = active.iter().flat_map(|key| key_evidence(key)).collect();
        output.find(draft);
    }
}
