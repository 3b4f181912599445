//! A small checker of certificates: does each Allow of the new documents refine the Allow that its certificate names?
//!
//! It is the trusted base of `minimize` and shares no code with it, nor with the policy engine: it reads JSON documents and a
//! list of pairs, and nothing else. What it cannot follow it refuses.
//!
//! # What it proves
//!
//! If [`check`] finds no fault, every request that the new documents allow is allowed by the old one, for all policies,
//! boundaries and contexts around them: an Allow that matches a request refines an old one with the same conditions, which
//! matches it too, and the Denies are the same. That holds under both readings of `*` in an ARN, within a field and across `:`.

mod disjoint;
mod include;
mod json;
mod statement;
mod text;

use std::collections::BTreeMap;
use std::fmt;

use json::Json;
use statement::{Document, Statement};

/// A statement by its document and its place in it, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the documents.
    pub document: usize,
    /// Which statement of the document.
    pub statement: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}]#{}", self.document, self.statement)
    }
}

/// The claim that a new Allow refines an old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refinement {
    /// The new statement.
    pub new: Place,
    /// The statement of the old document.
    pub old_statement: usize,
}

/// Why a certificate does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A document is not one that the checker can follow.
    #[error("the {document} document cannot be followed: {reason}")]
    Document {
        /// `old`, or which of the new ones.
        document: String,
        /// What is wrong.
        reason: String,
    },
    /// A new document has another version than the old one.
    #[error("the new document [{document}] has another `Version` than the old one")]
    Version {
        /// Which of the new ones.
        document: usize,
    },
    /// The Deny statements differ.
    #[error("the Deny statements are not those of the old document: {reason}")]
    Denies {
        /// Which are missing or new.
        reason: String,
    },
    /// A new Allow has no pair.
    #[error("the certificate names no old statement for the new {new}")]
    NotNamed {
        /// The statement.
        new: Place,
    },
    /// A pair names a statement that is not there, or no Allow.
    #[error("the certificate names {what}, which is no Allow statement of that document")]
    NoSuchStatement {
        /// The statement in words.
        what: String,
    },
    /// A new Allow is not within the old one that is named.
    #[error("the new {new} does not refine the old #{old}: {reason}")]
    NotRefined {
        /// The new statement.
        new: Place,
        /// The old statement.
        old: usize,
        /// What is more.
        reason: String,
    },
}

/// Checks the certificate of one policy: the old document, the new ones in its place, and which Allow refines which.
///
/// No new document means that the policy goes, which allows nothing more unless the old one has Denies: those would go too.
#[must_use]
pub fn check(old: &str, new: &[&str], refinements: &[Refinement]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut read = |text: &str, name: String| match Document::read(text) {
        Ok(document) => Some(document),
        Err(reason) => {
            faults.push(Fault::Document {
                document: name,
                reason,
            });
            None
        }
    };
    let old = read(old, "old".to_owned());
    let new: Vec<Option<Document>> = new
        .iter()
        .enumerate()
        .map(|(index, text)| read(text, format!("new [{index}]")))
        .collect();
    let (Some(old), Some(new)) = (old, new.into_iter().collect::<Option<Vec<_>>>()) else {
        return faults;
    };
    let versions = new.iter().enumerate();
    faults.extend(
        versions
            .filter(|(_, document)| document.version != old.version)
            .map(|(document, _)| Fault::Version { document }),
    );
    faults.extend(denies(&old, &new));
    faults.extend(allows(&old, &new, refinements));
    faults
}

/// Each Deny must be there as often as it was.
fn denies(old: &Document, new: &[Document]) -> Option<Fault> {
    let mut balance: BTreeMap<&Json, isize> = BTreeMap::new();
    for deny in old.statements.iter().filter(|own| !own.is_allow) {
        *balance.entry(&deny.whole).or_default() -= 1;
    }
    let statements = new.iter().flat_map(|document| &document.statements);
    for deny in statements.filter(|own| !own.is_allow) {
        *balance.entry(&deny.whole).or_default() += 1;
    }
    let missing = balance.values().filter(|count| **count < 0).count();
    let more = balance.values().filter(|count| **count > 0).count();
    (missing + more > 0).then(|| Fault::Denies {
        reason: format!("{missing} missing or changed, {more} new or changed"),
    })
}

fn allows(old: &Document, new: &[Document], refinements: &[Refinement]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for refinement in refinements {
        let is_there = allow_at(new.get(refinement.new.document), refinement.new.statement);
        if is_there.is_none() {
            faults.push(Fault::NoSuchStatement {
                what: format!("the new {}", refinement.new),
            });
        }
    }
    for (document, own) in new.iter().enumerate() {
        for (statement, allow) in own.statements.iter().enumerate() {
            let place = Place {
                document,
                statement,
            };
            if allow.is_allow {
                faults.extend(refined(old, place, allow, refinements));
            }
        }
    }
    faults
}

fn allow_at(document: Option<&Document>, statement: usize) -> Option<&Statement> {
    let found = document?.statements.get(statement)?;
    found.is_allow.then_some(found)
}

/// One of the pairs must hold: more than one may be named.
fn refined(
    old: &Document,
    place: Place,
    new: &Statement,
    refinements: &[Refinement],
) -> Option<Fault> {
    let mut fault = Fault::NotNamed { new: place };
    for refinement in refinements.iter().filter(|own| own.new == place) {
        let number = refinement.old_statement;
        fault = match allow_at(Some(old), number) {
            None => Fault::NoSuchStatement {
                what: format!("the old #{number}"),
            },
            Some(old) => match new.more_than(old) {
                None => return None,
                Some(reason) => Fault::NotRefined {
                    new: place,
                    old: number,
                    reason,
                },
            },
        };
    }
    Some(fault)
}

#[cfg(test)]
mod tests;
