//! The proof against mutations: what the result must not lose.

use leastgrant_access::Access;
use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_inventory::tables::{InlinePolicyRow, RoleRow, UsageRow};
use leastgrant_inventory::{Dataset, Inventory, MANIFEST_SCHEMA, Manifest};
use leastgrant_policy::Policy;
use proptest::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::certify::certified;
use crate::fit::Room;
use crate::narrow::{Granted, Narrowed, held, narrow};
use crate::needs::Needs;
use crate::removed::removed;
use crate::replay::{Replay, replay};
use crate::settings::Settings;
use crate::settle::fitted;
use crate::usage::{ActionUse, ResourceUse, Usage, Uses};

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

/// Whoever needs these actions on whatever there is.
fn needing(actions: ActionSet) -> Needs<'static> {
    Needs {
        principal_arn: ROLE,
        window: None,
        granted: ActionSet::all(),
        used: ActionSet::new(),
        stays: actions.clone(),
        unknown: actions,
        kept: FxHashMap::default(),
        complete: ActionSet::new(),
        never_accessed: ActionSet::new(),
        uses: None,
        listed: Vec::new(),
        chance_unseen: None,
        spares_unseen: false,
        held: Vec::new(),
        makes_in: FxHashSet::default(),
        untouchable: None,
    }
}

