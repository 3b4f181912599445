//! A policy's new documents as a CloudFormation template that has the old one too, so that one parameter rolls back.
//!
//! An inline policy's resource overwrites what is there when its stack is made (CloudFormation Template Reference,
//! `AWS::IAM::RolePolicy`: "Adds or updates"). A managed policy has to be imported first, with the document as it is; the template's
//! Metadata say how. All are retained when the stack is deleted.

use std::collections::BTreeMap;

use leastgrant_minimize::{PolicyOutcome, SourceKind};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::place::{kind_of, managed_name, name_of, path_of};
use crate::Error;
use crate::text::json_safe;

/// Whether CloudFormation would read a text or name in it as its own (CloudFormation User Guide, "Intrinsic functions" and "Dynamic
/// references"), or it is no JSON.
fn is_read_by_cloudformation(document: &str) -> bool {
    fn is_own(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains("{{resolve:"),
            Value::Array(values) => values.iter().any(is_own),
            Value::Object(members) => members.iter().any(|(name, value)| {
                name == "Ref"
                    || name.starts_with("Fn::")
                    || name.contains("{{resolve:")
                    || is_own(value)
            }),
            _ => false,
        }
    }
    serde_json::from_str(document).map_or(true, |value: Value| is_own(&value))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    #[serde(rename = "AWSTemplateFormatVersion")]
    format_version: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    parameters: Value,
    conditions: Value,
    resources: BTreeMap<String, Resource>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'static str>,
    deletion_policy: &'static str,
    update_replace_policy: &'static str,
    properties: Properties,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    managed_policy_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// `UserName`, `Users` and the like, by the kinds of those that have the policy.
    #[serde(flatten)]
    holders: BTreeMap<String, Value>,
    policy_document: Option<Document>,
}

enum Document {
    /// The new one, or the old one where the parameter says so.
    Either(Box<RawValue>, Box<RawValue>),
    New(Box<RawValue>),
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct If<'d> {
            #[serde(rename = "Fn::If")]
            choice: (&'static str, &'d RawValue, &'d RawValue),
        }
        match self {
            Self::Either(new, old) => If {
                choice: (SMALLER, new, old),
            }
            .serialize(serializer),
            Self::New(new) => new.serialize(serializer),
        }
    }
}

/// The condition's name.
const SMALLER: &str = "Smaller";
/// The first resource's name.
const POLICY: &str = "Policy";

/// The template; nothing where a policy goes, for permission sets, which a template could only have whole, and for texts that
/// CloudFormation would read as its own.
pub(super) fn template(policy: &PolicyOutcome) -> Result<Option<String>, Error> {
    let is_plain = |text: &String| !is_read_by_cloudformation(text);
    if policy.new.is_empty() || !policy.new.iter().chain([&policy.old]).all(is_plain) {
        return Ok(None);
    }
    let mut resources = BTreeMap::new();
    for document in 0..policy.new.len() {
        let Some(resource) = resource(policy, document)? else {
            return Ok(None);
        };
        let name = match document {
            0 => POLICY.to_owned(),
            more => format!("{POLICY}{}", more + 1),
        };
        resources.insert(name, resource);
    }
    let template = Template {
        format_version: "2010-09-09",
        description: "A smaller policy. Look at the change set before it is executed.",
        metadata: metadata(policy),
        parameters: json!({"Documents": {
            "Type": "String", "AllowedValues": ["smaller", "current"], "Default": "smaller",
            "Description": match policy.source.kind {
                SourceKind::AwsManaged => "`current` takes the new policy out of the stack: attach the one of AWS again by hand first",
                _ => "`current` is the policy as it was: for the import, and to roll back",
            },
        }}),
        conditions: json!({SMALLER: {"Fn::Equals": [{"Ref": "Documents"}, "smaller"]}}),
        resources,
    };
    let text = serde_json::to_string_pretty(&template).map_err(Error::render("CloudFormation"))?;
    Ok(Some(json_safe(text + "\n")))
}

fn raw(text: &str) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text.trim().to_owned()).map_err(Error::render("CloudFormation"))
}

fn resource(policy: &PolicyOutcome, document: usize) -> Result<Option<Resource>, Error> {
    let source = &policy.source;
    let Some(new) = policy.new.get(document) else {
        return Ok(None);
    };
    let new = raw(new)?;
    let is_there = document == 0 && source.kind != SourceKind::AwsManaged;
    let policy_document = match is_there {
        true => Document::Either(new, raw(&policy.old)?),
        false => Document::New(new),
    };
    let (kind, properties) = match source.kind {
        SourceKind::Inline => {
            let Some(kind) = word(kind_of(&source.owner)) else {
                return Ok(None);
            };
            let holder = (format!("{kind}Name"), name_of(&source.owner).into());
            let properties = Properties {
                policy_name: Some(managed_name(policy, document)),
                holders: BTreeMap::from([holder]),
                ..Properties::default()
            };
            (format!("AWS::IAM::{kind}Policy"), properties)
        }
        SourceKind::CustomerManaged | SourceKind::AwsManaged => {
            let holders = match (is_there, source.kind) {
                // Its attachments stay as they are.
                (true, _) => BTreeMap::new(),
                (false, SourceKind::AwsManaged) => holders([source.owner.as_str()].into_iter()),
                (false, _) => holders(policy.attached_to.iter().map(String::as_str)),
            };
            let path = match source.kind {
                SourceKind::CustomerManaged => path_of(&source.arn),
                _ => None,
            };
            let properties = Properties {
                managed_policy_name: Some(managed_name(policy, document)),
                path,
                holders,
                ..Properties::default()
            };
            ("AWS::IAM::ManagedPolicy".to_owned(), properties)
        }
    };
    Ok(Some(Resource {
        r#type: kind,
        condition: (!is_there).then_some(SMALLER),
        deletion_policy: "Retain",
        update_replace_policy: "Retain",
        properties: Properties {
            policy_document: Some(policy_document),
            ..properties
        },
    }))
}

fn word(kind: &str) -> Option<&'static str> {
    match kind {
        "user" => Some("User"),
        "role" => Some("Role"),
        "group" => Some("Group"),
        _ => None,
    }
}

/// `Users`, `Roles` and `Groups` of these ARNs. Permission sets attach a policy by its name themselves.
fn holders<'a>(arns: impl Iterator<Item = &'a str>) -> BTreeMap<String, Value> {
    let mut holders: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for arn in arns {
        if let Some(kind) = word(kind_of(arn)) {
            let names = holders.entry(format!("{kind}s")).or_default();
            names.push(name_of(arn));
        }
    }
    let lists = holders.into_iter();
    lists.map(|(kind, names)| (kind, names.into())).collect()
}

/// What has to be done besides, for those who read the template.
fn metadata(policy: &PolicyOutcome) -> Option<Value> {
    let source = &policy.source;
    match source.kind {
        SourceKind::Inline => None,
        SourceKind::CustomerManaged => Some(json!({
            "ImportFirst": {
                "Parameters": [{"ParameterKey": "Documents", "ParameterValue": "current"}],
                "ResourcesToImport": [{
                    "ResourceType": "AWS::IAM::ManagedPolicy", "LogicalResourceId": POLICY,
                    "ResourceIdentifier": {"PolicyArn": source.arn},
                }],
            },
        })),
        SourceKind::AwsManaged => Some(json!({
            "DetachAfterwards": {"PolicyArn": source.arn, "From": source.owner},
        })),
    }
}
