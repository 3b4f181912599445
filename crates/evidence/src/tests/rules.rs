//! One test a rule.

use leastgrant_inventory::DataKind;

use super::{ACCOUNT, ANN, BOB, World, dates, time};
use crate::Verdict;

#[test]
fn an_allowed_call_is_use_with_its_days_and_resources() {
    let mut world = World::new();
    world
        .call(ANN, "iam", "ListUsers", Some("iam:ListUsers"))
        .resource = Some("*".into());
    world
        .call(ANN, "iam", "ListUsers", Some("iam:ListUsers"))
        .last_seen = Some(time(80));
    let Verdict::Used(used) = world.evidence().verdict(ANN, "IAM:listusers") else {
        panic!("it was used");
    };
    assert_eq!((used.rows, used.events, used.days.len()), (2, 6, 2));
    assert_eq!(
        (used.first_seen, used.last_seen),
        (Some(time(5)), Some(time(80)))
    );
    assert!(used.has_untold_resources && used.resources.len() == 1);
    assert_eq!(world.says(BOB, "iam:ListUsers"), "unused");
}

#[test]
fn what_a_working_selector_covered_and_nobody_did_is_unused() {
    let Verdict::Unused(unused) = World::new().evidence().verdict(ANN, "iam:CreateUser") else {
        panic!("it was not used");
    };
    assert_eq!(
        (unused.window.days(), unused.denied, unused.logs_all_regions),
        (100, 0, true)
    );
}

#[test]
fn denied_calls_are_no_use() {
    let mut world = World::new();
    for outcome in ["denied", "authentication_failed"] {
        world
            .call(ANN, "iam", "CreateUser", Some("iam:CreateUser"))
            .outcome = outcome.into();
    }
    let Verdict::Unused(unused) = world.evidence().verdict(ANN, "iam:CreateUser") else {
        panic!("it was not used");
    };
    assert_eq!(unused.denied, 3);
}

#[test]
fn without_trails_management_events_are_logged_where_files_are_and_data_events_are_not() {
    let mut world = World::without_trails();
    // A single data event proves nothing of others.
    world.call(BOB, "s3", "GetObject", Some("s3:GetObject"));
    let Verdict::Unused(unused) = world.evidence().verdict(ANN, "ec2:RunInstances") else {
        panic!("it was not used");
    };
    assert_eq!((unused.regions.len(), unused.logs_all_regions), (2, false));
    assert_eq!(world.says(ANN, "s3:CreateBucket"), "unused");
    assert_eq!(world.says(BOB, "s3:GetObject"), "used");
    assert!(
        world
            .says(ANN, "s3:GetObject")
            .starts_with("a data event that no trail logs (AWS::S3::AccessPoint")
    );
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    world
        .data
        .usage_sources
        .retain(|source| source.region != "us-east-1");
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    assert!(world.says(ANN, "iam:CreateUser").contains("us-east-1"));
    // A trail of all Regions does not help where this one's files were not read.
    world.trail(|_| {});
    assert!(world.says(ANN, "iam:CreateUser").contains("us-east-1"));
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
}

#[test]
fn an_account_without_logs_and_an_unknown_action_are_unknown() {
    let world = World::new();
    assert_eq!(
        world.says("arn:aws:iam::444455556666:user/x", "iam:CreateUser"),
        "no events of the account were read"
    );
    assert_eq!(
        world.says("", "iam:CreateUser"),
        "no events of the account were read"
    );
    assert_eq!(
        world.says(ANN, "iam:Conjure"),
        "the catalogue does not know the action"
    );
}

#[test]
fn a_short_window_proves_nothing() {
    let mut world = World::new();
    for source in &mut world.data.usage_sources {
        source.first_event = Some(time(30));
        source.active_dates = dates(100).split_off(30);
    }
    let short = "the logs cover 70 days, and it takes 90";
    assert_eq!(world.says(ANN, "iam:CreateUser"), short);
    // What an earlier run covered counts only if nothing is missing between.
    let mut earlier = world.data.usage_sources[0].clone();
    (earlier.run, earlier.first_event, earlier.last_event) = (2, Some(time(0)), Some(time(20)));
    earlier.active_dates = dates(21);
    world.data.usage_sources.push(earlier);
    assert_eq!(world.says(ANN, "iam:CreateUser"), short);
    world.data.usage_sources[2].active_dates = dates(30);
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
}

#[test]
fn a_day_without_any_event_breaks_the_window_for_logs_can_be_missing() {
    let mut world = World::new();
    for source in &mut world.data.usage_sources {
        source.active_dates = vec![dates(1)[0].clone(), dates(100)[99].clone()];
    }
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "the logs cover 1 day, and it takes 90"
    );
}

#[test]
fn a_trail_that_was_changed_in_the_window_proves_nothing_of_all_of_it() {
    let mut world = World::new();
    let stopped = world.call(
        BOB,
        "cloudtrail",
        "StopLogging",
        Some("cloudtrail:StopLogging"),
    );
    stopped.outcome = "denied".into();
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    world.data.usage[0].outcome = "allowed".into();
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "`StopLogging` changed what the trails log within the time"
    );
    let long_ago = Some(time(-50));
    (
        world.data.usage[0].first_seen,
        world.data.usage[0].last_seen,
    ) = (long_ago, long_ago);
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
}

