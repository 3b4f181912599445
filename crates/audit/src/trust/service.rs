//! Services that AWS documents to say for whom they assume a role.
//!
//! A service that assumes roles for many customers can be made to use another customer's role, unless the trust policy asks for whom
//! it calls (IAM User Guide, "The confused deputy problem"). Which services put `aws:SourceArn` and `aws:SourceAccount` into the
//! request is told by their own guides only, so this is a list, of 2026-11. Services that run what is one's own anyway (EC2, Lambda)
//! are not in it: IAM lets a role be given to them within its account only.

use std::collections::BTreeSet;

use leastgrant_policy::Context;
use leastgrant_policy::principal::is_account_id;
use leastgrant_policy::resource::arn_fields;

use super::stranger::{self, SOURCE_KEYS};

use super::values::{STRANGER, filled, has_wildcard, missing, one};
use super::{Admission, TrustedRole, accounts::ASSUME_ROLE};

/// The first label of each host, and the service in the ARNs of what it calls for.
const DOCUMENTED: &[(&str, &str)] = &[
    ("airflow", "airflow"),
    ("airflow-env", "airflow"),
    ("amplify", "amplify"),
    ("appstream", "appstream"),
    ("autoscaling", "autoscaling"),
    ("batch", "batch"),
    ("bedrock", "bedrock"),
    ("cloudtrail", "cloudtrail"),
    ("codebuild", "codebuild"),
    ("codedeploy", "codedeploy"),
    ("cognito-idp", "cognito-idp"),
    ("comprehend", "comprehend"),
    ("config", "config"),
    ("databrew", "databrew"),
    ("datasync", "datasync"),
    ("dlm", "dlm"),
    ("dms", "dms"),
    ("ecs-tasks", "ecs"),
    ("eks", "eks"),
    ("eks-fargate-pods", "eks"),
    ("events", "events"),
    ("fis", "fis"),
    ("forecast", "forecast"),
    ("frauddetector", "frauddetector"),
    ("grafana", "grafana"),
    ("greengrass", "greengrass"),
    ("iot", "iot"),
    ("kendra", "kendra"),
    ("lexv2", "lex"),
    ("logs", "logs"),
    ("monitoring.rds", "rds"),
    ("personalize", "personalize"),
    ("pipes", "pipes"),
    ("rds", "rds"),
    ("rekognition", "rekognition"),
    ("sagemaker", "sagemaker"),
    ("scheduler", "scheduler"),
    ("sms-voice", "sms-voice"),
    ("ssm", "ssm"),
    ("ssm-incidents", "ssm-incidents"),
    ("states", "states"),
    ("storagegateway", "storagegateway"),
    ("textract", "textract"),
    ("transcribe", "transcribe"),
    ("transfer", "transfer"),
    ("translate", "translate"),
    ("vpc-flow-logs", "ec2"),
];

/// The first label of the host of services that run what is one's own, and for nobody else.
const OF_ONES_OWN: [&str; 13] = [
    "apigateway",
    "application-autoscaling",
    "cloudformation",
    "datapipeline",
    "ec2",
    "ecs",
    "edgelambda",
    "elasticbeanstalk",
    "elasticmapreduce",
    "glue",
    "lambda",
    "opsworks",
    "spotfleet",
];

/// A host without the domain, and without the Region that some end in, such as `states.eu-west-1`.
fn labels_of(host: &str) -> Option<&str> {
    let labels = host
        .strip_suffix(".amazonaws.com")
        .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let without_region = labels.rsplit_once('.').filter(|(_, region)| {
        region.matches('-').count() >= 2 && region.ends_with(|last: char| last.is_ascii_digit())
    });
    Some(without_region.map_or(labels, |(labels, _)| labels))
}

/// The service in the ARNs that a host calls for, if AWS documents that it says so.
pub(crate) fn source_service(host: &str) -> Option<&'static str> {
    let labels = labels_of(host)?;
    let known = DOCUMENTED.iter().find(|(label, _)| *label == labels);
    known.map(|(_, service)| *service)
}

/// What stands for the service in ARNs of a host of AWS of which it is not known whether it calls for others.
pub(crate) fn not_known(host: &str) -> Option<&str> {
    let labels = labels_of(host)?;
    let is_known = OF_ONES_OWN.contains(&labels) || source_service(host).is_some();
    let service = labels.rsplit('.').next().unwrap_or(labels);
    (!is_known).then_some(service)
}

/// Whether the role lets the service in when it calls for something of another customer.
pub(crate) fn admits_for_others(
    role: &TrustedRole<'_>,
    host: &str,
    source_service: &str,
) -> Admission {
    let Some(caller) = leastgrant_policy::Principal::parse(host) else {
        return Admission::not_a_caller(host);
    };
    let mut contexts = Vec::new();
    for account_id in stranger::accounts(role) {
        contexts.extend(contexts_for(role, source_service, &account_id, STRANGERS));
    }
    role.admits(&[caller], ASSUME_ROLE, &contexts)
}

/// Whether the role lets the service in when it calls for something of this account, which is of this organisation or of none. Services
/// that run what is one's own call for nobody else.
pub(crate) fn admits_for(
    role: &TrustedRole<'_>,
    host: &str,
    account_id: &str,
    organization_id: &str,
) -> Admission {
    if labels_of(host).is_some_and(|labels| OF_ONES_OWN.contains(&labels)) {
        return Admission::Refused;
    }
    let Some(caller) = leastgrant_policy::Principal::parse(host) else {
        return Admission::not_a_caller(host);
    };
    let source = source_service(host).or_else(|| not_known(host));
    let source = source.unwrap_or(STRANGER);
    let mut contexts = contexts_for(role, source, account_id, organization_id);
    let mut with_owner = contexts.clone();
    for context in &mut with_owner {
        context.insert("aws:sourceowner", one(account_id));
    }
    contexts.extend(with_owner);
    role.admits(&[caller], ASSUME_ROLE, &contexts)
}

