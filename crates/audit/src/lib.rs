//! Inventory to findings: one rule, one file.
//!
//! [`audit`] asks every rule of [`rules::ALL`] about every account. Rules see [`facts`] only, never files or a clock;
//! what they cannot judge for want of data they say under `not_checked`. [`judge_gate`] asks some of them again at the gate's limits.

mod action_lists;
mod age;
mod attachment_facts;
#[cfg(test)]
mod attachment_tests;
mod context;
mod contexts;
mod escalation;
mod exemptions;
mod facts;
mod finding;
mod gate;
mod granted;
mod jobs;
mod key_facts;
mod key_holder;
mod lazy_facts;
mod left_out;
mod listing;
mod logged_use;
#[cfg(test)]
mod made_up;
mod outcome;
mod owner;
mod policy_facts;
mod policy_faults;
mod ranking;
mod reach;
mod rule;
pub mod rules;
mod run;
mod service_access;
mod settings;
mod settings_file;
mod trust;
mod trust_settings;

pub use finding::{
    AppliedExemption, Confidence, Evidence, Finding, NotChecked, ResourceType, Severity,
};
pub use gate::{Baseline, BaselineError, GateOutcome, GateResult, Limits, judge_gate};
pub use granted::granted_actions;
pub use outcome::AuditOutcome;
pub use owner::{Owners, UNOWNED};
pub use ranking::Ranked;
pub use rule::RuleMetadata;
pub use run::{RuleSelection, audit};
pub use settings::{
    BoundarySettings, Exemption, MinimizeSettings, OwnerPattern, OwnerSettings,
    PasswordPolicySettings, Settings, Thresholds,
};
pub use settings_file::SettingsError;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub use trust_settings::TrustSettings;
