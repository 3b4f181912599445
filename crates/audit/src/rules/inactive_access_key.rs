//! `inactive-access-key`: inactive access key was not deleted.

use super::{Check, Rule, coverage};
use crate::age;
use crate::context::{Context, Draft, Output, key_name};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "inactive-access-key";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Inactive access key was not deleted",
        what_it_does: "Reports every access key that is inactive, the root user's too.",
        why_it_is_bad: "Whoever may update keys can make it work again, and a rotation that was begun is not finished.",
        evidence_needed: "The credential report, or ListAccessKeys.",
        limits: "A key that was deactivated to see whether anybody misses it is reported too; that is what an exemption is for.",
        remediation: "Look at its last use; if nobody missed it, delete it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    coverage::report_missing_keys(context, true, output);
    for facts in coverage::users_and_root(context) {
        for key in facts.keys.iter().filter(|key| !key.is_active) {
            let age = key
                .created_at
                .map(|at| format!(", made {} ago", age::in_words(age::age(at, context.as_of))))
                .unwrap_or_default();
            output.find(
                Draft::key(facts, key, RULE.metadata.summary)
                    .detail(format!("{} is inactive{age}", key_name(key)))
                    .remediation(RULE.metadata.remediation),
            );
        }
    }
}
