//! Every observed authorisation against the new policies: what was allowed must still be.

use std::sync::LazyLock;

use leastgrant_access::{Access, Subject};
use leastgrant_policy::evaluate::{Outcome, Policies, Untold, decide};
use leastgrant_policy::{
    Action, ConditionEntry, Context, Effect, Element, Policy, Resource, ResourcePattern,
};

use crate::usage::Uses;

/// What the replay came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replay {
    /// Distinct pairs of action and resource that were observed and allowed.
    pub tuples: usize,
    /// Those that the old policies allow, as far as the record shows.
    pub allowed_before: usize,
    /// Those that the new policies allow.
    pub allowed_after: usize,
    /// Those that are allowed only if conditions are met whose keys the record does not show.
    pub conditional: usize,
    /// Pairs that the old policies would not have allowed: a question to the mapping, or to a resource's policy.
    pub not_explained: Vec<(String, String)>,
    /// Pairs that the new policies would deny and the old ones allow. With any of them there is no certificate.
    pub broken: Vec<(String, String)>,
}

/// Hands all decisions to whoever's account, so that what a resource's own policy decides is not in question here.
fn delegate(account_id: &str) -> Option<Policy> {
    let text = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account_id}"}},"Action":"*","Resource":"*"}}}}"#
    );
    Policy::parse(&text).ok()
}

static NO_USES: LazyLock<Uses> = LazyLock::new(Uses::new);

pub(crate) fn replay(
    access: &Access,
    subject: &Subject,
    uses: Option<&Uses>,
    new: &[&Policy],
) -> Replay {
    let assembled = access.policies_of(subject);
    let delegate = delegate(&subject.account_id);
    let before = Policies {
        resource: delegate.as_ref(),
        ..assembled.policies
    };
    let after = Policies {
        identity: new.to_vec(),
        ..before.clone()
    };
    let mut replay = Replay::default();
    for own in uses.unwrap_or(&NO_USES).values() {
        // Needs no permission, and nothing can deny it.
        if own.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
            continue;
        }
        let Some(action) = Action::parse(&own.action) else {
            continue;
        };
        // Most statements are about other actions, and an action has many resources.
        let about = |policies: &[&Policy]| -> Vec<Policy> {
            let policies = policies.iter();
            policies.map(|policy| policy.only_about(&action)).collect()
        };
        let (old, new) = (about(&before.identity), about(&after.identity));
        let before = Policies {
            identity: old.iter().collect(),
            ..before.clone()
        };
        let after = Policies {
            identity: new.iter().collect(),
            ..after.clone()
        };
        let open = Context::open();
        let template = access.request(subject, &action, &Resource::parse("*"), &open);
        for text in own.resources.keys() {
            let mut request = template.clone();
            request.resource = Resource::parse(text);
            request.resource_account = request
                .resource
                .account_id()
                .map(Box::from)
                .or_else(|| Some(subject.account_id.clone()));
            let is_allowed = |policies: &Policies<'_>, untold| {
                decide(&request, policies, untold).outcome == Outcome::Allowed
            };
            replay.tuples += 1;
            let pair = || (own.action.to_string(), text.to_string());
            // The new policies are within the old ones: what they allow was allowed.
            if is_allowed(&after, Untold::Grant) {
                replay.allowed_before += 1;
                replay.allowed_after += 1;
                replay.conditional += usize::from(!is_allowed(&after, Untold::Refuse));
            } else if is_allowed(&before, Untold::Grant) {
                replay.allowed_before += 1;
                replay.broken.push(pair());
            } else {
                replay.not_explained.push(pair());
            }
        }
        if own.untold > 0 {
            replay.tuples += 1;
            let pair = || (own.action.to_string(), String::new());
            let (old, new) = (
                grants(&before.identity, &action),
                grants(&after.identity, &action),
            );
            if old.is_empty() {
                replay.not_explained.push(pair());
            } else {
                replay.allowed_before += 1;
                match old.iter().all(|grant| new.contains(grant)) {
                    true => replay.allowed_after += 1,
                    false => replay.broken.push(pair()),
                }
            }
        }
    }
    replay
}

type Grant<'a> = (Option<&'a Element<ResourcePattern>>, &'a [ConditionEntry]);

/// On what and when an action is allowed: of a use on a resource that cannot be told, each of these may have been meant.
fn grants<'a>(policies: &[&'a Policy], action: &Action) -> Vec<Grant<'a>> {
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    statements
        .filter(|own| {
            let mut entries = own.action.entries.iter();
            own.effect == Effect::Allow
                && entries.any(|entry| entry.matches(action)) != own.action.is_negated
        })
        .map(|own| (own.resource.as_ref(), own.conditions.as_slice()))
        .collect()
}
