//! `usage` on files that are made to break it, and on arguments that are wrong: an end, a reason, and no row lost beside them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ReportRow, Sandbox, with_report};
use crate::usage::{packed, record};

fn get(id: u32) -> Value {
    record(id, "s3", "GetObject", "2026-06-01T10:00:00Z")
}

fn wrapped(records: &[Value]) -> String {
    json!({ "Records": records }).to_string()
}

/// The number of events, what was left out, and the reason of the one file that was not read to its end.
#[track_caller]
fn summary(sandbox: &Sandbox, name: &str) -> (u64, Value, Option<String>) {
    let arguments = |threads| {
        [
            "--threads",
            threads,
            "usage",
            "--summary",
            "summary.json",
            "--logs",
            name,
        ]
    };
    let one = sandbox.run(&arguments("1"));
    let summary: Value = serde_json::from_str(&sandbox.read("summary.json")).unwrap();
    let two = sandbox.run(&arguments("2"));
    assert_eq!((one.code, &one.stdout), (two.code, &two.stdout), "{name}");
    let files = summary["files_unreadable"].as_array().unwrap();
    assert!(files.len() < 2, "{files:?}");
    assert_eq!(
        one.code,
        if files.is_empty() { 0 } else { 3 },
        "{name}: {}",
        one.stderr
    );
    let reason = files.first().map(|file| file["reason"].as_str().unwrap());
    (
        summary["events"].as_u64().unwrap(),
        summary["skipped"].clone(),
        reason.map(str::to_owned),
    )
}

#[test]
fn what_is_no_text_ends_at_once_and_is_named() {
    let sandbox = Sandbox::new();
    let noise: Vec<u8> = (0..3_000_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 | 0x80)
        .collect();
    for (name, bytes) in [
        ("noise.json", noise.clone()),
        ("noise.json.gz", packed_bytes(&noise)),
        ("twice.json.gz", packed_bytes(&packed(&wrapped(&[get(1)])))),
        (
            "utf-16.json",
            wrapped(&[get(1)])
                .encode_utf16()
                .fold(vec![0xff, 0xfe], |mut all, unit| {
                    all.extend(unit.to_le_bytes());
                    all
                }),
        ),
    ] {
        sandbox.write(name, bytes);
        let (events, _, reason) = summary(&sandbox, name);
        let reason = reason.unwrap();
        assert_eq!(events, 0, "{name}");
        match name {
            "twice.json.gz" => assert!(reason.contains("packed twice"), "{reason}"),
            "utf-16.json" => assert!(reason.contains("UTF-16"), "{reason}"),
            _ => assert!(reason.contains("damaged"), "{reason}"),
        }
    }
}

fn packed_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_bomb_ends_where_it_has_no_record_for_long() {
    let sandbox = Sandbox::new();
    for (begin, rest) in [
        (String::new(), " "),
        ("{\"Records\":[".to_owned() + &get(1).to_string(), ","),
        ("{\"a\":\"".to_owned(), "x"),
        (String::new(), "{}"),
        (String::new(), "{\"a\n"),
    ] {
        let text = begin + &rest.repeat((12 << 20) / rest.len());
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(text.as_bytes()).unwrap();
        sandbox.write("bomb.json.gz", bomb.finish().unwrap());
        let (_, _, reason) = summary(&sandbox, "bomb.json.gz");
        let reason = reason.unwrap_or_default();
        assert!(
            reason.contains("4 MB without a record") || reason.contains("too many places"),
            "{rest:?}: {reason}"
        );
    }
}

#[test]
fn members_one_behind_the_other_are_one_file_and_what_follows_them_is_named() {
    let sandbox = Sandbox::new();
    let members: Vec<u8> = (0..300)
        .flat_map(|id| packed(&wrapped(&[get(id)])))
        .collect();
    sandbox.write("members.json.gz", &members);
    assert_eq!(summary(&sandbox, "members.json.gz"), (300, json!({}), None));
    sandbox.write("padded.json.gz", [&*members, &[0; 1000]].concat());
    assert_eq!(summary(&sandbox, "padded.json.gz"), (300, json!({}), None));
    sandbox.write("more.json.gz", [&*members, b"junk"].concat());
    let (events, _, reason) = summary(&sandbox, "more.json.gz");
    assert_eq!(events, 300);
    assert!(
        reason
            .unwrap()
            .contains("goes on behind the end of its gzip data")
    );
}

#[test]
fn an_empty_file_is_damaged_unless_it_can_be_whole() {
    let sandbox = Sandbox::new();
    for name in ["a.json", "a.json.gz", "a.gz"] {
        sandbox.write(name, "");
        let (_, _, reason) = summary(&sandbox, name);
        assert!(reason.unwrap().starts_with("is empty, which no"), "{name}");
    }
    sandbox.write("packed.json.gz", packed(""));
    assert!(
        summary(&sandbox, "packed.json.gz")
            .2
            .unwrap()
            .starts_with("is empty")
    );
    // Lines there may be none of.
    for name in ["a.jsonl", "a.log"] {
        sandbox.write(name, "");
        assert_eq!(summary(&sandbox, name), (0, json!({}), None), "{name}");
    }
    sandbox.write("a.jsonl.gz", packed(""));
    assert_eq!(summary(&sandbox, "a.jsonl.gz"), (0, json!({}), None));
}

