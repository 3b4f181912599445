//! What a decision needs and the inventory does not tell.

use leastgrant_policy::evaluate::Member;

/// Something that is not known, and what it makes unknowable.
///
/// It may grant or deny: a decision that it bears on is "not known", unless everything else already says no.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown {
    /// Of which policies something is missing.
    pub member: Member,
    /// What, in words: a sentence's part such as "the managed policy `…` has no document in the inventory".
    pub reason: Box<str>,
}

impl Unknown {
    pub(crate) fn new(member: Member, reason: impl Into<Box<str>>) -> Self {
        Self {
            member,
            reason: reason.into(),
        }
    }
}
