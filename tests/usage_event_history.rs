//! `usage --event-history`: the rows of the local engine from LookupEvents, no faster than AWS allows.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::servers::{Server, with_credentials};
use crate::support::{Ran, ReportRow, Sandbox, with_report};
use crate::usage::record;

/// Somewhat more than four pages.
const EVENTS: u32 = 210;
const WINDOW: [&str; 4] = ["--since", "2026-09-20", "--until", "2026-10-20"];

struct History {
    sandbox: Sandbox,
    server: Server,
}

impl History {
    fn new() -> Option<Self> {
        let sandbox = Sandbox::new();
        let events: Vec<Value> = (0..EVENTS)
            .map(|id| {
                let (day, minute) = (id % 28 + 1, id % 60);
                let time = format!("2026-10-{day:02}T10:{minute:02}:00Z");
                record(
                    id,
                    "s3",
                    ["ListBuckets", "GetBucketPolicy"][id as usize % 2],
                    &time,
                )
            })
            .collect();
        Self::of(sandbox, &events)
    }

    fn of(sandbox: Sandbox, events: &[Value]) -> Option<Self> {
        sandbox.write("events.json", json!(events).to_string());
        let server = Server::start("event_history", &[&sandbox.path("")])?;
        Some(Self { sandbox, server })
    }

    fn usage(&self, arguments: &[&str]) -> Ran {
        self.usage_as_of("2026-11-01T00:00:00Z", arguments)
    }

    fn usage_as_of(&self, time: &str, arguments: &[&str]) -> Ran {
        let mut command = with_credentials(&self.sandbox);
        command
            .args(["usage", "--event-history", "--region", "eu-west-1"])
            .args(["--as-of", time])
            .args(["--endpoint-url", self.server.url()])
            .args(arguments);
        self.sandbox.ran(&mut command)
    }

    /// Lets calls fail from the Nth on, to one Region or all.
    fn denied(&self, from: u32, region: Option<&str>) {
        let mut fault = json!({"from": from, "status": 400, "code": "AccessDeniedException"});
        if let Some(region) = region {
            fault["region"] = json!(region);
        }
        self.sandbox.write("fault.json", fault.to_string());
    }

