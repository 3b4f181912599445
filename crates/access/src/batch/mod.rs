//! Single requests with their policies, a line each: JSON Lines in, JSON Lines out.
//!
//! Nothing here knows an inventory: a line carries all policies that bear on its request.

mod cache;
mod line;
mod object;
mod place;

pub use cache::PolicyCache;
pub use object::Object;
pub use place::{line_error, policy_error};

use std::io::Write;

use leastgrant_policy::evaluate::{Decision, Member, Policies, Untold, decide};
use serde::Serialize;
use serde_json::value::RawValue;

use line::Question;

/// A line may have so many bytes; what is longer is answered with an error.
pub const MAX_LINE_BYTES: usize = 16 << 20;

/// Whether a line could be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// The line has its decision.
    Yes,
    /// The line has an error in its place.
    No,
}

/// Answers one line. The answer is appended to `output` with its line break.
///
/// Blank lines are the caller's to skip. Policies are taken from and kept in `cache`.
pub fn answer(line: &[u8], cache: &mut PolicyCache, output: &mut Vec<u8>) -> Judged {
    let judged = match std::str::from_utf8(line) {
        Ok(text) => judge(text, cache),
        Err(error) => Err((
            None,
            format!(
                "the line is not UTF-8 from byte {} on",
                error.valid_up_to() + 1
            ),
        )),
    };
    match judged {
        Ok(question) => {
            write_decision(&question, output);
            Judged::Yes
        }
        Err((id, error)) => {
            write_error(id, &error, output);
            Judged::No
        }
    }
}

/// Answers a line that is longer than [`MAX_LINE_BYTES`], of which nothing was kept.
pub fn refuse_long_line(output: &mut Vec<u8>) -> Judged {
    let error = format!(
        "the line has more than {} MiB; a request with its policies is a few kilobytes",
        MAX_LINE_BYTES >> 20
    );
    write_error(None, &error, output);
    Judged::No
}

/// A line's id, as it was written.
type Id<'a> = Option<&'a RawValue>;

fn judge<'a>(text: &'a str, cache: &mut PolicyCache) -> Result<Question<'a>, (Id<'a>, String)> {
    Question::read(text, cache).map_err(|error| (line::id_of(text), error))
}

#[derive(Serialize)]
struct AnswerObject<'a> {
    id: Id<'a>,
    decision: &'static str,
    decided_by: &'static str,
    statements: Vec<StatementObject<'a>>,
}

#[derive(Serialize)]
struct StatementObject<'a> {
    member: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<usize>,
    policy: usize,
    statement: usize,
    sid: Option<&'a str>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    id: Id<'a>,
    error: &'a str,
}

fn write_decision(question: &Question<'_>, output: &mut Vec<u8>) {
    let policies = question.policies.borrowed();
    let decision = decide(&question.request, &policies, Untold::MatchNothing);
    write(
        &AnswerObject {
            id: question.id,
            decision: decision.outcome.name(),
            decided_by: decision.decided_by.name(),
            statements: statements(&decision, &policies),
        },
        output,
    );
}

fn statements<'a>(decision: &Decision, policies: &Policies<'a>) -> Vec<StatementObject<'a>> {
    let places = decision.statements.iter();
    places
        .map(|place| StatementObject {
            member: place.member.name(),
            level: matches!(
                place.member,
                Member::ServiceControl | Member::ResourceControl
            )
            .then_some(place.level),
            policy: place.policy,
            statement: place.statement,
            sid: place
                .find(policies)
                .and_then(|(_, statement)| statement.sid.as_ref())
                .map(|sid| &*sid.value),
        })
        .collect()
}

fn write_error(id: Id<'_>, error: &str, output: &mut Vec<u8>) {
    write(&ErrorObject { id, error }, output);
}

fn write(object: &impl Serialize, output: &mut Vec<u8>) {
    // Neither a list of bytes nor these shapes give the writer a reason to fail.
    let _ = serde_json::to_writer(&mut *output, object);
    let _ = output.write_all(b"\n");
}

#[cfg(test)]
mod tests;
