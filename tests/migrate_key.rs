//! `migrate-key` and the ranking, asked of the real binary: one inventory with keys in many hands.

use serde_json::{Value, json};

use crate::support::{ReportRow, Sandbox, key_list, with_report};

const OLD: &str = "2025-01-01T00:00:00+00:00";
const RECENT: &str = "2026-06-29T00:00:00+00:00";

/// One call with a key, as CloudTrail logs it.
fn call(user: &str, key: &str, day: &str, name: &str, client: [&str; 2]) -> Value {
    let [user_agent, address] = client;
    json!({
        "eventVersion": "1.08",
        "eventID": format!("{key}-{day}-{name}-{user_agent}"),
        "eventTime": format!("{day}T08:30:00Z"),
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": address,
        "userAgent": user_agent,
        "recipientAccountId": "111122223333",
        "eventType": "AwsApiCall",
        "userIdentity": {
            "type": "IAMUser",
            "arn": format!("arn:aws:iam::111122223333:user/{user}"),
            "accountId": "111122223333",
            "accessKeyId": key,
            "userName": user,
        },
    })
}

/// Agents of whoever calls; the last is what an attacker would send.
const GITHUB: [&str; 2] = [
    "aws-sdk-js/3.896.0 configure-aws-credentials-for-github-actions",
    "203.0.113.7",
];
const LAPTOP: [&str; 2] = ["aws-cli/2.31.4 ua/2.1 os/macos#24.6.0", "198.51.100.7"];
const FUNCTION: [&str; 2] = ["Boto3/1.40.61 exec-env/AWS_Lambda_python3.12", "10.0.0.9"];
const HOSTILE: [&str; 2] = [
    "` | <img src=x onerror=alert(1)> \u{1b}[31m =1+1 Datadog",
    "not an address",
];

fn inventory() -> Sandbox {
    let with_key = |user: &str| ReportRow::user(user, OLD).key(1, "true", OLD, RECENT);
    let sandbox = with_report(&[
        with_key("github-shop"),
        with_key("alice"),
        with_key("reader"),
        with_key("strange"),
        // Two days far apart in a year: a rare job, and no idle key.
        with_key("release"),
        with_key("silent"),
        ReportRow::user("never", OLD).key(1, "true", OLD, "N/A"),
    ]);
    for (user, key) in [
        ("github-shop", "AKIAGITHUB0000000001"),
        ("alice", "AKIALAPTOP0000000002"),
        ("reader", "AKIASHARED0000000003"),
        ("strange", "AKIASTRANGE000000004"),
        ("release", "AKIARELEASE000000005"),
        ("silent", "AKIASILENT0000000006"),
        ("never", "AKIANEVER00000000007"),
    ] {
        let list = key_list(user, &[(key, "Active", OLD)]);
        sandbox.write(&format!("bundle/access-keys/{user}.json"), list);
    }
    sandbox.collect(0);
    let read = "DescribeInstances";
    let records = [
        call(
            "github-shop",
            "AKIAGITHUB0000000001",
            "2026-06-20",
            read,
            GITHUB,
        ),
        call("alice", "AKIALAPTOP0000000002", "2026-06-21", read, LAPTOP),
        call("reader", "AKIASHARED0000000003", "2026-06-22", read, LAPTOP),
        call(
            "reader",
            "AKIASHARED0000000003",
            "2026-06-23",
            read,
            FUNCTION,
        ),
        call(
            "strange",
            "AKIASTRANGE000000004",
            "2026-06-24",
            read,
            HOSTILE,
        ),
        call(
            "release",
            "AKIARELEASE000000005",
            "2025-08-01",
            "RunInstances",
            ["aws-cli/2.15.0", "203.0.113.9"],
        ),
        call(
            "release",
            "AKIARELEASE000000005",
            "2026-02-01",
            "RunInstances",
            ["aws-cli/2.15.0", "203.0.113.9"],
        ),
    ];
    sandbox.write("logs/a.json", json!({ "Records": records }).to_string());
    sandbox
        .run(&["usage", "inv", "--logs", "logs"])
        .expect_code(0);
    sandbox
}