    fn calls(&self) -> Vec<Value> {
        let log = self.sandbox.read("calls.log");
        log.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[test]
fn rows_are_those_of_the_local_engine_and_calls_come_two_a_second() {
    let Some(history) = History::new() else {
        return;
    };
    let ran = history
        .usage(&[&WINDOW[..], &["--summary", "summary.json"]].concat())
        .expect_code(0);
    let local = [&["usage", "--logs", "events.json"], &WINDOW[..]].concat();
    let local = history.sandbox.run(&local).expect_code(0);
    assert!(local.stdout.lines().count() > 2);
    assert_eq!(ran.stdout, local.stdout);
    insta::assert_snapshot!(ran.stderr, @"
    the event history of `eu-west-1` holds management events of that Region alone; what was done elsewhere, and with data, is unknown
    IAM, STS's global endpoint, CloudFront and other global services log in us-east-1: ask there too, with `--regions eu-west-1,us-east-1`
    read 147 events in 3 files
    ");
    let calls = history.calls();
    let at = |call: &Value| call["at"].as_f64().unwrap();
    assert!(calls.len() >= 3);
    // Not one had to be refused, since each waits half a second for the one before.
    assert!(
        calls.iter().all(|call| call["throttled"] == false),
        "{calls:#?}"
    );
    let took = at(calls.last().unwrap()) - at(&calls[0]);
    let waits = f64::from(u32::try_from(calls.len() - 1).unwrap());
    assert!(took > 0.5 * waits - 0.3, "{took}");
    assert_eq!(calls[0]["StartTime"], 1_789_862_400);
    assert_eq!(calls[0]["EndTime"], 1_792_454_400);
    let summary: Value = serde_json::from_str(&history.sandbox.read("summary.json")).unwrap();
    assert_eq!(summary["files"], calls.len());
}

#[test]
fn throttled_calls_are_asked_again() {
    let Some(history) = History::new() else {
        return;
    };
    history.sandbox.write("throttled.txt", "2");
    let ran = history.usage(&["--since", "2026-10-27", "--until", "2026-10-28"]);
    assert_eq!(ran.expect_code(0).stdout.lines().count(), 2);
    assert!(history.calls().len() >= 3);
}

#[test]
fn answers_that_end_early_are_a_gap_and_a_refusal_is_an_error() {
    let Some(history) = History::new() else {
        return;
    };
    history.denied(2, None);
    let ran = history.usage(&WINDOW).expect_code(3);
    assert!(ran.stdout.lines().count() > 1);
    insta::assert_snapshot!(ran.stderr, @"
    the event history of `eu-west-1` holds management events of that Region alone; what was done elsewhere, and with data, is unknown
    IAM, STS's global endpoint, CloudFront and other global services log in us-east-1: ask there too, with `--regions eu-west-1,us-east-1`
    read 50 events in 1 file
    gap: `event history of eu-west-1 of account 111122223333` page 2 could not be read, so events before 2026-10-13T10:04:00Z are missing: cloudtrail:LookupEvents: AccessDeniedException: ordered by the test
    ");
    history.denied(0, None);
    insta::assert_snapshot!(history.usage(&WINDOW).expect_code(2).stderr, @"error: cannot read the event history of `eu-west-1`: cloudtrail:LookupEvents: AccessDeniedException: ordered by the test; the caller needs `cloudtrail:LookupEvents`");
}

#[test]
fn the_history_has_ninety_days() {
    let Some(history) = History::new() else {
        return;
    };
    let ran = history.usage(&["--since", "2020-01-01", "--until", "2026-09-30"]);
    insta::assert_snapshot!(ran.expect_code(0).stderr, @"
    the event history reaches back 90 days: what was done before 2026-08-03T00:00:00Z is unknown
    the event history of `eu-west-1` holds management events of that Region alone; what was done elsewhere, and with data, is unknown
    IAM, STS's global endpoint, CloudFront and other global services log in us-east-1: ask there too, with `--regions eu-west-1,us-east-1`
    read 0 events in 1 file
    ");
    assert_eq!(history.calls()[0]["StartTime"], 1_785_715_200);
    let ran = history.usage(&["--since", "2020-01-01", "--until", "2026-08-03"]);
    insta::assert_snapshot!(ran.expect_code(2).stderr, @"error: the event history reaches back 90 days, to 2026-08-03T00:00:00Z, and `--until` (2026-08-03T00:00:00Z) is before that: read the trail's bucket with `--s3`");
}

#[test]
fn a_run_after_one_that_ended_early_asks_only_for_the_rest() {
    let Some(history) = History::new() else {
        return;
    };
    let local = [&["usage", "--logs", "events.json"], &WINDOW[..]].concat();
    let local = history.sandbox.run(&local).expect_code(0);
    let usage = || history.usage(&[&WINDOW[..], &["--resume-dir", "kept"]].concat());
    history.denied(3, None);
    assert!(usage().expect_code(3).stderr.contains("goes on from it"));
    history.denied(1000, None);
    let calls = history.calls().len();
    let ran = usage().expect_code(0);
    assert_eq!(ran.stdout, local.stdout);
    assert!(
        ran.stderr.contains("2 parts of it had been fetched before"),
        "{}",
        ran.stderr
    );
    // One call tells whose the credentials are; of the second page there may have been more.
    let asked = history.calls().split_off(calls);
    let ends: Vec<i64> = asked
        .iter()
        .map(|call| call["EndTime"].as_i64().unwrap())
        .collect();
    assert!(ends[1..].iter().all(|end| *end < ends[0]), "{asked:#?}");
    // All of it was read, so that nothing is of any more use.
    let left = std::fs::read_dir(history.sandbox.path("kept")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn what_happens_after_a_run_is_asked_for_by_the_next_even_if_ages_are_counted_to_a_later_time() {
    let now = Timestamp::now();
    let minutes_ago = |minutes: i64| {
        let time = now - jiff::SignedDuration::from_mins(minutes);
        time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let event = |id: u32, minutes: i64| record(id, "s3", "ListBuckets", &minutes_ago(minutes));
    let mut events: Vec<Value> = (0..60).map(|id| event(id, 20 + i64::from(id))).collect();
    let Some(history) = History::of(Sandbox::new(), &events) else {
        return;
    };
    let tomorrow = (now + jiff::SignedDuration::from_hours(24)).to_string();
    let usage = || history.usage_as_of(&tomorrow, &["--resume-dir", "kept"]);
    history.denied(2, None);
    usage().expect_code(3);
    history.denied(1000, None);
    events.push(event(60, 1));
    history
        .sandbox
        .write("events.json", json!(events).to_string());
    let ran = usage().expect_code(0);
    assert!(ran.stderr.contains("read 61 events"), "{}", ran.stderr);
}

#[test]
fn a_region_that_is_refused_is_a_gap_until_it_is_read() {
    let sandbox = with_report(&[ReportRow::user("ann", "2020-01-01T00:00:00Z")]);
    sandbox.collect(0);
    let events: Vec<Value> = (0..4)
        .map(|id| {
            let mut record = record(id, "s3", "ListBuckets", "2026-10-01T10:00:00Z");
            record["awsRegion"] = json!(["eu-west-1", "us-east-1"][id as usize % 2]);
            record
        })
        .collect();
    let Some(history) = History::of(sandbox, &events) else {
        return;
    };
    let gaps_after = |code: i32, time: &str, more: &[&str]| {
        let arguments = [&["inv", "--regions", "us-east-1,eu-west-1"], more].concat();
        history.usage_as_of(time, &arguments).expect_code(code);
        history.sandbox.gaps()
    };
    history.denied(1, Some("us-east-1"));
    assert_eq!(
        gaps_after(3, "2026-11-01T00:00:00Z", &[]),
        [
            "event history of us-east-1 of account 111122223333: could not be read: cloudtrail:LookupEvents: AccessDeniedException: ordered by the test; the caller needs `cloudtrail:LookupEvents`"
        ]
    );
    // The history reaches back 90 days, whatever was asked for.
    let manifest = history.sandbox.manifest();
    assert_eq!(manifest["usage"][0]["since"], "2026-08-03T00:00:00Z");
    assert_eq!(manifest["gaps"][0]["account_id"], "111122223333");
    history.denied(1000, None);
    // A part of it is not all of it.
    let part = ["--since", "2026-09-01"];
    assert_eq!(gaps_after(0, "2026-11-01T00:00:00Z", &part).len(), 1);
    assert_eq!(gaps_after(0, "2026-11-02T00:00:00Z", &[]), [""; 0]);
}
