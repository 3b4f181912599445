//! The statements of all documents that bear on an action of an escalation set, each distinct one once.
//!
//! Statements that differ in their actions only are one here, with the action `*`: which of them bear on an action is told by
//! bits. Conditions on nothing but the caller are taken off and kept beside: a caller meets them or does not, and then the rest
//! says the same to all who do. So principals with other documents, but with the same to say of an action, are asked together.

use std::collections::{BTreeSet, HashMap};

use leastgrant_policy::{
    ActionPattern, ConditionEntry, Effect, Element, Policy, Span, Spanned, Statement, Version,
};
use rayon::prelude::*;

use super::actions::{ACTIONS, ActionId, Mask};
use super::attached::POLICY_ARN;
use super::requests::BOUNDARY;
use super::told;
use crate::Access;

/// Which statement, its conditions on the caller alone left out.
pub(super) type StatementId = u32;

/// Which conditions on the caller alone.
pub(super) type ConditionsId = u32;

/// Keys whose value differs from one principal of an account to the next.
const OF_CALLER: [&str; 4] = [
    "aws:username",
    "aws:userid",
    "aws:principalarn",
    "aws:principaltype",
];

/// Keys whose value is the same for all principals of an account.
const OF_ACCOUNT: [&str; 2] = ["aws:principalaccount", "aws:principalorgid"];

/// A statement of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub statement: StatementId,
    /// Who does not meet them is not spoken of.
    pub conditions: Option<ConditionsId>,
    pub effect: Effect,
    mask: Mask,
}

/// One statement, of whichever documents.
#[derive(Debug)]
pub(super) struct Known {
    pub statement: Statement,
    /// Keys, in lower case, by which it says different things to different callers of one account.
    pub keys_of_caller: Box<[Box<str>]>,
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
    conditions: Vec<Vec<ConditionEntry>>,
    by_document: Vec<Vec<Line>>,
    /// For each document the actions that it allows on something.
    allowed: Vec<Mask>,
}

impl Statements {
    pub(super) fn of(access: &Access) -> Self {
        let read: Vec<Vec<Read<'_>>> = access
            .documents
            .par_iter()
            .map_init(HashMap::new, |known, document| read(document, known))
            .collect();
        let mut all = Self {
            known: Vec::new(),
            conditions: Vec::new(),
            by_document: Vec::with_capacity(read.len()),
            allowed: Vec::with_capacity(read.len()),
        };
        let mut ids: HashMap<String, StatementId> = HashMap::new();
        let mut ids_of_conditions: HashMap<String, ConditionsId> = HashMap::new();
        for document in read {
            let mut own = Vec::with_capacity(document.len());
            let mut allowed = 0;
            for Read {
                text,
                of_caller,
                mask,
                statement,
            } in document
            {
                if statement.effect == Effect::Allow {
                    allowed |= mask;
                }
                let id = *ids.entry(text).or_insert_with(|| {
                    all.known.push(known(statement));
                    StatementId::try_from(all.known.len() - 1).unwrap_or(StatementId::MAX)
                });
                let conditions = (!of_caller.is_empty()).then(|| {
                    *ids_of_conditions.entry(of_caller).or_insert_with(|| {
                        let own = statement.conditions.iter();
                        let own = own.filter(|own| is_of_caller_alone(own));
                        all.conditions.push(own.cloned().collect());
                        ConditionsId::try_from(all.conditions.len() - 1)
                            .unwrap_or(ConditionsId::MAX)
                    })
                });
                own.push(Line {
                    statement: id,
                    conditions,
                    effect: statement.effect,
                    mask,
                });
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

    pub(super) fn conditions(&self, id: ConditionsId) -> &[ConditionEntry] {
        let place = usize::try_from(id).ok();
        let own = place.and_then(|place| self.conditions.get(place));
        own.map_or(&[], Vec::as_slice)
    }

    /// The statements of a document that bear on an action.
    pub(super) fn on(&self, document: usize, action: ActionId) -> impl Iterator<Item = &Line> {
        let own = self.by_document.get(document).into_iter().flatten();
        own.filter(move |line| line.mask & action.bit() != 0)
    }
}

/// A statement with what tells it from others.
struct Read<'a> {
    text: String,
    /// Its conditions on the caller alone, empty if there are none.
    of_caller: String,
    mask: Mask,
    statement: &'a Statement,
}

/// `known`: the actions that patterns match.
fn read<'a>(document: &'a Policy, known: &mut HashMap<&'a str, Mask>) -> Vec<Read<'a>> {
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
            (mask != 0).then(|| Read {
                text: text(statement, document.version),
                of_caller: text_of_caller(statement, document.version),
                mask,
                statement,
            })
        })
        .collect()
}

