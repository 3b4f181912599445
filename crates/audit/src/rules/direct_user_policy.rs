//! `direct-user-policy`: user has policies of its own.

use leastgrant_access::NamedPolicy;
use leastgrant_policy::Effect;

use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::AttachmentContext;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "direct-user-policy";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "User has policies of its own instead of a group's",
        what_it_does: "Reports users with inline policies, or with managed policies attached to the user itself. A permissions boundary is no such policy, nor is one that denies only, such as AWS's `AWSCompromisedKeyQuarantineV3`, and policies of groups are as they should be.",
        why_it_is_bad: "Rights that are given user by user are reviewed user by user, and stay when the task is over.",
        evidence_needed: "Policies of users (GetAccountAuthorizationDetails).",
        limits: "For a user that is a machine, alone in its task, a policy of its own is no worse than a group of one; better is a role.",
        remediation: "Attach the policies to a group and put the user in it; for people use Identity Center, for machines roles. Then detach the user's managed policies and delete its inline ones.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
            "CIS AWS Foundations Benchmark 1.15",
        ],
    },
    check: Check::Attachments(check),
};

/// More policies than these are counted, not named.
const SHOWN: usize = 5;

fn check(context: &AttachmentContext<'_>, output: &mut Output) {
    let account = context.policy.account.account;
    let own = context.own();
    let mut unknown = Vec::new();
    for facts in &account.users {
        let user = &facts.user;
        if !user.details_known {
            unknown.push(user.user_name.as_str());
            continue;
        }
        let denying = denying_policies(&context.policy, &user.arn);
        let is_denying = |arn: &str, name: &str| {
            let mut denying = denying.iter();
            denying.any(|own| &*own.arn == arn && (arn != user.arn || &*own.name == name))
        };
        let mut names = Vec::new();
        if let Some(inline) = own.inline.get(&user.arn) {
            let granting = inline.iter().filter(|name| !is_denying(&user.arn, name));
            names.extend(granting.map(|name| format!("inline policy `{name}`")));
        }
        if let Some(attached) = own.attached.get(&user.arn) {
            let granting = attached
                .iter()
                .filter(|arn| !is_quarantine(arn) && !is_denying(arn, ""));
            names.extend(granting.map(|arn| format!("`{arn}`")));
        }
        if names.is_empty() {
            continue;
        }
        names.sort();
        let more = match names.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        names.truncate(SHOWN);
        let details = user
            .details_as_of
            .map(|at| format!(" of {at}"))
            .unwrap_or_default();
        output.find(
            Draft::user(user, RULE.metadata.summary)
                .detail(format!("it has {}{more}", names.join(", ")))
                .evidence(format!("authorization details{details}"), names.join(", "))
                .remediation(RULE.metadata.remediation),
        );
    }
    if let Some(reason) = account.users_missing() {
        output.not_checked(reason);
    }
    output.not_checked_for("the policies were not collected", &unknown);
}

/// The user's own policies that take rights away and give none: a user is given them by itself, for a reason of its own.
fn denying_policies<'a>(context: &PolicyContext<'a>, user_arn: &str) -> Vec<&'a NamedPolicy> {
    let access = &context.policies.access;
    let subject = access.principal_of(user_arn);
    let Some(subject) = subject.and_then(|id| access.subject(id)) else {
        return Vec::new();
    };
    let own = subject.identity.iter().filter(|own| own.group.is_none());
    own.filter(|own| {
        access.document(own.policy).is_some_and(|document| {
            let mut statements = document.statements.iter();
            statements.all(|statement| statement.effect == Effect::Deny)
        })
    })
    .filter_map(|own| access.policy(own.policy))
    .collect()
}

/// AWS attaches these to users whose keys have leaked; they deny only.
fn is_quarantine(policy_arn: &str) -> bool {
    policy_arn.contains(":aws:policy/AWSCompromisedKeyQuarantine")
}
