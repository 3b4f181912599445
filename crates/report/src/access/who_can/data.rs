//! The answers as data, written principal by principal: CSV, and `leastgrant.who-can/1`.

use std::io::{Result, Write};

use ::csv::{Terminator, WriterBuilder};
use leastgrant_access::{Access, Answer, Grant, Outsider, Question, Subject, WhoCan, WhoCanRow};
use leastgrant_policy::Effect;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::effect;
use crate::access::{
    PolicyObject, StatementObject, UnknownObject, context_object, policy_object, statement_objects,
    statement_words, unknown_objects,
};
use crate::safe_lines;
use crate::text::defused_cell;

/// The `schema` of `who-can --format json`.
pub(crate) const SCHEMA: &str = "leastgrant.who-can/1";

/// The columns of `who-can --format csv`, in order: a row for each principal and resource.
pub const COLUMNS: [&str; 11] = [
    "account_id",
    "principal_arn",
    "principal_type",
    "answer",
    "resource",
    "except",
    "statements",
    "condition_keys",
    "boundary",
    "service_control_levels",
    "not_known",
];

/// A row for each principal and resource.
///
/// # Errors
/// What the output refuses.
pub fn csv(access: &Access, answers: &WhoCan, output: &mut dyn Write) -> Result<()> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(output);
    writer.write_record(COLUMNS)?;
    for row in &answers.rows {
        let Some(subject) = access.subject(row.subject) else {
            continue;
        };
        for grant in &row.grants {
            let cells = cells(access, row, subject, grant);
            let defused = cells.iter().map(|cell| defused_cell(cell).into_owned());
            writer.write_record(defused)?;
        }
    }
    writer.flush()
}

fn cells(
    access: &Access,
    row: &WhoCanRow,
    subject: &Subject,
    grant: &Grant,
) -> [String; COLUMNS.len()] {
    let statements: Vec<String> = grant
        .statements
        .iter()
        .map(|reference| {
            let effect = effect(access, reference).map_or("", Effect::as_str);
            format!("{effect} {}", statement_words(access, reference))
        })
        .collect();
    let unknowns: Vec<&str> = grant.unknowns.iter().map(|own| &*own.reason).collect();
    let boundary = row.boundary.and_then(|id| access.policy(id));
    [
        subject.account_id.to_string(),
        subject.arn.to_string(),
        subject.kind.name().to_owned(),
        grant.answer.name().to_owned(),
        grant.resource.to_string(),
        grant.except.join("|"),
        statements.join("; "),
        grant.keys.join("; "),
        boundary.map_or_else(String::new, |policy| policy.arn.to_string()),
        row.service_control_levels.to_string(),
        unknowns.join("; "),
    ]
}

/// `leastgrant.who-can/1`.
///
/// # Errors
/// What the output refuses.
pub fn json(
    access: &Access,
    question: &Question,
    answers: &WhoCan,
    notes: &[String],
    output: &mut dyn Write,
) -> Result<()> {
    let document = Document {
        schema: SCHEMA,
        action: question.action.as_str(),
        resource: question.resource.as_ref().map(|resource| resource.as_str()),
        context: context_object(&question.context),
        asked: answers.asked,
        principals: Principals { access, answers },
        outsiders: answers.outsiders.iter().map(outsider_object).collect(),
        not_known: unknown_objects(&answers.unknowns),
        notes,
    };
    safe_lines::write(output, &document)
}

/// The principals, each made into an object when it is written.
struct Principals<'a> {
    access: &'a Access,
    answers: &'a WhoCan,
}

impl Serialize for Principals<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let rows = self.answers.rows.iter();
        serializer.collect_seq(rows.filter_map(|row| principal_object(self.access, row)))
    }
}

fn principal_object<'a>(access: &'a Access, row: &'a WhoCanRow) -> Option<PrincipalObject<'a>> {
    let subject = access.subject(row.subject)?;
    Some(PrincipalObject {
        principal_arn: &subject.arn,
        principal_type: subject.kind.name(),
        account_id: &subject.account_id,
        answer: row.answer.name(),
        boundary: row.boundary.and_then(|id| policy_object(access, id)),
        service_control_levels: row.service_control_levels,
        grants: row
            .grants
            .iter()
            .map(|grant| GrantObject {
                resource: &grant.resource,
                except: &grant.except,
                answer: grant.answer.name(),
                statements: statement_objects(access, &grant.statements, false),
                condition_keys: &grant.keys,
                not_known: unknown_objects(&grant.unknowns),
            })
            .collect(),
    })
}

/// The principals that can do something, or may be able to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "who-can")]
pub(in crate::access) struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The action that was asked about.
    action: &'a str,
    /// The resource that was asked about; null for "some resource".
    resource: Option<&'a str>,
    /// The context keys that were told; others may have any value.
    context: Map<String, Value>,
    /// How many principals were asked about.
    asked: usize,
    /// Those that can or may be able to, sorted by ARN.
    #[schemars(with = "Vec<PrincipalObject<'a>>")]
    principals: Principals<'a>,
    /// Whom the policy of the resource that was asked about names besides; none of them is a principal of the inventory.
    outsiders: Vec<OutsiderObject<'a>>,
    /// What is not known and bears on an answer.
    not_known: Vec<UnknownObject<'a>>,
    /// What the whole inventory lacks.
    notes: &'a [String],
}

/// Somebody outside of the inventory whom an Allow names; its conditions may still exclude them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "outsider")]
struct OutsiderObject<'a> {
    /// Under which member of Principal: `AWS`, `Service`, `Federated` or `CanonicalUser`.
    kind: &'static str,
    /// An account, an ARN, a service's host, an identity provider, or `*` for everyone.
    name: &'a str,
}

fn outsider_object(outsider: &Outsider) -> OutsiderObject<'_> {
    OutsiderObject {
        kind: outsider.kind,
        name: &outsider.name,
    }
}

/// A principal.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "principal")]
struct PrincipalObject<'a> {
    /// Its ARN.
    principal_arn: &'a str,
    /// `user`, `role` or `root`.
    principal_type: &'static str,
    /// Twelve digits.
    account_id: &'a str,
    /// The answer on the resource of which it can the most.
    #[schemars(schema_with = "answer_names")]
    answer: &'static str,
    /// The permissions boundary that was taken into account.
    boundary: Option<PolicyObject<'a>>,
    /// How many levels of service control policies were taken into account.
    service_control_levels: usize,
    /// On which resources.
    grants: Vec<GrantObject<'a>>,
}

/// What a principal can do on which resource.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "grant")]
struct GrantObject<'a> {
    /// The resource that was asked about, or the pattern that the policies have it in.
    resource: &'a str,
    /// What of the resource is excepted: the entries of a NotResource.
    except: &'a [Box<str>],
    /// The answer.
    #[schemars(schema_with = "answer_names")]
    answer: &'static str,
    /// The statements that grant it, and those that may deny it; not those of limits that allow it too.
    statements: Vec<StatementObject<'a>>,
    /// The context keys that it depends on, in lower case.
    condition_keys: &'a [String],
    /// What is not known and bears on it.
    not_known: Vec<UnknownObject<'a>>,
}

fn answer_names(_: &mut SchemaGenerator) -> Schema {
    let names = [Answer::Yes, Answer::Depends, Answer::Unknown].map(Answer::name);
    json_schema!({ "type": "string", "enum": names })
}
