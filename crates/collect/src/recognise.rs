//! What a JSON file holds: one answer, pages of answers, wrapped answers, or nothing of ours.

use leastgrant_inventory::DataKind;
use serde_json::value::RawValue;

use crate::answer::{Answer, Members};
use crate::answers;

/// What is done with what is found in a file, in the file's order. A file may hold tens of thousands of answers.
pub(crate) trait Visitor {
    /// An answer.
    fn answer(&mut self, answer: Answer<'_>);
    /// A part that is no answer: its pointer, and why not.
    fn not_an_answer(&mut self, pointer: String, reason: String, call: Option<&str>);
}

/// Splits a JSON text into answers. A text that belongs to another command has none and is no problem.
///
/// # Errors
/// Only if the text is not JSON.
pub(crate) fn answers(text: &str, visitor: &mut impl Visitor) -> Result<(), serde_json::Error> {
    if text.trim_start().starts_with('{') {
        let members: Members<'_> = serde_json::from_str(text)?;
        let is_for_usage = is_cloudtrail(&members) && !answers::is_known(&members);
        if !is_truth(&members) && !is_for_usage {
            add(members, String::new(), visitor);
        }
        return Ok(());
    }
    let elements: Vec<&RawValue> = serde_json::from_str(text)?;
    let mut unknown = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        match serde_json::from_str::<Members<'_>>(element.get()) {
            Ok(members) if answers::is_known(&members) || is_wrapped(&members) => {
                add(members, format!("/{index}"), visitor)
            }
            _ => unknown.push(index),
        }
    }
    // One gap for all of them: a list of ten thousand things that we do not know is one fact.
    if let Some(first) = unknown.first() {
        let pointer = format!("/{first}");
        let reason = format!(
            "{} of {} elements of the list are no answer of AWS that leastgrant reads; see `leastgrant collect --help` for what a bundle holds",
            unknown.len(),
            elements.len()
        );
        visitor.not_an_answer(pointer, reason, None);
    } else if elements.is_empty() {
        visitor.not_an_answer(
            String::new(),
            "the list is empty: the command that wrote it, or its `--query`, found nothing; export the whole answer".to_owned(),
            None,
        );
    }
    Ok(())
}

/// What a text that is not whole JSON was to be, as far as its beginning tells.
pub(crate) fn kind_of_broken(text: &str) -> Option<DataKind> {
    const LOOKED_AT: usize = 4096;
    let end = (0..=LOOKED_AT.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))?;
    let beginning = text.get(..end)?;
    answers::kind_by_member(|member| beginning.contains(&format!("\"{member}\"")))
}

fn add<'a>(members: Members<'a>, pointer: String, visitor: &mut impl Visitor) {
    if let Some(calls) = members.get("Calls") {
        match serde_json::from_str::<Vec<&'a RawValue>>(calls.get()) {
            Ok(calls) => {
                for (index, call) in calls.into_iter().enumerate() {
                    let pointer = format!("{pointer}/Calls/{index}");
                    match serde_json::from_str::<Members<'a>>(call.get()) {
                        Ok(call) if is_wrapped(&call) => add_wrapped(&call, pointer, visitor),
                        _ => visitor.not_an_answer(pointer, wrapping_expected(), None),
                    }
                }
            }
            Err(_) => visitor.not_an_answer(
                format!("{pointer}/Calls"),
                "`Calls` is not a list".to_owned(),
                None,
            ),
        }
        return;
    }
    if is_wrapped(&members) {
        add_wrapped(&members, pointer, visitor);
        return;
    }
    let error = if answers::is_known(&members) {
        None
    } else {
        error_of(&members)
    };
    visitor.answer(Answer {
        pointer,
        members,
        error,
        ..Answer::default()
    });
}

fn is_wrapped(members: &Members<'_>) -> bool {
    members.has("Calls") || members.has("Call") && (members.has("Answer") || members.has("Error"))
}

fn add_wrapped<'a>(wrapper: &Members<'a>, pointer: String, visitor: &mut impl Visitor) {
    let Some(call) = wrapper.text("Call") else {
        visitor.not_an_answer(pointer, wrapping_expected(), None);
        return;
    };
    let parameters = wrapper.object("Parameters").unwrap_or_default();
    let answer = match wrapper.get("Answer") {
        // Some calls answer with nothing, which the CLI prints as nothing and a script wraps as a text.
        Some(answer) => match serde_json::from_str::<Members<'a>>(answer.get()) {
            Ok(members) => Answer {
                pointer,
                call: Some(call),
                parameters,
                members,
                error: None,
            },
            Err(_) => {
                visitor.not_an_answer(
                    format!("{pointer}/Answer"),
                    format!("the answer of `{call}` is not an object"),
                    Some(&call),
                );
                return;
            }
        },
        None => Answer {
            pointer,
            call: Some(call),
            parameters,
            members: Members::default(),
            error: Some(recorded_error(wrapper)),
        },
    };
    visitor.answer(answer);
}

fn wrapping_expected() -> String {
    "is not a wrapped answer: `{\"Call\":\"iam:ListSSHPublicKeys\",\"Parameters\":{…},\"Answer\":{…}}` was expected".to_owned()
}

/// The error that was recorded in place of an answer.
fn error_of(members: &Members<'_>) -> Option<(String, String)> {
    let error = members.object("Error")?;
    Some((
        error.text("Code")?,
        error.text("Message").unwrap_or_default(),
    ))
}

/// The same, where it is certain that an error was recorded: people also write its code alone, or its message.
fn recorded_error(wrapper: &Members<'_>) -> (String, String) {
    let not_told = || "UnknownError".to_owned();
    error_of(wrapper).unwrap_or_else(|| match wrapper.object("Error") {
        Some(error) => (not_told(), error.text("Message").unwrap_or_default()),
        None => match wrapper.text("Error") {
            Some(text) if text.contains(' ') => (not_told(), text),
            Some(code) => (code, String::new()),
            None => (not_told(), String::new()),
        },
    })
}

/// The demo's answer key.
fn is_truth(members: &Members<'_>) -> bool {
    members
        .text("schema")
        .is_some_and(|schema| schema == "leastgrant.truth/1")
}

/// A file for `leastgrant usage` that lies beside the bundle's own.
fn is_cloudtrail(members: &Members<'_>) -> bool {
    members.has("Records") || members.has("eventVersion") && members.has("eventName")
}
