//! What a JSON file holds: one answer, pages of answers, wrapped answers, or nothing of ours.

use leastgrant_inventory::DataKind;
use serde_json::value::RawValue;

use crate::answer::{Answer, Members};
use crate::answers;

/// The answers of one file.
#[derive(Debug, Default)]
pub(crate) struct Recognised<'a> {
    pub answers: Vec<Answer<'a>>,
    /// Pointers and reasons of parts that are no answers.
    pub not_answers: Vec<(String, String)>,
    /// The file belongs to another command and is no gap.
    pub is_for_others: bool,
}

/// Splits a JSON text into answers.
///
/// # Errors
/// Only if the text is not JSON.
pub(crate) fn answers(text: &str) -> Result<Recognised<'_>, serde_json::Error> {
    let mut recognised = Recognised::default();
    if text.trim_start().starts_with('{') {
        let members: Members<'_> = serde_json::from_str(text)?;
        recognised.is_for_others = is_truth(&members) || is_cloudtrail(&members);
        if !recognised.is_for_others {
            add(members, String::new(), &mut recognised);
        }
        return Ok(recognised);
    }
    let elements: Vec<&RawValue> = serde_json::from_str(text)?;
    let mut unknown = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        match serde_json::from_str::<Members<'_>>(element.get()) {
            Ok(members) if answers::is_known(&members) || is_wrapped(&members) => {
                add(members, format!("/{index}"), &mut recognised)
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
        recognised.not_answers.push((pointer, reason));
    } else if elements.is_empty() {
        recognised.not_answers.push((
            String::new(),
            "the list is empty; remove the file from the bundle".to_owned(),
        ));
    }
    Ok(recognised)
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

fn add<'a>(members: Members<'a>, pointer: String, recognised: &mut Recognised<'a>) {
    if let Some(calls) = members.get("Calls") {
        match serde_json::from_str::<Vec<&'a RawValue>>(calls.get()) {
            Ok(calls) => {
                for (index, call) in calls.into_iter().enumerate() {
                    let pointer = format!("{pointer}/Calls/{index}");
                    match serde_json::from_str::<Members<'a>>(call.get()) {
                        Ok(call) if is_wrapped(&call) => add_wrapped(&call, pointer, recognised),
                        _ => recognised.not_answers.push((pointer, wrapping_expected())),
                    }
                }
            }
            Err(_) => recognised.not_answers.push((
                format!("{pointer}/Calls"),
                "`Calls` is not a list".to_owned(),
            )),
        }
        return;
    }
    if is_wrapped(&members) {
        add_wrapped(&members, pointer, recognised);
        return;
    }
    let error = if answers::is_known(&members) {
        None
    } else {
        error_of(&members)
    };
    recognised.answers.push(Answer {
        pointer,
        members,
        error,
        ..Answer::default()
    });
}

fn is_wrapped(members: &Members<'_>) -> bool {
    members.has("Calls") || members.has("Call") && (members.has("Answer") || members.has("Error"))
}

fn add_wrapped<'a>(wrapper: &Members<'a>, pointer: String, recognised: &mut Recognised<'a>) {
    let Some(call) = wrapper.text("Call") else {
        recognised.not_answers.push((pointer, wrapping_expected()));
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
                recognised.not_answers.push((
                    format!("{pointer}/Answer"),
                    format!("the answer of `{call}` is not an object"),
                ));
                return;
            }
        },
        None => Answer {
            pointer,
            call: Some(call),
            parameters,
            members: Members::default(),
            error: error_of(wrapper),
        },
    };
    recognised.answers.push(answer);
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
