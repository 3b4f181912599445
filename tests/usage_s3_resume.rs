//! `usage --s3` that is interrupted: the next run goes on from what was fetched.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::servers::Bucket;
use crate::support::Sandbox;
use crate::usage::{packed, record};

const OBJECTS: u32 = 30;
const ALL: [&str; 2] = ["--since", "2026-01-01"];

/// A bucket of objects with an event each, of which those from a number on do not come.
fn slow_from(number: u32) -> Option<Bucket> {
    let sandbox = Sandbox::new();
    for id in 0..OBJECTS {
        let record = record(id, "s3", "ListBuckets", "2026-10-01T10:00:00Z");
        sandbox.write(
            &format!("buckets/trail-logs/logs/{id:02}.json.gz"),
            packed(&json!({"Records": [record]}).to_string()),
        );
    }
    let bucket = Bucket::of(sandbox)?;
    let faults: Vec<_> = (number..OBJECTS)
        .map(|id| json!({"on": format!("/logs/{id:02}.json"), "delay": 600}))
        .collect();
    bucket.faults(&json!(faults));
    Some(bucket)
}

fn fetched(bucket: &Bucket) -> usize {
    let requests = bucket.requests();
    requests
        .iter()
        .filter(|request| request.contains("x-id=GetObject"))
        .count()
}

fn kept(bucket: &Bucket) -> usize {
    let Ok(folders) = std::fs::read_dir(bucket.sandbox.path("kept")) else {
        return 0;
    };
    folders
        .map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .flat_map(|files| files.map(|file| file.unwrap().path()))
        .filter(|path| path.extension().is_none())
        .count()
}

/// Interrupts a run once it has fetched all that comes.
fn interrupt(bucket: &Bucket, arguments: &[&str], until: usize) {
    let child = bucket
        .command("s3://trail-logs/logs", arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while kept(bucket) < until {
        assert!(Instant::now() < deadline, "{} are kept", kept(bucket));
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("what was fetched is kept in `"), "{said}");
    assert!(said.contains("the same command goes on from it"), "{said}");
}

#[test]
fn an_interrupted_run_goes_on_from_what_was_fetched() {
    let Some(bucket) = slow_from(20) else {
        return;
    };
    let arguments = [&ALL[..], &["--resume-dir", "kept"]].concat();
    interrupt(&bucket, &arguments, 20);
    bucket.requests();
    bucket.faults(&json!([]));
    let ran = bucket
        .usage("s3://trail-logs/logs", &arguments)
        .expect_code(0);
    assert_eq!(fetched(&bucket), 10);
    assert!(
        ran.stderr.contains("fetched 10 objects")
            && ran.stderr.contains("20 others had been fetched before"),
        "{}",
        ran.stderr
    );
    let local = bucket
        .sandbox
        .run(&["usage", "--logs", "buckets/trail-logs/logs"]);
    assert_eq!(ran.stdout, local.stdout);
    // Nothing is left behind.
    assert_eq!(kept(&bucket), 0);
    bucket
        .usage("s3://trail-logs/logs", &arguments)
        .expect_code(0);
    assert_eq!(fetched(&bucket), 30);
}

#[test]
fn objects_are_kept_in_the_cache_folder_unless_that_is_not_wanted() {
    let Some(bucket) = slow_from(OBJECTS) else {
        return;
    };
    bucket.faults(&json!([{"on": "/logs/00.json", "status": 403, "code": "AccessDenied"}]));
    let cache = bucket.sandbox.path("cache");
    let run = |arguments: &[&str]| {
        let mut command = bucket.command("s3://trail-logs/logs", &ALL);
        bucket
            .sandbox
            .ran(command.args(arguments).env("XDG_CACHE_HOME", &cache))
    };
    run(&["--no-resume"]).expect_code(3);
    assert!(!cache.exists());
    let ran = run(&[]).expect_code(3);
    assert!(
        ran.stderr
            .contains("what was fetched is kept in `[DIR]/cache/leastgrant/s3/leastgrant-s3-"),
        "{}",
        ran.stderr
    );
    bucket.requests();
    bucket.faults(&json!([]));
    run(&[]).expect_code(0);
    assert_eq!(fetched(&bucket), 1);
    assert_eq!(cache.join("leastgrant/s3").read_dir().unwrap().count(), 0);
}

#[test]
fn a_run_whose_credentials_expire_stops_and_loses_nothing() {
    let Some(bucket) = slow_from(20) else {
        return;
    };
    let arguments = [&ALL[..], &["--resume-dir", "kept"]].concat();
    interrupt(&bucket, &arguments, 20);
    bucket.faults(&json!([{"on": "x-id=GetObject", "status": 400, "code": "ExpiredToken"}]));
    let ran = bucket
        .usage("s3://trail-logs/logs", &arguments)
        .expect_code(2);
    assert_eq!(ran.stdout, "");
    // Twenty were read from where they are kept, before any answer could come.
    let (_, said) = ran.stderr.split_once("stopped after 20 objects: ").unwrap();
    assert!(
        said.contains("ExpiredToken: ordered by the test; renew the credentials; then, the same command goes on"),
        "{said}"
    );
    bucket.faults(&json!([]));
    let ran = bucket
        .usage("s3://trail-logs/logs", &arguments)
        .expect_code(0);
    // The bucket may still see requests of the run that stopped, so that the run itself is asked.
    assert!(
        ran.stderr.contains("fetched 10 objects")
            && ran.stderr.contains("20 others had been fetched before"),
        "{}",
        ran.stderr
    );
}
