//! Actions in words: by service, with a few of each, those first that matter most.

use std::sync::OnceLock;

use leastgrant_catalog::{ActionId, ActionInfo, ActionSet, Catalog, Service};
pub(crate) use leastgrant_inventory::counted;

pub(crate) use crate::key_holder::quoted;

/// More services than these are counted only.
const SERVICES: usize = 8;
/// More actions of a service than these are counted only.
const ACTIONS: usize = 3;

/// More actions than these are counted only where all are listed.
const ALL_ACTIONS: usize = 100;

/// What readers look for first, by how much harm it does: accounts and rights, then secrets, then data, then what runs.
const FIRST: [&str; 48] = [
    "account:CloseAccount",
    "organizations:LeaveOrganization",
    "iam:PassRole",
    "iam:CreateAccessKey",
    "iam:UpdateLoginProfile",
    "iam:CreateLoginProfile",
    "iam:AttachUserPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "sts:AssumeRole",
    "sts:AssumeRoot",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:StartSession",
    "ssm:SendCommand",
    "s3:GetObject",
    "s3:PutBucketPolicy",
    "s3:DeleteObject",
    "s3:PutObject",
    "s3:DeleteBucket",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:DeleteTable",
    "dynamodb:PutItem",
    "kms:Decrypt",
    "kms:ScheduleKeyDeletion",
    "kms:PutKeyPolicy",
    "kms:CreateGrant",
    "rds:DeleteDBInstance",
    "rds:ModifyDBSnapshotAttribute",
    "rds-data:ExecuteStatement",
    "redshift:GetClusterCredentials",
    "ec2:ModifySnapshotAttribute",
    "ec2:TerminateInstances",
    "ec2:RunInstances",
    "ebs:GetSnapshotBlock",
    "lambda:UpdateFunctionCode",
    "lambda:GetFunction",
    "ecr:BatchGetImage",
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "route53:ChangeResourceRecordSets",
];

/// The actions by service: `` `s3` (41, such as `DeleteObject`, …) and `sqs` (`SendMessage`) ``. Bounded in length.
pub(crate) fn in_words(actions: &ActionSet) -> String {
    let services = services_of(actions);
    let count = services.len();
    let mut words: Vec<String> = services
        .into_iter()
        .take(SERVICES)
        .map(|service| {
            let (prefix, count) = (service.prefix(), actions.count_of(service));
            let (names, _) = names_of_service(actions, service, ACTIONS);
            match count > ACTIONS {
                true => format!("`{prefix}` ({count}, such as {names})"),
                false => format!("`{prefix}` ({names})"),
            }
        })
        .collect();
    if count > SERVICES {
        words.push(format!("{} more services", count - SERVICES));
    }
    and(words)
}

/// The same with all actions, up to a bound; none where [`in_words`] has them all.
pub(crate) fn in_full(actions: &ActionSet) -> Option<String> {
    let services = services_of(actions);
    let is_short = services.len() <= SERVICES
        && services
            .iter()
            .all(|service| actions.count_of(service) <= ACTIONS);
    if is_short {
        return None;
    }
    let mut left = ALL_ACTIONS;
    let mut words = Vec::new();
    for service in services {
        if left == 0 {
            break;
        }
        let (names, count) = names_of_service(actions, service, left);
        left -= count;
        words.push(format!("`{}` ({names})", service.prefix()));
    }
    let count = actions.len();
    if count > ALL_ACTIONS {
        words.push(format!("{} more actions", count - ALL_ACTIONS));
    }
    Some(and(words))
}

/// The first action of each service, in the same order.
pub(crate) fn first_of_each_service(actions: &ActionSet) -> impl Iterator<Item = ActionInfo> {
    let services = services_of(actions).into_iter();
    services.filter_map(|service| actions_of_service(actions, service).next())
}

/// [`FIRST`], looked up once.
fn first_actions() -> &'static [ActionInfo] {
    static ACTIONS: OnceLock<Vec<ActionInfo>> = OnceLock::new();
    ACTIONS.get_or_init(|| {
        let catalog = Catalog::get();
        let names = FIRST.iter();
        names.filter_map(|name| catalog.action(name)).collect()
    })
}

