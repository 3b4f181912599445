//! Where in a line something is wrong: a JSON pointer, and in a policy line and column.

use leastgrant_policy::SyntaxError;
use leastgrant_policy::problem::{json_fault, line_and_column};
use serde::Deserialize;

/// Why a line is not of this shape, or no JSON at all.
#[must_use]
pub fn line_error<'de, T: Deserialize<'de>>(error: &serde_json::Error, text: &'de str) -> String {
    if error.is_data() {
        return shape_error::<T>(text, "");
    }
    format!(
        "the line is no JSON: {}, at column {}",
        json_fault(&without_place(error.to_string())),
        error.column()
    )
}

/// Why the text is not of this shape. Read again, this time with an account of where the reader is.
pub(super) fn shape_error<'de, T: Deserialize<'de>>(text: &'de str, pointer: &str) -> String {
    let mut reader = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => format!("`{pointer}`: cannot be read"),
        Err(error) => {
            let message = plain(&without_place(error.inner().to_string()));
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

fn without_place(mut message: String) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message.truncate(end);
    message
}

/// What a reader of JSON says, in the words of this program's other messages.
fn plain(message: &str) -> String {
    // What was expected comes last and is this program's own text; what was found may be anything.
    let cut = |rest: &str| {
        let (found, expected) = rest.rsplit_once(", expected ")?;
        Some((found.to_owned(), expected.to_owned()))
    };
    if let Some((found, expected)) = message.strip_prefix("invalid type: ").and_then(cut) {
        return format!("must be {expected}, and it is {}", type_name(&found));
    }
    if let Some((_, expected)) = message.strip_prefix("unknown field ").and_then(cut) {
        let members = expected.strip_prefix("one of ").unwrap_or(&expected);
        return format!("there is no such member; those that there are: {members}");
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("{name} is missing");
    }
    if let Some(name) = message.strip_prefix("duplicate field ") {
        return format!("{name} stands twice in one object; keep one of them");
    }
    json_fault(message)
}

/// A type as people call it. `found` begins with serde's name of it.
fn type_name(found: &str) -> String {
    match found.split_once(' ') {
        Some(("integer" | "boolean", value)) => value.to_owned(),
        Some(("floating", point)) => point.trim_start_matches("point ").to_owned(),
        Some(("string", _)) => "a string".to_owned(),
        _ => match found {
            "map" => "an object".to_owned(),
            "sequence" => "a list".to_owned(),
            other => other.to_owned(),
        },
    }
}
