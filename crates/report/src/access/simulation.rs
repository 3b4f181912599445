//! One decision explained: as text and as `leastgrant.simulate/1`.

use std::fmt::Write;

use leastgrant_access::{Access, Explained, Level, Subject, SubjectKind};
use leastgrant_policy::evaluate::{Outcome, Request};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    PolicyObject, StatementObject, UnknownObject, context_object, member_names, member_words,
    policy_object, statement_objects, unknown_objects, written,
};
use crate::Error;
use crate::color::Paint;
use crate::text::terminal_safe;

/// The `schema` of `simulate --format json`.
pub(crate) const SCHEMA: &str = "leastgrant.simulate/1";

/// The decision, its statements, what limits there are, and what was not known.
#[must_use]
pub fn text(
    access: &Access,
    subject: &Subject,
    request: &Request,
    explained: &Explained,
    notes: &[String],
    color: bool,
) -> String {
    let mut text = headline(request, explained, color);
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{title}");
            for line in lines {
                let _ = writeln!(text, "  {}", terminal_safe(&line));
            }
        }
    };
    section("Statements", statement_lines(access, explained));
    section("Limits", limit_lines(access, subject, request));
    if !explained.missing_keys.is_empty() {
        let keys = explained.missing_keys.iter().map(|key| {
            format!("`{key}` was not given, and its value could change the decision; give it with `--context {key}=VALUE`")
        });
        section("Missing from the context", keys.collect());
    }
    let mut unknown: Vec<String> = explained
        .unknowns
        .iter()
        .map(|unknown| unknown.reason.to_string())
        .collect();
    unknown.extend(notes.iter().cloned());
    section("Not known", unknown);
    text
}

fn headline(request: &Request, explained: &Explained, color: bool) -> String {
    let member = member_words(explained.decided_by);
    let (paint, name, why) = match explained.outcome {
        Outcome::Allowed => (Paint::Good, "allowed", format!("by {member}")),
        Outcome::ExplicitlyDenied => (Paint::Bad, "explicitly denied", format!("by {member}")),
        Outcome::ImplicitlyDenied => (
            Paint::Warning,
            "implicitly denied",
            format!("nothing in {member} allows it"),
        ),
    };
    let known = match explained.unknowns.is_empty() {
        true => "",
        false => ", as far as is known",
    };
    let question = format!(
        "`{}` doing `{}` on `{}`",
        request.principal, request.action, request.resource
    );
    format!(
        "{}: {why}{known}\n{}\n",
        paint.on(name, color),
        terminal_safe(&question)
    )
}

fn statement_lines(access: &Access, explained: &Explained) -> Vec<String> {
    let mut lines = Vec::new();
    for reference in &explained.statements {
        let Some((policy, statement)) = access.statement(reference) else {
            continue;
        };
        let name = access
            .policy(reference.policy)
            .map(leastgrant_access::NamedPolicy::words)
            .unwrap_or_default();
        let sid = statement.sid.as_ref();
        let sid = sid.map_or_else(String::new, |sid| format!(" `{}`", &*sid.value));
        let group = reference.group.as_ref();
        let group = group.map_or_else(String::new, |group| format!(", of the group `{group}`"));
        lines.push(format!(
            "{}: {name}{group}, statement {}{sid}",
            statement.effect.as_str(),
            reference.index + 1
        ));
        let own = policy.statement_text(statement);
        // The first line begins where the statement does; the others keep the indentation that they have beyond its end.
        let indent = own
            .lines()
            .last()
            .map_or(0, |line| line.len() - line.trim_start().len());
        for (number, line) in own.lines().enumerate() {
            let blanks = line.len() - line.trim_start().len();
            let cut = if number == 0 { 0 } else { indent.min(blanks) };
            lines.push(format!("    {}", line.get(cut..).unwrap_or(line)));
        }
    }
    lines
}

fn limit_lines(access: &Access, subject: &Subject, request: &Request) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(boundary) = boundary(access, subject) {
        lines.push(format!("permissions boundary: {}", boundary.arn));
    }
    let (service_control, resource_control) = levels(access, subject, request);
    for (name, levels) in [
        ("service control policies", service_control),
        ("resource control policies", resource_control),
    ] {
        for level in levels {
            let policies = level.policies.iter().filter_map(|id| access.policy(*id));
            let names: Vec<String> = policies
                .map(|policy| format!("`{}`", policy.name))
                .collect();
            lines.push(format!(
                "{name} of `{}`: {}",
                level.target_id,
                names.join(", ")
            ));
        }
    }
    lines
}

