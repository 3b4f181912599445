//! The statements of all documents that bear on an action of an escalation set, each distinct one once.
//!
//! Statements that differ in their actions only are one here, with the action `*`: which of them bear on an action is told by
//! bits. So principals with other documents, but with the same to say of an action, are asked together.

use std::collections::HashMap;

use leastgrant_policy::{
    ActionPattern, Effect, Element, Policy, Span, Spanned, Statement, Version,
};
use rayon::prelude::*;

use super::actions::{ACTIONS, ActionId, Mask};
use super::attached::POLICY_ARN;
use super::requests::BOUNDARY;
use super::told;
use crate::Access;

/// Which statement.
pub(super) type StatementId = u32;

/// Keys whose value differs from one principal of an account to the next.
const OF_CALLER: [&str; 4] = [
    "aws:username",
    "aws:userid",
    "aws:principalarn",
    "aws:principaltype",
];

/// One statement, of whichever documents.
#[derive(Debug)]
pub(super) struct Known {
    pub statement: Statement,
    /// Whether it says different things to different callers.
    pub is_of_caller: bool,
    pub is_of_passed_service: bool,
    pub is_of_policy_arn: bool,
    pub is_of_boundary: bool,
    /// Whether tags or the account of what is acted on matter.
    pub is_of_target: bool,
    /// Whether it allows everything whatever the context.
    pub is_allow_all: bool,
}

#[derive(Debug)]
pub(super) struct Statements {
    known: Vec<Known>,
    /// For each document its statements with the actions that they bear on.
    by_document: Vec<Vec<(StatementId, Mask)>>,
    /// For each document the actions that it allows on something.
    allowed: Vec<Mask>,
}

impl Statements {
    pub(super) fn of(access: &Access) -> Self {
        let read: Vec<Vec<(String, Mask, &Statement)>> = access
            .documents
            .par_iter()
            .map_init(HashMap::new, |known, document| read(document, known))
            .collect();
        let mut all = Self {
            known: Vec::new(),
            by_document: Vec::with_capacity(read.len()),
            allowed: Vec::with_capacity(read.len()),
        };
        let mut ids: HashMap<String, StatementId> = HashMap::new();
        for document in read {
            let mut own = Vec::with_capacity(document.len());
            let mut allowed = 0;
            for (text, mask, statement) in document {
                if statement.effect == Effect::Allow {
                    allowed |= mask;
                }
                let id = *ids.entry(text).or_insert_with(|| {
                    all.known.push(known(statement));
                    StatementId::try_from(all.known.len() - 1).unwrap_or(StatementId::MAX)
                });
                own.push((id, mask));
            }
            all.by_document.push(own);
            all.allowed.push(allowed);
        }
        all
    }

    pub(super) fn known(&self, id: StatementId) -> Option<&Known> {
        self.known.get(usize::try_from(id).ok()?)
    }

    /// The actions that a document allows on something.
    pub(super) fn allowed(&self, document: usize) -> Mask {
        self.allowed.get(document).copied().unwrap_or_default()
    }

    /// The statements of a document that bear on an action.
    pub(super) fn on(
        &self,
        document: usize,
        action: ActionId,
    ) -> impl Iterator<Item = StatementId> {
        let own = self.by_document.get(document).into_iter().flatten();
        own.filter(move |(_, mask)| mask & action.bit() != 0)
            .map(|(id, _)| *id)
    }
}

/// `known`: the actions that patterns match.
fn read<'a>(
    document: &'a Policy,
    known: &mut HashMap<&'a str, Mask>,
) -> Vec<(String, Mask, &'a Statement)> {
    let mut matched = |entry: &'a ActionPattern| {
        *known.entry(entry.as_str()).or_insert_with(|| {
            let all = ACTIONS.all.iter().enumerate();
            all.filter(|(_, action)| entry.matches(action))
                .fold(0, |mask, (place, _)| mask | ActionId(place).bit())
        })
    };
    let statements = document.statements.iter();
    statements
        .filter_map(|statement| {
            let element = &statement.action;
            let entries = element.entries.iter();
            let listed = entries.fold(0, |mask, entry| mask | matched(entry));
            let mask = match element.is_negated {
                true => ACTIONS.mask & !listed,
                false => listed,
            };
            (mask != 0).then(|| (text(statement, document.version), mask, statement))
        })
        .collect()
}

/// What a statement says beside its actions and its principals.
fn text(statement: &Statement, version: Version) -> String {
    let mut text = format!("{:?} {}", statement.effect, version.as_str());
    if let Some(resource) = &statement.resource {
        text.push_str(if resource.is_negated { "\n!" } else { "\n=" });
        for entry in &resource.entries {
            text.push_str(entry.as_str());
            text.push('\n');
        }
    }
    for condition in &statement.conditions {
        text.push_str(&format!(
            "\n?{} {}",
            condition.operator, condition.lower_key
        ));
        for value in &condition.values {
            text.push('\n');
            text.push_str(value.as_str());
        }
    }
    text
}

fn known(statement: &Statement) -> Known {
    let is_of = |wanted: &str| keys_of(statement).any(|key| key == wanted);
    let is_every = statement
        .resource
        .as_ref()
        .is_none_or(|own| !own.is_negated && own.entries.iter().any(|entry| entry.is_every()));
    Known {
        is_of_caller: is_of_caller(statement),
        is_of_passed_service: is_of("iam:passedtoservice") || is_of(told::FOR_RESOURCE),
        is_of_policy_arn: is_of(POLICY_ARN),
        is_of_boundary: is_of(BOUNDARY),
        is_of_target: keys_of(statement).any(told::is_of_target),
        is_allow_all: statement.effect == Effect::Allow
            && is_every
            && statement.conditions.is_empty(),
        statement: Statement {
            action: Element {
                is_negated: false,
                entries: vec![Spanned {
                    value: ActionPattern::parse("*"),
                    span: Span::default(),
                }],
            },
            ..statement.clone()
        },
    }
}

/// The keys of its conditions and variables, in lower case.
pub(super) fn keys_of(statement: &Statement) -> impl Iterator<Item = &str> {
    let entries = statement.resource.iter().flat_map(|own| &own.entries);
    let of_resources = entries.flat_map(|entry| entry.whole().variables());
    let conditions = statement.conditions.iter();
    let of_conditions = conditions.flat_map(|condition| {
        let variables = condition.values.iter().flat_map(|own| own.variables());
        let of_values = variables.map(|variable| &*variable.key);
        of_values.chain([&*condition.lower_key])
    });
    of_resources.map(|own| &*own.key).chain(of_conditions)
}

fn is_key_of_caller(lower_key: &str) -> bool {
    OF_CALLER.contains(&lower_key) || lower_key.starts_with(told::OF_PRINCIPAL)
}

/// Whether a statement says different things to different callers of one account.
pub(super) fn is_of_caller(statement: &Statement) -> bool {
    keys_of(statement).any(is_key_of_caller)
}
