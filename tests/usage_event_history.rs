//! `usage --event-history`: the rows of the local engine from LookupEvents, no faster than AWS allows.

use serde_json::{Value, json};

use crate::servers::{Server, with_credentials};
use crate::support::{Ran, Sandbox};
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
        sandbox.write("events.json", json!(events).to_string());
        let server = Server::start("event_history", &[&sandbox.path("")])?;
        Some(Self { sandbox, server })
    }

    fn usage(&self, arguments: &[&str]) -> Ran {
        let mut command = with_credentials(&self.sandbox);
        command
            .args(["usage", "--event-history", "--region", "eu-west-1"])
            .args(["--as-of", "2026-11-01T00:00:00Z"])
            .args(["--endpoint-url", self.server.url()])
            .args(arguments);
        self.sandbox.ran(&mut command)
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
    let denied = |from: u32| {
        let fault = json!({"from": from, "status": 400, "code": "AccessDeniedException"});
        history.sandbox.write("fault.json", fault.to_string());
    };
    denied(2);
    let ran = history.usage(&WINDOW).expect_code(3);
    assert!(ran.stdout.lines().count() > 1);
    insta::assert_snapshot!(ran.stderr, @"
    the event history of `eu-west-1` holds management events of that Region alone; what was done elsewhere, and with data, is unknown
    IAM, STS's global endpoint, CloudFront and other global services log in us-east-1: ask there too, with `--regions eu-west-1,us-east-1`
    read 50 events in 1 file
    gap: `event history of eu-west-1, page 2` could not be read, so events before 2026-10-13T10:04:00Z are missing: cloudtrail:LookupEvents: AccessDeniedException: ordered by the test
    ");
    denied(0);
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
