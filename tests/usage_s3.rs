//! `usage --s3`: the rows of the local engine, from no more of a bucket than the window needs, whatever fails in it.

use leastgrant_testing::corpus;
use serde_json::{Value, json};

use crate::servers::{Bucket, with_credentials};
use crate::support::Sandbox;
use crate::usage::{packed, record};

const ORGANIZATION: &str = "x/AWSLogs/o-exampleorg1";
const ACCOUNT: &str = "x/AWSLogs/o-exampleorg1/111122223333";
/// All days that the trail's bucket has.
const ALL: [&str; 2] = ["--since", "2026-01-01"];

fn write(sandbox: &Sandbox, key: &str, content: &Value) {
    sandbox.write(
        &format!("buckets/trail-logs/{key}"),
        packed(&content.to_string()),
    );
}

/// An organisation's trail: two accounts in two Regions, ten days with an event each, and what else lies around.
fn organization() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut id = 0;
    for account in ["111122223333", "444455556666"] {
        for region in ["eu-west-1", "us-east-1"] {
            for day in 1..=10 {
                id += 1;
                let mut record = record(
                    id,
                    "s3",
                    "ListBuckets",
                    &format!("2026-10-{day:02}T10:00:00Z"),
                );
                record["recipientAccountId"] = account.into();
                record["awsRegion"] = region.into();
                let key = format!(
                    "{ORGANIZATION}/{account}/CloudTrail/{region}/2026/10/{day:02}/file.json.gz"
                );
                write(&sandbox, &key, &json!({"Records": [record]}));
            }
        }
    }
    let digest = json!({"digestS3Object": "x", "digestStartTime": "2026-10-01T00:00:00Z"});
    for kind in ["CloudTrail-Digest", "CloudTrail-Insight", "Config"] {
        let key = format!("{ACCOUNT}/{kind}/eu-west-1/2026/10/02/digest.json.gz");
        write(&sandbox, &key, &digest);
    }
    sandbox.write("buckets/trail-logs/x/notes.txt", "no log");
    write(
        &sandbox,
        "copies/a b+c/one.json.gz",
        &json!({"Records": [record(900, "iam", "ListUsers", "2026-10-05T00:00:00Z")]}),
    );
    sandbox
}

/// The same rows as the local engine has of the same folder.
#[track_caller]
fn same_as_local(bucket: &Bucket, prefix: &str, window: &[&str]) -> String {
    let ran = bucket
        .usage(&format!("s3://trail-logs/{prefix}"), window)
        .expect_code(0);
    let folder = format!("buckets/trail-logs/{prefix}");
    let mut local = vec!["usage", "--logs", &folder];
    local.extend(window);
    assert_eq!(
        ran.stdout,
        bucket.sandbox.run(&local).expect_code(0).stdout,
        "{prefix}"
    );
    ran.stderr
}

#[test]
fn rows_are_those_of_the_local_engine_from_any_level_of_the_bucket() {
    let Some(bucket) = Bucket::of(organization()) else {
        return;
    };
    let region = format!("{ACCOUNT}/CloudTrail/eu-west-1");
    let day = format!("{region}/2026/10/03");
    for prefix in [
        "",
        "x",
        "x/",
        "x/AWSLogs/",
        ORGANIZATION,
        ACCOUNT,
        &format!("{ACCOUNT}/CloudTrail/"),
        &region,
        &format!("{region}/2026"),
        &format!("{region}/2026/10/"),
        &day,
        &format!("{day}/file.json.gz"),
        "copies",
    ] {
        same_as_local(&bucket, prefix, &ALL);
    }
    for prefix in ["", ACCOUNT, &region] {
        same_as_local(
            &bucket,
            prefix,
            &["--since", "2026-10-04", "--until", "2026-10-06T12:00:00Z"],
        );
    }
}

