//! `unrotated-access-key`: active access key is too old.

use leastgrant_inventory::DataKind;
use leastgrant_inventory::tables::AccessKeyRow;

use super::{Check, Rule, coverage};
use crate::age::{self, Unused};
use crate::context::{Context, Draft, Output, key_name};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "unrotated-access-key";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Active access key is too old",
        what_it_does: "Reports active access keys, the root user's too, that are older than `thresholds.unrotated_access_key_days` (90). Exactly the limit passes.",
        why_it_is_bad: "The longer a key lives, the more places hold a copy of it.",
        evidence_needed: "The credential report, or ListAccessKeys.",
        limits: "A key's age is that of the key itself: keys are never changed, only replaced.",
        remediation: "Create a second key, put it into use, deactivate the old one, wait, look at its last use again, then delete it. Better: replace the key by a role.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.14",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    coverage::report_missing_keys(context, true, output);
    let limit = context.thresholds.unrotated_access_key_days;
    let limit_words = age::days_in_words(limit);
    report_keys_made_since(context, limit, output);
    let mut unknown = Vec::new();
    for facts in coverage::users_and_root(context) {
        for key in facts.active_keys() {
            let Some(created_at) = key.created_at else {
                unknown.push(facts.user.user_name.as_str());
                continue;
            };
            let age = age::age(created_at, context.as_of);
            if age::exceeds(age, limit) {
                output.find(
                    Draft::key(facts, key, RULE.metadata.summary)
                        .detail(format!(
                            "{} is {} old; the limit is {limit_words}",
                            key_name(key),
                            age::in_words(age)
                        ))
                        .remediation(remedy(key, context)),
                );
            }
        }
    }
    unknown.dedup();
    output.not_checked_for("the creation time of an access key is missing", &unknown);
}

/// A key that nobody uses is not to be rotated.
fn remedy(key: &AccessKeyRow, context: &Context<'_>) -> &'static str {
    match context.key_unused(key, context.thresholds.unused_access_key_days) {
        Unused::Yes { .. } => {
            "Do not rotate it, since nothing seems to use it: see `unused-access-key`, which says how to be rid of it."
        }
        Unused::No | Unused::Unknown => RULE.metadata.remediation,
    }
}

/// A key that was made after the keys were looked at may be too old by now.
fn report_keys_made_since(context: &Context<'_>, limit: u32, output: &mut Output) {
    let looked_at = [DataKind::CredentialReport, DataKind::AccessKeys]
        .into_iter()
        .filter_map(|kind| context.account.source(kind))
        .map(|source| source.collected_at)
        .max();
    if let Some(at) = looked_at.filter(|at| age::exceeds(age::age(*at, context.as_of), limit)) {
        output.not_checked(format!(
            "the access keys are of {at}: one that was made since may be older than {}",
            age::days_in_words(limit)
        ));
    }
}
