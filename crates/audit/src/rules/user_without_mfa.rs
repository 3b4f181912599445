//! `user-without-mfa`: user signs in without MFA.

use super::{Check, Rule, coverage};
use crate::context::{Context, Draft, Output, credentials_source};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "user-without-mfa";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        worst_severity: Severity::High,
        summary: "User signs in without MFA",
        what_it_does: "Reports users with a console password and no MFA device.",
        why_it_is_bad: "A password that was guessed, phished or used elsewhere is enough to get in.",
        evidence_needed: "The credential report; or GetLoginProfile and ListMFADevices for each user.",
        limits: "Whether a policy refuses sessions without MFA is not looked at. Users without a password are not reported; MFA for access keys is a matter of policies.",
        remediation: "Register an MFA device, or remove the password and let the person sign in through Identity Center.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.10",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    coverage::report_missing_passwords(context, output);
    let mut unknown = Vec::new();
    for facts in &context.account.users {
        let user = &facts.user;
        if user.password_enabled != Some(true) {
            continue;
        }
        match user.mfa_active {
            Some(true) => {}
            None => unknown.push(user.user_name.as_str()),
            Some(false) => {
                output.find(
                    Draft::user(user, RULE.metadata.summary)
                        .detail("the user has a console password and no MFA device")
                        .evidence(credentials_source(user), "password enabled, no MFA device")
                        .remediation(RULE.metadata.remediation),
                );
            }
        }
    }
    output.not_checked_for("the MFA devices were not collected", &unknown);
}
