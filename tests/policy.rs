//! `policy`: documents that are valid, of actions that exist, in three languages.

use serde_json::Value;

use crate::support::Sandbox;

#[test]
fn every_action_is_in_the_catalogue() {
    let sandbox = Sandbox::new();
    let policy = ["policy", "--org", "--resource-policies"];
    let policy = sandbox.run(&policy).expect_code(0).json();
    let mut count = 0;
    for statement in policy["Statement"].as_array().unwrap() {
        for action in statement["Action"].as_array().unwrap() {
            sandbox
                .run(&["catalog", "show", action.as_str().unwrap()])
                .expect_code(0);
            count += 1;
        }
    }
    assert!(count > 50);
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
    assert!(!permissions.contains("DescribeOrganization") && !permissions.contains("sso:"));
    let json = [&arguments[..], &["json"]].concat();
    let of_the_organization = ["--org-id", "o-a1b2c3d4e5", "--session-tag", "purpose=audit"];
    let trust = sandbox
        .run(&[&json[..], &of_the_organization].concat())
        .expect_code(0);
    insta::assert_snapshot!(trust.stdout, @r#"
{
  "Statement": [
    {
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {
          "aws:PrincipalOrgID": "o-a1b2c3d4e5",
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
      "Condition": {
        "ForAllValues:StringEquals": {
          "aws:TagKeys": [
            "purpose"
          ]
        },
        "StringEquals": {
          "aws:PrincipalOrgID": "o-a1b2c3d4e5",
          "aws:RequestTag/purpose": "audit"
        }
      },
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::111122223333:role/leastgrant"
      }
    }
  ],
  "Version": "2012-10-17"
}
"#);
    let told = sandbox
        .run(&[&json[..], &["--document", "permissions"]].concat())
        .expect_code(0)
        .json();
    assert_eq!(told, role["Policies"][0]["PolicyDocument"]);
    let terraform = sandbox
        .run(&[&arguments[..], &["terraform"]].concat())
        .expect_code(0);
    assert!(terraform.stdout.starts_with("resource \"aws_iam_role\" \"leastgrant\" {\n  name               = \"reader\"\n  path               = \"/audit/\"\n"));
    assert!(!terraform.stdout.contains("sts:TagSession"));
    sandbox.run(&["policy", "--trust", "${x}"]).expect_code(2);
}

#[test]
fn options_about_roles_are_for_policies_about_roles() {
    let sandbox = Sandbox::new();
    for option in [["--role-name", "reader"], ["--session-tag", "a=b"]] {
        let refused = sandbox.run(&[&["policy"], &option[..]].concat());
        let refused = refused.expect_code(2).stderr;
        assert!(refused.contains("`--org` or `--trust`"), "{refused}");
    }
    let twice = ["policy", "--org", "--session-tag", "team=a", "TEAM=b"];
    let refused = sandbox.run(&twice).expect_code(2).stderr;
    assert!(refused.contains("gives a key twice"), "{refused}");
}

#[test]
fn the_role_of_aws_organizations_is_not_defined_anew() {
    let sandbox = Sandbox::new();
    let arguments = ["policy", "--trust", "111122223333", "--format"];
    for language in ["terraform", "cloudformation"] {
        let refused = sandbox
            .run(&[&arguments[..], &[language]].concat())
            .expect_code(2);
        assert!(
            refused.stderr.contains("`--role-name`"),
            "{}",
            refused.stderr
        );
    }
    sandbox
        .run(&[&arguments[..], &["json"]].concat())
        .expect_code(0);
}

#[test]
fn roles_are_assumed_in_the_organization_only_and_with_tags_only_where_tags_are_given() {
    let sandbox = Sandbox::new();
    let assumed = |arguments: &[&str]| {
        let policy = sandbox
            .run(&[&["policy", "--org"], arguments].concat())
            .expect_code(0)
            .json();
        let statements = policy["Statement"].as_array().unwrap()[2..].iter();
        statements
            .map(|statement| format!("{statement}\n"))
            .collect::<String>()
    };
    insta::assert_snapshot!(assumed(&[]), @r#"{"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}},"Effect":"Allow","Resource":"arn:*:iam::*:role/OrganizationAccountAccessRole","Sid":"BeReaderInEachAccount"}"#);
    insta::assert_snapshot!(assumed(&["--org-id", "o-a1b2c3d4e5", "--session-tag", "a=b"]), @r#"
{"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"aws:ResourceOrgID":"o-a1b2c3d4e5"}},"Effect":"Allow","Resource":"arn:*:iam::*:role/OrganizationAccountAccessRole","Sid":"BeReaderInEachAccount"}
{"Action":["sts:TagSession"],"Effect":"Allow","Resource":"arn:*:iam::*:role/OrganizationAccountAccessRole","Sid":"TagSessions"}
"#);
    // Terraform would fill in what is AWS's to fill in.
    let terraform = ["policy", "--org", "--format", "terraform"];
    let terraform = sandbox.run(&terraform).expect_code(0).stdout;
    assert!(
        terraform.contains(r#""$${aws:PrincipalOrgID}""#),
        "{terraform}"
    );
}

#[test]
fn documents_name_no_partition_but_that_of_the_principal_who_is_trusted() {
    let sandbox = Sandbox::new();
    for partition in ["aws-us-gov", "aws-cn"] {
        let trusted = format!("arn:{partition}:iam::111122223333:role/leastgrant");
        let role = ["policy", "--trust", &trusted, "--role-name", "reader"];
        for format in ["json", "terraform", "cloudformation"] {
            let of_role = [&role[..], &["--resource-policies", "--format", format]].concat();
            let of_caller = ["policy", "--org", "--resource-policies", "--format", format];
            let role = sandbox.run(&of_role).expect_code(0).stdout;
            assert!(role.contains(&trusted), "{format}: {role}");
            let caller = sandbox.run(&of_caller).expect_code(0).stdout;
            assert!(caller.contains("arn:*:iam::*:role/"), "{format}: {caller}");
            for text in [role, caller] {
                assert!(!text.contains("arn:aws:"), "{format}: {text}");
            }
        }
    }
}

#[test]
fn permissions_about_resources_are_there_only_where_they_are_asked_for() {
    let sandbox = Sandbox::new();
    let without = sandbox.run(&["policy"]).expect_code(0).stdout;
    assert!(!without.contains("kms:") && !without.contains("s3:"));
    let with = sandbox
        .run(&["policy", "--resource-policies"])
        .expect_code(0)
        .json();
    insta::assert_snapshot!(with["Statement"][1], @r#"{"Action":["account:ListRegions","ecr:DescribeRepositories","ecr:GetRepositoryPolicy","kms:GetKeyPolicy","kms:ListKeys","lambda:GetPolicy","lambda:ListAliases","lambda:ListFunctions","s3:GetBucketPolicy","s3:ListAllMyBuckets","secretsmanager:GetResourcePolicy","secretsmanager:ListSecrets","sns:GetTopicAttributes","sns:ListTopics","sqs:GetQueueAttributes","sqs:ListQueues"],"Effect":"Allow","Resource":"*","Sid":"ReadResourcePolicies"}"#);
}
