//! `last-accessed/*.json`: for each user and role, when its services were last called, at the
//! level of services or of actions.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Folder;
use super::folder::file_name;
use crate::Error;
use crate::calls::ApiCall;
use crate::model::{Account, Actor, Common, Organisation};
use crate::moment::Moment;
use crate::randomness::{fork, number};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    arn: &'a str,
    job_status: &'static str,
    job_type: &'static str,
    job_creation_date: Moment,
    services_last_accessed: Vec<Service<'a>>,
    job_completion_date: Moment,
    is_truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Service<'a> {
    service_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_authenticated: Option<Moment>,
    service_namespace: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_authenticated_entity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_authenticated_region: Option<&'static str>,
    total_authenticated_entities: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tracked_actions_last_accessed: Vec<Action<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Action<'a> {
    action_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_accessed_entity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_accessed_time: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_accessed_region: Option<&'static str>,
}

/// The tracking period: nothing before it is known.
const EARLIEST: Moment = Moment::days_ago(400);

/// The most services that one answer lists.
const MOST_SERVICES: usize = 10;

/// Services, what they are called, and actions whose last use AWS tracks.
const SERVICES: &[(&str, &str, &[&str])] = &[
    ("athena", "Amazon Athena", &[]),
    ("autoscaling", "Amazon EC2 Auto Scaling", &[]),
    ("budgets", "AWS Budget Service", &[]),
    ("ce", "AWS Cost Explorer Service", &[]),
    (
        "cloudformation",
        "AWS CloudFormation",
        &["DescribeStacks", "UpdateStack", "DeleteStack"],
    ),
    ("cloudfront", "Amazon CloudFront", &[]),
    (
        "cloudtrail",
        "AWS CloudTrail",
        &["LookupEvents", "StopLogging"],
    ),
    (
        "cloudwatch",
        "Amazon CloudWatch",
        &["DescribeAlarms", "PutMetricAlarm"],
    ),
    (
        "dynamodb",
        "Amazon DynamoDB",
        &["DescribeTable", "CreateTable"],
    ),
    (
        "ec2",
        "Amazon EC2",
        &[
            "DescribeInstances",
            "RunInstances",
            "TerminateInstances",
            "CreateSnapshot",
        ],
    ),
    ("ecr", "Amazon Elastic Container Registry", &[]),
    ("ecs", "Amazon Elastic Container Service", &[]),
    ("eks", "Amazon Elastic Kubernetes Service", &[]),
    ("elasticloadbalancing", "Elastic Load Balancing", &[]),
    ("glue", "AWS Glue", &[]),
    (
        "iam",
        "AWS Identity and Access Management",
        &["CreateAccessKey", "GenerateCredentialReport", "ListUsers"],
    ),
    (
        "kms",
        "AWS Key Management Service",
        &["Decrypt", "DescribeKey"],
    ),
    (
        "lambda",
        "AWS Lambda",
        &["GetFunction", "UpdateFunctionCode", "CreateFunction"],
    ),
    (
        "logs",
        "Amazon CloudWatch Logs",
        &["CreateLogStream", "DescribeLogGroups"],
    ),
    (
        "rds",
        "Amazon RDS",
        &["CreateDBSnapshot", "DescribeDBInstances"],
    ),
    ("route53", "Amazon Route 53", &[]),
    (
        "s3",
        "Amazon S3",
        &[
            "ListAllMyBuckets",
            "GetBucketLocation",
            "CreateBucket",
            "DeleteBucket",
        ],
    ),
    ("sagemaker", "Amazon SageMaker", &[]),
    (
        "secretsmanager",
        "AWS Secrets Manager",
        &["GetSecretValue", "PutSecretValue"],
    ),
    ("ses", "Amazon SES", &[]),
    ("sns", "Amazon SNS", &["CreateTopic", "ListTopics"]),
    ("sqs", "Amazon SQS", &["CreateQueue", "ListQueues"]),
    (
        "ssm",
        "AWS Systems Manager",
        &["GetParameter", "SendCommand"],
    ),
    ("states", "AWS Step Functions", &[]),
    (
        "sts",
        "AWS Security Token Service",
        &["AssumeRole", "GetCallerIdentity"],
    ),
    ("xray", "AWS X-Ray", &[]),
];

/// What is listed where a principal's own policies name too few services: what groups and managed
/// policies allow.
const ALWAYS: &[&str] = &["sts", "iam", "s3", "ec2", "logs"];

/// The least number of services that one answer lists.
const LEAST_SERVICES: usize = 4;