fn boundary<'a>(access: &'a Access, subject: &Subject) -> Option<PolicyObject<'a>> {
    let id = subject
        .boundary
        .filter(|_| subject.kind != SubjectKind::Root)?;
    policy_object(access, id)
}

/// The levels that bind the caller, and the resource.
fn levels<'a>(
    access: &'a Access,
    subject: &Subject,
    request: &Request,
) -> (&'a [Level], &'a [Level]) {
    if subject.caller.is_service_linked_role() {
        return (&[], &[]);
    }
    let own = access.account(&subject.account_id);
    let owner = request
        .resource_account
        .as_deref()
        .and_then(|account_id| access.account(account_id));
    (
        own.map_or(&[], |account| account.service_control.as_slice()),
        owner.map_or(&[], |account| account.resource_control.as_slice()),
    )
}

/// `leastgrant.simulate/1`.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn json(
    access: &Access,
    subject: &Subject,
    request: &Request,
    explained: &Explained,
    notes: &[String],
) -> Result<String, Error> {
    let (service_control, resource_control) = levels(access, subject, request);
    let objects = |levels: &'_ [Level]| -> Vec<LevelObject> {
        levels
            .iter()
            .map(|level| LevelObject {
                target_id: level.target_id.to_string(),
                policies: level
                    .policies
                    .iter()
                    .filter_map(|id| access.policy(*id))
                    .map(|policy| policy.name.to_string())
                    .collect(),
            })
            .collect()
    };
    written(&Document {
        schema: SCHEMA,
        principal: request.principal.as_str(),
        action: request.action.as_str(),
        resource: request.resource.as_str(),
        resource_account: request.resource_account.as_deref(),
        context: context_object(&request.context),
        decision: explained.outcome.name(),
        decided_by: explained.decided_by.name(),
        statements: statement_objects(access, &explained.statements, true),
        limits: LimitsObject {
            boundary: boundary(access, subject),
            service_control: objects(service_control),
            resource_control: objects(resource_control),
        },
        missing_condition_keys: &explained.missing_keys,
        not_known: unknown_objects(&explained.unknowns),
        notes,
    })
}

/// One decision.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "simulate")]
pub(super) struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Who calls.
    principal: &'a str,
    /// The action.
    action: &'a str,
    /// On what.
    resource: &'a str,
    /// The account that owns the resource, as far as it can be told.
    resource_account: Option<&'a str>,
    /// The whole context, with what the caller's ARN implies; a key that is not in it is missing in the request.
    context: Map<String, Value>,
    /// The decision, of what is known.
    #[schemars(schema_with = "decision_names")]
    decision: &'static str,
    /// Whose policies decide; for an implicit denial, what would have had to allow it first.
    #[schemars(schema_with = "member_names")]
    decided_by: &'static str,
    /// The statements that decide; none for an implicit denial.
    statements: Vec<StatementObject<'a>>,
    /// What the request had to be within.
    limits: LimitsObject<'a>,
    /// Context keys that were not given and with which the decision could be another one.
    missing_condition_keys: &'a [String],
    /// What is not known and could change the decision.
    not_known: Vec<UnknownObject<'a>>,
    /// What the whole inventory lacks.
    notes: &'a [String],
}

/// What the request had to be within.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "limits")]
struct LimitsObject<'a> {
    /// The permissions boundary.
    boundary: Option<PolicyObject<'a>>,
    /// Service control policies from the root down.
    service_control: Vec<LevelObject>,
    /// Resource control policies from the root down.
    resource_control: Vec<LevelObject>,
}

/// The root, a unit or the account.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "level")]
struct LevelObject {
    /// Its id.
    target_id: String,
    /// The names of the policies attached to it.
    policies: Vec<String>,
}

fn decision_names(_: &mut SchemaGenerator) -> Schema {
    let names = [
        Outcome::Allowed,
        Outcome::ImplicitlyDenied,
        Outcome::ExplicitlyDenied,
    ]
    .map(Outcome::name);
    json_schema!({ "type": "string", "enum": names })
}
