//! CloudTrail to usage: who used which permission on what.
//!
//! Records come from local files, from S3, from the event history or, already counted, from Athena. Whatever they come
//! from, they go through the same code: [`Record`] → identity, outcome and needs → rows that are counted.

mod record;
mod sink;
mod summary;
mod window;

pub use record::{Record, Text};
pub use sink::{RecordSink, SkipReason};
pub use summary::{FileProblem, SUMMARY_SCHEMA, Summary};
pub use window::Window;
