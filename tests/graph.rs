//! Who can become whom: the rules on escalation, `graph`, and `who-can --become`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::simulate::valid;
use crate::support::{ACCOUNT, NOW, Sandbox, account_json, corpus};
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
    insta::assert_snapshot!(lines.join("\n"), @"");
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
    insta::assert_snapshot!(facts.first().unwrap(), @"");
}

#[test]
fn a_graph_is_drawn_in_both_formats_with_hostile_names_as_text() {
    let sandbox = several();
    let dot = sandbox
        .run(&["graph", "inv", "--format", "dot"])
        .expect_code(0);
    insta::assert_snapshot!(dot.stdout, @"");
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
    insta::assert_snapshot!(lines.join("\n"), @"");
    let nobody = sandbox
        .run(&[
            "who-can",
            "inv",
            "--become",
            "arn:aws:iam::111122223333:role/none",
        ])
        .expect_code(2);
    insta::assert_snapshot!(nobody.stderr, @"");
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
