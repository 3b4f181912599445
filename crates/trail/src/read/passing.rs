//! Passing what is no value: damage, or what is too large to be read.

/// What was passed so far.
#[derive(Debug, Default)]
pub(super) struct Passing {
    has_begun: bool,
    depth: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Passing {
    /// How many bytes more belong to it: to where brackets that it opens are closed, to what can begin another value, or to the
    /// end of the line. None: all of them.
    pub(super) fn end(&mut self, text: &str) -> Option<usize> {
        for (place, byte) in text.bytes().enumerate() {
            let is_first = !self.has_begun;
            self.has_begun = true;
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.in_text => self.is_escaped = true,
                b'"' => self.in_text = !self.in_text,
                // A line break never stands within a text, and JSON Lines begin a record right behind one.
                b'\n'
                    if self.in_text || self.depth == 0 || begins_member(text.get(place + 1..)) =>
                {
                    return Some(place + 1);
                }
                _ if self.in_text => {}
                b',' | b'{' | b'[' if self.depth == 0 && !is_first => return Some(place),
                b',' if self.depth == 0 => return Some(place + 1),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' => return Some(place + 1),
                _ => {}
            }
        }
        None
    }
}

fn begins_member(rest: Option<&str>) -> bool {
    rest.is_some_and(|rest| rest.starts_with("{\""))
}
