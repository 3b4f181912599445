//! A file that could not be read is a gap until a run has read it, of all the time that is missing, wherever it lies by then.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::servers::Bucket;
use crate::support::{ACCOUNT, ReportRow, Sandbox, with_report};
use crate::usage::{packed, record};

const NAME: &str = "111122223333_CloudTrail_eu-west-1_20260601T1010Z_abcdefghABCDEFGH.json";

fn collected() -> Sandbox {
    let sandbox = with_report(&[ReportRow::user("ann", "2020-01-01T00:00:00Z")]);
    sandbox.collect(0);
    sandbox
}

fn whole() -> String {
    let records: Vec<Value> = (0..3)
        .map(|id| record(id, "s3", "ListBuckets", "2026-06-01T10:00:00Z"))
        .collect();
    json!({ "Records": records }).to_string()
}

fn cut() -> String {
    let whole = whole();
    whole.get(..whole.len() - 30).unwrap().to_owned()
}

/// Runs with these options; tells the sources of the gaps that are left.
#[track_caller]
fn gaps_after(sandbox: &Sandbox, code: i32, arguments: &[&str]) -> Vec<String> {
    let all = [&["usage", "inv"], arguments].concat();
    sandbox.run(&all).expect_code(code);
    let manifest = sandbox.manifest();
    let gaps = manifest["gaps"].as_array().unwrap();
    gaps.iter()
        .map(|gap| gap["source"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_run_of_a_window_mends_what_was_missing_in_it() {
    let sandbox = collected();
    let logs = |since: &'static str| ["--logs", "logs.json", "--since", since];
    sandbox.write("logs.json", cut());
    assert_eq!(gaps_after(&sandbox, 3, &logs("2026-05-01")), ["logs.json"]);
    sandbox.write("logs.json", whole());
    // A part of May is still missing.
    assert_eq!(gaps_after(&sandbox, 0, &logs("2026-05-02")), ["logs.json"]);
    assert_eq!(gaps_after(&sandbox, 0, &logs("2026-05-01")), [""; 0]);
    // What was met of all time is not mended by a window.
    sandbox.write("logs.json", cut());
    assert_eq!(
        gaps_after(&sandbox, 3, &["--logs", "logs.json"]),
        ["logs.json"]
    );
    sandbox.write("logs.json", whole());
    assert_eq!(gaps_after(&sandbox, 0, &logs("2026-05-01")), ["logs.json"]);
    assert_eq!(gaps_after(&sandbox, 0, &["--logs", "logs.json"]), [""; 0]);
}

#[test]
fn a_file_that_tells_its_day_needs_no_more_of_the_window_than_that() {
    let sandbox = collected();
    let folder = format!("logs/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/06/01");
    let path = format!("{folder}/{NAME}");
    sandbox.write(&path, cut());
    assert_eq!(gaps_after(&sandbox, 3, &["--logs", "logs"]), [&*path]);
    sandbox.write(&path, whole());
    let window = |since, until| ["--logs", "logs", "--since", since, "--until", until];
    // The day alone is too little: files are opened one day beyond either end.
    assert_eq!(
        gaps_after(&sandbox, 0, &window("2026-06-01", "2026-06-02")),
        [&*path]
    );
    assert_eq!(
        gaps_after(&sandbox, 0, &window("2026-05-31", "2026-06-03")),
        [""; 0]
    );
}

#[test]
fn what_cloudtrail_delivered_is_known_by_its_name_in_another_folder_and_unpacked() {
    let sandbox = collected();
    let packed_name = format!("one/{NAME}.gz");
    let bytes = packed(&whole());
    sandbox.write(&packed_name, bytes.get(..bytes.len() / 2).unwrap());
    assert_eq!(gaps_after(&sandbox, 3, &["--logs", "one"]), [&*packed_name]);
    // Its name tells the account, so that no other one's actions are unknown for it.
    assert_eq!(sandbox.manifest()["gaps"][0]["account_id"], json!(ACCOUNT));
    sandbox.write("two/other.json", whole());
    assert_eq!(gaps_after(&sandbox, 0, &["--logs", "two"]), [&*packed_name]);
    sandbox.write(&format!("two/{NAME}"), whole());
    assert_eq!(gaps_after(&sandbox, 0, &["--logs", "two"]), [""; 0]);
}

#[test]
fn only_what_was_read_is_mended() {
    let sandbox = collected();
    // Named by itself it is read, and where a folder is walked it is said that it was not.
    sandbox.write("logs/cut.txt", cut());
    sandbox.write("logs/whole.json", whole());
    assert_eq!(
        gaps_after(&sandbox, 3, &["--logs", "logs/cut.txt"]),
        ["logs/cut.txt"]
    );
    sandbox.write("logs/cut.txt", whole());
    assert_eq!(
        gaps_after(&sandbox, 3, &["--logs", "logs"]),
        ["logs/cut.txt"]
    );
    // Emptied, or something else by now, it tells nothing of what was missing.
    sandbox.write("logs/lines.jsonl", cut());
    assert_eq!(gaps_after(&sandbox, 3, &["--logs", "logs"]).len(), 2);
    for other in ["", "{\"hello\":1}"] {
        sandbox.write("logs/lines.jsonl", other);
        assert_eq!(
            gaps_after(&sandbox, 3, &["--logs", "logs"]).len(),
            2,
            "{other}"
        );
    }
    sandbox.write("logs/lines.jsonl", whole());
    assert_eq!(
        gaps_after(&sandbox, 0, &["--logs", "logs", "logs/cut.txt"]),
        [""; 0]
    );
}

#[test]
fn an_object_is_mended_by_the_bucket_and_by_a_copy_of_it() {
    let sandbox = collected();
    let key = |name: &str| {
        format!("trail-logs/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/06/01/{name}.gz")
    };
    let names = ["abcdefgh", "xxxxxxxx", "zzzzzzzz"].map(|part| NAME.replace("abcdefgh", part));
    for name in &names {
        sandbox.write(&format!("buckets/{}", key(name)), packed(&whole()));
    }
    let Some(bucket) = Bucket::of(sandbox) else {
        return;
    };
    let s3 = |code, since| {
        let arguments = ["inv", "--since", since];
        let ran = bucket.usage("s3://trail-logs", &arguments);
        ran.expect_code(code);
        bucket.sandbox.gaps().len()
    };
    let denied = |name: &String| json!({"on": format!("GET /{}", key(name)), "status": 403, "code": "AccessDenied", "message": "no"});
    let faults: Vec<Value> = names.iter().skip(1).map(denied).collect();
    bucket.faults(&json!(faults));
    assert_eq!(s3(3, "2026-05-01"), 2);
    let sandbox = &bucket.sandbox;
    sandbox.write(&format!("copy/{}.gz", names[1]), packed(&whole()));
    assert_eq!(gaps_after(sandbox, 0, &["--logs", "copy"]).len(), 1);
    bucket.faults(&json!([]));
    assert_eq!(s3(0, "2026-06-01"), 1);
    assert_eq!(s3(0, "2026-05-31"), 0);
}

#[test]
fn a_region_that_alone_was_asked_for_is_remembered_and_odd_names_are_gaps() {
    let sandbox = collected();
    let key = |name: &str| {
        format!("buckets/trail-logs/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/06/01/{name}")
    };
    let packed = packed(&whole());
    let odd = format!("{NAME}.zst");
    for name in ["a.JSON.GZ", "notes.txt", &odd] {
        sandbox.write(&key(name), &packed);
    }
    let Some(bucket) = Bucket::of(sandbox) else {
        return;
    };
    let of_account = format!("s3://trail-logs/AWSLogs/{ACCOUNT}/CloudTrail");
    for (uri, asked) in [
        (format!("{of_account}/eu-west-1/"), json!(["eu-west-1"])),
        (of_account, Value::Null),
    ] {
        let arguments = ["inv", "--since", "2026-05-01"];
        let ran = bucket.usage(&uri, &arguments).expect_code(3);
        assert!(
            ran.stderr.contains("left out as other_name: 2"),
            "{}",
            ran.stderr
        );
        let gaps = bucket.sandbox.gaps();
        assert!(matches!(&*gaps, [one] if one.contains(&odd)), "{gaps:?}");
        let manifest = bucket.sandbox.manifest();
        let run = manifest["usage"].as_array().unwrap().last().unwrap();
        assert_eq!(run["asked_regions"], asked, "{uri}");
    }
}

#[test]
fn what_came_through_a_pipe_is_not_known_again() {
    let sandbox = collected();
    let piped = |text: &str, code: i32| {
        let mut command = sandbox.command();
        command.args(["usage", "inv", "--logs", "-"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        drop(input);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        sandbox.gaps().len()
    };
    assert_eq!(piped(&cut(), 3), 1);
    assert_eq!(piped(&whole(), 0), 1);
}

#[test]
fn a_relative_path_is_another_file_in_another_folder() {
    let sandbox = collected();
    sandbox.write("one/logs.json", cut());
    sandbox.write("two/logs.json", whole());
    let gaps_after = |folder: &str, code: i32, path: &str| {
        let mut command = sandbox.command();
        command
            .current_dir(sandbox.path(folder))
            .args(["usage", "../inv", "--logs", path]);
        sandbox.ran(&mut command).expect_code(code);
        sandbox.gaps().len()
    };
    assert_eq!(gaps_after("one", 3, "logs.json"), 1);
    assert_eq!(gaps_after("two", 0, "logs.json"), 1);
    // A second one that is called alike is a gap of its own.
    sandbox.write("two/logs.json", cut());
    assert_eq!(gaps_after("two", 3, "logs.json"), 2);
    sandbox.write("one/logs.json", whole());
    assert_eq!(gaps_after("two", 0, "../one/logs.json"), 1);
    sandbox.write("two/logs.json", whole());
    assert_eq!(gaps_after("one", 0, "../two/logs.json"), 0);
}

#[test]
fn a_file_without_its_records_mends_nothing() {
    let sandbox = collected();
    sandbox.write("logs.json", cut());
    let gaps_after = |code| gaps_after(&sandbox, code, &["--logs", "logs.json"]);
    assert_eq!(gaps_after(3).len(), 1);
    let no_time = record(7, "s3", "ListBuckets", "yesterday");
    for (other, code) in [
        (json!({"Records": []}), 0),
        (json!({"Records": [no_time]}), 3),
        // The beginning of a digest file.
        (json!({"digestS3Object": "x", "logFiles": []}), 0),
    ] {
        sandbox.write("logs.json", other.to_string());
        assert_eq!(gaps_after(code).len(), 1, "{other}");
    }
}
