//! What CloudTrail and last-accessed data prove of use, for each principal and action of an inventory: used, unused, or unknown.
//!
//! Three values, never two. An action is [`Verdict::Used`] where a call that needed it was allowed. It is [`Verdict::Unused`] only
//! where a call would have been in files that were in fact read, for the whole window, and nothing speaks against it. Everything
//! else is [`Verdict::Unknown`], with every [`Reason`].
//!
//! That files were read is told by the days of their events: management events by Region, data events, and event history, each
//! for itself. Management events of a day tell that the day's files of the trails that log them were read; those of global
//! services take events of their Region at both ends of the window. That files of the other Regions that a trail logs were
//! read too is assumed, unless last-accessed data tell of one: a Region in which nothing happened has no files.
//!
//! A window begins when the principal was made, and logs that end more than a week before the inventory prove nothing. When a
//! policy was made is not looked at. Last-accessed data that are clearly later than the logs' last call of a service or action, or of
//! a Region that was not read, make it unknown; so does a call of somebody whom the records do not tell, or of a user who is not
//! there any more where users were renamed.
//!
//! Where an account's trails are known, the time of a verdict is what they logged of the account's: by their status, since the
//! account joined their organisation, and since somebody last changed them. A trail without a status is taken to have logged
//! when files show that there was logging; a trail without selectors, if it may have its own, logs nothing that is known. Files
//! that may be another trail's, which leaves an action out, prove nothing of it.
//!
//! Without trails in the inventory, management events are taken as logged in the Regions that events were read of, if in all of
//! them long enough, and data events as not logged, whatever single ones are seen.

mod changes;
mod delivery;
mod evidence;
mod gaps;
mod grants;
mod last_accessed;
mod organization;
mod places;
mod principals;
mod reason;
mod seen;
mod selectors;
mod shown;
mod since;
mod status;
#[cfg(test)]
mod tests;
mod trails;
mod whole;
mod window;

pub use evidence::{AccountCoverage, Evidence, Options};
pub use grants::GrantedUse;
pub use leastgrant_catalog::{DATA_EVENTS_DATE, Logging, logging_of};
pub use reason::{Reason, Unused, Use, Verdict};
pub use whole::WholeEvidence;
pub use window::Window;
