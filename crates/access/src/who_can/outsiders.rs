//! Whom the policy of a resource names that is no principal of the inventory.

use leastgrant_policy::principal::{PrincipalKind, is_account_id};
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Effect, PrincipalPattern};

use super::Question;
use super::index::matches_action;
use crate::Access;

/// Somebody outside of the inventory whom an Allow of the resource's policy names; its conditions may still exclude them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outsider {
    /// Under which member of Principal they are named: `AWS`, `Service`, `Federated` or `CanonicalUser`.
    pub kind: &'static str,
    /// An account, an ARN, a service's host, an identity provider, or `*`.
    pub name: Box<str>,
}

impl Access {
    /// Whom the policy of the resource lets in besides the inventory's principals.
    pub(super) fn outsiders(&self, question: &Question) -> Vec<Outsider> {
        let resource = question.resource.as_ref();
        let policy = resource
            .and_then(|own| self.resource_policy(own.as_str()))
            .and_then(|id| self.document(id));
        let mut outsiders = Vec::new();
        for statement in policy.iter().flat_map(|policy| &policy.statements) {
            if statement.effect != Effect::Allow || !matches_action(statement, &question.action) {
                continue;
            }
            match &statement.principal {
                Some(element) if element.is_negated => outsiders.push(Outsider {
                    kind: PrincipalKind::Everyone.name(),
                    name: "*".into(),
                }),
                Some(element) => {
                    outsiders.extend(element.entries.iter().filter_map(|own| self.outsider(own)));
                }
                None => {}
            }
        }
        outsiders.sort();
        outsiders.dedup();
        outsiders
    }

    fn outsider(&self, entry: &PrincipalPattern) -> Option<Outsider> {
        let text = &*entry.text;
        let mut name = text;
        if entry.kind == PrincipalKind::Aws && text != "*" {
            let account_id = match arn_fields(text) {
                Some([.., account_id, "root"]) => Some(account_id),
                _ => Some(text).filter(|text| is_account_id(text)),
            };
            let is_known = match account_id {
                Some(account_id) => {
                    name = account_id;
                    self.is_collected(account_id)
                }
                None => self.principal_of(text).is_some(),
            };
            if is_known {
                return None;
            }
        }
        Some(Outsider {
            kind: entry.kind.name(),
            name: name.into(),
        })
    }

    /// Whether principals of the account are in the inventory.
    fn is_collected(&self, account_id: &str) -> bool {
        let is_there = |subject: &crate::Subject| &*subject.account_id == account_id;
        self.subjects.iter().any(is_there)
    }
}