/// As a subscription delivers them, of any size.
#[test]
fn a_batch_of_cloudwatch_logs_larger_than_memory_allows_is_read() {
    let sandbox = Sandbox::new();
    let agent = "x".repeat(100_000);
    let events: Vec<Value> = (0..400)
        .map(|id| {
            let mut record = get(id);
            record["userAgent"] = agent.clone().into();
            json!({"id": id.to_string(), "timestamp": 1, "message": record.to_string()})
        })
        .chain([json!({"id": "x", "timestamp": 2, "message": "START RequestId: 1"})])
        .collect();
    let batch = json!({"messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": "g", "logStream": "s", "subscriptionFilters": ["f"], "logEvents": events});
    sandbox.write("batch.json", batch.to_string());
    let left_out = json!({"not_cloudtrail": 1});
    assert_eq!(
        summary(&sandbox, "batch.json"),
        (400, left_out.clone(), None)
    );
    let small = json!({"messageType": "DATA_MESSAGE", "logEvents": &events[398..]});
    sandbox.write("small.json", small.to_string());
    assert_eq!(summary(&sandbox, "small.json"), (2, left_out, None));
}

#[test]
fn a_value_that_is_too_large_is_left_out_once_and_its_neighbours_are_read() {
    let sandbox = Sandbox::new();
    let mut large = get(2);
    large["userAgent"] = "x".repeat(40 << 20).into();
    sandbox.write("large.json", wrapped(&[get(1), large, get(3)]));
    let (events, skipped, reason) = summary(&sandbox, "large.json");
    assert_eq!((events, skipped), (2, json!({"too_large": 1})));
    assert!(reason.unwrap().contains("more than 32 MB"));
}

#[test]
fn half_a_pair_of_utf_16_takes_no_record_away() {
    let sandbox = Sandbox::new();
    let text = wrapped(&[get(1), get(2)]).replace("aws-cli|2", r"\ud800|\ud83d\ude00");
    sandbox.write("half.json", text);
    assert_eq!(summary(&sandbox, "half.json"), (2, json!({}), None));
    let rows = sandbox
        .run(&["usage", "--logs", "half.json"])
        .expect_code(0)
        .stdout;
    assert!(rows.contains("\u{fffd}%7C\u{1f600}"), "{rows}");
}

#[test]
fn a_link_to_a_folder_above_is_no_gap() {
    let sandbox = Sandbox::new();
    sandbox.write("logs/a/one.json", wrapped(&[get(1)]));
    std::os::unix::fs::symlink("..", sandbox.path("logs/a/up")).unwrap();
    assert_eq!(summary(&sandbox, "logs"), (1, json!({}), None));
    std::os::unix::fs::symlink("nowhere", sandbox.path("logs/a/gone.json")).unwrap();
    assert!(
        summary(&sandbox, "logs")
            .2
            .unwrap()
            .contains("cannot be looked into")
    );
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let sandbox = Sandbox::new();
    sandbox.write("logs/one.json", wrapped(&[get(1)]));
    let ran = sandbox
        .run(&[
            "usage",
            "--logs",
            "logs",
            "logs/one.json",
            "./logs/one.json",
            "logs/../logs",
        ])
        .expect_code(0);
    assert_eq!(ran.stderr, "read 1 event in 1 file\n");
}

#[test]
fn credentials_of_what_is_damaged_get_nowhere() {
    let sandbox = with_report(&[ReportRow::user("ann", "2020-01-01T00:00:00Z")]);
    sandbox.collect(0);
    let mut record = get(1);
    record["responseElements"] = json!({"credentials": {"sessionToken": "SECRETTOKEN"}});
    // A log pipeline wrote the record as a text, and the time as a number.
    record["eventTime"] = json!(1_780_000_000);
    let event = json!({"detail-type": "AWS API Call via CloudTrail", "detail": record.to_string()});
    sandbox.write("logs/a.json", event.to_string());
    let listed = json!({"Events": [{"CloudTrailEvent": record.to_string()}]});
    sandbox.write("logs/b.json", listed.to_string());
    sandbox.write(
        "logs/c.json",
        json!({"Records": [record.to_string(), get(2)]}).to_string(),
    );
    let arguments = [
        "usage",
        "inv",
        "--logs",
        "logs",
        "--summary",
        "summary.json",
        "--format",
        "json",
    ];
    let ran = sandbox.run(&arguments).expect_code(3);
    assert_eq!(sandbox.gaps().len(), 3, "{}", ran.stderr);
    for text in [
        &ran.stderr,
        &ran.stdout,
        &sandbox.read("summary.json"),
        &sandbox.read("inv/manifest.json"),
    ] {
        assert!(!text.contains("SECRETTOKEN"), "{text}");
    }
}

