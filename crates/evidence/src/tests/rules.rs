//! One test a rule.

use leastgrant_inventory::DataKind;
use leastgrant_inventory::tables::{AccessKeyRow, OrganizationAccountRow, TrailRow};

use super::{ACCOUNT, ANN, BOB, World, days_between, set_days, time};
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
fn events_that_were_passed_on_are_events_and_prove_nothing_unused() {
    let mut world = World::new();
    for source in &mut world.data.usage_sources {
        source.engine = "use_only".into();
    }
    let said = world.says(ANN, "iam:CreateUser");
    assert!(
        said.starts_with("only events that EventBridge or CloudWatch Logs passed on"),
        "{said}"
    );
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
    world.days(30, 99);
    let short = "the logs cover 70 days, and it takes 90";
    assert_eq!(world.says(ANN, "iam:CreateUser"), short);
    // What an earlier run covered counts only if nothing is missing between.
    let mut earlier = world.data.usage_sources[0].clone();
    (earlier.run, earlier.first_event, earlier.last_event) = (2, Some(time(0)), Some(time(20)));
    (earlier.active_dates, earlier.management_dates) = (days_between(0, 21), days_between(0, 21));
    world.data.usage_sources.push(earlier);
    assert_eq!(world.says(ANN, "iam:CreateUser"), short);
    set_days(&mut world.data.usage_sources[2], 0, 29);
    // The other Region was read for less.
    world.data.usage_sources.remove(1);
    world.data.usage_sources[0].region = "us-east-1".into();
    world.data.usage_sources[1].region = "us-east-1".into();
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
}

#[test]
fn a_day_without_any_event_breaks_the_window_for_logs_can_be_missing() {
    let mut world = World::new();
    for source in &mut world.data.usage_sources {
        source.management_dates = [0, 99]
            .into_iter()
            .map(|day| crate::window::day(time(day)))
            .collect();
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
        // Of the last day's last minutes, delivered after midnight.
        (Some(ACCOUNT), of_day("04/11"), true),
        (Some(ACCOUNT), of_day("04/12"), false),
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
    world
        .daily("ec2", "StopInstances", "ec2:StopInstances")
        .region = "eu-central-1".into();
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "no trail logs global services"
    );
    // The organisation's trail does, and what was read in another Region than that of the lesser ones is of it.
    world.trail(of_organization);
    world.read_account(MANAGEMENT);
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "a trail of the account leaves it out, and the files may be of that trail"
    );
    world.data.trails.remove(1);
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
}

const MANAGEMENT: &str = "999988887777";

/// The organisation's trail, as the account sees it.
fn of_organization(trail: &mut TrailRow) {
    trail.is_organization_trail = Some(true);
    trail.arn = format!("arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/all");
}

fn status(trail: &mut TrailRow, is_logging: bool, started: Option<i64>, stopped: Option<i64>) {
    trail.is_logging = Some(is_logging);
    trail.started_logging_at = started.map(time);
    trail.stopped_logging_at = stopped.map(time);
}

/// How many days the verdict that an action is unused is of, else why it is none.
fn days(world: &World, action: &str) -> Result<i64, String> {
    match world.evidence().verdict(ANN, action) {
        Verdict::Unused(unused) => Ok(unused.window.days()),
        _ => Err(world.says(ANN, action)),
    }
}

#[test]
fn a_trail_covers_the_time_in_which_it_logged() {
    let mut world = World::new();
    let days_of = |world: &mut World, is_logging, started, stopped| {
        status(&mut world.data.trails[0], is_logging, started, stopped);
        days(world, "ec2:RunInstances")
    };
    assert_eq!(days_of(&mut world, true, Some(-400), None), Ok(100));
    assert_eq!(days_of(&mut world, true, Some(10), None), Ok(90));
    assert_eq!(
        days_of(&mut world, true, Some(11), None),
        Err("trails logged it for 89 days of the time, and it takes 90".to_owned())
    );
    assert_eq!(days_of(&mut world, false, Some(-400), Some(95)), Ok(96));
    let nothing =
        Err("no trail that would log it delivered anything in the time of the logs".to_owned());
    assert_eq!(days_of(&mut world, false, None, None), nothing);
    assert_eq!(days_of(&mut world, false, Some(-20), Some(-10)), nothing);
    status(&mut world.data.trails[0], true, Some(-400), None);
    world.data.trails[0].delivery_error = Some("AccessDenied".to_owned());
    assert_eq!(days(&world, "ec2:RunInstances"), nothing);
    world.data.trails[0].last_delivered_at = Some(time(94));
    assert_eq!(days(&world, "ec2:RunInstances"), Ok(95));
    // Another one that takes over leaves no break; one that comes later does.
    world.trail(|trail| status(trail, true, Some(94), None));
    assert_eq!(days(&world, "ec2:RunInstances"), Ok(100));
    status(&mut world.data.trails[1], true, Some(96), None);
    assert_eq!(
        days(&world, "ec2:RunInstances"),
        Err("trails logged it for 4 days of the time, and it takes 90".to_owned())
    );
}

