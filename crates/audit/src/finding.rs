//! What a rule says: a finding with its evidence, or that it could not judge.

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

/// The same fault has the same id in every run, whatever its age and whatever else was found.
pub(crate) fn finding_id(
    rule: &str,
    account_id: &str,
    resource_arn: &str,
    access_key_id: Option<&str>,
    discriminator: &str,
) -> String {
    const HEX_DIGITS: usize = 16;
    let mut hasher = blake3::Hasher::new();
    for part in [
        rule,
        account_id,
        resource_arn,
        access_key_id.unwrap_or_default(),
        discriminator,
    ] {
        hasher.update(part.as_bytes());
        // ARNs and names never contain a NUL, so no two lists of parts hash alike.
        hasher.update(&[0]);
    }
    hasher
        .finalize()
        .to_hex()
        .chars()
        .take(HEX_DIGITS)
        .collect()
}
