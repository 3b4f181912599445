//! Statements in HCL made smaller where they stand.

use std::collections::BTreeSet;
use std::ops::Range;

use leastgrant_minimize::PolicyOutcome;
use leastgrant_policy::{Edited, Effect, Policy, Statement, StatementEdit};

use super::statements::{Member, WrittenDocument, WrittenStatement};
use super::{Edits, NOT_THE_SAME};
use crate::minimize::hcl::quoted;

/// The text with its parts replaced; nothing where two changes are of the same part and not the same.
pub(super) fn applied(text: &str, mut edits: Edits) -> Option<String> {
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    edits.dedup();
    let mut output = String::with_capacity(text.len());
    let mut end = 0;
    for (span, new) in edits {
        if span.start < end {
            return None;
        }
        output.push_str(text.get(end..span.start).unwrap_or_default());
        output.push_str(&new);
        end = span.end;
    }
    output.push_str(text.get(end..).unwrap_or_default());
    Some(output)
}

/// The changes of a document's statements.
pub(super) fn statements(
    text: &str,
    document: &WrittenDocument,
    policy: &PolicyOutcome,
    old: &Policy,
    new: &Policy,
) -> Result<Edits, String> {
    let written = &document.statements;
    let version = old.states_version.then(|| old.version.as_str());
    let is_same_version = match &document.version {
        Some(version) => old.version.as_str() == version,
        None => version.is_none(),
    };
    if written.len() != old.statements.len() || !is_same_version {
        return Err(NOT_THE_SAME.to_owned());
    }
    let mut edits = Vec::new();
    for (place, (own, statement)) in written.iter().zip(&old.statements).enumerate() {
        is_the_same(own, statement)?;
        let smaller = smaller(place, statement, policy, new);
        match smaller.as_slice() {
            [one] if *one == statement => {}
            [] => edits.push((with_separator(text, own, written), String::new())),
            several => {
                let texts: Vec<String> = several
                    .iter()
                    .map(|new| rewritten(text, own, statement, new))
                    .collect::<Result<_, _>>()?;
                let indent = indentation(text, own.span.start);
                let between = match own.is_block {
                    true => format!("\n\n{indent}"),
                    false => format!(",\n{indent}"),
                };
                let texts = match (document.is_single, texts.len()) {
                    (true, 2..) => format!("[{}]", texts.join(&between)),
                    _ => texts.join(&between),
                };
                edits.push((own.span.clone(), texts));
            }
        }
    }
    Ok(edits)
}

/// What takes a statement's place: nothing where it goes, itself where it stays.
fn smaller<'n>(
    place: usize,
    statement: &'n Statement,
    policy: &PolicyOutcome,
    new: &'n Policy,
) -> Vec<&'n Statement> {
    let refinements = policy.refinements.iter();
    let refined = refinements.filter(|(document, _, from)| *document == 0 && *from == place);
    let smaller: Vec<&Statement> = refined
        .filter_map(|(_, at, _)| new.statements.get(*at))
        .collect();
    match smaller.is_empty() && new.statements.iter().any(|new| new == statement) {
        true => vec![statement],
        false => smaller,
    }
}

/// A document in JSON with the smaller statements, laid out as it is.
pub(super) fn document(written: &Policy, policy: &PolicyOutcome, new: &Policy) -> String {
    let edited =
        written.edit(
            |place, statement| match smaller(place, statement, policy, new).as_slice() {
                [one] if *one == statement => StatementEdit::Keep,
                several => StatementEdit::Replace(several.iter().copied().cloned().collect()),
            },
        );
    match edited {
        Edited::Document(text) => text,
        Edited::NoStatementLeft => new.text().to_owned(),
    }
}

