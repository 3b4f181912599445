//! Shapes that several answers share.

use leastgrant_inventory::tables::{InstanceProfileRow, TagRow};
use leastgrant_inventory::{Text, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answers::{Problem, Problems};
use crate::facts::account_of;
use crate::{document, time};

/// A tag.
#[derive(Debug, Deserialize)]
pub(crate) struct Tag {
    #[serde(rename = "Key")]
    pub key: String,
    #[serde(rename = "Value", default)]
    pub value: String,
}

pub(crate) fn tag_pairs(tags: Option<Vec<Tag>>) -> Vec<(String, String)> {
    tags.unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect()
}

pub(crate) fn tag_rows(
    account_id: &str,
    resource_arn: &str,
    tags: Vec<(String, String)>,
) -> impl Iterator<Item = TagRow> {
    tags.into_iter().map(move |(key, value)| TagRow {
        account_id: account_id.to_owned(),
        resource_arn: resource_arn.to_owned(),
        key,
        value,
    })
}

/// A managed policy's attachment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedPolicy {
    pub policy_name: Option<String>,
    pub policy_arn: String,
}

pub(crate) fn attachment_pairs(attached: Option<Vec<AttachedPolicy>>) -> Vec<(String, String)> {
    attached
        .unwrap_or_default()
        .into_iter()
        .map(|policy| {
            let name = policy
                .policy_name
                .unwrap_or_else(|| crate::facts::name_of(&policy.policy_arn).to_owned());
            (policy.policy_arn, name)
        })
        .collect()
}

/// An inline policy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InlinePolicy<'a> {
    pub policy_name: String,
    #[serde(borrow)]
    pub policy_document: &'a RawValue,
}

/// Names and decoded documents; one that cannot be decoded is a problem.
pub(crate) fn inline_pairs(
    policies: Option<Vec<InlinePolicy<'_>>>,
    pointer: &str,
    problems: &mut Problems,
) -> Vec<(String, Text)> {
    let mut pairs = Vec::new();
    for (index, policy) in policies.unwrap_or_default().into_iter().enumerate() {
        if let Some(document) = document_or_problem(
            policy.policy_document,
            || format!("{pointer}/{index}/PolicyDocument"),
            problems,
        ) {
            pairs.push((policy.policy_name, document));
        }
    }
    pairs
}

/// A decoded document; one that cannot be decoded is a problem at `pointer`.
pub(crate) fn document_or_problem(
    raw: &RawValue,
    pointer: impl FnOnce() -> String,
    problems: &mut Problems,
) -> Option<Text> {
    match document::text(raw, &problems.text) {
        Ok(text) => Some(text),
        Err(reason) => {
            problems.push(Problem::at(&pointer(), &reason));
            None
        }
    }
}

/// A permissions boundary.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Boundary {
    pub permissions_boundary_arn: Option<String>,
}

/// An instance profile and the roles in it, of which there is at most one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfile {
    pub arn: String,
    pub instance_profile_name: String,
    #[serde(default, deserialize_with = "time::optional")]
    pub create_date: Option<Timestamp>,
    #[serde(default)]
    pub roles: Vec<RoleInProfile>,
}

/// A role as an instance profile shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleInProfile {
    pub arn: Option<String>,
}

impl InstanceProfile {
    pub(crate) fn into_row(self) -> InstanceProfileRow {
        InstanceProfileRow {
            account_id: account_of(&self.arn).unwrap_or_default().to_owned(),
            role_arn: self.roles.into_iter().find_map(|role| role.arn),
            arn: self.arn,
            name: self.instance_profile_name,
            created_at: self.create_date,
        }
    }
}

/// The account that all ARNs of an answer share; none if they differ.
pub(crate) fn common_account<'a>(arns: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut accounts = arns.filter_map(account_of);
    let first = accounts.next()?;
    accounts
        .all(|account| account == first)
        .then(|| first.to_owned())
}

/// The account that most ARNs of an answer name. An answer is of one account; ARNs of others are edits by hand.
pub(crate) fn prevailing_account<'a>(arns: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for account in arns.filter_map(account_of) {
        *counts.entry(account).or_default() += 1;
    }
    // Of two that are named equally often the smaller one, in every run.
    counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map(|(account, _)| account.to_owned())
}
