//! `allow-not-resource`: policy allows actions on all resources but some.

use leastgrant_policy::Statement;

use super::policies::{self, WantedStatements};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, action_lists};

/// The rule's id.
pub const ID: &str = "allow-not-resource";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Policy allows actions on all resources but some",
        what_it_does: "Reports policies that allow something with NotResource, if that lets somebody who has the policy change, read out or hand over any resource, less every Deny, permissions boundary and organisation's policy. An AWS managed policy that is written so is reported at each user and role that has it. Under a condition on the resource's tags there is none.",
        why_it_is_bad: "It also allows the actions on every resource that is made later.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "NotResource with Deny is the safe use and no finding. Administrators are not reported for an AWS managed policy, nor are the principals in `minimize.break_glass`. A policy that no user and no role has grants nothing and is not judged.",
        remediation: "List in Resource what is needed. What must not be touched belongs into a Deny.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let wanted = WantedStatements {
        rule: &RULE,
        is_fault,
        actions: action_lists::sensitive(),
        words: "allows actions on all resources but some",
        with_policies_of_aws: true,
    };
    policies::report(context, &wanted, output);
}

fn is_fault(statement: &Statement) -> bool {
    let mut list = statement.resource.iter();
    list.any(|list| list.is_negated)
}
