//! The policy language: parse, print, match, evaluate, compare.
//!
//! No I/O, no clock, no catalogue: what AWS offers is another crate's matter, and an action that nobody knows is matched
//! like any other.

pub mod action;
pub mod compare;
pub mod condition;
pub mod document;
pub mod evaluate;
mod parse;
pub mod principal;
pub mod problem;
pub mod resource;
pub mod scalar;
#[cfg(test)]
mod twins;
pub mod wildcard;

pub use action::{Action, ActionPattern};
pub use condition::{ConditionEntry, ConditionValue, Context, ContextValue, Operator, Truth};
pub use document::{Effect, Element, Policy, Span, Spanned, Statement, Version};
pub use parse::MAX_DOCUMENT_BYTES;
pub use principal::{Principal, PrincipalPattern};
pub use problem::{SyntaxError, SyntaxProblem, SyntaxProblemKind};
pub use resource::{Resource, ResourcePattern, ShortArn};
pub use wildcard::{Piece, Syntax, Variable, Wildcard};
