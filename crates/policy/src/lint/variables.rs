//! Policy variables in resources and condition values.

use super::{LintCode, Linter, shown};
use crate::document::{Span, Version};
use crate::wildcard::MAX_VARIABLE_BYTES;

impl Linter<'_> {
    /// `${` in a document of the older version, where it is plain text.
    pub(super) fn old_version(&mut self, text: &str, span: Span) {
        if self.policy.version != Version::V2008 || !text.contains("${") {
            return;
        }
        let why = match self.policy.states_version {
            true => "under version `2008-10-17`",
            false => "in a document without `Version`",
        };
        let message = format!(
            "`${{` in {} is plain text {why}; write `\"Version\": \"2012-10-17\"` if it is meant as a variable",
            shown(text)
        );
        self.warning(LintCode::VariableInOldVersion, span, message);
    }

    /// What begins like a variable under the newer version and is none.
    pub(super) fn malformed_variables(&mut self, text: &str, span: Span) {
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            rest = rest.get(start..).unwrap_or_default();
            let inside_and_after = rest.get("${".len()..).unwrap_or_default();
            let Some((inside, after)) = inside_and_after.split_once('}') else {
                let message = format!(
                    "{} has no `}}`, so it is plain text; close the variable, or write `${{$}}{{` for the characters",
                    shown(rest)
                );
                self.error(LintCode::VariableMalformed, span, message);
                return;
            };
            if let Some(fault) = fault(inside) {
                let message = format!("{} {fault}", shown(&format!("${{{inside}}}")));
                self.error(LintCode::VariableMalformed, span, message);
            }
            rest = after;
        }
    }
}

/// What is wrong with what stands between `${` and `}`.
fn fault(inside: &str) -> Option<&'static str> {
    if matches!(inside, "*" | "?" | "$") {
        return None;
    }
    if inside.len() >= MAX_VARIABLE_BYTES {
        return Some("is longer than any variable, so it is plain text; close it earlier");
    }
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key, Some(default)),
        None => (inside, None),
    };
    if key.trim().is_empty() {
        return Some("names no key; write one, such as `${aws:username}`");
    }
    if key.trim() != key {
        return Some("has spaces around its key; remove them");
    }
    if !key.contains(':') {
        return Some(
            "names a key without a prefix; write one, such as `${aws:username}`, or fill the placeholder in",
        );
    }
    if key.contains(['{', '$', '*', '?', '\'', '"']) {
        return Some("names a key with characters that no key has; write it as `${aws:username}`");
    }
    let is_quoted = |default: &str| {
        default
            .trim()
            .strip_prefix('\'')
            .is_some_and(|rest| rest.ends_with('\''))
    };
    if default.is_some_and(|default| !is_quoted(default)) {
        return Some(
            "has a default without single quotes; write it as `${aws:PrincipalTag/team, 'none'}`",
        );
    }
    None
}

/// The text with `${*}`, `${?}` and `${$}`, which stand for the characters themselves, taken out.
pub(super) fn without_escapes(text: &str) -> String {
    ["${*}", "${?}", "${$}"]
        .iter()
        .fold(text.to_owned(), |text, escape| text.replace(escape, "_"))
}
