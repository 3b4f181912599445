//! Two runs after each other give the rows of one run over everything.

use leastgrant_inventory::tables::UsageRow;
use proptest::prelude::*;
use serde_json::json;

use super::covered::sources;
use super::merge::merged;
use crate::{
    FilesRead, Ledger, Record, RecordSink, RunSource, UsageCollector, Window, read_bytes, usage,
    usage_beyond,
};

/// A record that its number tells whole, so that a second copy is the same.
fn record(number: u32) -> String {
    let resource = format!(
        "arn:aws:kms:eu-west-1:111122223333:key/{}/k{}",
        if number.is_multiple_of(7) { "b" } else { "a" },
        number % 9
    );
    let mut record = json!({
        "eventID": format!("id-{number}"),
        "eventTime": format!("2026-10-{:02}T10:00:00Z", 1 + number % 20),
        "eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "awsRegion": "eu-west-1",
        "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
        "sourceIPAddress": format!("198.51.100.{number}"),
        "userIdentity": {
            "type": "IAMUser", "accountId": "111122223333",
            "arn": format!("arn:aws:iam::111122223333:user/u{}", number % 3),
        },
        "resources": [{ "ARN": resource }],
    });
    if number.is_multiple_of(5) {
        record["resources"] = json!([]);
    }
    if number.is_multiple_of(11) {
        record["eventID"] = json!(null);
    }
    if number.is_multiple_of(13) {
        record["sharedEventID"] = json!(format!("shared-{}", number % 2));
    }
    record.to_string()
}

fn collected(numbers: &[u32]) -> Vec<UsageCollector> {
    let mut collector = UsageCollector::new(Window::default());
    for number in numbers {
        let text = record(*number);
        let record: Record<'_> = serde_json::from_str(&text).unwrap();
        collector.record(&record);
    }
    vec![collector]
}

fn in_runs(runs: &[&[u32]]) -> Vec<UsageRow> {
    let mut rows = Vec::new();
    let mut known = Ledger::default();
    for run in runs {
        let (usage, ledger) = usage_beyond(collected(run), FilesRead::default(), &known);
        rows.extend(usage.rows);
        rows = merged(rows);
        known = ledger;
    }
    rows
}

/// A call by a role, as the caller's own account gets it and as another one does.
fn in_two_accounts() -> [String; 2] {
    let record = |id: &str, recipient: &str, identity: serde_json::Value| {
        json!({
            "eventID": id, "sharedEventID": "call", "eventTime": "2026-10-01T00:00:00Z", "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRole", "awsRegion": "eu-west-1", "recipientAccountId": recipient, "userIdentity": identity,
        })
        .to_string()
    };
    let role = "arn:aws:iam::111122223333:role/r";
    [
        record(
            "own",
            "111122223333",
            json!({"type": "AssumedRole", "accountId": "111122223333", "sessionContext": {"sessionIssuer": {"arn": role}}}),
        ),
        record(
            "other",
            "444455556666",
            json!({"type": "AWSAccount", "accountId": "111122223333"}),
        ),
    ]
}

#[test]
fn another_accounts_record_of_a_call_does_not_stand_for_the_callers_own() {
    let [own, other] = in_two_accounts();
    let read = |text: &str| {
        let mut collector = UsageCollector::new(Window::default());
        collector.record(&serde_json::from_str(text).unwrap());
        vec![collector]
    };
    let without_recipient = other.replace("\"444455556666\"", "null");
    for (runs, principals) in [
        ([&own, &other], vec!["role"]),
        ([&other, &own], vec!["account", "role"]),
        ([&without_recipient, &own], vec!["account", "role"]),
    ] {
        let (mut rows, mut known) = (Vec::new(), Ledger::default());
        // Twice, and the second time nothing is new.
        for run in runs.into_iter().chain(runs) {
            let (usage, ledger) = usage_beyond(read(run), FilesRead::default(), &known);
            rows.extend(usage.rows);
            known = ledger;
        }
        rows.sort();
        let mut types: Vec<&str> = rows.iter().map(|row| row.principal_type.as_str()).collect();
        types.sort_unstable();
        assert_eq!(types, principals);
        assert!(rows.iter().all(|row| row.count == 1), "{rows:?}");
        assert_eq!(
            known
                .shared_event_ids()
                .map(|(_, own)| own)
                .collect::<Vec<_>>(),
            [true]
        );
    }
    // Both in the second run, of which the other one is known.
    let (_, known) = usage_beyond(read(&other), FilesRead::default(), &Ledger::default());
    let both = read(&own).into_iter().chain(read(&other)).collect();
    let (usage, _) = usage_beyond(both, FilesRead::default(), &known);
    let [row] = &*usage.rows else {
        panic!("one row was expected");
    };
    assert_eq!(row.principal_type, "role");
}

