//! Values that requests of strangers have.

use leastgrant_policy::ContextValue;

/// A name that nobody has.
pub(crate) const STRANGER: &str = "zz-stranger";
/// An organisation that nobody has in their policies.
pub(super) const ORGANIZATION: &str = "o-zzstranger";

pub(super) fn one(value: &str) -> ContextValue {
    ContextValue::One(value.to_owned())
}

/// A key that the request does not have, in a context in which others are open.
pub(super) fn missing() -> ContextValue {
    ContextValue::Many(Vec::new())
}

/// Whether a text has `*` or `?`.
pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A text that the pattern matches: the first `*` is the filling, others are empty, `?` is a letter.
pub(super) fn filled(pattern: &str, filling: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + filling.len());
    let mut is_filled = false;
    for character in pattern.chars() {
        match character {
            '*' if !is_filled => {
                text.push_str(filling);
                is_filled = true;
            }
            '*' => {}
            '?' => text.push('z'),
            other => text.push(other),
        }
    }
    text
}
