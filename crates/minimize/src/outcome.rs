//! What minimising came to.

use leastgrant_access::SubjectKind;
use leastgrant_evidence::Window;

use crate::confidence::{ActionConfidence, Confidence};
use crate::removed::Removed;
use crate::replay::Replay;
use crate::unit::Source;

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The time that logs cover, over all accounts: the earliest and the latest.
    pub window: Option<Window>,
    /// Policies, sorted by where they stand.
    pub policies: Vec<PolicyOutcome>,
    /// The principals that were asked for, sorted by ARN.
    pub principals: Vec<PrincipalOutcome>,
    /// What could go or be parted besides.
    pub suggestions: Vec<Suggestion>,
}

/// One policy, which several principals can have.
#[derive(Debug, Clone)]
pub struct PolicyOutcome {
    /// Where it stands.
    pub source: Source,
    /// Users, roles, groups and permission sets that it is attached to, or that it is inside of.
    pub attached_to: Vec<String>,
    /// The document as it is.
    pub old: String,
    /// Documents in its place: the old one where nothing changes, none where the policy can go.
    pub new: Vec<String>,
    /// Which new Allow refines which old one: document, statement of it, old statement. Empty where nothing changes.
    pub refinements: Vec<(usize, usize, usize)>,
    /// Resources and statements that go.
    pub removed: Vec<Removed>,
    /// Whether the new documents are others.
    pub is_changed: bool,
    /// Why it stays as it is though something of it could go, or what was done to make it fit.
    pub note: Option<String>,
}

/// What becomes of a principal's policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// At least one is smaller.
    Minimized,
    /// All is needed, or may be.
    Unchanged,
    /// Nothing was tried, or what was tried has no certificate.
    Skipped,
}

impl Status {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minimized => "minimized",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
        }
    }
}

/// One principal.
#[derive(Debug, Clone)]
pub struct PrincipalOutcome {
    /// Its ARN.
    pub arn: String,
    /// Twelve digits.
    pub account_id: String,
    /// User or role.
    pub kind: SubjectKind,
    /// Its name.
    pub name: String,
    /// What becomes of its policies.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
    /// Its policies, as places in [`Outcome::policies`].
    pub policies: Vec<usize>,
    /// What it is granted and what is known of that.
    pub actions: Vec<ActionRow>,
    /// The replay of what was observed.
    pub observed: Replay,
    /// Sizes before and after.
    pub metrics: Metrics,
    /// How sure it is; none without logs.
    pub confidence: Option<Confidence>,
}

/// What is known of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionVerdict {
    /// It was used.
    Used,
    /// It was not, and that would have been seen.
    Unused,
    /// A use could have gone unseen.
    Unknown,
    /// It stays though it was not used in the window.
    Kept,
}

impl ActionVerdict {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Unused => "unused",
            Self::Unknown => "unknown",
            Self::Kept => "kept",
        }
    }
}

/// An action, or `service:*` for all granted ones of a service of which the same is known.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionRow {
    /// The action.
    pub action: String,
    /// What is known.
    pub verdict: ActionVerdict,
    /// From what.
    pub evidence: Vec<String>,
    /// How sure it is; none without logs, and where a use could have gone unseen.
    pub confidence: Option<ActionConfidence>,
}

/// Sizes of all of a principal's identity policies together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metrics {
    /// Actions of the catalogue that some Allow grants, Denies and boundary aside.
    pub actions_before: usize,
    /// The same of the new policies.
    pub actions_after: usize,
    /// Resource entries of Allows that have a wildcard.
    pub resources_wildcard_before: usize,
    /// The same of the new policies.
    pub resources_wildcard_after: usize,
    /// Escalation sets that are live.
    pub escalation_paths_before: usize,
    /// The same with the new policies.
    pub escalation_paths_after: usize,
}

/// Something that a person can decide besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// Nothing of the policy is needed by anybody who has it.
    Delete {
        /// Its place in [`Outcome::policies`].
        policy: usize,
    },
    /// The policy is attached to nothing and bounds nobody.
    DeleteUnattached {
        /// Twelve digits.
        account_id: String,
        /// Its ARN.
        arn: String,
    },
    /// Those who share the policy need different things of it: a copy for each of these groups would be smaller.
    Clone {
        /// Its place in [`Outcome::policies`].
        policy: usize,
        /// Those that need the same together.
        groups: Vec<CloneGroup>,
    },
}

/// Principals that need the same of a shared policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloneGroup {
    /// Their ARNs.
    pub principals: Vec<String>,
    /// The documents of a copy for them, with the same proof as other documents: the policy's own where nothing can go, none where they
    /// need nothing of it, and nothing at all where there is no proof.
    pub documents: Option<Vec<String>>,
}
