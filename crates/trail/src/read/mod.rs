//! From files to records, whatever their layout.

mod files;
mod shapes;
mod unpack;
mod values;

#[cfg(test)]
mod tests;

pub use files::{FilesRead, ObjectRead, read_bytes, read_logs};

/// A record larger than this is none of CloudTrail's, whose largest have some hundred kilobytes.
const LARGEST_RECORD: usize = 16 << 20;
