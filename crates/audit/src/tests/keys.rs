//! Keys that do nothing, told from those that are rarely needed.

use leastgrant_inventory::tables::{AccessKeyRow, UsageRow};

use crate::testing::{ACCOUNT, World, allow, arn, day_before_now, time_of_day};

fn key_of(user: &str) -> String {
    format!("AKIA{:Z<16}", user.to_uppercase())
}

/// A user with an active key of two years whose last use was of a service, so many days ago.
fn key(world: &mut World, user: &str, service: &str, days: i64) {
    let principal = format!("user/{user}");
    world.principal(&principal);
    world.data.access_keys.push(AccessKeyRow {
        account_id: ACCOUNT.to_owned(),
        user_arn: arn(&principal),
        user_name: user.to_owned(),
        access_key_id: Some(key_of(user)),
        is_active: true,
        created_at: Some(time_of_day(day_before_now(730))),
        last_used_known: true,
        last_used_at: Some(time_of_day(day_before_now(days))),
        last_used_service: Some(service.to_owned()),
        last_used_region: Some("eu-west-1".to_owned()),
        ..AccessKeyRow::default()
    });
    world.accessed(&principal, &[(service, Some(days))]);
}

/// Calls with the user's key, one on each of the days.
fn calls(world: &mut World, user: &str, name: &str, outcome: &str, days: &[i64]) {
    calls_of(world, "sts", user, name, outcome, days);
}

fn calls_of(world: &mut World, service: &str, user: &str, name: &str, outcome: &str, days: &[i64]) {
    let dates: Vec<i64> = days.iter().map(|days| day_before_now(*days)).collect();
    world.data.usage.push(UsageRow {
        account_id: ACCOUNT.into(),
        principal_arn: arn(&format!("user/{user}")).into(),
        principal_type: "user".into(),
        access_key_id: Some(key_of(user).as_str().into()),
        event_source: format!("{service}.amazonaws.com").as_str().into(),
        event_name: name.into(),
        action: Some(format!("{service}:{name}").as_str().into()),
        region: "eu-west-1".into(),
        outcome: outcome.into(),
        count: i64::try_from(days.len()).unwrap(),
        first_seen: dates.iter().min().map(|day| time_of_day(*day)),
        last_seen: dates.iter().max().map(|day| time_of_day(*day)),
        active_days: i64::try_from(days.len()).unwrap(),
        active_dates: dates.into_iter().collect(),
        ..UsageRow::default()
    });
}

#[test]
fn a_key_whose_calls_are_all_denied_can_go_and_one_of_a_job_of_twice_a_year_cannot() {
    let mut world = World::new();
    world.logs(400);
    let daily: Vec<i64> = (1..=400).collect();
    key(&mut world, "denied", "sts", 1);
    calls(&mut world, "denied", "AssumeRole", "denied", &daily);
    key(&mut world, "deploy", "sts", 150);
    calls(&mut world, "deploy", "AssumeRole", "allowed", &[330, 150]);
    // Denied as a rule, and twice a year not.
    key(&mut world, "mixed", "sts", 1);
    calls(&mut world, "mixed", "AssumeRole", "denied", &daily);
    calls(&mut world, "mixed", "AssumeRole", "allowed", &[330, 150]);
    // What no log of management events shows.
    key(&mut world, "backup", "s3", 1);
    calls(&mut world, "backup", "AssumeRole", "denied", &daily);
    let outcome = world.audit("", &["migrate-key"]);
    let mut told: Vec<(&str, &str, bool, bool)> = outcome
        .findings
        .iter()
        .map(|own| {
            let name = own.resource_arn.rsplit('/').next().unwrap();
            let is_rare = own
                .detail
                .contains("it is used rarely, up to 180 days apart");
            (
                name,
                own.severity.name(),
                own.title == "Access key is used, and does nothing",
                is_rare,
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("backup", "low", false, false),
            ("denied", "medium", true, false),
            ("deploy", "low", false, true),
            ("mixed", "low", false, false),
        ]
    );
}

#[test]
fn what_no_policy_may_allow_need_not_be_logged_for_a_key_to_do_nothing() {
    let mut world = World::new();
    world.logs(400);
    let daily: Vec<i64> = (1..=400).collect();
    for (user, service, name) in [
        ("bare", "ec2", "DescribeInstances"),
        ("granted", "ec2", "DescribeInstances"),
        ("queue", "sqs", "ListQueues"),
    ] {
        key(&mut world, user, service, 1);
        calls_of(&mut world, service, user, name, "denied", &daily);
    }
    // Of the actions of EC2 some are in no event.
    world.inline("user/granted", &[allow("ec2:*", "*")]);
    let outcome = world.audit("", &["migrate-key"]);
    let mut told: Vec<String> = outcome
        .findings
        .iter()
        .map(|own| {
            let name = own.resource_arn.rsplit('/').next().unwrap();
            let mut evidence = own.evidence.iter().map(|own| own.fact.as_str());
            let why = evidence.find(|fact| fact.contains("not told that the key is idle"));
            format!(
                "{name} {}: {}",
                own.severity.name(),
                why.unwrap_or(&own.title)
            )
        })
        .collect();
    told.sort_unstable();
    insta::assert_snapshot!(told.join("\n"), @r#"
    bare medium: Access key is used, and does nothing
    granted low: no call did anything, but it is not told that the key is idle: the user accessed `ec2`, and the logs need not show every call of it, such as `AssociateVerifiedAccessInstanceWebAcl`
    queue low: no call did anything, but it is not told that the key is idle: the user accessed `sqs`, and the logs need not show every call of it, such as `ChangeMessageVisibility`, which policies of resources may allow
    "#);
}
