//! From files to records, whatever their layout.

mod files;
mod found;
mod gathered;
mod known;
mod members;
mod names;
mod passing;
mod scan;
mod shapes;
mod stream;
mod strings;
mod surrogates;
mod unpack;
mod values;
mod wrappers;

#[cfg(test)]
mod tests;

pub(crate) use scan::{agrees_with_the_general_parser, for_each_member};

pub(crate) use files::read_bytes;
pub use files::{FilesRead, read_logs};
pub(crate) use found::{Named, ODD_NAME};

/// A record larger than this is none of CloudTrail's, whose largest have some hundred kilobytes.
const LARGEST_RECORD: usize = 16 << 20;