/// Writes a file for each principal, but for service-linked roles, which AWS makes no answer for.
pub(super) fn write(
    organisation: &Organisation,
    account: &Account,
    folder: &Folder,
) -> Result<(), Error> {
    let users = account.users.iter().enumerate().map(|(index, user)| {
        let name = format!("user-{}", file_name(&user.name));
        (index, name, user.arn.as_str(), &user.common)
    });
    let roles = account
        .roles
        .iter()
        .enumerate()
        .filter(|(_, role)| !role.common.path.starts_with("/aws-service-role/"))
        .map(|(index, role)| {
            let name = format!("role-{}", file_name(&role.name));
            (index, name, role.arn.as_str(), &role.common)
        });
    users
        .chain(roles)
        .try_for_each(|(index, name, arn, common)| {
            let at_action_level = fork(organisation.seed, arn, number(index)).u8(0..3) == 0;
            let path = format!("{}/last-accessed/{name}.json", account.id);
            folder.write_json(&path, &answer(arn, common, at_action_level))
        })
}

fn answer<'a>(arn: &'a str, common: &Common, at_action_level: bool) -> Answer<'a> {
    Answer {
        arn,
        job_status: "COMPLETED",
        job_type: if at_action_level {
            "ACTION_LEVEL"
        } else {
            "SERVICE_LEVEL"
        },
        job_creation_date: Moment::NOW.earlier(3),
        services_last_accessed: services(arn, common, at_action_level),
        job_completion_date: Moment::NOW,
        is_truncated: false,
    }
}

/// When and where something was last called, by action.
type Calls = BTreeMap<&'static str, (Moment, &'static str)>;

fn services<'a>(arn: &'a str, common: &Common, at_action_level: bool) -> Vec<Service<'a>> {
    // Denied calls count as well, and so do those that a service makes with the caller's rights.
    let mut used: BTreeMap<&'static str, Calls> = BTreeMap::new();
    for one in &common.uses {
        let last = one.schedule.recorded_last_use();
        if matches!(one.actor, Actor::Password) || last < EARLIEST {
            continue;
        }
        let ApiCall {
            namespace, action, ..
        } = one.call;
        let entry = used
            .entry(namespace)
            .or_default()
            .entry(action)
            .or_insert((last, one.region));
        if entry.0 < last {
            *entry = (last, one.region);
        }
    }
    if let Some((service, at)) = common.accessed_unlogged.filter(|(_, at)| *at >= EARLIEST) {
        let calls = used.entry(service).or_default();
        calls.insert("", (at, "eu-central-1"));
    }
    let mut listed: Vec<&'static str> = used.keys().copied().collect();
    let granted = common
        .inline
        .iter()
        .flat_map(|policy| policy.statements.iter())
        .flat_map(|statement| statement.services());
    let mut add = |service: &'static str, most: usize| {
        if listed.len() < most && known(service).is_some() && !listed.contains(&service) {
            listed.push(service);
        }
    };
    granted.for_each(|service| add(service, MOST_SERVICES));
    ALWAYS
        .iter()
        .for_each(|service| add(service, LEAST_SERVICES));
    listed.sort_unstable();
    listed
        .into_iter()
        .filter_map(known)
        .map(|(namespace, name, tracked)| {
            let calls = used.get(namespace);
            let last = calls.and_then(|calls| calls.values().max().copied());
            Service {
                service_name: name,
                last_authenticated: last.map(|(at, _)| at),
                service_namespace: namespace,
                last_authenticated_entity: last.map(|_| arn),
                last_authenticated_region: last.map(|(_, region)| region),
                total_authenticated_entities: u8::from(last.is_some()),
                tracked_actions_last_accessed: if at_action_level {
                    actions(arn, tracked, calls)
                } else {
                    Vec::new()
                },
            }
        })
        .collect()
}

fn known(namespace: &str) -> Option<(&'static str, &'static str, &'static [&'static str])> {
    SERVICES
        .iter()
        .find(|(known, ..)| *known == namespace)
        .copied()
}

fn actions<'a>(arn: &'a str, tracked: &[&'static str], calls: Option<&Calls>) -> Vec<Action<'a>> {
    tracked
        .iter()
        .map(|action| {
            let last = calls.and_then(|calls| calls.get(action).copied());
            Action {
                action_name: action,
                last_accessed_entity: last.map(|_| arn),
                last_accessed_time: last.map(|(at, _)| at),
                last_accessed_region: last.map(|(_, region)| region),
            }
        })
        .collect()
}
