//! What a rule is.

use crate::Severity;

/// What the registry knows of a rule; `leastgrant explain RULE` prints all of it.
#[derive(Debug, Clone, Copy)]
pub struct RuleMetadata {
    /// Kebab-case, names the fault, never changes.
    pub id: &'static str,
    /// The severity of its findings, unless they say another.
    pub severity: Severity,
    /// The worst that one of them can have.
    pub worst_severity: Severity,
    /// One line: what is wrong.
    pub summary: &'static str,
    /// When exactly it reports.
    pub what_it_does: &'static str,
    /// Why that is bad.
    pub why_it_is_bad: &'static str,
    /// Which data it needs; without them it is listed under `not_checked`.
    pub evidence_needed: &'static str,
    /// What it cannot see, and what looks like the fault but is none.
    pub limits: &'static str,
    /// What to do.
    pub remediation: &'static str,
    /// AWS pages and standards that the rule comes from.
    pub references: &'static [&'static str],
}
