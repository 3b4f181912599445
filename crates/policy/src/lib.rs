//! The policy language: parse, print, match, evaluate, compare.
//!
//! No I/O, no clock, no catalogue: what AWS offers is another crate's matter, and an action that nobody knows is matched
//! like any other.

pub mod action;
pub mod wildcard;

pub use action::{Action, ActionPattern};
pub use wildcard::{Piece, Syntax, Variable, Wildcard};
