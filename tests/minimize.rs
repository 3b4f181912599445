//! `minimize` and `minimize-check`: what goes, what stays and why, and the proof.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, NOW, ReportRow, Sandbox, account_json, report};

/// Older than any window here.
const OLD: &str = "2020-01-01T00:00:00Z";

pub(crate) fn policy(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(crate) fn role(
    name: &str,
    created_at: &str,
    inline: &[(&str, Value)],
    attached: &[&str],
) -> Value {
    let trust = policy(
        json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]),
    );
    let inline: Vec<Value> = inline
        .iter()
        .map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": document}))
        .collect();
    let attached: Vec<Value> = attached
        .iter()
        .map(|arn| json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn}))
        .collect();
    json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{name}"), "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        "CreateDate": created_at, "AssumeRolePolicyDocument": trust, "InstanceProfileList": [],
        "RolePolicyList": inline, "AttachedManagedPolicies": attached, "Tags": [],
    })
}

pub(crate) fn managed(arn: &str, attachments: usize, document: &Value) -> Value {
    json!({
        "PolicyName": arn.rsplit('/').next(), "PolicyId": "ANPAEXAMPLE", "Arn": arn, "Path": "/", "DefaultVersionId": "v1",
        "AttachmentCount": attachments, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "CreateDate": OLD, "UpdateDate": OLD,
        "PolicyVersionList": [{"Document": document, "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": OLD}],
    })
}

/// A call in a session of a role.
pub(crate) fn call(role: &str, source: &str, name: &str, time: &str, parameters: Value) -> Value {
    json!({
        "eventVersion": "1.10", "eventID": format!("{role}-{source}-{name}-{time}-{parameters}"), "eventTime": time,
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2", "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT, "requestParameters": parameters,
        "userIdentity": {
            "type": "AssumedRole", "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/s"), "accountId": ACCOUNT,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"), "accountId": ACCOUNT, "userName": role}},
        },
    })
}

/// Days of the window, which ends on 2026-06-29.
pub(crate) fn days() -> impl Iterator<Item = String> {
    let last: jiff::civil::Date = "2026-06-29".parse().unwrap();
    (0..100).rev().map(move |back| {
        format!(
            "{}T12:00:00Z",
            last.saturating_sub(jiff::Span::new().days(back))
        )
    })
}

/// An inventory `inv` of these roles and policies, and 100 days of logs in which something happens every day.
pub(crate) fn collected(roles: &[Value], policies: &[Value], calls: &[Value]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    write_details(&sandbox, roles, policies);
    // Somebody calls on each day, so that the logs have no break.
    let mut records: Vec<Value> = days()
        .map(|day| call("other", "sqs", "ListQueues", &day, Value::Null))
        .collect();
    records.extend_from_slice(calls);
    sandbox.write(
        "bundle/cloudtrail/logs.json",
        json!({"Records": records}).to_string(),
    );
    inventory(&sandbox);
    sandbox
}

fn write_details(sandbox: &Sandbox, roles: &[Value], policies: &[Value]) {
    let details = json!({
        "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies, "IsTruncated": false,
    });
    sandbox.write("bundle/authorization-details.json", details.to_string());
}

fn inventory(sandbox: &Sandbox) {
    sandbox.collect(0);
    sandbox
        .run(&["usage", "inv", "--logs", "bundle/cloudtrail"])
        .expect_code(0);
}

fn minimized(sandbox: &Sandbox) -> Value {
    sandbox
        .run(&["minimize", "inv", "--out", "min"])
        .expect_code(0);
    serde_json::from_str(&sandbox.read("min/minimize.json")).unwrap()
}

#[track_caller]
fn principal<'a>(document: &'a Value, role: &str) -> &'a Value {
    let principals = document["principals"].as_array().unwrap();
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    principals
        .iter()
        .find(|own| own["principal_arn"] == arn.as_str())
        .unwrap()
}

/// A role that sends to one queue, reads a table's description, and has far more.
fn web() -> (Value, Vec<Value>) {
    let document = policy(json!([
        {"Sid": "Queues", "Effect": "Allow", "Action": ["sqs:*", "sns:Publish"], "Resource": "*"},
        {"Sid": "Tables", "Effect": "Allow", "Action": "dynamodb:*", "Resource": format!("arn:aws:dynamodb:*:{ACCOUNT}:table/*")},
        {"Sid": "Old", "Effect": "Allow", "Action": ["ec2:RunInstances", "rds:DeleteDBInstance"], "Resource": "*"},
        {"Sid": "KeepThis", "Effect": "Allow", "Action": "glue:*", "Resource": "*"},
        {"Sid": "Never", "Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"},
    ]));
    let calls = days()
        .flat_map(|day| {
            [
                call("web", "sqs", "GetQueueAttributes", &day, json!({"queueUrl": format!("https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/jobs")})),
                call("web", "dynamodb", "DescribeTable", &day, json!({"tableName": "orders"})),
            ]
        })
        .collect();
    (role("web", OLD, &[("work", document)], &[]), calls)
}

