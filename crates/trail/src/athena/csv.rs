//! Athena's CSV: every value quoted, quotes doubled, and nothing at all where there is no value.

/// A line's values. An empty text is a value.
pub(super) type Line = Vec<Option<String>>;

/// Takes a file's bytes piece by piece and gives its lines.
#[derive(Debug, Default)]
pub(super) struct CsvReader {
    line: Line,
    value: Vec<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the value was read yet.
    #[default]
    Before,
    /// Within quotes.
    Quoted,
    /// Behind a quote within quotes: the end, or one of two.
    Quote,
    /// Within a value without quotes.
    Bare,
}

impl CsvReader {
    /// Reads on, and hands out the lines that end here.
    pub(super) fn read<E>(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Line) -> Result<(), E>,
    ) -> Result<(), E> {
        for byte in bytes {
            match (self.state, byte) {
                (State::Quoted, b'"') => self.state = State::Quote,
                (State::Quoted, other) => self.value.push(*other),
                (State::Quote, b'"') => {
                    self.value.push(b'"');
                    self.state = State::Quoted;
                }
                (State::Before, b'"') => self.state = State::Quoted,
                (_, b',') => self.end_value(),
                (_, b'\n') => each(self.end_line())?,
                (_, b'\r') => {}
                (_, other) => {
                    self.value.push(*other);
                    self.state = State::Bare;
                }
            }
        }
        Ok(())
    }

    /// Hands out a last line without a line break; tells whether the file ended where one can.
    pub(super) fn finish<E>(
        &mut self,
        mut each: impl FnMut(Line) -> Result<(), E>,
    ) -> Result<bool, E> {
        if self.state == State::Quoted {
            return Ok(false);
        }
        if self.state != State::Before || !self.line.is_empty() {
            each(self.end_line())?;
        }
        Ok(true)
    }

    fn end_value(&mut self) {
        let value = std::mem::take(&mut self.value);
        let is_there = self.state != State::Before;
        self.line
            .push(is_there.then(|| String::from_utf8_lossy(&value).into_owned()));
        self.state = State::Before;
    }

    fn end_line(&mut self) -> Line {
        self.end_value();
        std::mem::take(&mut self.line)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> (Vec<Line>, bool) {
        let mut lines = Vec::new();
        let mut reader = CsvReader::default();
        let mut each = |line| {
            lines.push(line);
            Ok::<(), Infallible>(())
        };
        for piece in pieces {
            reader.read(piece, &mut each).unwrap();
        }
        let is_whole = reader.finish(&mut each).unwrap();
        (lines, is_whole)
    }

    #[test]
    fn no_value_is_not_the_empty_text() {
        let line = [
            Some("a\"b,\nc".to_owned()),
            None,
            Some(String::new()),
            Some("1".to_owned()),
        ];
        assert_eq!(
            read(&[b"\"a\"\"b,\nc\",,\"\",1\n"]),
            (vec![line.to_vec()], true)
        );
        assert_eq!(read(&[b"\"a\",\"b"]), (vec![], false));
        assert_eq!(read(&[b""]), (vec![], true));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_in_any_pieces(
            lines in prop::collection::vec(prop::collection::vec(prop::option::of("[a\",\n\rä]{0,4}"), 2..4), 0..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut text = String::new();
            for line in &lines {
                let quoted = |value: &Option<String>| {
                    let value = value.as_ref()?;
                    Some(format!("\"{}\"", value.replace('"', "\"\"")))
                };
                let values: Vec<String> = line.iter().map(|value| quoted(value).unwrap_or_default()).collect();
                text += &(values.join(",") + "\n");
            }
            let (one, two) = text.as_bytes().split_at(cut.index(text.len() + 1));
            prop_assert_eq!(read(&[one, two]), (lines, true));
        }
    }
}
