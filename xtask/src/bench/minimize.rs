//! `cargo xtask bench minimize`: smaller policies for 1,000 roles, made from a year of their usage.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::mega;
use crate::measure::{self, Measured, median};
use crate::shell::{self, say, target_folder};

const ROUNDS: usize = 3;
const ACCOUNT: &str = "111122223333";
const ROLES: u64 = 1_000;
const DAYS: u64 = 365;
/// Distinct uses of each role but the first.
const USES: u64 = 980;
/// Distinct uses of the first role, the worst.
const USES_OF_THE_WORST: u64 = 20_000;
const EVENTS_OF_A_FILE: usize = 20_000;
const PROMISED: Duration = Duration::from_secs(30);
const PROMISED_FOR_ONE: Duration = Duration::from_secs(1);

/// Calls that roles make: source, name, and the request's parameter with its value before and after the resource's name.
const CALLS: &[(&str, &str, &str, &str)] = &[
    ("dynamodb", "DescribeTable", "tableName", ""),
    ("dynamodb", "UpdateTable", "tableName", ""),
    ("kinesis", "DescribeStream", "streamName", ""),
    ("kinesis", "UpdateShardCount", "streamName", ""),
    ("lambda", "GetFunction20150331v2", "functionName", ""),
    ("lambda", "UpdateFunctionCode20150331v2", "functionName", ""),
    ("logs", "CreateLogStream", "logGroupName", "/app/"),
    ("logs", "PutRetentionPolicy", "logGroupName", "/app/"),
    (
        "sqs",
        "SetQueueAttributes",
        "queueUrl",
        "https://sqs.us-east-1.amazonaws.com/111122223333/",
    ),
    (
        "sqs",
        "PurgeQueue",
        "queueUrl",
        "https://sqs.us-east-1.amazonaws.com/111122223333/",
    ),
    (
        "sns",
        "SetTopicAttributes",
        "topicArn",
        "arn:aws:sns:us-east-1:111122223333:",
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        "secretId",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:",
    ),
    ("ssm", "GetParameter", "name", "/app/"),
    ("s3", "GetBucketPolicy", "bucketName", ""),
    ("s3", "PutBucketTagging", "bucketName", ""),
    ("ecr", "DescribeImages", "repositoryName", ""),
    (
        "states",
        "StartExecution",
        "stateMachineArn",
        "arn:aws:states:us-east-1:111122223333:stateMachine:",
    ),
    ("glue", "GetTable", "databaseName", ""),
    ("ec2", "DescribeInstances", "", ""),
    ("cloudformation", "DescribeStacks", "", ""),
];

/// What the managed policies grant; each role has two of them.
const GRANTS: &[&[&str]] = &[
    &[
        "dynamodb:*",
        "kinesis:*",
        "lambda:*",
        "logs:*",
        "sqs:*",
        "sns:*",
        "secretsmanager:*",
    ],
    &[
        "ssm:*",
        "s3:*",
        "ecr:*",
        "states:*",
        "glue:*",
        "ec2:*",
        "cloudformation:*",
        "kms:*",
        "rds:*",
    ],
];
/// So many managed policies of each kind; each is shared by the same number of roles.
const POLICIES_OF_A_KIND: u64 = 100;

pub(super) fn run() -> anyhow::Result<()> {
    let binary = super::release_binary()?;
    let folder = target_folder().join("bench/minimize");
    let inventory = folder.join("inventory");
    if !inventory.exists() {
        say("making a year of logs, once");
        let bundle = folder.join("bundle");
        write_bundle(&bundle)?;
        shell::run(
            Command::new(&binary)
                .args([
                    "collect",
                    "--quiet",
                    "--as-of",
                    "2026-07-01T00:00:00Z",
                    "--from",
                ])
                .arg(&bundle)
                .arg("--out")
                .arg(folder.join("unfinished")),
        )?;
        shell::run(
            Command::new(&binary)
                .args(["usage", "--quiet"])
                .arg(folder.join("unfinished"))
                .arg("--logs")
                .arg(bundle.join("cloudtrail")),
        )?;
        std::fs::rename(folder.join("unfinished"), &inventory)?;
    }
    let minimize = |principal: &[&str]| -> anyhow::Result<Vec<Measured>> {
        (0..ROUNDS)
            .map(|_| {
                measure::run(
                    Command::new(&binary)
                        .args(["minimize", "--quiet"])
                        .args(principal)
                        .arg(&inventory)
                        .arg("--out")
                        .arg(folder.join("smaller")),
                )
            })
            .collect()
    };
    let of_one = minimize(&["--principal", "*:role/role-0001"])?;
    let of_worst = minimize(&["--principal", "*:role/role-0000"])?;
    let of_all = minimize(&[])?;
    let wall = |runs: &[Measured]| median(runs.iter().map(|run| run.wall).collect());
    let peak = of_all.iter().filter_map(|run| run.peak_memory).max();
    let minimized = minimized(&folder.join("smaller"))?;
    let (one, worst, all) = (wall(&of_one), wall(&of_worst), wall(&of_all));
    say(&format!(
        "{ROLES} roles with {} uses: {all:?}, medians of {ROUNDS} rounds (promised: under {PROMISED:?}); {minimized} of them made smaller; {} MB at the peak",
        (ROLES - 1) * USES + USES_OF_THE_WORST,
        peak.map_or_else(|| "?".to_owned(), |bytes| mega(bytes).to_string()),
    ));
    say(&format!(
        "a role of {USES} uses alone: {one:?}, most of it reading; the worst one, of {USES_OF_THE_WORST} uses: {:?} more (promised: under {PROMISED_FOR_ONE:?})",
        worst.saturating_sub(one)
    ));
    if minimized == 0 {
        bail!("nothing was made smaller");
    }
    if all >= PROMISED || worst.saturating_sub(one) >= PROMISED_FOR_ONE {
        bail!("`minimize` is slower than promised");
    }
    Ok(())
}

