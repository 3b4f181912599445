//! JSON that is written while it is made, with what is invisible escaped.

use std::io::{Error, ErrorKind, Result, Write};

use serde::Serialize;

use crate::text::json_safe;

/// So many bytes are held before they are passed on.
const AT_ONCE: usize = 1 << 16;

/// Writes a document in lines, of which never more than a few are held.
pub(crate) fn write(output: &mut dyn Write, document: &impl Serialize) -> Result<()> {
    let mut lines = SafeLines {
        output,
        begun: Vec::new(),
    };
    serde_json::to_writer_pretty(&mut lines, document)?;
    lines.write_all(b"\n")?;
    lines.pass()
}

/// Passes JSON on in whole lines. A line break is never inside of a text of JSON.
struct SafeLines<'o> {
    output: &'o mut dyn Write,
    begun: Vec<u8>,
}

impl SafeLines<'_> {
    /// Passes on what ends in a line break.
    fn pass(&mut self) -> Result<()> {
        let end = self.begun.iter().rposition(|byte| *byte == b'\n');
        let rest = self.begun.split_off(end.map_or(0, |end| end + 1));
        let lines = std::mem::replace(&mut self.begun, rest);
        let lines =
            String::from_utf8(lines).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
        self.output.write_all(json_safe(lines).as_bytes())
    }
}

impl Write for SafeLines<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.begun.extend_from_slice(bytes);
        if self.begun.len() >= AT_ONCE && bytes.contains(&b'\n') {
            self.pass()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.output.flush()
    }
}
