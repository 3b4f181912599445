//! Pass or fail for CI.

use leastgrant_inventory::{Gap, Timestamp};

use crate::{Finding, NotChecked, Severity};

/// What a gate judges; at least one is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Active keys may be this old.
    pub max_key_age_days: Option<u32>,
    /// Active keys, passwords and users may be unused this long.
    pub max_unused_days: Option<u32>,
    /// Findings of this severity or above fail.
    pub fail_on: Option<Severity>,
    /// The inventory may be this old.
    pub max_inventory_age_days: Option<u32>,
}

/// The gate's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateResult {
    /// Nothing exceeds a limit, and everything could be judged.
    Pass,
    /// Something exceeds a limit.
    Fail,
    /// Nothing exceeds a limit, but something could not be judged.
    Incomplete,
}

impl GateResult {
    /// The name in machine-read output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Incomplete => "incomplete",
        }
    }
}

/// All that a gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateOutcome {
    /// The answer.
    pub result: GateResult,
    /// The time that ages are counted to.
    pub as_of: Timestamp,
    /// The limits that were asked for.
    pub limits: Limits,
    /// What fails the gate.
    pub findings: Vec<Finding>,
    /// What would fail it but for an exemption; each has [`Finding::exemption`].
    pub exempted: Vec<Finding>,
    /// What would fail it but is in the baseline.
    pub baselined: Vec<Finding>,
    /// What could not be judged.
    pub not_checked: Vec<NotChecked>,
    /// The inventory's gaps.
    pub gaps: Vec<Gap>,
}
