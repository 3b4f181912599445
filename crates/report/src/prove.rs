//! Whether one policy is within another: in words, and as `leastgrant.prove/1`.

use leastgrant_policy::compare::{Kind, Verdict, Witness};
use leastgrant_policy::problem::line_and_column;
use leastgrant_policy::{ContextValue, Policy};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::Error;
use crate::access::{context_object, written};
use crate::text::terminal_safe;

/// The `schema` of `prove --format json`.
pub(crate) const SCHEMA: &str = "leastgrant.prove/1";

/// The answer's members, alike in a batch and alone.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// The verdict.
    #[schemars(schema_with = "verdict_names")]
    verdict: &'static str,

    /// With `not_subset`: a request that NEW allows and OLD does not.
    witness: Option<WitnessObject>,
    /// With `unknown`: why it could not be told.
    reason: Option<String>,
}

/// A request that NEW allows and OLD does not.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "witness")]
struct WitnessObject {
    /// Who calls.
    principal: String,
    /// The action; it need not be one that AWS has.
    action: String,
    /// The resource's ARN, or `*` where the request names none.
    resource: String,
    /// Context keys, in lower case, and their values; keys that the principal implies are left out.
    context: serde_json::Map<String, serde_json::Value>,
}

impl Answer {
    /// The answer to a verdict.
    #[must_use]
    pub fn new(verdict: &Verdict) -> Self {
        let (witness, reason) = match verdict {
            Verdict::Subset => (None, None),
            Verdict::NotSubset(witness) => (Some(WitnessObject::new(witness)), None),
            Verdict::Unknown(reason) => (None, Some(reason.to_string())),
        };
        Self {
            verdict: name(verdict),
            witness,
            reason,
        }
    }
}

impl WitnessObject {
    fn new(witness: &Witness) -> Self {
        Self {
            principal: witness.principal.to_string(),
            action: witness.action.to_string(),
            resource: witness.resource.to_string(),
            context: context_object(&witness.context),
        }
    }
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Subset => "subset",
        Verdict::NotSubset(_) => "not_subset",
        Verdict::Unknown(_) => "unknown",
    }
}

/// The document of `prove --format json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "prove")]
pub(crate) struct Document {
    /// The schema of this document.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    #[serde(flatten)]
    answer: Answer,
}

fn verdict_names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["subset", "not_subset", "unknown"] })
}

/// The verdict as JSON.
///
/// # Errors
/// [`Error`] if the document cannot be written.
pub fn json(verdict: &Verdict) -> Result<String, Error> {
    written(&Document {
        schema: SCHEMA,
        answer: Answer::new(verdict),
    })
}

/// The verdict for people; for `not_subset` the request and the statements that decide it on either side.
#[must_use]
pub fn text(verdict: &Verdict, old: &Policy, new: &Policy, kind: Kind) -> String {
    match verdict {
        Verdict::Subset => "subset: whatever NEW allows is allowed by OLD\n".to_owned(),
        Verdict::Unknown(reason) => format!("unknown: {}\n", terminal_safe(&reason.to_string())),
        Verdict::NotSubset(witness) => {
            let mut text = "not_subset: NEW allows this request, and OLD does not\n\n".to_owned();
            for (name, value) in lines(witness) {
                text.push_str(&format!("  {name:<10} {}\n", terminal_safe(&value)));
            }
            text.push_str(&format!("\n  NEW: {}\n", told(witness, new, kind)));
            text.push_str(&format!("  OLD: {}\n", told(witness, old, kind)));
            text
        }
    }
}

fn lines(witness: &Witness) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("principal", witness.principal.to_string()),
        ("action", witness.action.to_string()),
        ("resource", witness.resource.to_string()),
    ];
    for (key, value) in witness.context.iter() {
        let value = match value {
            ContextValue::One(value) => format!("{key} = {value}"),
            ContextValue::Many(values) => format!("{key} = [{}]", values.join(", ")),
        };
        let is_first = lines.len() == 3;
        lines.push((if is_first { "context" } else { "" }, value));
    }
    lines
}

/// Which statements of the document decide the request.
fn told(witness: &Witness, policy: &Policy, kind: Kind) -> String {
    let decision = witness.decision(&[policy], kind);
    let own = match kind {
        Kind::Identity => leastgrant_policy::evaluate::Member::Identity,
        Kind::Resource => leastgrant_policy::evaluate::Member::Resource,
    };
    let statements: Vec<String> = decision
        .statements
        .iter()
        .filter(|place| place.member == own)
        .filter_map(|place| {
            let statement = policy.statements.get(place.statement)?;
            let (line, _) = line_and_column(policy.text(), statement.span.start);
            let sid = match &statement.sid {
                Some(sid) => format!(" `{}`", terminal_safe(sid)),
                None => String::new(),
            };
            Some(format!(
                "statement {}{sid} in line {line}",
                place.statement + 1
            ))
        })
        .collect();
    match statements.as_slice() {
        [] => "no statement allows it".to_owned(),
        statements => format!(
            "{} by {}",
            decision.outcome.name().replace('_', " "),
            statements.join(", ")
        ),
    }
}