/// Accounts that conditions name for which a service may call.
pub(crate) fn accounts_called_for<'a>(role: &TrustedRole<'a>) -> BTreeSet<&'a str> {
    let mut accounts = BTreeSet::new();
    for condition in role.conditions() {
        let values = condition.values.iter().map(|value| value.as_str());
        match &*condition.lower_key {
            "aws:sourceaccount" | "aws:sourceowner" => accounts.extend(values),
            "aws:sourcearn" => {
                accounts.extend(values.filter_map(|arn| arn_fields(arn).map(|fields| fields[4])));
            }
            _ => {}
        }
    }
    accounts.retain(|account| is_account_id(account));
    accounts.remove(role.account_id());
    accounts
}

/// Organisations that conditions name for which a service may call, by their ids.
pub(crate) fn organizations_called_for<'a>(role: &TrustedRole<'a>) -> BTreeSet<&'a str> {
    let ids = role.values_of("aws:sourceorgid");
    let of_paths = role.values_of("aws:sourceorgpaths");
    let ids = ids.chain(of_paths.filter_map(|path| path.split('/').next()));
    ids.filter(|id| id.starts_with("o-") && !has_wildcard(id))
        .collect()
}

/// A stranger's organisation.
pub(crate) const STRANGERS: &str = "o-zzstranger";

fn contexts_for(
    role: &TrustedRole<'_>,
    source_service: &str,
    account_id: &str,
    organization_id: &str,
) -> Vec<Context> {
    let own = format!(
        "arn:{}:{source_service}:us-east-1:{account_id}:{STRANGER}",
        role.partition()
    );
    let asked = role.values_of("aws:sourcearn");
    let mut sources: Vec<String> = asked
        .filter_map(|pattern| of_other_account(pattern, &own, account_id))
        .collect();
    sources.push(own);
    let sources = sources.iter();
    sources
        .flat_map(|source| {
            let paths = paths_of(role, organization_id).into_iter().map(Some);
            let places = std::iter::once(None).chain(paths);
            places.map(|path| {
                let organization = path.map(|path| (organization_id, path));
                context(role, source, account_id, organization)
            })
        })
        .collect()
}

/// Paths that accounts of an organisation can have, such as conditions ask for among them.
fn paths_of(role: &TrustedRole<'_>, organization_id: &str) -> Vec<String> {
    let asked = role.values_of("aws:sourceorgpaths");
    let own = asked.filter(|path| path.split('/').next() == Some(organization_id));
    let mut paths: Vec<String> = own.map(|path| filled(path, "ou-zzzz-zzzzzzzz/")).collect();
    paths.push(format!("{organization_id}/r-zzzz/"));
    paths
}

fn context(
    role: &TrustedRole<'_>,
    source_arn: &str,
    account_id: &str,
    organization: Option<(&str, String)>,
) -> Context {
    let mut context = stranger::at(role);
    for key in SOURCE_KEYS {
        context.insert(key, missing());
    }
    context.insert("aws:sourcearn", one(source_arn));
    context.insert("aws:sourceaccount", one(account_id));
    // A service is no member of an organisation (IAM User Guide, "AWS global condition context keys").
    for key in ["aws:principalorgid", "aws:principalorgpaths"] {
        context.insert(key, missing());
    }
    if let Some((id, path)) = organization {
        context.insert("aws:sourceorgid", one(id));
        context.insert(
            "aws:sourceorgpaths",
            leastgrant_policy::ContextValue::Many(vec![path]),
        );
    }
    // Those who agreed on an external id know it; a stranger would have to guess.
    context.insert("sts:externalid", one(STRANGER));
    context
}

/// An ARN of this account that the pattern matches. `own` is what a pattern that begins with `*` hides.
fn of_other_account(pattern: &str, own: &str, account_id: &str) -> Option<String> {
    if pattern.starts_with('*') {
        return Some(filled(pattern, own));
    }
    let [prefix, partition, service, region, account, resource] = arn_fields(pattern)?;
    (has_wildcard(account) || account == account_id).then(|| {
        format!(
            "{prefix}:{}:{}:{}:{account_id}:{}",
            filled(partition, "aws"),
            filled(service, "zz"),
            filled(region, "us-east-1"),
            filled(resource, STRANGER),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_with_and_without_a_region() {
        for (host, service) in [
            ("states.amazonaws.com", Some("states")),
            ("states.eu-west-1.amazonaws.com", Some("states")),
            ("monitoring.rds.amazonaws.com", Some("rds")),
            ("vpc-flow-logs.amazonaws.com", Some("ec2")),
            ("eks-fargate-pods.amazonaws.com", Some("eks")),
            ("airflow-env.amazonaws.com", Some("airflow")),
            ("logs.cn-north-1.amazonaws.com.cn", Some("logs")),
            ("ec2.amazonaws.com", None),
            ("lambda.amazonaws.com", None),
            ("export.rds.amazonaws.com", None),
            ("states.example.com", None),
        ] {
            assert_eq!(source_service(host), service, "{host}");
        }
    }

    #[test]
    fn what_is_on_no_list_is_not_known_and_the_list_is_sorted_and_has_no_host_twice() {
        assert_eq!(not_known("quicksight.amazonaws.com"), Some("quicksight"));
        assert_eq!(not_known("lambda.amazonaws.com"), None);
        assert_eq!(not_known("sms-voice.amazonaws.com"), None);
        assert_eq!(not_known("vendor.example.com"), None);
        assert!(DOCUMENTED.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
