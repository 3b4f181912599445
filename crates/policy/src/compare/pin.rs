//! Policies with values in the place of their variables, to look for a request that tells them apart.

use std::collections::HashMap;

use super::keys::Pinned;
use crate::document::Spanned;
use crate::{ConditionEntry, Policy, Principal, Statement, Variable};

/// Fixes a value for each variable of the policies: what the caller implies, else a text that occurs nowhere else.
pub(super) fn pin(policies: &[&Policy], caller: &Principal) -> Pinned {
    let implied: HashMap<&str, String> = caller.implied_keys().into_iter().collect();
    let mut pinned = Pinned::new();
    for variable in variables(policies) {
        let value = match implied.get(&*variable.key) {
            Some(value) => value.clone(),
            None => format!("value{}of{}", pinned.len() + 1, variable.key.len()),
        };
        pinned.entry(variable.key.clone()).or_insert(value);
    }
    pinned
}

/// Every variable of the policies.
pub(super) fn variables<'a>(policies: &'a [&'a Policy]) -> impl Iterator<Item = &'a Variable> {
    policies
        .iter()
        .flat_map(|policy| &policy.statements)
        .flat_map(|statement| {
            let resources = statement
                .resource
                .iter()
                .flat_map(|element| &element.entries);
            let values = statement.conditions.iter().flat_map(|entry| &entry.values);
            resources
                .flat_map(|entry| entry.whole().variables())
                .chain(values.flat_map(|value| value.variables()))
        })
}

/// The policy with the values in the place of the variables.
pub(super) fn resolved(policy: &Policy, pinned: &Pinned) -> Policy {
    let value = |variable: &Variable| pinned.get(&variable.key).map(String::as_str);
    let statements = policy
        .statements
        .iter()
        .map(|statement| {
            let mut statement: Statement = statement.clone();
            if let Some(element) = &mut statement.resource {
                for entry in &mut element.entries {
                    entry.value = entry.value.resolved(value);
                }
            }
            for condition in &mut statement.conditions {
                let entry: &mut ConditionEntry = condition;
                for own in &mut entry.values {
                    let resolved = own.value.resolved(value);
                    *own = Spanned {
                        value: resolved,
                        span: own.span,
                    };
                }
            }
            statement
        })
        .collect();
    Policy {
        statements,
        ..policy.clone()
    }
}
