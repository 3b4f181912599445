//! `simulate`: batches line by line, and single decisions explained.

use std::io::Write as _;
use std::process::Stdio;

use leastgrant_testing::corpus;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, NOW, Ran, Sandbox, account_json};

/// A statement in few words.
fn statement(effect: &str, action: &str, more: Value) -> Value {
    let mut statement = json!({"Effect": effect, "Action": action});
    for (name, value) in more.as_object().unwrap() {
        statement[name] = value.clone();
    }
    statement
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A line about an app's role, with these identity policies.
fn line(action: &str, resource: &str, context: Value, identity: &[Value]) -> Value {
    json!({
        "id": action,
        "request": {"principal": format!("arn:aws:iam::{ACCOUNT}:role/app"), "action": action, "resource": resource, "context": context},
        "policies": {"identity": identity},
    })
}

fn batch(input: &str, arguments: &[&str]) -> Ran {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command()
        .args(["simulate", "--batch", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_bytes().to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn decisions(lines: &[Value]) -> Vec<String> {
    let input: Vec<String> = lines.iter().map(Value::to_string).collect();
    let ran = batch(&input.join("\n"), &[]).expect_code(0);
    ran.stdout
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(line).unwrap();
            answer["decision"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// Where shortening policies by hand goes wrong: what each of the shorter forms would decide otherwise.
#[test]
fn traps_of_conditions_complements_case_and_overlaps() {
    let on_data = |condition: Value| {
        policy(&[statement(
            "Allow",
            "s3:GetObject",
            json!({"Resource": "arn:aws:s3:::data/*", "Condition": condition}),
        )])
    };
    let not_red = on_data(json!({"StringNotEquals": {"aws:PrincipalTag/team": "red"}}));
    let red = on_data(json!({"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": "Red"}}));
    let all_but = policy(&[statement(
        "Allow",
        "s3:ListBucket",
        json!({"NotResource": ["arn:aws:s3:::x", "arn:aws:s3:::y"]}),
    )]);
    let exact = policy(&[statement(
        "Allow",
        "s3:GetObject",
        json!({"Resource": "arn:aws:s3:::data/Path/Key"}),
    )]);
    let plain = on_data(json!({"Null": {"aws:TokenIssueTime": "true"}}));
    let actions = policy(&[
        statement(
            "Allow",
            "s3:Get*",
            json!({"Resource": "arn:aws:s3:::data/*"}),
        ),
        statement(
            "Deny",
            "s3:*Object",
            json!({"Resource": "arn:aws:s3:::data/*"}),
        ),
    ]);
    let resources = policy(&[
        statement(
            "Allow",
            "s3:ListBucket",
            json!({"Resource": "arn:aws:s3:::a*"}),
        ),
        statement(
            "Deny",
            "s3:ListBucket",
            json!({"Resource": "arn:aws:s3:::*b"}),
        ),
    ]);
    let get = |resource: &str, context: Value, policy: &Value| {
        line(
            "s3:GetObject",
            resource,
            context,
            std::slice::from_ref(policy),
        )
    };
    let list = |resource: &str, policy: &Value| {
        line(
            "s3:ListBucket",
            resource,
            json!({}),
            std::slice::from_ref(policy),
        )
    };
    let key = "arn:aws:s3:::data/k";
    let cases = [
        // A negated operator holds without the key, so the condition does not say that there is a tag.
        (get(key, json!({}), &not_red), "allowed"),
        (
            get(key, json!({"aws:PrincipalTag/team": "red"}), &not_red),
            "implicitly_denied",
        ),
        // NotResource is what none of its entries matches, not what one of them misses.
        (list("arn:aws:s3:::x", &all_but), "implicitly_denied"),
        (list("arn:aws:s3:::z", &all_but), "allowed"),
        // Resources keep their case.
        (
            get("arn:aws:s3:::data/Path/Key", json!({}), &exact),
            "allowed",
        ),
        (
            get("arn:aws:s3:::data/path/key", json!({}), &exact),
            "implicitly_denied",
        ),
        // `*` goes over spaces.
        (
            get("arn:aws:s3:::data/my file", json!({}), &plain),
            "allowed",
        ),
        // Values ignore case only with the operator that says so, keys always, of tags too.
        (
            get(key, json!({"aws:PrincipalTag/team": "rED"}), &red),
            "allowed",
        ),
        (
            get(key, json!({"aws:principaltag/Team": "red"}), &red),
            "allowed",
        ),
        (
            get(key, json!({"aws:PrincipalTag/team": "blue"}), &red),
            "implicitly_denied",
        ),
        // A Deny that neither contains the Allow nor is contained takes out what both match.
        (get(key, json!({}), &actions), "explicitly_denied"),
        (
            line(
                "s3:GetObjectTagging",
                key,
                json!({}),
                std::slice::from_ref(&actions),
            ),
            "allowed",
        ),
        (list("arn:aws:s3:::a-x-b", &resources), "explicitly_denied"),
        (list("arn:aws:s3:::a-x", &resources), "allowed"),
    ];
    let (lines, expected): (Vec<Value>, Vec<&str>) = cases.into_iter().unzip();
    assert_eq!(decisions(&lines), expected);
}

#[test]
fn absent_members_do_not_apply() {
    let all = policy(&[statement("Allow", "*", json!({"Resource": "*"}))]);
    let of = |policies: Value, action: &str, resource: &str| json!({"id": 1, "request": {"principal": format!("arn:aws:iam::{ACCOUNT}:user/u"), "action": action, "resource": resource}, "policies": policies});
    let key = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/1");
    let cases = [
        (
            of(
                json!({"identity": [all], "boundary": [], "session": [], "service_control": [], "resource_control": [[]], "vpc_endpoint": []}),
                "s3:GetObject",
                "arn:aws:s3:::b/k",
            ),
            "allowed",
        ),
        (
            of(json!({"identity": []}), "s3:GetObject", "arn:aws:s3:::b/k"),
            "implicitly_denied",
        ),
        (
            of(json!({}), "s3:GetObject", "arn:aws:s3:::b/k"),
            "implicitly_denied",
        ),
        // Another account's resource and a key need their own policy; an alias does not.
        (
            of(
                json!({"identity": [all], "resource": null}),
                "sqs:SendMessage",
                "arn:aws:sqs:eu-west-1:999999999999:q",
            ),
            "implicitly_denied",
        ),
        (
            of(json!({"identity": [all]}), "kms:Decrypt", &key),
            "implicitly_denied",
        ),
        (
            of(
                json!({"identity": [all]}),
                "kms:CreateAlias",
                &format!("arn:aws:kms:eu-west-1:{ACCOUNT}:alias/a"),
            ),
            "allowed",
        ),
        (
            of(
                json!({"identity": [all]}),
                "sts:AssumeRole",
                &format!("arn:aws:iam::{ACCOUNT}:role/r"),
            ),
            "implicitly_denied",
        ),
    ];
    let (lines, expected): (Vec<Value>, Vec<&str>) = cases.into_iter().unzip();
    assert_eq!(decisions(&lines), expected);
}

#[test]
fn a_batch_keeps_order_and_answers_every_line() {
    let all = policy(&[statement("Allow", "s3:*", json!({"Resource": "*"}))]);
    let good = line("s3:GetObject", "arn:aws:s3:::b", json!({}), &[all]);
    let long = format!("{{\"id\":3,\"x\":\"{}\"}}", "x".repeat(16 << 20));
    let input = format!("{good}\r\n\n{{\"id\":\"\u{202e}2\"}}\n{long}\nnot\n{good}");
    let ran = batch(&input, &["--threads", "2"]).expect_code(2);
    insta::assert_snapshot!(ran.stdout, @r#"
    {"id":"s3:GetObject","decision":"allowed","decided_by":"identity","statements":[{"member":"identity","policy":0,"statement":0,"sid":null}]}
    {"id":"\u202e2","error":"the line: `request` is missing"}
    {"id":null,"error":"the line has more than 16 MiB; a request with its policies is a few kilobytes"}
    {"id":null,"error":"the line is no JSON: `true`, `false`, `null` or a quoted string was expected here, at column 2"}
    {"id":"s3:GetObject","decision":"allowed","decided_by":"identity","statements":[{"member":"identity","policy":0,"statement":0,"sid":null}]}
    "#);
    assert_eq!(
        ran.stderr,
        "3 of 5 lines could not be judged, the first is `-:3`; their answers say why\n"
    );
}

#[test]
fn a_batch_is_the_same_with_any_number_of_threads() {
    let lines: Vec<String> = (0..500)
        .map(|number| {
            let own = policy(&[statement(
                "Allow",
                "s3:*",
                json!({"Resource": format!("arn:aws:s3:::b{}", number % 7)}),
            )]);
            line(
                "s3:ListBucket",
                &format!("arn:aws:s3:::b{}", number % 5),
                json!({}),
                &[own],
            )
            .to_string()
        })
        .collect();
    let input = lines.join("\n");
    let one = batch(&input, &["--threads", "1"]).stdout;
    assert_eq!(one.lines().count(), 500);
    assert_eq!(one, batch(&input, &["--threads", "3"]).stdout);
}

#[test]
fn a_batch_takes_no_inventory() {
    let sandbox = Sandbox::new();
    let ran = sandbox
        .run(&["simulate", "--batch", "x.jsonl", "inv"])
        .expect_code(2);
    assert!(ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
    let ran = sandbox
        .run(&["simulate", "--batch", "x.jsonl"])
        .expect_code(2);
    assert!(
        ran.stderr
            .starts_with("error: cannot read `x.jsonl`; check the path: "),
        "{}",
        ran.stderr
    );
}

/// A user in a group, with a boundary; a role that the user may assume.
fn small_account() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let details = json!({
        "UserDetailList": [{
            "Path": "/", "UserName": "ann", "UserId": "AIDAANN", "Arn": format!("arn:aws:iam::{ACCOUNT}:user/ann"),
            "CreateDate": "2024-01-01T00:00:00Z", "GroupList": ["readers"], "AttachedManagedPolicies": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": policy(&[
                statement("Allow", "sqs:*", json!({"Sid": "Queues", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}})),
                statement("Deny", "sqs:DeleteQueue", json!({"Resource": "*"})),
            ])}],
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": format!("arn:aws:iam::{ACCOUNT}:policy/edge")},
        }],
        "GroupDetailList": [{
            "Path": "/", "GroupName": "readers", "GroupId": "AGPAREADERS", "Arn": format!("arn:aws:iam::{ACCOUNT}:group/readers"),
            "CreateDate": "2024-01-01T00:00:00Z", "GroupPolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": "read", "PolicyArn": format!("arn:aws:iam::{ACCOUNT}:policy/read")}],
        }],
        "RoleDetailList": [{
            "Path": "/", "RoleName": "app", "RoleId": "AROAAPP", "Arn": format!("arn:aws:iam::{ACCOUNT}:role/app"),
            "CreateDate": "2024-01-01T00:00:00Z", "RolePolicyList": [], "InstanceProfileList": [],
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/ann")}, "Action": "sts:AssumeRole"}]},
            "AttachedManagedPolicies": [{"PolicyName": "gone", "PolicyArn": "arn:aws:iam::aws:policy/gone"}],
        }],
        "Policies": [
            managed("read", &policy(&[statement("Allow", "s3:Get*", json!({"Sid": "Read", "Resource": "*"}))])),
            managed("edge", &policy(&[statement("Allow", "s3:*", json!({"Resource": "*"})), statement("Allow", "sqs:*", json!({"Resource": "*"}))])),
        ],
    });
    sandbox.write("bundle/details.json", details.to_string());
    sandbox.collect(0);
    sandbox
}