#[test]
fn names_of_files_begin_no_line_and_need_be_no_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    sandbox.write("logs/a\nerror: b\u{1b}[31m.json", "{");
    let name = std::ffi::OsStr::from_bytes(b"\xff.json");
    std::fs::write(sandbox.path("logs").join(name), "{").unwrap();
    let ran = sandbox.run(&["usage", "--logs", "logs"]).expect_code(3);
    assert!(!ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
    assert!(
        ran.stderr.lines().all(|line| !line.starts_with("error")),
        "{}",
        ran.stderr
    );
}

/// What a user reads who typed something wrong.
#[test]
fn arguments_that_are_wrong_are_told_with_what_is_right() {
    let sandbox = Sandbox::new();
    sandbox.write("logs.json", wrapped(&[get(1)]));
    let error = |arguments: &[&str]| {
        let all = [&["usage", "--logs", "logs.json"][..], arguments].concat();
        let ran = sandbox.run(&all).expect_code(2);
        ran.stderr.lines().next().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(
        [
            error(&["--since", "90"]),
            error(&["--since", "4294967295d"]),
            error(&["--since", "2026-02-30"]),
            error(&["--until", ""]),
            error(&["--since", "2026-06-02", "--until", "2026-06-01"]),
            error(&["--threads", "0"]),
            error(&["--threads", "many"]),
            error(&["--region", "eu-west-1"]),
            error(&["--format", "xml"]),
            error(&["--summary", "nowhere/summary.json"]),
            error(&["--event-history"]),
            error(&["nowhere.json"]),
            error(&[""]),
        ]
        .join("\n"), @"
    error: `90` is no time for `--since`: give a date (`2026-01-31`), a time (`2026-01-31T12:00:00Z`) or days back (`90d`)
    error: `4294967295d` is no time for `--since`: give a date (`2026-01-31`), a time (`2026-01-31T12:00:00Z`) or days back (`90d`)
    error: `2026-02-30` is no time for `--since`: give a date (`2026-01-31`), a time (`2026-01-31T12:00:00Z`) or days back (`90d`)
    error: `` is no time for `--until`: give a date (`2026-01-31`), a time (`2026-01-31T12:00:00Z`) or days back (`90d`)
    error: there is no time between `--since` (2026-06-02T00:00:00Z) and `--until` (2026-06-01T00:00:00Z): give an earlier and a later one
    error: invalid value '0' for '--threads <N>': a number from 1 to 1024 was expected
    error: invalid value 'many' for '--threads <N>': a number from 1 to 1024 was expected
    error: `--logs` reads local files and asks nothing of AWS: leave out `--profile`, `--region` and `--endpoint-url`
    error: invalid value 'xml' for '--format <FORMAT>'
    error: cannot write `nowhere/summary.json`: No such file or directory (os error 2)
    error: the argument '--logs <PATH>...' cannot be used with '--event-history'
    error: cannot read `nowhere.json`: give files and folders with CloudTrail logs: No such file or directory (os error 2)
    error: a value is required for '--logs <PATH>...' but none was supplied
    ");
    let athena = |bytes: &str| {
        let ran = sandbox.run(&["usage", "--athena", "a.b", "--max-scan-bytes", bytes]);
        ran.expect_code(2)
            .stderr
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    insta::assert_snapshot!([athena("0"), athena("10GB"), athena("-1"), athena("")].join("\n"), @"
    error: invalid value '0' for '--max-scan-bytes <BYTES>': a number of bytes was expected, from 1 on, such as `10000000000` for 10 GB
    error: invalid value '10GB' for '--max-scan-bytes <BYTES>': a number of bytes was expected, from 1 on, such as `10000000000` for 10 GB
    error: unexpected argument '-1' found
    error: invalid value '' for '--max-scan-bytes <BYTES>': a number of bytes was expected, from 1 on, such as `10000000000` for 10 GB
    ");
}

#[test]
fn a_span_of_time_without_events_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("logs.json", wrapped(&[get(1)]));
    let ran = sandbox
        .run(&[
            "usage",
            "--logs",
            "logs.json",
            "--since",
            "2099-01-01",
            "--as-of",
            "2026-07-01T00:00:00Z",
        ])
        .expect_code(0);
    insta::assert_snapshot!(ran.stderr, @"
    read 0 events in 1 file
    no event is in the time that was asked for: from 2099-01-01T00:00:00Z on, which is to come
    ");
    let ran = sandbox
        .run(&[
            "usage",
            "--logs",
            "logs.json",
            "--since",
            "2026-05-01",
            "--until",
            "2026-06-01",
        ])
        .expect_code(0);
    insta::assert_snapshot!(ran.stderr, @"
    read 0 events in 1 file
    no event is in the time that was asked for: from 2026-05-01T00:00:00Z on until 2026-06-01T00:00:00Z
    ");
}
