//! A file of any size, of which only a window is in memory.

use std::io::BufRead;

use super::passing::Passing;
use super::scan::KnownValues;
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
    known: &mut KnownValues,
    sink: &mut impl RecordSink,
) -> Streamed {
    let mut reader = Reader::new(known, sink);
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
        let has_records = std::mem::take(&mut reader.records) > 0;
        let has_objects = std::mem::take(&mut reader.objects) > 0;
        let is_worth_while = unpacking.is_worth_while(has_records, has_objects);
        if is_last || reader.has_lost_patience || !is_worth_while {
            break;
        }
        if window.text.len() >= LARGEST_VALUE {
            reader.sink.skipped(SkipReason::TooLarge);
            let mut values = Values::at(&window.text, window.before);
            // The comma before it is none of its own.
            values.peek(b",");
            let place = values.place();
            reader.problem.get_or_insert_with(|| {
                format!(
                    "has a value of more than {} MB at byte {place}, which was left out",
                    LARGEST_VALUE >> 20
                )
            });
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
        problem: unpacking.into_problem().or(reader.into_problem()),
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
        if let Ok(text) = std::str::from_utf8(&self.bytes) {
            self.text.push_str(text);
            self.bytes.clear();
            return is_last;
        }
        let mut place = 0;
        let mut cut = 0;
        for part in self.bytes.utf8_chunks() {
            let bad = part.invalid();
            self.text.push_str(part.valid());
            place += part.valid().len() + bad.len();
            // A letter that is cut goes on in the next piece.
            let goes_on = |bad| std::str::from_utf8(bad).is_err_and(|e| e.error_len().is_none());
            if place == self.bytes.len() && !is_last && goes_on(bad) {
                cut = bad.len();
            } else if !bad.is_empty() {
                // Bytes that are no text can only stand inside of a text's quotes, where another sign for them does no harm.
                self.text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.bytes.drain(..place - cut);
        is_last
    }

    fn pass(&mut self, bytes: usize) {
        self.text.drain(..bytes);
        self.before += bytes;
    }
}
