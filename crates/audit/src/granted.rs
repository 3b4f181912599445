//! What a principal's policies grant at all, on whatever resource: what can be unused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use leastgrant_access::{Access, Subject};
use leastgrant_catalog::ActionSet;
use leastgrant_policy::evaluate::{Member, Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, Effect, Policy, Principal, Resource, Statement};

use crate::reach::actions_of;

/// The actions of the catalogue that a principal is granted on some resource and under some condition, within its permissions
/// boundary and its organisation's policies where these are known.
#[must_use]
pub fn granted_actions(access: &Access, subject: &Subject) -> ActionSet {
    GrantedActions::default().of(access, subject)
}

/// The actions that policies of one kind allow on some resource and under some condition, without those that they deny always.
pub(crate) fn allowed_by(policies: &[&Policy]) -> ActionSet {
    GrantedActions::default().allowed_by(policies)
}

/// What documents grant, each read once for all principals that have it.
#[derive(Debug, Default)]
pub(crate) struct GrantedActions {
    /// By where a document lies: the access that is asked about has it as long as this is asked.
    documents: Mutex<HashMap<usize, Arc<DocumentActions>>>,
}

#[derive(Debug)]
struct DocumentActions {
    allowed: ActionSet,
    /// On every resource and without conditions.
    denied: ActionSet,
}

impl GrantedActions {
    /// As [`granted_actions`] has it.
    pub(crate) fn of(&self, access: &Access, subject: &Subject) -> ActionSet {
        let assembled = access.policies_of(subject);
        let policies = &assembled.policies;
        // What is not known of these may allow everything.
        let is_known = |member| {
            let mut unknowns = assembled.unknowns.iter();
            !unknowns.any(|unknown| unknown.member == member)
        };
        let mut granted = self.allowed_by(&policies.identity);
        if !policies.boundary.is_empty() && is_known(Member::Boundary) {
            granted.intersect_with(&self.allowed_by(&policies.boundary));
        }
        if is_known(Member::ServiceControl) {
            for level in &policies.service_control {
                granted.intersect_with(&self.allowed_by(level));
            }
        }
        granted
    }

    fn allowed_by(&self, policies: &[&Policy]) -> ActionSet {
        let documents = policies.iter().map(|policy| self.document(policy));
        let documents: Vec<Arc<DocumentActions>> = documents.collect();
        let mut allowed = ActionSet::new();
        for document in &documents {
            allowed.union_with(&document.allowed);
        }
        for document in &documents {
            allowed.subtract(&document.denied);
        }
        allowed
    }

    fn document(&self, policy: &Policy) -> Arc<DocumentActions> {
        let address = std::ptr::from_ref(policy).addr();
        let documents = || {
            self.documents
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = documents().get(&address) {
            return Arc::clone(known);
        }
        let read = Arc::new(DocumentActions::of(policy));
        Arc::clone(documents().entry(address).or_insert(read))
    }
}

impl DocumentActions {
    fn of(policy: &Policy) -> Self {
        let mut actions = Self {
            allowed: ActionSet::new(),
            denied: ActionSet::new(),
        };
        for statement in &policy.statements {
            match statement.effect {
                Effect::Allow => actions.allowed.union_with(&actions_of(statement)),
                Effect::Deny if is_always(statement) => {
                    actions.denied.union_with(&actions_of(statement));
                }
                Effect::Deny => {}
            }
        }
        actions
    }
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

/// Whether any statement of a principal's own policies allows the action on something, or what they say is not known: who has none
/// need not be asked about.
pub(crate) fn may_be_allowed(access: &Access, subject: &Subject, action: &Action) -> bool {
    let own = subject.identity.iter();
    let mut documents = own.map(|attachment| access.document(attachment.policy));
    !subject.unknowns.is_empty()
        || documents.any(|document| {
            document.is_none_or(|policy| {
                policy.statements.iter().any(|statement| {
                    let mut entries = statement.action.entries.iter();
                    let is_listed = entries.any(|entry| entry.matches(action));
                    statement.effect == Effect::Allow && is_listed != statement.action.is_negated
                })
            })
        })
}
