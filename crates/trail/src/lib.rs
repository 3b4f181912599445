//! CloudTrail to usage: who used which permission on what.
//!
//! Records come from local files, from S3, from the event history or, already counted, from Athena. Whatever they come
//! from, they go through the same code: [`Record`] → identity, outcome and needs → rows that are counted.

mod add;
pub mod athena;
mod call_kinds;
mod callers;
mod collector;
mod counting;
mod crowd;
mod decided;
mod error;
mod event_time;
mod extents;
mod grouped;
mod groups;
mod history;
mod identity;
mod interner;
mod kept;
mod keyed_hashes;
mod known_rows;
mod ledger;
mod outcome;
mod placing;
mod read;
mod read_parts;
mod record;
mod remote;
mod s3;
mod seen_events;
mod sessions;
mod sink;
mod smallest;
mod summary;
#[cfg(test)]
mod twin;
mod unread;
mod usage;
mod window;
mod without_id;

pub use add::{RunSource, UsageOfInventory};
pub use collector::UsageCollector;
pub use error::Error;
pub(crate) use grouped::{GroupCounting, RecordGroup, RecordId};
pub use history::{
    HistoryError, HistoryRead, HistorySource, open_kept_history, read_event_history,
};
pub use identity::Identity;
pub use kept::KeptFiles;
pub use ledger::Ledger;
pub use outcome::Outcome;
pub(crate) use read::read_bytes;
pub use read::{FilesRead, read_logs};
pub use record::{JsonText, Record, Text};
pub use s3::{
    S3Error, S3Location, S3LocationError, S3Read, S3Source, open_kept_objects, read_s3,
    region_of_folder,
};
pub use sink::{RecordSink, SkipReason};
pub use summary::{FileProblem, Summary};
pub use unread::UnreadFiles;
pub use usage::{Usage, usage, usage_beyond};
pub use window::Window;
pub(crate) use without_id::RecordTold;

/// Reads a file's bytes and counts what is in it, for the fuzz target and the replay of its corpus.
#[doc(hidden)]
pub fn exercise(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert!(read::agrees_with_the_general_parser(&text), "{text}");
    let mut collector = UsageCollector::new(Window::default());
    let read = read_bytes("", bytes.to_vec(), &mut collector);
    let read = FilesRead {
        files: 1,
        bytes_json: read.bytes_json,
        ..FilesRead::default()
    };
    let _ = usage(vec![collector], read);
}
