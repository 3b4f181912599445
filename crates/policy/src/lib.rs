//! The policy language: parse, print, match, evaluate, compare.
//!
//! No I/O, no clock, no catalogue: what AWS offers is another crate's matter, and an action that nobody knows is matched
//! like any other.

pub mod action;
pub mod compare;
pub mod condition;
pub mod document;
pub mod edit;
pub mod evaluate;
pub mod kind;
pub mod lint;
mod parse;
pub mod principal;
pub mod print;
pub mod problem;
pub mod resource;
pub mod scalar;
pub mod size;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod twins;
pub mod wildcard;

pub use action::{Action, ActionPattern, NoAction};
pub use condition::{ConditionEntry, ConditionValue, Context, ContextValue, Operator, Truth};
pub use document::{Effect, Element, Policy, Span, Spanned, Statement, Version};
pub use edit::{Edited, StatementEdit};
pub use kind::PolicyKind;
pub use lint::{Finding, LintCode, Severity, lint};
pub use parse::MAX_DOCUMENT_BYTES;
pub use principal::{Principal, PrincipalPattern};
pub use print::Layout;
pub use problem::{SyntaxError, SyntaxProblem, SyntaxProblemKind};
pub use resource::{Resource, ResourcePattern, ShortArn};
pub use size::{DocumentSize, Quota};
pub use wildcard::{Piece, Syntax, Variable, Wildcard};
