//! Smaller policies from those that are there and from what was used, with their proof.
//!
//! # How
//!
//! Policies are shrunk, never written afresh: each Allow statement becomes narrower ones, or goes; Denies, conditions and the
//! version stay, and untouched statements stay byte for byte. An action goes only if no principal that has the policy used it and
//! a use would have been seen; what could have gone unseen stays, and so does what was used seldom, what others need and what the
//! settings keep.
//!
//! # What is proved
//!
//! 1. *No new access.* Each new Allow refines an old one: fewer actions, fewer resources, the same conditions. The Denies are the
//!    same. So every request that the new policies allow the old ones allow, for every context and whatever boundaries, service
//!    control policies and resource policies there are. `leastgrant_certificate` checks it statement by statement, and
//!    `leastgrant_policy::compare` proves it again for the whole document.
//! 2. *Nothing observed breaks.* Each observed authorisation that the old policies allow is evaluated against the new ones, with
//!    boundaries and service control policies. A condition whose key the record does not show counts as met for an Allow and as
//!    not met for a Deny, on both sides. What the old policies would not have allowed is reported and never added.
//! 3. *Minimising again changes nothing.*
//!
//! What cannot be proved: that the log is complete, that the mapping from events to permissions is right, and that the future
//! looks like the past. Without the first two proofs a policy stays as it is, with the reason.

mod certify;
mod check;
mod companions;
mod confidence;
mod explain;
mod fit;
mod generalise;
mod glob;
mod last_accessed;
mod list;
mod made_up;
mod metrics;
mod narrow;
mod needs;
mod outcome;
mod removed;
mod replay;
mod rhythm;
mod run;
mod settings;
mod settle;
mod skipped;
mod tables;
#[cfg(test)]
mod tests;
mod unit;
mod usage;

pub use check::{CheckError, Checked, Minimized, NotChecked, Regression};
pub use confidence::{ActionConfidence, Confidence};
pub use outcome::{
    ActionRow, ActionVerdict, CloneGroup, Metrics, Outcome, PolicyOutcome, PrincipalOutcome,
    Status, Suggestion,
};
pub use removed::Removed;
pub use replay::Replay;
pub use rhythm::{Often, Rhythm};
pub use run::{Options, minimize};
pub use settings::{Keep, Settings, SettingsError};
pub use unit::{Source, SourceKind};
