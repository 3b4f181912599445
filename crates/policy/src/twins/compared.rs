//! The comparison against evaluators, on requests drawn to hit its policies.

use proptest::prelude::*;
use serde_json::Value;

use super::draw::{Asked, Bytes, Scope, Statement, document, request, statements, variant};
use super::naive::{Place, Plain, Short, statement_fits};
use super::{bytes, cases, plain, real};
use crate::Policy;
use crate::compare::{Kind, Reason, Verdict, Witness, compare};
use crate::condition::ContextValue;
use crate::evaluate::{Outcome, Policies, Untold, decide};

const STEPS: u64 = 2_000_000;
const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";

/// A case: both sides, drawn, as text and read.
struct Case {
    kind: Kind,
    scope: Scope,
    statements: Vec<Statement>,
    sides: [Side; 2],
}

struct Side {
    texts: Vec<String>,
    policies: Vec<Policy>,
    values: Vec<Value>,
}

impl Side {
    fn new(texts: Vec<String>) -> Self {
        let read =
            |text: &String| Policy::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        Self {
            policies: texts.iter().map(read).collect(),
            values: texts
                .iter()
                .map(|text| serde_json::from_str(text).unwrap())
                .collect(),
            texts,
        }
    }

    fn all(&self) -> Vec<&Policy> {
        self.policies.iter().collect()
    }

    /// Allowed as the contract says that a witness is confirmed.
    fn decides(&self, asked: &Asked, kind: Kind) -> Option<bool> {
        let everything =
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
        let trusts = everything.replace("\"*\",\"Action", r#"{"AWS":"111122223333"},"Action"#);
        let (everything, trusts) = (
            Policy::parse(everything).unwrap(),
            Policy::parse(&trusts).unwrap(),
        );
        let request = real(asked, &owner(asked, kind))?;
        let policies = match kind {
            Kind::Identity => Policies {
                identity: self.all(),
                resource: matches!(request.action.service(), "sts" | "kms").then_some(&trusts),
                ..Policies::default()
            },
            Kind::Resource => Policies {
                identity: vec![&everything],
                resource: self.policies.first(),
                ..Policies::default()
            },
        };
        Some(decide(&request, &policies, Untold::MatchNothing).outcome == Outcome::Allowed)
    }

    /// Allowed by these policies alone, under either reading of `*`.
    fn allows(&self, plain: &Plain, kind: Kind, crosses_colons: bool) -> bool {
        let place = Place {
            short: match kind {
                Kind::Identity => Short::Anything,
                Kind::Resource => Short::IfWild,
            },
            needs_principal: kind == Kind::Resource,
            crosses_colons,
        };
        let any = |effect: &str| {
            self.values.iter().any(|document| {
                let is_new = document["Version"] == "2012-10-17";
                document["Statement"].as_array().unwrap().iter().any(|own| {
                    own["Effect"] == effect && statement_fits(own, is_new, plain, place).is_some()
                })
            })
        };
        any("Allow") && !any("Deny")
    }
}

fn owner(asked: &Asked, kind: Kind) -> String {
    let account = asked.principal.split(':').nth(4).unwrap_or_default();
    match kind {
        Kind::Identity => account.to_owned(),
        Kind::Resource if account == OTHER => OWN.to_owned(),
        Kind::Resource => OTHER.to_owned(),
    }
}

impl Case {
    fn draw(bytes: &mut Bytes<'_>) -> Self {
        let kind = if bytes.chance(6) {
            Kind::Resource
        } else {
            Kind::Identity
        };
        let scope = Scope {
            principals: kind == Kind::Resource,
            conditions: bytes.chance(9),
            variables: bytes.chance(4),
            one_family: !bytes.chance(4),
            wide_arns: bytes.chance(8),
        };
        let is_new = !bytes.chance(1);
        let old = statements(bytes, scope);
        let new = if bytes.chance(11) {
            variant(bytes, &old, scope)
        } else {
            statements(bytes, scope)
        };
        let side = |bytes: &mut Bytes<'_>, all: &[Statement]| {
            let cut = match kind {
                Kind::Identity if bytes.chance(4) && all.len() > 1 => 1,
                _ => all.len(),
            };
            let parts = [&all[..cut], &all[cut..]]
                .into_iter()
                .filter(|part| !part.is_empty());
            Side::new(parts.map(|part| document(part, is_new)).collect())
        };
        let sides = [side(bytes, &old), side(bytes, &new)];
        Self {
            kind,
            scope,
            statements: old.into_iter().chain(new).collect(),
            sides,
        }
    }

