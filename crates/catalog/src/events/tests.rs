//! Tests of the mapping from events to permissions.

use super::{EventRequest, MappingStatus, name};
use crate::Catalog;

fn needs(source: &str, name: &str, parameters: &str) -> Vec<String> {
    let request = EventRequest {
        region: "eu-west-1",
        parameters: Some(parameters),
        ..EventRequest::default()
    };
    let mapping = Catalog::get().event(source, name);
    let needs = mapping.needs(&request).into_iter();
    needs
        .map(|need| format!("{} {}", need.action, need.resource))
        .collect()
}

#[test]
fn every_row_names_an_action_of_the_catalogue() {
    let unknown: Vec<&str> = name::rows()
        .map(|row| row.3)
        .filter(|action| Catalog::get().action(action).is_none())
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn names_that_end_in_digits_stay_whole() {
    for action in Catalog::get().actions() {
        if action.name().ends_with(|one: char| one.is_ascii_digit()) {
            let source = format!("{}.amazonaws.com", action.service().prefix());
            let mapping = Catalog::get().event(&source, action.name());
            let has = |one: &name::Needed| one.action == action.to_string();
            assert!(mapping.needed.iter().any(has), "{action}");
        }
    }
}

#[test]
fn names_are_renamed_and_lose_their_version() {
    let s3 = "s3.amazonaws.com";
    assert_eq!(needs(s3, "ListBuckets", "{}"), ["s3:ListAllMyBuckets *"]);
    let object = r#"{"bucketName":"b","key":"k"}"#;
    assert_eq!(
        needs(s3, "HeadObject", object),
        ["s3:GetObject arn:aws:s3:::b/k"]
    );
    let masked = r#"{"bucketName":"b","key":"***"}"#;
    assert_eq!(needs(s3, "HeadObject", masked), ["s3:GetObject "]);
    let role = r#"{"role":"arn:aws:iam::123456789012:role/r"}"#;
    assert_eq!(
        needs("lambda.amazonaws.com", "CreateFunction20150331", role),
        [
            "iam:PassRole arn:aws:iam::123456789012:role/r",
            "lambda:CreateFunction "
        ]
    );
    let mapping = Catalog::get().event("sts.amazonaws.com", "GetCallerIdentity");
    assert_eq!(mapping.status(), MappingStatus::NeedsNothing);
}

#[test]
fn the_source_of_a_copy_is_not_its_destination() {
    let needs = needs(
        "s3.amazonaws.com",
        "CopyObject",
        r#"{"bucketName":"b","key":"k"}"#,
    );
    assert!(needs.contains(&"s3:GetObject ".to_owned()), "{needs:?}");
    assert!(
        needs.contains(&"s3:PutObject arn:aws:s3:::b/k".to_owned()),
        "{needs:?}"
    );
}

#[test]
fn a_role_that_is_assumed_is_told() {
    let role = r#"{"roleArn":"arn:aws:iam::123456789012:role/r"}"#;
    assert_eq!(
        needs("sts.amazonaws.com", "AssumeRole", role),
        ["sts:AssumeRole arn:aws:iam::123456789012:role/r"]
    );
}

#[test]
fn no_other_parameters_are_read_than_those_that_are_told() {
    let all = Catalog::get().request_parameters();
    assert!(
        all.contains_key("s3.amazonaws.com") && all.contains_key("cloudcontrolapi.amazonaws.com")
    );
    let value = |name: &str| match name {
        "bucketName" => "b".to_owned(),
        _ => "arn:aws:iam::123456789012:role/r".to_owned(),
    };
    let mut read = 0;
    for (service, event, when, _) in name::rows() {
        let source = format!("{service}.amazonaws.com");
        let mut whole = serde_json::Map::new();
        for name in [
            "bucketName",
            "key",
            "roleArn",
            "unrelated",
            when.trim_start_matches('!'),
        ] {
            if !name.is_empty() {
                whole.insert(name.to_owned(), value(name).into());
            }
        }
        for without in [None, Some(when.trim_start_matches('!')), Some("bucketName")] {
            let mut whole = whole.clone();
            whole.retain(|name, _| Some(name.as_str()) != without);
            let mut reduced = whole.clone();
            let names = all.get(&source).map_or(&[][..], Vec::as_slice);
            reduced.retain(|name, value| {
                let told = names
                    .iter()
                    .find(|told| told.name.eq_ignore_ascii_case(name));
                if told.is_some_and(|told| !told.is_value_read) {
                    *value = true.into();
                }
                told.is_some()
            });
            read += reduced.len();
            let needs = |parameters: serde_json::Map<_, _>| {
                needs(
                    &source,
                    event,
                    &serde_json::Value::from(parameters).to_string(),
                )
            };
            assert_eq!(needs(reduced), needs(whole), "{source} {event} {without:?}");
        }
    }
    assert!(read > 100);
}