#[test]
fn only_days_of_the_window_and_kinds_with_events_are_listed_and_fetched() {
    let Some(bucket) = Bucket::of(organization()) else {
        return;
    };
    let window = ["--since", "2026-10-04", "--until", "2026-10-05"];
    let said = same_as_local(&bucket, "x/AWSLogs", &window);
    let requests = bucket.requests();
    let (listed, fetched): (Vec<&String>, Vec<&String>) = requests
        .iter()
        .partition(|request| request.contains("list-type=2"));
    // The days from the third to the sixth, of two accounts in two Regions.
    assert_eq!(fetched.len(), 16, "{requests:#?}");
    // A listing for the logs (two before it is known that they are there), the organisation, two accounts, their kind with
    // events, and the four Regions.
    assert_eq!(listed.len(), 2 + 1 + 1 + 2 + 2 + 4, "{listed:#?}");
    assert!(!requests.iter().any(|request| request.contains("Digest%2F")));
    let of_regions = listed
        .iter()
        .filter(|request| request.contains("CloudTrail%2Feu-west-1%2F2026%2F10%2F03"));
    assert_eq!(of_regions.count(), 2, "{listed:#?}");
    insta::assert_snapshot!(said, @"
    fetched 16 objects (0.1 MB) from `s3://trail-logs/x/AWSLogs` in us-east-1
    left out 3 folders without CloudTrail events: digests, Insights and other services' logs
    read 4 events in 16 files
    ");
}

#[test]
fn the_corpus_gives_the_same_rows_as_from_files() {
    let Some(tree) = corpus("cloudtrail/invictus-tree/AWSLogs") else {
        return;
    };
    let sandbox = Sandbox::new();
    for entry in walk(&tree) {
        let key = entry.strip_prefix(tree.parent().unwrap()).unwrap();
        sandbox.write(
            &format!("buckets/trail-logs/{}", key.display()),
            std::fs::read(&entry).unwrap(),
        );
    }
    let Some(bucket) = Bucket::of(sandbox) else {
        return;
    };
    for threads in ["1", "2"] {
        let window = ["--since", "2020-01-01", "--threads", threads];
        same_as_local(&bucket, "", &window);
    }
    same_as_local(
        &bucket,
        "",
        &[
            "--since",
            "2023-07-10T12:00:00Z",
            "--until",
            "2023-07-10T12:15:00Z",
        ],
    );
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn what_fails_is_a_gap_and_the_rest_is_read() {
    let sandbox = organization();
    // A name that would be a command to a terminal, and one that no XML can hold.
    write(
        &sandbox,
        "x/\u{1b}[31m\u{1}red.json.gz",
        &json!({"Records": []}),
    );
    let Some(bucket) = Bucket::of(sandbox) else {
        return;
    };
    let region = format!("{ACCOUNT}/CloudTrail/eu-west-1/2026/10");
    let encoded = "x%2FAWSLogs%2Fo-exampleorg1%2F444455556666%2FCloudTrail%2Feu-west-1";
    let on = |day: &str| format!("/trail-logs/{region}/{day}/");
    bucket.faults(&json!([
        {"on": on("01"), "status": 403, "code": "AccessDenied", "message": "Access Denied"},
        {"on": on("02"), "status": 403, "code": "AccessDenied", "message": "not authorized to perform: kms:Decrypt"},
        {"on": on("03"), "status": 404, "code": "NoSuchKey"},
        {"on": on("04"), "status": 403, "code": "InvalidObjectState"},
        {"on": on("05"), "cut": true},
        // Twice is no more than the engine puts up with.
        {"on": on("06"), "cut": true, "times": 2},
        {"on": on("07"), "status": 503, "code": "SlowDown", "times": 2},
        {"on": encoded, "status": 403, "code": "AccessDenied", "message": "Access Denied"},
        {"on": "red.json", "status": 403, "code": "AccessDenied", "message": "Access Denied"},
    ]));
    let arguments = [&ALL[..], &["--summary", "summary.json"]].concat();
    let ran = bucket.usage("s3://trail-logs", &arguments).expect_code(3);
    // Of 41 events five could not be fetched, and ten could not be listed.
    assert!(ran.stderr.contains("read 26 events"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    let summary: Value = serde_json::from_str(&bucket.sandbox.read("summary.json")).unwrap();
    let problems: Vec<String> = summary["files_unreadable"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            let path = problem["path"].as_str().unwrap();
            format!("{path} {}", problem["reason"].as_str().unwrap())
        })
        .collect();
    insta::assert_snapshot!(problems.join("\n"), @"s3://trail-logs/x/\u{1b}[31m\u{1}red.json.gz cannot be fetched: s3:GetObject: AccessDenied: Access Denied; the caller needs `s3:GetObject` on it, and `kms:Decrypt` if a key encrypts it\ns3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/10/01/file.json.gz cannot be fetched: s3:GetObject: AccessDenied: Access Denied; the caller needs `s3:GetObject` on it, and `kms:Decrypt` if a key encrypts it\ns3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/10/02/file.json.gz cannot be fetched: s3:GetObject: AccessDenied: not authorized to perform: kms:Decrypt; the caller needs `kms:Decrypt` on the key that it is encrypted with\ns3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/10/03/file.json.gz was deleted after it was listed\ns3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/10/04/file.json.gz is archived: restore it first, for instance by `aws s3api restore-object`\ns3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/10/05/file.json.gz cannot be fetched: the connection broke off each time (streaming error: error reading a body from connection: end of file before message length reached)\ns3://trail-logs/x/AWSLogs/o-exampleorg1/444455556666/CloudTrail/eu-west-1/ cannot be listed, so what it holds is missing: s3:ListObjectsV2: AccessDenied: Access Denied");
}

#[test]
fn a_bucket_in_another_region_is_found_there() {
    let Some(bucket) = Bucket::of(organization()) else {
        return;
    };
    bucket.faults(&json!([{"on": "/trail-logs", "region": "eu-central-1"}]));
    let ran = bucket
        .usage(&format!("s3://trail-logs/{ORGANIZATION}"), &ALL)
        .expect_code(0);
    assert!(ran.stderr.contains("in eu-central-1"), "{}", ran.stderr);
}

#[test]
fn an_error_says_what_to_do() {
    let Some(bucket) = Bucket::of(organization()) else {
        return;
    };
    let mut said = Vec::new();
    let mut say = |uri: &str, arguments: &[&str]| {
        let ran = bucket.usage(uri, arguments).expect_code(2);
        assert_eq!(ran.stdout, "");
        said.push(ran.stderr);
    };
    say("s3://no-such-bucket", &ALL);
    say("s3://trail-logs/nothing/here", &ALL);
    say(
        &format!("s3://trail-logs/{ACCOUNT}"),
        &["--since", "2026-11-01", "--until", "2026-11-02"],
    );
    say("s3:/trail-logs", &ALL);
    say("https://trail-logs.s3.amazonaws.com/x", &ALL);
    say("s3://my bucket/x", &ALL);
    say(
        "s3://trail-logs",
        &["--profile", "nobody", "--since", "2026-10-01"],
    );
    say(
        "s3://trail-logs",
        &["--until", "2020-01-01", "--as-of", "2026-10-01T00:00:00Z"],
    );
    bucket.faults(&json!([{"on": "list-type=2", "status": 403, "code": "AccessDenied", "message": "Access Denied"}]));
    say("s3://trail-logs", &ALL);
    bucket.faults(&json!([{"on": "x-id=GetObject", "status": 403, "code": "AccessDenied", "message": "Access Denied"}]));
    say(&format!("s3://trail-logs/{ACCOUNT}"), &ALL);
    bucket.faults(&json!([{"on": "x-id=GetObject", "status": 400, "code": "ExpiredToken", "message": "The provided token has expired."}]));
    say("s3://trail-logs/copies", &ALL);
    bucket.faults(&json!([{"on": "/trail-logs", "region": "eu-central-1"}, {"on": "/trail-logs", "region": "mars-north-1"}]));
    say("s3://trail-logs", &ALL);
    insta::with_settings!({filters => vec![(r"http://127.0.0.1:\d+", "[SERVER]")]}, {
        insta::assert_snapshot!(said.join(""), @"
        error: cannot list `s3://no-such-bucket/`: s3:ListObjectsV2: NoSuchBucket: The specified bucket does not exist; give the bucket that the trail delivers to
        error: no log is in `s3://trail-logs/nothing/here` from the day 2025/12/31 on: give the bucket, or a folder at or above CloudTrail's `AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`, and a `--since` that goes back far enough
        error: no log is in `s3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333` from the day 2026/10/31 to 2026/11/03: give the bucket, or a folder at or above CloudTrail's `AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`, and a `--since` that goes back far enough
        error: invalid value 's3:/trail-logs' for '--s3 <URI>': it does not begin with `s3://`: give `s3://BUCKET` or `s3://BUCKET/PREFIX`

        For more information, try '--help'.
        error: invalid value 'https://trail-logs.s3.amazonaws.com/x' for '--s3 <URI>': it does not begin with `s3://`: give `s3://BUCKET` or `s3://BUCKET/PREFIX`

        For more information, try '--help'.
        error: invalid value 's3://my bucket/x' for '--s3 <URI>': `my bucket` is no name of a bucket, which has 3 to 63 letters, digits, dots and hyphens: give `s3://BUCKET/PREFIX`

        For more information, try '--help'.
        error: cannot list `s3://trail-logs/`: s3:ListObjectsV2: there is no profile `nobody`, which `--profile` names, in the AWS configuration: `aws configure list-profiles` shows those that are there; give credentials as the `aws` CLI takes them: `--profile`, `aws sso login`, or the environment
        error: `--until` (2020-01-01T00:00:00Z) is before the last 90 days, which are read where no `--since` is given: give one too
        error: cannot list `s3://trail-logs/`: s3:ListObjectsV2: AccessDenied: Access Denied; the caller needs `s3:ListBucket` on the bucket, `s3:GetObject` on its objects, and `kms:Decrypt` on the key where they are encrypted with one
        error: nothing of `s3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333` can be read: `s3://trail-logs/x/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/10/01/file.json.gz` cannot be fetched: s3:GetObject: AccessDenied: Access Denied; the caller needs `s3:GetObject` on it, and `kms:Decrypt` if a key encrypts it
        error: nothing of `s3://trail-logs/copies` can be read: `s3://trail-logs/copies/a b+c/one.json.gz` cannot be fetched: s3:GetObject: ExpiredToken: The provided token has expired.; renew the credentials
        error: the bucket of `s3://trail-logs/` is in the Region `mars-north-1`, and `[SERVER]` does not reach it there: give that Region's endpoint, or no `--endpoint-url`
        ");
    });
}

#[test]
fn a_profile_that_is_asked_for_goes_before_the_environment() {
    let Some(bucket) = Bucket::of(organization()) else {
        return;
    };
    bucket.faults(
        &json!([{"on": "/trail-logs", "key": "test", "status": 403, "code": "AccessDenied"}]),
    );
    let profile = "[other]\naws_access_key_id = other\naws_secret_access_key = other\n";
    bucket.sandbox.write("credentials", profile);
    let run = |arguments: &[&str]| {
        let mut command = bucket.command("s3://trail-logs/copies", &ALL);
        let file = bucket.sandbox.path("credentials");
        command
            .args(arguments)
            .env("AWS_SHARED_CREDENTIALS_FILE", file);
        bucket.sandbox.ran(&mut command)
    };
    run(&[]).expect_code(2);
    run(&["--profile", "other"]).expect_code(0);
}

#[test]
fn without_credentials_or_a_server_nothing_hangs() {
    let sandbox = Sandbox::new();
    let run = |command: &mut std::process::Command| {
        let arguments = ["usage", "--s3", "s3://trail-logs", "--endpoint-url"];
        let ran = sandbox.ran(command.args(arguments).arg("http://127.0.0.1:9"));
        ran.expect_code(2).stderr
    };
    let mut command = sandbox.command();
    let none = run(command.env("AWS_EC2_METADATA_DISABLED", "true"));
    insta::assert_snapshot!(none, @"error: cannot list `s3://trail-logs/`: s3:ListObjectsV2: no credentials were found in the environment, in a profile or on the machine; give credentials as the `aws` CLI takes them: `--profile`, `aws sso login`, or the environment");
    let arguments = [
        "usage",
        "--event-history",
        "--endpoint-url",
        "localhost:4566",
    ];
    insta::assert_snapshot!(sandbox.run(&arguments).expect_code(2).stderr, @"
    error: invalid value 'localhost:4566' for '--endpoint-url <URL>': it is no URL: give one such as `https://s3.eu-west-1.amazonaws.com`

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&mut with_credentials(&sandbox)), @"error: cannot list `s3://trail-logs/`: s3:ListObjectsV2: dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111); check the network, `--region` and `--endpoint-url`");
}
