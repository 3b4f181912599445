//! The decision over all levels against a slow one, and what open contexts promise.

use proptest::prelude::*;
use serde_json::Value;

use super::draw::{Asked, Bytes, Scope, Statement, document, request, statements};
use super::naive::{Place, Plain, Short, statement_fits};
use super::{bytes, plain, real};
use crate::Policy;
use crate::condition::{Context, ContextValue};
use crate::evaluate::{Outcome, Policies, Request, Untold, decide};

/// Documents by member.
#[derive(Debug, Default)]
struct Documents {
    identity: Vec<String>,
    boundary: Vec<String>,
    session: Vec<String>,
    resource: Option<String>,
    service_control: Vec<Vec<String>>,
    resource_control: Vec<Vec<String>>,
    vpc_endpoint: Vec<String>,
}

const ALLOWS_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn place(short: Short) -> Place {
    Place {
        short,
        needs_principal: short == Short::IfWild,
        crosses_colons: false,
    }
}

/// The ways in which statements of this effect match.
fn ways(documents: &[&String], effect: &str, asked: &Plain, place: Place) -> Vec<&'static str> {
    let mut ways = Vec::new();
    for text in documents {
        let document: Value = serde_json::from_str(text).unwrap();
        let is_new = document["Version"] == "2012-10-17";
        for own in document["Statement"].as_array().unwrap() {
            if own["Effect"] == effect {
                ways.extend(statement_fits(own, is_new, asked, place));
            }
        }
    }
    ways
}

impl Documents {
    fn draw(bytes: &mut Bytes<'_>, scope: Scope, all: &mut Vec<Statement>) -> Self {
        let mut one = |bytes: &mut Bytes<'_>, is_resource: bool| {
            if !is_resource && bytes.chance(8) {
                return ALLOWS_ALL.to_owned();
            }
            let scope = Scope {
                principals: is_resource,
                ..scope
            };
            let drawn = statements(bytes, scope);
            let text = document(&drawn, !bytes.chance(1));
            all.extend(drawn);
            text
        };
        let mut some = |bytes: &mut Bytes<'_>, most: usize| -> Vec<String> {
            (0..bytes.below(most + 1))
                .map(|_| one(bytes, false))
                .collect()
        };
        Self {
            identity: some(bytes, 2),
            boundary: some(bytes, 1),
            session: some(bytes, 1),
            service_control: (0..bytes.below(3)).map(|_| some(bytes, 1)).collect(),
            resource_control: (0..bytes.below(2)).map(|_| some(bytes, 1)).collect(),
            vpc_endpoint: if bytes.chance(3) {
                some(bytes, 1)
            } else {
                Vec::new()
            },
            resource: bytes.chance(11).then(|| one(bytes, true)),
        }
    }

    /// As the reference has it: the effective set, and the table of what a resource policy's grant overrides.
    fn allows(&self, asked: &Plain) -> bool {
        let (account, kind, _) = asked.caller();
        let (service, name) = asked.action.split_once(':').unwrap();
        let (service, name) = (service.to_lowercase(), name.to_lowercase());
        if service == "sts" && name == "getcalleridentity" && kind != "anonymous" {
            return true;
        }
        let level = |documents: &[String], effect: &str, short: Short| {
            let documents: Vec<&String> = documents.iter().collect();
            let place = Place {
                needs_principal: false,
                ..place(short)
            };
            !ways(&documents, effect, asked, place).is_empty()
        };
        let binds_scp = !account.is_empty();
        let scps: &[Vec<String>] = if binds_scp {
            &self.service_control
        } else {
            &[]
        };
        let resource: Vec<&String> = self.resource.iter().collect();
        let is_denied = level(&self.identity, "Deny", Short::Anything)
            || level(&self.boundary, "Deny", Short::Anything)
            || level(&self.session, "Deny", Short::Anything)
            || level(&self.vpc_endpoint, "Deny", Short::IfWild)
            || scps
                .iter()
                .any(|own| level(own, "Deny", Short::IfEndsInStar))
            || self
                .resource_control
                .iter()
                .any(|own| level(own, "Deny", Short::Never))
            || !ways(&resource, "Deny", asked, place(Short::IfWild)).is_empty();
        let limits = |own: &[String], short: Short| own.is_empty() || level(own, "Allow", short);
        let is_within = scps.iter().all(|own| limits(own, Short::IfEndsInStar))
            && self
                .resource_control
                .iter()
                .all(|own| limits(own, Short::Never))
            && limits(&self.vpc_endpoint, Short::IfWild);
        if is_denied || !is_within {
            return false;
        }
        let granted = ways(&resource, "Allow", asked, place(Short::IfWild));
        if account.is_empty() {
            return !granted.is_empty();
        }
        let is_bounded =
            limits(&self.boundary, Short::Anything) && limits(&self.session, Short::Anything);
        let by_identity =
            kind == "root" || (level(&self.identity, "Allow", Short::Anything) && is_bounded);
        if account != asked.resource_account {
            return by_identity && !granted.is_empty();
        }
        let fields: Vec<&str> = asked.resource.splitn(6, ':').collect();
        let is_on = |service: &str, prefix: &str| {
            fields.len() == 6 && fields[2] == service && fields[5].starts_with(prefix)
        };
        let needs_grant = (service == "kms" && is_on("kms", "key/"))
            || (service == "sts" && name.starts_with("assumerole") && is_on("iam", "role/"));
        if needs_grant && granted.is_empty() {
            return false;
        }
        let is_direct = granted.iter().any(|way| match *way {
            "itself" => true,
            "role" => is_bounded,
            "everyone" => is_bounded || ["user", "federated-user"].contains(&kind),
            _ => false,
        });
        by_identity || is_direct
    }

    /// What the real evaluator makes of it.
    fn decide(&self, request: &Request, untold: Untold) -> Outcome {
        let read = |text: &String| Policy::parse(text).unwrap();
        let list = |texts: &[String]| -> Vec<Policy> { texts.iter().map(read).collect() };
        let levels = |levels: &[Vec<String>]| -> Vec<Vec<Policy>> {
            levels.iter().map(|level| list(level)).collect()
        };
        let (identity, boundary) = (list(&self.identity), list(&self.boundary));
        let (session, vpc_endpoint) = (list(&self.session), list(&self.vpc_endpoint));
        let (scps, rcps) = (
            levels(&self.service_control),
            levels(&self.resource_control),
        );
        let resource = self.resource.as_ref().map(read);
        let policies = Policies {
            identity: identity.iter().collect(),
            boundary: boundary.iter().collect(),
            session: session.iter().collect(),
            resource: resource.as_ref(),
            service_control: scps.iter().map(|level| level.iter().collect()).collect(),
            resource_control: rcps.iter().map(|level| level.iter().collect()).collect(),
            vpc_endpoint: vpc_endpoint.iter().collect(),
        };
        decide(request, &policies, untold).outcome
    }
}