/// What a statement says beside its actions, its principals and conditions on the caller alone.
fn text(statement: &Statement, version: Version) -> String {
    let mut text = format!("{:?} {}", statement.effect, version.as_str());
    if let Some(resource) = &statement.resource {
        text.push_str(if resource.is_negated { "\n!" } else { "\n=" });
        for entry in &resource.entries {
            text.push_str(entry.as_str());
            text.push('\n');
        }
    }
    let conditions = statement.conditions.iter();
    text.extend(
        conditions
            .filter(|own| !is_of_caller_alone(own))
            .map(text_of),
    );
    text
}

/// What its conditions on the caller alone say, empty if there are none.
fn text_of_caller(statement: &Statement, version: Version) -> String {
    let conditions = statement.conditions.iter();
    let own = conditions.filter(|own| is_of_caller_alone(own));
    let texts: String = own.map(text_of).collect();
    match texts.is_empty() {
        true => texts,
        false => format!("{}{texts}", version.as_str()),
    }
}

fn text_of(condition: &ConditionEntry) -> String {
    let mut text = format!("\n?{} {}", condition.operator, condition.lower_key);
    for value in &condition.values {
        text.push('\n');
        text.push_str(value.as_str());
    }
    text
}

fn known(statement: &Statement) -> Known {
    let conditions = statement.conditions.iter();
    let rest = conditions.filter(|own| !is_of_caller_alone(own));
    let statement = &Statement {
        action: Element {
            is_negated: false,
            entries: vec![Spanned {
                value: ActionPattern::parse("*"),
                span: Span::default(),
            }],
        },
        conditions: rest.cloned().collect(),
        ..statement.clone()
    };
    let is_of = |wanted: &str| keys_of(statement).any(|key| key == wanted);
    let is_every = statement
        .resource
        .as_ref()
        .is_none_or(|own| !own.is_negated && own.entries.iter().any(|entry| entry.is_every()));
    Known {
        keys_of_caller: {
            let keys: BTreeSet<&str> = keys_of(statement)
                .filter(|key| is_key_of_caller(key))
                .collect();
            keys.into_iter().map(Box::from).collect()
        },
        is_of_passed_service: is_of("iam:passedtoservice") || is_of(told::FOR_RESOURCE),
        is_of_policy_arn: is_of(POLICY_ARN),
        is_of_boundary: is_of(BOUNDARY),
        is_of_target: keys_of(statement).any(told::is_of_target),
        is_allow_all: statement.effect == Effect::Allow
            && is_every
            && statement.conditions.is_empty(),
        statement: statement.clone(),
    }
}

/// The keys of its conditions and variables, in lower case.
pub(super) fn keys_of(statement: &Statement) -> impl Iterator<Item = &str> {
    let entries = statement.resource.iter().flat_map(|own| &own.entries);
    let of_resources = entries.flat_map(|entry| entry.whole().variables());
    let of_conditions = statement.conditions.iter().flat_map(keys_of_condition);
    of_resources.map(|own| &*own.key).chain(of_conditions)
}

fn keys_of_condition(condition: &ConditionEntry) -> impl Iterator<Item = &str> {
    let variables = condition.values.iter().flat_map(|own| own.variables());
    let of_values = variables.map(|variable| &*variable.key);
    of_values.chain([&*condition.lower_key])
}

fn is_key_of_caller(lower_key: &str) -> bool {
    OF_CALLER.contains(&lower_key) || lower_key.starts_with(told::OF_PRINCIPAL)
}

/// Whether a statement says different things to different callers of one account.
pub(super) fn is_of_caller(statement: &Statement) -> bool {
    keys_of(statement).any(is_key_of_caller)
}

/// Whether a condition says different things to different callers of one account, and depends on nothing else.
fn is_of_caller_alone(condition: &ConditionEntry) -> bool {
    let mut keys = keys_of_condition(condition);
    keys_of_condition(condition).any(is_key_of_caller)
        && keys.all(|key| is_key_of_caller(key) || OF_ACCOUNT.contains(&key))
}