#[test]
fn what_nobody_used_goes_and_what_could_have_gone_unseen_stays() {
    let (web, calls) = web();
    let sandbox = collected(&[web], &[], &calls);
    let document = minimized(&sandbox);
    let own = principal(&document, "web");
    assert_eq!(own["status"], "minimized", "{own:#}");
    insta::assert_snapshot!(sandbox.read(&format!("min/{ACCOUNT}/role/web/work.diff")), @r#"
    --- old/work.json
    +++ new/work.json
    @@ -5,25 +5,70 @@
           "Sid": "Queues",
           "Effect": "Allow",
           "Action": [
    -        "sqs:*",
    +        "sqs:ChangeMessageVisibility",
    +        "sqs:DeleteMessage",
    +        "sqs:ReceiveMessage",
    +        "sqs:SendMessage",
    +        "sqs:TagQueue",
    +        "sqs:UntagQueue",
             "sns:Publish"
           ],
           "Resource": "*"
         },
         {
    -      "Sid": "Tables",
    +      "Sid": "Queues2",
           "Effect": "Allow",
    -      "Action": "dynamodb:*",
    -      "Resource": "arn:aws:dynamodb:*:111122223333:table/*"
    +      "Action": "sqs:GetQueueAttributes",
    +      "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs"
         },
         {
    -      "Sid": "Old",
    +      "Sid": "Tables",
           "Effect": "Allow",
           "Action": [
    -        "ec2:RunInstances",
    -        "rds:DeleteDBInstance"
    +        "dynamodb:AssociateTableReplica",
    +        "dynamodb:BatchGetItem",
    +        "dynamodb:BatchWriteItem",
    +        "dynamodb:ConditionCheckItem",
    +        "dynamodb:CreateGlobalTableWitness",
    +        "dynamodb:CreateTableReplica",
    +        "dynamodb:DeleteGlobalTableWitness",
    +        "dynamodb:DeleteItem",
    +        "dynamodb:DeleteTableReplica",
    +        "dynamodb:DescribeReservedCapacity",
    +        "dynamodb:DescribeReservedCapacityOfferings",
    +        "dynamodb:GetAbacStatus",
    +        "dynamodb:GetItem",
    +        "dynamodb:GetRecords",
    +        "dynamodb:GetShardIterator",
    +        "dynamodb:InjectError",
    +        "dynamodb:PartiQLDelete",
    +        "dynamodb:PartiQLInsert",
    +        "dynamodb:PartiQLSelect",
    +        "dynamodb:PartiQLUpdate",
    +        "dynamodb:PurchaseReservedCapacityOfferings",
    +        "dynamodb:PutItem",
    +        "dynamodb:Query",
    +        "dynamodb:ReadDataForReplication",
    +        "dynamodb:ReplicateSettings",
    +        "dynamodb:RestoreTableFromAwsBackup",
    +        "dynamodb:RestoreTableFromBackup",
    +        "dynamodb:RestoreTableToPointInTime",
    +        "dynamodb:Scan",
    +        "dynamodb:StartAwsBackupJob",
    +        "dynamodb:TagResource",
    +        "dynamodb:UntagResource",
    +        "dynamodb:UpdateAbacStatus",
    +        "dynamodb:UpdateGlobalTableVersion",
    +        "dynamodb:UpdateItem",
    +        "dynamodb:WriteDataForReplication"
           ],
    -      "Resource": "*"
    +      "Resource": "arn:aws:dynamodb:*:111122223333:table/*"
    +    },
    +    {
    +      "Sid": "Tables2",
    +      "Effect": "Allow",
    +      "Action": "dynamodb:DescribeTable",
    +      "Resource": "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
         },
         {
           "Sid": "KeepThis",
    "#);
    insta::assert_json_snapshot!(own["certificate"], @r#"
    {
      "no_new_access": "proved",
      "observed": {
        "allowed_after": 2,
        "allowed_before": 2,
        "conditional": 0,
        "not_explained": [],
        "tuples": 2
      },
      "refinements": [
        {
          "new": "work[0]#0",
          "old": "work[0]#0"
        },
        {
          "new": "work[0]#1",
          "old": "work[0]#0"
        },
        {
          "new": "work[0]#2",
          "old": "work[0]#1"
        },
        {
          "new": "work[0]#3",
          "old": "work[0]#1"
        },
        {
          "new": "work[0]#4",
          "old": "work[0]#3"
        }
      ]
    }
    "#);
    insta::assert_json_snapshot!(own["metrics"], @r#"
    {
      "actions_after": 349,
      "actions_before": 406,
      "escalation_paths_after": 1,
      "escalation_paths_before": 1,
      "resources_wildcard_after": 3,
      "resources_wildcard_before": 4
    }
    "#);
}

#[test]
fn the_file_is_as_its_schema_says_and_the_same_at_any_number_of_threads() {
    let (web, calls) = web();
    let sandbox = collected(&[web], &[], &calls);
    let document = minimized(&sandbox);
    let schema = sandbox.run(&["schema", "minimize"]).expect_code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let first = sandbox.read("min/minimize.json");
    sandbox
        .run(&["--threads", "1", "minimize", "inv", "--out", "min"])
        .expect_code(0);
    assert_eq!(sandbox.read("min/minimize.json"), first);
}

#[test]
fn minimizing_the_result_changes_nothing() {
    let (web, calls) = web();
    let sandbox = collected(&[web], &[], &calls);
    let document = minimized(&sandbox);
    let new = principal(&document, "web")["policies"][0]["new"][0].clone();
    write_details(
        &sandbox,
        &[role("web", OLD, &[("work", new.clone())], &[])],
        &[],
    );
    inventory(&sandbox);
    let again = minimized(&sandbox);
    let own = principal(&again, "web");
    assert_eq!(own["status"], "unchanged", "{own:#}");
    assert_eq!(own["policies"][0]["new"], json!([new]));
}

#[test]
fn a_planted_grant_of_everything_is_removed() {
    let (mut web, calls) = web();
    let planted = policy(
        json!([{"Effect": "Allow", "Action": ["iam:CreateUser", "iam:AttachRolePolicy", "ec2:*"], "Resource": "*"}]),
    );
    web["RolePolicyList"]
        .as_array_mut()
        .unwrap()
        .push(json!({"PolicyName": "planted", "PolicyDocument": planted}));
    let sandbox = collected(&[web], &[], &calls);
    let document = minimized(&sandbox);
    let own = principal(&document, "web");
    let policies = own["policies"].as_array().unwrap();
    let planted = policies
        .iter()
        .find(|policy| policy["source"]["name"] == "planted")
        .unwrap();
    let text = planted["new"].to_string();
    assert!(!text.contains("iam:") && !text.contains("ec2:*"), "{text}");
    // What the statement `KeepThis` has of Glue is one way to more rights, and stays.
    assert_eq!(own["metrics"]["escalation_paths_after"], 1, "{own:#}");
    assert!(own["metrics"]["escalation_paths_before"].as_u64() > Some(1));
}

/// Adds last-accessed data of a principal: all services of the catalogue, none of them accessed but for these.
fn last_accessed(sandbox: &Sandbox, principal: &str, accessed: &[(&str, &str)]) {
    let services: Vec<Value> = leastgrant_catalog::Catalog::get()
        .services()
        .iter()
        .map(|service| {
            let prefix = service.prefix();
            let mut own = json!({"ServiceName": prefix, "ServiceNamespace": prefix, "TotalAuthenticatedEntities": 0});
            if let Some((_, at)) = accessed.iter().find(|(name, _)| *name == prefix) {
                own["LastAuthenticated"] = (*at).into();
            }
            own
        })
        .collect();
    let answer = json!({
        "Arn": format!("arn:aws:iam::{ACCOUNT}:{principal}"), "JobStatus": "COMPLETED", "JobType": "SERVICE_LEVEL",
        "JobCreationDate": NOW, "JobCompletionDate": NOW, "IsTruncated": false, "ServicesLastAccessed": services,
    });
    sandbox.write("bundle/last-accessed/role.json", answer.to_string());
    inventory(sandbox);
}

#[test]
fn of_nearly_everything_goes_what_last_accessed_data_rule_out() {
    let (mut web, calls) = web();
    let everything = policy(
        json!([{"Sid": "All", "Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}]),
    );
    web["RolePolicyList"] = json!([{"PolicyName": "all", "PolicyDocument": everything}]);
    let sandbox = collected(&[web], &[], &calls);
    let sizes = |document: &Value| {
        let metrics = &principal(document, "web")["metrics"];
        let number = |name: &str| metrics[name].as_u64().unwrap();
        (number("actions_before"), number("actions_after"))
    };
    // Of most actions no log shows a use: without last-accessed data they stay.
    let (before, after) = sizes(&minimized(&sandbox));
    assert!(before > 20_000 && after * 3 > before, "{before} to {after}");
    // With them goes what is in services that were never accessed, and stays what was seen or can go unseen in the others.
    let at = "2026-06-29T12:00:00Z";
    last_accessed(&sandbox, "role/web", &[("sqs", at), ("dynamodb", at)]);
    let document = minimized(&sandbox);
    let (before, after) = sizes(&document);
    assert!(after * 100 <= before * 5, "{before} to {after}");
    let text = principal(&document, "web")["policies"][0]["new"].to_string();
    for action in [
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
        "dynamodb:GetItem",
    ] {
        assert!(text.contains(action), "{action}: {text}");
    }
}

#[test]
fn what_was_accessed_before_or_after_the_logs_stays() {
    let document = policy(
        json!([{"Effect": "Allow", "Action": ["ecs:ListClusters", "glue:GetJobs", "batch:ListJobs"], "Resource": "*"}]),
    );
    let sandbox = collected(&[role("web", OLD, &[("p", document)], &[])], &[], &[]);
    last_accessed(
        &sandbox,
        "role/web",
        &[
            ("ecs", "2025-12-24T00:00:00Z"),
            ("glue", "2026-06-30T00:00:00Z"),
        ],
    );
    let document = minimized(&sandbox);
    let own = principal(&document, "web");
    assert_eq!(
        own["policies"][0]["new"][0]["Statement"][0]["Action"],
        json!(["ecs:ListClusters", "glue:GetJobs"])
    );
    let evidence = own["actions"].as_array().unwrap().iter();
    let evidence: Vec<&Value> = evidence.map(|row| &row["evidence"][0]).collect();
    insta::assert_json_snapshot!(evidence, @r#"
    [
      "no allowed call in 100 days, from 2026-03-22T12:00:00Z to 2026-06-29T12:00:00Z",
      "its service is seldom used: last accessed at 2025-12-24T00:00:00Z, before the window",
      "`glue` was accessed at 2026-06-30T00:00:00Z by last-accessed data, and the logs do not show it"
    ]
    "#);
}

/// Last-accessed data of 400 days tell as little of what a key of ten days is for as the logs do.
#[test]
fn what_a_young_key_is_for_is_yet_to_come() {
    let status = |key_made_at: &str| {
        let sandbox = collected(&[], &[], &[]);
        let document =
            policy(json!([{"Effect": "Allow", "Action": "glue:GetJobs", "Resource": "*"}]));
        let user = json!({
            "Path": "/", "UserName": "ann", "UserId": "AIDAANN", "Arn": format!("arn:aws:iam::{ACCOUNT}:user/ann"),
            "CreateDate": OLD, "GroupList": [], "AttachedManagedPolicies": [], "Tags": [],
            "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": document}],
        });
        let details = json!({
            "UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": [], "IsTruncated": false,
        });
        sandbox.write("bundle/authorization-details.json", details.to_string());
        let row = ReportRow::user("ann", OLD).key(1, "true", key_made_at, "N/A");
        sandbox.write("bundle/credential-report.csv", report(&[row]));
        last_accessed(&sandbox, "user/ann", &[]);
        let document = minimized(&sandbox);
        let mut principals = document["principals"].as_array().unwrap().iter();
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/ann");
        let own = principals
            .find(|own| own["principal_arn"] == arn.as_str())
            .unwrap();
        (own["status"].clone(), own["actions"][0]["verdict"].clone())
    };
    assert_eq!(status(OLD), (json!("minimized"), json!("unused")));
    let young = status("2026-06-20T00:00:00Z");
    assert_eq!(young, (json!("unchanged"), json!("unknown")));
}

#[test]
fn who_cannot_be_judged_is_skipped_aloud() {
    let wide = policy(json!([{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]));
    let linked = |mut role: Value| {
        role["Path"] = "/aws-service-role/x.amazonaws.com/".into();
        role["Arn"] =
            format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/linked").into();
        role
    };
    let roles = [
        role("young", "2026-06-01T00:00:00Z", &[("p", wide.clone())], &[]),
        role("glass", OLD, &[("p", wide.clone())], &[]),
        role("old", OLD, &[("p", wide.clone())], &[]),
        linked(role("linked", OLD, &[("p", wide)], &[])),
    ];
    let sandbox = collected(&roles, &[], &[]);
    sandbox.write(
        "leastgrant.toml",
        "[minimize]\nbreak_glass = [\"*:role/glass\"]\n[[minimize.keep]]\nactions = [\"ec2:Start*\"]\nreason = \"drills\"\nexpires = 2027-01-01\n",
    );
    let ran = sandbox
        .run(&["-v", "minimize", "inv", "--out", "min"])
        .expect_code(0);
    insta::assert_snapshot!(ran.stderr, @"
    1 principal minimized (actions that their policies allow, Denies and boundaries aside: 826 before, 31 after, 96 % fewer), 0 unchanged, 3 skipped
    skipped `arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/linked`: a service-linked role: AWS alone changes its policies
    skipped `arn:aws:iam::111122223333:role/glass`: break-glass by the settings: no log foretells an emergency
    skipped `arn:aws:iam::111122223333:role/young`: younger than the window: made at 2026-06-01T00:00:00Z, and the logs begin at 2026-03-22T12:00:00Z
    wrote `min`; begin with `min/minimize.json`
    ");
    let document: Value = serde_json::from_str(&sandbox.read("min/minimize.json")).unwrap();
    let kept = principal(&document, "old");
    let text = kept["policies"][0]["new"][0].to_string();
    assert!(
        text.contains("ec2:StartInstances") && !text.contains("ec2:RunInstances"),
        "{text}"
    );
}

#[test]
fn a_shared_policy_loses_only_what_all_can_spare() {
    let shared = format!("arn:aws:iam::{ACCOUNT}:policy/shared");
    let aws = "arn:aws:iam::aws:policy/Power";
    let documents = [
        managed(
            &shared,
            2,
            &policy(
                json!([{"Effect": "Allow", "Action": ["sqs:ListQueues", "sns:ListTopics", "ecs:ListClusters"], "Resource": "*"}]),
            ),
        ),
        managed(
            aws,
            1,
            &policy(json!([{"Effect": "Allow", "Action": ["sns:*"], "Resource": "*"}])),
        ),
        managed(
            &format!("arn:aws:iam::{ACCOUNT}:policy/nobody"),
            0,
            &policy(json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])),
        ),
    ];
    let roles = [
        role("one", OLD, &[], &[&shared]),
        role("two", OLD, &[], &[&shared, aws]),
    ];
    let calls: Vec<Value> = days()
        .flat_map(|day| {
            [
                call("one", "sqs", "ListQueues", &day, Value::Null),
                call("two", "sns", "ListTopics", &day, Value::Null),
            ]
        })
        .collect();
    let sandbox = collected(&roles, &documents, &calls);
    let document = minimized(&sandbox);
    let of = |role: &str, name: &str| {
        let policies = principal(&document, role)["policies"].as_array().unwrap();
        policies
            .iter()
            .find(|own| own["source"]["name"] == name)
            .unwrap()["new"]
            .clone()
    };
    assert_eq!(of("one", "shared"), of("two", "shared"));
    insta::assert_json_snapshot!(of("one", "shared")[0]["Statement"], @r#"
    [
      {
        "Action": [
          "sqs:ListQueues",
          "sns:ListTopics"
        ],
        "Effect": "Allow",
        "Resource": "*"
      }
    ]
    "#);
    // Of AWS's policy a narrower one of one's own takes the place.
    let narrow = of("two", "Power").to_string();
    assert!(
        narrow.contains("sns:ListTopics") && !narrow.contains("sns:CreateTopic"),
        "{narrow}"
    );
    insta::assert_json_snapshot!(document["suggestions"], @r#"
    [
      {
        "documents": [
          [
            {
              "Statement": [
                {
                  "Action": "sqs:ListQueues",
                  "Effect": "Allow",
                  "Resource": "*"
                }
              ],
              "Version": "2012-10-17"
            }
          ],
          [
            {
              "Statement": [
                {
                  "Action": "sns:ListTopics",
                  "Effect": "Allow",
                  "Resource": "*"
                }
              ],
              "Version": "2012-10-17"
            }
          ]
        ],
        "groups": [
          [
            "arn:aws:iam::111122223333:role/one"
          ],
          [
            "arn:aws:iam::111122223333:role/two"
          ]
        ],
        "policy_arn": "arn:aws:iam::111122223333:policy/shared",
        "policy_name": "shared",
        "suggestion": "clone"
      },
      {
        "documents": [],
        "groups": [],
        "policy_arn": "arn:aws:iam::111122223333:policy/nobody",
        "policy_name": "nobody",
        "suggestion": "delete_unattached"
      }
    ]
    "#);
}

#[test]
fn what_somebody_has_who_is_skipped_stays_with_the_reason() {
    let shared = format!("arn:aws:iam::{ACCOUNT}:policy/shared");
    let document = policy(json!([{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]));
    let roles = [
        role("old", OLD, &[], &[&shared]),
        role("young", "2026-06-01T00:00:00Z", &[], &[&shared]),
    ];
    let sandbox = collected(&roles, &[managed(&shared, 2, &document)], &[]);
    let minimized = minimized(&sandbox);
    let own = principal(&minimized, "old");
    assert_eq!(own["status"], "skipped");
    assert_eq!(
        own["reason"],
        format!(
            "`arn:aws:iam::{ACCOUNT}:role/young` has it too, which is skipped: younger than the window: made at 2026-06-01T00:00:00Z, and the logs begin at 2026-03-22T12:00:00Z"
        )
    );
    assert_eq!(own["policies"][0]["new"], json!([document]));
}

/// A policy with these versions, the last of which is in force.
fn versioned(arn: &str, versions: &[(&str, &Value)]) -> Value {
    let mut own = managed(arn, 1, &Value::Null);
    let last = versions.len();
    own["DefaultVersionId"] = format!("v{last}").into();
    own["PolicyVersionList"] = versions
        .iter()
        .zip(1..)
        .map(|((at, document), number)| {
            json!({"Document": document, "VersionId": format!("v{number}"), "IsDefaultVersion": number == last, "CreateDate": at})
        })
        .collect();
    own
}

#[test]
fn what_was_granted_only_lately_stays() {
    let wide = policy(json!([{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]));
    let less = policy(
        json!([{"Effect": "Allow", "Action": ["ecs:List*", "ecs:RunTask"], "Resource": "*"}]),
    );
    let late = "2026-06-01T00:00:00Z";
    let arn = |name: &str| format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
    let policies = [
        versioned(&arn("new"), &[(late, &wide)]),
        versioned(&arn("grown"), &[(OLD, &less), (late, &wide)]),
        versioned(&arn("shrunk"), &[(OLD, &wide), (late, &less)]),
        // What was taken away and given back.
        versioned(&arn("back"), &[(OLD, &wide), (late, &less), (late, &wide)]),
    ];
    let roles = ["new", "grown", "shrunk", "back"].map(|name| role(name, OLD, &[], &[&arn(name)]));
    let sandbox = collected(&roles, &policies, &[]);
    let document = minimized(&sandbox);
    for name in ["new", "grown", "back"] {
        let own = principal(&document, name);
        assert_eq!(own["status"], "skipped", "{name}");
        assert_eq!(
            own["reason"],
            "a version of it was made in the last 90 days of the logs, and what it newly grants could not be used for long"
        );
        assert_eq!(own["policies"][0]["new"], json!([wide]));
    }
    assert_eq!(principal(&document, "shrunk")["status"], "minimized");
}

/// A document with lists and texts wherever one may stand for a list, and values that are no texts as such.
fn normal(document: &Value) -> Value {
    let list = |value: &Value| -> Value {
        let items = value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![value.clone()]);
        let text = |item: &Value| {
            item.as_str()
                .map_or_else(|| item.to_string(), str::to_owned)
        };
        items.iter().map(text).collect()
    };
    let statements = document["Statement"].as_array().unwrap().iter().map(|own| {
        let mut own = own.as_object().unwrap().clone();
        for name in ["Action", "NotAction", "Resource", "NotResource"] {
            if let Some(value) = own.get_mut(name) {
                *value = list(value);
            }
        }
        for keys in own
            .get_mut("Condition")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten()
        {
            for (_, value) in keys.1.as_object_mut().unwrap() {
                *value = list(value);
            }
        }
        Value::Object(own)
    });
    json!({"Version": document["Version"], "Statement": statements.collect::<Vec<_>>()})
}

/// The document that Terraform's provider makes of a data source.
fn from_data_source(block: &Value) -> Value {
    let many = |value: &Value| {
        value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![value.clone()])
    };
    let statements = many(&block["statement"]).into_iter().map(|own| {
        let mut statement = serde_json::Map::new();
        for (from, to) in [
            ("sid", "Sid"),
            ("effect", "Effect"),
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ] {
            if let Some(value) = own.get(from) {
                statement.insert(to.to_owned(), value.clone());
            }
        }
        for condition in own.get("condition").map(many).unwrap_or_default() {
            let test = condition["test"].as_str().unwrap();
            let key = condition["variable"].as_str().unwrap();
            let conditions = statement.entry("Condition").or_insert_with(|| json!({}));
            conditions[test][key] = condition["values"].clone();
        }
        Value::Object(statement)
    });
    json!({"Version": block["version"], "Statement": statements.collect::<Vec<_>>()})
}

#[test]
fn terraform_and_cloudformation_say_what_the_certified_documents_say() {
    let (mut web, calls) = web();
    let hostile = "a\"b${c}%{d}\n# e";
    let odd = policy(json!([
        {"Sid": "Own", "Effect": "Allow", "Action": ["ecs:ListClusters", "sqs:SendMessage"],
         "Resource": ["arn:aws:sqs:*:*:${aws:username}-*", "arn:aws:sqs:*:*:%{x}\u{202e}\"\\"],
         "Condition": {"Bool": {"aws:SecureTransport": true}, "ForAllValues:StringLike": {"aws:TagKeys": ["a*", "${*}"]}}},
        {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::x", "Condition": {"NumericLessThan": {"s3:max-keys": 10}}},
    ]));
    let unsayable = policy(json!([
        {"Effect": "Allow", "Action": ["ecs:ListClusters", "sqs:SendMessage"], "Resource": "arn:aws:sqs:*:*:&{x}"},
    ]));
    let inline = web["RolePolicyList"].as_array_mut().unwrap();
    inline.push(json!({"PolicyName": hostile, "PolicyDocument": odd}));
    inline.push(json!({"PolicyName": "unsayable", "PolicyDocument": unsayable}));
    let secret = policy(json!([
        {"Effect": "Allow", "Action": ["ecs:ListClusters", "sqs:SendMessage"], "Resource": "arn:aws:sqs:*:*:{{resolve:ssm:x}}"},
    ]));
    inline.push(json!({"PolicyName": "secret", "PolicyDocument": secret}));
    let aws = "arn:aws:iam::aws:policy/Power";
    let shared = format!("arn:aws:iam::{ACCOUNT}:policy/team/shared");
    for arn in [aws, &shared] {
        let attached = web["AttachedManagedPolicies"].as_array_mut().unwrap();
        attached.push(json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn}));
    }
    let small = policy(
        json!([{"Effect": "Allow", "Action": ["sqs:GetQueueAttributes", "ecs:ListClusters"], "Resource": "*"}]),
    );
    let policies = [managed(aws, 1, &small), managed(&shared, 1, &small)];
    let sandbox = collected(&[web], &policies, &calls);
    sandbox
        .run(&[
            "minimize",
            "inv",
            "--out",
            "min",
            "--format",
            "json,terraform,cloudformation",
        ])
        .expect_code(0);
    let document: Value = serde_json::from_str(&sandbox.read("min/minimize.json")).unwrap();
    let role = format!("min/{ACCOUNT}/role/web");
    let mut asked = 0;
    for own in principal(&document, "web")["policies"].as_array().unwrap() {
        let name = own["source"]["name"].as_str().unwrap();
        let file = match name {
            "shared" => format!("min/{ACCOUNT}/policy/shared/shared.tf"),
            _ if name == hostile => format!("{role}/a%22b%24%7Bc%7D%25%7Bd%7D%0A%23%20e.tf"),
            "secret" => continue,
            _ => format!("{role}/{name}.tf"),
        };
        assert!(sandbox.path(&file).exists(), "{own:#}");
        let template = file.replace(".tf", ".template.json");
        let template: Value = serde_json::from_str(&sandbox.read(&template)).unwrap();
        let document = &template["Resources"]["Policy"]["Properties"]["PolicyDocument"];
        match name == "Power" {
            true => assert_eq!(*document, own["new"][0], "{template:#}"),
            false => {
                let choice = &document["Fn::If"];
                assert_eq!(*choice, json!(["Smaller", own["new"][0], own["old"]]));
            }
        }
        let text = sandbox.read(&file);
        let blocks: Value = hcl::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let documents: Vec<Value> = blocks["data"]["aws_iam_policy_document"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, block)| normal(&from_data_source(block)))
            .collect();
        if name == "unsayable" {
            assert_eq!(documents, Vec::<Value>::new());
            assert!(
                text.contains("policy = file(\"${path.module}/unsayable.json\")"),
                "{text}"
            );
            continue;
        }
        let certified: Vec<Value> = own["new"].as_array().unwrap().iter().map(normal).collect();
        assert_eq!(documents, certified, "{text}");
        asked += 1;
    }
    assert_eq!(asked, 4);
    // What CloudFormation would read as its own gets no template.
    assert!(
        !sandbox
            .path(&format!("{role}/secret.template.json"))
            .exists()
    );
    assert!(sandbox.path(&format!("{role}/secret.tf")).exists());
    insta::assert_snapshot!(sandbox.read(&format!("min/{ACCOUNT}/policy/shared/shared.template.json")), @r#"
    {
      "AWSTemplateFormatVersion": "2010-09-09",
      "Description": "A smaller policy. Look at the change set before it is executed.",
      "Metadata": {
        "ImportFirst": {
          "Parameters": [
            {
              "ParameterKey": "Documents",
              "ParameterValue": "current"
            }
          ],
          "ResourcesToImport": [
            {
              "LogicalResourceId": "Policy",
              "ResourceIdentifier": {
                "PolicyArn": "arn:aws:iam::111122223333:policy/team/shared"
              },
              "ResourceType": "AWS::IAM::ManagedPolicy"
            }
          ]
        }
      },
      "Parameters": {
        "Documents": {
          "AllowedValues": [
            "smaller",
            "current"
          ],
          "Default": "smaller",
          "Description": "`current` is the policy as it was: for the import, and to roll back",
          "Type": "String"
        }
      },
      "Conditions": {
        "Smaller": {
          "Fn::Equals": [
            {
              "Ref": "Documents"
            },
            "smaller"
          ]
        }
      },
      "Resources": {
        "Policy": {
          "Type": "AWS::IAM::ManagedPolicy",
          "DeletionPolicy": "Retain",
          "UpdateReplacePolicy": "Retain",
          "Properties": {
            "ManagedPolicyName": "shared",
            "Path": "/team/",
            "PolicyDocument": {
              "Fn::If": [
                "Smaller",
                {"Statement":[{"Effect":"Allow","Action":"sqs:GetQueueAttributes","Resource":"arn:aws:sqs:us-east-1:111122223333:jobs"}],"Version":"2012-10-17"},
                {"Statement":[{"Action":["sqs:GetQueueAttributes","ecs:ListClusters"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}
              ]
            }
          }
        }
      }
    }
    "#);
    let in_place_of_aws: Value =
        serde_json::from_str(&sandbox.read(&format!("{role}/Power.template.json"))).unwrap();
    let made = &in_place_of_aws["Resources"]["Policy"];
    assert_eq!(made["Condition"], "Smaller");
    assert_eq!(made["Properties"]["ManagedPolicyName"], "Power-role-web");
    assert_eq!(made["Properties"]["Roles"], json!(["web"]));
    assert_eq!(
        in_place_of_aws["Metadata"]["DetachAfterwards"]["PolicyArn"],
        aws
    );
    insta::assert_snapshot!(sandbox.read(&format!("min/{ACCOUNT}/policy/shared/shared.tf")), @r#"
    # arn:aws:iam::111122223333:policy/team/shared, smaller. Look at the plan before it is applied.
    # Gone from the statement number 1: sqs:GetQueueAttributes on *, in their place arn:aws:sqs:us-east-1:111122223333:jobs: in 100 days the actions were used on these only; the chance of a need in 30 days is 26 % at most

    data "aws_iam_policy_document" "shared" {
      version = "2012-10-17"

      # sqs:GetQueueAttributes: used: 100 events on 100 days, the last at 2026-06-29T12:00:00Z (arn:aws:iam::111122223333:role/web)
      statement {
        effect = "Allow"
        actions = [
          "sqs:GetQueueAttributes",
        ]
        resources = [
          "arn:aws:sqs:us-east-1:111122223333:jobs",
        ]
      }
    }

    resource "aws_iam_policy" "shared" {
      name   = "shared"
      path   = "/team/"
      policy = data.aws_iam_policy_document.shared.json

      lifecycle {
        ignore_changes = [description, tags, tags_all]
      }
    }

    import {
      to = aws_iam_policy.shared
      id = "arn:aws:iam::111122223333:policy/team/shared"
    }
    "#);
    insta::assert_snapshot!(sandbox.read(&format!("{role}/Power.tf")), @r#"
    # arn:aws:iam::aws:policy/Power, smaller. Look at the plan before it is applied.
    # Gone from the statement number 1: sqs:GetQueueAttributes on *, in their place arn:aws:sqs:us-east-1:111122223333:jobs: in 100 days the actions were used on these only; the chance of a need in 30 days is 26 % at most

    data "aws_iam_policy_document" "web_Power" {
      version = "2012-10-17"

      # sqs:GetQueueAttributes: used: 100 events on 100 days, the last at 2026-06-29T12:00:00Z (arn:aws:iam::111122223333:role/web)
      statement {
        effect = "Allow"
        actions = [
          "sqs:GetQueueAttributes",
        ]
        resources = [
          "arn:aws:sqs:us-east-1:111122223333:jobs",
        ]
      }
    }

    # Takes the place of arn:aws:iam::aws:policy/Power: detach that one from arn:aws:iam::111122223333:role/web when this one is attached.
    resource "aws_iam_policy" "web_Power" {
      name   = "Power-role-web"
      path   = "/"
      policy = data.aws_iam_policy_document.web_Power.json
    }

    resource "aws_iam_role_policy_attachment" "web_Power_1" {
      role       = "web"
      policy_arn = aws_iam_policy.web_Power.arn
    }
    "#);
}

#[test]
fn denials_that_the_old_policy_would_have_allowed_are_regressions() {
    let (web, calls) = web();
    let sandbox = collected(std::slice::from_ref(&web), &[], &calls);
    minimized(&sandbox);
    let denied = |source: &str, name: &str, parameters: Value| {
        let mut record = call("web", source, name, "2026-07-05T12:00:00Z", parameters);
        record["errorCode"] = "AccessDenied".into();
        record
    };
    let records = [
        denied(
            "rds",
            "DeleteDBInstance",
            json!({"dBInstanceIdentifier": "main"}),
        ),
        // The old policy did not allow it either.
        denied("ecs", "ListClusters", Value::Null),
    ];
    sandbox.write("later/logs.json", json!({"Records": records}).to_string());
    sandbox
        .run(&["usage", "inv", "--logs", "later"])
        .expect_code(0);
    let ran = sandbox
        .run(&["minimize-check", "min", "inv"])
        .expect_code(1);
    insta::assert_snapshot!(ran.stdout, @r#"
    arn:aws:iam::111122223333:role/web: rds:DeleteDBInstance on arn:aws:rds:us-east-1:111122223333:db:main was denied 1 time; restore statement 3 of `work`:
        {"Action":["ec2:RunInstances","rds:DeleteDBInstance"],"Effect":"Allow","Resource":"*","Sid":"Old"}
    "#);
    insta::assert_snapshot!(ran.stderr, @"1 regression of 1 principal with smaller policies after 2026-06-29T12:00:00Z; 1 other denied event");
    let json = sandbox
        .run(&["minimize-check", "min", "inv", "--format", "json"])
        .expect_code(1)
        .json();
    let schema = sandbox
        .run(&["schema", "minimize-check"])
        .expect_code(0)
        .json();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&json));

    // Whoever widens a document of the file is found out.
    let text = sandbox.read("min/minimize.json");
    let widened = text.replacen("\"sqs:GetQueueAttributes\"", "\"iam:PassRole\"", 1);
    assert_ne!(text, widened);
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["principals"][0]["policies"][0]["new"][0]["Statement"][0]["Action"] =
        "iam:PassRole".into();
    sandbox.write("min/minimize.json", document.to_string());
    let ran = sandbox
        .run(&["minimize-check", "min", "inv"])
        .expect_code(2);
    insta::assert_snapshot!(ran.stderr, @"error: cannot use `min/minimize.json`: the certificate of `work` of `arn:aws:iam::111122223333:role/web` does not hold: the new [0]#0 does not refine the old #0: the action `iam:PassRole` is not within it");

    // And whoever takes back what the file promises.
    let changed = |path: &str, value: Value, fault: &str| {
        let mut document: Value = serde_json::from_str(&text).unwrap();
        *document.pointer_mut(path).unwrap() = value;
        sandbox.write("min/minimize.json", document.to_string());
        let ran = sandbox
            .run(&["minimize-check", "min", "inv"])
            .expect_code(2);
        assert!(ran.stderr.contains(fault), "{}", ran.stderr);
    };
    let certificate = "/principals/0/certificate";
    changed(
        &format!("{certificate}/no_new_access"),
        "unproved".into(),
        "without a proof",
    );
    changed(
        &format!("{certificate}/observed/allowed_after"),
        0.into(),
        "the numbers of what was observed",
    );
    changed(
        "/principals/0/status",
        "unchanged".into(),
        "its status and its documents",
    );
    changed("/principals", json!([]), "it has no principals");
}

#[test]
fn no_regression_is_said_of_an_account_without_later_logs() {
    let (web, calls) = web();
    let sandbox = collected(std::slice::from_ref(&web), &[], &calls);
    minimized(&sandbox);
    // The inventory that the policies were made from has no event after its own logs.
    let ran = sandbox
        .run(&["minimize-check", "min", "inv"])
        .expect_code(3);
    insta::assert_snapshot!(ran.stdout, @"not checked: account 111122223333: the inventory has no CloudTrail event of the account after 2026-06-29T12:00:00Z, where the logs end that the policies were made from; add later logs with `usage` (arn:aws:iam::111122223333:role/web)");
    insta::assert_snapshot!(ran.stderr, @"0 regressions of 1 principal with smaller policies after 2026-06-29T12:00:00Z; 0 other denied events; not checked, for want of logs: 1 of them");
    let check = |code: i32| {
        let arguments = ["minimize-check", "min", "inv", "--format", "json"];
        sandbox.run(&arguments).expect_code(code).json()
    };
    assert_eq!(
        check(3)["not_checked"][0]["principals"],
        json!([format!("arn:aws:iam::{ACCOUNT}:role/web")])
    );
    let later = call(
        "other",
        "sqs",
        "ListQueues",
        "2026-07-05T12:00:00Z",
        Value::Null,
    );
    sandbox.write("later/logs.json", json!({"Records": [later]}).to_string());
    sandbox
        .run(&["usage", "inv", "--logs", "later"])
        .expect_code(0);
    assert_eq!(check(0)["not_checked"], json!([]));
}

#[test]
fn what_keeps_every_policy_as_it_is_is_said() {
    let (web, _) = web();
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    write_details(&sandbox, &[web], &[]);
    sandbox.collect(0);
    let ran = sandbox
        .run(&["minimize", "inv", "--out", "min"])
        .expect_code(3);
    assert!(
        ran.stderr
            .contains("nothing could be made smaller: the inventory has no usage"),
        "{}",
        ran.stderr
    );
    sandbox.write(
        "bundle/authorization-details.json",
        r#"{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[],"Policies":[]}"#,
    );
    sandbox.collect(0);
    let ran = sandbox
        .run(&["minimize", "inv", "--out", "min"])
        .expect_code(3);
    assert!(
        ran.stderr.contains("the inventory has no policies"),
        "{}",
        ran.stderr
    );
}

#[test]
fn arguments_that_cannot_be_meant_are_errors() {
    let sandbox = collected(&[], &[], &[]);
    for (arguments, message) in [
        (
            vec!["--principal", "web"],
            "no user or role of the inventory matches `web`",
        ),
        (vec!["--max-risk", "2"], "a number from 0 to 1 was expected"),
    ] {
        let mut all = vec!["minimize", "inv", "--out", "min"];
        all.extend(arguments);
        let ran = sandbox.run(&all).expect_code(2);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
    let ran = sandbox
        .run(&["minimize-check", "inv", "inv"])
        .expect_code(2);
    assert!(
        ran.stderr
            .contains("give the folder that `minimize --out` wrote"),
        "{}",
        ran.stderr
    );
}