#[test]
fn an_unreadable_file_makes_its_time_and_account_unknown() {
    let of_day =
        |day: &str| format!("logs/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/{day}/x.json.gz");
    for (account, source, is_unknown) in [
        (Some(ACCOUNT), of_day("02/01"), true),
        (Some(ACCOUNT), of_day("12/01"), false),
        (Some("444455556666"), of_day("02/01"), false),
        (None, "x.json".to_owned(), true),
    ] {
        let mut world = World::new();
        world.gap(account, &source, DataKind::CloudTrail);
        world.gap(None, "other.json", DataKind::AccessKeys);
        let says = world.says(ANN, "iam:CreateUser");
        assert_eq!(
            says.contains("could not be read"),
            is_unknown,
            "{source}: {says}"
        );
    }
}

#[test]
fn what_no_event_shows_is_unknown() {
    let world = World::new();
    for action in [
        "iam:PassRole",
        "iam:CreateServiceLinkedRole",
        "s3:BypassGovernanceRetention",
        "execute-api:Invoke",
        "logs:PutLogEvents",
    ] {
        assert_eq!(
            world.says(ANN, action),
            "no event shows the permission",
            "{action}"
        );
    }
    assert_eq!(
        world.says(ANN, "ec2:CreateTags"),
        "calls that tag what they make need it without an event"
    );
}

#[test]
fn trails_that_could_not_be_read_say_nothing() {
    let mut world = World::without_trails();
    world.gap(Some(ACCOUNT), "trails.json", DataKind::Trails);
    assert_eq!(
        world.says(ANN, "ec2:RunInstances"),
        "the account's trails could not be read"
    );
}

#[test]
fn an_account_without_a_trail_logs_nothing() {
    let mut world = World::new();
    world.data.trails.clear();
    assert_eq!(
        world.says(ANN, "ec2:RunInstances"),
        "no trail logs all Regions"
    );
}

#[test]
fn a_trail_of_one_region_or_without_global_services_leaves_events_out() {
    let mut world = World::without_trails();
    world.trail(|trail| trail.is_multi_region = Some(false));
    assert_eq!(
        world.says(ANN, "ec2:RunInstances"),
        "no trail logs all Regions"
    );
    world.trail(|trail| trail.include_global_service_events = Some(false));
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "no trail logs global services"
    );
    // The organisation's trail does, wherever it is.
    world.trail(|trail| {
        trail.account_id = "999988887777".to_owned();
        trail.is_organization_trail = Some(true);
    });
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
}

#[test]
fn read_or_write_only_and_excluded_sources_are_unknown() {
    let left_out = "the trails leave these management events out";
    let world = World::selectors(
        r#"{"EventSelectors":[{"ReadWriteType":"WriteOnly","ExcludeManagementEventSources":["kms.amazonaws.com","rdsdata.amazonaws.com"]}]}"#,
    );
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    for action in [
        "iam:ListUsers",
        "sts:AssumeRole",
        "kms:CreateKey",
        "kms:Decrypt",
    ] {
        assert_eq!(world.says(ANN, action), left_out, "{action}");
    }
    assert!(
        world
            .says(ANN, "rds-data:ExecuteStatement")
            .contains(left_out)
    );
    let world = World::selectors(
        r#"{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["true"]}]}]}"#,
    );
    assert_eq!(world.says(ANN, "iam:ListUsers"), "unused");
    assert_eq!(world.says(ANN, "iam:CreateUser"), left_out);
}

