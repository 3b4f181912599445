//! `empty-group`: group has no members.

use leastgrant_inventory::DataKind;

use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::AttachmentContext;
use crate::{ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "empty-group";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Group has no members",
        what_it_does: "Reports groups that no user is in, with the policies that they have.",
        why_it_is_bad: "A forgotten group keeps its rights ready for whoever may add users to groups.",
        evidence_needed: "Groups, and the groups of all users (GetAccountAuthorizationDetails).",
        limits: "A group that people are put in for an hour only looks empty.",
        remediation: "Check that nothing adds users to it when needed. Detach its policies, delete its inline policies, and delete the group.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_delete.html",
        ],
    },
    check: Check::Attachments(check),
};

fn check(context: &AttachmentContext<'_>, output: &mut Output) {
    let account = context.policy.account.account;
    let shows_groups = [DataKind::AuthorizationDetails, DataKind::Groups]
        .into_iter()
        .filter_map(|kind| account.source(kind));
    match shows_groups.map(|source| source.complete).max() {
        None => return output.not_checked("no groups were collected (authorization details)"),
        Some(false) => output.not_checked(
            "not all groups are known, since the authorization details could not be read whole",
        ),
        Some(true) => {}
    }
    let own = context.own();
    let empty: Vec<_> = own
        .groups
        .iter()
        .filter(|group| group.members == 0)
        .collect();
    if empty.is_empty() {
        return;
    }
    // One user whose groups are not known may be in any of them.
    if let Some(reason) = account.users_missing() {
        return output.not_checked(reason);
    }
    let unknown: Vec<&str> = account
        .users
        .iter()
        .filter(|user| !user.user.details_known)
        .map(|user| user.user.user_name.as_str())
        .collect();
    if !unknown.is_empty() {
        return output.not_checked_for("the groups were not collected", &unknown);
    }
    for group in empty {
        let arn = &group.row.arn;
        let inline = own.inline.get(arn).map_or(0, Vec::len);
        let attached = own.attached.get(arn).map_or(0, Vec::len);
        let made = group
            .row
            .created_at
            .map(|at| format!(", created {at}"))
            .unwrap_or_default();
        output.find(
            Draft::new(arn, ResourceType::Group, RULE.metadata.summary)
                .detail(format!(
                    "none of the account's {} is in it; it has {} and {}",
                    count(account.users.len(), "user", "users"),
                    count(attached, "managed policy", "managed policies"),
                    count(inline, "inline policy", "inline policies"),
                ))
                .evidence("authorization details", format!("no member{made}"))
                .remediation(RULE.metadata.remediation),
        );
    }
}

fn count(number: usize, one: &str, several: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {several}"),
    }
}
