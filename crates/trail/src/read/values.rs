//! A text as a row of JSON values, with brackets, commas and white space between them passed over.

use serde::Deserialize;

/// A place in a text of values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    text: &'a str,
    place: usize,
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
        Self { text, place: 0 }
    }

    /// Where the next value begins, in bytes.
    pub(super) fn place(&self) -> usize {
        self.place
    }

    fn left(&self) -> &'a str {
        self.text.get(self.place..).unwrap_or_default()
    }

    /// The first byte of the next value; none at the end of the text.
    pub(super) fn peek(&mut self, between: &[char]) -> Option<u8> {
        let left = self.left();
        let rest = left.trim_start_matches(|character: char| {
            matches!(character, ' ' | '\t' | '\n' | '\r') || between.contains(&character)
        });
        self.place += left.len() - rest.len();
        rest.bytes().next()
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

    /// Passes what should have been a value: to where brackets that it opens are closed, to what can begin another value, or
    /// to the end of the line.
    pub(super) fn pass_damaged(&mut self) {
        let left = self.left();
        let mut depth = 0_usize;
        let mut in_text = false;
        let mut is_escaped = false;
        let mut length = left.len();
        for (place, byte) in left.bytes().enumerate() {
            let end = match byte {
                _ if is_escaped => {
                    is_escaped = false;
                    None
                }
                b'\\' if in_text => {
                    is_escaped = true;
                    None
                }
                b'"' => {
                    in_text = !in_text;
                    None
                }
                // A line break never stands within a text, and JSON Lines begin a record right behind one.
                b'\n' if in_text || depth == 0 || begins_member(left.get(place + 1..)) => {
                    Some(place + 1)
                }
                _ if in_text => None,
                b',' | b'{' | b'[' if depth == 0 && place > 0 => Some(place),
                b',' if depth == 0 => Some(place + 1),
                b'{' | b'[' => {
                    depth += 1;
                    None
                }
                b'}' | b']' if depth > 1 => {
                    depth -= 1;
                    None
                }
                b'}' | b']' => Some(place + 1),
                _ => None,
            };
            if let Some(end) = end {
                length = end;
                break;
            }
        }
        self.place += length;
    }
}

fn begins_member(rest: Option<&str>) -> bool {
    rest.is_some_and(|rest| rest.starts_with("{\""))
}

impl Failure {
    fn of(error: &serde_json::Error, text: &str) -> Self {
        let message = error.to_string();
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
            message: match message.rsplit_once(" at line ") {
                Some((message, _)) => message.to_owned(),
                None => message,
            },
            is_cut,
            bytes,
        }
    }
}
