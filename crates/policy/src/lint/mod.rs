//! What is wrong or doubtful in a document that parses: grammar, quotas, and elements that do not do what they seem to.
//!
//! An error is what AWS refuses, or what cannot have the effect that it seems to have; a warning is what AWS advises
//! against, or what its documentation leaves open. Which actions, resource types and condition keys there are is not known
//! here.

mod actions;
mod code;
mod conditions;
mod document;
mod principals;
mod resources;
mod statements;
mod variables;

pub use code::LintCode;

use crate::document::{Element, Policy, Span, Spanned};
use crate::kind::PolicyKind;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// AWS advises against it, or does not say what it means.
    Warning,
    /// AWS refuses it, or it cannot have the effect that it seems to have.
    Error,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which check found it.
    pub code: LintCode,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what to do: a fragment in lower case, input in backticks.
    pub message: String,
    /// Where, in bytes of the document's text.
    pub span: Span,
}

/// Checks a document that is used as a policy of this kind; findings in the order of their places.
#[must_use]
pub fn lint(policy: &Policy, kind: PolicyKind) -> Vec<Finding> {
    let mut linter = Linter {
        policy,
        kind,
        findings: Vec::new(),
    };
    linter.document();
    linter.names();
    linter.repeated_statements();
    for statement in &policy.statements {
        linter.effect(statement);
        linter.principal(statement);
        linter.action(statement);
        linter.resource(statement);
        linter.conditions(statement);
    }
    let mut findings = linter.findings;
    findings.sort_by_key(|finding| (finding.span, finding.code));
    findings
}

struct Linter<'a> {
    policy: &'a Policy,
    kind: PolicyKind,
    findings: Vec<Finding>,
}

impl Linter<'_> {
    fn error(&mut self, code: LintCode, span: Span, message: String) {
        self.find(code, Severity::Error, span, message);
    }

    fn warning(&mut self, code: LintCode, span: Span, message: String) {
        self.find(code, Severity::Warning, span, message);
    }

    fn find(&mut self, code: LintCode, severity: Severity, span: Span, message: String) {
        self.findings.push(Finding {
            code,
            severity,
            message,
            span,
        });
    }
}

/// From the first to the last entry of an element.
fn span_of<P>(element: &Element<P>) -> Span {
    let first: Option<&Spanned<P>> = element.entries.first();
    let last: Option<&Spanned<P>> = element.entries.last();
    Span {
        start: first.map_or(0, |entry| entry.span.start),
        end: last.map_or(0, |entry| entry.span.end),
    }
}

const SHOWN_CHARACTERS: usize = 80;

/// Input in backticks, shortened: an entry may be as long as the document.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests;
