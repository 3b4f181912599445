//! `usage`: logs in every layout become the usage table, each event once, whatever the number of threads.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use leastgrant_testing::corpus;
use serde_json::{Value, json};

use crate::simulate::valid;
use crate::support::Sandbox;

/// A record of a user's long-term key. `id` makes its event id.
pub(crate) fn record(id: u32, source: &str, name: &str, time: &str) -> Value {
    json!({
        "eventVersion": "1.10", "eventID": format!("00000000-0000-4000-8000-{id:012}"), "eventTime": time,
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli|2", "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333", "requestParameters": {"bucketName": "b", "key": "k"},
        "userIdentity": {
            "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/team/ann", "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLE", "userName": "ann",
        },
    })
}

pub(crate) fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_call_is_a_row_with_its_permission_and_a_second_delivery_does_not_count() {
    let sandbox = Sandbox::new();
    let list = record(1, "s3", "ListBuckets", "2026-10-01T10:00:00Z");
    let get = record(2, "s3", "GetObject", "2026-10-01T11:00:00Z");
    let mut denied = record(3, "iam", "ListUsers", "2026-10-02T11:00:00Z");
    denied["errorCode"] = "AccessDenied".into();
    // A sign-in needs no permission, and is an event all the same.
    let mut sign_in = record(4, "signin", "ConsoleLogin", "2026-10-02T12:00:00Z");
    sign_in["eventType"] = "AwsConsoleSignIn".into();
    let records = json!({"Records": [list, get, denied, sign_in]}).to_string();
    sandbox.write("logs/one.json.gz", packed(&records));
    // The other trail's file, in lines.
    sandbox.write("logs/two.jsonl", format!("{list}\n{get}\n"));
    let ran = sandbox
        .run(&["usage", "--logs", "logs", "--summary", "summary.json"])
        .expect_code(0);
    insta::assert_snapshot!(ran.stdout, @"
    account_id,principal_arn,principal_type,access_key_id,event_source,event_name,action,resource,region,outcome,count,first_seen,last_seen,source_ips,user_agents,vpc_endpoints,invoked_by
    111122223333,arn:aws:iam::111122223333:user/team/ann,user,AKIAEXAMPLE,iam.amazonaws.com,ListUsers,iam:ListUsers,*,eu-west-1,denied,1,2026-10-02T11:00:00Z,2026-10-02T11:00:00Z,198.51.100.7,aws-cli%7C2,,
    111122223333,arn:aws:iam::111122223333:user/team/ann,user,AKIAEXAMPLE,s3.amazonaws.com,GetObject,s3:GetObject,arn:aws:s3:::b/k,eu-west-1,allowed,1,2026-10-01T11:00:00Z,2026-10-01T11:00:00Z,198.51.100.7,aws-cli%7C2,,
    111122223333,arn:aws:iam::111122223333:user/team/ann,user,AKIAEXAMPLE,s3.amazonaws.com,ListBuckets,s3:ListAllMyBuckets,*,eu-west-1,allowed,1,2026-10-01T10:00:00Z,2026-10-01T10:00:00Z,198.51.100.7,aws-cli%7C2,,
    111122223333,arn:aws:iam::111122223333:user/team/ann,user,AKIAEXAMPLE,signin.amazonaws.com,ConsoleLogin,,,eu-west-1,allowed,1,2026-10-02T12:00:00Z,2026-10-02T12:00:00Z,198.51.100.7,aws-cli%7C2,,
    ");
    insta::assert_snapshot!(ran.stderr, @"read 4 events in 2 files, and 2 records that were delivered again");
    let summary: Value = serde_json::from_str(&sandbox.read("summary.json")).unwrap();
    valid("usage-summary", &sandbox, &summary);
    assert_eq!(
        (&summary["events"], &summary["duplicates"]),
        (&json!(4), &json!(2))
    );
    let document = sandbox
        .run(&["usage", "--logs", "logs", "--format", "json"])
        .expect_code(0)
        .json();
    valid("usage", &sandbox, &document);
    assert_eq!(document["rows"].as_array().unwrap().len(), 4);
    let ran = sandbox.run(&[
        "usage",
        "--logs",
        "logs",
        "--since",
        "2026-10-02",
        "--until",
        "2026-10-02T12:00:00Z",
    ]);
    assert_eq!(ran.expect_code(0).stdout.lines().count(), 2);
}

#[test]
fn a_cut_file_is_a_gap_and_what_is_whole_of_it_counts() {
    let sandbox = Sandbox::new();
    let records: Vec<Value> = (0..50)
        .map(|id| record(id, "s3", "ListBuckets", "2026-10-01T10:00:00Z"))
        .collect();
    let text = json!({ "Records": records }).to_string();
    let whole = packed(&text);
    sandbox.write("logs/cut.json", text.get(..text.len() / 2).unwrap());
    sandbox.write("logs/whole.json.gz", &whole);
    let ran = sandbox.run(&["usage", "--logs", "logs"]).expect_code(3);
    assert!(
        ran.stderr.contains("cut.json` ends in the middle"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("read 50 events in 2 files"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_cannot_be_read_at_all_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/notes.txt", "nothing");
    for logs in ["folder", "nowhere"] {
        let ran = sandbox.run(&["usage", "--logs", logs]).expect_code(2);
        assert!(ran.stderr.contains(&format!("`{logs}`")), "{}", ran.stderr);
    }
    sandbox.write("other.json", r#"{"hello":1}"#);
    let ran = sandbox
        .run(&["usage", "--logs", "other.json"])
        .expect_code(2);
    assert!(
        ran.stderr.contains("no CloudTrail record is in the files"),
        "{}",
        ran.stderr
    );
    sandbox.write("empty.json", r#"{"Records":[]}"#);
    sandbox
        .run(&["usage", "--logs", "empty.json", "other.json"])
        .expect_code(0);
    sandbox
        .run(&["usage", "--logs", "empty.json"])
        .expect_code(0);
    let ran = sandbox
        .run(&[
            "usage",
            "--logs",
            "folder",
            "--since",
            "2026-10-02",
            "--until",
            "2026-10-01",
        ])
        .expect_code(2);
    assert!(
        ran.stderr.contains("there is no time between"),
        "{}",
        ran.stderr
    );
    let ran = sandbox
        .run(&["usage", "--logs", "folder", "--since", "soon"])
        .expect_code(2);
    assert!(
        ran.stderr.contains("`soon` is no time for `--since`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn too_many_resources_are_one_row_that_counts_events() {
    let sandbox = Sandbox::new();
    let of_keys = |id: u32, keys: &[u32]| {
        let mut record = record(id, "kms", "ReEncrypt", "2026-10-01T10:00:00Z");
        let arn =
            |key: &u32| json!({"ARN": format!("arn:aws:kms:eu-west-1:111122223333:key/k{key}")});
        record["resources"] = keys.iter().map(arn).collect();
        record
    };
    let mut records: Vec<Value> = (0..1000).map(|id| of_keys(id, &[id])).collect();
    let resources = |records: &[Value]| -> (usize, Vec<(Value, Value)>, Value) {
        sandbox.write("logs.json", json!({ "Records": records }).to_string());
        let arguments = [
            "usage",
            "--logs",
            "logs.json",
            "--format",
            "json",
            "--summary",
            "summary.json",
        ];
        let document = sandbox.run(&arguments).expect_code(0).json();
        let rows = document["rows"].as_array().unwrap();
        let brief = rows
            .iter()
            .take(2)
            .map(|row| (row["resource"].clone(), row["count"].clone()))
            .collect();
        let summary: Value = serde_json::from_str(&sandbox.read("summary.json")).unwrap();
        (rows.len(), brief, summary["resources_folded"].clone())
    };
    let (rows, _, folded) = resources(&records);
    assert_eq!((rows, folded), (2000, json!(0)));
    // The last one has two keys, and is one event all the same.
    records.push(of_keys(5000, &[6000, 6001]));
    let all = (
        json!("arn:aws:kms:eu-west-1:111122223333:key/*"),
        json!(1001),
    );
    assert_eq!(resources(&records), (2, vec![all.clone(), all], json!(2)));
}

#[test]
fn of_two_copies_that_differ_the_same_one_counts_in_any_order() {
    let sandbox = Sandbox::new();
    let allowed = record(1, "s3", "ListBuckets", "2026-10-01T10:00:00Z");
    let mut denied = allowed.clone();
    denied["errorCode"] = "AccessDenied".into();
    let run = |records: [&Value; 2]| {
        sandbox.write("logs.json", json!(records).to_string());
        sandbox
            .run(&["usage", "--logs", "logs.json"])
            .expect_code(0)
            .stdout
    };
    let one = run([&allowed, &denied]);
    assert_eq!(one, run([&denied, &allowed]));
    assert!(
        one.contains(",allowed,1,") && !one.contains("denied"),
        "{one}"
    );
}

#[test]
fn hostile_logs_end_with_a_reason() {
    let sandbox = Sandbox::new();
    for text in ["{\"Records\":[", "[", "{\"a\":[\n"] {
        sandbox.write("logs.json", text.repeat(100_000));
        let ran = sandbox
            .run(&["usage", "--logs", "logs.json"])
            .expect_code(3);
        assert!(ran.stderr.contains("gap: `logs.json`"), "{}", ran.stderr);
    }
}

#[test]
fn standard_input_is_read_too() {
    let sandbox = Sandbox::new();
    let text = record(1, "s3", "ListBuckets", "2026-10-01T10:00:00Z").to_string();
    sandbox.write("logs.json", packed(&text));
    let input = std::fs::File::open(sandbox.path("logs.json")).unwrap();
    let output = sandbox
        .command()
        .args(["usage", "--logs", "-"])
        .stdin(input)
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
}

/// The events of a folder, and those that were met again.
fn counts(sandbox: &Sandbox, folders: &[&str], threads: &str) -> (String, u64, u64) {
    let paths: Vec<_> = folders
        .iter()
        .map(|folder| corpus(folder).unwrap())
        .collect();
    let mut arguments = vec![
        "--threads",
        threads,
        "usage",
        "--summary",
        "summary.json",
        "--logs",
    ];
    arguments.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let ran = sandbox.run(&arguments);
    let summary: Value = serde_json::from_str(&sandbox.read("summary.json")).unwrap();
    let number = |name: &str| summary[name].as_u64().unwrap();
    (ran.stdout, number("events"), number("duplicates"))
}

#[test]
fn real_logs_are_counted_alike_on_any_number_of_threads() {
    if corpus("cloudtrail/invictus").is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let (flat, tree) = ("cloudtrail/invictus", "cloudtrail/invictus-tree");
    let one = counts(&sandbox, &[flat], "1");
    assert_eq!((one.1, one.2), (2900, 0));
    assert_eq!(counts(&sandbox, &[flat], "2"), one);
    assert_eq!(counts(&sandbox, &[tree], "2"), one);
    let both = counts(&sandbox, &[flat, tree], "2");
    assert_eq!((both.1, both.2), (2900, 2900));
    assert_eq!(both.0, one.0);
    let (stratus, events, _) = counts(&sandbox, &["cloudtrail/stratus"], "1");
    assert_eq!(events, 310);
    assert_eq!(
        counts(&sandbox, &["cloudtrail/stratus-tree"], "2").0,
        stratus
    );
    let tree = counts(&sandbox, &["cloudtrail/odd/handmade-tree"], "2");
    assert_eq!((tree.1, tree.2), (8, 1));
}

#[test]
fn every_call_of_the_real_logs_is_mapped_or_needs_nothing() {
    if corpus("cloudtrail/invictus").is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    for folder in ["cloudtrail/invictus", "cloudtrail/stratus"] {
        let path = corpus(folder).unwrap();
        let ran = sandbox
            .run(&["usage", "--logs", path.to_str().unwrap()])
            .expect_code(0);
        assert!(
            !ran.stderr.contains("no permission is known"),
            "{}",
            ran.stderr
        );
    }
}

/// What the description of each handmade file expects: its records, and whether it has a fault.
#[test]
fn odd_files_are_read_as_their_descriptions_say() {
    let Some(folder) = corpus("cloudtrail/odd/handmade") else {
        return;
    };
    let sandbox = Sandbox::new();
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("EXPECT.json")).unwrap())
            .unwrap();
    for (name, expected) in expected.as_object().unwrap() {
        let path = folder.join(name);
        let ran = sandbox.run(&[
            "usage",
            "--summary",
            "summary.json",
            "--logs",
            path.to_str().unwrap(),
        ]);
        let summary: Value = serde_json::from_str(&sandbox.read("summary.json")).unwrap();
        let records = match name.as_str() {
            "insight.json" => &expected["usable"],
            "truncated.json.gz" => &expected["complete_before_cut"],
            _ => &expected["records"],
        };
        assert_eq!(&summary["events"], records, "{name}: {}", ran.stderr);
        let has_fault = !summary["files_unreadable"].as_array().unwrap().is_empty();
        if let Some(expected) = expected["file_error"].as_bool() {
            assert_eq!(has_fault, expected, "{name}: {}", ran.stderr);
        }
        ran.expect_code(if has_fault { 3 } else { 0 });
    }
}

/// A session of a role with a path. Its record has no issuer, so that only the call that began it tells the path.
fn session(id: u32, key: &str) -> Value {
    let mut session = record(id, "s3", "ListBuckets", "2026-10-01T10:00:00Z");
    session["userIdentity"] = json!({
        "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/run-7",
        "accountId": "111122223333", "accessKeyId": key,
    });
    session
}

#[test]
fn a_session_without_an_issuer_is_the_role_that_its_key_was_given_for() {
    let sandbox = Sandbox::new();
    let mut assume = record(1, "sts", "AssumeRole", "2026-10-01T09:00:00Z");
    let role = "arn:aws:iam::111122223333:role/ci/deploy";
    assume["requestParameters"] = json!({"roleArn": role, "roleSessionName": "run-7"});
    assume["responseElements"] = json!({
        "credentials": {"accessKeyId": "ASIAEXAMPLEONE", "sessionToken": "not read"},
        "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/deploy/run-7"},
    });
    // The session lies before the call that began it, in another file, and the other session's call is not in the logs.
    sandbox.write("logs/a.json", session(2, "ASIAEXAMPLEONE").to_string());
    sandbox.write("logs/b.json", assume.to_string());
    sandbox.write("logs/c.json", session(3, "ASIAEXAMPLETWO").to_string());
    for threads in ["1", "2"] {
        let ran = sandbox
            .run(&["--threads", threads, "usage", "--logs", "logs"])
            .expect_code(0);
        let mut callers: Vec<(&str, &str)> = ran
            .stdout
            .lines()
            .filter(|line| line.contains(",ListBuckets,"))
            .map(|line| {
                let mut cells = line.split(',');
                (cells.nth(1).unwrap(), cells.nth(8).unwrap())
            })
            .collect();
        callers.sort_unstable();
        let without_path = ("arn:aws:iam::111122223333:role/deploy", "1");
        assert_eq!(
            callers,
            [(role, "1"), without_path].map(|(role, count)| (role, count))
        );
    }
}

#[test]
fn a_sign_in_with_a_wrong_password_is_an_authentication_that_failed() {
    let sandbox = Sandbox::new();
    let sign_in = |number, answer: &str| {
        let mut record = record(number, "signin", "ConsoleLogin", "2026-10-01T10:00:00Z");
        record["responseElements"] = json!({"ConsoleLogin": answer});
        record
    };
    sandbox.write(
        "logs.json",
        json!([
            sign_in(1, "Failure"),
            sign_in(2, "Failure"),
            sign_in(3, "Success")
        ])
        .to_string(),
    );
    let ran = sandbox
        .run(&["usage", "--logs", "logs.json"])
        .expect_code(0);
    let outcomes: Vec<String> = ran
        .stdout
        .lines()
        .filter_map(|line| {
            let rest = line.split_once(",eu-west-1,")?.1;
            let (told, _) = rest.split_once(",2026-")?;
            Some(told.to_owned())
        })
        .collect();
    assert_eq!(
        outcomes,
        ["allowed,1", "authentication_failed,2"],
        "{}",
        ran.stdout
    );
}

#[test]
fn an_error_within_the_answer_and_a_time_of_a_log_pipeline_are_understood() {
    let sandbox = Sandbox::new();
    let mut denied = record(1, "iam", "ListUsers", "2026-10-01T10:00:00Z");
    denied["responseElements"] = json!({"errorCode": "AccessDenied", "errorMessage": "no"});
    // An item that failed is no refusal of the call.
    let mut partly = record(2, "iam", "ListRoles", "2026-10-01T10:00:00Z");
    partly["responseElements"] = json!({"failures": [{"errorCode": "AccessDenied"}]});
    let mut piped = record(3, "iam", "ListGroups", "2026-10-01T10:00:00Z");
    piped["@timestamp"] = piped["eventTime"].take();
    sandbox.write("logs.json", json!([denied, partly, piped]).to_string());
    let ran = sandbox
        .run(&["usage", "--logs", "logs.json"])
        .expect_code(0);
    let found: Vec<bool> = ["ListUsers", "ListRoles", "ListGroups"]
        .iter()
        .map(|name| {
            let line = ran.stdout.lines().find(|line| line.contains(name)).unwrap();
            line.contains(",denied,1,2026-10-01T10:00:00Z,")
        })
        .collect();
    assert_eq!(found, [true, false, false], "{}", ran.stdout);
}
