//! `unused-access-key`: active access key is not used.

use super::{Check, Rule, coverage};
use crate::age::{self, Unused};
use crate::context::{Context, Draft, Output, key_name, unused_time};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "unused-access-key";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Active access key is not used",
        what_it_does: "Reports active access keys, the root user's too, that were not used within `thresholds.unused_access_key_days` (90). A key that was never used counts from its creation; a younger key is never reported.",
        why_it_is_bad: "A key that nobody uses still works for whoever finds it in an old laptop, image or repository.",
        evidence_needed: "The credential report, or ListAccessKeys and GetAccessKeyLastUsed.",
        limits: "Use is known up to the report's generation and to 15 minutes; it lags by some hours. A call in CloudTrail logs that the inventory has counts as a use. Uses before 2015-04-22 are not recorded. A yearly job looks unused for most of the year.",
        remediation: "Check that nothing needs it; deactivate the key, wait longer than the rarest job, look at the last use again, then delete the key.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.12",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    coverage::report_missing_keys(context, true, output);
    let limit = context.thresholds.unused_access_key_days;
    let limit_words = age::days_in_words(limit);
    let mut unknown = Vec::new();
    for facts in coverage::users_and_root(context) {
        for key in facts.active_keys() {
            match context.key_unused(key, limit) {
                Unused::No => {}
                Unused::Unknown => unknown.push(facts.user.user_name.as_str()),
                Unused::Yes {
                    last_used_at,
                    since,
                    until,
                } => output.find(
                    Draft::key(facts, key, RULE.metadata.summary)
                        .detail(format!(
                            "{} was {}; the limit is {limit_words}",
                            key_name(key),
                            unused_time(last_used_at, since, until)
                        ))
                        .logged(context.logged_use.of_key(key.access_key_id.as_deref()))
                        .remediation(RULE.metadata.remediation),
                ),
            }
        }
    }
    unknown.dedup();
    output.not_checked_for("the last use of an access key was not collected", &unknown);
}
