//! `usage INVENTORY SOURCE`: evidence is added to an inventory, each event once, and nothing else changes.

use std::collections::BTreeMap;

use leastgrant_inventory::tables::{UsageEventRow, UsageRow, UsageSourceRow, UserRow};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, ReportRow, Sandbox, with_report};
use crate::usage::record;

const OLD: &str = "2020-01-01T00:00:00Z";

fn collected() -> Sandbox {
    let sandbox = with_report(&[ReportRow::user("ann", OLD)]);
    sandbox.collect(0);
    sandbox
}

fn write_logs(sandbox: &Sandbox, name: &str, records: &[Value]) {
    sandbox.write(name, json!({ "Records": records }).to_string());
}

/// Every file of the inventory, but the manifest and the tables of usage.
fn others(sandbox: &Sandbox) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(sandbox.path("inv"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(name, _)| !name.starts_with("usage") && name != "manifest.json")
        .collect()
}

#[test]
fn a_fresh_inventory_has_no_usage_and_a_source_adds_it() {
    let sandbox = collected();
    assert_eq!(sandbox.rows::<UsageRow>(), []);
    assert_eq!(sandbox.manifest()["usage"], json!([]));
    let before = others(&sandbox);
    assert!(before.len() > 20);
    write_logs(
        &sandbox,
        "logs.json",
        &[
            record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z"),
            record(2, "s3", "ListBuckets", "2026-06-02T10:00:00Z"),
        ],
    );
    let ran = sandbox
        .run(&["usage", "inv", "--logs", "logs.json"])
        .expect_code(0);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(ran.stderr, @r"
    read 2 events in 1 file
    wrote the inventory `inv`, with 1 row of usage
    logs of 111122223333: 2026-06-01 to 2026-06-02 (2 days), eu-west-1
      no action can be told to be unused: the logs cover 2 days, and it takes 90
    ");
    assert_eq!(others(&sandbox), before);
    let rows = sandbox.rows::<UsageRow>();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].count, rows[0].active_days), (2, 2));
    assert_eq!(
        rows[0]
            .active_dates
            .dates()
            .map(|date| date.to_string())
            .collect::<Vec<_>>(),
        ["2026-06-01", "2026-06-02"]
    );
    assert_eq!(sandbox.rows::<UsageEventRow>().len(), 2);
    let sources = sandbox.rows::<UsageSourceRow>();
    assert_eq!(
        (sources.len(), &*sources[0].region, sources[0].active_days),
        (1, "eu-west-1", 2)
    );
    let manifest = sandbox.manifest();
    crate::simulate::valid("manifest", &sandbox, &manifest);
    let source = manifest["sources"]
        .as_array()
        .unwrap()
        .iter()
        .find(|source| source["kind"] == "cloud_trail")
        .unwrap();
    assert_eq!(
        (&source["account_id"], &source["earliest"]),
        (&json!(ACCOUNT), &json!("2026-06-01T10:00:00Z"))
    );
    // The date that ages are counted to is that of the credentials.
    assert_eq!(manifest["collected_at"], crate::support::NOW);
    sandbox
        .run(&[
            "gate",
            "inv",
            "--max-key-age",
            "90",
            "--max-inventory-age",
            "1",
            "--as-of",
            crate::support::NOW,
        ])
        .expect_code(0);
    sandbox.run(&["audit", "inv"]).expect_code(0);
}

#[test]
fn the_same_events_of_other_sources_and_runs_count_once() {
    let sandbox = collected();
    let records: Vec<Value> = (0..40)
        .map(|id| {
            record(
                id,
                ["s3", "iam", "kms"][id as usize % 3],
                ["ListBuckets", "ListUsers", "ListKeys"][id as usize % 3],
                &format!("2026-06-{:02}T10:00:00Z", 1 + id % 30),
            )
        })
        .collect();
    write_logs(&sandbox, "all/logs.json", &records);
    sandbox
        .run(&["usage", "inv", "--logs", "all"])
        .expect_code(0);
    let together = sandbox.rows::<UsageRow>();
    sandbox.collect(0);
    write_logs(&sandbox, "one/logs.json", &records[..25]);
    write_logs(&sandbox, "two/logs.json", &records[15..]);
    for folder in ["one", "two", "all", "one"] {
        sandbox
            .run(&["usage", "inv", "--logs", folder])
            .expect_code(0);
    }
    assert_eq!(sandbox.rows::<UsageRow>(), together);
    let events: Vec<u64> = sandbox.manifest()["usage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["events"].as_u64().unwrap())
        .collect();
    assert_eq!(events, [25, 15, 0, 0]);
    let ran = sandbox
        .run(&["-q", "usage", "inv", "--format", "csv", "--logs", "all"])
        .expect_code(0);
    assert_eq!(
        ran.stdout,
        sandbox
            .run(&["usage", "--logs", "all"])
            .expect_code(0)
            .stdout
    );
}

#[test]
fn a_session_without_issuer_gets_its_roles_path_from_the_inventory() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "bundle/account.json",
        crate::support::account_json(crate::support::NOW),
    );
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/ci/Deploy");
    let role = json!({"Path": "/ci/", "RoleName": "Deploy", "RoleId": "AROAEXAMPLE", "Arn": arn, "CreateDate": OLD, "AssumeRolePolicyDocument": "{}"});
    sandbox.write(
        "bundle/roles.json",
        json!({"Roles": [role], "IsTruncated": false}).to_string(),
    );
    sandbox.collect(0);
    let mut session = record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z");
    session["userIdentity"] = json!({"type": "AssumedRole", "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-7"), "accountId": ACCOUNT});
    write_logs(&sandbox, "logs.json", &[session]);
    sandbox
        .run(&["usage", "inv", "--logs", "logs.json"])
        .expect_code(0);
    assert_eq!(&*sandbox.rows::<UsageRow>()[0].principal_arn, arn);
}

