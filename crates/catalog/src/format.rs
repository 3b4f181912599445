//! The packed file: a line of lengths, then three texts as zlib streams.
//!
//! The first line is `leastgrant.catalog/2` and six lengths in bytes: of the index, packed and unpacked, of the details,
//! packed and unpacked, and of the calls, packed and unpacked. The texts are lines of members separated by tabs.
//! In the first two the first member tells the kind.
//!
//! The index, which every user needs:
//!
//! | line | members |
//! | --- | --- |
//! | `date` | the day of the source that actions come from |
//! | `source` | registry, package, version, licence, day (may be empty), what it gives |
//! | `counts` | resource types, condition keys |
//! | `key` | a condition key that no service owns, its type |
//! | `sdk` | botocore's name, service id, endpoint prefix, signing name, prefix of the actions (may be empty) |
//! | `service` | prefix in lower case, name, length of its details in bytes; services are sorted by prefix |
//! | else | letters of access levels, and an action of the service above; actions are sorted by their names in lower case |
//!
//! The details, which are read by service. Numbers count from zero within the service:
//!
//! | line | members |
//! | --- | --- |
//! | `key` | a condition key, its type |
//! | `set` | numbers of keys: a set of keys that types and actions share |
//! | `type` | a resource type, its ARN format, the number of its set (may be empty) |
//! | `action` | the number of its set; its resource types as `number[!][:set]`, where `!` says required; actions it depends on |
//!
//! There is one `action` line for each action of the index, in the same order; empty members at its end are left out.
//!
//! The calls say which parameters name resources, for the events of CloudTrail:
//!
//! | line | members |
//! | --- | --- |
//! | `service` | prefix in lower case, length of its lines in bytes; services are sorted by prefix |
//! | else | the name of a call, then in any order and number the members below |
//! | … `VERB /path` | what a call of API Gateway does on which path; in braces a parameter, in lower case |
//! | … `#parameter>Action` | the parameter that holds tags, and the action that tagging needs besides |
//! | … `type=Variable:path,…` | a resource type, and for each variable of its ARN format the parameters that hold it: paths of names in lower case, separated by dots, and several of them by pipes |

use flate2::{Decompress, FlushDecompress, Status};

use crate::Error;

/// What the first line begins with.
pub(crate) const MAGIC: &str = "leastgrant.catalog/2";

/// A catalogue that says so and is larger than this is damaged.
const MOST_BYTES: usize = 64 << 20;

/// The three streams of a packed file, still packed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    index: Stream<'a>,
    details: Stream<'a>,
    calls: Stream<'a>,
}

#[derive(Debug, Clone, Copy)]
struct Stream<'a> {
    name: &'static str,
    packed: &'a [u8],
    length: usize,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, Error> {
        let lengths_and_rest = || {
            let end = bytes.iter().position(|byte| *byte == b'\n')?;
            let (line, rest) = bytes.split_at_checked(end)?;
            let mut words = std::str::from_utf8(line).ok()?.split(' ');
            words.next().filter(|magic| *magic == MAGIC)?;
            let mut length = || words.next()?.parse::<usize>().ok();
            let lengths = [
                length()?,
                length()?,
                length()?,
                length()?,
                length()?,
                length()?,
            ];
            Some((lengths, rest.get(1..)?))
        };
        let (lengths, rest) = lengths_and_rest().ok_or(Error::OtherFormat(MAGIC))?;
        let [
            packed_index,
            index,
            packed_details,
            details,
            packed_calls,
            calls,
        ] = lengths;
        let split = || {
            let (index, rest) = rest.split_at_checked(packed_index)?;
            let (details, rest) = rest.split_at_checked(packed_details)?;
            (rest.len() == packed_calls).then_some((index, details, rest))
        };
        let (packed_index, packed_details, packed_calls) =
            split().ok_or(Error::Damaged("length"))?;
        Ok(Self {
            index: Stream {
                name: "index",
                packed: packed_index,
                length: index,
            },
            details: Stream {
                name: "details",
                packed: packed_details,
                length: details,
            },
            calls: Stream {
                name: "calls",
                packed: packed_calls,
                length: calls,
            },
        })
    }

    pub(crate) fn index(self) -> Result<String, Error> {
        self.index.unpacked()
    }

    pub(crate) fn details(self) -> Result<String, Error> {
        self.details.unpacked()
    }

    pub(crate) fn calls(self) -> Result<String, Error> {
        self.calls.unpacked()
    }
}

impl Stream<'_> {
    fn unpacked(self) -> Result<String, Error> {
        let damaged = || Error::Damaged(self.name);
        let mut text = Vec::with_capacity(self.length.min(MOST_BYTES));
        let mut unpacking = Decompress::new(true);
        // What does not fit is not written, so that a damaged stream cannot fill the memory.
        let status = unpacking.decompress_vec(self.packed, &mut text, FlushDecompress::Finish);
        if !matches!(status, Ok(Status::StreamEnd)) || text.len() != self.length {
            return Err(damaged());
        }
        String::from_utf8(text).map_err(|_| damaged())
    }
}
