//! What a decision needs and the inventory does not tell.

use leastgrant_policy::evaluate::Member;

use crate::Access;

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

impl Access {
    /// What is not known of the policies of all principals, sorted: there may be more ways than are known.
    #[must_use]
    pub fn unknowns(&self) -> Vec<Unknown> {
        let principals = self.principals();
        let mut unknowns: Vec<Unknown> = principals
            .flat_map(|(_, subject)| self.policies_of(subject).unknowns)
            .collect();
        unknowns.sort();
        unknowns.dedup();
        unknowns
    }
}
