//! Which documents and which resources matter for an action, found once for all principals.

use std::collections::{HashMap, HashSet};

use leastgrant_policy::document::Element;
use leastgrant_policy::principal::{PrincipalKind, is_account_id};
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Action, ActionPattern, Effect, Policy, Statement};
use rayon::prelude::*;

use crate::policy::Document;
use crate::subject::role_name_of_session;
use crate::{Access, PolicyId, PolicyKind, Subject, SubjectKind};

/// An action against all documents.
#[derive(Debug)]
pub(crate) struct Index {
    /// For each distinct document whether an Allow in it matches the action.
    allows: Vec<bool>,
    /// Resource and trust policies with such an Allow, by whom they name.
    of_everyone: Vec<PolicyId>,
    of_account: HashMap<Box<str>, Vec<PolicyId>>,
    of_arn: HashMap<Box<str>, Vec<PolicyId>>,
    /// By account and name of a role of which a session is named.
    of_session: HashMap<(Box<str>, Box<str>), Vec<PolicyId>>,
    /// Those of resources of the action's service whose document is not known.
    not_known: Vec<PolicyId>,
    /// Accounts of which the policy of some KMS key is known.
    accounts_with_keys: HashSet<Box<str>>,
}

/// Whether the statement's Action or NotAction takes the action in.
pub(crate) fn matches_action(statement: &Statement, action: &Action) -> bool {
    has(&statement.action, action) != statement.action.is_negated
}

fn has(element: &Element<ActionPattern>, action: &Action) -> bool {
    element.entries.iter().any(|entry| entry.matches(action))
}

fn is_allow_of(statement: &Statement, action: &Action) -> bool {
    statement.effect == Effect::Allow && matches_action(statement, action)
}

impl Index {
    pub(crate) fn new(access: &Access, action: &Action) -> Self {
        let allows = access
            .documents
            .par_iter()
            .map(|document: &Policy| {
                document
                    .statements
                    .iter()
                    .any(|statement| is_allow_of(statement, action))
            })
            .collect();
        Self::of(access, action, allows)
    }

    /// `allows`: for each distinct document whether an Allow in it matches the action.
    pub(crate) fn of(access: &Access, action: &Action, allows: Vec<bool>) -> Self {
        let mut index = Self {
            allows,
            of_everyone: Vec::new(),
            of_account: HashMap::new(),
            of_arn: HashMap::new(),
            of_session: HashMap::new(),
            not_known: Vec::new(),
            accounts_with_keys: access
                .resource_policies
                .keys()
                .filter_map(|arn| match arn_fields(arn)? {
                    [_, _, "kms", _, account_id, _] => Some(account_id.into()),
                    _ => None,
                })
                .collect(),
        };
        let mut ids: Vec<PolicyId> = access.resource_policies.values().copied().collect();
        ids.sort();
        for id in ids {
            if index.allows(access, id) {
                index.add_resource(access, id, action);
            } else if access.document(id).is_none() && is_of_service(access, id, action.service()) {
                index.not_known.push(id);
            }
        }
        index
    }

    fn add_resource(&mut self, access: &Access, id: PolicyId, action: &Action) {
        let statements = access
            .document(id)
            .map(|policy| policy.statements.as_slice());
        for statement in statements.unwrap_or_default() {
            let Some(principal) = &statement.principal else {
                continue;
            };
            if !is_allow_of(statement, action) {
                continue;
            }
            if principal.is_negated {
                push(&mut self.of_everyone, id);
                continue;
            }
            for entry in &principal.entries {
                let text = &*entry.text;
                match entry.kind {
                    PrincipalKind::Everyone => push(&mut self.of_everyone, id),
                    PrincipalKind::Aws if text == "*" => push(&mut self.of_everyone, id),
                    PrincipalKind::Aws => {
                        if let Some((account_id, name)) = role_name_of_session(text) {
                            let key = (account_id.into(), name.into());
                            push(self.of_session.entry(key).or_default(), id);
                            continue;
                        }
                        let account_id = match arn_fields(text) {
                            Some([.., account_id, "root"]) => Some(account_id),
                            _ => Some(text).filter(|text| is_account_id(text)),
                        };
                        let (map, key) = match account_id {
                            Some(account_id) => (&mut self.of_account, account_id),
                            None => (&mut self.of_arn, text),
                        };
                        push(map.entry(key.into()).or_default(), id);
                    }
                    PrincipalKind::Service
                    | PrincipalKind::Federated
                    | PrincipalKind::CanonicalUser => {}
                }
            }
        }
    }

    /// Whether an Allow of this policy matches the action.
    pub(super) fn allows(&self, access: &Access, id: PolicyId) -> bool {
        match access.policy(id).map(|policy| &policy.document) {
            Some(Document::Known(number)) => self.allows.get(*number).copied().unwrap_or(false),
            Some(Document::NotKnown(_)) | None => false,
        }
    }

    /// Whether the principal's own side may allow the action: a document does, or is not known.
    pub(super) fn may(&self, access: &Access, subject: &Subject) -> bool {
        subject.kind == SubjectKind::Root
            || !subject.unknowns.is_empty()
            || subject
                .identity
                .iter()
                .any(|own| self.allows(access, own.policy) || access.document(own.policy).is_none())
    }

    /// Whether this resource's policy names the principal, not only its account.
    pub(super) fn is_named_by(&self, subject: &Subject, policy: Option<PolicyId>) -> bool {
        policy.is_some_and(|policy| {
            self.of_everyone.contains(&policy)
                || self.naming(subject).contains(&policy)
                || self.naming_sessions(subject).contains(&policy)
        })
    }

    /// Resources whose policies name the principal's ARN.
    pub(super) fn naming(&self, subject: &Subject) -> &[PolicyId] {
        self.of_arn.get(&subject.arn).map_or(&[], Vec::as_slice)
    }

    /// Resources whose policies name sessions of the role.
    pub(super) fn naming_sessions(&self, subject: &Subject) -> &[PolicyId] {
        if subject.kind != SubjectKind::Role {
            return &[];
        }
        let name = subject.arn.rsplit('/').next().unwrap_or_default();
        let role = (subject.account_id.clone(), name.into());
        self.of_session.get(&role).map_or(&[], Vec::as_slice)
    }

    /// Resources of the action's service whose policies are not known.
    pub(super) fn not_known(&self) -> &[PolicyId] {
        &self.not_known
    }

    /// Whether the policy of some KMS key of the account is known: then keys are asked one by one.
    pub(super) fn has_keys(&self, account_id: &str) -> bool {
        self.accounts_with_keys.contains(account_id)
    }

    /// Resources whose policies name everyone.
    pub(super) fn naming_everyone(&self) -> &[PolicyId] {
        &self.of_everyone
    }

    /// Resources whose policies name the account, and hand the decision to its identity policies.
    pub(super) fn trusting(&self, account_id: &str) -> &[PolicyId] {
        self.of_account.get(account_id).map_or(&[], Vec::as_slice)
    }
}

fn is_of_service(access: &Access, id: PolicyId, service: &str) -> bool {
    access.policy(id).is_some_and(|policy| match policy.kind {
        PolicyKind::Trust => service == "sts",
        _ => policy.arn.split(':').nth(2) == Some(service),
    })
}

fn push(ids: &mut Vec<PolicyId>, id: PolicyId) {
    if ids.last() != Some(&id) {
        ids.push(id);
    }
}
