//! Where in a line something is wrong: a JSON pointer, and in a policy line and column.

use leastgrant_policy::SyntaxError;
use leastgrant_policy::problem::line_and_column;
use serde::Deserialize;

/// Why the text is not of this shape. Read again, this time with an account of where the reader is.
#[must_use]
pub fn shape_error<'de, T: Deserialize<'de>>(text: &'de str, pointer: &str) -> String {
    let mut reader = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => format!("`{pointer}`: cannot be read"),
        Err(error) => {
            let message = error.inner().to_string();
            let end = message.rfind(" at line ").unwrap_or(message.len());
            let message = message.get(..end).unwrap_or_default().to_owned();
            let mut place = pointer.to_owned();
            for segment in error.path() {
                let name = segment.to_string();
                place.push('/');
                place.push_str(
                    &name
                        .trim_matches(['[', ']'])
                        .replace('~', "~0")
                        .replace('/', "~1"),
                );
            }
            match place.as_str() {
                "" => format!("the line: {message}"),
                place => format!("`{place}`: {message}"),
            }
        }
    }
}

/// What is wrong with the policy at this place: each fault with its line and column in the policy's text.
#[must_use]
pub fn policy_error(error: &SyntaxError, text: &str, pointer: &str) -> String {
    let problems = error.problems.iter().map(|problem| {
        let (line, column) = line_and_column(text, problem.span.start);
        format!("line {line}, column {column}: {problem}")
    });
    format!(
        "the policy at `{pointer}` cannot be read: {}",
        problems.collect::<Vec<_>>().join("; ")
    )
}
