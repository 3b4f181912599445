//! `prove`: is everything that a new policy allows allowed by the old one?

use std::collections::BTreeMap;

use leastgrant_testing::corpus;
use serde_json::{Value, json};

use crate::support::Sandbox;

/// Reads under a prefix, but for a part that is denied.
const OLD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::data/*"},
    {"Effect": "Deny", "Action": "s3:*Object", "Resource": "arn:aws:s3:::data/secret/*"}
  ]
}"#;
/// The Deny is forgotten; the condition does not make up for it.
const WIDER: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::data/*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
}"#;
/// One action on a part of the prefix.
const NARROWER: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/public/*"}]}"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("old.json", OLD);
    sandbox.write("wider.json", WIDER);
    sandbox.write("narrower.json", NARROWER);
    sandbox
}

#[test]
fn a_narrower_policy_is_proved() {
    let ran = sandbox()
        .run(&["prove", "--old", "old.json", "--new", "narrower.json"])
        .expect_code(0);
    insta::assert_snapshot!(ran.stdout, @"subset: whatever NEW allows is allowed by OLD");
}

#[test]
fn a_wider_policy_is_shown_by_a_request() {
    let ran = sandbox()
        .run(&["prove", "--old", "old.json", "--new", "wider.json"])
        .expect_code(1);
    insta::assert_snapshot!(ran.stdout, @"
    not_subset: NEW allows this request, and OLD does not

      principal  arn:aws:iam::111122223333:user/someone
      action     s3:GetObject
      resource   arn:aws:s3:::data/secret/
      context    aws:sourceip = 10.0.0.0

      NEW: allowed by statement 1 in line 3
      OLD: explicitly denied by statement 2 in line 5
    ");
    let ran = sandbox()
        .run(&[
            "prove",
            "--old",
            "old.json",
            "--new",
            "wider.json",
            "--format",
            "json",
        ])
        .expect_code(1);
    insta::assert_snapshot!(ran.stdout, @r#"
    {
      "schema": "leastgrant.prove/1",
      "verdict": "not_subset",
      "witness": {
        "principal": "arn:aws:iam::111122223333:user/someone",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::data/secret/",
        "context": {
          "aws:sourceip": "10.0.0.0"
        }
      },
      "reason": null
    }
    "#);
}

#[test]
fn the_document_is_as_its_schema_says() {
    let sandbox = sandbox();
    let schema = sandbox.run(&["schema", "prove"]).expect_code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for new in ["narrower.json", "wider.json"] {
        let document = sandbox
            .run(&[
                "prove", "--old", "old.json", "--new", new, "--format", "json",
            ])
            .json();
        assert!(validator.is_valid(&document), "{document}");
    }
}

#[test]
fn what_cannot_be_told_is_unknown_with_its_reason() {
    let sandbox = sandbox();
    // Read by field this pattern has five fields; read freely it matches every table of the name.
    sandbox.write("five.json", r#"{"Statement": {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:*:table/x"}}"#);
    sandbox.write("six.json", r#"{"Statement": {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:*:*:table/x"}}"#);
    let ran = sandbox
        .run(&["prove", "--old", "five.json", "--new", "six.json"])
        .expect_code(3);
    insta::assert_snapshot!(ran.stdout, @"unknown: the readings of `*` disagree: new is not within old where a wildcard stays in its field of an ARN, and within old where it crosses `:`");
}

#[test]
fn faults_of_a_policy_are_named_with_their_places() {
    let sandbox = sandbox();
    sandbox.write(
        "broken.json",
        r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Effect": "Deny", "Actions": "s3:*", "Resource": []}
  ]
}"#,
    );
    let ran = sandbox
        .run(&["prove", "--old", "old.json", "--new", "broken.json"])
        .expect_code(2);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: the statement has no `Action` or `NotAction`
     --> broken.json:4:5
      |
    4 |     {"Effect": "Allow", "Effect": "Deny", "Actions": "s3:*", "Resource": []}
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: `Effect` stands twice in one object; keep one of them
     --> broken.json:4:25
      |
    4 |     {"Effect": "Allow", "Effect": "Deny", "Actions": "s3:*", "Resource": []}
      |                         ^^^^^^^^

    error: `Actions` is no element of a statement; names are case-sensitive: `Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, `Resource`, `NotResource`, `Condition`
     --> broken.json:4:43
      |
    4 |     {"Effect": "Allow", "Effect": "Deny", "Actions": "s3:*", "Resource": []}
      |                                           ^^^^^^^^^

    error: `Resource` is an empty list; IAM wants at least one entry
     --> broken.json:4:74
      |
    4 |     {"Effect": "Allow", "Effect": "Deny", "Actions": "s3:*", "Resource": []}
      |                                                                          ^^
    error: `broken.json` is no policy that can be judged
    "#);
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_batch_answers_each_line_in_its_place() {
    let sandbox = sandbox();
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let lines = [
        json!({"id": 1, "old": parse(OLD), "new": parse(NARROWER), "kind": "identity"}).to_string(),
        json!({"id": {"any": "thing"}, "old": parse(NARROWER), "new": parse(OLD)}).to_string(),
        String::new(),
        r#"{"id": "cut""#.to_owned(),
        r#"{"id": "no policy", "old": {"Statement": []}, "new": 7}"#.to_owned(),
        r#"{"id": "kind", "old": {}, "new": {}, "kind": "trust"}"#.to_owned(),
    ];
    sandbox.write("batch.jsonl", lines.join("\n"));
    let ran = sandbox
        .run(&["prove", "--batch", "batch.jsonl"])
        .expect_code(2);
    insta::assert_snapshot!(ran.stdout, @r#"
    {"id":1,"verdict":"subset","witness":null,"reason":null}
    {"id":{"any":"thing"},"verdict":"not_subset","witness":{"principal":"arn:aws:iam::111122223333:user/someone","action":"s3:GetAccelerateConfiguration","resource":"arn:aws:s3:::data/","context":{}},"reason":null}
    {"id":null,"error":"the line is no JSON: it ends inside an object, at column 12"}
    {"id":"no policy","error":"the policy at `/old` cannot be read: line 1, column 15: `Statement` is an empty list; IAM wants at least one entry"}
    {"id":"kind","error":"`/kind`: `trust` is no kind; it must be `identity` or `resource`"}
    "#);
    insta::assert_snapshot!(ran.stderr, @"3 of 5 lines could not be judged, the first is `batch.jsonl:4`; their answers say why");
}

#[test]
fn a_batch_line_is_an_object_with_a_kind_that_exists() {
    let sandbox = Sandbox::new();
    let policy = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    // With the byte order mark of a Windows editor.
    let lines = [
        format!("\u{feff}[1,{policy},{policy},\"identity\"]"),
        format!(r#"{{"id":2,"old":{policy},"new":{policy},"kind":{{"identity":null}}}}"#),
        format!(r#"{{"id":3,"old":{policy},"new":{{"Statement":"\ud800"}}}}"#),
        format!(r#"{{"id":4,"old":{policy},"new":{policy},"kind":"resource"}}"#),
    ];
    sandbox.write("batch.jsonl", lines.join("\n"));
    let ran = sandbox
        .run(&["prove", "--batch", "batch.jsonl"])
        .expect_code(2);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn a_batch_without_lines_is_an_error() {
    let sandbox = Sandbox::new();
    for content in ["", "\u{feff}", "\n \n"] {
        sandbox.write("empty.jsonl", content);
        for command in ["prove", "simulate"] {
            let ran = sandbox
                .run(&[command, "--batch", "empty.jsonl"])
                .expect_code(2);
            assert_eq!(
                ran.stderr,
                "error: `empty.jsonl` has no lines; give one JSON object a line\n"
            );
        }
    }
}

/// Verdicts that AWS documents, that a solver proved, and that other libraries test: none may be wrong.
#[test]
fn real_pairs_are_decided_and_none_wrongly() {
    let Some(folder) = corpus("containment") else {
        return;
    };
    let sandbox = Sandbox::new();
    let mut decided = 0;
    let mut total = 0;
    let mut to_confirm: Vec<Value> = Vec::new();
    for file in [
        "access_analyzer.jsonl",
        "iamspy_pairs.jsonl",
        "policyglass_pairs.jsonl",
        "quacky.jsonl",
        "quacky_type_sensitive.jsonl",
    ] {
        let path = folder.join(file);
        let ran = sandbox
            .run(&["prove", "--batch", path.to_str().unwrap()])
            .expect_code(0);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), ran.stdout.lines().count(), "{file}");
        for (line, answer) in text.lines().zip(ran.stdout.lines()) {
            let (pair, answer): (Value, Value) = (
                serde_json::from_str(line).unwrap(),
                serde_json::from_str(answer).unwrap(),
            );
            assert_eq!(pair["id"], answer["id"]);
            total += 1;
            if answer["verdict"] == "unknown" {
                assert!(answer["reason"].is_string(), "{answer}");
                continue;
            }
            decided += 1;
            assert_eq!(pair["verdict"], answer["verdict"], "{file} {}", pair["id"]);
            if answer["verdict"] == "not_subset" {
                to_confirm.extend(confirmations(&pair, &answer["witness"]));
            }
        }
    }
    assert!(total > 600, "{total}");
    assert!(decided * 100 >= total * 97, "{decided} of {total}");
    confirm(&sandbox, &to_confirm);
}

/// The lines of `simulate --batch` that confirm a witness: new allows it, old does not.
fn confirmations(pair: &Value, witness: &Value) -> [Value; 2] {
    let principal = witness["principal"].as_str().unwrap();
    let account = principal.split(':').nth(4).unwrap_or_default();
    let is_identity = pair["kind"] == "identity";
    ["new", "old"].map(|side| {
        let mut policies = BTreeMap::new();
        let owner = if is_identity {
            policies.insert("identity", json!([pair[side]]));
            let action = witness["action"].as_str().unwrap();
            if action.starts_with("sts:") || action.starts_with("kms:") {
                policies.insert("resource", json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}}));
            }
            account
        } else {
            policies.insert("resource", pair[side].clone());
            policies.insert("identity", json!([{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]));
            if account == "999999999999" { "888888888888" } else { "999999999999" }
        };
        json!({
            "id": side,
            "request": {
                "principal": principal,
                "action": witness["action"],
                "resource": witness["resource"],
                "resource_account": owner,
                "context": witness["context"],
            },
            "policies": policies,
        })
    })
}

/// The evaluator's own command says the same.
fn confirm(sandbox: &Sandbox, lines: &[Value]) {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    sandbox.write("confirm.jsonl", lines.join("\n"));
    let ran = sandbox
        .run(&["simulate", "--batch", "confirm.jsonl"])
        .expect_code(0);
    for (question, answer) in lines.iter().zip(ran.stdout.lines()) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let is_allowed = answer["decision"] == "allowed";
        assert_eq!(is_allowed, answer["id"] == "new", "{question}\n{answer}");
    }
}
