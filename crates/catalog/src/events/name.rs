//! Which actions events of a source and name can need.

use crate::{ActionInfo, ActionResource, Catalog};

use super::MappingStatus;

/// Facts of iann0036/iam-dataset, trailscraper and the AWS documentation: service, event, condition, action.
const TABLE: &str = include_str!("../../data/events.tsv");

/// Event sources whose IAM prefix is another, from iann0036/iam-dataset, trailscraper and cloudtracker.
pub(super) const SOURCES: &[(&str, &str)] = &[
    ("monitoring", "cloudwatch"),
    ("tagging", "tag"),
    ("email", "ses"),
    ("amazonmq", "mq"),
    ("agreement-marketplace", "aws-marketplace"),
    ("discovery-marketplace", "aws-marketplace"),
    ("marketplacecatalog", "aws-marketplace"),
    ("reporting-marketplace", "aws-marketplace"),
    ("management-marketplace", "aws-marketplace-management"),
    ("application-insights", "applicationinsights"),
    ("billingconsole", "billing"),
    ("chime-sdk-media-pipelines", "chime"),
    ("chime-sdk-voice", "chime"),
    ("cloudcontrolapi", "cloudformation"),
    ("contact-lens", "connect"),
    ("participant-connect", "connect"),
    ("opensearchservice", "es"),
    ("migrationhub", "mgh"),
    ("pinpoint", "mobiletargeting"),
    ("pricelist", "pricing"),
    ("qconnect", "wisdom"),
    ("rdsdata", "rds-data"),
    ("servicecatalog-appregistry", "servicecatalog"),
    ("taxconsole", "tax"),
    ("transcribestreaming", "transcribe"),
    ("appstream2", "appstream"),
    ("models.lex", "lex"),
    ("runtime.lex", "lex"),
    ("models.lex.v2", "lex"),
    ("runtime.lex.v2", "lex"),
    ("mturk-requester", "mechanicalturk"),
    ("streams.dynamodb", "dynamodb"),
    ("iotdata", "iot"),
];

/// Calls that need no permission of the caller, by the AWS documentation of STS and DynamoDB.
const NEED_NOTHING: &[(&str, &str)] = &[
    ("sts", "GetCallerIdentity"),
    ("sts", "GetSessionToken"),
    ("sts", "AssumeRoleWithSAML"),
    ("sts", "AssumeRoleWithWebIdentity"),
    ("dynamodb", "DescribeEndpoints"),
    ("sso", "Authenticate"),
    ("sso", "Federate"),
    ("sso", "GetRoleCredentials"),
];

/// The verbs of API Gateway's actions by how the names of its calls begin.
const API_GATEWAY_VERBS: &[(&str, &str)] = &[
    ("get", "apigateway:GET"),
    ("create", "apigateway:POST"),
    ("import", "apigateway:POST"),
    ("update", "apigateway:PATCH"),
    ("put", "apigateway:PUT"),
    ("delete", "apigateway:DELETE"),
];

/// An action and the parameter that a request must have for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needed {
    pub(super) action: String,
    pub(super) when: &'static str,
    /// The resource types that a policy can name for the action.
    pub(super) resource_types: &'static [ActionResource],
    pub(super) is_on_bucket: bool,
    pub(super) is_on_object: bool,
}

impl Needed {
    pub(super) fn new(action: ActionInfo, when: &'static str) -> Self {
        let resources = &action.details().resources;
        let ends = |end: &str| resources.iter().any(|one| one.arn_format.ends_with(end));
        Self {
            action: action.to_string(),
            when,
            resource_types: resources,
            is_on_bucket: ends(":s3:::${BucketName}"),
            is_on_object: ends(":s3:::${BucketName}/${ObjectName}"),
        }
    }
}

/// The status of a source and name, and what its calls can need.
pub(super) fn needed(catalog: &Catalog, source: &str, name: &str) -> (MappingStatus, Vec<Needed>) {
    let host = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let renamed = SOURCES.iter().find(|(from, _)| *from == host);
    let mut prefixes = vec![host];
    prefixes.extend(renamed.map(|(_, to)| *to));
    if host == "autoscaling" {
        prefixes.push("application-autoscaling");
    }
    let is_free = |name: &str| {
        let is_one = |(service, free): &(&str, &str)| {
            prefixes.contains(service) && free.eq_ignore_ascii_case(name)
        };
        NEED_NOTHING.iter().any(is_one)
    };
    let signs_in = host == "signin" && catalog.action(&format!("signin:{name}")).is_none();
    if signs_in || is_free(name) {
        return (MappingStatus::NeedsNothing, Vec::new());
    }
    let names = [name, without_version(name)];
    for name in names {
        for prefix in &prefixes {
            let found = of_service(catalog, prefix, name);
            if !found.is_empty() {
                return (MappingStatus::Mapped, found);
            }
        }
    }
    for name in names {
        let services = catalog.services().iter();
        let mut found =
            services.filter_map(|service| catalog.action(&format!("{}:{name}", service.prefix())));
        if let (Some(only), None) = (found.next(), found.next()) {
            return (MappingStatus::Mapped, vec![Needed::new(only, "")]);
        }
    }
    (MappingStatus::Unmapped, Vec::new())
}

fn of_service(catalog: &Catalog, prefix: &str, name: &str) -> Vec<Needed> {
    let mut found: Vec<Needed> = rows()
        .filter(|row| row.0 == prefix && row.1.eq_ignore_ascii_case(name))
        .filter_map(|row| Some(Needed::new(catalog.action(row.3)?, row.2)))
        .collect();
    let lower = name.to_ascii_lowercase();
    if matches!(lower.as_str(), "copyobject" | "uploadpartcopy") {
        for needed in &mut found {
            if needed.action.starts_with("s3:Get") {
                needed.is_on_object = false;
            }
        }
    }
    if prefix == "apigateway" {
        let verb = API_GATEWAY_VERBS
            .iter()
            .find(|(start, _)| lower.starts_with(start));
        let action = verb.and_then(|(_, action)| catalog.action(action));
        found.extend(action.map(|action| Needed::new(action, "")));
    }
    if let Some(action) = catalog.action(&format!("{prefix}:{name}")) {
        let needed = Needed::new(action, "");
        if found.iter().all(|one| one.action != needed.action) {
            found.push(needed);
        }
    }
    found
}

/// The rows of the table.
pub(super) fn rows()
-> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut cells = line.split('\t');
        let (service, event) = (cells.next()?, cells.next()?);
        let when = cells
            .next()
            .map(|when| if when == "-" { "" } else { when })?;
        Some((service, event, when, cells.next()?))
    })
}

/// A name without the version that Lambda (`20150331v2`) and CloudFront (`2020_05_31`) add.
fn without_version(name: &str) -> &str {
    let Some((at, _)) = name.rmatch_indices("20").find(|(at, _)| {
        let end = name.get(*at..).unwrap_or_default();
        let shape: String = end
            .chars()
            .map(|one| if one.is_ascii_digit() { '0' } else { one })
            .collect();
        shape == "0000_00_00"
            || shape == "00000000"
            || shape
                .strip_prefix("00000000v")
                .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|one| one == '0'))
    }) else {
        return name;
    };
    name.get(..at).unwrap_or(name)
}
