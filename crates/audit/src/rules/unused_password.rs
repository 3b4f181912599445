//! `unused-password`: console password is not used.

use super::{Check, Rule, coverage};
use crate::age::{self, Unused};
use crate::context::{Context, Draft, Output, credentials_source, unused_time};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "unused-password";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Console password is not used",
        what_it_does: "Reports users whose console password was not used within `thresholds.unused_password_days` (90). A password that was never used counts from when it was set; one that was set within the limit is never reported.",
        why_it_is_bad: "An old password is the one most likely to be known to others, and nobody would notice a sign-in.",
        evidence_needed: "The credential report; or GetLoginProfile and GetUser for each user.",
        limits: "Only sign-ins to the console, the forums and the marketplace count. Sign-ins between 2018-05-03 and 2018-05-23 were not recorded.",
        remediation: "Check that nobody needs it; remove the password (delete the login profile). It can be given again at any time.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.12",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    coverage::report_missing_passwords(context, output);
    let limit = context.thresholds.unused_password_days;
    let limit_words = age::days_in_words(limit);
    let mut unknown = Vec::new();
    for facts in &context.account.users {
        let user = &facts.user;
        if user.password_enabled != Some(true) {
            continue;
        }
        match age::password_unused(user, context.as_of, limit) {
            Unused::No => {}
            Unused::Unknown => unknown.push(user.user_name.as_str()),
            Unused::Yes {
                last_used_at,
                since,
                until,
            } => {
                let set_at = user
                    .password_last_changed_at
                    .map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string());
                let last_used = last_used_at
                    .map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
                output.find(
                    Draft::user(user, RULE.metadata.summary)
                        .detail(format!(
                            "the password was {}; the limit is {limit_words}",
                            unused_time(last_used_at, since, until)
                        ))
                        .evidence(
                            credentials_source(user),
                            format!("password enabled, set {set_at}, {last_used}"),
                        )
                        .remediation(RULE.metadata.remediation),
                );
            }
        }
    }
    output.not_checked_for("the last use of the password was not collected", &unknown);
}
