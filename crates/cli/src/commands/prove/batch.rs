//! Many pairs: JSON Lines in, JSON Lines out, in the same order.

use std::borrow::Cow;
use std::path::Path;

use leastgrant_access::batch::{Judged, Object, line_error, policy_error};
use leastgrant_policy::Policy;
use leastgrant_policy::compare::Kind;
use leastgrant_report::prove::Answer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::exit::Outcome;
use crate::json_lines;
use crate::printer::Printer;

/// One line. Other members are somebody's own notes.
#[derive(Deserialize)]
struct Pair<'a> {
    #[serde(borrow)]
    old: &'a RawValue,
    #[serde(borrow)]
    new: &'a RawValue,
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct OnlyId<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Answered<'a> {
    id: Option<&'a RawValue>,
    #[serde(flatten)]
    answer: Answer,
}

#[derive(Serialize)]
struct Failed<'a> {
    id: Option<&'a RawValue>,
    error: String,
}

pub(super) fn run(path: &Path, printer: &Printer) -> anyhow::Result<Outcome> {
    json_lines::answer_all(path, printer, |(): &mut (), line, output| {
        answer_line(line, output)
    })
}

fn answer_line(line: &[u8], output: &mut Vec<u8>) -> Judged {
    let Ok(text) = std::str::from_utf8(line) else {
        let error = "the line is not UTF-8".to_owned();
        json_lines::push(output, &Failed { id: None, error });
        return Judged::No;
    };
    let id = serde_json::from_str::<Object<OnlyId<'_>>>(text)
        .ok()
        .and_then(|Object(only)| only.id);
    match judge(text) {
        Ok(answer) => {
            json_lines::push(output, &Answered { id, answer });
            Judged::Yes
        }
        Err(error) => {
            json_lines::push(output, &Failed { id, error });
            Judged::No
        }
    }
}

fn judge(line: &str) -> Result<Answer, String> {
    let Object(pair): Object<Pair<'_>> =
        serde_json::from_str(line).map_err(|error| line_error::<Object<Pair<'_>>>(&error, line))?;
    let kind = match pair.kind.as_deref() {
        None | Some("identity") => Kind::Identity,
        Some("resource") => Kind::Resource,
        Some(kind) => {
            return Err(format!(
                "`/kind`: `{kind}` is no kind; it must be `identity` or `resource`"
            ));
        }
    };
    let old = policy(pair.old, "/old")?;
    let new = policy(pair.new, "/new")?;
    Ok(Answer::new(&super::answer(&old, &new, kind)))
}

fn policy(text: &RawValue, pointer: &str) -> Result<Policy, String> {
    Policy::parse(text.get()).map_err(|error| policy_error(&error, text.get(), pointer))
}
