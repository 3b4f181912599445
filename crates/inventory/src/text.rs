//! Text that may be a part of the file it was read from, so that policy documents are not copied on their way to disk.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A text, owned or a part of a larger one that it keeps alive. Compares, prints and derefs as `str`.
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Owned(Box<str>),
    Part {
        whole: Arc<String>,
        start: usize,
        length: usize,
    },
}

impl Text {
    /// The part of `whole` that `part` is a slice of; a copy if it is none.
    #[must_use]
    pub fn part_of(whole: &Arc<String>, part: &str) -> Self {
        let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr());
        let is_part =
            |start: &usize| whole.get(*start..start.saturating_add(part.len())) == Some(part);
        match start.filter(is_part) {
            Some(start) => Self(Repr::Part {
                whole: Arc::clone(whole),
                start,
                length: part.len(),
            }),
            None => part.into(),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Owned(text) => text,
            // INVARIANT: `part_of` has looked at this very range.
            Repr::Part {
                whole,
                start,
                length,
            } => whole.get(*start..start + length).unwrap_or_default(),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Repr::Owned(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Owned(text.into_boxed_str()))
    }
}

impl Default for Text {
    fn default() -> Self {
        "".into()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(whole: &Arc<String>, range: std::ops::Range<usize>) -> Text {
        Text::part_of(whole, whole.get(range).unwrap())
    }

    #[test]
    fn a_part_is_shared_and_anything_else_is_copied() {
        let whole = Arc::new("{\"Document\": {\"a\": 1}}".to_owned());
        let part = slice(&whole, 13..21);
        assert_eq!(part, "{\"a\": 1}");
        assert_eq!(Arc::strong_count(&whole), 2);
        let elsewhere = "{\"a\": 1}".to_owned();
        assert_eq!(Text::part_of(&whole, &elsewhere), part);
        assert_eq!(Arc::strong_count(&whole), 2);
    }

    #[test]
    fn the_ends_of_the_whole_are_parts_too() {
        let whole = Arc::new("abc".to_owned());
        for (range, expected) in [(0..3, "abc"), (0..0, ""), (3..3, ""), (1..3, "bc")] {
            assert_eq!(slice(&whole, range), expected);
        }
    }
}