#[test]
fn what_a_trail_with_selectors_of_its_own_logs_is_not_known_without_them() {
    for has_custom in [None, Some(true)] {
        let mut world = World::without_trails();
        world.trail(|trail| trail.has_custom_event_selectors = has_custom);
        for action in ["ec2:RunInstances", "lambda:InvokeFunction"] {
            assert_eq!(
                world.says(ANN, action),
                "what a trail of the account logs was not collected"
            );
        }
        // The management account's answer tells it of the organisation's trail.
        of_organization(&mut world.data.trails[0]);
        world.read_account(MANAGEMENT);
        world.trail(|trail| {
            of_organization(trail);
            trail.account_id = MANAGEMENT.to_owned();
            trail.event_selectors = Some(r#"{"EventSelectors":[{}]}"#.to_owned());
        });
        assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    }
}

#[test]
fn a_trail_of_the_organization_logs_the_accounts_that_see_it_or_are_known_to_be_members() {
    let whole = r#"{"EventSelectors":[{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]}"#;
    let of_the_management_account = |trail: &mut TrailRow| {
        of_organization(trail);
        trail.account_id = MANAGEMENT.to_owned();
        trail.event_selectors = Some(whole.to_owned());
    };
    let mut world = World::without_trails();
    world.read_account(MANAGEMENT);
    world.call(BOB, "lambda", "Invoke", Some("lambda:InvokeFunction"));
    world.trail(of_the_management_account);
    let action = "lambda:InvokeFunction";
    let not_logged = "a data event that no trail logs (AWS::Lambda::Function)";
    // The account's own trails were collected, and this one is not among them.
    assert_eq!(world.says(ANN, action), not_logged);
    assert_eq!(
        world.says(ANN, "ec2:RunInstances"),
        "no trail logs all Regions"
    );
    // They were not, and no organisation either.
    world.sources.clear();
    assert_eq!(world.says(ANN, action), not_logged);
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    // A member of another organisation, and of this one.
    for (management, expected) in [("444455556666", not_logged), (MANAGEMENT, "unused")] {
        world.data.organization_accounts = vec![OrganizationAccountRow {
            account_id: ACCOUNT.to_owned(),
            arn: Some(format!(
                "arn:aws:organizations::{management}:account/o-x/{ACCOUNT}"
            )),
            ..OrganizationAccountRow::default()
        }];
        assert_eq!(world.says(ANN, action), expected);
    }
    // It joined within the time of the logs.
    world.data.organization_accounts[0].joined_at = Some(time(10));
    assert_eq!(days(&world, action), Ok(90));
    world.data.organization_accounts[0].joined_at = Some(time(50));
    assert_eq!(
        days(&world, action),
        Err("trails logged it for 50 days of the time, and it takes 90".to_owned())
    );
}

#[test]
fn settings_hold_since_they_were_last_changed_if_it_is_known_that_the_trails_log() {
    let mut world = World::new();
    world.read_account(MANAGEMENT);
    status(&mut world.data.trails[0], true, Some(-400), None);
    let changed = |world: &mut World, day: i64| {
        world.data.usage.clear();
        let row = world.call(
            BOB,
            "cloudtrail",
            "PutEventSelectors",
            Some("cloudtrail:PutEventSelectors"),
        );
        (row.first_seen, row.last_seen) = (Some(time(day)), Some(time(day)));
    };
    let reason = Err("`PutEventSelectors` changed what the trails log within the time".to_owned());
    changed(&mut world, 9);
    assert_eq!(days(&world, "iam:CreateUser"), Ok(91));
    changed(&mut world, 60);
    assert_eq!(days(&world, "iam:CreateUser"), reason);
    // Selectors were collected on day 100: a change before that and after the logs tells nothing of them, one after is none.
    changed(&mut world, 99);
    assert_eq!(days(&world, "iam:CreateUser"), reason);
    world.sources[0].earliest = time(105);
    changed(&mut world, 102);
    assert_eq!(days(&world, "iam:CreateUser"), reason);
    changed(&mut world, 110);
    assert_eq!(days(&world, "iam:CreateUser"), Ok(100));
    // The organisation's trail is changed in the management account.
    changed(&mut world, 60);
    world.data.usage[0].account_id = MANAGEMENT.into();
    assert_eq!(days(&world, "iam:CreateUser"), Ok(100));
    of_organization(&mut world.data.trails[0]);
    assert_eq!(days(&world, "iam:CreateUser"), reason);
}

#[test]
fn files_that_may_be_of_a_trail_that_logs_writes_only_prove_no_read_unused() {
    let mut world = World::new();
    world.trail(|trail| {
        trail.s3_bucket_name = Some("writes".to_owned());
        trail.event_selectors =
            Some(r#"{"EventSelectors":[{"ReadWriteType":"WriteOnly"}]}"#.to_owned());
    });
    world.daily("ec2", "StopInstances", "ec2:StopInstances");
    assert_eq!(
        world.says(ANN, "ec2:DescribeInstances"),
        "a trail of the account leaves it out, and the files may be of that trail"
    );
    assert_eq!(world.says(ANN, "ec2:StartInstances"), "unused");
    // One event says that the day's files of the other trail were read, and nothing of other days.
    world.call(BOB, "iam", "ListUsers", Some("iam:ListUsers"));
    assert_ne!(world.says(ANN, "ec2:DescribeInstances"), "unused");
    world.daily("iam", "ListUsers", "iam:ListUsers");
    assert_eq!(world.says(ANN, "ec2:DescribeInstances"), "unused");
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
    assert_eq!(
        whole.says(ANN, "s3:GetObject"),
        "a data event, and files of the trails that log it were read for 1 day, and it takes 90"
    );
    whole.daily("s3", "PutObject", "s3:PutObject");
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
    world.daily("lambda", "Invoke", "lambda:InvokeFunction");
    assert_eq!(world.says(ANN, "lambda:InvokeFunction"), "unused");
    // Not before the time of the logs, and not on one day.
    world.data.usage[0].active_dates = days_between(-40, -30);
    assert_ne!(world.says(ANN, "lambda:InvokeFunction"), "unused");
}

#[test]
fn event_history_has_the_management_events_of_a_region_and_no_data_events() {
    let mut world = World::selectors(
        r#"{"EventSelectors":[{"IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}]}"#,
    );
    world.daily("lambda", "Invoke", "lambda:InvokeFunction");
    assert_eq!(world.says(ANN, "lambda:InvokeFunction"), "unused");
    for source in &mut world.data.usage_sources {
        source.engine = "event_history".into();
    }
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    assert_eq!(
        world.says(ANN, "ec2:StartInstances"),
        "some Regions were asked for, and not all"
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
    // What was before the window is no contradiction; what came after the logs is.
    assert!(
        world
            .says(ANN, "sqs:CreateQueue")
            .starts_with("`sqs` was accessed at")
    );
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
    // Of another day than the one that last-accessed data tell.
    assert_ne!(world.says(ANN, "ec2:RunInstances"), "unused");
    world.data.usage[0].last_seen = Some(time(50));
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    // In a Region of which nothing was read.
    world.data.last_accessed_services[0].last_authenticated_region = Some("ap-south-1".into());
    assert_ne!(world.says(ANN, "ec2:RunInstances"), "unused");
    world.data.last_accessed_services[0].last_authenticated_region = Some("eu-west-1".into());
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

#[test]
fn files_of_a_trail_of_data_events_prove_nothing_of_management_events() {
    let no_management =
        "no management event was read, or the inventory is of an earlier version and does not tell";
    for mut world in [World::new(), World::without_trails()] {
        world.daily("s3", "GetObject", "s3:GetObject");
        for source in &mut world.data.usage_sources {
            source.management_dates = days_between(0, 0);
        }
        assert_eq!(world.says(ANN, "ec2:RunInstances"), no_management);
        assert_eq!(world.says(ANN, "iam:CreateUser"), no_management);
    }
}

#[test]
fn a_region_that_was_read_for_a_part_of_the_time_is_unknown() {
    // Without trails each Region speaks for itself; with a trail of all, only the one of global services has to.
    let mut world = World::without_trails();
    let of = |region: &str, days: i64| {
        format!("management events of `{region}` were read for {days} days only, and it takes 90")
    };
    set_days(&mut world.data.usage_sources[0], 98, 99);
    assert_eq!(world.says(ANN, "ec2:RunInstances"), of("eu-west-1", 2));
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    world.trail(|_| {});
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    world.days(0, 99);
    set_days(&mut world.data.usage_sources[1], 98, 99);
    assert_eq!(world.says(ANN, "iam:CreateUser"), of("us-east-1", 2));
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
}

#[test]
fn event_history_adds_nothing_to_a_day_of_files() {
    let mut world = World::without_trails();
    world.data.usage_sources[1].engine = "event_history".into();
    set_days(&mut world.data.usage_sources[0], 99, 99);
    assert_eq!(
        world.says(ANN, "ec2:RunInstances"),
        "the logs cover 1 day, and it takes 90"
    );
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    // STS answers in every Region.
    world.data.usage_sources.remove(0);
    assert_eq!(
        world.says(ANN, "sts:AssumeRole"),
        "some Regions were asked for, and not all"
    );
}

#[test]
fn services_that_log_elsewhere_need_files_of_there() {
    let world = World::new();
    assert!(
        world
            .says(ANN, "globalaccelerator:ListAccelerators")
            .contains("none of it was read")
    );
    assert_eq!(
        world.says(ANN, "savingsplans:DescribeSavingsPlans"),
        "unused"
    );
    let mut world = World::without_trails();
    world.data.usage_sources.remove(1);
    for action in ["wafv2:ListWebACLs", "sts:AssumeRole", "ce:GetCostAndUsage"] {
        assert!(
            world.says(ANN, action).contains("none of it was read"),
            "{action}"
        );
    }
}

#[test]
fn a_user_counts_from_when_it_could_be_used() {
    let says = |keys: &[i64], has_password: Option<bool>, first_call: Option<i64>| {
        let mut world = World::new();
        world.user(BOB, Some(-400));
        let user = world.data.users.last_mut().unwrap();
        user.access_keys_known = true;
        user.password_enabled = has_password;
        for made in keys {
            world.data.access_keys.push(AccessKeyRow {
                account_id: ACCOUNT.to_owned(),
                user_arn: BOB.to_owned(),
                created_at: Some(time(*made)),
                is_active: true,
                ..AccessKeyRow::default()
            });
        }
        if let Some(day) = first_call {
            let call = world.call(BOB, "iam", "ListUsers", Some("iam:ListUsers"));
            call.first_seen = Some(time(day));
            call.access_key_id = Some("AKIAEARLIER".into());
        }
        world.says(BOB, "iam:CreateUser")
    };
    let old = says(&[-30], Some(false), None);
    assert_eq!(old, "unused");
    assert_eq!(
        says(&[60], Some(false), None),
        "the user had a credential for 40 days of the logs, and it takes 90"
    );
    assert_eq!(
        says(&[], Some(false), None),
        "the user has no password and no active key, and nobody can call as it"
    );
    // A key that is gone was there when calls were made.
    assert_eq!(says(&[60], Some(false), Some(5)), "unused");
    assert_eq!(says(&[], Some(false), Some(5)), "unused");
    // How old a password is nothing tells, and what is not known is no reason.
    assert_eq!(says(&[-5], Some(true), None), "unused");
    assert_eq!(says(&[-5], None, None), "unused");
}

#[test]
fn a_key_that_follows_no_other_counts_from_when_it_was_made() {
    let says = |made: i64, is_active: bool, call: Option<(i64, &str)>| {
        let mut world = World::new();
        world.user(BOB, Some(-400));
        let user = world.data.users.last_mut().unwrap();
        user.access_keys_known = true;
        user.password_enabled = Some(true);
        world.data.access_keys.push(AccessKeyRow {
            account_id: ACCOUNT.to_owned(),
            user_arn: BOB.to_owned(),
            created_at: Some(time(made)),
            is_active,
            ..AccessKeyRow::default()
        });
        if let Some((day, key)) = call {
            let call = world.call(BOB, "iam", "ListUsers", Some("iam:ListUsers"));
            call.first_seen = Some(time(day));
            call.access_key_id = Some(key.into());
        }
        let says = world.says(BOB, "iam:CreateUser");
        assert_eq!(world.evidence().whole(BOB).is_unsettled, says != "unused");
        says
    };
    let young = "an access key of the user, before which no other one called, was there for 40 days of the logs, and it takes 90";
    assert_eq!(says(60, true, None), young);
    assert_eq!(says(60, false, None), "unused");
    assert_eq!(says(5, true, None), "unused");
    // An earlier key, which was rotated; its own calls, and those of the console, tell of none.
    assert_eq!(says(60, true, Some((5, "AKIAEXAMPLE"))), "unused");
    assert_eq!(says(60, true, Some((61, "AKIAEXAMPLE"))), young);
    assert_eq!(says(60, true, Some((5, "ASIAEXAMPLE"))), young);
}

#[test]
fn a_principal_counts_from_when_it_was_made() {
    let mut world = World::new();
    world.user(ANN, Some(99));
    world.user(BOB, Some(10));
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "the principal was there for 1 day of the logs, and it takes 90"
    );
    let Verdict::Unused(unused) = world.evidence().verdict(BOB, "iam:CreateUser") else {
        panic!("it was not used");
    };
    assert_eq!(unused.window.days(), 90);
}

#[test]
fn logs_that_end_long_before_the_inventory_prove_nothing() {
    let mut world = World::new();
    world.sources[0].collected_at = time(106);
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    world.sources[0].collected_at = time(107);
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "the logs end 8 days before the inventory"
    );
}

#[test]
fn a_change_after_the_settings_were_collected_counts_whenever_the_logs_begin() {
    let mut world = World::new();
    status(&mut world.data.trails[0], true, Some(-400), None);
    let row = world.call(
        BOB,
        "cloudtrail",
        "PutEventSelectors",
        Some("cloudtrail:PutEventSelectors"),
    );
    (row.first_seen, row.last_seen) = (Some(time(-10)), Some(time(-10)));
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
    world.sources[0].earliest = time(-20);
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "`PutEventSelectors` changed what the trails log within the time"
    );
}

#[test]
fn a_trail_of_an_account_whose_logs_were_not_read_may_have_been_changed() {
    let mut world = World::without_trails();
    world.trail(of_organization);
    assert_eq!(
        world.says(ANN, "iam:CreateUser"),
        "a trail lies in `999988887777`, and too little was read of that account to tell whether it was changed"
    );
    world.read_account(MANAGEMENT);
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
}

#[test]
fn a_trail_that_could_not_be_read_beside_others_may_leave_events_out() {
    let mut world = World::new();
    world.gap(Some(ACCOUNT), "trails.json", DataKind::Trails);
    assert_eq!(
        world.says(ANN, "ec2:RunInstances"),
        "the account's trails could not be read"
    );
}

#[test]
fn callers_that_records_name_by_the_account_or_a_session_alone_can_be_anybody() {
    for (principal, kind) in [
        ("", "user"),
        ("", "role"),
        (ACCOUNT, "account"),
        (
            "arn:aws:sts::111122223333:federated-user/bob",
            "federated_user",
        ),
    ] {
        let mut world = World::new();
        let row = world.call(principal, "iam", "CreateUser", Some("iam:CreateUser"));
        row.principal_type = kind.into();
        assert_eq!(
            world.says(ANN, "iam:CreateUser"),
            "somebody used it whom the records do not tell",
            "{kind} {principal}"
        );
    }
    let mut world = World::new();
    world
        .call("444455556666", "iam", "CreateUser", Some("iam:CreateUser"))
        .principal_type = "account".into();
    assert_eq!(world.says(ANN, "iam:CreateUser"), "unused");
}

#[test]
fn what_a_user_did_before_it_was_renamed_may_be_anothers() {
    let mut world = World::new();
    world.user(ANN, Some(-100));
    world.call(
        "arn:aws:iam::111122223333:user/anna",
        "ec2",
        "RunInstances",
        Some("ec2:RunInstances"),
    );
    assert_eq!(world.says(ANN, "ec2:RunInstances"), "unused");
    world.call(BOB, "iam", "UpdateUser", Some("iam:UpdateUser"));
    world.user(BOB, Some(-100));
    assert_eq!(
        world.says(ANN, "ec2:RunInstances"),
        "a user that is not there any more used it, and users were renamed"
    );
    assert_eq!(
        world.says("arn:aws:iam::111122223333:role/r", "ec2:RunInstances"),
        "unused"
    );
    assert_eq!(world.says(ANN, "ec2:StopInstances"), "unused");
}

#[test]
fn a_read_that_writing_calls_need_takes_a_trail_of_both() {
    let selectors = |read_only: &str| {
        let of = |name: &str| {
            format!(
                r#"{{"FieldSelectors":[{{"Field":"eventCategory","Equals":["Data"]}},{{"Field":"resources.type","Equals":["{name}"]}}{read_only}]}}"#
            )
        };
        format!(
            r#"{{"AdvancedEventSelectors":[{},{}]}}"#,
            of("AWS::S3::Object"),
            of("AWS::S3::AccessPoint")
        )
    };
    let reads = r#",{"Field":"readOnly","Equals":["true"]}"#;
    for (read_only, expected) in [("", true), (reads, false)] {
        let mut world = World::selectors(&selectors(read_only));
        world.daily("s3", "GetObject", "s3:GetObject");
        // `CopyObject` writes, and needs it.
        assert_eq!(world.says(ANN, "s3:GetObject") == "unused", expected);
    }
}

#[test]
fn calls_with_a_key_are_of_the_user_who_has_it_now() {
    let mut world = World::new();
    world.user(ANN, Some(-400));
    world.user(BOB, Some(-400));
    world.data.access_keys.push(AccessKeyRow {
        account_id: ACCOUNT.to_owned(),
        user_arn: BOB.to_owned(),
        access_key_id: Some("AKIAEXAMPLE".to_owned()),
        created_at: Some(time(-300)),
        is_active: true,
        ..AccessKeyRow::default()
    });
    // The user was called ann then, and another one is called so now.
    let call = world.call(ANN, "ec2", "RebootInstances", Some("ec2:RebootInstances"));
    call.access_key_id = Some("AKIAEXAMPLE".into());
    assert_eq!(world.says(BOB, "ec2:RebootInstances"), "used");
    assert_eq!(world.says(ANN, "ec2:RebootInstances"), "unused");
}

#[test]
fn a_user_that_went_may_be_a_renamed_one_where_renaming_would_not_have_been_seen() {
    const GONE: &str = "arn:aws:iam::111122223333:user/gone";
    let says = |change: fn(&mut World)| {
        let mut world = World::new();
        world.user(BOB, Some(-400));
        world.call(GONE, "ec2", "RebootInstances", Some("ec2:RebootInstances"));
        change(&mut world);
        world.says(BOB, "ec2:RebootInstances")
    };
    assert_eq!(says(|_| {}), "unused");
    let unknown = says(|world| {
        let global = world.data.usage_sources.iter_mut();
        global
            .filter(|source| source.region == "us-east-1")
            .for_each(|source| set_days(source, 10, 99));
    });
    assert!(unknown.contains("renamed"), "{unknown}");
}

#[test]
fn who_signs_in_and_does_nothing_that_the_logs_show_does_something_else() {
    let says = |sign_ins: &[(&str, &str, i64)], others: &[(&str, &str, i64)]| {
        let mut world = World::new();
        world.user(BOB, Some(-400));
        for (name, outcome, last) in sign_ins {
            let row = world.call(BOB, "signin", name, None);
            row.outcome = (*outcome).into();
            row.last_seen = Some(time(*last));
        }
        for (service, name, last) in others {
            let row = world.call(BOB, service, name, None);
            row.last_seen = Some(time(*last));
        }
        let says = world.says(BOB, "iam:CreateUser");
        assert_eq!(world.evidence().whole(BOB).is_unsettled, says != "unused");
        says
    };
    let signs_in = [("ConsoleLogin", "allowed", 70), ("CheckMfa", "allowed", 71)];
    let told = says(&signs_in, &[]);
    assert!(
        told.starts_with("somebody signed in as the principal, the last time at "),
        "{told}"
    );
    assert!(
        told.ends_with(", and the logs show no call of it"),
        "{told}"
    );
    // What was done, by whatever service, and as whom somebody went on, say what the sign-in was for.
    assert_eq!(
        says(&signs_in, &[("health", "DescribeEventAggregates", 70)]),
        "unused"
    );
    assert_eq!(says(&signs_in, &[("signin", "SwitchRole", 70)]), "unused");
    // Nobody came in, or long before the logs began.
    assert_eq!(says(&[("ConsoleLogin", "denied", 70)], &[]), "unused");
    assert_eq!(says(&[("ConsoleLogin", "allowed", -70)], &[]), "unused");
    assert_ne!(says(&signs_in, &[("iam", "ListUsers", -70)]), "unused");
}
