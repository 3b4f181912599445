//! Conditions that are always met, never met, or on keys that the actions do not have.

use leastgrant_catalog::{ActionSet, Catalog};
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
        if let Some(words) = of_time(condition, as_of).or_else(|| without_effect(condition)) {
            found.find(words, false);
        } else if let Some(words) = of_other_actions(found, condition) {
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
    let what = match condition.evaluate(&context) {
        Truth::No => "can no longer be met",
        Truth::Yes => "is met from now on, and limits nothing",
        Truth::Unknown => return None,
    };
    Some(format!("{} {what}", words_of(condition)))
}

/// A pattern that matches every value, where a missing key is good as well.
fn without_effect(condition: &ConditionEntry) -> Option<String> {
    let is_wild = matches!(
        condition.operator.comparison,
        Comparison::StringLike | Comparison::ArnLike | Comparison::ArnEquals
    ) && condition.values.iter().any(|value| value.as_str() == "*");
    (is_wild && condition.operator.if_exists)
        .then(|| format!("{} is always met, and limits nothing", words_of(condition)))
}

/// A key of a service that no action of the statement has.
fn of_other_actions(found: &Found<'_>, condition: &ConditionEntry) -> Option<String> {
    let key = &*condition.lower_key;
    let (prefix, _) = key.split_once(':')?;
    if found.statement.action.is_negated || Catalog::get().service(prefix).is_none() {
        return None;
    }
    let actions = actions_of(found.statement);
    if actions.is_empty() || actions.len() > MOST_ACTIONS || has_key(&actions, key) {
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
        keys.iter().any(|key| is_key(key, lower_key))
    })
}

/// `aws:RequestTag/${TagKey}` stands for every key that begins so.
fn is_key(documented: &str, lower_key: &str) -> bool {
    let documented = documented.to_ascii_lowercase();
    match documented.split_once("${") {
        Some((beginning, _)) => lower_key.starts_with(beginning),
        None => documented == lower_key,
    }
}

fn words_of(condition: &ConditionEntry) -> String {
    format!(
        "the condition `{}` on {}",
        condition.operator,
        quoted(&condition.key)
    )
}
