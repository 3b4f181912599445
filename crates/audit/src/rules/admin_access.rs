//! `admin-access`: principal is an administrator.

use super::principals::{self, statement_words};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::reach::{Administrator, PrincipalReach};
use crate::{Confidence, RuleMetadata, Severity, listing};

/// The rule's id.
pub const ID: &str = "admin-access";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        worst_severity: Severity::High,
        summary: "Principal is an administrator",
        what_it_does: "Reports users and roles that may do everything that their organisation leaves to anybody, however it is written: `*` on `*`, all but nothing, or several policies together, less every Deny and within the permissions boundary. A principal that lacks a few actions (at most one in twenty) but may grant permissions to any user and role is one too. With a boundary of `s3:*` it is none.",
        why_it_is_bad: "Who gets hold of the principal has the account.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries and service control policies count where they were collected.",
        limits: "Every account needs some administrator; that it has one is reported all the same. Conditions on MFA, addresses and the like count as met, which lowers the confidence. A principal that can make itself an administrator is none: that is another rule's matter. The root user and service-linked roles are not reported. Principals in `minimize.break_glass` are reported with severity low.",
        remediation: "Give it what it needs in place of everything; `leastgrant minimize` writes such a policy from what was used. Let people become administrators for a time, through Identity Center or a role that asks for MFA.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
            "CIS AWS Foundations Benchmark 3.0, 1.16",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    context.report_missing_policies(output);
    for principal in context.principals() {
        report(context, principal, output);
    }
}

fn report(context: &PolicyContext<'_>, principal: PrincipalReach<'_>, output: &mut Output) {
    let PrincipalReach { subject, reach } = principal;
    let draft = principals::draft(subject, &RULE).remediation(RULE.metadata.remediation);
    let mut draft = match &reach.administrator {
        Administrator::No => return,
        Administrator::Nearly => {
            let missing = leastgrant_catalog::Catalog::get().len() - reach.anywhere.len();
            let words = match missing {
                0 => "every known action".to_owned(),
                _ => format!("all but {}", listing::counted(missing, "known action")),
            };
            let draft = draft.detail(format!(
                "it may do {words} on any resource that no Deny names, and may grant permissions to any user and role"
            ));
            let granted = principals::granted(context, principal, &reach.anywhere, draft);
            let Some(mut draft) = granted else {
                return;
            };
            draft.confidence = draft.confidence.min(Confidence::Medium);
            draft
        }
        Administrator::Fully(administration) => {
            let keys = administration.keys.iter().map(String::as_str);
            let mut draft = draft.detail(match administration.keys.is_empty() {
                true => "it may do everything on everything".to_owned(),
                false => format!(
                    "it may do everything on everything; it depends on {}",
                    listing::some_of(keys, 4)
                ),
            });
            for reference in &administration.statements {
                if let Some((_, statement)) = context.policies.access.statement(reference) {
                    draft = draft.evidence(
                        principals::policy_words(context, reference),
                        statement_words(statement, reference.index),
                    );
                }
            }
            draft.confidence = match () {
                () if reach.may_be_closed => Confidence::Low,
                () if administration.keys.is_empty() => Confidence::High,
                () => Confidence::Medium,
            };
            draft
        }
    };
    if context.is_break_glass(&subject.arn) {
        draft.severity = Some(Severity::Low);
        draft
            .detail
            .push_str("; the settings name it for emergencies");
    }
    output.find(draft);
}
