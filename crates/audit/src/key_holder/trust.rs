//! Trust policies of the roles that take the place of keys. What no log tells stands in capitals, to be replaced.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::replacement::Place;
use super::table::lines;

static TABLE: &str = include_str!("../../data/key-holder-ci.tsv");

/// How a CI system proves to AWS who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CiSystem {
    pub name: &'static str,
    /// The issuer's host and path.
    pub provider: &'static str,
    pub audience: &'static str,
    /// Of the condition on the subject.
    operator: &'static str,
    subject: &'static str,
    /// Where it is told how jobs take a role.
    pub source: &'static str,
}

/// The system of this name, if it issues tokens to its jobs.
pub(super) fn ci_system(name: &str) -> Option<&'static CiSystem> {
    static SYSTEMS: LazyLock<Vec<CiSystem>> =
        LazyLock::new(|| lines(TABLE).filter_map(read).collect());
    SYSTEMS.iter().find(|system| system.name == name)
}

/// A line; a test holds that each is read.
fn read(line: &'static str) -> Option<CiSystem> {
    match line.split('\t').collect::<Vec<_>>().as_slice() {
        [name, provider, audience, operator, subject, source] => Some(CiSystem {
            name,
            provider,
            audience,
            operator,
            subject,
            source,
        }),
        _ => None,
    }
}

/// A template with what is known of the place.
pub(super) fn filled(template: &str, place: &Place<'_>) -> String {
    match place.repository {
        Some(repository) => template.replace("REPOSITORY:", &format!("{repository}:")),
        None => template.replace("REPOSITORY:", "ORGANIZATION/REPOSITORY:"),
    }
}

fn policy(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// For a service of AWS that runs the workload, on behalf of this account only where the service tells it.
pub(super) fn of_service(service: &str, account_id: &str) -> String {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": "sts:AssumeRole",
    });
    // EC2 and Lambda tell no source account when they take a role for an instance or a function.
    if matches!(
        service,
        "ecs-tasks.amazonaws.com" | "codebuild.amazonaws.com"
    ) && let Some(statement) = statement.as_object_mut()
    {
        let condition = json!({ "StringEquals": { "aws:SourceAccount": account_id } });
        statement.insert("Condition".to_owned(), condition);
    }
    policy(&statement)
}

/// For pods, by EKS Pod Identity.
pub(super) fn of_pod_identity() -> String {
    policy(&json!({
        "Effect": "Allow",
        "Principal": { "Service": "pods.eks.amazonaws.com" },
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }))
}

/// For the jobs of a CI system, of one repository and branch.
pub(super) fn of_ci_system(system: &CiSystem, place: &Place<'_>) -> String {
    let provider = filled(system.provider, place);
    let audience = json!({ (format!("{provider}:aud")): filled(system.audience, place) });
    let subject = json!({ (format!("{provider}:sub")): filled(system.subject, place) });
    let condition = if system.operator == "StringEquals" {
        let mut both = audience;
        if let (Some(both), Value::Object(subject)) = (both.as_object_mut(), subject) {
            both.extend(subject);
        }
        json!({ "StringEquals": both })
    } else {
        json!({ "StringEquals": audience, (system.operator): subject })
    };
    policy(&json!({
        "Effect": "Allow",
        "Principal": {
            "Federated": format!("arn:{}:iam::{}:oidc-provider/{provider}", place.partition, place.account_id)
        },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }))
}

/// For the account of a vendor, with the external id that the vendor gives.
pub(super) fn of_vendor(place: &Place<'_>) -> String {
    policy(&json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{}:iam::VENDOR_ACCOUNT_ID:root", place.partition) },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": "EXTERNAL_ID" } },
    }))
}

/// For computers with a certificate of your own authority.
pub(super) fn of_roles_anywhere(place: &Place<'_>) -> String {
    let region = place.region.unwrap_or("REGION");
    let anchor = format!(
        "arn:{}:rolesanywhere:{region}:{}:trust-anchor/TRUST_ANCHOR_ID",
        place.partition, place.account_id
    );
    policy(&json!({
        "Effect": "Allow",
        "Principal": { "Service": "rolesanywhere.amazonaws.com" },
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {
            "ArnEquals": { "aws:SourceArn": anchor },
            "StringEquals": { "aws:PrincipalTag/x509Subject/CN": "NAME_IN_CERTIFICATE" },
        },
    }))
}
