//! `who-can`: over all policies of a principal, with what depends on conditions and what is not known.

use serde_json::{Value, json};

use crate::simulate::valid;
use crate::support::{ACCOUNT, NOW, Sandbox, account_json};

pub(crate) const OTHER: &str = "444455556666";

pub(crate) fn policy(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(crate) fn allow(action: &str, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

pub(crate) fn user(name: &str, document: Value) -> Value {
    json!({
        "Path": "/", "UserName": name, "UserId": format!("AIDA{name}"), "Arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        "CreateDate": "2024-01-01T00:00:00Z", "GroupList": [], "AttachedManagedPolicies": [],
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}],
    })
}

pub(crate) fn bundle(users: &[Value]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let details = json!({"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": []});
    sandbox.write("bundle/details.json", details.to_string());
    sandbox
}

pub(crate) fn resource_policy(
    sandbox: &Sandbox,
    name: &str,
    arn: &str,
    call: &str,
    document: &Value,
) {
    let call = json!({"Call": call, "Parameters": {"ResourceArn": arn}, "Answer": {"Policy": document.to_string()}});
    sandbox.write(&format!("bundle/calls/{name}.json"), call.to_string());
}

/// `NAME ANSWER RESOURCE…` of each principal but the root user, which every account has.
pub(crate) fn brief(document: &Value) -> Vec<String> {
    let principals = document["principals"].as_array().unwrap();
    principals
        .iter()
        .filter(|row| row["principal_type"] != "root")
        .map(|row| {
            let arn = row["principal_arn"].as_str().unwrap();
            let grants = row["grants"].as_array().unwrap();
            let resources: Vec<&str> = grants
                .iter()
                .map(|grant| grant["resource"].as_str().unwrap())
                .collect();
            format!(
                "{} {} {}",
                arn.rsplit(':').next().unwrap(),
                row["answer"].as_str().unwrap(),
                resources.join(" ")
            )
        })
        .collect()
}

pub(crate) fn ask(sandbox: &Sandbox, code: i32, arguments: &[&str]) -> Value {
    let mut all = vec!["who-can", "inv", "--format", "json", "--action"];
    all.extend(arguments);
    let document = sandbox.run(&all).expect_code(code).json();
    valid("who-can", sandbox, &document);
    document
}

/// One user for each way to have a permission, or not to.
fn several() -> Sandbox {
    let deny = |resource: &str| json!({"Effect": "Deny", "Action": "s3:*", "Resource": resource});
    let sandbox = bundle(&[
        user("all", policy(json!([allow("s3:*", json!("*"))]))),
        user(
            "part",
            policy(json!([
                allow("s3:GetObject", json!("arn:aws:s3:::data/*")),
                deny("arn:aws:s3:::data/secret/*")
            ])),
        ),
        user(
            "none",
            policy(json!([
                allow("s3:GetObject", json!("arn:aws:s3:::data/*")),
                deny("arn:aws:s3:::*")
            ])),
        ),
        user(
            "home",
            policy(json!([allow(
                "s3:GetObject",
                json!("arn:aws:s3:::home/${aws:username}/*")
            )])),
        ),
        user(
            "office",
            policy(
                json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]),
            ),
        ),
        user(
            "listed",
            policy(
                json!([allow("s3:*", json!("*")), {"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::data/public/*"]}]),
            ),
        ),
        user(
            "broken",
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "ec2:*", "Resource": "*"}]}),
        ),
        user("writer", policy(json!([allow("s3:PutObject", json!("*"))]))),
    ]);
    sandbox.collect(0);
    sandbox
}

#[test]
fn without_a_resource_it_means_on_some_resource() {
    let sandbox = several();
    assert_eq!(
        brief(&ask(&sandbox, 3, &["s3:GetObject"])),
        [
            "user/all yes *",
            // Its effect is in lower case, which IAM would refuse: what it means cannot be said.
            "user/broken unknown *",
            "user/home yes arn:aws:s3:::home/${aws:username}/*",
            "user/listed yes *",
            "user/office depends arn:aws:s3:::data/*",
            "user/part yes arn:aws:s3:::data/*",
        ]
    );
}

