//! The demo: its findings are its truth, all of them and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_evidence::{Evidence, Options, Verdict};
use serde_json::Value;

use crate::support::Sandbox;

/// The members of a list that are of one of the rules.
fn of_rules<'a>(list: &'a Value, rules: &Value) -> Vec<&'a Value> {
    let rules = rules.as_array().expect("a list");
    let list = list.as_array().expect("a list").iter();
    list.filter(|own| rules.contains(&own["rule"])).collect()
}

/// What a finding is about: rule, account, resource, key and owner.
fn identities(findings: &[&Value]) -> BTreeSet<[String; 5]> {
    findings
        .iter()
        .map(|finding| {
            [
                "rule",
                "account_id",
                "resource_arn",
                "access_key_id",
                "owner",
            ]
            .map(|member| finding[member].as_str().unwrap_or("-").to_owned())
        })
        .collect()
}

#[track_caller]
fn assert_findings_are_the_truth(options: &[&str]) {
    let sandbox = Sandbox::new();
    let mut arguments = vec!["demo", "--out", "bundle", "--days", "0"];
    arguments.extend(options);
    sandbox.run(&arguments).expect_code(0);
    sandbox.collect(0);
    let truth: Value = serde_json::from_str(&sandbox.read("bundle/truth.json")).expect("JSON");
    let document = sandbox
        .run(&["audit", "inv", "--format", "json"])
        .expect_code(0)
        .json();
    let rules = &truth["rules"];
    let findings = of_rules(&document["findings"], rules);
    let expected: Vec<&Value> = truth["findings"].as_array().unwrap().iter().collect();
    let counts = (expected.len(), findings.len());
    let (expected, found) = (identities(&expected), identities(&findings));
    let missed: Vec<_> = expected.difference(&found).collect();
    let wrong: Vec<_> = found.difference(&expected).collect();
    assert!(
        missed.is_empty() && wrong.is_empty(),
        "missed: {missed:#?}\nwrong: {wrong:#?}"
    );
    // The same finding twice would hide behind the sets.
    assert_eq!(counts.0, counts.1);
    assert_eq!(
        of_rules(&document["not_checked"], rules),
        Vec::<&Value>::new()
    );
    assert_eq!(document["gaps"], serde_json::json!([]));
}

#[test]
fn findings_are_the_truth_at_the_defaults() {
    assert_findings_are_the_truth(&[]);
}

#[test]
fn findings_are_the_truth_with_other_seeds_and_sizes() {
    assert_findings_are_the_truth(&["--seed", "7"]);
    assert_findings_are_the_truth(&["--seed", "8", "--accounts", "1", "--principals", "60"]);
    assert_findings_are_the_truth(&["--seed", "9", "--accounts", "5", "--principals", "900"]);
}

#[test]
fn run_on_the_demo_writes_what_its_help_names() {
    let sandbox = Sandbox::new();
    let ran = sandbox
        .run(&["run", "--demo", "--out", "quarterly"])
        .expect_code(0);
    assert_eq!(ran.stdout, "");
    for name in [
        "findings.csv",
        "findings.json",
        "report.md",
        "report.html",
        "owners/unowned.md",
        "owners/unowned.csv",
        "inventory/manifest.json",
    ] {
        assert!(sandbox.path("quarterly").join(name).exists(), "{name}");
    }
    assert!(!sandbox.path("quarterly/bundle").exists());
    // The same again, by hand: the inventory that was written, judged anew.
    let inventory = "quarterly/inventory";
    let by_hand = sandbox
        .run(&["audit", inventory, "--format", "json"])
        .stdout;
    assert_eq!(sandbox.read("quarterly/findings.json"), by_hand);
}

#[test]
fn the_gate_fails_on_the_demo_and_names_key_owner_and_remedy() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["run", "--demo", "--out", "quarterly"])
        .expect_code(0);
    let ran = sandbox
        .run(&["gate", "quarterly/inventory", "--max-key-age", "90"])
        .expect_code(1);
    let key = ran
        .stdout
        .split("AKIA")
        .nth(1)
        .expect("a key id")
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .count();
    assert_eq!(key, 16, "{}", ran.stdout);
    assert!(ran.stdout.contains("owner"), "{}", ran.stdout);
}