fn managed(name: &str, document: &Value) -> Value {
    json!({
        "PolicyName": name, "PolicyId": format!("ANPA{}", name.to_uppercase()), "Arn": format!("arn:aws:iam::{ACCOUNT}:policy/{name}"),
        "Path": "/", "DefaultVersionId": "v2", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
        "CreateDate": "2024-01-01T00:00:00Z", "UpdateDate": "2024-01-01T00:00:00Z",
        "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": false, "CreateDate": "2024-01-01T00:00:00Z", "Document": policy(&[statement("Allow", "*", json!({"Resource": "*"}))])},
            {"VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2024-01-01T00:00:00Z", "Document": document},
        ],
    })
}

fn simulate(
    sandbox: &Sandbox,
    principal: &str,
    action: &str,
    resource: &str,
    more: &[&str],
) -> Ran {
    let principal = format!("arn:aws:iam::{ACCOUNT}:{principal}");
    let mut arguments = vec![
        "simulate",
        "inv",
        "--principal",
        &principal,
        "--action",
        action,
        "--resource",
        resource,
    ];
    arguments.extend(more);
    sandbox.run(&arguments)
}

#[test]
fn a_decision_is_explained_with_its_statement_group_and_boundary() {
    let sandbox = small_account();
    let ran = simulate(
        &sandbox,
        "user/ann",
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        &["--expect", "allowed"],
    )
    .expect_code(0);
    insta::assert_snapshot!(ran.stdout);
    // The same of version v1, which is not in force, would be allowed.
    let ran = simulate(
        &sandbox,
        "user/ann",
        "s3:PutObject",
        "arn:aws:s3:::b/k",
        &["--expect", "allowed"],
    )
    .expect_code(1);
    insta::assert_snapshot!(ran.stdout);
    let ran = simulate(
        &sandbox,
        "user/ann",
        "sqs:DeleteQueue",
        "*",
        &[
            "--expect",
            "explicitly_denied",
            "--context",
            "aws:SecureTransport=true",
        ],
    )
    .expect_code(0);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn missing_condition_keys_that_matter_are_named() {
    let sandbox = small_account();
    let resource = format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:q");
    let ran = simulate(
        &sandbox,
        "user/ann",
        "sqs:SendMessage",
        &resource,
        &["--format", "json"],
    )
    .expect_code(0);
    let document = ran.json();
    assert_eq!(document["decision"], "implicitly_denied");
    assert_eq!(
        document["missing_condition_keys"],
        json!(["aws:securetransport"])
    );
    let document = simulate(
        &sandbox,
        "user/ann",
        "sqs:SendMessage",
        &resource,
        &["--format", "json", "--context", "aws:securetransport=true"],
    )
    .expect_code(0)
    .json();
    assert_eq!(document["decision"], "allowed");
    assert_eq!(document["missing_condition_keys"], json!([]));
    assert_eq!(document["statements"][0]["sid"], "Queues");
    valid("simulate", &sandbox, &document);
}

#[test]
fn a_policy_without_a_document_makes_a_decision_incomplete() {
    let sandbox = small_account();
    let ran = simulate(
        &sandbox,
        "role/app",
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        &["--expect", "implicitly_denied"],
    )
    .expect_code(3);
    insta::assert_snapshot!(ran.stdout);
    // A session has its role's policies; a trust policy that names the caller is enough.
    let session = simulate(
        &sandbox,
        "user/ann",
        "sts:AssumeRole",
        &format!("arn:aws:iam::{ACCOUNT}:role/app"),
        &["--expect", "allowed"],
    );
    session.expect_code(0);
}

#[test]
fn wrong_arguments_are_said() {
    let sandbox = small_account();
    let ran = simulate(&sandbox, "user/nobody", "s3:GetObject", "*", &[]).expect_code(2);
    assert_eq!(
        ran.stderr,
        format!(
            "error: `arn:aws:iam::{ACCOUNT}:user/nobody` is not in the inventory `inv`; names and paths in ARNs are case-sensitive\n"
        )
    );
    let ran = simulate(&sandbox, "user/ann", "s3:Get*", "*", &[]).expect_code(2);
    assert_eq!(
        ran.stderr,
        "error: `s3:Get*` is a pattern: ask for one action, such as `s3:GetObject`\n"
    );
}

#[test]
fn the_usage_shows_both_forms_and_the_help_the_exit_codes() {
    let sandbox = Sandbox::new();
    let ran = sandbox
        .run(&["simulate", "--batch", "x.jsonl", "inv"])
        .expect_code(2);
    insta::assert_snapshot!(ran.stderr, @r"
    error: the argument '--batch <FILE>' cannot be used with '[INVENTORY]'

    Usage: leastgrant simulate [OPTIONS] --principal <ARN> --action <ACTION> --resource <ARN> <INVENTORY>
           leastgrant simulate [OPTIONS] --batch <FILE>

    For more information, try '--help'.
    ");
    for command in [&["simulate"][..], &["who-can"], &["catalog", "show"]] {
        let help = sandbox.run(&[command, &["--help"]].concat()).expect_code(0);
        assert!(
            help.stdout.contains(" 2: ") || help.stdout.contains("\n2: "),
            "{}",
            help.stdout
        );
    }
}

/// That the document is what `leastgrant schema NAME` says.
pub(crate) fn valid(name: &str, sandbox: &Sandbox, document: &Value) {
    let schema = sandbox.run(&["schema", name]).expect_code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// Small worlds of others with what their solver says; each case as `simulate` or `who-can` answers it.
#[test]
fn decisions_of_the_corpus() {
    let Some(folder) = corpus("authz/iamspy") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("cases.jsonl")).unwrap();
    let mut wrong = Vec::new();
    for case in text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
    {
        let sandbox = world(&folder, &case);
        let id = case["id"].as_str().unwrap();
        let resources = match case["resources_asked"].as_array() {
            Some(resources) => resources.clone(),
            None => vec![case["resource"].clone()],
        };
        for resource in &resources {
            let can = who_can(&sandbox, &case, resource.as_str().unwrap());
            let expected: Vec<String> = match case["kind"].as_str().unwrap() {
                "can_i" => {
                    let principal = case["principal"].as_str().unwrap();
                    let says = case["expected"].as_bool().unwrap();
                    if can.iter().any(|own| own == principal) != says {
                        wrong.push(format!("{id}: {can:?}"));
                    }
                    continue;
                }
                "who_can" => serde_json::from_value(case["expected"].clone()).unwrap(),
                _ => case["expected"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|pair| pair[1] == *resource)
                    .map(|pair| pair[0].as_str().unwrap().to_owned())
                    .collect(),
            };
            let mut expected = expected;
            expected.sort();
            if can != expected {
                wrong.push(format!("{id} on {resource}: {can:?}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The principals that can; with `strict_conditions` those that can whatever is not told.
fn who_can(sandbox: &Sandbox, case: &Value, resource: &str) -> Vec<String> {
    let mut arguments = vec![
        "who-can",
        "inv",
        "--format",
        "json",
        "--action",
        case["action"].as_str().unwrap(),
        "--resource",
        resource,
    ];
    let context: Vec<&str> = case["context"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|pair| pair.as_str().unwrap())
        .collect();
    for pair in context {
        arguments.extend(["--context", pair]);
    }
    let document = sandbox.run(&arguments).json();
    let is_strict = case["strict_conditions"].as_bool().unwrap_or(false);
    let mut names: Vec<String> = document["principals"]
        .as_array()
        .unwrap()
        .iter()
        // Their worlds have no root users.
        .filter(|row| row["principal_type"] != "root")
        // Another account's resource whose policy is not in the inventory is "unknown" with us and "no" with them.
        .filter(|row| row["answer"] == "yes" || row["answer"] == "depends" && !is_strict)
        .map(|row| row["principal_arn"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A case's files as a bundle, collected.
fn world(folder: &std::path::Path, case: &Value) -> Sandbox {
    let sandbox = Sandbox::new();
    let files = |member: &str| -> Vec<String> {
        let names = case[member].as_array().into_iter().flatten();
        names
            .map(|name| std::fs::read_to_string(folder.join(name.as_str().unwrap())).unwrap())
            .collect()
    };
    for (number, text) in files("gaads").iter().enumerate() {
        sandbox.write(&format!("bundle/details-{number}.json"), text);
    }
    for text in files("resources") {
        for (number, entry) in serde_json::from_str::<Vec<Value>>(&text)
            .unwrap()
            .iter_mut()
            .enumerate()
        {
            // What IAM refuses is left out: a policy without statements, and a plain string for an AWS principal.
            let statements = entry["Policy"]["Statement"].as_array_mut().unwrap();
            if statements.is_empty() {
                continue;
            }
            for statement in statements {
                let principal = statement["Principal"].clone();
                if principal.is_string() && principal != "*" {
                    statement["Principal"] = json!({"AWS": principal});
                }
            }
            let account = entry["Account"].as_str().unwrap();
            sandbox.write(
                &format!("bundle/{account}/account.json"),
                json!({"Account": account, "collected_at": NOW}).to_string(),
            );
            let call = json!({"Call": "s3:GetBucketPolicy", "Parameters": {"ResourceArn": entry["Resource"]}, "Answer": {"Policy": entry["Policy"]}});
            sandbox.write(
                &format!("bundle/{account}/calls/policy-{number}.json"),
                call.to_string(),
            );
        }
    }
    for text in files("scps") {
        let root: Value = serde_json::from_str(&text).unwrap();
        let management = root["Arn"].as_str().unwrap().split(':').nth(4).unwrap();
        let mut calls = vec![
            json!({"Call": "organizations:DescribeOrganization", "Parameters": {}, "Answer": {"Organization": {"Id": "o-1", "Arn": "arn:aws:organizations::1:organization/o-1", "MasterAccountId": management}}}),
            json!({"Call": "organizations:ListRoots", "Parameters": {}, "Answer": {"Roots": [{"Id": root["Id"], "Arn": root["Arn"], "Name": "Root"}]}}),
        ];
        add_calls(&root, &mut calls);
        sandbox.write(
            "bundle/organization.json",
            json!({"Calls": calls}).to_string(),
        );
    }
    sandbox.run(&["collect", "--from", "bundle", "--out", "inv"]);
    sandbox
}

/// The calls that show a node's policies and children.
fn add_calls(node: &Value, calls: &mut Vec<Value>) {
    let mut summaries = Vec::new();
    for policy in node["Policies"].as_array().into_iter().flatten() {
        let mut summary = policy.clone();
        summary.as_object_mut().unwrap().remove("Content");
        calls.push(json!({"Call": "organizations:DescribePolicy", "Parameters": {"PolicyId": policy["Id"]}, "Answer": {"Policy": {"PolicySummary": summary, "Content": policy["Content"].to_string()}}}));
        summaries.push(summary);
    }
    calls.push(json!({"Call": "organizations:ListPoliciesForTarget", "Parameters": {"TargetId": node["Id"], "Filter": "SERVICE_CONTROL_POLICY"}, "Answer": {"Policies": summaries}}));
    let children = node["Children"].as_array().cloned().unwrap_or_default();
    let (accounts, units): (Vec<Value>, Vec<Value>) = children
        .into_iter()
        .partition(|child| child["Type"] == "Account");
    for child in accounts.iter().chain(&units) {
        add_calls(child, calls);
    }
    let plain = |nodes: &[Value]| -> Vec<Value> {
        nodes
            .iter()
            .map(|node| json!({"Id": node["Id"], "Arn": node["Arn"], "Name": node["Name"]}))
            .collect()
    };
    let parameters = json!({"ParentId": node["Id"]});
    if !accounts.is_empty() {
        calls.push(json!({"Call": "organizations:ListAccountsForParent", "Parameters": parameters, "Answer": {"Accounts": plain(&accounts)}}));
    }
    if !units.is_empty() {
        calls.push(json!({"Call": "organizations:ListOrganizationalUnitsForParent", "Parameters": parameters, "Answer": {"OrganizationalUnits": plain(&units)}}));
    }
}
