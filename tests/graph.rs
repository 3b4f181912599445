//! Who can become whom: the rules on escalation, `graph`, and `who-can --become`.

use std::collections::BTreeSet;

use leastgrant_testing::corpus;
use serde_json::{Value, json};

use crate::simulate::valid;
use crate::support::{ACCOUNT, NOW, Sandbox, account_json};
use crate::who_can::{allow, policy, user};

fn role(name: &str, trust: Value, document: Value) -> Value {
    json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{name}"), "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        "CreateDate": "2024-01-01T00:00:00Z", "InstanceProfileList": [], "AttachedManagedPolicies": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document}],
        "AssumeRolePolicyDocument": policy(json!([{"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}])),
    })
}

/// One principal for each thing to tell apart.
fn several() -> Sandbox {
    let all = || policy(json!([allow("*", json!("*"))]));
    let nothing = || policy(json!([allow("s3:ListAllMyBuckets", json!("*"))]));
    let own = |name: &str| json!(format!("arn:aws:iam::{ACCOUNT}:user/{name}"));
    let starting = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/starts")});
    let hostile = "x\"];<&>\u{e9}";
    let details = json!({
        "UserDetailList": [
            user("admin", all()),
            user("starts", nothing()),
            user("keys", policy(json!([allow("iam:CreateAccessKey", own("starts"))]))),
            user("raises", policy(json!([allow("iam:PutUserPolicy", own("raises"))]))),
            user("others", policy(json!([allow("iam:AttachRolePolicy", json!("*"))]))),
            user("nobody", nothing()),
            user(hostile, policy(json!([allow("iam:CreateLoginProfile", own("starts"))]))),
        ],
        "GroupDetailList": [],
        "RoleDetailList": [
            role("middle", starting, policy(json!([allow("iam:PassRole", json!("*")), allow("lambda:*", json!("*"))]))),
            role("function", json!({"Service": "lambda.amazonaws.com"}), all()),
        ],
        "Policies": [],
    });
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/details.json", details.to_string());
    sandbox.collect(0);
    sandbox
}

#[test]
fn whose_policies_are_not_known_is_said_and_is_incomplete() {
    let mut own = user(
        "unread",
        policy(json!([allow("s3:ListAllMyBuckets", json!("*"))])),
    );
    let missing = format!("arn:aws:iam::{ACCOUNT}:policy/missing");
    own["AttachedManagedPolicies"] = json!([{"PolicyName": "missing", "PolicyArn": missing}]);
    let sandbox = crate::who_can::bundle(&[own]);
    sandbox.collect(0);
    for format in ["dot", "graphml"] {
        let ran = sandbox
            .run(&["graph", "inv", "--format", format])
            .expect_code(3);
        assert!(
            ran.stderr.contains("not known: ") && ran.stderr.contains(&missing),
            "{}",
            ran.stderr
        );
    }
    let target = format!("arn:aws:iam::{ACCOUNT}:user/unread");
    let becoming = sandbox.run(&["who-can", "inv", "--become", &target]);
    assert_eq!(becoming.code, 3, "the same as of `who-can --become`");
}

#[test]
fn findings_name_the_way_the_target_and_the_path() {
    let sandbox = several();
    let rules = "escalation-path,can-become-admin";
    let document = sandbox
        .run(&["audit", "inv", "--rules", rules, "--format", "json"])
        .expect_code(0)
        .json();
    let lines: Vec<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap();
            let resource = text("resource_arn").splitn(6, ':').nth(5).unwrap();
            format!(
                "{} {} {} {}: {}",
                text("rule"),
                text("severity"),
                text("confidence"),
                resource,
                text("detail")
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    can-become-admin critical high user/starts: in 2 steps: `user/starts` → `role/middle` (sts-001) → `role/function` (lambda-001)
    escalation-path critical high role/middle: can become the administrator `role/function`, by lambda-001; 7 ways in all
    escalation-path critical high user/raises: can become an administrator, by iam-007; 1 way in all
    can-become-admin high low user/keys: perhaps in 3 steps: `user/keys` → `user/starts` (iam-002) → `role/middle` (sts-001) → `role/function` (lambda-001)
    can-become-admin high low user/x"];<&>é: perhaps in 3 steps: `user/x"];<&>é` → `user/starts` (iam-004) → `role/middle` (sts-001) → `role/function` (lambda-001)
    escalation-path high low user/keys: perhaps can become `user/starts`, which can become an administrator, by iam-002; 1 way in all
    escalation-path high high user/starts: can become `role/middle`, which can become an administrator, by sts-001; 1 way in all
    escalation-path high low user/x"];<&>é: perhaps can become `user/starts`, which can become an administrator, by iam-004; 1 way in all
    escalation-path medium low user/others: can give `role/function` more rights, and cannot become it, by iam-009; 1 way in all
    "#);
    let of_middle = document["findings"].as_array().unwrap().iter().find(|own| {
        own["rule"] == "escalation-path"
            && own["resource_arn"]
                .as_str()
                .unwrap()
                .ends_with("role/middle")
    });
    let facts: Vec<String> = of_middle.unwrap()["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| {
            format!(
                "{} | {}",
                own["source"].as_str().unwrap(),
                own["fact"].as_str().unwrap()
            )
        })
        .collect();
    let fact = "lambda-001: `iam:PassRole` on `arn:aws:iam::111122223333:role/function`, `lambda:CreateFunction`, `lambda:InvokeFunction`; becomes the administrator `role/function`";
    assert!(facts.iter().any(|own| own.ends_with(fact)), "{facts:?}");
}

#[test]
fn a_graph_is_drawn_in_both_formats_with_hostile_names_as_text() {
    let sandbox = several();
    let dot = sandbox
        .run(&["graph", "inv", "--format", "dot"])
        .expect_code(0);
    for line in [
        r#"node8 -> node1 [label="sts-001", style=solid];"#,
        r#"node7 -> administrator0 [label="iam-007", style=solid];"#,
        r#"node9 -> node8 [label="iam-004", style=dashed];"#,
        r#"node9 [label="user/x\"];<&>é", "#,
        r#"any0 [label="any of 7", "#,
    ] {
        assert!(dot.stdout.contains(line), "{line} in {}", dot.stdout);
    }
    let xml = sandbox
        .run(&["graph", "inv", "--format", "graphml"])
        .expect_code(0);
    assert!(
        xml.stdout.contains(">user/x&quot;];&lt;&amp;&gt;"),
        "{}",
        xml.stdout
    );
    assert_eq!(
        xml.stdout.matches("<edge ").count(),
        dot.stdout.matches(" -> ").count()
    );
}

#[test]
fn who_can_become_is_answered_with_the_shortest_path() {
    let sandbox = several();
    let target = format!("arn:aws:iam::{ACCOUNT}:role/middle");
    let document = sandbox
        .run(&["who-can", "inv", "--become", &target, "--format", "json"])
        .expect_code(0)
        .json();
    valid("who-can-become", &sandbox, &document);
    let lines: Vec<String> = document["principals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| {
            let sets = own["path"].as_array().unwrap().iter();
            let sets: Vec<&str> = sets
                .map(|hop| hop["set"].as_str().unwrap_or("administrator"))
                .collect();
            let arn = own["principal_arn"].as_str().unwrap();
            format!("{} {}", arn.rsplit(':').next().unwrap(), sets.join(" "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    role/function iam-012
    root administrator
    user/admin iam-012
    user/keys iam-002 sts-001
    user/raises iam-007 administrator
    user/starts sts-001
    user/x"];<&>é iam-004 sts-001
    "#);
    let nobody = sandbox
        .run(&[
            "who-can",
            "inv",
            "--become",
            "arn:aws:iam::111122223333:role/none",
        ])
        .expect_code(2);
    assert!(nobody.stderr.starts_with("error: `arn:aws:iam::111122223333:role/none` is no principal of the inventory; give the ARN of"), "{}", nobody.stderr);
}

/// iam-vulnerable as it was deployed: who escalates is in the names.
#[test]
fn the_deliberate_cases_of_iam_vulnerable_are_told_apart() {
    let Some(file) = corpus("authz/cloudsplaining-example.json") else {
        return;
    };
    // What these are for is to be the targets of the others.
    const HELPERS: [&str; 4] = [
        "privesc-AssumeRole-start-user",
        "privesc-AssumeRole-ending-role",
        "privesc-high-priv-service-role",
        "privesc-permissive-role-trust",
    ];
    let sandbox = Sandbox::new();
    sandbox
        .run(&["collect", "--from", file.to_str().unwrap(), "--out", "inv"])
        .expect_code(0);
    let rules = "escalation-path,can-become-admin";
    let document = sandbox
        .run(&["audit", "inv", "--rules", rules, "--format", "json"])
        .expect_code(0)
        .json();
    let found: BTreeSet<&str> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            finding["resource_arn"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
        })
        .collect();
    let details: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let names = |list: &str, name: &str| -> Vec<String> {
        let all = details[list].as_array().unwrap().iter();
        all.map(|own| own[name].as_str().unwrap().to_owned())
            .collect()
    };
    let mut expected = names("UserDetailList", "UserName");
    expected.extend(names("RoleDetailList", "RoleName"));
    let (mut missed, mut false_alarms, mut deliberate) = (Vec::new(), Vec::new(), 0);
    for name in &expected {
        let name = name.as_str();
        if name.starts_with("fp") && found.contains(name) {
            false_alarms.push(name);
        }
        let is_one =
            (name.starts_with("privesc") && !HELPERS.contains(&name)) || name.starts_with("fn");
        deliberate += usize::from(is_one);
        if is_one && !found.contains(name) {
            missed.push(name);
        }
    }
    assert_eq!((missed, false_alarms), (Vec::new(), Vec::new()));
    assert!(deliberate > 60, "{deliberate}");
}
