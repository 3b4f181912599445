//! `allow-not-action`: policy allows all actions but some.

use leastgrant_policy::Statement;

use super::policies::{self, WantedStatements};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, action_lists};

/// The rule's id.
pub const ID: &str = "allow-not-action";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Policy allows all actions but some",
        what_it_does: "Reports policies that allow NotAction on resources of several services, if that lets somebody who has the policy change something on any resource, less every Deny, permissions boundary and organisation's policy. An AWS managed policy that is written so (`PowerUserAccess`) is reported at each user and role that has it. With a boundary of `s3:Get*`, or for the resources of one service, there is none.",
        why_it_is_bad: "It also allows every action that AWS adds to any service later.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "NotAction with Deny is the safe use and no finding. Administrators are not reported for an AWS managed policy, nor are the principals in `minimize.break_glass`. A policy that no user and no role has grants nothing and is not judged.",
        remediation: "List in Action what is needed. What must not be done belongs into a Deny.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let wanted = WantedStatements {
        rule: &RULE,
        is_fault,
        actions: action_lists::changes(),
        words: "allows all actions but some, and with that to change",
        with_policies_of_aws: true,
    };
    policies::report(context, &wanted, output);
}

fn is_fault(statement: &Statement) -> bool {
    statement.action.is_negated && policies::is_of_several_services(statement)
}
