//! What a principal's policies grant at all, on whatever resource: what can be unused.

use leastgrant_access::{Access, Subject};
use leastgrant_catalog::ActionSet;
use leastgrant_policy::evaluate::{Member, Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, Effect, Policy, Principal, Resource, Statement};

use crate::reach::actions_of;

/// The actions of the catalogue that a principal is granted on some resource and under some condition, within its permissions
/// boundary and its organisation's policies where these are known.
#[must_use]
pub fn granted_actions(access: &Access, subject: &Subject) -> ActionSet {
    let assembled = access.policies_of(subject);
    let policies = &assembled.policies;
    // What is not known of these may allow everything.
    let is_known = |member| {
        let mut unknowns = assembled.unknowns.iter();
        !unknowns.any(|unknown| unknown.member == member)
    };
    let mut granted = allowed_by(&policies.identity);
    if !policies.boundary.is_empty() && is_known(Member::Boundary) {
        granted.intersect_with(&allowed_by(&policies.boundary));
    }
    if is_known(Member::ServiceControl) {
        for level in &policies.service_control {
            granted.intersect_with(&allowed_by(level));
        }
    }
    granted
}

/// The actions that policies of one kind allow on some resource and under some condition, without those that they deny always.
pub(crate) fn allowed_by(policies: &[&Policy]) -> ActionSet {
    let mut allowed = ActionSet::new();
    let mut denied = ActionSet::new();
    for statement in policies.iter().flat_map(|policy| &policy.statements) {
        match statement.effect {
            Effect::Allow => allowed.union_with(&actions_of(statement)),
            Effect::Deny if is_always(statement) => denied.union_with(&actions_of(statement)),
            Effect::Deny => {}
        }
    }
    allowed.subtract(&denied);
    allowed
}

/// Whether a statement is about every resource and every request.
fn is_always(statement: &Statement) -> bool {
    let is_every_resource = statement.resource.as_ref().is_some_and(|resource| {
        let mut entries = resource.entries.iter();
        !resource.is_negated && entries.any(|entry| entry.is_every())
    });
    is_every_resource && statement.conditions.is_empty()
}

/// Whether policies allow together what nobody asked for: an action that no service has.
pub(crate) fn allows_everything(policies: &[&Policy]) -> bool {
    let parts = (
        Principal::parse("arn:aws:iam::111122223333:user/zz-stranger"),
        Action::parse("zz-service:ZzAction"),
    );
    let (Some(principal), Some(action)) = parts else {
        return false;
    };
    let resource = Resource::parse("arn:aws:zz-service:us-east-1:111122223333:zz");
    let request = Request::new(principal, action, resource, None, Context::default());
    let policies = Policies {
        identity: policies.to_vec(),
        ..Policies::default()
    };
    decide(&request, &policies, Untold::MatchNothing).outcome == Outcome::Allowed
}
