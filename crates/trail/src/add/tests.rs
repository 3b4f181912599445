//! Two runs after each other give the rows of one run over everything.

use leastgrant_inventory::tables::UsageRow;
use proptest::prelude::*;
use serde_json::json;

use super::merge::merged;
use crate::{FilesRead, Ledger, Record, RecordSink, UsageCollector, Window, usage, usage_beyond};

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
