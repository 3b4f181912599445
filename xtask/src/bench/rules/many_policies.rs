//! A made-up account with three managed policies for every ten principals, each of other statements: conditions on tags and ARNs
//! of callers, on tags of targets and on services, Denies, boundaries, groups, and trust policies of all kinds.
//!
//! It is meant to be hard: nearly no two principals have the same policies, and every other statement has an action of an
//! escalation.

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const DATE: &str = "2024-01-01T00:00:00+00:00";
const PATHS: usize = 50;
const TEAMS: usize = 7;
const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:*",
    "ec2:Describe*",
    "ec2:RunInstances",
    "lambda:*",
    "lambda:UpdateFunctionCode",
    "dynamodb:*",
    "sqs:SendMessage",
    "iam:Get*",
    "iam:List*",
    "logs:*",
    "kms:Decrypt",
    "ssm:GetParameter*",
    "ssm:SendCommand",
    "sns:*",
    "sts:AssumeRole",
    "iam:PassRole",
    "cloudformation:*",
    "iam:CreateAccessKey",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "secretsmanager:GetSecretValue",
    "glue:*",
    "codebuild:StartBuild",
    "ecs:*",
];

/// Writes a folder that `collect --from` reads.
pub(super) fn write(folder: &Path, principals: usize) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let account = json!({
        "Account": ACCOUNT, "Partition": "aws", "collected_at": "2025-06-01T00:00:00Z",
    });
    let files = [
        ("account.json", account),
        ("authorization-details.json", details(principals)),
    ];
    for (name, content) in files {
        let path = folder.join(name);
        std::fs::write(&path, content.to_string())
            .with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    Ok(())
}

fn details(principals: usize) -> Value {
    let mut random = fastrand::Rng::with_seed(5);
    let policies = principals * 3 / 10;
    let half = principals / 2;
    let managed: Vec<Value> = (0..policies)
        .map(|number| policy(&mut random, number))
        .collect();
    let groups: Vec<Value> = (0..principals / 100)
        .map(|number| {
            json!({
                "Path": "/", "GroupName": format!("g{number}"), "CreateDate": DATE,
                "GroupId": id("AGPA", number), "Arn": arn(&format!("group/g{number}")),
                "GroupPolicyList": [], "AttachedManagedPolicies": attached(&mut random, policies),
            })
        })
        .collect();
    let users: Vec<Value> = (0..half)
        .map(|number| user(&mut random, number, policies, groups.len()))
        .collect();
    let roles: Vec<Value> = (0..half)
        .map(|number| role(&mut random, number, policies, half))
        .collect();
    json!({
        "UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": managed,
    })
}

fn policy(random: &mut fastrand::Rng, number: usize) -> Value {
    let statements: Vec<Value> = (0..random.usize(2..=6))
        .map(|_| statement(random, number))
        .collect();
    json!({
        "PolicyName": format!("p{number}"), "PolicyId": id("ANPA", number), "Path": "/",
        "Arn": arn(&format!("policy/p{number}")), "DefaultVersionId": "v1", "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "CreateDate": DATE, "UpdateDate": DATE,
        "PolicyVersionList": [{
            "Document": document(statements), "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": DATE,
        }],
    })
}

fn user(random: &mut fastrand::Rng, number: usize, policies: usize, groups: usize) -> Value {
    let mut user = json!({
        "Path": "/", "UserName": format!("u{number}"), "UserId": id("AIDA", number),
        "Arn": arn(&format!("user/u{number}")), "CreateDate": DATE,
        "GroupList": [], "AttachedManagedPolicies": attached(random, policies), "Tags": tags(number),
    });
    if groups > 0 && random.u8(..10) < 3 {
        put(
            &mut user,
            "GroupList",
            json!([format!("g{}", random.usize(..groups))]),
        );
    }
    if random.u8(..10) < 3 {
        let inline = document(vec![statement(random, number)]);
        put(
            &mut user,
            "UserPolicyList",
            json!([{ "PolicyName": "p", "PolicyDocument": inline }]),
        );
    }
    if random.u8(..10) == 0 {
        let boundary = arn(&format!("policy/p{}", random.usize(..policies)));
        put(
            &mut user,
            "PermissionsBoundary",
            json!({
                "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary,
            }),
        );
    }
    user
}

