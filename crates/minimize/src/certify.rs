//! The proof of one policy's new documents: grammar, the small checker, and the comparison of whole documents.

use leastgrant_certificate::{Place, Refinement, check};
use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare_knowing};
use leastgrant_policy::{Effect, Policy};

use crate::fit::Documents;

/// The new documents as they are read back, or why there is no certificate.
pub(crate) fn certified(old: &Policy, made: &mut Documents) -> Result<Vec<Policy>, String> {
    let mut new = Vec::new();
    for text in &made.texts {
        let policy = Policy::parse(text).map_err(|error| {
            let first = error.problems.first().map(ToString::to_string);
            format!(
                "the new document would be refused: {}",
                first.unwrap_or_default()
            )
        })?;
        new.push(policy);
    }
    made.refinements.retain(|(document, statement, _)| {
        let policy = new.get(*document);
        policy
            .and_then(|policy| policy.statements.get(*statement))
            .is_some_and(|own| own.effect == Effect::Allow)
    });
    let refinements: Vec<Refinement> = made
        .refinements
        .iter()
        .map(|(document, statement, old)| Refinement {
            new: Place {
                document: *document,
                statement: *statement,
            },
            old_statement: *old,
        })
        .collect();
    let texts: Vec<&str> = made.texts.iter().map(String::as_str).collect();
    if let Some(fault) = check(old.text(), &texts, &refinements).first() {
        return Err(format!("the certificate does not hold: {fault}"));
    }
    let documents: Vec<&Policy> = new.iter().collect();
    let verdict = compare_knowing(&[old], &documents, Kind::Identity, DEFAULT_WORK, &|_| None);
    match verdict {
        Verdict::Subset => Ok(new),
        Verdict::NotSubset(_) => {
            Err("the comparison found a request that only the new documents allow".to_owned())
        }
        Verdict::Unknown(reason) => Err(format!("the comparison could not prove it: {reason}")),
    }
}