#[test]
fn the_same_seed_writes_the_same_logs_and_another_one_does_not() {
    let sandbox = Sandbox::new();
    for (out, seed) in [("a", "3"), ("b", "3"), ("c", "4")] {
        sandbox
            .run(&[
                "demo",
                "--out",
                out,
                "--seed",
                seed,
                "--days",
                "2",
                "--accounts",
                "1",
                "--principals",
                "60",
            ])
            .expect_code(0);
    }
    let truth = |name: &str| sandbox.read(&format!("{name}/truth.json"));
    assert_eq!(truth("a"), truth("b"));
    assert_ne!(truth("a"), truth("c"));
}

#[test]
fn every_document_fits_the_schema_that_is_printed_for_it() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["demo", "--out", "bundle", "--days", "1"])
        .expect_code(0);
    // A gap, so that this part of the schema is used.
    sandbox.write("bundle/notes.txt", "x");
    sandbox.collect(3);
    let findings = sandbox
        .run(&["audit", "inv", "--format", "json"])
        .expect_code(0)
        .stdout;
    let gate = sandbox
        .run(&["gate", "inv", "--max-key-age", "90", "--format", "json"])
        .expect_code(1)
        .stdout;
    for (name, document) in [
        ("manifest", sandbox.read("inv/manifest.json")),
        ("truth", sandbox.read("bundle/truth.json")),
        ("findings", findings),
        ("gate", gate),
    ] {
        let schema = sandbox.run(&["schema", name]).expect_code(0).json();
        let document: Value = serde_json::from_str(&document).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .take(3)
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        assert_eq!(document["schema"], format!("leastgrant.{name}/1"));
    }
}

/// The members that tell a row of the truth's usage from the others.
const USAGE_KEY: [&str; 7] = [
    "account_id",
    "principal_arn",
    "access_key_id",
    "event_source",
    "event_name",
    "region",
    "outcome",
];

/// Events of each key, with the first and the last of them.
type Calls = BTreeMap<Vec<String>, (u64, String, String)>;

#[test]
fn usage_is_the_truth() {
    let sandbox = Sandbox::new();
    let arguments = ["demo", "--out", "bundle", "--days", "92", "--seed", "11"];
    sandbox.run(&arguments).expect_code(0);
    let truth: Value = serde_json::from_str(&sandbox.read("bundle/truth.json")).expect("JSON");
    let key = |row: &Value| -> Vec<String> {
        USAGE_KEY
            .iter()
            .map(|name| row[*name].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let expected: Calls = truth["usage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let events = row["events"].as_u64().unwrap();
            (key(row), (events, text(row, "first"), text(row, "last")))
        })
        .collect();
    let arguments = ["usage", "--logs", "bundle", "--format", "json"];
    let document = sandbox.run(&arguments).expect_code(0).json();
    // An event that needs several actions is in a row of each.
    let mut of_actions: BTreeMap<(Vec<String>, String), (u64, String, String)> = BTreeMap::new();
    let mut found: BTreeMap<Vec<String>, Vec<(u64, String, String)>> = BTreeMap::new();
    for row in document["rows"].as_array().unwrap() {
        // People and workflows at an identity provider are nobody in IAM.
        if ["saml", "web_identity"].contains(&row["principal_type"].as_str().unwrap()) {
            continue;
        }
        let counted = (
            row["count"].as_u64().unwrap(),
            text(row, "first_seen"),
            text(row, "last_seen"),
        );
        found.entry(key(row)).or_default().push(counted.clone());
        let entry = of_actions.entry((key(row), text(row, "action")));
        entry
            .and_modify(|(count, first, last)| {
                *count += counted.0;
                *first = counted.1.clone().min(first.clone());
                *last = counted.2.clone().max(last.clone());
            })
            .or_insert(counted);
    }
    // Not each call needs all of its actions, and one about several resources is in a row of each: then a single row has all calls.
    for ((key, _), counted) in of_actions {
        found.entry(key).or_default().push(counted);
    }
    assert!(found.len() > 50);
    assert!(found.keys().eq(expected.keys()));
    for (key, counted) in &expected {
        let of_key = &found[key];
        assert!(
            of_key.contains(counted),
            "{key:?}: {counted:?} is not in {of_key:?}"
        );
    }
    assert_evidence_is_the_truth(&sandbox, &truth);
    assert_key_holders_are_the_truth(&sandbox, &truth);
}

/// What findings are titled that tell this holder.
fn title_of(holder: &str) -> &'static str {
    match holder {
        "person" => "A person's access key can give way to Identity Center",
        "workload" => "A workload's access key can give way to its own role",
        "ci" => "A CI system's access key can give way to OpenID Connect",
        "vendor" => "A vendor's access key can give way to a role with an external id",
        "several" => "Access key is shared by several holders",
        other => panic!("`{other}` is no holder"),
    }
}