#[test]
fn with_a_resource_it_is_that_one() {
    let sandbox = several();
    let on = |resource: &str| brief(&ask(&sandbox, 3, &["s3:GetObject", "--resource", resource]));
    let secret = "arn:aws:s3:::data/secret/k";
    assert_eq!(
        on(secret),
        [
            format!("user/all yes {secret}"),
            format!("user/broken unknown {secret}"),
            format!("user/office depends {secret}"),
        ]
    );
    let public = "arn:aws:s3:::data/public/k";
    assert_eq!(
        on(public),
        [
            format!("user/all yes {public}"),
            format!("user/broken unknown {public}"),
            format!("user/listed yes {public}"),
            format!("user/office depends {public}"),
            format!("user/part yes {public}"),
        ]
    );
    let told = ask(
        &sandbox,
        3,
        &[
            "s3:GetObject",
            "--resource",
            secret,
            "--context",
            "aws:SourceIp=192.0.2.1",
        ],
    );
    assert_eq!(brief(&told).len(), 2, "the office is elsewhere");
}

#[test]
fn tables_fit_their_width_and_hostile_names_are_inert() {
    let sandbox = bundle(&[
        user(
            "ev\u{1b}[31mil\u{202e}",
            policy(
                json!([{"Sid": "S", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::\u{7}*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]),
            ),
        ),
        user(
            "broken",
            json!({"Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": []}]}),
        ),
    ]);
    sandbox.collect(0);
    for columns in ["80", "160"] {
        let output = sandbox
            .command()
            .env("COLUMNS", columns)
            .args(["who-can", "inv", "--action", "s3:GetObject"])
            .output()
            .unwrap();
        insta::assert_snapshot!(
            format!("table_{columns}"),
            String::from_utf8(output.stdout).unwrap()
        );
    }
    let ran = sandbox
        .run(&[
            "who-can",
            "inv",
            "--action",
            "s3:GetObject",
            "--format",
            "csv",
        ])
        .expect_code(3);
    insta::assert_snapshot!("csv", ran.stdout);
    insta::assert_snapshot!(ran.stderr, @"1 of 3 principals can do `s3:GetObject` on some resource, 1 can under conditions, 1 could not be judged");
}