    fn verdict(&self) -> Verdict {
        let [old, new] = &self.sides;
        compare(&old.all(), &new.all(), self.kind, STEPS)
    }

    fn check_request(&self, asked: &Asked) -> Result<(), TestCaseError> {
        let [old, new] = &self.sides;
        // No policy decides it.
        if asked.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
            return Ok(());
        }
        let (Some(by_old), Some(by_new)) =
            (old.decides(asked, self.kind), new.decides(asked, self.kind))
        else {
            return Ok(());
        };
        let told = || format!("\nold {:?}\nnew {:?}\n{asked:?}", old.texts, new.texts);
        prop_assert!(!by_new || by_old, "wrong subset{}", told());
        let plain = plain(asked, &owner(asked, self.kind));
        for crosses_colons in [false, true] {
            let (by_new, by_old) = (
                new.allows(&plain, self.kind, crosses_colons),
                old.allows(&plain, self.kind, crosses_colons),
            );
            prop_assert!(
                !by_new || by_old,
                "wrong subset, free {crosses_colons}{}",
                told()
            );
        }
        Ok(())
    }

    fn check_witness(&self, witness: &Witness) -> Result<(), TestCaseError> {
        let [old, new] = &self.sides;
        let told = || format!("\nold {:?}\nnew {:?}\n{witness:?}", old.texts, new.texts);
        let context: Vec<(String, Result<String, Vec<String>>)> = witness
            .context
            .iter()
            .map(|(key, value)| match value {
                ContextValue::One(value) => (key.to_owned(), Ok(value.clone())),
                ContextValue::Many(values) => (key.to_owned(), Err(values.clone())),
            })
            .collect();
        let asked = Asked {
            principal: witness.principal.to_string(),
            action: witness.action.to_string(),
            resource: witness.resource.to_string(),
            context: Vec::new(),
        };
        let mut plain = plain(&asked, &owner(&asked, self.kind));
        plain
            .context
            .retain(|(key, _)| context.iter().all(|(own, _)| own != key));
        plain.context.extend(context);
        let allows = |side: &Side| side.allows(&plain, self.kind, false);
        prop_assert!(allows(new) && !allows(old), "wrong witness{}", told());
        let request = witness.request(self.kind);
        prop_assert_ne!(request.action.name(), "getcalleridentity");
        Ok(())
    }

    fn told(&self) -> String {
        format!(
            "\nold {:?}\nnew {:?}",
            self.sides[0].texts, self.sides[1].texts
        )
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_comparison_agrees_with_the_evaluators(bytes in bytes(300), asked in bytes(1_000)) {
        let (mut bytes, mut asked) = (Bytes::new(&bytes), Bytes::new(&asked));
        let case = Case::draw(&mut bytes);
        match case.verdict() {
            Verdict::Subset => {
                let statements: Vec<&Statement> = case.statements.iter().collect();
                for _ in 0..24 {
                    let asked = request(&mut asked, &statements, case.kind == Kind::Resource);
                    case.check_request(&asked)?;
                }
            }
            Verdict::NotSubset(witness) => case.check_witness(&witness)?,
            Verdict::Unknown(reason) => {
                let is_plain = !case.scope.variables && case.scope.one_family;
                prop_assert!(!is_plain || reason != Reason::NotConfirmed, "not confirmed{}", case.told());
                prop_assert!(!matches!(reason, Reason::TooMuchWork { .. }), "too much work{}", case.told());
            }
        }
    }
}
