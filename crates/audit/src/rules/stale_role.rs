//! `stale-role`: role is not used any more.

use leastgrant_inventory::Timestamp;
use leastgrant_inventory::tables::RoleRow;

use super::{Check, Rule, coverage};
use crate::age;
use crate::context::{Context, Draft, Output};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "stale-role";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Role is not used any more",
        what_it_does: "Reports roles older than `thresholds.stale_role_days` (90) that were not used within the limit, by RoleLastUsed and, where it was collected, by service last-accessed data. Service-linked roles are never reported.",
        why_it_is_bad: "The role's rights wait for whoever may assume it.",
        evidence_needed: "The answer of GetAccountAuthorizationDetails or GetRole, which show RoleLastUsed.",
        limits: "AWS tracks 400 days: an empty RoleLastUsed says that there was no use in that time, not that there never was. Last-accessed data count denied attempts as well. A call in CloudTrail logs that the inventory has counts as a use. A yearly job or a break-glass role looks stale.",
        remediation: "Check that nothing needs it. Delete the role, or first take away its trust policy's principals and wait. Roles named `AWSReservedSSO_...` belong to a permission set: remove its assignment instead.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
        ],
    },
    check: Check::Account(check),
};

/// How far back RoleLastUsed looks.
const TRACKED_DAYS: u32 = 400;

fn check(context: &Context<'_>, output: &mut Output) {
    coverage::report_missing_roles(context, output);
    let limit = context.thresholds.stale_role_days;
    let mut unknown = Vec::new();
    for role in context
        .account
        .roles
        .iter()
        .filter(|role| !role.is_service_linked)
    {
        let Some(created_at) = role.created_at else {
            unknown.push(role.role_name.as_str());
            continue;
        };
        let until = role
            .as_of
            .map_or(context.as_of, |known_until| known_until.min(context.as_of));
        if !age::exceeds(age::age(created_at, until), limit) {
            continue;
        }
        let accessed_at = context.last_accessed.get(&role.arn).copied();
        let logged_at = context.logged_use.of_principal(&role.arn);
        let last_used_at = role.last_used_at.max(accessed_at).max(logged_at);
        if last_used_at.is_some_and(|at| !age::exceeds(age::age(at, until), limit)) {
            continue;
        }
        // Without RoleLastUsed nothing is known; without a use in it nothing is known of the time before the tracking.
        if !role.last_used_known || last_used_at.is_none() && limit > TRACKED_DAYS {
            unknown.push(role.role_name.as_str());
            continue;
        }
        let draft = describe(role, created_at, last_used_at, accessed_at, until, limit);
        output.find(draft.logged(logged_at));
    }
    output.not_checked_for("the last use was not collected", &unknown);
}

fn describe(
    role: &RoleRow,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    accessed_at: Option<Timestamp>,
    until: Timestamp,
    limit: u32,
) -> Draft {
    let limit_words = age::days_in_words(limit);
    let detail = match last_used_at {
        Some(at) => format!(
            "not used for {}, as of {until}; the limit is {limit_words}",
            age::in_words(age::age(at, until))
        ),
        None if age::exceeds(age::age(created_at, until), TRACKED_DAYS) => {
            format!(
                "no use in the {TRACKED_DAYS} days that AWS tracks, as of {until}; the limit is {limit_words}"
            )
        }
        None => format!(
            "never used in {} since it was made, as of {until}; the limit is {limit_words}",
            age::in_words(age::age(created_at, until))
        ),
    };
    let role_last_used = role.last_used_at.map_or_else(
        || "RoleLastUsed is empty".to_owned(),
        |at| {
            format!(
                "RoleLastUsed {at}{}",
                role.last_used_region
                    .as_deref()
                    .map(|region| format!(" in {region}"))
                    .unwrap_or_default()
            )
        },
    );
    let draft = Draft::role(role, RULE.metadata.summary)
        .detail(detail)
        .evidence(
            format!("authorization details of {until}"),
            format!("created {created_at}, {role_last_used}"),
        )
        .remediation(RULE.metadata.remediation);
    match accessed_at {
        Some(at) => draft.evidence(
            "service last-accessed data",
            format!("latest access to any service {at}"),
        ),
        None => draft,
    }
}
