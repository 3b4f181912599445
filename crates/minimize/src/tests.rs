//! The proof against mutations: what the result must not lose.

use leastgrant_access::Access;
use leastgrant_inventory::tables::{InlinePolicyRow, RoleRow, UsageRow};
use leastgrant_inventory::{Dataset, Inventory, MANIFEST_SCHEMA, Manifest};
use leastgrant_policy::Policy;

use crate::replay::{Replay, replay};
use crate::usage::Usage;

const ROLE: &str = "arn:aws:iam::111122223333:role/web";

fn row(action: &str, resource: Option<&str>, outcome: &str) -> UsageRow {
    UsageRow {
        account_id: "111122223333".into(),
        principal_arn: ROLE.into(),
        action: Some(action.into()),
        resource: resource.map(Into::into),
        outcome: outcome.into(),
        count: 2,
        ..UsageRow::default()
    }
}

/// What the replay says of new documents in the place of an old one.
fn replayed(old: &str, new: &[&str], rows: Vec<UsageRow>) -> Replay {
    let data = Dataset {
        roles: vec![RoleRow {
            account_id: "111122223333".to_owned(),
            arn: ROLE.to_owned(),
            role_name: "web".to_owned(),
            ..RoleRow::default()
        }],
        inline_policies: vec![InlinePolicyRow {
            account_id: "111122223333".to_owned(),
            principal_arn: ROLE.to_owned(),
            policy_name: "work".to_owned(),
            document: old.into(),
        }],
        usage: rows,
        ..Dataset::default()
    };
    let manifest = Manifest {
        schema: MANIFEST_SCHEMA.to_owned(),
        tool_version: String::new(),
        catalogue_version: None,
        accounts: vec!["111122223333".to_owned()],
        collected_at: None,
        arguments: Vec::new(),
        sources: Vec::new(),
        gaps: Vec::new(),
        usage: Vec::new(),
        tables: Vec::new(),
    };
    let folder = tempfile::tempdir().unwrap();
    leastgrant_inventory::write(folder.path(), data, manifest).unwrap();
    let inventory = Inventory::open(folder.path()).unwrap();
    let access = Access::load(&inventory).unwrap();
    let usage = Usage::load(&inventory).unwrap();
    let subject = access.subject(access.principal_of(ROLE).unwrap()).unwrap();
    let new: Vec<Policy> = new
        .iter()
        .map(|text| Policy::parse(text).unwrap())
        .collect();
    let new: Vec<&Policy> = new.iter().collect();
    replay(&access, subject, usage.of(ROLE), &new)
}

const OLD: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"sqs:*","Resource":"*"},
    {"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}},
    {"Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;

fn seen() -> Vec<UsageRow> {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:jobs";
    vec![
        row("sqs:GetQueueAttributes", Some(queue), "allowed"),
        row("sqs:PurgeQueue", Some(queue), "allowed"),
        row("sqs:SendMessage", None, "allowed"),
        row("s3:GetObject", Some("arn:aws:s3:::data/x"), "allowed"),
        row("ec2:DescribeInstances", Some("*"), "allowed"),
        // A probe is no need.
        row("sqs:DeleteQueue", Some(queue), "denied"),
    ]
}

#[test]
fn what_was_observed_is_allowed_before_and_after() {
    let replay = replayed(OLD, &[OLD], seen());
    assert_eq!(
        (replay.tuples, replay.allowed_before, replay.allowed_after),
        (5, 4, 4)
    );
    // The VPC of a record is not in the usage table, and neither is MFA: met for the Allow, not met for the Deny.
    assert_eq!(replay.conditional, 2);
    let not_explained = [("ec2:DescribeInstances".to_owned(), "*".to_owned())];
    assert_eq!(replay.not_explained, not_explained);
    assert_eq!(replay.broken, []);
}

#[test]
fn a_needed_permission_that_is_deleted_from_the_result_is_caught() {
    let without = |part: &str, other: &str| {
        let new = OLD.replace(part, other);
        assert_ne!(new, OLD);
        let broken = replayed(OLD, &[&new], seen()).broken;
        broken
            .into_iter()
            .map(|(action, _)| action)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        without(
            "\"sqs:*\"",
            "[\"sqs:GetQueueAttributes\",\"sqs:SendMessage\"]"
        ),
        ["sqs:PurgeQueue"]
    );
    assert_eq!(without("\"s3:*\"", "\"s3:PutObject\""), ["s3:GetObject"]);
    // On which queue a message was sent is not told: on any that the old statement has.
    assert_eq!(
        without(
            "\"sqs:*\",\"Resource\":\"*\"",
            "\"sqs:*\",\"Resource\":\"arn:aws:sqs:eu-west-1:111122223333:jobs\""
        ),
        ["sqs:SendMessage"]
    );
}