/// Whether what is written out is what the account has. Resources may have variables.
fn is_the_same(own: &WrittenStatement, statement: &Statement) -> Result<(), String> {
    let actions = own.actions.as_ref().ok_or(NOT_THE_SAME)?;
    let Some(names) = &actions.texts else {
        return Err("actions of a statement are computed".to_owned());
    };
    let lower = |texts: &[String]| -> BTreeSet<String> {
        texts.iter().map(|text| text.to_ascii_lowercase()).collect()
    };
    let entries = statement.action.entries.iter();
    let known: BTreeSet<String> = entries
        .map(|own| own.as_str().to_ascii_lowercase())
        .collect();
    let is_negated = |member: &Member| member.name.to_ascii_lowercase().starts_with("not");
    let has_resource = statement
        .resource
        .as_ref()
        .zip(own.resources.as_ref())
        .is_some_and(|(element, member)| {
            let entries = element.entries.iter();
            let known: BTreeSet<&str> = entries.map(|own| own.as_str()).collect();
            let written = member.texts.as_ref();
            let is_same = |texts: &Vec<String>| {
                texts.iter().map(String::as_str).collect::<BTreeSet<_>>() == known
            };
            is_negated(member) == element.is_negated && written.is_none_or(is_same)
        });
    let sid = own.sid.as_ref().and_then(|sid| sid.texts.as_ref());
    let has_sid = sid.is_none_or(|texts| {
        texts
            .first()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            == statement.sid.as_ref().map(|sid| &***sid)
    });
    let is_same = own.allows == Some(statement.effect == Effect::Allow)
        && is_negated(actions) == statement.action.is_negated
        && lower(names) == known
        && has_resource
        && has_sid
        && has_conditions(own, statement);
    match is_same {
        true => Ok(()),
        false => Err(NOT_THE_SAME.to_owned()),
    }
}

fn has_conditions(own: &WrittenStatement, statement: &Statement) -> bool {
    let values = |values: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        values.map(str::to_owned).collect()
    };
    let written = own.conditions.iter().map(|own| {
        let mut texts = own.values.iter().map(String::as_str);
        (
            own.operator.to_lowercase(),
            own.key.to_lowercase(),
            values(&mut texts),
        )
    });
    let known = statement.conditions.iter().map(|own| {
        let mut texts = own.values.iter().map(|value| value.as_str());
        let operator = own.operator.to_string().to_lowercase();
        (operator, own.lower_key.to_string(), values(&mut texts))
    });
    let (mut written, mut known): (Vec<_>, Vec<_>) = (written.collect(), known.collect());
    written.sort();
    known.sort();
    written == known
}

/// The statement's own text with the members that change, or why it cannot be.
fn rewritten(
    text: &str,
    own: &WrittenStatement,
    old: &Statement,
    new: &Statement,
) -> Result<String, &'static str> {
    let resources = own.resources.as_ref();
    if new.resource != old.resource && resources.is_none_or(|own| own.texts.is_none()) {
        return Err("resources of a statement that changes are computed");
    }
    changed(text, own, old, new).ok_or("HCL would read the new document as something else")
}

fn changed(text: &str, own: &WrittenStatement, old: &Statement, new: &Statement) -> Option<String> {
    let mut edits: Edits = Vec::new();
    if new.action != old.action {
        let actions = own.actions.as_ref()?;
        let entries = new.action.entries.iter().map(|own| own.as_str());
        put(
            text,
            own,
            actions,
            new.action.is_negated,
            entries,
            &mut edits,
        )?;
    }
    if new.resource != old.resource {
        let (resources, element) = (own.resources.as_ref()?, new.resource.as_ref()?);
        let entries = element.entries.iter().map(|own| own.as_str());
        put(
            text,
            own,
            resources,
            element.is_negated,
            entries,
            &mut edits,
        )?;
    }
    let sid = new.sid.as_ref().map(|sid| &***sid);
    if sid != old.sid.as_ref().map(|sid| &***sid) {
        let name = quoted(sid?)?;
        match &own.sid {
            Some(member) => edits.push((member.value_span.clone(), name)),
            None => {
                let start = own.actions.as_ref()?.name_span.start;
                let member = if own.is_block { "sid" } else { "Sid" };
                let line_end = match is_first_of_line(text, start) {
                    true => format!("\n{}", indentation(text, start)),
                    false => ", ".to_owned(),
                };
                edits.push((start..start, format!("{member} = {name}{line_end}")));
            }
        }
    }
    let start = own.span.start;
    let moved = edits.into_iter().map(|(span, new)| {
        (
            span.start.saturating_sub(start)..span.end.saturating_sub(start),
            new,
        )
    });
    applied(text.get(own.span.clone())?, moved.collect())
}

