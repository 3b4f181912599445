//! `unscoped-permissions-management`: principal can change permissions on any resource.

use super::principals::{self, Wanted};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, action_lists};

/// The rule's id.
pub const ID: &str = "unscoped-permissions-management";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        worst_severity: Severity::High,
        summary: "Principal can change permissions on any resource",
        what_it_does: "Reports users and roles that may call actions of access level Permissions management, or `iam:PassRole`, on any resource, over all their policies and less every Deny, permissions boundary and organisation's policy. `iam:AttachRolePolicy` on `*` or on `arn:aws:iam::*:role/*` is one; on `user/${aws:username}`, or under a condition on `iam:PermissionsBoundary`, it is none.",
        why_it_is_bad: "Who can grant permissions can take them: the rights of the principal have no end.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "A resource that stands in no policy is asked about, in the principal's own account and in any Region: rights on one Region only, or on a name that is common to all resources, are not counted. Resource tags in conditions count as missing, and conditions on MFA, addresses, times and the caller as met, which lowers the confidence. Actions that cannot be limited to a resource are none, nor are those whose names say that they read (`Get`, `List`, `Describe`, `Search`, `BatchGet`): AWS gives some of them this access level, such as `billing:GetResourcePolicy`, though they change nothing. Administrators are reported by `admin-access` alone; service-linked roles and the principals in `minimize.break_glass` are not reported. Which of them lead to administrator rights is another rule's matter.",
        remediation: "Name the resources in `Resource`, or add a condition: `iam:PermissionsBoundary`, `iam:PassedToService`, tags.",
        references: &[
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let wanted = Wanted {
        rule: &RULE,
        actions: action_lists::permissions_management(),
        words: "change permissions or hand over roles",
    };
    principals::report(context, &wanted, output);
}
