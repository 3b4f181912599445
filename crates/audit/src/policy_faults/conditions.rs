//! Conditions that are always met, never met, or on keys that the actions do not have.

use leastgrant_catalog::{ActionInfo, ActionSet, Catalog, is_condition_key};
use leastgrant_policy::condition::Comparison;
use leastgrant_policy::scalar::Instant;
use leastgrant_policy::{ConditionEntry, Context, Truth};

use super::Found;
use crate::listing::quoted;
use crate::reach::actions_of;

/// Statements about more actions than these are for whole services, some of whose actions will have the key.
const MOST_ACTIONS: usize = 200;

pub(super) fn check(found: &mut Found<'_>, as_of: Option<Instant>) {
    if found.statement.has_conditions_that_exclude_each_other() {
        found.find(
            "its conditions exclude each other, so it has no effect".to_owned(),
            false,
        );
    }
    for condition in &found.statement.conditions {
        if let Some(words) = of_time(condition, as_of) {
            found.find(words, false);
        } else if let Some(words) =
            without_effect(condition).or_else(|| always_told(found, condition))
        {
            found.find_widening(words);
        } else if let Some(words) = text_for_pattern(condition) {
            found.find(words, false);
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
    (is_wild(condition) && condition.operator.if_exists)
        .then(|| format!("{} is always met, and limits nothing", words_of(condition)))
}

/// Whether any value meets it.
fn is_wild(condition: &ConditionEntry) -> bool {
    let is_every = |value: &str| match &*condition.lower_key {
        "iam:awsservicename" | "iam:passedtoservice" => {
            matches!(value, "*" | "*.amazonaws.com" | "*.amazonaws.com*")
        }
        _ => value == "*",
    };
    matches!(
        condition.operator.comparison,
        Comparison::StringLike | Comparison::ArnLike | Comparison::ArnEquals
    ) && condition.operator.set.is_none()
        && condition
            .values
            .iter()
            .any(|value| is_every(value.as_str()))
}

/// A pattern that matches every value, or that there is one, of a key that each request has (IAM User Guide, "AWS global condition
/// context keys"), or each of an action that all of the statement's are (Service Authorization Reference, IAM).
fn always_told(found: &Found<'_>, condition: &ConditionEntry) -> Option<String> {
    let is_present = condition.operator.comparison == Comparison::Null
        && condition
            .values
            .iter()
            .all(|value| value.as_str() == "false");
    if !is_present && !is_wild(condition) {
        return None;
    }
    let is_told = match &*condition.lower_key {
        "aws:currenttime"
        | "aws:epochtime"
        | "aws:principalaccount"
        | "aws:principalarn"
        | "aws:principaltype"
        | "aws:requestedregion"
        | "aws:securetransport"
        | "aws:userid" => true,
        key @ ("iam:awsservicename" | "iam:passedtoservice" | "iam:policyarn") => {
            let actions = actions_of(found.statement);
            let mut own = Catalog::get().actions_of(&actions);
            !actions.is_empty() && own.all(|action| has_key_itself(action, key))
        }
        _ => false,
    };
    is_told.then(|| format!("{} is always met, and limits nothing", words_of(condition)))
}

/// Values that an operator compares as plain text, and that look as if they were meant as patterns or ranges of addresses.
fn text_for_pattern(condition: &ConditionEntry) -> Option<String> {
    let comparison = condition.operator.comparison;
    let is_plain = matches!(
        comparison,
        Comparison::StringEquals
            | Comparison::StringNotEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringNotEqualsIgnoreCase
    );
    // Names of objects may have any character.
    if !is_plain || matches!(&*condition.lower_key, "s3:delimiter" | "s3:prefix") {
        return None;
    }
    let is_of_addresses = matches!(&*condition.lower_key, "aws:sourceip" | "aws:vpcsourceip");
    let is_meant = |value: &str| match is_of_addresses {
        true => value.contains('/'),
        false => value.contains('*') && !value.contains("${"),
    };
    let mut values = condition.values.iter().map(|value| value.as_str());
    let value = values.find(|value| is_meant(value))?;
    let (what, instead) = match (is_of_addresses, comparison.is_negated()) {
        (true, false) => ("no range of addresses", "IpAddress"),
        (true, true) => ("no range of addresses", "NotIpAddress"),
        (false, false) => ("no pattern", "StringLike"),
        (false, true) => ("no pattern", "StringNotLike"),
    };
    Some(format!(
        "{} compares text, for which {} is {what}, so that {}; write `{instead}`",
        words_of(condition),
        quoted(value),
        match comparison.is_negated() {
            true => "nothing is excepted by it",
            false => "nothing ever equals it",
        }
    ))
}

/// Keys that a service puts into the calls of a role's sessions, whatever the action is of (the services' user guides).
const OF_SESSIONS: [&str; 7] = [
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "glue:credentialissuingservice",
    "glue:roleassumedby",
    "identitystore:userid",
    "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn",
];

/// Services of which many keys are such.
const SERVICES_OF_SESSIONS: [&str; 3] = ["cognito-identity", "iam", "sts"];

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
    let is_of_service = Catalog::get().service(prefix).is_some()
        && !SERVICES_OF_SESSIONS.contains(&prefix)
        && !OF_SESSIONS.contains(&key);
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
    Catalog::get()
        .actions_of(actions)
        .any(|action| has_key_itself(action, lower_key))
}

fn has_key_itself(action: ActionInfo, lower_key: &str) -> bool {
    let keys = action.details().all_condition_keys();
    keys.iter().any(|key| is_condition_key(key, lower_key))
}

fn words_of(condition: &ConditionEntry) -> String {
    format!(
        "the condition `{}` on {}",
        condition.operator,
        quoted(&condition.key)
    )
}