fn role(random: &mut fastrand::Rng, number: usize, policies: usize, roles: usize) -> Value {
    let path = format!("/t{}/", number % PATHS);
    let inline: Vec<Value> = (0..usize::from(random.u8(..10) < 3))
        .map(|_| {
            let document = document(vec![statement(random, number)]);
            json!({ "PolicyName": "p", "PolicyDocument": document })
        })
        .collect();
    json!({
        "Path": path, "RoleName": format!("r{number}"), "RoleId": id("AROA", number),
        "Arn": arn(&format!("role{path}r{number}")), "CreateDate": DATE, "Tags": tags(number),
        "AssumeRolePolicyDocument": document(vec![trust(random, number, roles)]),
        "InstanceProfileList": [], "RolePolicyList": inline,
        "AttachedManagedPolicies": attached(random, policies), "RoleLastUsed": {},
    })
}

fn trust(random: &mut fastrand::Rng, number: usize, roles: usize) -> Value {
    let account = json!({ "AWS": arn("root") });
    let tagged =
        json!({ "StringEquals": { "aws:PrincipalTag/team": format!("t{}", number % TEAMS) } });
    let by_name =
        json!({ "ArnLike": { "aws:PrincipalArn": arn(&format!("role/t{}/*", number % PATHS)) } });
    let other = random.usize(..roles);
    let (principal, condition) = match random.u8(..7) {
        0 => (json!({ "Service": "lambda.amazonaws.com" }), None),
        1 => (json!({ "Service": "ec2.amazonaws.com" }), None),
        2 => (account, Some(tagged)),
        3 => (account, Some(by_name)),
        4 => (
            json!({ "AWS": arn(&format!("role/t{}/r{other}", other % PATHS)) }),
            None,
        ),
        5 => (json!({ "AWS": arn(&format!("user/u{number}")) }), None),
        _ => (account, None),
    };
    let mut trust =
        json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
    if let Some(condition) = condition {
        put(&mut trust, "Condition", condition);
    }
    trust
}

fn statement(random: &mut fastrand::Rng, number: usize) -> Value {
    let actions: Vec<&str> = (0..random.usize(1..=4))
        .filter_map(|_| random.choice(ACTIONS).copied())
        .collect();
    let path = number % PATHS;
    let resource = match random.u8(..5) {
        0 => format!("arn:aws:s3:::b{number}/*"),
        1 => arn(&format!("role/t{path}/*")),
        2 => arn("*"),
        3 => format!("arn:aws:lambda:*:{ACCOUNT}:function:f{number}*"),
        _ => "*".to_owned(),
    };
    let region = random.choice(["eu-west-1", "us-east-1"]);
    let condition = match random.u8(..8) {
        0 => json!({ "StringEquals": { "aws:RequestedRegion": region } }),
        1 => json!({ "StringEquals": { "aws:PrincipalTag/team": format!("t{}", number % TEAMS) } }),
        2 => json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } }),
        3 => json!({ "ArnLike": { "aws:PrincipalArn": arn(&format!("role/t{path}/*")) } }),
        4 => json!({ "StringEquals": { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } }),
        _ => json!({}),
    };
    let effect = if random.u8(..20) < 17 {
        "Allow"
    } else {
        "Deny"
    };
    json!({ "Effect": effect, "Action": actions, "Resource": resource, "Condition": condition })
}

fn attached(random: &mut fastrand::Rng, policies: usize) -> Value {
    let own = (0..random.usize(1..=4)).map(|_| {
        let name = format!("p{}", random.usize(..policies.max(1)));
        json!({ "PolicyArn": arn(&format!("policy/{name}")), "PolicyName": name })
    });
    own.collect()
}

fn tags(number: usize) -> Value {
    json!([{ "Key": "team", "Value": format!("t{}", number % TEAMS) }])
}

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{name}")
}

fn id(prefix: &str, number: usize) -> String {
    format!("{prefix}{number:017}")
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
