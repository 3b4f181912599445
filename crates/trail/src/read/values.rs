//! A text as a row of JSON values, with brackets, commas and white space between them passed over.

use serde::Deserialize;
use serde_json::error::Category;

use super::passing::Passing;
use super::scan::{self, KnownValues};
use crate::Record;

/// A place in a text of values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    text: &'a str,
    place: usize,
    /// Where the text begins in the file.
    before: usize,
}

/// Why no value could be read.
#[derive(Debug)]
pub(super) struct Failure {
    /// The parser's message without its line and column, which are those of a part of the file.
    pub(super) message: String,
    /// Whether the text ended within the value.
    pub(super) is_cut: bool,
    /// How many bytes were read in vain.
    pub(super) bytes: usize,
}

impl<'a> Values<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self::at(text, 0)
    }

    /// A part of a file, with so many bytes before it.
    pub(super) fn at(text: &'a str, before: usize) -> Self {
        Self {
            text,
            place: 0,
            before,
        }
    }

    /// Where in the file the next value begins, in bytes.
    pub(super) fn place(&self) -> usize {
        self.before + self.place
    }

    /// How many bytes of the text were passed.
    pub(super) fn passed(&self) -> usize {
        self.place
    }

    fn left(&self) -> &'a str {
        self.text.get(self.place..).unwrap_or_default()
    }

    /// The first byte of the next value; none at the end of the text.
    pub(super) fn peek(&mut self, between: &[u8]) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.place)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') && !between.contains(&byte) {
                return Some(byte);
            }
            self.place += 1;
        }
    }

    /// Reads the next value if it is a record such as CloudTrail writes, into an empty one, and tells its text; else the place is where it
    /// was.
    pub(super) fn record(
        &mut self,
        known: &mut KnownValues,
        record: &mut Record<'a>,
    ) -> Option<&'a str> {
        let left = self.left();
        let length = scan::record(left, known, record)?;
        self.place += length;
        Some(left.get(..length).unwrap_or_default())
    }

    /// Passes a byte that was peeked at.
    pub(super) fn pass(&mut self) {
        self.place += 1;
    }

    /// Passes all that is left.
    pub(super) fn pass_all(&mut self) {
        self.place = self.text.len();
    }

    /// Reads the next value, and tells the text that it was read from. After a failure the place is where it was.
    pub(super) fn read<T: Deserialize<'a>>(&mut self) -> Result<(T, &'a str), Failure> {
        let left = self.left();
        let mut values = serde_json::Deserializer::from_str(left).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                let length = values.byte_offset();
                self.place += length;
                Ok((value, left.get(..length).unwrap_or_default()))
            }
            Some(Err(error)) => Err(Failure::of(&error, left)),
            None => Err(Failure {
                message: "the text ends".to_owned(),
                is_cut: true,
                bytes: 0,
            }),
        }
    }

    /// Passes what should have been a value; false: the text ends in it.
    pub(super) fn pass_damaged(&mut self) -> bool {
        self.pass_on(&mut Passing::default())
    }

    /// Goes on passing something that began in an earlier part of the file; false: the text ends in it.
    pub(super) fn pass_on(&mut self, passing: &mut Passing) -> bool {
        let left = self.left();
        let length = passing.end(left);
        self.place += length.unwrap_or(left.len());
        length.is_some()
    }
}

/// What is wrong, without the values that the parser repeats where it expected others: they can be credentials.
pub(super) fn reason(error: &serde_json::Error) -> String {
    if error.classify() == Category::Data {
        return "a value is of another type than in CloudTrail's records".to_owned();
    }
    let message = error.to_string();
    match message.rsplit_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => message,
    }
}

impl Failure {
    fn of(error: &serde_json::Error, text: &str) -> Self {
        let is_cut = error.is_eof();
        let bytes = if is_cut {
            text.len()
        } else {
            let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            let line = error
                .line()
                .checked_sub(2)
                .and_then(|line| breaks.map(|(place, _)| place + 1).nth(line));
            line.unwrap_or_default() + error.column()
        };
        Self {
            message: reason(error),
            is_cut,
            bytes,
        }
    }
}
