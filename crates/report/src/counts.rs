//! How many findings there are, by severity, rule and owner.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use leastgrant_audit::{Finding, Severity};

/// The severities, the worst first.
pub(crate) fn worst_first() -> impl Iterator<Item = Severity> {
    Severity::ALL.into_iter().rev()
}

/// A number for each severity. The order compares the worst severity first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct SeverityCounts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
}

impl SeverityCounts {
    /// Counts the findings.
    pub(crate) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            counts.add(finding.severity);
        }
        counts
    }

    /// The number of one severity.
    pub(crate) fn get(self, severity: Severity) -> usize {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }

    /// The number of all severities.
    pub(crate) fn total(self) -> usize {
        self.critical + self.high + self.medium + self.low
    }

    /// `2 critical, 9 high`; severities without a finding are left out.
    pub(crate) fn words(self) -> String {
        worst_first()
            .filter(|severity| self.get(*severity) > 0)
            .map(|severity| format!("{} {}", self.get(severity), severity.name()))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn add(&mut self, severity: Severity) {
        let slot = match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
        };
        *slot += 1;
    }
}

/// The findings that share a name, which is a rule or an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally<'a> {
    pub(crate) name: &'a str,
    pub(crate) counts: SeverityCounts,
}

/// The findings counted by `name_of`, those with the most of the worst first, then by name.
pub(crate) fn tally<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    name_of: impl Fn(&'a Finding) -> &'a str,
) -> Vec<Tally<'a>> {
    let mut by_name: BTreeMap<&str, SeverityCounts> = BTreeMap::new();
    for finding in findings {
        by_name
            .entry(name_of(finding))
            .or_default()
            .add(finding.severity);
    }
    let mut tallies: Vec<Tally<'_>> = by_name
        .into_iter()
        .map(|(name, counts)| Tally { name, counts })
        .collect();
    tallies.sort_by_key(|tally| Reverse(tally.counts));
    tallies
}

/// The findings that nobody has exempted.
pub(crate) fn open(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings
        .iter()
        .filter(|finding| finding.exemption.is_none())
}