/// The inventory has the usage already.
#[track_caller]
fn assert_key_holders_are_the_truth(sandbox: &Sandbox, truth: &Value) {
    let arguments = ["audit", "inv", "--rules", "migrate-key", "--format", "json"];
    let document = sandbox.run(&arguments).expect_code(0).json();
    let found: BTreeMap<&str, &Value> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["access_key_id"].as_str().unwrap(), finding))
        .collect();
    let mut stated: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in truth["key_holders"].as_array().unwrap() {
        let (key, holder) = (
            row["access_key_id"].as_str().unwrap(),
            row["holder"].as_str().unwrap(),
        );
        assert_eq!(found[key]["title"], title_of(holder), "{:#}", found[key]);
        stated.entry(holder).or_default().insert(key);
    }
    assert_eq!(stated.len(), 5, "{stated:?}");
    // Nobody else's key may be called idle or shared: what is deleted for it may be missed.
    let titled = |title: &str| -> BTreeSet<&str> {
        let own = found
            .iter()
            .filter(|(_, finding)| finding["title"] == title);
        own.map(|(key, _)| *key).collect()
    };
    assert_eq!(titled(title_of("several")), stated["several"]);
    let idle = titled("Access key is used, and does nothing");
    assert_eq!(idle, BTreeSet::new());
}

#[track_caller]
fn assert_evidence_is_the_truth(sandbox: &Sandbox, truth: &Value) {
    sandbox.collect(0);
    sandbox
        .run(&["usage", "inv", "--logs", "bundle"])
        .expect_code(0);
    let inventory = leastgrant_inventory::Inventory::open(&sandbox.path("inv")).unwrap();
    let evidence = Evidence::load(&inventory, Options::default()).unwrap();
    let mut met = BTreeSet::new();
    for stated in truth["evidence"].as_array().unwrap() {
        let text = |name: &str| stated[name].as_str().unwrap();
        let (principal, action) = (text("principal_arn"), text("action"));
        let verdict = evidence.verdict(principal, action);
        let found = match verdict {
            Verdict::Used(_) => "used",
            Verdict::Unused(_) => "unused",
            Verdict::Unknown(_) => "unknown",
        };
        assert_eq!(found, text("verdict"), "{principal} {action}: {verdict:?}");
        met.insert((action.to_owned(), found));
    }
    // A quarterly job, an event that no trail logs, a service that only last-accessed data know, a denied probe, a call that
    // a service makes with the caller's rights.
    for (action, verdict) in [
        ("dynamodb:DescribeTable", "used"),
        ("dynamodb:GetItem", "unknown"),
        ("athena:StartQueryExecution", "unknown"),
        ("ec2:TerminateInstances", "unused"),
        ("kms:Decrypt", "used"),
    ] {
        assert!(
            met.contains(&(action.to_owned(), verdict)),
            "{action} {verdict}"
        );
    }
}
