//! Who can do something: as a table, CSV and `leastgrant.who-can/1`.

use std::fmt::Write;

use ::csv::{Terminator, WriterBuilder};
use leastgrant_access::{
    Access, Answer, Grant, Outsider, Question, StatementRef, Subject, WhoCan, WhoCanRow,
};
use leastgrant_policy::Effect;
use leastgrant_policy::evaluate::Member;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    PolicyObject, StatementObject, UnknownObject, context_object, policy_object, statement_objects,
    statement_words, unknown_objects, written,
};
use crate::Error;
use crate::table::{PADDING, Terminal, columns_of, empty_table, finished};
use crate::text::{count, defused_cell, short_resource, terminal_safe};
use crate::wrap::{display_width, wrapped};

/// The `schema` of `who-can --format json`.
pub const SCHEMA: &str = "leastgrant.who-can/1";

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

/// Below this width, all but answer and principal stands in one column.
const WIDE: usize = 110;
/// More resources of a principal than these are in CSV and JSON only.
const RESOURCES: usize = 4;
/// More of what is not known than this is in JSON only.
const UNKNOWNS: usize = 20;

/// A table of the principals, then what is not known.
#[must_use]
pub fn table(access: &Access, answers: &WhoCan, notes: &[String], terminal: Terminal) -> String {
    let mut text = String::new();
    if !answers.rows.is_empty() {
        text.push_str(&rows_table(access, answers, columns_of(terminal.width)));
    }
    let lines = unknown_lines(answers, notes);
    if !lines.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str("not known\n");
        let width = columns_of(terminal.width);
        for line in lines {
            for (index, part) in wrapped(&line, width.saturating_sub(4)).iter().enumerate() {
                let indent = if index == 0 { "  - " } else { "    " };
                let _ = writeln!(text, "{indent}{part}");
            }
        }
    }
    text
}

/// One line on standard error.
#[must_use]
pub fn summary(answers: &WhoCan, question: &Question) -> String {
    let number = |answer| {
        answers
            .rows
            .iter()
            .filter(|row| row.answer == answer)
            .count()
    };
    let resource = match &question.resource {
        Some(resource) => format!("`{resource}`"),
        None => "some resource".to_owned(),
    };
    let mut text = format!(
        "{} of {} can do `{}` on {resource}",
        number(Answer::Yes),
        count(answers.asked, "principal"),
        question.action
    );
    for (answer, words) in [
        (Answer::Depends, "can under conditions"),
        (Answer::Unknown, "could not be judged"),
    ] {
        if number(answer) > 0 {
            let _ = write!(text, ", {} {words}", number(answer));
        }
    }
    text
}

fn unknown_lines(answers: &WhoCan, notes: &[String]) -> Vec<String> {
    let unknowns = answers.unknowns.iter();
    let mut lines: Vec<String> = unknowns
        .take(UNKNOWNS)
        .map(|unknown| terminal_safe(&unknown.reason).into_owned())
        .collect();
    if answers.unknowns.len() > UNKNOWNS {
        lines.push(format!(
            "and {} more, which `--format json` names",
            answers.unknowns.len() - UNKNOWNS
        ));
    }
    if !answers.outsiders.is_empty() {
        let names: Vec<String> = answers.outsiders.iter().map(outsider_words).collect();
        let line = format!(
            "the resource's policy also names who is no principal of the inventory, and may be able to: {}",
            names.join(", ")
        );
        lines.push(terminal_safe(&line).into_owned());
    }
    lines.extend(notes.iter().map(|note| terminal_safe(note).into_owned()));
    lines
}

fn outsider_words(outsider: &Outsider) -> String {
    let name = &outsider.name;
    let word = match outsider.kind {
        _ if &**name == "*" => return "everyone".to_owned(),
        "Service" => "the service",
        "Federated" => "users of",
        "CanonicalUser" => "the canonical user",
        _ if name.contains(':') => return format!("`{name}`"),
        _ => "the account",
    };
    format!("{word} {name}")
}

fn rows_table(access: &Access, answers: &WhoCan, width: usize) -> String {
    let is_wide = width >= WIDE;
    let headers: &[&str] = if is_wide {
        &["answer", "account", "principal", "on", "by"]
    } else {
        &["answer", "principal", "how"]
    };
    let rows: Vec<Vec<String>> = answers
        .rows
        .iter()
        .filter_map(|row| {
            let subject = access.subject(row.subject)?;
            let name = terminal_safe(short_resource(&subject.arn)).into_owned();
            let answer = row.answer.name().to_owned();
            Some(if is_wide {
                vec![
                    answer,
                    subject.account_id.to_string(),
                    name,
                    resources(row).join("\n"),
                    how(access, row).join("\n"),
                ]
            } else {
                let mut lines: Vec<String> = resources(row)
                    .iter()
                    .map(|resource| format!("on {resource}"))
                    .collect();
                lines.extend(how(access, row));
                vec![
                    answer,
                    format!("{name}\n{}", subject.account_id),
                    lines.join("\n"),
                ]
            })
        })
        .collect();
    let limits = widths(headers, &rows, width);
    let mut table = empty_table(true);
    table.set_header(headers.iter());
    for row in &rows {
        let cells = row.iter().zip(&limits);
        table.add_row(cells.map(|(cell, limit)| wrapped(cell, *limit).join("\n")));
    }
    finished(&table)
}

