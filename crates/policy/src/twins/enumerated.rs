//! Tiny policies, and every request that is short: where one tells them apart, the comparison must find one, too.

use proptest::prelude::*;

use super::draw::{Bytes, Condition, Statement, document};
use super::naive::Plain;
use super::{bytes, cases};
use crate::Policy;
use crate::compare::{DEFAULT_WORK, Kind, Verdict, compare_knowing};

/// All texts of these letters, up to a length.
fn all_texts(letters: &str, longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..longest {
        let shorter = from..all.len();
        from = all.len();
        for index in shorter {
            for letter in letters.chars() {
                all.push(format!("{}{letter}", all[index]));
            }
        }
    }
    all
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        [b'?', rest @ ..] => !text.is_empty() && matches(rest, &text[1..]),
        [own, rest @ ..] => text.first() == Some(own) && matches(rest, &text[1..]),
    }
}

const RESOURCES: &str = "arn:aws:s3:::";

fn statement(bytes: &mut Bytes<'_>, has_conditions: bool) -> Statement {
    let pattern = |bytes: &mut Bytes<'_>, letters: &[&str], least: usize, most: usize| {
        bytes.text(letters, least, most)
    };
    let mut conditions = Vec::new();
    if has_conditions {
        for _ in 0..bytes.below(3) {
            let operator = bytes.pick(&[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIfExists",
                "StringNotLikeIfExists",
                "ForAllValues:StringLike",
                "ForAnyValue:StringLike",
                "ForAllValues:StringNotEquals",
                "ForAnyValue:StringNotLike",
                "Null",
            ]);
            let count = 1 + bytes.below(2);
            let value = |bytes: &mut Bytes<'_>| match operator {
                "Null" => bytes.pick(&["true", "false"]).to_owned(),
                _ => pattern(bytes, &["a", "b", "*", "?"], 0, 2),
            };
            conditions.push(Condition {
                operator: operator.to_owned(),
                key: bytes.pick(&["k", "l"]),
                values: (0..count).map(|_| value(bytes)).collect(),
            });
        }
    }
    // A document holds a key once under an operator.
    conditions.dedup_by(|one, other| one.operator == other.operator && one.key == other.key);
    let actions = 1 + bytes.below(2);
    let resources = 1 + bytes.below(3);
    Statement {
        is_allow: !bytes.chance(6),
        not_principal: false,
        principals: Vec::new(),
        not_action: bytes.chance(3),
        actions: (0..actions)
            .map(|_| format!("a:{}", pattern(bytes, &["x", "y", "*", "?"], 1, 3)))
            .collect(),
        not_resource: bytes.chance(4),
        resources: Some(
            (0..resources)
                .map(|_| {
                    format!(
                        "{RESOURCES}{}",
                        pattern(bytes, &["a", "b", "/", "*", "?"], 0, 4)
                    )
                })
                .collect(),
        ),
        conditions,
    }
}

/// Which requests each side allows: by action, by resource, by context.
fn allowed(
    statements: &[Statement],
    actions: &[String],
    resources: &[String],
    contexts: &[Plain],
) -> Vec<bool> {
    let mut all = Vec::with_capacity(actions.len() * resources.len() * contexts.len());
    let hits = |own: &[String], texts: &[String], is_negated: bool| -> Vec<bool> {
        let hit = |text: &String| {
            own.iter()
                .any(|own| matches(own.as_bytes(), text.as_bytes()))
        };
        texts.iter().map(|text| hit(text) != is_negated).collect()
    };
    let sets: Vec<[Vec<bool>; 3]> = statements
        .iter()
        .map(|own| {
            let of_resource = own.resources.as_deref().unwrap_or_default();
            let met = contexts.iter().map(|context| {
                own.conditions.iter().all(|condition| {
                    let Condition {
                        operator,
                        key,
                        values,
                    } = condition;
                    super::conditions::is_met(operator, key, values, true, context)
                })
            });
            [
                hits(&own.actions, actions, own.not_action),
                hits(of_resource, resources, own.not_resource),
                met.collect(),
            ]
        })
        .collect();
    for action in 0..actions.len() {
        for resource in 0..resources.len() {
            for context in 0..contexts.len() {
                let any = |is_allow: bool| {
                    statements
                        .iter()
                        .zip(&sets)
                        .any(|(own, [by_action, by_resource, met])| {
                            own.is_allow == is_allow
                                && by_action[action]
                                && by_resource[resource]
                                && met[context]
                        })
                };
                all.push(any(true) && !any(false));
            }
        }
    }
    all
}

fn contexts() -> Vec<Plain> {
    let one = |text: &str| Some(Ok(text.to_owned()));
    let many = |texts: &[&str]| Some(Err(texts.iter().map(|text| (*text).to_owned()).collect()));
    let values = [
        None,
        one(""),
        one("a"),
        one("b"),
        one("ab"),
        one("z"),
        one("aab"),
        many(&["a", "b"]),
        many(&["a", ""]),
        many(&["a", "ab", "z"]),
        many(&["b"]),
    ];
    let mut all = Vec::new();
    for k in &values {
        for l in &values {
            let context = [("k", k), ("l", l)]
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)));
            all.push(Plain {
                principal: String::new(),
                action: String::new(),
                resource: String::new(),
                resource_account: String::new(),
                context: context.collect(),
            });
        }
    }
    all
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn what_a_short_request_tells_apart_is_told_apart(bytes in bytes(150)) {
        let mut bytes = Bytes::new(&bytes);
        let has_conditions = bytes.chance(7);
        let side = |bytes: &mut Bytes<'_>| -> Vec<Statement> {
            let count = 1 + bytes.below(3);
            (0..count).map(|_| statement(bytes, has_conditions)).collect()
        };
        let (old, mut new) = (side(&mut bytes), side(&mut bytes));
        if bytes.chance(10) {
            new.truncate(1);
            new.extend(old.iter().cloned());
        }
        let lengths = if has_conditions { (2, 2) } else { (3, 4) };
        let actions: Vec<String> =
            all_texts("xy", lengths.0).iter().skip(1).map(|text| format!("a:{text}")).collect();
        let resources: Vec<String> =
            all_texts("ab/", lengths.1).iter().map(|text| format!("{RESOURCES}{text}")).collect();
        let mut contexts = contexts();
        if !has_conditions {
            contexts.truncate(1);
        }
        let by_old = allowed(&old, &actions, &resources, &contexts);
        let by_new = allowed(&new, &actions, &resources, &contexts);
        let differ = by_old.iter().zip(&by_new).any(|(old, new)| *new && !*old);
        let texts = (document(&old, true), document(&new, true));
        let (old, new) = (Policy::parse(&texts.0).unwrap(), Policy::parse(&texts.1).unwrap());
        // Every key is multivalued here.
        let verdict =
            compare_knowing(&[&old], &[&new], Kind::Identity, DEFAULT_WORK, &|_| Some(true));
        let is_told_apart = matches!(verdict, Verdict::NotSubset(_));
        prop_assert!(!differ || is_told_apart, "{:?}\nold {}\nnew {}", verdict, texts.0, texts.1);
        prop_assert!(differ || !matches!(verdict, Verdict::Unknown(_)), "{:?}\nold {}\nnew {}", verdict, texts.0, texts.1);
    }
}