#[test]
fn resource_policies_name_principals_and_keys_need_theirs() {
    let sandbox = bundle(&[
        user("named", policy(json!([allow("ec2:*", json!("*"))]))),
        user("keys", policy(json!([allow("kms:*", json!("*"))]))),
    ]);
    let named = format!("arn:aws:iam::{ACCOUNT}:user/named");
    resource_policy(
        &sandbox,
        "bucket",
        "arn:aws:s3:::b",
        "s3:GetBucketPolicy",
        &policy(json!([
            {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
        ])),
    );
    sandbox.collect(0);
    assert_eq!(
        brief(&ask(&sandbox, 0, &["s3:GetObject"])),
        ["user/named yes arn:aws:s3:::b/*"]
    );
    assert_eq!(
        brief(&ask(
            &sandbox,
            0,
            &["s3:GetObject", "--resource", "arn:aws:s3:::b/k"]
        )),
        ["user/named yes arn:aws:s3:::b/k"]
    );
    // No key's policy is known, and each must allow.
    let unknown = ask(&sandbox, 3, &["kms:Decrypt"]);
    assert_eq!(brief(&unknown), ["user/keys unknown *"]);
    assert_eq!(
        unknown["not_known"][0]["reason"],
        "the policy of what `*` matches, which must allow the request too, is not in the inventory"
    );
    let key = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/1");
    resource_policy(
        &sandbox,
        "key",
        &key,
        "kms:GetKeyPolicy",
        &policy(json!([
            {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "kms:*", "Resource": "*"}
        ])),
    );
    sandbox.collect(0);
    assert_eq!(
        brief(&ask(&sandbox, 0, &["kms:Decrypt", "--resource", &key])),
        [format!("user/keys yes {key}")]
    );
    assert_eq!(
        brief(&ask(&sandbox, 0, &["kms:ListAliases"])),
        ["user/keys yes *"]
    );
}

/// The organisation of two accounts: the management account, and ours in a unit.
pub(crate) fn organization(unit_policy: Option<&Value>) -> Value {
    let full = json!({"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true});
    let own = json!({"Id": "p-own", "Name": "guard", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false});
    let on = |target: &str, policies: Value| json!({"Call": "organizations:ListPoliciesForTarget", "Parameters": {"TargetId": target, "Filter": "SERVICE_CONTROL_POLICY"}, "Answer": {"Policies": policies}});
    let mut calls = vec![
        json!({"Call": "organizations:DescribeOrganization", "Parameters": {}, "Answer": {"Organization": {"Id": "o-1", "Arn": "arn:aws:organizations::444455556666:organization/o-1", "MasterAccountId": OTHER, "FeatureSet": "ALL"}}}),
        json!({"Call": "organizations:ListRoots", "Parameters": {}, "Answer": {"Roots": [{"Id": "r-1", "Name": "Root"}]}}),
        json!({"Call": "organizations:ListOrganizationalUnitsForParent", "Parameters": {"ParentId": "r-1"}, "Answer": {"OrganizationalUnits": [{"Id": "ou-1", "Name": "apps"}]}}),
        json!({"Call": "organizations:ListAccountsForParent", "Parameters": {"ParentId": "r-1"}, "Answer": {"Accounts": [{"Id": OTHER}]}}),
        json!({"Call": "organizations:ListAccountsForParent", "Parameters": {"ParentId": "ou-1"}, "Answer": {"Accounts": [{"Id": ACCOUNT}]}}),
        on("r-1", json!([full])),
        on("ou-1", json!([full, own])),
        on(ACCOUNT, json!([full])),
    ];
    if let Some(document) = unit_policy {
        calls.push(json!({"Call": "organizations:DescribePolicy", "Parameters": {"PolicyId": "p-own"}, "Answer": {"Policy": {"PolicySummary": own, "Content": document.to_string()}}}));
    }
    json!({"Calls": calls})
}

#[test]
fn organisation_policies_bind_level_by_level() {
    let sandbox = bundle(&[user("admin", policy(json!([allow("*", json!("*"))])))]);
    let guard = policy(json!([{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]));
    sandbox.write(
        "bundle/organization.json",
        organization(Some(&guard)).to_string(),
    );
    sandbox.collect(0);
    assert_eq!(
        brief(&ask(&sandbox, 0, &["iam:CreateUser"])),
        Vec::<String>::new()
    );
    let document = ask(&sandbox, 0, &["s3:GetObject"]);
    assert_eq!(brief(&document), ["user/admin yes *"]);
    assert_eq!(document["principals"][0]["service_control_levels"], 3);
    // Only the listing of the guard was collected: what it says is not known.
    sandbox.write("bundle/organization.json", organization(None).to_string());
    sandbox.collect(0);
    let document = ask(&sandbox, 3, &["s3:GetObject"]);
    assert_eq!(brief(&document), ["user/admin unknown *"]);
    assert_eq!(
        document["not_known"],
        json!([{"member": "service_control", "reason": "the service control policy `guard` has no document in the inventory; collect organizations:DescribePolicy"}])
    );
    // Who has no Allow has none, whatever the guard says.
    assert_eq!(brief(&ask(&sandbox, 3, &["ec2:RunInstances"])).len(), 1);
}

#[test]
fn users_of_whom_only_the_report_tells_are_not_known() {
    let sandbox = crate::support::with_report(&[crate::support::ReportRow::user(
        "ann",
        "2020-01-01T00:00:00+00:00",
    )]);
    sandbox.collect(0);
    let document = ask(&sandbox, 3, &["s3:GetObject"]);
    assert_eq!(brief(&document), ["user/ann unknown *"]);
}

#[test]
fn everybody_may_ask_who_they_are() {
    let sandbox = bundle(&[user(
        "none",
        policy(json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}])),
    )]);
    sandbox.collect(0);
    assert_eq!(
        brief(&ask(&sandbox, 0, &["sts:GetCallerIdentity"])),
        ["user/none yes *"]
    );
}

#[test]
fn an_action_that_the_catalogue_does_not_know_is_said_and_asked() {
    let sandbox = several();
    let ran = sandbox.run(&[
        "who-can",
        "inv",
        "--action",
        "s3:GetObjects",
        "--format",
        "csv",
    ]);
    assert!(ran.stdout.contains("user/all"), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("does not know the action `s3:GetObjects` (did you mean `s3:GetObject`?)"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.matches("does not know").count(), 1, "said once");
}

#[test]
fn a_resource_is_an_arn_or_everything() {
    let sandbox = several();
    for text in ["", "foo", "arn:aws:s3"] {
        for mut arguments in [
            vec!["who-can", "inv"],
            vec!["simulate", "inv", "--principal", "*"],
        ] {
            arguments.extend(["--action", "s3:GetObject", "--resource", text]);
            let ran = sandbox.run(&arguments).expect_code(2);
            assert!(
                ran.stderr.contains("a resource's ARN was expected"),
                "{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn the_demo_answers() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["demo", "--out", "bundle", "--accounts", "2", "--days", "1"])
        .expect_code(0);
    sandbox.collect(0);
    let document = ask(&sandbox, 0, &["iam:CreateUser"]);
    assert!(brief(&document).len() > 2, "{document}");
}
