//! The request that shows that new allows more, confirmed by the evaluator before anybody hears of it.

use std::sync::OnceLock;

use super::automaton::text;
use super::callers::{Caller, Who};
use super::keys::{Domain, KeyState, Keys};
use super::search::Candidate;
use super::{Kind, OTHER_ACCOUNT, OWN_ACCOUNT};
use crate::condition::{Context, ContextValue, Found};
use crate::evaluate::{Decision, Outcome, Policies, Request, Untold, decide};
use crate::{Action, Policy, Principal, Resource};

/// A request that one policy allows and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Who calls.
    pub principal: Principal,
    /// The action. It need not be one that AWS has.
    pub action: Action,
    /// The resource, or `*` where the request names none.
    pub resource: Resource,
    /// The context, without what the caller implies.
    pub context: Context,
}

/// Grants an identity policy's holder what a key or trust policy has to.
const TRUSTS_THE_ACCOUNT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}}"#;

/// Allows everything, so that only the resource's policy decides.
const ALLOWS_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// What stands beside the policies that are compared when a witness is confirmed.
pub(super) struct Bystanders {
    trusts_the_account: Option<Policy>,
    allows_all: Option<Policy>,
}

impl Bystanders {
    pub(super) fn get() -> &'static Self {
        static BYSTANDERS: OnceLock<Bystanders> = OnceLock::new();
        BYSTANDERS.get_or_init(|| Self {
            trusts_the_account: Policy::parse(TRUSTS_THE_ACCOUNT).ok(),
            allows_all: Policy::parse(ALLOWS_ALL).ok(),
        })
    }
}

impl Witness {
    /// The request in words of the evaluator. `None` if it names a policy variable, or nobody whom a request could name.
    pub(super) fn new(candidate: &Candidate<'_>, keys: &Keys<'_>) -> Option<Self> {
        let Who::Caller(principal) = &candidate.caller.who else {
            return None;
        };
        Some(Self {
            principal: principal.clone(),
            action: Action::parse(&text(candidate.action)?)?,
            resource: Resource::parse(&text(candidate.resource)?),
            context: context(keys, candidate.states, candidate.caller),
        })
    }

    /// The keys, in lower case, that have several values.
    pub(super) fn lists(&self) -> impl Iterator<Item = &str> {
        let lists = self.context.iter();
        lists.filter_map(|(key, value)| matches!(value, ContextValue::Many(_)).then_some(key))
    }

    /// The request whole, with the account that owns the resource.
    #[must_use]
    pub fn request(&self, kind: Kind) -> Request {
        let owner = match kind {
            Kind::Identity => self.principal.account_id().unwrap_or(OWN_ACCOUNT),
            Kind::Resource if self.principal.account_id() == Some(OTHER_ACCOUNT) => OWN_ACCOUNT,
            Kind::Resource => OTHER_ACCOUNT,
        };
        Request::new(
            self.principal.clone(),
            self.action.clone(),
            self.resource.clone(),
            Some(owner),
            self.context.clone(),
        )
    }

    /// Whether new allows the request and old does not, by the evaluator.
    #[must_use]
    pub fn is_confirmed_by(&self, old: &[&Policy], new: &[&Policy], kind: Kind) -> bool {
        self.is_confirmed(old, new, kind, Bystanders::get())
    }

    /// The statements of `policies` that decide the request, as [`crate::evaluate::decide`] tells them.
    #[must_use]
    pub fn decision(&self, policies: &[&Policy], kind: Kind) -> Decision {
        decide_with(&self.request(kind), policies, kind, Bystanders::get())
    }

    pub(super) fn is_confirmed(
        &self,
        old: &[&Policy],
        new: &[&Policy],
        kind: Kind,
        bystanders: &Bystanders,
    ) -> bool {
        let request = self.request(kind);
        is_allowed(&request, new, kind, bystanders) && !is_allowed(&request, old, kind, bystanders)
    }
}

fn is_allowed(
    request: &Request,
    policies: &[&Policy],
    kind: Kind,
    bystanders: &Bystanders,
) -> bool {
    decide_with(request, policies, kind, bystanders).outcome == Outcome::Allowed
}

fn decide_with(
    request: &Request,
    policies: &[&Policy],
    kind: Kind,
    bystanders: &Bystanders,
) -> Decision {
    let policies = match kind {
        Kind::Identity => {
            let needs_trust = matches!(request.action.service(), "sts" | "kms");
            Policies {
                identity: policies.to_vec(),
                resource: bystanders
                    .trusts_the_account
                    .as_ref()
                    .filter(|_| needs_trust),
                ..Policies::default()
            }
        }
        Kind::Resource => Policies {
            identity: bystanders.allows_all.iter().collect(),
            resource: policies.first().copied(),
            ..Policies::default()
        },
    };
    decide(request, &policies, Untold::MatchNothing)
}

/// A value for each key, the least that will do: none, else one, else a list.
fn context(keys: &Keys<'_>, states: &[KeyState], caller: &Caller) -> Context {
    let mut context = Context::default();
    for (domain, state) in keys.domains.iter().zip(states) {
        let is_known = context.find(&domain.lower_key) != Found::Missing;
        if is_known || state.may_be_absent {
            continue;
        }
        if let Some(value) = value(domain, state, caller) {
            context.insert(&domain.key, value);
        }
    }
    context
}

fn value(domain: &Domain, state: &KeyState, caller: &Caller) -> Option<ContextValue> {
    let text = |index: usize| domain.texts.get(index).cloned();
    // What the caller implies needs no telling where it will do.
    if let Who::Caller(principal) = &caller.who
        && let Some((_, implied)) = principal
            .implied_keys()
            .into_iter()
            .find(|(key, _)| **key == *domain.lower_key)
        && let Some(index) = domain.texts.iter().position(|text| *text == implied)
        && state.single.contains(index)
    {
        return Some(ContextValue::One(implied));
    }
    if let Some(first) = state.single.first() {
        return text(first).map(ContextValue::One);
    }
    let list = state.list.as_ref()?;
    let mut chosen: Vec<usize> = Vec::new();
    for needed in &list.needed {
        if !chosen.iter().any(|index| needed.contains(*index)) {
            let mut both = needed.clone();
            both.intersect(&list.allowed);
            chosen.extend(both.first());
        }
    }
    if chosen.is_empty() {
        chosen.extend(list.allowed.first());
    }
    Some(ContextValue::Many(
        chosen.into_iter().filter_map(text).collect(),
    ))
}
