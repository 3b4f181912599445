//! `unscoped-write`: principal can change any resource of a service.

use super::principals::{self, Wanted};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, action_lists};

/// The rule's id.
pub const ID: &str = "unscoped-write";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Principal can change any resource of a service",
        what_it_does: "Reports users and roles that may call actions of access level Write on any resource, over all their policies and less every Deny, permissions boundary and organisation's policy. `s3:DeleteObject` on `*` or on `arn:aws:s3:::*/*` is one, unless a Deny, a boundary or a condition on the resource closes it; with a Deny on one bucket it still is one.",
        why_it_is_bad: "Who gets hold of the principal can change or destroy what it has nothing to do with.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "A resource that stands in no policy is asked about, in the principal's own account and in any Region: rights on one Region only, or on a name that is common to all resources, are not counted. Resource tags in conditions count as missing, and conditions on MFA, addresses, times and the caller as met, which lowers the confidence. Of actions that cannot be limited to a resource those count alone that do harm to what an account has one of, such as `account:CloseAccount` or `securityhub:DisableSecurityHub`, by a list of ours. Administrators are reported by `admin-access` alone; service-linked roles and the principals in `minimize.break_glass` are not reported. What reads by its name (`Get…`, `List…`, `Describe…`, `BatchGet…`, `Search…`) is no change whatever its access level, but for the three that are one. Writing to logs (`logs:PutLogEvents`), making service-linked roles and MFA devices, and what concerns the caller alone (`iam:ChangePassword`) are not counted: AWS's own examples have them on `*`.",
        remediation: "Name the resources in `Resource`, or add a condition on their tags. Rights from an AWS managed policy need a policy of your own in its place; `leastgrant minimize` writes one from what was used.",
        references: &[
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let wanted = Wanted {
        rule: &RULE,
        actions: action_lists::writes(),
        words: "change things",
    };
    principals::report(context, &wanted, output);
}
