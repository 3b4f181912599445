//! What a rule says: a finding with its evidence, or that it could not judge.

use leastgrant_inventory::{Gap, Timestamp};

use crate::{Ranked, rules};

/// How bad it is if the finding is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Hygiene.
    Low,
    /// Makes a leak worse or rights grow unseen.
    Medium,
    /// A likely way in.
    High,
    /// One step from losing the account.
    Critical,
}

impl Severity {
    /// All severities, the lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name in machine-read output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure the finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The evidence has a known hole, which the detail names.
    Low,
    /// Likely; one more look is wise.
    Medium,
    /// The evidence says it plainly.
    High,
}

impl Confidence {
    /// The name in machine-read output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What kind of thing a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// The account as such, or its root user: the ARN ends in `:root`.
    Root,
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// An IAM group.
    Group,
    /// A managed policy.
    Policy,
    /// A permission set of Identity Center.
    PermissionSet,
}

impl ResourceType {
    /// The name in machine-read output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
            Self::Policy => "policy",
            Self::PermissionSet => "permission_set",
        }
    }
}

/// One fact and where it was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// Where the fact was read, such as `credential report of 2026-01-31T08:00:00Z`.
    pub source: String,
    /// The fact.
    pub fact: String,
}

/// One thing to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Hash of rule, account, resource, access key and, where needed, a discriminator: 16 hexadecimal digits.
    /// The same fault has the same id in every run.
    pub id: String,
    /// The rule's id.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Twelve digits.
    pub account_id: String,
    /// The user, role, group, policy or account root that it is about.
    pub resource_arn: String,
    /// What `resource_arn` is.
    pub resource_type: ResourceType,
    /// The access key that it is about, where it is about one and its id can be told.
    pub access_key_id: Option<String>,
    /// Who has to act; `unowned` where nobody is known.
    pub owner: String,
    /// One line, without the place.
    pub title: String,
    /// What was found, with ages and dates.
    pub detail: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What to do.
    pub remediation: String,
    /// The exemption in the configuration that covers it and has not expired.
    pub exemption: Option<AppliedExemption>,
}

/// An exemption that covers a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedExemption {
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day, as `YYYY-MM-DD` in UTC, on which it holds.
    pub expires: String,
}

/// A rule that could not judge an account, wholly or in part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotChecked {
    /// The rule's id.
    pub rule: &'static str,
    /// Twelve digits.
    pub account_id: String,
    /// What was missing.
    pub reason: String,
}

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
