//! `user-without-credentials`: user has no password and no active access key.

use super::{Check, Rule};
use crate::context::{Context, Draft, Output, credentials_source, kind_in_words};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "user-without-credentials";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "User has no password and no active access key",
        what_it_does: "Reports users that can neither sign in nor use a key.",
        why_it_is_bad: "The user and its rights serve nobody, and whoever may create keys can bring it to life.",
        evidence_needed: "The credential report; or GetLoginProfile and ListAccessKeys for each user.",
        limits: "A user may still have SSH keys, service-specific credentials or certificates, and may be named in policies; the detail says which of these were found or not looked for.",
        remediation: "If nobody needs the user, delete it with what hangs on it.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    if let Some(reason) = context.account.users_missing() {
        output.not_checked(reason);
    }
    let mut unknown = Vec::new();
    for facts in &context.account.users {
        let user = &facts.user;
        if user.password_enabled == Some(true) || facts.active_keys().next().is_some() {
            continue;
        }
        if user.password_enabled.is_none() || !user.access_keys_known {
            unknown.push(user.user_name.as_str());
            continue;
        }
        let others: Vec<&str> = facts
            .long_lived
            .iter()
            .filter(|credential| credential.is_active)
            .map(|credential| kind_in_words(&credential.kind))
            .collect();
        let (detail, confidence) = match (others.is_empty(), user.ssh_public_keys_known && user.service_specific_credentials_known) {
            (false, _) => (format!("the user has no password and no active access key, but an active credential of another kind ({}): look before you delete it", others.join(", ")), Confidence::Low),
            (true, true) => ("the user has no password, no active access key, and no active SSH key, service-specific credential or certificate".to_owned(), Confidence::High),
            (true, false) => ("the user has no password and no active access key; whether it has SSH keys or service-specific credentials was not collected".to_owned(), Confidence::Medium),
        };
        output.find(
            Draft::user(user, RULE.metadata.summary)
                .detail(detail)
                .confidence(confidence)
                .evidence(
                    credentials_source(user),
                    "no password, no active access key",
                )
                .remediation(RULE.metadata.remediation),
        );
    }
    output.not_checked_for("the password or access keys were not collected", &unknown);
}
