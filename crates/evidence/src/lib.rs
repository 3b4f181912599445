//! What CloudTrail and last-accessed data prove of use, for each principal and action of an inventory: used, unused, or unknown.
//!
//! Three values, never two. An action is [`Verdict::Used`] where a call that needed it was allowed. It is [`Verdict::Unused`] only
//! where a working selector covered its events in all Regions for the whole window and nothing speaks against it. Everything
//! else is [`Verdict::Unknown`], with every [`Reason`].
//!
//! Without trails in the inventory, management events are taken as logged in the Regions and the time that the files cover,
//! and data events as not logged, whatever single ones are seen.

mod evidence;
mod last_accessed;
mod logging;
mod reason;
mod seen;
mod selectors;
#[cfg(test)]
mod tests;
mod trails;
mod window;

pub use evidence::{AccountCoverage, Evidence, Options};
pub use logging::{DATA_EVENTS_DATE, Logging, logging_of};
pub use reason::{Reason, Unused, Use, Verdict};
pub use window::Window;
