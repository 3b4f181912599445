//! `root-used`: root user was used lately.

use leastgrant_inventory::Timestamp;

use super::{Check, Rule};
use crate::context::{Context, Draft, Output, key_use};
use crate::{RuleMetadata, Severity, age};

/// The rule's id.
pub const ID: &str = "root-used";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        worst_severity: Severity::High,
        summary: "Root user was used lately",
        what_it_does: "Reports accounts whose root user signed in or used a key within `thresholds.root_used_days` (90) before the credential report was made.",
        why_it_is_bad: "The root user is for the few tasks that nothing else can do. Daily work with it cannot be limited, and nobody can tell who did it.",
        evidence_needed: "The root user's row in the credential report.",
        limits: "The report shows sign-ins to the console and key use, not what was done. Some tasks do need the root user.",
        remediation: "Ask who used it and for what; give that task a role.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-tasks.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.7",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    let Some(root) = context.account.reported_root() else {
        output.not_checked("no row of the root user in a credential report was collected");
        return;
    };
    let until = root
        .user
        .credentials_as_of
        .map_or(context.as_of, |known_until| known_until.min(context.as_of));
    let is_recent =
        |at: &Timestamp| !age::exceeds(age::age(*at, until), context.thresholds.root_used_days);
    let mut uses = Vec::new();
    if let Some(at) = root.user.password_last_used_at.filter(is_recent) {
        uses.push(format!("signed in on {at}"));
    }
    for key in &root.keys {
        if key.last_used_at.as_ref().is_some_and(is_recent) {
            uses.push(format!("used an access key: {}", key_use(key)));
        }
    }
    if uses.is_empty() {
        return;
    }
    let uses = uses.join("; ");
    output.find(
        Draft::user(&root.user, RULE.metadata.summary)
            .detail(format!("the root user {uses}"))
            .evidence(format!("credential report of {until}"), uses)
            .remediation(RULE.metadata.remediation),
    );
}
