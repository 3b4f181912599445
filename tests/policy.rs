//! `policy`: documents that are valid, of actions that exist, in three languages.

use serde_json::Value;

use crate::support::Sandbox;

#[test]
fn every_action_is_in_the_catalogue() {
    let sandbox = Sandbox::new();
    let policy = sandbox.run(&["policy", "--org"]).expect_code(0).json();
    let mut count = 0;
    for statement in policy["Statement"].as_array().unwrap() {
        for action in statement["Action"].as_array().unwrap() {
            sandbox
                .run(&["catalog", "show", action.as_str().unwrap()])
                .expect_code(0);
            count += 1;
        }
    }
    assert!(count > 30);
}

#[test]
fn the_policy_in_reports_is_the_one_of_the_command() {
    let sandbox = Sandbox::new();
    let text = sandbox.run(&["policy", "--org"]).expect_code(0).stdout;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/policy.json");
    if std::env::var_os("LEASTGRANT_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, text, "run the tests with LEASTGRANT_UPDATE=1");
}

#[test]
fn a_role_for_each_account_reads_that_account_and_trusts_one_principal() {
    let sandbox = Sandbox::new();
    let trusted = "arn:aws:iam::111122223333:role/leastgrant";
    let arguments = [
        "policy",
        "--trust",
        trusted,
        "--external-id",
        "x-1",
        "--role-name",
        "audit/reader",
        "--format",
    ];
    let template = sandbox
        .run(&[&arguments[..], &["cloudformation"]].concat())
        .expect_code(0)
        .json();
    let role: &Value = &template["Resources"]["Leastgrant"]["Properties"];
    assert_eq!(
        (&role["RoleName"], &role["Path"]),
        (&"reader".into(), &"/audit/".into())
    );
    let permissions = role["Policies"][0]["PolicyDocument"].to_string();
    assert!(
        permissions.contains("iam:ListAccessKeys")
            && !permissions.contains("organizations:ListAccounts")
    );
    let trust = sandbox
        .run(&[&arguments[..], &["json"]].concat())
        .expect_code(0);
    insta::assert_snapshot!(trust.stdout, @r#"
{
  "Statement": [
    {
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {
          "sts:ExternalId": "x-1"
        }
      },
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111122223333:role/leastgrant"
      }
    },
    {
      "Action": "sts:TagSession",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111122223333:role/leastgrant"
      }
    }
  ],
  "Version": "2012-10-17"
}
"#);
    let terraform = sandbox
        .run(&[&arguments[..], &["terraform"]].concat())
        .expect_code(0);
    assert!(terraform.stdout.starts_with("resource \"aws_iam_role\" \"leastgrant\" {\n  name               = \"reader\"\n  path               = \"/audit/\"\n"));
    sandbox.run(&["policy", "--trust", "${x}"]).expect_code(2);
}