fn minimized(folder: &Path) -> anyhow::Result<usize> {
    let text = std::fs::read_to_string(folder.join("minimize.json"))?;
    let document: Value = serde_json::from_str(&text)?;
    let principals = document
        .get("principals")
        .and_then(Value::as_array)
        .context("no principals")?;
    let is_minimized = |own: &&Value| {
        own.get("status")
            .is_some_and(|status| status == "minimized")
    };
    Ok(principals.iter().filter(is_minimized).count())
}

fn write_bundle(folder: &Path) -> anyhow::Result<()> {
    let logs = folder.join("cloudtrail");
    std::fs::create_dir_all(&logs)?;
    let identity = json!({
        "UserId": "AIDAEXAMPLE", "Account": ACCOUNT, "Arn": format!("arn:aws:iam::{ACCOUNT}:user/auditor"),
    });
    std::fs::write(folder.join("account.json"), identity.to_string())?;
    std::fs::write(
        folder.join("authorization-details.json"),
        authorization_details().to_string(),
    )?;
    let mut text = String::new();
    let (mut in_file, mut file) = (0, 0);
    for role in 0..ROLES {
        let uses = if role == 0 { USES_OF_THE_WORST } else { USES };
        for number in 0..uses {
            writeln!(text, "{}", record(role, number, uses))?;
            in_file += 1;
            if in_file == EVENTS_OF_A_FILE {
                std::fs::write(logs.join(format!("{file:04}.json")), &text)?;
                text.clear();
                (in_file, file) = (0, file + 1);
            }
        }
    }
    std::fs::write(logs.join(format!("{file:04}.json")), &text)?;
    Ok(())
}

fn authorization_details() -> Value {
    let created_at = "2020-01-01T00:00:00Z";
    let policy_arn =
        |kind: usize, number: u64| format!("arn:aws:iam::{ACCOUNT}:policy/kind-{kind}-{number:03}");
    let roles: Vec<Value> = (0..ROLES)
        .map(|role| {
            let attached: Vec<Value> = (0..GRANTS.len())
                .map(|kind| {
                    let arn = policy_arn(kind, role % POLICIES_OF_A_KIND);
                    json!({"PolicyName": arn.rsplit('/').next(), "PolicyArn": arn})
                })
                .collect();
            json!({
                "Path": "/", "RoleName": role_name(role), "RoleId": format!("AROA{role:012}"), "CreateDate": created_at,
                "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{}", role_name(role)), "InstanceProfileList": [], "Tags": [],
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
                "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": ["s3:*", "dynamodb:*"], "Resource": [
                        format!("arn:aws:s3:::app{role}-*"), format!("arn:aws:dynamodb:*:{ACCOUNT}:table/app{role}-*")]}]}}],
                "AttachedManagedPolicies": attached,
            })
        })
        .collect();
    let numbers = (0..GRANTS.len())
        .flat_map(|kind| (0..POLICIES_OF_A_KIND).map(move |number| (kind, number)));
    let policies: Vec<Value> = numbers
        .map(|(kind, number)| {
            let arn = policy_arn(kind, number);
            json!({
                "PolicyName": arn.rsplit('/').next(), "PolicyId": "ANPAEXAMPLE", "Arn": arn, "Path": "/",
                "DefaultVersionId": "v1", "AttachmentCount": ROLES / POLICIES_OF_A_KIND, "IsAttachable": true,
                "PermissionsBoundaryUsageCount": 0, "CreateDate": created_at, "UpdateDate": created_at,
                "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "CreateDate": created_at,
                    "Document": {"Version": "2012-10-17", "Statement": [
                        {"Sid": format!("Kind{kind}"), "Effect": "Allow", "Action": GRANTS.get(kind), "Resource": "*"}]}}],
            })
        })
        .collect();
    json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies, "IsTruncated": false})
}

fn role_name(role: u64) -> String {
    format!("role-{role:04}")
}

/// A use that no other record is of; those of a role are spread over the year.
fn record(role: u64, number: u64, uses: u64) -> Value {
    let calls = u64::try_from(CALLS.len()).unwrap_or(1);
    let place = usize::try_from(number % calls).unwrap_or_default();
    let (source, name, parameter, before) = CALLS.get(place).copied().unwrap_or_default();
    let (thing, minute) = (number / calls, number * DAYS * 1_440 / uses);
    let mut parameters = serde_json::Map::new();
    if !parameter.is_empty() {
        let value = format!("{before}app{role}-{:04x}-{thing}", thing * 7_919 % 65_536);
        parameters.insert(parameter.to_owned(), value.into());
    }
    let day: jiff::civil::Date = jiff::civil::date(2025, 7, 1);
    let days = i64::try_from(minute / 1_440).unwrap_or_default();
    let day = day.saturating_add(jiff::Span::new().days(days));
    let (hour, minute) = (minute / 60 % 24, minute % 60);
    let (role_name, role_key) = (role_name(role), role * 1_000_000 + number);
    json!({
        "eventVersion": "1.10", "eventID": format!("{role_key:032x}"), "eventTime": format!("{day}T{hour:02}:{minute:02}:00Z"),
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-sdk-rust/1", "eventType": "AwsApiCall",
        "managementEvent": true, "eventCategory": "Management", "recipientAccountId": ACCOUNT, "requestParameters": parameters,
        "userIdentity": {
            "type": "AssumedRole", "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role_name}/s"), "accountId": ACCOUNT,
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role_name}"), "accountId": ACCOUNT, "userName": role_name}},
        },
    })
}
