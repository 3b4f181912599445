//! Inventory to findings: one rule, one file.
//!
//! [`audit`] asks every rule of [`rules::ALL`] about every account. Rules see [`facts`] only, never files or a clock;
//! what they cannot judge for want of data they say under `not_checked`. [`judge_gate`] asks some of them again at the gate's limits.

mod age;
mod context;
mod escalation;
mod exemptions;
mod facts;
mod finding;
mod gate;
mod logged_use;
mod owner;
mod policy_facts;
mod rule;
pub mod rules;
mod run;
mod settings;

pub use finding::{
    AppliedExemption, AuditOutcome, Confidence, Evidence, Finding, NotChecked, ResourceType,
    Severity,
};
pub use gate::{Baseline, BaselineError, GateOutcome, GateResult, Limits, judge_gate};
pub use owner::{Owners, UNOWNED};
pub use rule::RuleMetadata;
pub use run::{RuleSelection, audit};
pub use settings::{
    Exemption, OwnerPattern, OwnerSettings, PasswordPolicySettings, Settings, SettingsError,
    Thresholds,
};
