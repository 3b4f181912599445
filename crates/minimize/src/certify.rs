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

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"sqs:*","Resource":"*"},
        {"Effect":"Allow","NotAction":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
        {"Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"}]}"#;

    /// What is said of these statements, in the place of the old document, where each Allow claims to refine the old one of its
    /// place.
    fn said(statements: &str, claims: &[usize]) -> Result<usize, String> {
        let mut documents = Documents {
            texts: vec![format!(
                r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
            )],
            refinements: claims
                .iter()
                .enumerate()
                .map(|(statement, old)| (0, statement, *old))
                .collect(),
            is_shortened: false,
        };
        certified(&Policy::parse(OLD).unwrap(), &mut documents).map(|policies| policies.len())
    }

    const DENY: &str = r#"{"Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"}"#;

    #[test]
    fn what_is_narrower_is_certified() {
        let new = format!(
            r#"{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:*:1:jobs"}},{DENY}"#
        );
        assert_eq!(said(&new, &[0]), Ok(1));
        let new = format!(
            r#"{{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{{"Bool":{{"aws:MultiFactorAuthPresent":"true"}}}}}},{DENY}"#
        );
        assert_eq!(said(&new, &[1]), Ok(1));
    }

    #[test]
    fn a_wrong_grant_that_is_planted_gets_no_certificate() {
        let fine = r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}"#;
        for (planted, claims) in [
            // An action that the old statement does not have.
            (r#"{"Effect":"Allow","Action":["sqs:SendMessage","sns:Publish"],"Resource":"*"}"#.to_owned(), vec![0]),
            // The same without the old statement's condition.
            (r#"{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"}"#.to_owned(), vec![1]),
            // What the old statement makes an exception of.
            (
                r#"{"Effect":"Allow","Action":"i*:CreateUser","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#.to_owned(),
                vec![1],
            ),
            // A statement more than is claimed.
            (format!("{fine},{fine}"), vec![0]),
            // A claim on a Deny.
            (fine.to_owned(), vec![2]),
        ] {
            let error = said(&format!("{planted},{DENY}"), &claims).unwrap_err();
            assert!(error.starts_with("the certificate does not hold"), "{error}");
        }
        // Without the Deny.
        let error = said(fine, &[0]).unwrap_err();
        assert!(error.contains("Deny statements"), "{error}");
    }
}