#[test]
fn holders_are_told_with_their_doubts_and_what_takes_the_keys_place() {
    let sandbox = inventory();
    let document = sandbox
        .run(&["audit", "inv", "--rules", "migrate-key", "--format", "json"])
        .expect_code(0)
        .json();
    let told: Vec<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!(
                "{} {} {}: {}",
                text("severity"),
                text("confidence"),
                text("title"),
                text("detail")
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    medium high A CI system's access key can give way to OpenID Connect: access key `AKIAGITHUB0000000001`: it seems to be held by a CI system (GitHub Actions) (high confidence); used on 1 day of 7 days of logs, last 2026-06-20T08:30:00Z; 7 days cannot tell whether and how often it will be used again
    medium medium Access key is shared by several holders: access key `AKIASHARED0000000003`: it seems to be shared by a workload on AWS (Lambda) and a person (medium confidence); used on 2 days of 7 days of logs, last 2026-06-23T08:30:00Z; 7 days cannot tell whether and how often it will be used again
    medium medium A vendor's access key can give way to a role with an external id: access key `AKIASTRANGE000000004`: it seems to be held by a vendor's service (Datadog) (medium confidence); used on 1 day of 7 days of logs, last 2026-06-24T08:30:00Z; 7 days cannot tell whether and how often it will be used again
    low medium A person's access key can give way to Identity Center: access key `AKIALAPTOP0000000002`: it seems to be held by a person (a computer with macOS) (medium confidence); used on 1 day of 7 days of logs, last 2026-06-21T08:30:00Z; 7 days cannot tell whether and how often it will be used again
    low low Access key can give way to a role or Identity Center: access key `AKIANEVER00000000007`: nobody is known to use it; no call in 7 days of logs; reported: never used
    low low Access key can give way to a role or Identity Center: access key `AKIARELEASE000000005`: nothing tells what holds it; used on 2 days of 7 days of logs, last 2026-02-01T08:30:00Z; it is used rarely, up to 184 days apart, and may be needed in spite of that
    low low Access key can give way to a role or Identity Center: access key `AKIASILENT0000000006`: nothing tells what holds it; no call in 7 days of logs; reported: last used 2026-06-29T00:00:00Z
    ");
    let of = |key: &str| {
        let findings = document["findings"].as_array().unwrap();
        findings
            .iter()
            .find(|finding| finding["access_key_id"] == key)
            .unwrap()
    };
    let remedy = of("AKIAGITHUB0000000001")["remediation"].as_str().unwrap();
    assert!(
        remedy.contains("repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH"),
        "{remedy}"
    );
    // What a caller wrote stays between its quotes, and is cut.
    let evidence = of("AKIASTRANGE000000004")["evidence"].as_array().unwrap();
    assert!(evidence.len() >= 3, "{evidence:?}");
    for fact in evidence.iter().map(|entry| entry["fact"].as_str().unwrap()) {
        assert!(
            fact.matches('`').count() % 2 == 0 && fact.len() < 1000,
            "{fact}"
        );
    }
}

#[test]
fn the_ranking_has_every_open_finding_once_and_the_reports_begin_with_it() {
    let sandbox = inventory();
    let document = sandbox
        .run(&["audit", "inv", "--format", "json"])
        .expect_code(0)
        .json();
    let ids = |name: &str| -> Vec<String> {
        let rows = document[name].as_array().unwrap();
        rows.iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let (mut found, mut ranked) = (ids("findings"), ids("ranking"));
    let first = ranked.first().unwrap().clone();
    found.sort();
    ranked.sort();
    assert_eq!(found, ranked);
    let scores: Vec<u64> = document["ranking"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["score"].as_u64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|left, right| left >= right));
    sandbox
        .run(&["audit", "inv", "--out", "out"])
        .expect_code(0);
    let owner = sandbox.read("out/owners/unowned.csv");
    assert!(owner.lines().nth(1).unwrap().starts_with(&first), "{owner}");
    let report = sandbox.read("out/report.md");
    assert!(
        report.find("## What to do first") < report.find("## Findings"),
        "{report}"
    );
    assert!(!report.contains("<img"), "{report}");
}

#[test]
fn a_gate_is_not_changed_by_keys_that_could_be_replaced() {
    let sandbox = with_report(&[ReportRow::user("u", RECENT).key(1, "true", RECENT, RECENT)]);
    sandbox.collect(0);
    sandbox
        .run(&["gate", "inv", "--max-key-age", "90", "--max-unused", "90"])
        .expect_code(0);
    // Nothing fails; that policies could not be judged of a report alone is said.
    sandbox
        .run(&["gate", "inv", "--fail-on", "medium"])
        .expect_code(3);
    let low = ["gate", "inv", "--fail-on", "low", "--format", "json"];
    let baseline = sandbox.run(&low).expect_code(1).stdout;
    sandbox.write("baseline.json", &baseline);
    let known = [&low[..], &["--baseline", "baseline.json"]].concat();
    // What is known fails nothing; that not all could be judged of a report alone is said all the same.
    let document = sandbox.run(&known).expect_code(3).json();
    assert_eq!(document["baselined"].as_array().unwrap().len(), 1);
    assert!(document["findings"].as_array().unwrap().is_empty());
}
