//! `root-access-key`: root user has an active access key.

use super::{Check, Rule};
use crate::context::{Context, Draft, Output, key_evidence, key_use};
use crate::{Confidence, ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "root-access-key";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Critical,
        worst_severity: Severity::Critical,
        summary: "Root user has an active access key",
        what_it_does: "Reports every account whose root user has at least one active access key, however young or used.",
        why_it_is_bad: "A key of the root user can do everything in the account, cannot be limited by any policy of the account, and cannot be bound to MFA for each call.",
        evidence_needed: "The root user's row in the credential report, or `AccountAccessKeysPresent` in the account summary.",
        limits: "The ids of root keys cannot be listed, so findings never name one.",
        remediation: "Find what uses the key, move it to a role, deactivate the key, and delete it after a quiet time. Member accounts can drop their root credentials altogether with centralised root access.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.4",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    let account = context.account;
    let draft = Draft::new(
        &account.root_arn(),
        ResourceType::Root,
        "Root user has an active access key",
    )
    .remediation(RULE.metadata.remediation);
    let of_the_summary = |draft: Draft| {
        draft
            .detail("the root user has an access key; the account summary does not say whether it is active, how old it is or when it was used")
            .confidence(Confidence::Medium)
            .evidence("account summary", "AccountAccessKeysPresent is not 0")
    };
    let is_counted = account
        .counter("AccountAccessKeysPresent")
        .map(|counted| counted > 0);
    let Some(root) = account.reported_root() else {
        match is_counted {
            Some(false) => {}
            Some(true) => output.find(of_the_summary(draft)),
            None => output.not_checked("neither the root user's row of a credential report nor the account summary was collected"),
        }
        return;
    };
    let active: Vec<_> = root.active_keys().collect();
    if active.is_empty() {
        // Only a key that was made after the report can be counted and not shown.
        if root.keys.is_empty() && is_counted == Some(true) {
            output.find(of_the_summary(draft));
        }
        return;
    }
    let keys = active
        .iter()
        .map(|key| {
            format!(
                "created {}, {}",
                key.created_at
                    .map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string()),
                key_use(key)
            )
        })
        .collect::<Vec<_>>()
        .join("; ");
    let mut draft = draft.detail(format!(
        "the root user has {} active: {keys}",
        if active.len() == 1 {
            "an access key".to_owned()
        } else {
            format!("{} access keys", active.len())
        }
    ));
    draft.evidence = active.iter().flat_map(|key| key_evidence(key)).collect();
    output.find(draft);
}
