//! `boundary-missing`: principal has no permissions boundary, or another one than it must have.

use super::principals;
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, listing};

/// The rule's id.
pub const ID: &str = "boundary-missing";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Principal lacks the permissions boundary that it must have",
        what_it_does: "Reports users and roles that `permissions_boundary.required_for` in the settings names and that have no permissions boundary, or one that `permissions_boundary.accepted` does not name. Without these settings it reports nothing. With `required_for = [\"*:role/app-*\"]` the role `app-web` without a boundary is one.",
        why_it_is_bad: "A boundary is the line that a policy written in a hurry cannot cross.",
        evidence_needed: "Boundaries of users and roles (authorization details).",
        limits: "What the boundary allows is not judged here; the rules on rights count it. Service-linked roles cannot have one and are not reported.",
        remediation: "Set the boundary with PutUserPermissionsBoundary or PutRolePermissionsBoundary, after a look at what the principal uses: a boundary takes away at once.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let settings = &context.account.settings.permissions_boundary;
    if settings.required_for.is_empty() {
        return;
    }
    context.report_missing_policies(output);
    let access = &context.policies.access;
    for principal in context.principals() {
        let subject = principal.subject;
        let mut required = settings.required_for.iter();
        // Of a user whose details were not collected the boundary is not known either, which was said.
        if !required.any(|pattern| pattern.matches(&subject.arn)) || !subject.unknowns.is_empty() {
            continue;
        }
        let boundary = subject.boundary.and_then(|id| access.policy(id));
        let detail = match boundary {
            None => "it has no permissions boundary, and the settings ask for one".to_owned(),
            Some(own) => {
                let mut accepted = settings.accepted.iter();
                if settings.accepted.is_empty() || accepted.any(|known| known.matches(&own.arn)) {
                    continue;
                }
                format!(
                    "its permissions boundary is {}, which the settings do not accept",
                    listing::quoted(&own.arn)
                )
            }
        };
        let fact = match boundary {
            None => "no permissions boundary".to_owned(),
            Some(own) => format!("the permissions boundary {}", listing::quoted(&own.arn)),
        };
        let draft = principals::draft(subject, &RULE)
            .detail(detail)
            .evidence("authorization details", fact)
            .remediation(RULE.metadata.remediation);
        output.find(draft);
    }
}