#[test]
fn what_consoles_do_needs_what_the_call_of_its_name_does() {
    let action_of = |event_type: &str, name: &str| {
        let text = json!({
            "eventID": "a", "eventTime": "2026-10-01T00:00:00Z", "eventSource": "ec2.amazonaws.com", "eventType": event_type,
            "eventName": name, "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
        })
        .to_string();
        let mut collector = UsageCollector::new(Window::default());
        collector.record(&serde_json::from_str(&text).unwrap());
        let usage = usage(vec![collector], FilesRead::default());
        assert!(usage.unmapped.is_empty(), "{name}");
        usage.rows[0].action.as_deref().map(str::to_owned)
    };
    let called = Some("ec2:DescribeVpcs".to_owned());
    assert_eq!(action_of("AwsConsoleAction", "DescribeVpcs"), called);
    assert_eq!(action_of("AwsConsoleAction", "OpenAPage"), None);
    assert_eq!(action_of("AwsServiceEvent", "DescribeVpcs"), None);
}

/// What a run with a file has read: engine, account, management days.
fn read_of(text: &str) -> Vec<(String, String, u32)> {
    let mut collector = UsageCollector::new(Window::default());
    assert_eq!(
        read_bytes("x.json", text.into(), &mut collector).problem,
        None
    );
    let run = RunSource {
        engine: "s3",
        asked_regions: vec!["eu-west-1".to_owned()],
        ..RunSource::default()
    };
    let usage = usage(vec![collector], FilesRead::default());
    assert_eq!(usage.rows.len(), 1, "{text}");
    let sources = sources(1, &run, &usage.extents).into_iter();
    sources
        .map(|row| {
            assert_eq!(row.asked_regions, ["eu-west-1".into()]);
            (
                row.engine.to_string(),
                row.account_id.to_string(),
                row.management_dates.len(),
            )
        })
        .collect()
}

#[test]
fn what_records_are_wrapped_in_tells_what_they_can_show() {
    let [own, _] = in_two_accounts();
    let quoted = serde_json::to_string(&own).unwrap();
    let account = "111122223333".to_owned();
    let of = |engine: &str| (engine.to_owned(), account.clone(), 1);
    let bridge = format!(r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{own}}}"#);
    for (text, engine) in [
        (format!(r#"{{"Records":[{own}]}}"#), "s3"),
        (
            format!(r#"{{"Events":[{{"CloudTrailEvent":{quoted}}}]}}"#),
            "event_history",
        ),
        (
            format!(r#"{{"NextToken":null,"Events":[{{"CloudTrailEvent":{quoted}}}]}}"#),
            "event_history",
        ),
        (bridge.clone(), "use_only"),
        (
            format!(r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{quoted}}}"#),
            "use_only",
        ),
        (
            format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"message":{quoted}}}]}}"#),
            "use_only",
        ),
        (
            format!(r#"{{"events":[{{"message":{quoted}}}],"searchedLogStreams":[]}}"#),
            "use_only",
        ),
        (
            format!(
                r#"{{"Type":"Notification","TopicArn":"arn","Message":{}}}"#,
                serde_json::to_string(&bridge).unwrap()
            ),
            "use_only",
        ),
        (
            own.replace("\"recipientAccountId\":\"111122223333\",", ""),
            "use_only",
        ),
    ] {
        assert_eq!(read_of(&text), [of(engine)], "{text}");
    }
    // The same event in both counts once, and each shows what it shows.
    assert_eq!(
        read_of(&format!("{bridge}\n{own}")),
        [of("use_only"), of("s3")]
    );
}

proptest! {
    #[test]
    fn the_rows_of_runs_are_those_of_one_run(numbers in prop::collection::btree_set(0..200_u32, 0..120), again in 0..40_usize, cut in 0..120_usize) {
        // What shares an id with another record counts for whichever comes first, so there is one of each here.
        let numbers: Vec<u32> = numbers.into_iter().filter(|number| number % 13 != 0).collect();
        let (one, two) = numbers.split_at(cut.min(numbers.len()));
        let mut second = two.to_vec();
        second.extend(one.iter().take(again));
        let together = usage(collected(&numbers), FilesRead::default()).rows;
        prop_assert_eq!(in_runs(&[one, &second]), together.clone());
        prop_assert_eq!(in_runs(&[&second, one, &numbers]), together);
    }

    #[test]
    fn nothing_is_counted_twice(numbers in prop::collection::vec(0..60_u32, 0..60)) {
        let once = in_runs(&[&numbers]);
        prop_assert_eq!(in_runs(&[&numbers, &numbers, &numbers]), once);
    }
}
