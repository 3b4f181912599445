//! `permission-set-unused`: permission set is assigned to nobody.

use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::AttachmentContext;
use crate::{ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "permission-set-unused";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Permission set is assigned to nobody",
        what_it_does: "Reports permission sets of Identity Center that no account has an assignment of. They are findings of the account whose Identity Center was collected.",
        why_it_is_bad: "Nobody looks at it, and whoever may assign permission sets finds its rights ready.",
        evidence_needed: "Permission sets with their assignments (sso-admin:ListAccountsForProvisionedPermissionSet and ListAccountAssignments).",
        limits: "A permission set for emergencies, which is assigned only then, looks unused: exempt it. Of a permission set whose accounts were not asked for, even if others' were, it is said that it is not known.",
        remediation: "Check that no emergency procedure assigns it, and delete it.",
        references: &[
            "https://docs.aws.amazon.com/singlesignon/latest/userguide/howtoremovepermissionset.html",
        ],
    },
    check: Check::Attachments(check),
};

fn check(context: &AttachmentContext<'_>, output: &mut Output) {
    let facts = context.attachments;
    let account_id = &context.policy.account.account.account_id;
    // Not every account has an Identity Center, so an account without one lacks nothing.
    if facts.permission_sets_account.as_ref() != Some(account_id)
        || facts.permission_sets.is_empty()
    {
        return;
    }
    if !facts.permission_set_gaps.is_empty() {
        for gap in &facts.permission_set_gaps {
            output.not_checked(format!("assignments may be missing ({gap})"));
        }
        return;
    }
    let mut not_known = Vec::new();
    for set in facts
        .permission_sets
        .iter()
        .filter(|set| set.assignments == 0)
    {
        if !set.row.accounts_known {
            not_known.push(set.row.name.as_deref().unwrap_or(&set.row.arn));
            continue;
        }
        let name = match &set.row.name {
            Some(name) => format!("`{name}` "),
            None => String::new(),
        };
        let made = set
            .row
            .created_at
            .map(|at| format!(", created {at}"))
            .unwrap_or_default();
        output.find(
            Draft::new(
                &set.row.arn,
                ResourceType::PermissionSet,
                RULE.metadata.summary,
            )
            .detail(format!("{name}is assigned in no account"))
            .evidence(
                "permission sets",
                format!("provisioned in no account, and no assignment{made}"),
            )
            .remediation(RULE.metadata.remediation),
        );
    }
    output.not_checked_for(
        "in which accounts they are provisioned was not collected of permission sets, so it cannot be told whether they are assigned,",
        &not_known,
    );
}