/// Those with what matters most first, then by prefix.
fn services_of(actions: &ActionSet) -> Vec<&'static Service> {
    let first = first_actions().iter();
    let first = first.filter(|action| actions.contains(action.id()));
    let mut own: Vec<&'static Service> = Vec::new();
    let is_in =
        |own: &[&Service], service: &Service| own.iter().any(|known| std::ptr::eq(*known, service));
    for service in first.map(|action| action.service()) {
        if !is_in(&own, service) {
            own.push(service);
        }
    }
    let others: Vec<&'static Service> = {
        let others = actions.services();
        others.filter(|service| !is_in(&own, service)).collect()
    };
    own.extend(others);
    own
}

/// Those that matter most first, then by name.
fn actions_of_service(
    actions: &ActionSet,
    service: &'static Service,
) -> impl Iterator<Item = ActionInfo> {
    let first = first_actions().iter().copied();
    let first: Vec<ActionInfo> = first
        .filter(|action| std::ptr::eq(action.service(), service))
        .filter(|action| actions.contains(action.id()))
        .collect();
    let first_ids: Vec<ActionId> = first.iter().map(|action| action.id()).collect();
    let others = service
        .actions()
        .filter(|action| actions.contains(action.id()))
        .filter(move |action| !first_ids.contains(&action.id()));
    first.into_iter().chain(others)
}

/// Some of a service's actions, and how many there are.
fn names_of_service(
    actions: &ActionSet,
    service: &'static Service,
    most: usize,
) -> (String, usize) {
    let mut names = String::new();
    let mut count = 0;
    for action in actions_of_service(actions, service).take(most) {
        if count > 0 {
            names.push_str(", ");
        }
        names.push('`');
        names.push_str(action.name());
        names.push('`');
        count += 1;
    }
    (names, count)
}

/// Some of many texts, in backticks.
pub(crate) fn some_of<'a>(texts: impl ExactSizeIterator<Item = &'a str>, shown: usize) -> String {
    let count = texts.len();
    let mut words: Vec<String> = texts.take(shown).map(quoted).collect();
    if count > shown {
        words.push(format!("{} more", count - shown));
    }
    and(words)
}

/// `a, b and c`.
pub(crate) fn and(mut words: Vec<String>) -> String {
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_listed_by_service_and_the_list_is_short() {
        let set = |names: &[&str]| -> ActionSet {
            let catalog = Catalog::get();
            names
                .iter()
                .map(|name| catalog.action(name).unwrap().id())
                .collect()
        };
        assert_eq!(
            in_words(&set(&["sqs:SendMessage", "s3:PutObject"])),
            "`s3` (`PutObject`) and `sqs` (`SendMessage`)"
        );
        assert_eq!(
            in_words(&set(&[
                "sqs:CreateQueue",
                "sqs:DeleteQueue",
                "sqs:PurgeQueue",
                "sqs:SendMessage"
            ])),
            "`sqs` (4, such as `CreateQueue`, `DeleteQueue`, `PurgeQueue`)"
        );
        let matters = [
            "aoss:APIAccessAll",
            "athena:GetQueryResults",
            "s3:GetObject",
        ];
        assert_eq!(
            in_words(&set(&matters)),
            "`s3` (`GetObject`), `aoss` (`APIAccessAll`) and `athena` (`GetQueryResults`)"
        );
        assert_eq!(in_full(&set(&matters)), None);
        let four = ["DeleteObject", "GetObject", "GetObjectAcl", "ListBucket"];
        let four = set(&four
            .map(|name| format!("s3:{name}"))
            .each_ref()
            .map(String::as_str));
        assert_eq!(
            in_full(&four).unwrap(),
            "`s3` (`GetObject`, `DeleteObject`, `GetObjectAcl`, `ListBucket`)"
        );
        let all = in_full(&ActionSet::all()).unwrap();
        assert!(all.len() < 5_000 && all.ends_with(" more actions"), "{all}");
        for name in FIRST {
            assert!(Catalog::get().action(name).is_some(), "{name}");
        }
        assert!(in_words(&ActionSet::all()).len() < 1_500);
        assert_eq!(in_words(&ActionSet::new()), "");
    }
}