/// A list in the place of a member's value.
fn put<'e>(
    text: &str,
    own: &WrittenStatement,
    member: &Member,
    is_negated: bool,
    entries: impl Iterator<Item = &'e str>,
    edits: &mut Edits,
) -> Option<()> {
    let name = match (
        own.is_block,
        member.name.to_ascii_lowercase().contains("action"),
        is_negated,
    ) {
        (true, true, false) => "actions",
        (true, true, true) => "not_actions",
        (true, false, false) => "resources",
        (true, false, true) => "not_resources",
        (false, true, false) => "Action",
        (false, true, true) => "NotAction",
        (false, false, false) => "Resource",
        (false, false, true) => "NotResource",
    };
    if name != member.name {
        edits.push((member.name_span.clone(), name.to_owned()));
    }
    let entries: Vec<String> = entries.map(quoted).collect::<Option<_>>()?;
    let list = match entries.as_slice() {
        [one] => format!("[{one}]"),
        several => {
            let indent = indentation(text, member.name_span.start);
            let lines: String = several
                .iter()
                .map(|entry| format!("{indent}  {entry},\n"))
                .collect();
            format!("[\n{lines}{indent}]")
        }
    };
    edits.push((member.value_span.clone(), list));
    Some(())
}

/// A statement with the lines or the comma that go with it.
fn with_separator(text: &str, own: &WrittenStatement, all: &[WrittenStatement]) -> Range<usize> {
    let mut span = own.span.clone();
    if !own.is_block {
        let rest = text.get(span.end..).unwrap_or_default();
        let is_last = all.last().is_some_and(|last| last.span == own.span);
        if let Some(comma) = rest
            .find(',')
            .filter(|comma| rest.get(..*comma).is_some_and(|gap| gap.trim().is_empty()))
        {
            span.end += comma + 1;
        } else if is_last && let Some(before) = all.iter().rev().nth(1) {
            // The comma before it stays: HCL takes one at the end.
            span.start = span.start.max(before.span.end);
        }
    }
    if is_first_of_line(text, span.start) {
        span.start = with_comments(text, span.start);
    }
    span
}

/// From the end of the line before a statement and the comments right above it, without the blank line before them.
fn with_comments(text: &str, start: usize) -> usize {
    let line_start = |at: usize| {
        let before = text.get(..at).and_then(|own| own.rfind('\n'));
        before.map_or(0, |place| place + 1)
    };
    let mut start = line_start(start);
    while start > 0 {
        let above = line_start(start.saturating_sub(1));
        let line = text.get(above..start).unwrap_or_default().trim();
        if !line.starts_with('#') && !line.starts_with("//") {
            break;
        }
        start = above;
    }
    let before = text.get(..start).unwrap_or_default();
    let kept = before.strip_suffix('\n').unwrap_or(before);
    let blank = kept.strip_suffix('\n').unwrap_or(kept);
    blank.len()
}

fn is_first_of_line(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim().is_empty()
}

/// What the line begins with in which something stands.
fn indentation(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |place| place + 1);
    let line = text.get(start..).unwrap_or_default();
    let length = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..length.min(at.saturating_sub(start)))
        .unwrap_or_default()
}

/// A document in the place of a string or of a heredoc's text.
pub(super) fn template(
    text: &str,
    span: &Range<usize>,
    document: &str,
    is_heredoc: bool,
) -> Option<String> {
    if !is_heredoc {
        return quoted(document);
    }
    if ["$${", "%%{"].iter().any(|own| document.contains(own)) {
        return None;
    }
    let escaped = document.replace("${", "$${").replace("%{", "%%{");
    let old = text.get(span.clone())?;
    let indent: String = old
        .chars()
        .take_while(|own| matches!(own, ' ' | '\t'))
        .collect();
    // What is stripped of a heredoc's lines is put before them again.
    let stripped = match document.starts_with(&indent) {
        true => "",
        false => &indent,
    };
    let lines: String = escaped
        .lines()
        .map(|line| format!("{stripped}{line}\n"))
        .collect();
    Some(match old.ends_with('\n') {
        true => lines,
        false => lines.trim_end_matches('\n').to_owned(),
    })
}
