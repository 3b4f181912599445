//! Who can do something: as a table, CSV and `leastgrant.who-can/1`.

mod data;

use std::fmt::Write;

use leastgrant_access::{
    Access, Answer, Outsider, Question, StatementRef, Subject, WhoCan, WhoCanRow,
};
use leastgrant_inventory::counted;
use leastgrant_policy::Effect;
use leastgrant_policy::evaluate::Member;

use super::statement_words;
use crate::table::{PADDING, Terminal, columns_of, empty_table, finished};
use crate::text::{short_resource, terminal_safe};
use crate::wrap::{display_width, wrapped};

pub(super) use data::Document;
pub use data::{COLUMNS, csv, json};

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
        counted(answers.asked, "principal"),
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
            counted(row.service_control_levels, "level")
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
