//! A file of any size, of which only a window is in memory.

use std::io::BufRead;

use super::passing::Passing;
use super::shapes::Reader;
use super::unpack::Unpacking;
use super::values::Values;
use crate::{RecordSink, SkipReason};

/// How much is unpacked at a time, in bytes; little in tests, so that all is cut somewhere.
const PIECE: usize = if cfg!(test) { 40 } else { 2 << 20 };
/// The largest value that is read as a whole, in bytes: a record, or a wrapper of other kinds than CloudTrail's own.
const LARGEST_VALUE: usize = 32 << 20;

/// What was read of a file.
pub(super) struct Streamed {
    pub(super) bytes: u64,
    pub(super) problem: Option<String>,
}

/// Hands all records of a file to the sink.
pub(super) fn read<R: BufRead>(
    mut unpacking: Unpacking<'_, R>,
    sink: &mut impl RecordSink,
) -> Streamed {
    let mut reader = Reader::new(sink);
    let mut window = Window::default();
    let mut within = Vec::new();
    let mut passing: Option<Passing> = None;
    let mut is_first = true;
    loop {
        let is_last = window.fill(&mut unpacking);
        reader.add_patience(window.text.len());
        if is_first && window.text.starts_with('\u{feff}') {
            window.pass('\u{feff}'.len_utf8());
        }
        is_first = false;
        let mut values = Values::at(&window.text, window.before);
        if passing
            .as_mut()
            .is_none_or(|passing| values.pass_on(passing))
        {
            passing = None;
            reader.part(&mut values, &mut within, is_last);
        }
        let passed = values.passed();
        window.pass(passed);
        if is_last || reader.has_lost_patience {
            break;
        }
        if window.text.len() >= LARGEST_VALUE {
            reader.sink.skipped(SkipReason::TooLarge);
            let place = window.before;
            reader.problem.get_or_insert_with(|| {
                format!(
                    "has a value of more than {} MB at byte {place}, which was left out",
                    LARGEST_VALUE >> 20
                )
            });
            let mut values = Values::of(&window.text);
            let mut begun = Passing::default();
            if !values.pass_on(&mut begun) {
                passing = Some(begun);
            }
            let passed = values.passed();
            window.pass(passed);
        }
    }
    Streamed {
        bytes: unpacking.unpacked(),
        problem: unpacking.into_problem().or(reader.problem),
    }
}

/// The part of a file that is in memory.
#[derive(Default)]
struct Window {
    text: String,
    /// Where it begins in the file.
    before: usize,
    /// What follows it and is no text yet.
    bytes: Vec<u8>,
}

impl Window {
    /// Unpacks more, twice as much where a value needs it; tells whether that was the last.
    fn fill<R: BufRead>(&mut self, unpacking: &mut Unpacking<'_, R>) -> bool {
        let room = (LARGEST_VALUE + PIECE).saturating_sub(self.text.len());
        let is_last = !unpacking.read(&mut self.bytes, self.text.len().max(PIECE).min(room));
        loop {
            let (length, bad) = match std::str::from_utf8(&self.bytes) {
                Ok(text) => {
                    self.text.push_str(text);
                    self.bytes.clear();
                    return is_last;
                }
                Err(error) => (error.valid_up_to(), error.error_len()),
            };
            let valid = self.bytes.get(..length).unwrap_or_default();
            self.text
                .push_str(std::str::from_utf8(valid).unwrap_or_default());
            let bad = match bad {
                Some(bad) => bad,
                None if is_last => self.bytes.len() - length,
                // A letter that is cut.
                None => {
                    self.bytes.drain(..length);
                    return is_last;
                }
            };
            // Bytes that are no text can only stand inside of a text's quotes, where another sign for them does no harm.
            self.text.push(char::REPLACEMENT_CHARACTER);
            self.bytes.drain(..length + bad);
        }
    }

    fn pass(&mut self, bytes: usize) {
        self.text.drain(..bytes);
        self.before += bytes;
    }
}