/// A request of which some keys were not told.
fn with_untold(asked: &Asked, owner: &str, keep: usize) -> Option<Request> {
    let whole = real(asked, owner)?;
    let implied = whole.principal.implied_keys();
    let mut context = Context::open();
    for (index, (key, value)) in whole.context.iter().enumerate() {
        let is_implied = implied.iter().any(|(own, _)| *own == key);
        if is_implied || keep & (1 << (index % 8)) != 0 {
            let value: ContextValue = value.clone();
            context.insert(key, value);
        }
    }
    Some(Request { context, ..whole })
}

proptest! {
    #[test]
    fn the_decision_agrees_with_the_slow_one(one in bytes(500), two in bytes(600)) {
        let (mut drawn, mut asking) = (Bytes::new(&one), Bytes::new(&two));
        let scope = Scope {
            principals: false,
            conditions: drawn.chance(9),
            variables: drawn.chance(6),
            one_family: false,
            wide_arns: drawn.chance(8),
        };
        let mut all = Vec::new();
        let documents = Documents::draw(&mut drawn, scope, &mut all);
        let all: Vec<&Statement> = all.iter().collect();
        for _ in 0..12 {
            let is_resource = asking.chance(10);
            let asked = request(&mut asking, &all, is_resource);
            let owner = asking.pick(&["111122223333", "444455556666"]);
            let Some(real) = real(&asked, owner) else { continue };
            let outcome = documents.decide(&real, Untold::MatchNothing);
            let expected = documents.allows(&plain(&asked, owner));
            prop_assert_eq!(outcome == Outcome::Allowed, expected, "\nold {:?}\n{:?} {}", documents, asked, owner);

            let keep = asking.below(256);
            let Some(open) = with_untold(&asked, owner, keep) else { continue };
            if expected {
                let most = documents.decide(&open, Untold::Grant);
                prop_assert_eq!(most, Outcome::Allowed, "Grant\nold {:?}\n{:?} {} {}", documents, asked, owner, keep);
            }
            if documents.decide(&open, Untold::Refuse) == Outcome::Allowed {
                prop_assert!(expected, "Refuse\nold {:?}\n{:?} {} {}", documents, asked, owner, keep);
            }
        }
    }
}