#[test]
fn a_broken_file_is_a_gap_until_it_can_be_read() {
    let sandbox = collected();
    let whole =
        json!({"Records": [record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z")]}).to_string();
    let name = format!("logs/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/2026/06/01/a.json");
    sandbox.write(&name, whole.strip_suffix("]}").unwrap());
    sandbox
        .run(&["usage", "inv", "--logs", "logs"])
        .expect_code(3);
    let manifest = sandbox.manifest();
    assert_eq!(manifest["gaps"][0]["unknowable"], json!(["cloud_trail"]));
    assert_eq!(manifest["gaps"][0]["account_id"], json!(ACCOUNT));
    assert_eq!(manifest["usage"][0]["files_unreadable"], 1);
    sandbox
        .run(&["usage", "inv", "--logs", "logs"])
        .expect_code(3);
    assert_eq!(sandbox.gaps().len(), 1);
    sandbox.write(&name, whole);
    sandbox
        .run(&["usage", "inv", "--logs", "logs"])
        .expect_code(0);
    assert_eq!(sandbox.gaps(), [""; 0]);
    assert_eq!(sandbox.rows::<UsageRow>()[0].count, 1);
}

#[test]
fn an_inventory_from_before_usage_is_read_and_takes_it() {
    let sandbox = collected();
    let mut manifest = sandbox.manifest();
    manifest.as_object_mut().unwrap().remove("usage");
    let tables = manifest["tables"].as_array_mut().unwrap();
    let is_usage = |table: &Value| table["name"].as_str().unwrap().starts_with("usage");
    for table in tables.iter().filter(|table| is_usage(table)) {
        std::fs::remove_file(sandbox.path("inv").join(table["file"].as_str().unwrap())).unwrap();
    }
    tables.retain(|table| !is_usage(table));
    sandbox.write("inv/manifest.json", manifest.to_string());
    for command in [
        &["audit", "inv"][..],
        &["who-can", "inv", "--action", "s3:GetObject"],
        &["gate", "inv", "--max-unused", "90"],
    ] {
        let ran = sandbox.run(command);
        assert!(ran.code < 2 || ran.code == 3, "{}", ran.stderr);
        assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
    }
    assert_eq!(sandbox.rows::<UsageRow>(), []);
    write_logs(
        &sandbox,
        "logs.json",
        &[record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z")],
    );
    sandbox
        .run(&["usage", "inv", "--logs", "logs.json"])
        .expect_code(0);
    assert_eq!(sandbox.rows::<UsageRow>().len(), 1);
    assert!(!sandbox.rows::<UserRow>().is_empty());
}

#[test]
fn what_goes_wrong_leaves_the_inventory_as_it_was() {
    let sandbox = collected();
    let before = sandbox.read("inv/manifest.json");
    sandbox.write("other.json", r#"{"hello":1}"#);
    write_logs(
        &sandbox,
        "logs.json",
        &[record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z")],
    );
    for (arguments, message) in [
        (&["usage", "inv", "--logs", "nowhere"][..], "`nowhere`"),
        (
            &["usage", "inv", "--logs", "other.json"],
            "no CloudTrail record",
        ),
        (&["usage", "inv"], "no source is named"),
        (
            &["usage", "logs.json", "--logs", "logs.json"],
            "is no inventory",
        ),
        (
            &["usage", "bundle", "--logs", "logs.json"],
            "is no inventory",
        ),
    ] {
        let ran = sandbox.run(arguments).expect_code(2);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
    // A standard input that never ends keeps the run waiting until it is killed.
    let mut child = sandbox
        .command()
        .args(["usage", "inv", "--logs", "logs.json", "-"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(sandbox.read("inv/manifest.json"), before);
    assert_eq!(sandbox.rows::<UsageRow>(), []);
    // The next run clears away what the killed one left.
    sandbox
        .run(&["usage", "inv", "--logs", "logs.json"])
        .expect_code(0);
    let names = std::fs::read_dir(sandbox.path(".")).unwrap();
    assert!(
        names
            .map(|entry| entry.unwrap().file_name())
            .all(|name| !name.to_string_lossy().contains("partial"))
    );
}

#[test]
fn run_reads_the_bundles_own_logs_and_those_that_are_named_each_event_once() {
    let sandbox = with_report(&[ReportRow::user("ann", OLD)]);
    let one = record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z");
    let two = record(2, "s3", "ListBuckets", "2026-06-02T10:00:00Z");
    write_logs(
        &sandbox,
        "bundle/cloudtrail/a/one.json",
        std::slice::from_ref(&one),
    );
    write_logs(&sandbox, "more/both.json", &[one, two]);
    let usage = |name: &str| -> Vec<UsageRow> {
        let inventory = leastgrant_inventory::Inventory::open(&sandbox.path(name)).unwrap();
        inventory.read().unwrap()
    };
    sandbox
        .run(&["run", "--from", "bundle", "--out", "own"])
        .expect_code(0);
    assert_eq!(usage("own/inventory")[0].count, 1);
    let ran = sandbox
        .run(&["run", "--from", "bundle", "--out", "all", "--logs", "more"])
        .expect_code(0);
    assert_eq!(usage("all/inventory")[0].count, 2);
    assert!(
        ran.stderr.contains(
            "read 1 event of CloudTrail in 1 file, from 2026-06-01T10:00:00Z to 2026-06-02"
        ),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("logs of 111122223333"),
        "{}",
        ran.stderr
    );
    let ran = sandbox
        .run(&[
            "run",
            "--from",
            "bundle",
            "--out",
            "none",
            "--since",
            "2026-07-01",
        ])
        .expect_code(0);
    assert_eq!(usage("none/inventory"), []);
    assert!(ran.stderr.contains("read 0 events"), "{}", ran.stderr);
    // A part of a run is made anew by a run.
    sandbox
        .run(&["usage", "all/inventory", "--logs", "more"])
        .expect_code(2);
    sandbox.write("bundle/cloudtrail/cut.json", r#"{"Records":[{"eventID":"#);
    sandbox
        .run(&["run", "--from", "bundle", "--out", "own"])
        .expect_code(3);
    let ran = sandbox
        .run(&[
            "run", "--from", "bundle", "--out", "bad", "--logs", "nowhere",
        ])
        .expect_code(2);
    assert!(
        ran.stderr.contains("`nowhere`") && !sandbox.path("bad").exists(),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_bundle_with_an_empty_or_foreign_cloudtrail_folder_has_no_usage() {
    let sandbox = with_report(&[ReportRow::user("ann", OLD)]);
    std::fs::create_dir(sandbox.path("bundle/cloudtrail")).unwrap();
    sandbox
        .run(&["run", "--from", "bundle", "--out", "out"])
        .expect_code(0);
    sandbox.write("bundle/cloudtrail/other.json", r#"{"hello":1}"#);
    sandbox
        .run(&["run", "--from", "bundle", "--out", "out"])
        .expect_code(0);
}

#[test]
fn a_gap_goes_when_the_file_is_read_under_another_name_of_its_path() {
    let sandbox = collected();
    let whole =
        json!({ "Records": [record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z")] }).to_string();
    sandbox.write("logs.json", whole.get(..whole.len() - 20).unwrap());
    sandbox
        .run(&["usage", "inv", "--logs", "logs.json"])
        .expect_code(3);
    sandbox.write("logs.json", whole);
    let ran = sandbox
        .run(&["usage", "inv", "--logs", "./logs.json"])
        .expect_code(0);
    assert!(!ran.stderr.contains("could not be read"), "{}", ran.stderr);
}

#[test]
fn a_region_begins_no_line_on_standard_error() {
    let sandbox = collected();
    let mut forged = record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z");
    forged["awsRegion"] = "eu-west-1\nerror: all is lost".into();
    write_logs(&sandbox, "logs.json", &[forged]);
    let ran = sandbox
        .run(&["usage", "inv", "--logs", "logs.json", "--verbose"])
        .expect_code(0);
    assert!(
        ran.stderr.contains("eu-west-1\\u{a}error")
            && ran.stderr.lines().all(|line| !line.starts_with("error")),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_summary_can_be_printed_where_the_rows_are_not() {
    let sandbox = collected();
    write_logs(
        &sandbox,
        "logs.json",
        &[record(1, "s3", "ListBuckets", "2026-06-01T10:00:00Z")],
    );
    let ran = sandbox
        .run(&["usage", "inv", "--logs", "logs.json", "--summary", "-"])
        .expect_code(0);
    assert_eq!(ran.json()["events"], json!(1));
    let ran = sandbox
        .run(&["usage", "--logs", "logs.json", "--summary", "-"])
        .expect_code(2);
    assert!(
        ran.stderr.contains("name a file for `--summary`"),
        "{}",
        ran.stderr
    );
    assert!(!sandbox.path("-").exists());
}

#[test]
fn options_of_athena_are_refused_beside_files() {
    let sandbox = Sandbox::new();
    for option in [
        ["--accounts", "111122223333"],
        ["--regions", "eu-west-1"],
        ["--workgroup", "w"],
        ["--max-scan-bytes", "5"],
    ] {
        let [name, value] = option;
        let ran = sandbox
            .run(&["usage", "--logs", "logs.json", name, value])
            .expect_code(2);
        assert!(ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
    }
}
