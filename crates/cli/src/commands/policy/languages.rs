//! The languages that a policy or a role is deployed in.

use serde_json::{Value, json};

pub(super) fn pretty(document: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

pub(super) fn terraform_policy(permissions: &Value) -> anyhow::Result<String> {
    Ok(format!(
        "resource \"aws_iam_policy\" \"leastgrant\" {{\n  name   = \"leastgrant\"\n  policy = {}}}\n",
        heredoc(permissions)?
    ))
}

pub(super) fn terraform_role(
    role_name: &str,
    trust: &Value,
    permissions: &Value,
) -> anyhow::Result<String> {
    let (path, name) = path_and_name(role_name);
    Ok(format!(
        "resource \"aws_iam_role\" \"leastgrant\" {{\n  name               = \"{name}\"\n  path               = \"{path}\"\n  assume_role_policy = {}}}\n\nresource \"aws_iam_role_policy\" \"leastgrant\" {{\n  name   = \"leastgrant\"\n  role   = aws_iam_role.leastgrant.id\n  policy = {}}}\n",
        heredoc(trust)?,
        heredoc(permissions)?
    ))
}

/// JSON as a text of Terraform's, in which `${` and `%{` begin what Terraform fills in.
fn heredoc(document: &Value) -> anyhow::Result<String> {
    let text = pretty(document)?.replace("${", "$${").replace("%{", "%%{");
    Ok(format!("<<-EOT\n{text}EOT\n"))
}

pub(super) fn template(role_name: &str, trust: Option<Value>, permissions: &Value) -> Value {
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