#[test]
fn data_events_are_proved_by_a_selector_of_all_their_types_and_resources() {
    let advanced = |types: &[&str], field: &str| {
        let selectors: Vec<String> = types
            .iter()
            .map(|name| format!(r#"{{"FieldSelectors":[{{"Field":"eventCategory","Equals":["Data"]}},{{"Field":"resources.type","Equals":["{name}"]}}{field}]}}"#))
            .collect();
        format!(r#"{{"AdvancedEventSelectors":[{}]}}"#, selectors.join(","))
    };
    let both = ["AWS::S3::Object", "AWS::S3::AccessPoint"];
    let mut whole = World::selectors(&advanced(&both, ""));
    let not_read = "a data event that the trails log, and none of its kind is in what was read";
    assert_eq!(whole.says(ANN, "s3:GetObject"), not_read);
    whole.call(BOB, "s3", "PutObject", Some("s3:PutObject"));
    assert_eq!(whole.says(ANN, "s3:GetObject"), "unused");
    // Management events are not selected here.
    assert_ne!(
        World::selectors(&advanced(&both, "")).says(ANN, "s3:CreateBucket"),
        "unused"
    );
    let says = World::selectors(&advanced(&both[..1], "")).says(ANN, "s3:GetObject");
    assert_eq!(
        says,
        "a data event that is logged in part (AWS::S3::AccessPoint)"
    );
    let narrow = r#",{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::bucket/"]}"#;
    let says = World::selectors(&advanced(&both, narrow)).says(ANN, "s3:GetObject");
    assert_eq!(
        says,
        "a data event that is logged in part (AWS::S3::AccessPoint, AWS::S3::Object)"
    );
    let basic = r#"{"EventSelectors":[{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]}"#;
    let mut basic = World::selectors(basic);
    basic.call(BOB, "lambda", "Invoke", Some("lambda:InvokeFunction"));
    assert_eq!(basic.says(ANN, "lambda:InvokeFunction"), "unused");
}

#[test]
fn data_events_of_a_bucket_of_their_own_must_have_been_read() {
    let mut world = World::new();
    world.trail(|trail| {
        trail.s3_bucket_name = Some("data-logs".to_owned());
        trail.event_selectors = Some(r#"{"EventSelectors":[{"IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]}"#.to_owned());
    });
    assert!(
        world
            .says(ANN, "lambda:InvokeFunction")
            .contains("none of its kind")
    );
    world.call(BOB, "lambda", "Invoke", Some("lambda:InvokeFunction"));
    assert_eq!(world.says(ANN, "lambda:InvokeFunction"), "unused");
}

#[test]
fn event_history_has_the_management_events_of_a_region_and_no_data_events() {
    let mut world = World::selectors(
        r#"{"EventSelectors":[{"IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]}"#,
    );
    world.call(BOB, "lambda", "Invoke", Some("lambda:InvokeFunction"));
    assert_eq!(world.says(ANN, "lambda:InvokeFunction"), "unused");
    for source in &mut world.data.usage_sources {
        source.engine = "event_history".into();
    }
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    assert_eq!(
        world.says(ANN, "ec2:StartInstances"),
        "the event history is of one Region, and not of all"
    );
    assert!(
        world
            .says(ANN, "lambda:InvokeFunction")
            .contains("no trail logs")
    );
}

#[test]
fn an_unmapped_call_makes_its_service_unknown_for_its_caller() {
    let mut world = World::new();
    world.call(ANN, "monitoring", "ConjureAlarm", None);
    world.call(ANN, "sts", "GetCallerIdentity", None);
    assert_eq!(
        world.says(ANN, "cloudwatch:PutMetricAlarm"),
        "the principal called `monitoring.amazonaws.com ConjureAlarm`, of which no permission is known"
    );
    assert_eq!(world.says(BOB, "cloudwatch:PutMetricAlarm"), "unused");
    // A call that needs nothing is no riddle.
    assert_eq!(world.says(ANN, "sts:AssumeRole"), "unused");
}

#[test]
fn a_caller_that_is_not_told_can_be_anybody() {
    let mut world = World::new();
    world
        .call("", "iam", "CreateUser", Some("iam:CreateUser"))
        .principal_type = "unknown".into();
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "somebody used it whom the records do not tell"
    );
    assert_eq!(world.says(ANN, "iam:ListUsers"), "unused");
}

#[test]
fn a_service_seen_by_last_accessed_and_not_in_the_logs_is_unknown_whole() {
    let mut world = World::new();
    world.accessed(ANN, "ec2", 50);
    world.accessed(ANN, "kms", -40);
    world.accessed(ANN, "sqs", 120);
    assert!(
        world
            .says(ANN, "ec2:RunInstances")
            .starts_with("`ec2` was accessed at")
    );
    assert!(
        world
            .says(ANN, "ec2:DescribeInstances")
            .starts_with("`ec2` was accessed at")
    );
    assert_eq!(world.says(BOB, "ec2:RunInstances"), "unused");
    // What is outside of the window is no contradiction.
    assert_eq!(world.says(ANN, "sqs:CreateQueue"), "unused");
    let Verdict::Unused(unused) = world.evidence().verdict(ANN, "kms:CreateKey") else {
        panic!("it was not used in the window");
    };
    assert_eq!(unused.service_last_accessed, Some(time(-40)));
    // A denied attempt counts as an access.
    world
        .call(
            ANN,
            "ec2",
            "DescribeInstances",
            Some("ec2:DescribeInstances"),
        )
        .outcome = "denied".into();
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    world.accessed_action(ANN, "ec2", "StopInstances", 51);
    assert!(
        world
            .says(ANN, "ec2:RunInstances")
            .starts_with("`ec2:stopinstances` was accessed at")
    );
}

#[test]
fn coverage_counts_what_could_be_seen() {
    let evidence = World::new().evidence();
    let coverage: Vec<_> = evidence.coverage().collect();
    let [coverage] = coverage.as_slice() else {
        panic!("one account");
    };
    let all = leastgrant_catalog::Catalog::get().len();
    assert_eq!(
        coverage.shown + coverage.not_shown.values().sum::<usize>(),
        all
    );
    assert!(coverage.shown > all / 2, "{}", coverage.shown);
    let mut world = World::new();
    world.gap(None, "x", DataKind::CloudTrail);
    assert_eq!(world.evidence().coverage().next().unwrap().shown, 0);
}
