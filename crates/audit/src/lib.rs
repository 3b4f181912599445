//! Inventory to findings: one rule, one file.

mod finding;
mod gate;
mod rule;

pub use finding::{
    AppliedExemption, AuditOutcome, Confidence, Evidence, Finding, NotChecked, ResourceType,
    Severity,
};
pub use gate::{GateOutcome, GateResult, Limits};
pub use rule::RuleMetadata;
