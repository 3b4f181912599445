//! `unattached-policy`: managed policy is attached to nothing.

use leastgrant_inventory::DataKind;

use super::{Check, Rule, coverage};
use crate::attachment_facts::ManagedPolicyFacts;
use crate::context::{Draft, Output};
use crate::contexts::AttachmentContext;
use crate::{Confidence, ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "unattached-policy";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Managed policy is attached to nothing",
        what_it_does: "Reports customer managed policies that no user, group or role has, that are nobody's permissions boundary, and that no permission set refers to by path and name.",
        why_it_is_bad: "Nobody looks at it, and whoever may attach policies finds its rights ready.",
        evidence_needed: "Managed policies and their attachments (GetAccountAuthorizationDetails); permission sets with their references to customer managed policies and their boundaries, without which confidence is medium.",
        limits: "Permission sets of an organization whose Identity Center was not collected may refer to it. What infrastructure code attaches for a short time only looks unattached.",
        remediation: "Check that no code or permission set attaches it by name, keep a copy of the document, and delete the policy with its versions.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-delete.html",
            "https://docs.aws.amazon.com/singlesignon/latest/userguide/howtocmp.html",
        ],
    },
    check: Check::Attachments(check),
};

fn check(context: &AttachmentContext<'_>, output: &mut Output) {
    if !coverage::report_missing_policies(&context.policy.account, output) {
        return;
    }
    let account = context.policy.account.account;
    // Without users, groups and roles it is known only what AWS counts.
    let details = account.source(DataKind::AuthorizationDetails);
    let knows_attachments = details.is_some_and(|details| details.complete);
    let mut not_known = Vec::new();
    let own = context.own().policies.iter();
    for policy in own.filter(|policy| !policy.row.is_aws_managed && !policy.is_used()) {
        let is_counted = policy.row.attachment_count.is_some()
            && policy.row.permissions_boundary_usage_count.is_some();
        if !knows_attachments && !is_counted {
            not_known.push(policy.row.policy_name.as_str());
            continue;
        }
        output.find(describe(context, policy));
    }
    output.not_checked_for("the attachments were not collected", &not_known);
}

fn describe(context: &AttachmentContext<'_>, policy: &ManagedPolicyFacts) -> Draft {
    let counts = match (
        policy.row.attachment_count,
        policy.row.permissions_boundary_usage_count,
    ) {
        (Some(attached), Some(bounds)) => {
            format!("AttachmentCount {attached}, PermissionsBoundaryUsageCount {bounds}")
        }
        _ => "no attachment among users, groups and roles".to_owned(),
    };
    let made = policy
        .row
        .created_at
        .map(|at| format!(", created {at}"))
        .unwrap_or_default();
    let draft = Draft::new(&policy.row.arn, ResourceType::Policy, RULE.metadata.summary)
        .evidence("managed policies", format!("{counts}{made}"))
        .remediation(RULE.metadata.remediation);
    let facts = context.attachments;
    match (facts.permission_sets_collected, facts.knows_references()) {
        (true, true) => draft
            .detail("no user, group, role or permission set has it, and it is nobody's permissions boundary")
            .evidence("permission sets", "none is known to refer to it"),
        (true, false) => draft
            .detail("no user, group or role has it, and it is nobody's permissions boundary; whether a permission set refers to it was not collected of all permission sets")
            .confidence(Confidence::Medium),
        (false, _) => draft
            .detail("no user, group or role has it, and it is nobody's permissions boundary; permission sets were not collected")
            .confidence(Confidence::Medium),
    }
}
