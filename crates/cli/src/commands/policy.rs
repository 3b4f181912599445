//! `policy`: the least IAM policy that a collection needs, made from the list of calls that it makes.

mod arguments;
mod languages;

use anyhow::bail;
use clap::{Args, ValueEnum};
use leastgrant_collect::live::{CALLS, Part};
use serde_json::{Map, Value, json};

pub(super) use self::arguments::{
    expect_each_key_once, parse_external_id, parse_role_name, parse_tag,
};
use self::arguments::{parse_organization_id, parse_trusted};
use super::live::ROLE_OF_ORGANIZATIONS;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Print the least IAM policy that `collect` and `run` need for the AWS options
///
/// With `--trust`, the role to be assumed in each account: as JSON its trust policy, or its permissions with `--document permissions`; as
/// Terraform or CloudFormation (for a StackSet of the organization) the whole role. `--org` is what the caller needs who finds the
/// accounts and assumes that role in each. CloudTrail's logs need permissions of their own: `leastgrant usage --help` names them.
#[derive(Debug, Args)]
pub(crate) struct PolicyArguments {
    /// For a caller who collects the accounts of the organization
    #[arg(long)]
    org: bool,
    /// For a collection with `--resource-policies`
    #[arg(long)]
    resource_policies: bool,
    /// The role in each account [default: OrganizationAccountAccessRole]
    #[arg(long, value_name = "ROLE", value_parser = parse_role_name)]
    role_name: Option<String>,
    /// Print the role in each account that this user, role or account may assume
    #[arg(long, value_name = "ARN|ACCOUNT", conflicts_with = "org", value_parser = parse_trusted)]
    trust: Option<String>,
    /// The external id that the role asks for
    #[arg(long, value_name = "ID", requires = "trust", value_parser = parse_external_id)]
    external_id: Option<String>,
    /// The organization that callers and roles have to be of [default for `--org`: the caller's own]
    #[arg(long, value_name = "ID", value_parser = parse_organization_id)]
    org_id: Option<String>,
    /// The tags that `--session-tag` of a collection gives its sessions
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., value_parser = parse_tag)]
    session_tag: Vec<(String, String)>,
    /// Which document of the role to print as JSON
    #[arg(long, value_enum, requires = "trust", default_value_t)]
    document: Document,
    /// The language
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The languages that policies are deployed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A policy document.
    #[default]
    Json,
    /// Resources of the provider `aws`.
    Terraform,
    /// A template in JSON.
    Cloudformation,
}

/// The two documents of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Document {
    /// Who may assume it.
    #[default]
    Trust,
    /// What it may do.
    Permissions,
}

pub(super) fn run(arguments: &PolicyArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    expect_each_key_once(&arguments.session_tag)?;
    let is_of_roles = arguments.org || arguments.trust.is_some();
    let is_about_roles = arguments.org_id.is_some()
        || arguments.role_name.is_some()
        || !arguments.session_tag.is_empty();
    if !is_of_roles && is_about_roles {
        bail!(
            "`--role-name`, `--org-id` and `--session-tag` are about roles that are assumed: give `--org` or `--trust` with them"
        );
    }
    let role_name = arguments.role_name();
    let permissions = permissions(arguments);
    let trust = arguments
        .trust
        .as_deref()
        .map(|principal| trust_policy(principal, arguments));
    let text = match (arguments.format, trust) {
        (Format::Json, Some(trust)) if arguments.document == Document::Trust => {
            languages::pretty(&trust)?
        }
        (Format::Json, _) => languages::pretty(&permissions)?,
        (_, Some(_)) if role_name == ROLE_OF_ORGANIZATIONS => bail!(
            "`{ROLE_OF_ORGANIZATIONS}` is AWS Organizations' own role, with all permissions, and is not to be defined anew: name another one with `--role-name`, here and when collecting"
        ),
        (Format::Terraform, None) => languages::terraform_policy(&permissions)?,
        (Format::Terraform, Some(trust)) => {
            languages::terraform_role(role_name, &trust, &permissions)?
        }
        (Format::Cloudformation, trust) => {
            languages::pretty(&languages::template(role_name, trust, &permissions))?
        }
    };
    printer.data(&text)?;
    Ok(Outcome::Done)
}

impl PolicyArguments {
    fn role_name(&self) -> &str {
        self.role_name.as_deref().unwrap_or(ROLE_OF_ORGANIZATIONS)
    }
}

fn permissions(arguments: &PolicyArguments) -> Value {
    let mut statements = vec![statement("ReadEachAccount", Part::Account)];
    if arguments.resource_policies {
        statements.push(statement("ReadResourcePolicies", Part::ResourcePolicies));
    }
    if arguments.trust.is_none() {
        statements.push(statement("ReadOrganization", Part::Organization));
    }
    if arguments.org {
        let mut actions = vec!["sts:AssumeRole"];
        if !arguments.session_tag.is_empty() {
            actions.push("sts:TagSession");
        }
        // A role of that name in an account of somebody else's is not the organisation's.
        let organization = arguments
            .org_id
            .as_deref()
            .unwrap_or("${aws:PrincipalOrgID}");
        statements.push(json!({
            "Sid": "BeReaderInEachAccount",
            "Effect": "Allow",
            "Action": actions,
            "Resource": format!("arn:*:iam::*:role/{}", arguments.role_name()),
            "Condition": {"StringEquals": {"aws:ResourceOrgID": organization}},
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(sid: &str, part: Part) -> Value {
    let mut actions: Vec<&str> = CALLS
        .iter()
        .filter(|call| call.part == part)
        .map(|call| call.action)
        .collect();
    actions.sort_unstable();
    json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"})
}

fn trust_policy(principal: &str, arguments: &PolicyArguments) -> Value {
    let mut of_the_organization = Map::new();
    if let Some(organization) = &arguments.org_id {
        of_the_organization.insert("aws:PrincipalOrgID".to_owned(), json!(organization));
    }
    let mut assumed = of_the_organization.clone();
    if let Some(external_id) = &arguments.external_id {
        assumed.insert("sts:ExternalId".to_owned(), json!(external_id));
    }
    let mut statements = vec![trusted(principal, "sts:AssumeRole", assumed)];
    if !arguments.session_tag.is_empty() {
        // Who assumes the role gives its session these tags, each with this value, and no others.
        let mut tagged = of_the_organization;
        let tags = arguments.session_tag.iter();
        tagged.extend(tags.map(|(key, value)| (format!("aws:RequestTag/{key}"), json!(value))));
        let keys: Vec<&String> = arguments.session_tag.iter().map(|(key, _)| key).collect();
        let mut statement = trusted(principal, "sts:TagSession", tagged);
        if let Some(condition) = statement
            .get_mut("Condition")
            .and_then(Value::as_object_mut)
        {
            condition.insert(
                "ForAllValues:StringEquals".to_owned(),
                json!({"aws:TagKeys": keys}),
            );
        }
        statements.push(statement);
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn trusted(principal: &str, action: &str, equals: Map<String, Value>) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": action,
    });
    if let Some(members) = statement.as_object_mut()
        && !equals.is_empty()
    {
        members.insert("Condition".to_owned(), json!({"StringEquals": equals}));
    }
    statement
}
