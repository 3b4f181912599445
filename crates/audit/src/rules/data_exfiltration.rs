//! `data-exfiltration`: principal can read or hand out any data of a service.

use super::principals::{self, Wanted};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, action_lists};

/// The rule's id.
pub const ID: &str = "data-exfiltration";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Principal can read or hand out any data of a service",
        what_it_does: "Reports users and roles that may read what is stored in any bucket, table, secret, parameter, log or disk snapshot, or hand it to another account, over all their policies and less every Deny, permissions boundary and organisation's policy. `s3:GetObject` on `*` is one; with a Deny of all buckets but one it is none.",
        why_it_is_bad: "Who gets hold of the principal has the data, and reading leaves few traces: data events are seldom logged.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "A resource that stands in no policy is asked about, in the principal's own account and in any Region: rights on one Region only, or on a name that is common to all resources, are not counted. Resource tags in conditions count as missing, and conditions on MFA, addresses, times and the caller as met, which lowers the confidence. Actions that cannot be limited to a resource are none. Administrators are reported by `admin-access` alone; service-linked roles and the principals in `minimize.break_glass` are not reported. Which actions count is a list of ours. A bucket's own policy or a key's may still refuse.",
        remediation: "Name the resources in `Resource`. A Deny for what holds secrets helps where a broad right to read must stay.",
        references: &[
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let wanted = Wanted {
        rule: &RULE,
        actions: action_lists::data_reads(),
        words: "read or hand out data",
    };
    principals::report(context, &wanted, output);
}
