//! Conditions that are always met, never met, or on keys that the actions do not have.

use leastgrant_catalog::{ActionSet, Catalog, is_condition_key};
use leastgrant_policy::condition::Comparison;
use leastgrant_policy::scalar::Instant;
use leastgrant_policy::{ConditionEntry, Context, Truth};

use super::Found;
use crate::listing::quoted;
use crate::reach::actions_of;

/// Statements about more actions than these are for whole services, some of whose actions will have the key.
const MOST_ACTIONS: usize = 200;

pub(super) fn check(found: &mut Found<'_>, as_of: Option<Instant>) {
    for condition in &found.statement.conditions {
        if let Some(words) = of_time(condition, as_of) {
            found.find(words, false);
        } else if let Some(words) = without_effect(condition) {
            found.find_widening(words);
        } else if let Some(words) =
            misspelt(condition).or_else(|| of_other_actions(found, condition))
        {
            found.find(words, true);
        }
    }
}

/// A time that is over.
fn of_time(condition: &ConditionEntry, as_of: Option<Instant>) -> Option<String> {
    if !matches!(&*condition.lower_key, "aws:currenttime" | "aws:epochtime") {
        return None;
    }
    let context = Context::open().at_or_after(as_of?);
    // A time that began is no fault: it may be a part of a span.
    (condition.evaluate(&context) == Truth::No)
        .then(|| format!("{} can no longer be met", words_of(condition)))
}

/// A pattern that matches every value, where a missing key is good as well, or every address.
fn without_effect(condition: &ConditionEntry) -> Option<String> {
    let is_of_addresses = condition.operator.comparison == Comparison::IpAddress;
    let mut values = condition.values.iter();
    if let Some(range) = values.find(|own| is_of_addresses && own.as_str().ends_with("/0")) {
        let words = words_of(condition);
        return Some(format!(
            "{words} is met from anywhere: {}",
            quoted(range.as_str())
        ));
    }
    let is_wild = matches!(
        condition.operator.comparison,
        Comparison::StringLike | Comparison::ArnLike | Comparison::ArnEquals
    ) && condition.values.iter().any(|value| value.as_str() == "*");
    (is_wild && condition.operator.if_exists)
        .then(|| format!("{} is always met, and limits nothing", words_of(condition)))
}

/// Keys that a service puts into the calls of a role's sessions, whatever the action is of (the services' user guides).
const OF_SESSIONS: [&str; 8] = [
    "cognito-identity",
    "ec2",
    "glue",
    "identitystore",
    "lambda",
    "ssm",
    "sts",
    "iam",
];

/// A key that AWS does not document, and that is nearly one which it does.
fn misspelt(condition: &ConditionEntry) -> Option<String> {
    let nearest = Catalog::get().suggest_condition_key(&condition.lower_key)?;
    Some(format!(
        "{} is on a key that AWS does not document; did you mean `{nearest}`?",
        words_of(condition)
    ))
}

/// A key of one service in a statement that is about others.
fn of_other_actions(found: &Found<'_>, condition: &ConditionEntry) -> Option<String> {
    let key = &*condition.lower_key;
    let (prefix, _) = key.split_once(':')?;
    let is_of_service = Catalog::get().service(prefix).is_some() && !OF_SESSIONS.contains(&prefix);
    if found.statement.action.is_negated || !is_of_service {
        return None;
    }
    let actions = actions_of(found.statement);
    if actions.is_empty() || actions.len() > MOST_ACTIONS {
        return None;
    }
    // The lists of a service's own keys have holes; another service's key is rarely one of them.
    let mut services = Catalog::get()
        .actions_of(&actions)
        .map(|own| own.service().prefix());
    if services.any(|own| own == prefix) || has_key(&actions, key) {
        return None;
    }
    // What the catalogue does not know may have it.
    let catalog = Catalog::get();
    let mut entries = found.statement.action.entries.iter();
    if entries.any(|entry| catalog.expand(entry).is_empty()) {
        return None;
    }
    let effect = match condition.evaluate(&Context::default()) {
        Truth::Yes => "it is always met, and limits nothing",
        Truth::No | Truth::Unknown => "it is never met, and the statement has no effect",
    };
    Some(format!(
        "{} is on a key that none of the statement's actions has by AWS's documentation: {effect}",
        words_of(condition)
    ))
}

fn has_key(actions: &ActionSet, lower_key: &str) -> bool {
    Catalog::get().actions_of(actions).any(|action| {
        let keys = action.details().all_condition_keys();
        keys.iter().any(|key| is_condition_key(key, lower_key))
    })
}

fn words_of(condition: &ConditionEntry) -> String {
    format!(
        "the condition `{}` on {}",
        condition.operator,
        quoted(&condition.key)
    )
}
