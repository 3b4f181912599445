//! Answers about access: who can do something, and one decision explained.

pub mod becoming;
pub mod graph;
pub mod simulation;
pub mod who_can;

use leastgrant_access::{Access, PolicyId, StatementRef, Unknown};
use leastgrant_policy::evaluate::Member;
use leastgrant_policy::{Context, ContextValue};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Error;
use crate::text::json_safe;

/// The names that [`schema`] knows.
pub const SCHEMA_NAMES: [&str; 4] = ["who-can", "who-can-become", "prove", "simulate"];

/// The JSON Schema of one of [`SCHEMA_NAMES`].
#[must_use]
pub fn schema(name: &str) -> Option<String> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let schema = match name {
        "who-can" => generator.into_root_schema_for::<who_can::Document<'_>>(),
        "who-can-become" => generator.into_root_schema_for::<becoming::Document<'_>>(),
        "prove" => generator.into_root_schema_for::<crate::prove::Document>(),
        "simulate" => generator.into_root_schema_for::<simulation::Document<'_>>(),
        _ => return None,
    };
    written(&schema).ok()
}

pub(crate) fn written(document: &impl Serialize) -> Result<String, Error> {
    let mut text = serde_json::to_string_pretty(document).map_err(Error::render("JSON"))?;
    text.push('\n');
    Ok(json_safe(text))
}

/// A statement of a policy of the inventory.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "statement")]
struct StatementObject<'a> {
    /// As what the policy bears on the request.
    #[schemars(schema_with = "member_names")]
    member: &'static str,
    /// For organisation policies: the level from the root down, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<usize>,
    /// The policy.
    policy: PolicyObject<'a>,
    /// The group through which the principal has the policy.
    group: Option<&'a str>,
    /// Which statement of the policy, from 0; texts for people count from 1.
    statement: usize,
    /// Its name.
    sid: Option<&'a str>,
    /// `Allow` or `Deny`.
    effect: &'static str,
    /// The statement as it was written; only where one decision is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// A policy by name.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "policy")]
struct PolicyObject<'a> {
    /// `inline`, `managed`, `service_control`, `resource_control`, `resource` or `trust`.
    kind: &'static str,
    /// Its name.
    name: &'a str,
    /// Its own ARN, or the ARN of what it is part of.
    arn: &'a str,
}

/// Something that the inventory does not tell.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "not_known")]
struct UnknownObject<'a> {
    /// Of which policies.
    #[schemars(schema_with = "member_names")]
    member: &'static str,
    /// What, in words.
    reason: &'a str,
}

fn member_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Member::ALL.map(Member::name) })
}

fn policy_object(access: &Access, id: PolicyId) -> Option<PolicyObject<'_>> {
    let policy = access.policy(id)?;
    Some(PolicyObject {
        kind: policy.kind.name(),
        name: &policy.name,
        arn: &policy.arn,
    })
}

fn statement_objects<'a>(
    access: &'a Access,
    references: &'a [StatementRef],
    with_text: bool,
) -> Vec<StatementObject<'a>> {
    let objects = references.iter().filter_map(|reference| {
        let (policy, statement) = access.statement(reference)?;
        let has_levels = matches!(
            reference.member,
            Member::ServiceControl | Member::ResourceControl
        );
        Some(StatementObject {
            member: reference.member.name(),
            level: has_levels.then_some(reference.level),
            policy: policy_object(access, reference.policy)?,
            group: reference.group.as_deref(),
            statement: reference.index,
            sid: statement.sid.as_ref().map(|sid| &*sid.value),
            effect: statement.effect.as_str(),
            text: with_text.then(|| policy.statement_text(statement)),
        })
    });
    objects.collect()
}

fn unknown_objects(unknowns: &[Unknown]) -> Vec<UnknownObject<'_>> {
    unknowns
        .iter()
        .map(|unknown| UnknownObject {
            member: unknown.member.name(),
            reason: &unknown.reason,
        })
        .collect()
}

/// The keys that were told, as an object of texts and lists.
pub(crate) fn context_object(context: &Context) -> Map<String, Value> {
    context
        .iter()
        .map(|(key, value)| {
            let value = match value {
                ContextValue::One(text) => Value::from(text.as_str()),
                ContextValue::Many(texts) => Value::from(texts.as_slice()),
            };
            (key.to_owned(), value)
        })
        .collect()
}

/// `NAME statement 1 (Sid)`, with the group where the principal has it through one. People count from 1, JSON from 0.
fn statement_words(access: &Access, reference: &StatementRef) -> String {
    let name = access
        .policy(reference.policy)
        .map_or("", |policy| &policy.name);
    let sid = access
        .statement(reference)
        .and_then(|(_, statement)| statement.sid.as_ref());
    let sid = sid.map_or_else(String::new, |sid| format!(" ({})", &*sid.value));
    let group = reference.group.as_ref();
    let group = group.map_or_else(String::new, |group| format!(" of group {group}"));
    format!("{name} statement {}{sid}{group}", reference.index + 1)
}

/// A member in words.
fn member_words(member: Member) -> &'static str {
    match member {
        Member::Identity => "identity policies",
        Member::Boundary => "the permissions boundary",
        Member::Session => "session policies",
        Member::Resource => "the resource's policy",
        Member::ServiceControl => "service control policies",
        Member::ResourceControl => "resource control policies",
        Member::VpcEndpoint => "the VPC endpoint's policy",
    }
}
