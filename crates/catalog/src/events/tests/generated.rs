//! Requests that are made up: what was put in comes out, and nothing that was not.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::needed::What;
use super::super::reading::Reading;
use super::super::rule::Source;
use super::super::{EventMapping, EventRequest, Need};
use crate::Catalog;

/// A resource type of an action that parameters tell.
#[derive(Debug)]
struct Case {
    mapping: EventMapping,
    action: Arc<str>,
    format: &'static str,
    /// Variables with the paths of their parameters.
    variables: Vec<(&'static str, Vec<Vec<String>>)>,
}

/// Every seventh of them, which is enough of each service.
fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let catalog = Catalog::get();
        let mut cases = Vec::new();
        for action in catalog.actions().step_by(7) {
            let mapping = catalog.event(action.service().prefix(), action.name());
            for needed in mapping.needed.iter().filter(|one| one.when.is_empty()) {
                let What::Types(rules) = &needed.what else {
                    continue;
                };
                for rule in rules {
                    let Source::Variables(variables, conditions) = &rule.source else {
                        continue;
                    };
                    let is_plain = |reading| matches!(reading, Reading::Id | Reading::Small);
                    if variables.is_empty()
                        || !conditions.is_empty()
                        || !variables.iter().all(|one| is_plain(one.reading))
                    {
                        continue;
                    }
                    let mut types = action.details().resources.iter();
                    // Formats that are patterns themselves tell nothing.
                    let format = types
                        .find(|one| one.name == rule.name)
                        .filter(|one| !one.arn_format.contains('*'));
                    let names = rule.template.variables().iter().copied();
                    let paths = variables.iter().map(|one| {
                        let paths = one.paths.iter();
                        paths.map(super::super::parameters::Path::names).collect()
                    });
                    if let Some(format) = format {
                        cases.push(Case {
                            mapping: mapping.clone(),
                            action: Arc::clone(&needed.action),
                            format: format.arn_format,
                            variables: names.zip(paths).collect(),
                        });
                    }
                }
            }
        }
        cases
    })
}

/// The slow and obvious way to fill a format.
fn filled(format: &str, values: &BTreeMap<&str, &String>) -> String {
    let mut arn = format
        .replace("${Partition}", "aws")
        .replace("${Region}", "eu-west-1")
        .replace("${Account}", "111122223333");
    for (name, value) in values {
        arn = arn.replace(&format!("${{{name}}}"), value);
    }
    arn
}

/// A name in a case of its own.
fn spelled(name: &str, spelling: u64) -> String {
    let letters = name.chars().enumerate();
    letters
        .map(|(place, one)| {
            if spelling >> (place % 64) & 1 == 1 {
                one.to_ascii_uppercase()
            } else {
                one
            }
        })
        .collect()
}

fn put(members: &mut Map<String, Value>, path: &[String], value: Value, spelling: u64) {
    let (name, rest) = path.split_first().unwrap();
    let known = members
        .keys()
        .find(|known| known.eq_ignore_ascii_case(name));
    let key = known.cloned().unwrap_or_else(|| spelled(name, spelling));
    if rest.is_empty() {
        members.insert(key, value);
    } else {
        let inner = members.entry(key).or_insert_with(|| json!({}));
        put(inner.as_object_mut().unwrap(), rest, value, spelling);
    }
}

fn needs(mapping: &EventMapping, parameters: &str) -> Vec<Need> {
    let mut needs = Vec::new();
    let request = EventRequest {
        region: "eu-west-1",
        account_id: "111122223333",
        parameters: Some(parameters),
        resources: &[],
    };
    mapping.needs_into(&request, &mut needs);
    needs
}

