//! What is wrong with a document's text, each with its place.

use std::fmt;

use crate::condition::instead_of;
use crate::document::Span;

/// One fault of a document and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SyntaxProblem {
    /// What is wrong.
    pub kind: SyntaxProblemKind,
    /// Where, in bytes of the text.
    pub span: Span,
}

/// What can be wrong with a document (IAM User Guide, "Grammar of the IAM JSON policy language").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxProblemKind {
    /// The text is no JSON.
    #[error("it is no JSON: {message}")]
    Json {
        /// What the JSON parser says, without the place.
        message: String,
    },
    /// A member stands twice in one object; most parsers silently keep the last one.
    #[error("`{name}` stands twice in one object; keep one of them")]
    Duplicate {
        /// The member's name.
        name: String,
    },
    /// An element that the grammar does not have.
    #[error("`{name}` is no element of a {place}; names are case-sensitive: {expected}")]
    UnknownElement {
        /// The element's name.
        name: String,
        /// `policy`, `statement` or `principal`.
        place: &'static str,
        /// The elements that there are.
        expected: &'static str,
    },
    /// A value of another type than the grammar says.
    #[error("`{element}` must be {expected}, and it is {found}")]
    WrongType {
        /// The element's name.
        element: String,
        /// The types that it may have.
        expected: &'static str,
        /// The type that it has.
        found: &'static str,
    },
    /// A text that is none of those that the element may have.
    #[error("`{found}` is no {element}; it must be {expected}")]
    WrongValue {
        /// The element's name.
        element: &'static str,
        /// The text.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A list without entries. IAM refuses it, and what it would match is not documented.
    #[error("`{element}` is an empty list; IAM wants at least one entry")]
    EmptyList {
        /// The element's name.
        element: String,
    },
    /// An element that must be there is not.
    #[error("the {place} has no `{element}`")]
    Missing {
        /// `policy` or `statement`.
        place: &'static str,
        /// The element's name, or names.
        element: &'static str,
    },
    /// Two elements of which a statement may have one.
    #[error("the statement has both `{first}` and `{second}`; it may have one of them")]
    Both {
        /// The element.
        first: &'static str,
        /// Its negation.
        second: &'static str,
    },
    /// An operator that does not exist.
    #[error("`{name}` is no condition operator; {}", instead_of(.name))]
    UnknownOperator {
        /// As it was written.
        name: String,
    },
}

/// Why a text is no policy: all faults that were found, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The faults in the order of their places.
    pub problems: Vec<SyntaxProblem>,
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for SyntaxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            write!(formatter, "{problem}")?;
        }
        Ok(())
    }
}

/// What serde_json says of a text, in words for people who write JSON and not parsers.
#[must_use]
pub fn json_fault(message: &str) -> String {
    let plain = match message {
        "EOF while parsing a list" => "it ends inside a list",
        "EOF while parsing an object" => "it ends inside an object",
        "EOF while parsing a string" => "it ends inside a string",
        "EOF while parsing a value" => "it ends where a value was expected",
        "expected ident" => "`true`, `false`, `null` or a quoted string was expected here",
        "expected value" => "a value was expected here",
        "key must be a string" => "a member's name must be a quoted string",
        "trailing comma" => "there is a comma after the last entry",
        "trailing characters" => "there is more text after its end",
        "recursion limit exceeded" => "it is nested too deeply",
        "number out of range" => "a number is too large",
        "invalid number" => "a number is not written as JSON has it",
        "invalid escape" => "a string has an escape that JSON does not have",
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a string has a line break or another control character that is not escaped"
        }
        "lone leading surrogate in hex escape"
        | "unexpected end of hex escape"
        | "invalid unicode code point" => {
            "a string is not valid text: an escape such as `\\ud800` is half of a character"
        }
        other => match other.strip_prefix("expected ") {
            Some(expected) => return format!("{expected} was expected here"),
            None => other,
        },
    };
    plain.to_owned()
}

/// The line and column, both from 1, of a byte of a text; columns count characters.
#[must_use]
pub fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
    let column = 1 + before.get(line_start..).unwrap_or_default().chars().count();
    (line, column)
}
