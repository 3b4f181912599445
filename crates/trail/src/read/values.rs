//! A text as a row of JSON values, with brackets, commas and white space between them passed over.

use serde::Deserialize;

/// Walks over the values of a text: of an array, of JSON Lines, or of one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    text: &'a str,
    place: usize,
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

    /// Passes a byte.
    pub(super) fn pass(&mut self) {
        self.place += 1;
    }

    /// Reads the next value, and tells the text that it was read from. After an error the place is where it was.
    pub(super) fn read<T: Deserialize<'a>>(&mut self) -> Result<(T, &'a str), serde_json::Error> {
        let left = self.left();
        let mut values = serde_json::Deserializer::from_str(left).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                let length = values.byte_offset();
                self.place += length;
                Ok((value, left.get(..length).unwrap_or_default()))
            }
            Some(Err(error)) => Err(error),
            None => Err(serde::de::Error::custom("the text ends")),
        }
    }

    /// Passes what should have been a value: to the end of the line, or to where brackets that are open here are closed.
    pub(super) fn pass_damaged(&mut self) {
        let left = self.left();
        let mut depth = 0_usize;
        let mut in_text = false;
        let mut is_escaped = false;
        let mut length = left.len();
        for (place, byte) in left.bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if in_text => is_escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text && depth > 1 => depth -= 1,
                b'}' | b']' if !in_text => {
                    length = place + 1;
                    break;
                }
                // A line break never stands within a text, and JSON Lines begin a record right behind one.
                b'\n'
                    if in_text
                        || depth == 0
                        || left
                            .get(place + 1..)
                            .is_some_and(|rest| rest.starts_with("{\"")) =>
                {
                    length = place + 1;
                    break;
                }
                _ => {}
            }
        }
        self.place += length;
    }
}
