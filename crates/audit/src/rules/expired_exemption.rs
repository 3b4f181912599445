//! `expired-exemption`: exemption has expired.

use super::{Check, Rule};
use crate::context::{Context, Output};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "expired-exemption";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Exemption has expired",
        what_it_does: "Reports every exemption of `leastgrant.toml` whose last day is over: on each resource that it would still cover, else on the account.",
        why_it_is_bad: "An exemption was granted for a time. Once that is over, the fault it excused counts again, and somebody has to decide.",
        evidence_needed: "Only the configuration.",
        limits: "Days are counted in UTC, to the end of the last one.",
        remediation: "Mend what it excuses and remove the exemption, or renew it with a new date and reason.",
        references: &[
            "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_permissions_continuous_reduction.html",
        ],
    },
    check: Check::Account(check),
};

/// Exemptions are judged after all rules, since they are about findings.
fn check(_context: &Context<'_>, _output: &mut Output) {}