/// The documents in the place of one, certified.
fn minimized(policy: &Policy, needs: &Needs<'_>, room: Room) -> Option<Vec<Policy>> {
    let settings = Settings::default();
    let narrowed = |own: &Policy| -> Vec<Narrowed> {
        let statements = own.statements.iter();
        statements
            .map(|statement| narrow(statement, own.version, &[needs], &settings))
            .collect()
    };
    let mut documents = fitted(policy, &narrowed(policy), room, narrowed).ok()?;
    Some(certified(policy, &mut documents).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn minimizing_a_wide_policy_twice_is_minimizing_it_once(
        entries in prop::sample::subsequence(
            vec!["s3:*", "sqs:*", "ec2:Describe*", "dynamodb:*", "kms:*", "glue:*", "sns:*", "rds:*", "lambda:*", "secretsmanager:*", "sts:*"], 1..9),
        form in 0..4,
        characters in 300_usize..5_000,
        documents in 1_usize..3,
        every in 2_usize..7,
        salt in 0_usize..7,
    ) {
        let list = serde_json::to_string(&entries).unwrap();
        let action = match form {
            0 => r#""NotAction":["iam:*","e*:*","a*:*","c*:*","m*:*","r*:*","i*:*"]"#.to_owned(),
            1 => r#""Action":"s*:*""#.to_owned(),
            _ => format!(r#""Action":{list}"#),
        };
        let old = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"All","Effect":"Allow",{action},"Resource":"*"}},{{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::data/*"}}]}}"#
        );
        let old = Policy::parse(&old).unwrap();
        let all = Catalog::get().actions().enumerate();
        let needs = needing(all.filter(|(place, _)| (place + salt) % every == 0).map(|(_, own)| own.id()).collect());
        let Some(once) = minimized(&old, &needs, Room { characters, documents }) else {
            return Ok(());
        };
        // Each of them is a policy of its own then.
        for own in once {
            let twice = minimized(&own, &needs, Room { characters, documents: 1 });
            let texts = |all: &[Policy]| all.iter().map(|own| own.text().to_owned()).collect::<Vec<_>>();
            prop_assert!(twice.as_deref() == Some(std::slice::from_ref(&own)), "{:?}\n{}", twice.map(|own| texts(&own)), own.text());
        }
    }
}

const ORDERS: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
const YEAR_END: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/yearend";

/// A hundred updates of the table of orders from the first day on.
fn updates() -> Uses {
    let first = "2026-01-01T00:00:00Z".parse().ok();
    let own = ActionUse {
        action: "dynamodb:UpdateTable".into(),
        resources: [(ORDERS.into(), ResourceUse { first, events: 100 })].into(),
        ..ActionUse::default()
    };
    [("dynamodb:updatetable".to_owned(), own)].into()
}

fn updating(uses: &Uses, spares_unseen: bool) -> Needs<'_> {
    let update = Catalog::get().action("dynamodb:UpdateTable").unwrap().id();
    let only: ActionSet = [update].into_iter().collect();
    Needs {
        window: Some(leastgrant_evidence::Window {
            from: "2026-01-01T00:00:00Z".parse().unwrap(),
            to: "2026-04-05T23:59:59Z".parse().unwrap(),
        }),
        used: only.clone(),
        unknown: ActionSet::new(),
        complete: only.clone(),
        uses: Some(uses),
        chance_unseen: Some(0.27),
        spares_unseen,
        ..needing(only)
    }
}

fn tables(statements: &[(&str, &str)]) -> Policy {
    let statements: Vec<String> = statements
        .iter()
        .map(|(sid, resources)| {
            format!(r#"{{"Sid":"{sid}","Effect":"Allow","Action":"dynamodb:UpdateTable","Resource":{resources}}}"#)
        })
        .collect();
    Policy::parse(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    ))
    .unwrap()
}

#[test]
fn a_resource_that_was_not_seen_in_the_window_goes_only_where_the_risk_is_put_up_with() {
    let uses = updates();
    let (orders, year_end) = (format!("\"{ORDERS}\""), format!("\"{YEAR_END}\""));
    let both = format!("[{orders},{year_end}]");
    let wide = "\"arn:aws:dynamodb:*:111122223333:table/*\"";
    let policy = tables(&[
        ("Weekly", &orders),
        ("YearEnd", &year_end),
        ("Both", &both),
        ("Wide", wide),
    ]);
    let of = |needs: &Needs<'_>| {
        let statements = policy.statements.iter();
        let narrowed: Vec<Narrowed> = statements
            .map(|own| narrow(own, policy.version, &[needs], &Settings::default()))
            .collect();
        let resources: Vec<Option<Vec<String>>> = narrowed
            .iter()
            .map(|own| match own {
                Narrowed::Keep => None,
                Narrowed::Parts(parts) => Some(
                    parts
                        .iter()
                        .flat_map(|own| own.resources.clone().unwrap())
                        .collect(),
                ),
            })
            .collect();
        let rows = removed(&policy, &narrowed, &[needs]);
        (resources, rows)
    };
    // A wildcard is narrowed all the same, and it is told at what risk.
    let only = || Some(vec![ORDERS.to_owned()]);
    let (resources, rows) = of(&updating(&uses, false));
    assert_eq!(resources, [None, None, None, only()]);
    let told: Vec<(Option<&str>, Option<f64>)> = rows
        .iter()
        .map(|own| (own.sid.as_deref(), own.chance_needed))
        .collect();
    assert_eq!(told, [(Some("Wide"), Some(0.27))]);
    let (resources, rows) = of(&updating(&uses, true));
    assert_eq!(resources, [None, Some(Vec::new()), only(), only()]);
    let told: Vec<(usize, &str, &[String])> = rows
        .iter()
        .map(|own| {
            (
                own.statement,
                own.resources[0].as_str(),
                own.in_their_place.as_slice(),
            )
        })
        .collect();
    let orders = [ORDERS.to_owned()];
    assert_eq!(
        told,
        [
            (1, YEAR_END, [].as_slice()),
            (2, ORDERS, &orders),
            (3, wide.trim_matches('"'), &orders)
        ]
    );
    assert!(
        rows[0].reason.contains("95 days") && rows[0].chance_needed.is_some(),
        "{rows:?}"
    );
}

#[test]
fn what_the_settings_keep_is_named_with_its_reason() {
    let settings = Settings::from_toml(
        "[[minimize.keep]]\nactions = [\"dynamodb:Update*\"]\nresources = [\"*:table/orders\"]\nreason = \"audit\"\n",
    )
    .unwrap();
    let update = Catalog::get().action("dynamodb:UpdateTable").unwrap().id();
    let set: ActionSet = [update].into_iter().collect();
    let mut needs = needing(ActionSet::new());
    needs.listed = vec![(set, &settings.keep[0])];
    let policy = tables(&[
        ("KeepIt", "\"*\""),
        ("Orders", &format!("\"{ORDERS}\"")),
        ("YearEnd", &format!("\"{YEAR_END}\"")),
    ]);
    let held: Vec<Vec<String>> = policy
        .statements
        .iter()
        .map(|own| {
            let held = held(own, &Granted::of(own).all, &needs, &settings);
            held.into_iter().map(|(_, why)| why).collect()
        })
        .collect();
    assert_eq!(
        held,
        [
            vec!["kept by the settings: they protect the statement `KeepIt`".to_owned()],
            vec!["kept by the settings: audit".to_owned()],
            vec![],
        ]
    );
    needs.held = vec![([update].into_iter().collect(), "kept".to_owned())];
    assert_eq!(needs.held(update), Some("kept"));
    needs.stays.insert(update);
    assert_eq!(needs.held(update), None);
}
