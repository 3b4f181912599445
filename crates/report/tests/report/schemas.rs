//! The JSON outputs are what their schemas say: ours, and the official one of SARIF 2.1.0.

use std::path::PathBuf;
use std::process::Command;

use leastgrant_audit::{GateOutcome, GateResult, Limits};
use leastgrant_report::json::{self, SCHEMA_NAMES, schema};
use leastgrant_report::sarif;
use serde_json::Value;

use crate::outcomes::{RULES, empty, hostile, hostile_gate, passing_gate, plain, plain_gate};

fn assert_valid(schema: &Value, document: &str) {
    let document: Value = serde_json::from_str(document).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn own_schema(name: &str) -> Value {
    serde_json::from_str(&schema(name).unwrap()).unwrap()
}

#[test]
fn findings_are_what_their_schema_says() {
    for outcome in [plain(), hostile(), empty()] {
        assert_valid(&own_schema("findings"), &json::findings(&outcome).unwrap());
    }
}

#[test]
fn gates_are_what_their_schema_says() {
    let without_limits = GateOutcome {
        limits: Limits::default(),
        result: GateResult::Incomplete,
        ..passing_gate()
    };
    for outcome in [plain_gate(), hostile_gate(), passing_gate(), without_limits] {
        assert_valid(&own_schema("gate"), &json::gate(&outcome).unwrap());
    }
}

#[test]
fn schemas_refuse_what_is_wrong() {
    let validator = jsonschema::validator_for(&own_schema("findings")).unwrap();
    let document: Value = serde_json::from_str(&json::findings(&plain()).unwrap()).unwrap();
    assert!(validator.is_valid(&document));
    for (pointer, wrong) in [
        ("/schema", Value::from("leastgrant.findings/2")),
        ("/findings/0/severity", Value::from("catastrophic")),
        ("/findings/0/access_key_id", Value::from(1)),
        ("/gaps", Value::Null),
    ] {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&changed), "{pointer}");
    }
}

#[test]
fn every_schema_has_a_name() {
    for name in SCHEMA_NAMES {
        insta::assert_snapshot!(format!("schema_{name}"), schema(name).unwrap());
    }
    assert_eq!(schema("nothing"), None);
}

#[test]
fn sarif_is_what_the_standard_says() {
    // Two patterns of the official schema, for members that leastgrant does not write, have a `]`
    // too many, which browsers forgive.
    let schema = std::fs::read_to_string(sarif_schema_file())
        .unwrap()
        .replace("{2}]?$", "{2}?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for outcome in [plain(), hostile(), empty()] {
        assert_valid(
            &schema,
            &sarif::audit(&outcome, &RULES, "a/manifest.json").unwrap(),
        );
    }
    for outcome in [plain_gate(), hostile_gate(), passing_gate()] {
        assert_valid(
            &schema,
            &sarif::gate(&outcome, &[], "a/manifest.json").unwrap(),
        );
    }
}

/// The official schema inside the crate `serde-sarif`, wherever cargo keeps it.
fn sarif_schema_file() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let manifest = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .and_then(|package| package["manifest_path"].as_str())
        .unwrap();
    PathBuf::from(manifest)
        .with_file_name("src")
        .join("schema.json")
}
