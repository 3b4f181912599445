//! All that an audit says.

use leastgrant_inventory::{Gap, Timestamp};

use crate::{Finding, NotChecked, Ranked, Severity, rules};

/// All that an audit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditOutcome {
    /// The time that ages are counted to.
    pub as_of: Timestamp,
    /// The accounts audited, sorted.
    pub accounts: Vec<String>,
    /// Sorted by severity (worst first), rule, account, resource, access key and id.
    pub findings: Vec<Finding>,
    /// The open ones of them, what to do first at the head.
    pub ranking: Vec<Ranked>,
    /// Sorted.
    pub not_checked: Vec<NotChecked>,
    /// What the whole inventory lacks and was not taken into account, in words. It leaves nothing open: no inventory needs to have it.
    pub notes: Vec<String>,
    /// The inventory's gaps.
    pub gaps: Vec<Gap>,
}

impl AuditOutcome {
    /// Whether a finding of this severity or above may be where something could not be read or judged.
    #[must_use]
    pub fn leaves_open(&self, severity: Severity) -> bool {
        let mut entries = self.not_checked.iter();
        self.accounts.is_empty()
            || !self.gaps.is_empty()
            || entries.any(|entry| entry.leaves_open(severity))
    }
}

impl NotChecked {
    /// Whether a finding of this severity or above may be behind it.
    pub(crate) fn leaves_open(&self, severity: Severity) -> bool {
        // What is of no rule, such as a time before the data, is of all.
        rules::find(self.rule).is_none_or(|rule| rule.leaves_open(severity))
    }
}