/// JSON as hostile as it is short: names and texts that the tables know, in wrong places.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("***".to_owned()),
        Just("HIDDEN_DUE_TO_SECURITY_REASONS".to_owned()),
        Just("i-0123456789abcdef0".to_owned()),
        Just("arn:aws:iam::111122223333:role/a/b".to_owned()),
        Just("arn:aws:lambda:eu-west-1:111122223333:function:f:1".to_owned()),
        Just("https://sqs.eu-west-1.amazonaws.com/111122223333/q".to_owned()),
        "[a-z0-9/:*?$.-]{0,12}",
        any::<String>(),
    ];
    let leaf = prop_oneof![
        text.prop_map(Value::from),
        any::<u16>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let names = prop::sample::select(vec![
        "name",
        "Name",
        "names",
        "items",
        "item",
        "tag",
        "content",
        "bucketName",
        "key",
        "roleName",
        "path",
        "role",
        "functionName",
        "qualifier",
        "tableName",
        "indexName",
        "queueUrl",
        "instanceId",
        "instancesSet",
        "cluster",
        "statement",
        "requestItems",
        "transactItems",
        "put",
        "tags",
        "omitted",
        "XRequest",
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|members| {
                let members = members.into_iter();
                Value::Object(
                    members
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn ids_in_any_spelling_and_wrapping_make_their_arns(
        number in any::<prop::sample::Index>(),
        which in any::<prop::sample::Index>(),
        ids in prop::collection::vec("[a-z0-9][a-z0-9_-]{0,11}", 8),
        spelling in any::<u64>(),
        wrapping in 0..5_usize,
        count in 1..4_usize,
    ) {
        let case = number.get(cases());
        let mut members = Map::new();
        let mut by_path: BTreeMap<&[String], &String> = BTreeMap::new();
        let several = which.index(case.variables.len());
        let mut values: BTreeMap<&str, &String> = BTreeMap::new();
        let mut several_ids: Vec<&String> = Vec::new();
        for (place, (name, paths)) in case.variables.iter().enumerate() {
            let path = which.get(paths).as_slice();
            let is_shared = by_path.contains_key(path);
            let id: &String = by_path.entry(path).or_insert(&ids[place % 4]);
            values.insert(name, id);
            if is_shared {
                continue;
            }
            let value = if place == several && case.variables.len() < 4 {
                several_ids = ids[4..4 + count].iter().chain([id]).collect();
                let list = json!(several_ids);
                match wrapping {
                    0 => list,
                    1 => json!({ "items": list }),
                    2 => json!({ "item": list }),
                    3 => json!([[list]]),
                    _ => json!({ "tag": 1, "content": list }),
                }
            } else {
                json!(id)
            };
            put(&mut members, path, value, spelling);
        }
        // A path can lie within another one, which then is no text.
        let text = Value::Object(members).to_string();
        let needs = needs(&case.mapping, &text);
        let name = case.variables[several].0;
        let shared = case.variables.iter().filter(|(other, _)| values[other] == values[name]).count() > 1;
        let several_ids = if several_ids.is_empty() || shared { vec![values[name]] } else { several_ids };
        for id in several_ids {
            values.insert(name, id);
            let arn = filled(case.format, &values);
            let is_told = needs.iter().any(|need| need.action == case.action && *need.resource == arn);
            prop_assert!(is_told, "{} of {text}: {needs:?}", arn);
        }
    }

    #[test]
    fn nothing_is_told_that_the_request_does_not_say(
        number in any::<prop::sample::Index>(),
        value in any_json(),
    ) {
        let actions = Catalog::get().len();
        let id = number.index(actions);
        let action = Catalog::get().actions().nth(id).unwrap();
        let mapping = Catalog::get().event(action.service().prefix(), action.name());
        let text = value.to_string();
        for need in needs(&mapping, &text) {
            prop_assert!(need.resource.len() <= 2048);
            if !need.resource.starts_with("arn:") || need.resource.ends_with('*') {
                continue;
            }
            // What follows the last sign of an ARN is in the request, or is a word of its format.
            let last = need.resource.rsplit(['/', ':']).next().unwrap();
            let of_format = |one: &crate::ActionResource| one.arn_format.ends_with(last);
            let action = Catalog::get().action(&need.action).unwrap();
            let is_said = text.contains(last)
                || action.details().resources.iter().any(of_format)
                || matches!(last, "default" | "primary");
            prop_assert!(is_said, "{need:?} of {text}");
        }
    }

    #[test]
    fn no_text_is_too_odd(parameters in ".{0,200}", region in ".{0,20}", account in ".{0,14}") {
        for (source, name) in [("s3", "CopyObject"), ("ec2", "RunInstances"), ("iam", "CreateRole"), ("apigateway", "GetStage")] {
            let mapping = Catalog::get().event(source, name);
            let mut needs = Vec::new();
            let request = EventRequest { region: &region, account_id: &account, parameters: Some(&parameters), resources: &[] };
            mapping.needs_into(&request, &mut needs);
            prop_assert!(needs.is_sorted());
        }
    }
}
