//! `effectively-star-resource`: resource of a policy looks limited and is not.

use leastgrant_policy::Statement;

use super::policies::{self, WantedStatements};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, action_lists};

/// The rule's id.
pub const ID: &str = "effectively-star-resource";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Resource of a policy looks limited and is not",
        what_it_does: "Reports policies of your own in which an Allow names resources (`arn:aws:iam::*:role/*`, `arn:aws:s3:::*/*`, `arn:aws:ec2:*:*:instance/*`) that are all of their kind, if that lets somebody who has the policy change, read out or hand over any of them, less every Deny, permissions boundary and organisation's policy. With a condition on tags, or `${aws:username}` in the name, there is none.",
        why_it_is_bad: "It reads as if it were limited, to people and to tools that look for `*` alone.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "The resource `*` itself is not reported here; the rules on unscoped rights report the principals. A pattern for one Region or one account but the principal's is limited. AWS managed policies are not reported, and a policy that no user and no role has grants nothing and is not judged.",
        remediation: "Name the resources, by a common beginning of their names if there are many, or add a condition on their tags.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let wanted = WantedStatements {
        rule: &RULE,
        is_fault,
        actions: action_lists::sensitive(),
        words: "names resources that are all of their kind",
        with_policies_of_aws: false,
    };
    policies::report(context, &wanted, output);
}

fn is_fault(statement: &Statement) -> bool {
    statement.resource.as_ref().is_some_and(|list| {
        let mut entries = list.entries.iter();
        !list.is_negated && !entries.any(|entry| entry.is_every())
    })
}
