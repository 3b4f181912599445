//! `policy`: the least IAM policy that a collection needs, made from the list of calls that it makes.

use clap::{Args, ValueEnum};
use leastgrant_collect::live::{CALLS, Part};
use serde_json::{Value, json};

use super::live::ROLE_OF_ORGANIZATIONS;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Print the least IAM policy that `collect` and `run` need for the AWS options
///
/// With `--trust`, the role to be assumed in each account: as JSON its trust policy, as Terraform or CloudFormation (for a StackSet of
/// the organization) the whole role. `--org` is what the caller needs who finds the accounts and assumes that role in each.
/// CloudTrail's logs need permissions of their own: `leastgrant usage --help` names them.
#[derive(Debug, Args)]
pub(crate) struct PolicyArguments {
    /// For a caller who collects the accounts of the organization
    #[arg(long)]
    org: bool,
    /// The role in each account
    #[arg(long, value_name = "ROLE", default_value = ROLE_OF_ORGANIZATIONS, value_parser = parse_role_name)]
    role_name: String,
    /// Print the role in each account that this principal may assume
    #[arg(long, value_name = "ARN", conflicts_with = "org", value_parser = parse_arn)]
    trust: Option<String>,
    /// The external id that the role asks for
    #[arg(long, value_name = "ID", requires = "trust", value_parser = parse_external_id)]
    external_id: Option<String>,
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

pub(super) fn run(arguments: &PolicyArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let permissions = permissions(arguments);
    let trust = arguments
        .trust
        .as_deref()
        .map(|principal| trust_policy(principal, arguments.external_id.as_deref()));
    let text = match (arguments.format, trust) {
        (Format::Json, None) => pretty(&permissions)?,
        (Format::Json, Some(trust)) => pretty(&trust)?,
        (Format::Terraform, None) => terraform_policy(&permissions)?,
        (Format::Terraform, Some(trust)) => {
            terraform_role(&arguments.role_name, &trust, &permissions)?
        }
        (Format::Cloudformation, trust) => {
            pretty(&template(&arguments.role_name, trust, &permissions))?
        }
    };
    printer.data(&text)?;
    Ok(Outcome::Done)
}

fn permissions(arguments: &PolicyArguments) -> Value {
    let mut statements = vec![statement("ReadEachAccount", Part::Account)];
    if arguments.trust.is_none() {
        statements.push(statement("ReadOrganization", Part::Organization));
    }
    if arguments.org {
        statements.push(json!({
            "Sid": "BeReaderInEachAccount",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Resource": format!("arn:*:iam::*:role/{}", arguments.role_name),
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

fn trust_policy(principal: &str, external_id: Option<&str>) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
    });
    if let Some(members) = statement.as_object_mut()
        && let Some(external_id) = external_id
    {
        let condition = json!({"StringEquals": {"sts:ExternalId": external_id}});
        members.insert("Condition".to_owned(), condition);
    }
    // Session tags go with the role's assumption, where the external id was checked.
    let tags = json!({
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:TagSession",
    });
    json!({"Version": "2012-10-17", "Statement": [statement, tags]})
}

fn pretty(document: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

fn terraform_policy(permissions: &Value) -> anyhow::Result<String> {
    Ok(format!(
        "resource \"aws_iam_policy\" \"leastgrant\" {{\n  name   = \"leastgrant\"\n  policy = {}}}\n",
        heredoc(permissions)?
    ))
}

fn terraform_role(role_name: &str, trust: &Value, permissions: &Value) -> anyhow::Result<String> {
    let (path, name) = path_and_name(role_name);
    Ok(format!(
        "resource \"aws_iam_role\" \"leastgrant\" {{\n  name               = \"{name}\"\n  path               = \"{path}\"\n  assume_role_policy = {}}}\n\nresource \"aws_iam_role_policy\" \"leastgrant\" {{\n  name   = \"leastgrant\"\n  role   = aws_iam_role.leastgrant.id\n  policy = {}}}\n",
        heredoc(trust)?,
        heredoc(permissions)?
    ))
}

/// JSON as a text of Terraform's that needs no escapes; the options' values have no `$` and no `%`.
fn heredoc(document: &Value) -> anyhow::Result<String> {
    Ok(format!("<<-EOT\n{}EOT\n", pretty(document)?))
}

fn template(role_name: &str, trust: Option<Value>, permissions: &Value) -> Value {
    let (path, name) = path_and_name(role_name);
    let resource = match trust {
        Some(trust) => json!({
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": name,
                "Path": path,
                "AssumeRolePolicyDocument": trust,
                "Policies": [{"PolicyName": "leastgrant", "PolicyDocument": permissions}],
            },
        }),
        None => json!({
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": "leastgrant", "PolicyDocument": permissions},
        }),
    };
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "What leastgrant needs to read",
        "Resources": {"Leastgrant": resource},
    })
}

/// `team/reader` is the role `reader` below the path `/team/`.
fn path_and_name(role_name: &str) -> (String, &str) {
    match role_name.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), role_name),
    }
}

fn has_only(text: &str, others: &[u8]) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

/// Letters, digits and `+=,.@_-` (IAM API Reference, `CreateRole`), with a path before it.
pub(super) fn parse_role_name(text: &str) -> Result<String, &'static str> {
    let name = text.trim_start_matches('/');
    if has_only(name, b"+=,.@_-/") && !name.ends_with('/') {
        Ok(name.to_owned())
    } else {
        Err(
            "letters, digits and `+=,.@_-` were expected, with a path such as `team/` before it or without",
        )
    }
}

fn parse_arn(text: &str) -> Result<String, &'static str> {
    if text.starts_with("arn:") && has_only(text, b":+=,.@_-/") {
        Ok(text.to_owned())
    } else {
        Err("an ARN such as `arn:aws:iam::111122223333:role/leastgrant` was expected")
    }
}

/// Letters, digits and `+=,.@:/-_` (STS API Reference, `AssumeRole`).
fn parse_external_id(text: &str) -> Result<String, &'static str> {
    if has_only(text, b"+=,.@:/_-") {
        Ok(text.to_owned())
    } else {
        Err("letters, digits and `+=,.@:/-_` were expected")
    }
}
