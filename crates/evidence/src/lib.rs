//! What CloudTrail and last-accessed data prove of use, for each principal and action of an inventory: used, unused, or unknown.
//!
//! Three values, never two. An action is [`Verdict::Used`] where a call that needed it was allowed. It is [`Verdict::Unused`] only
//! where a working selector covered its events in all Regions for the whole window and nothing speaks against it. Everything
//! else is [`Verdict::Unknown`], with every [`Reason`].
//!
//! Where an account's trails are known, the time of a verdict is what they logged of the account's: by their status, since the
//! account joined their organisation, and since somebody last changed them. A trail without a status is taken to have logged
//! when files show that there was logging; a trail without selectors, if it may have its own, logs nothing that is known. Files
//! that may be another trail's, which leaves an action out, prove nothing of it.
//!
//! Without trails in the inventory, management events are taken as logged in the Regions and the time that the files cover,
//! and data events as not logged, whatever single ones are seen.

mod changes;
mod delivery;
mod evidence;
mod gaps;
mod grants;
mod last_accessed;
mod logging;
mod organization;
mod reason;
mod seen;
mod selectors;
mod shown;
mod status;
#[cfg(test)]
mod tests;
mod trails;
mod whole;
mod window;

pub use evidence::{AccountCoverage, Evidence, Options};
pub use grants::GrantedUse;
pub use logging::{DATA_EVENTS_DATE, Logging, logging_of};
pub use reason::{Reason, ResourceMatch, Unused, Use, Verdict};
pub use whole::WholeEvidence;
pub use window::Window;
