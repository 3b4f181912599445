//! `who-can` where something was not collected: it is said, and decides neither "yes" nor "no".

use serde_json::{Value, json};

use crate::support::{ACCOUNT, NOW, Sandbox, account_json};
use crate::who_can::{OTHER, allow, ask, brief, bundle, organization, policy, user};

fn role(name: &str, trust: Value, document: Value) -> Value {
    json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{name}"), "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        "CreateDate": "2024-01-01T00:00:00Z", "InstanceProfileList": [], "AttachedManagedPolicies": [],
        "AssumeRolePolicyDocument": policy(json!([trust])),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document}],
    })
}

fn trust(who: Value) -> Value {
    json!({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})
}

fn bundle_with_roles(users: &[Value], roles: &[Value]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let details = json!({"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles, "Policies": []});
    sandbox.write("bundle/details.json", details.to_string());
    sandbox
}

fn reasons(document: &Value) -> String {
    document["not_known"].to_string()
}

#[test]
fn roles_of_accounts_that_were_not_collected_are_not_known() {
    let own = format!("arn:aws:iam::{ACCOUNT}:role/*");
    let others = [
        ("all", json!("*")),
        ("anywhere", json!("arn:aws:iam::*:role/x")),
        ("deploy", json!("arn:aws:iam::555555555555:role/deploy-*")),
        ("ours", json!(own)),
    ];
    let mut users: Vec<Value> = others
        .into_iter()
        .map(|(name, on)| user(name, policy(json!([allow("sts:AssumeRole", on)]))))
        .collect();
    users.push(user(
        "but",
        policy(json!([{"Effect": "Allow", "NotAction": "s3:*", "NotResource": own}])),
    ));
    let nobody = role(
        "r",
        trust(json!({"Service": "ec2.amazonaws.com"})),
        policy(json!([allow("s3:*", json!("*"))])),
    );
    let sandbox = bundle_with_roles(&users, &[nobody]);
    sandbox.collect(0);
    let document = ask(&sandbox, 3, &["sts:AssumeRole"]);
    let mut found = brief(&document);
    found.retain(|line| !line.starts_with("user/but"));
    assert_eq!(
        found,
        [
            "user/all unknown *",
            "user/anywhere unknown arn:aws:iam::*:role/x",
            "user/deploy unknown arn:aws:iam::555555555555:role/deploy-*",
        ],
        "all roles of our own account are known"
    );
    assert_eq!(brief(&document).len(), 4);
    assert!(
        reasons(&document)
            .contains("the trust policy of what `arn:aws:iam::555555555555:role/deploy-*` matches"),
        "{document}"
    );
}

fn calls_but(call: &str, guard: &Value) -> Value {
    let mut document = organization(Some(guard));
    let calls = document["Calls"].as_array_mut().unwrap();
    calls.retain(|own| own["Call"] != call);
    document
}

fn guard() -> Value {
    policy(json!([{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]))
}

fn admin() -> Sandbox {
    bundle(&[user("admin", policy(json!([allow("*", json!("*"))])))])
}

#[test]
fn without_the_management_account_a_guard_binds_perhaps() {
    let sandbox = admin();
    let calls = calls_but("organizations:DescribeOrganization", &guard());
    sandbox.write("bundle/organization.json", calls.to_string());
    sandbox.collect(0);
    let document = ask(&sandbox, 3, &["iam:CreateUser"]);
    assert_eq!(brief(&document), ["user/admin unknown *"]);
    assert!(
        reasons(&document).contains("the organisation's management account is not known"),
        "{document}"
    );
    // What no guard limits is certain.
    assert_eq!(
        brief(&ask(&sandbox, 0, &["s3:GetObject"])),
        ["user/admin yes *"]
    );
    let simulated = |action: &str, code: i32| {
        let principal = format!("arn:aws:iam::{ACCOUNT}:user/admin");
        sandbox
            .run(&[
                "simulate",
                "inv",
                "--principal",
                &principal,
                "--action",
                action,
                "--resource",
                "*",
            ])
            .expect_code(code)
    };
    simulated("iam:CreateUser", 3);
    simulated("s3:ListAllMyBuckets", 0);
}

#[test]
fn guards_of_which_it_is_not_known_what_they_are_attached_to_bind_perhaps() {
    let sandbox = admin();
    let mut calls = calls_but("organizations:ListPoliciesForTarget", &guard());
    let list = calls["Calls"].as_array_mut().unwrap();
    let own = json!({"Id": "p-own", "Name": "guard", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false});
    let full = json!({"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true});
    list.push(json!({"Call": "organizations:ListPolicies", "Parameters": {"Filter": "SERVICE_CONTROL_POLICY"}, "Answer": {"Policies": [full, own]}}));
    let targets = |policy: &str, targets: Value| json!({"Call": "organizations:ListTargetsForPolicy", "Parameters": {"PolicyId": policy}, "Answer": {"Targets": targets}});
    let everywhere = json!([{"TargetId": "r-1"}, {"TargetId": "ou-1"}, {"TargetId": ACCOUNT}]);
    let without = calls.clone();
    for with_full in [false, true] {
        let mut calls = without.clone();
        if with_full {
            let list = calls["Calls"].as_array_mut().unwrap();
            list.push(targets("p-FullAWSAccess", everywhere.clone()));
        }
        sandbox.write("bundle/organization.json", calls.to_string());
        sandbox.collect(0);
        let document = ask(&sandbox, 3, &["iam:CreateUser"]);
        assert_eq!(brief(&document), ["user/admin unknown *"]);
        assert!(
            reasons(&document).contains("what the service control policy `guard` is attached to"),
            "{document}"
        );
        assert_eq!(
            brief(&ask(&sandbox, 0, &["s3:GetObject"])),
            ["user/admin yes *"]
        );
        assert!(
            !document["notes"]
                .to_string()
                .contains("no service control policies"),
            "{document}"
        );
    }
    // Attached to nothing is an answer.
    let mut calls = without.clone();
    let list = calls["Calls"].as_array_mut().unwrap();
    list.push(targets("p-FullAWSAccess", everywhere));
    list.push(targets("p-own", json!([])));
    sandbox.write("bundle/organization.json", calls.to_string());
    sandbox.collect(0);
    assert_eq!(
        brief(&ask(&sandbox, 0, &["iam:CreateUser"])),
        ["user/admin yes *"]
    );
}

#[test]
fn policies_whose_listing_was_refused_bind_perhaps() {
    let sandbox = admin();
    let mut calls = calls_but("organizations:ListPoliciesForTarget", &guard());
    let list = calls["Calls"].as_array_mut().unwrap();
    list.retain(|own| own["Call"] != "organizations:DescribePolicy");
    list.push(json!({"Call": "organizations:ListPolicies", "Parameters": {"Filter": "SERVICE_CONTROL_POLICY"}, "Error": {"Code": "AccessDeniedException", "Message": "no"}}));
    sandbox.write("bundle/organization.json", calls.to_string());
    sandbox.run(&["collect", "--from", "bundle", "--out", "inv"]);
    let document = ask(&sandbox, 3, &["s3:GetObject"]);
    assert_eq!(brief(&document), ["user/admin unknown *"], "{document}");
}

#[test]
fn every_account_has_a_root_user() {
    let sandbox = admin();
    sandbox.write(
        "bundle/organization.json",
        organization(Some(&guard())).to_string(),
    );
    sandbox.collect(0);
    let document = ask(&sandbox, 0, &["s3:GetObject"]);
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let arns: Vec<&str> = document["principals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["principal_arn"].as_str().unwrap())
        .collect();
    assert!(arns.contains(&root.as_str()), "{document}");
    assert!(
        document["notes"]
            .to_string()
            .contains(&format!("nothing was collected of the account {OTHER}")),
        "{document}"
    );
    let simulated = |action: &str, decision: &str| {
        sandbox
            .run(&[
                "simulate",
                "inv",
                "--principal",
                &root,
                "--action",
                action,
                "--resource",
                "*",
                "--expect",
                decision,
            ])
            .expect_code(0);
    };
    simulated("s3:ListAllMyBuckets", "allowed");
    simulated("iam:CreateUser", "explicitly_denied");
    // Who may do something in an account is not known without the account.
    let queue = format!("arn:aws:sqs:eu-west-1:{OTHER}:q");
    let document = ask(&sandbox, 3, &["sqs:SendMessage", "--resource", &queue]);
    assert!(
        reasons(&document).contains(&format!("users and roles of the account {OTHER}, in which")),
        "{document}"
    );
}

#[test]
fn an_account_without_principals_or_roles_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.collect(0);
    let document = ask(&sandbox, 3, &["s3:GetObject"]);
    assert!(
        reasons(&document).contains(&format!(
            "users and roles of the account {ACCOUNT} were not collected"
        )),
        "{document}"
    );
    let sandbox = admin();
    sandbox.collect(0);
    let document = ask(&sandbox, 0, &["s3:GetObject"]);
    assert!(
        document["notes"]
            .to_string()
            .contains(&format!("no roles were collected of the account {ACCOUNT}")),
        "{document}"
    );
}

#[test]
fn a_trust_policy_may_name_one_session_of_a_role() {
    let bot = format!("arn:aws:sts::{ACCOUNT}:assumed-role/svc/bot");
    let none = || policy(json!([allow("s3:*", json!("*"))]));
    let sandbox = bundle_with_roles(
        &[],
        &[
            role(
                "svc",
                trust(json!({"Service": "ec2.amazonaws.com"})),
                none(),
            ),
            role("target", trust(json!({"AWS": bot})), none()),
        ],
    );
    sandbox.collect(0);
    let target = format!("arn:aws:iam::{ACCOUNT}:role/target");
    for arguments in [
        &["sts:AssumeRole"][..],
        &["sts:AssumeRole", "--resource", &target],
    ] {
        let document = ask(&sandbox, 0, arguments);
        assert_eq!(brief(&document), [format!("role/svc depends {target}")]);
        let grant = &document["principals"][0]["grants"][0];
        assert_eq!(grant["condition_keys"], json!(["aws:userid"]));
        assert_eq!(grant["statements"][0]["policy"]["kind"], "trust");
    }
    let simulated = |principal: &str, decision: &str, code: i32| {
        let arguments = [
            "simulate",
            "inv",
            "--principal",
            principal,
            "--action",
            "sts:AssumeRole",
            "--resource",
            &target,
            "--expect",
            decision,
        ];
        sandbox.run(&arguments).expect_code(code)
    };
    simulated(&bot, "allowed", 0);
    simulated(&bot.replace("bot", "other"), "implicitly_denied", 0);
    let svc = format!("arn:aws:iam::{ACCOUNT}:role/svc");
    let ran = simulated(&svc, "implicitly_denied", 3);
    assert!(
        ran.stdout
            .contains("which session of the role calls is not told"),
        "{}",
        ran.stdout
    );
}

#[test]
fn whom_a_trust_policy_names_outside_of_the_inventory_is_said() {
    let ann = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    let allow_all = || policy(json!([allow("s3:*", json!("*"))]));
    let who = json!({
        "AWS": [ann, ACCOUNT, "arn:aws:iam::999988887777:root", "arn:aws:iam::999988887777:role/ci"],
        "Service": "ec2.amazonaws.com",
    });
    let provider =
        format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
    let mut web = trust(json!({"Federated": provider}));
    web["Action"] = json!("sts:AssumeRoleWithWebIdentity");
    let mut target = role("target", trust(who), allow_all());
    target["AssumeRolePolicyDocument"]["Statement"]
        .as_array_mut()
        .unwrap()
        .push(web);
    let sandbox = bundle_with_roles(&[user("ann", allow_all())], &[target]);
    sandbox.collect(0);
    let target = format!("arn:aws:iam::{ACCOUNT}:role/target");
    let document = ask(&sandbox, 0, &["sts:AssumeRole", "--resource", &target]);
    assert_eq!(brief(&document), [format!("user/ann yes {target}")]);
    assert_eq!(
        document["outsiders"],
        json!([
            {"kind": "AWS", "name": "999988887777"},
            {"kind": "AWS", "name": "arn:aws:iam::999988887777:role/ci"},
            {"kind": "Service", "name": "ec2.amazonaws.com"},
        ])
    );
    let document = ask(
        &sandbox,
        0,
        &["sts:AssumeRoleWithWebIdentity", "--resource", &target],
    );
    assert_eq!(
        document["outsiders"],
        json!([{"kind": "Federated", "name": provider}])
    );
    let ran = sandbox.run(&[
        "who-can",
        "inv",
        "--action",
        "sts:AssumeRole",
        "--resource",
        &target,
    ]);
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("may be able to: the account 999988887777, `arn:aws:iam::999988887777:role/ci`, the service ec2.amazonaws.com"),
        "{text}"
    );
}

#[test]
fn what_is_excepted_is_machine_readable() {
    let buckets = ["arn:aws:s3:::a", "arn:aws:s3:::b/*"];
    let document = policy(json!([{"Effect": "Allow", "Action": "s3:*", "NotResource": buckets}]));
    let sandbox = bundle(&[user("ann", document)]);
    sandbox.collect(0);
    let document = ask(&sandbox, 0, &["s3:GetObject"]);
    let grant = &document["principals"][1]["grants"][0];
    assert_eq!(
        (&grant["resource"], &grant["except"]),
        (&json!("*"), &json!(buckets))
    );
    let ran = sandbox.run(&[
        "who-can",
        "inv",
        "--action",
        "s3:GetObject",
        "--format",
        "csv",
    ]);
    assert!(
        ran.stdout.contains(",*,arn:aws:s3:::a|arn:aws:s3:::b/*,"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_principal_that_may_be_on_a_missing_page_is_not_denied() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let ann = user("ann", policy(json!([allow("s3:*", json!("*"))])));
    let details = json!({"UserDetailList": [ann], "GroupDetailList": [], "RoleDetailList": [], "Policies": [], "IsTruncated": true, "Marker": "m"});
    sandbox.write("bundle/details.json", details.to_string());
    sandbox.run(&["collect", "--from", "bundle", "--out", "inv"]);
    let bob = format!("arn:aws:iam::{ACCOUNT}:user/bob");
    let asked = |code: i32, principal: &str| {
        let arguments = [
            "simulate",
            "inv",
            "--principal",
            principal,
            "--action",
            "s3:GetObject",
            "--resource",
            "*",
        ];
        sandbox.run(&arguments).expect_code(code).stderr
    };
    let said = asked(3, &bob);
    assert!(
        said.contains("in which something is missing: `bundle/details.json` "),
        "{said}"
    );
    asked(2, &bob.replace(ACCOUNT, OTHER));
}

#[test]
fn resource_control_policies_without_targets_bind_perhaps() {
    let sandbox = admin();
    let mut calls = organization(Some(&policy(json!([allow("*", json!("*"))]))));
    let list = calls["Calls"].as_array_mut().unwrap();
    let own = json!({"Id": "p-rcp", "Name": "edge", "Type": "RESOURCE_CONTROL_POLICY", "AwsManaged": false});
    let deny =
        policy(json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]));
    list.push(json!({"Call": "organizations:ListPolicies", "Parameters": {"Filter": "RESOURCE_CONTROL_POLICY"}, "Answer": {"Policies": [own]}}));
    list.push(json!({"Call": "organizations:DescribePolicy", "Parameters": {"PolicyId": "p-rcp"}, "Answer": {"Policy": {"PolicySummary": own, "Content": deny.to_string()}}}));
    sandbox.write("bundle/organization.json", calls.to_string());
    sandbox.collect(0);
    let document = ask(&sandbox, 3, &["s3:GetObject"]);
    assert_eq!(brief(&document), ["user/admin unknown *"]);
    assert!(
        reasons(&document).contains("what the resource control policy `edge` is attached to"),
        "{document}"
    );
    assert_eq!(
        brief(&ask(&sandbox, 0, &["sqs:SendMessage"])),
        ["user/admin yes *"]
    );
}
