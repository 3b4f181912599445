//! What the fuzz target `compare` checks, so that tests can replay its corpus: never a wrong "subset", never a witness that
//! is none.
//!
//! The first byte is the form. Below `A` (0x41) two policies are drawn from the bytes that follow. From `A` on the rest is
//! text: a line for each policy, and after them the bytes that requests are drawn from.

#[path = "../../crates/policy/src/twins/draw/mod.rs"]
mod draw;

use draw::{Asked, Bytes, Scope, Statement};
use leastgrant_policy::compare::{Kind, Verdict, compare};
use leastgrant_policy::evaluate::{Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, ContextValue, Policy, Principal, Resource};

/// So that a run is short; the default bound is larger.
const STEPS: u64 = 2_000_000;
const REQUESTS: usize = 16;
const OWN_ACCOUNT: &str = "111122223333";
const OTHER_ACCOUNT: &str = "444455556666";

const ALLOWS_ALL: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const TRUSTS_THE_ACCOUNT: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}}"#;

/// Checks one input; panics where the comparison is wrong.
pub(crate) fn check(input: &[u8]) {
    let Some((form, rest)) = input.split_first() else {
        return;
    };
    let kind = if form % 2 == 0 {
        Kind::Identity
    } else {
        Kind::Resource
    };
    if *form < b'A' {
        let mut bytes = Bytes::new(rest);
        let scope = Scope {
            principals: kind == Kind::Resource,
            conditions: bytes.chance(9),
            variables: bytes.chance(4),
            one_family: !bytes.chance(4),
            wide_arns: bytes.chance(8),
        };
        let old = draw::statements(&mut bytes, scope);
        let new = if bytes.chance(11) {
            draw::variant(&mut bytes, &old, scope)
        } else {
            draw::statements(&mut bytes, scope)
        };
        let (old_text, new_text) = (draw::document(&old, true), draw::document(&new, true));
        let all: Vec<&Statement> = old.iter().chain(&new).collect();
        check_texts(&old_text, &new_text, kind, &all, &mut bytes);
        return;
    }
    let mut parts = rest.splitn(3, |byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (old, new) = (text(), text());
    let mut bytes = Bytes::new(parts.next().unwrap_or_default());
    check_texts(old, new, kind, &[], &mut bytes);
}

fn check_texts(old: &str, new: &str, kind: Kind, all: &[&Statement], bytes: &mut Bytes<'_>) {
    let (Ok(old), Ok(new)) = (Policy::parse(old), Policy::parse(new)) else {
        return;
    };
    let is_told_apart =
        |request: &Request| allows(&new, request, kind) && !allows(&old, request, kind);
    match compare(&[&old], &[&new], kind, STEPS) {
        Verdict::Subset => {
            for _ in 0..REQUESTS {
                let asked = draw::request(bytes, all, kind == Kind::Resource);
                if let Some(request) = request(&asked, kind) {
                    assert!(
                        !is_told_apart(&request),
                        "wrong subset: {asked:?}\n{}\n{}",
                        old.text(),
                        new.text()
                    );
                }
            }
        }
        Verdict::NotSubset(witness) => assert!(
            is_told_apart(&witness.request(kind)),
            "wrong witness: {witness:?}\n{}\n{}",
            old.text(),
            new.text()
        ),
        Verdict::Unknown(reason) => assert!(!reason.to_string().is_empty()),
    }
}

/// The request as a witness is confirmed. None for what no policy decides, and for what is no request.
fn request(asked: &Asked, kind: Kind) -> Option<Request> {
    if asked.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
        return None;
    }
    let principal = Principal::parse(&asked.principal)?;
    let owner = match (kind, principal.account_id()) {
        (Kind::Identity, account_id) => account_id.unwrap_or(OWN_ACCOUNT).to_owned(),
        (Kind::Resource, Some(OTHER_ACCOUNT)) => OWN_ACCOUNT.to_owned(),
        (Kind::Resource, _) => OTHER_ACCOUNT.to_owned(),
    };
    let context: Context = asked
        .context
        .iter()
        .map(|(key, value)| match value {
            Ok(value) => (*key, ContextValue::One(value.clone())),
            Err(values) => (*key, ContextValue::Many(values.clone())),
        })
        .collect();
    let (action, resource) = (
        Action::parse(&asked.action)?,
        Resource::parse(&asked.resource),
    );
    Some(Request::new(
        principal,
        action,
        resource,
        Some(&owner),
        context,
    ))
}

fn allows(policy: &Policy, request: &Request, kind: Kind) -> bool {
    let (Ok(everything), Ok(trust)) =
        (Policy::parse(ALLOWS_ALL), Policy::parse(TRUSTS_THE_ACCOUNT))
    else {
        return false;
    };
    let policies = match kind {
        Kind::Identity => Policies {
            identity: vec![policy],
            resource: matches!(request.action.service(), "sts" | "kms").then_some(&trust),
            ..Policies::default()
        },
        Kind::Resource => Policies {
            identity: vec![&everything],
            resource: Some(policy),
            ..Policies::default()
        },
    };
    decide(request, &policies, Untold::MatchNothing).outcome == Outcome::Allowed
}