/// As wide as the content, up to a share of the table; the last column gets the rest.
fn widths(headers: &[&str], rows: &[Vec<String>], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for (position, header) in headers.iter().enumerate() {
        let cells = rows.iter().filter_map(|row| row.get(position));
        let longest = cells
            .flat_map(|cell| cell.split('\n'))
            .map(display_width)
            .chain([display_width(header)])
            .max()
            .unwrap_or_default();
        let taken: usize = widths.iter().map(|width| width + PADDING).sum();
        let most = match *header {
            "principal" => width / 4,
            "on" => (width - taken.min(width)) / 2,
            "by" | "how" => width.saturating_sub(taken + PADDING).max(1),
            _ => 20,
        };
        widths.push(longest.min(most));
    }
    widths
}

fn resources(row: &WhoCanRow) -> Vec<String> {
    let grants = row.grants.iter().take(RESOURCES);
    let mut lines: Vec<String> = grants
        .map(|grant| {
            let words = match grant.except.is_empty() {
                true => grant.resource.to_string(),
                false => format!("all but {}", grant.except.join(", ")),
            };
            let resource = terminal_safe(&words);
            match grant.answer == row.answer {
                true => resource.into_owned(),
                false => format!("{resource} ({})", grant.answer.name()),
            }
        })
        .collect();
    if row.grants.len() > RESOURCES {
        lines.push(format!("and {} more", row.grants.len() - RESOURCES));
    }
    lines
}

/// By which statements, under which conditions, within which limits.
fn how(access: &Access, row: &WhoCanRow) -> Vec<String> {
    let mut lines = Vec::new();
    let granting = |reference: &&StatementRef| {
        effect(access, reference) == Some(Effect::Allow)
            && matches!(reference.member, Member::Identity | Member::Resource)
    };
    let denying = |reference: &&StatementRef| effect(access, reference) == Some(Effect::Deny);
    let shown = || row.grants.iter().take(RESOURCES);
    let list = |wanted: &dyn Fn(&&StatementRef) -> bool| {
        let references = shown().flat_map(|grant| &grant.statements);
        let mut words: Vec<String> = Vec::new();
        for reference in references.filter(wanted) {
            let own = terminal_safe(&statement_words(access, reference)).into_owned();
            if !words.contains(&own) {
                words.push(own);
            }
        }
        words
    };
    for word in list(&granting) {
        lines.push(format!("by {word}"));
    }
    for word in list(&denying) {
        lines.push(format!("unless denied by {word}"));
    }
    let mut keys: Vec<&str> = shown()
        .flat_map(|grant| &grant.keys)
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    if !keys.is_empty() {
        let keys = terminal_safe(&keys.join(", ")).into_owned();
        lines.push(format!("depends on {keys}"));
    }
    if let Some(boundary) = row.boundary.and_then(|id| access.policy(id)) {
        let name = terminal_safe(&boundary.name);
        lines.push(format!("within the boundary {name}"));
    }
    if row.service_control_levels > 0 {
        lines.push(format!(
            "within {} of service control policies",
            count(row.service_control_levels, "level")
        ));
    }
    if row.answer == Answer::Unknown {
        lines.push("what decides is not known, see below".to_owned());
    }
    if lines.is_empty() && access.subject(row.subject).is_some_and(is_root) {
        lines.push("by being the root user".to_owned());
    }
    lines
}

fn is_root(subject: &Subject) -> bool {
    subject.kind == leastgrant_access::SubjectKind::Root
}

fn effect(access: &Access, reference: &StatementRef) -> Option<Effect> {
    access
        .statement(reference)
        .map(|(_, statement)| statement.effect)
}

/// A row for each principal and resource.
///
/// # Errors
/// [`Error::Render`] if the CSV writer refuses, which it has no reason to.
pub fn csv(access: &Access, answers: &WhoCan) -> Result<String, Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(Error::render("CSV"))?;
    for row in &answers.rows {
        let Some(subject) = access.subject(row.subject) else {
            continue;
        };
        for grant in &row.grants {
            let cells = cells(access, row, subject, grant);
            let defused = cells.iter().map(|cell| defused_cell(cell).into_owned());
            writer.write_record(defused).map_err(Error::render("CSV"))?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| error.into_error())
        .map_err(Error::render("CSV"))?;
    String::from_utf8(bytes).map_err(Error::render("CSV"))
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
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn json(
    access: &Access,
    question: &Question,
    answers: &WhoCan,
    notes: &[String],
) -> Result<String, Error> {
    let principals = answers.rows.iter().filter_map(|row| {
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
    });
    written(&Document {
        schema: SCHEMA,
        action: question.action.as_str(),
        resource: question.resource.as_ref().map(|resource| resource.as_str()),
        context: context_object(&question.context),
        asked: answers.asked,
        principals: principals.collect(),
        outsiders: answers.outsiders.iter().map(outsider_object).collect(),
        not_known: unknown_objects(&answers.unknowns),
        notes,
    })
}

/// The principals that can do something, or may be able to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "who-can")]
pub(super) struct Document<'a> {
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
    principals: Vec<PrincipalObject<'a>>,
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
