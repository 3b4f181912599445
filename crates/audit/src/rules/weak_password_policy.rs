//! `weak-password-policy`: password policy is weak or missing.

use super::{Check, Rule};
use crate::context::{Context, Draft, Output};
use crate::{ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "weak-password-policy";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Password policy is weak or missing",
        what_it_does: "Reports accounts whose password policy demands fewer than `password_policy.minimum_length` (14) characters or remembers fewer than `password_policy.reuse_prevention` (24) earlier passwords, and accounts without a policy of their own.",
        why_it_is_bad: "Without a policy AWS accepts eight characters, and a leaked password can be set again.",
        evidence_needed: "The answer of GetAccountPasswordPolicy, or its error NoSuchEntity in a wrapped call.",
        limits: "Kinds of characters and expiry are not judged: NIST SP 800-63B advises against both.",
        remediation: "Set a password policy with that length and memory; better, let people sign in through Identity Center and keep no passwords in IAM.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.8 and 1.9",
            "NIST SP 800-63B, 3.1.1.2",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    let account = context.account;
    let Some(policy) = &account.password_policy else {
        output.not_checked("the password policy was not collected");
        return;
    };
    let wanted = &context.settings.password_policy;
    let mut weaknesses = Vec::new();
    if !policy.is_set {
        weaknesses.push(
            "the account has no password policy, so AWS's default of 8 characters holds".to_owned(),
        );
    } else {
        // AWS leaves out what is not set: then the default of six characters, and no memory, hold.
        let length = policy.minimum_length.unwrap_or(6);
        if length < wanted.minimum_length {
            weaknesses.push(format!(
                "passwords need {length} characters, and {} are wanted",
                wanted.minimum_length
            ));
        }
        let remembered = policy.reuse_prevention.unwrap_or(0);
        if remembered < wanted.reuse_prevention {
            weaknesses.push(format!(
                "{remembered} earlier passwords are remembered, and {} are wanted",
                wanted.reuse_prevention
            ));
        }
    }
    if weaknesses.is_empty() {
        return;
    }
    let weaknesses = weaknesses.join("; ");
    output.find(
        Draft::new(
            &account.root_arn(),
            ResourceType::Root,
            RULE.metadata.summary,
        )
        .detail(weaknesses.clone())
        .evidence("iam:GetAccountPasswordPolicy", weaknesses)
        .remediation(RULE.metadata.remediation),
    );
}
