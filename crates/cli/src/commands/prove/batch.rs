//! Many pairs: JSON Lines in, JSON Lines out, in the same order.

use std::path::Path;

use leastgrant_policy::Policy;
use leastgrant_policy::compare::Kind;
use leastgrant_policy::problem::line_and_column;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::output::Answer;
use crate::exit::Outcome;
use crate::json_lines::{self, Judged};
use crate::printer::Printer;

/// One line. Other members are somebody's own notes.
#[derive(Deserialize)]
struct Pair<'a> {
    #[serde(borrow)]
    old: &'a RawValue,
    #[serde(borrow)]
    new: &'a RawValue,
    #[serde(default)]
    kind: PairKind,
}

#[derive(Deserialize)]
struct OnlyId<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PairKind {
    #[default]
    Identity,
    Resource,
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
    json_lines::answer_all(
        path,
        printer,
        || (),
        |(), line, output| answer_line(line, output),
    )
}

fn answer_line(line: &str, output: &mut Vec<u8>) -> Judged {
    let id = serde_json::from_str::<OnlyId<'_>>(line)
        .ok()
        .and_then(|only| only.id);
    match judge(line) {
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
    let pair: Pair<'_> =
        serde_json::from_str(line).map_err(|error| json_lines::without_line(&error))?;
    let old = policy(pair.old, "old")?;
    let new = policy(pair.new, "new")?;
    let kind = match pair.kind {
        PairKind::Identity => Kind::Identity,
        PairKind::Resource => Kind::Resource,
    };
    Ok(Answer::new(&super::answer(&old, &new, kind)))
}

fn policy(text: &RawValue, member: &str) -> Result<Policy, String> {
    let text = text.get();
    Policy::parse(text).map_err(|error| {
        let problems: Vec<String> = error
            .problems
            .iter()
            .map(|problem| {
                let (line, column) = line_and_column(text, problem.span.start);
                format!("line {line}, column {column}: {problem}")
            })
            .collect();
        format!(
            "the policy at `/{member}` cannot be read: {}",
            problems.join("; ")
        )
    })
}
