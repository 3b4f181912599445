//! The answer in words and as JSON.

use leastgrant_policy::compare::{Kind, Verdict, Witness};
use leastgrant_policy::problem::line_and_column;
use leastgrant_policy::{ContextValue, Policy};
use leastgrant_report::text::terminal_safe;
use serde::Serialize;

/// The answer's members, alike in a batch and alone.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    verdict: &'static str,
    witness: Option<WitnessObject>,
    reason: Option<String>,
}

/// A request that new allows and old does not.
#[derive(Debug, Serialize)]
struct WitnessObject {
    principal: String,
    action: String,
    resource: String,
    context: serde_json::Map<String, serde_json::Value>,
}

impl Answer {
    pub(super) fn new(verdict: &Verdict) -> Self {
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
        let value = |value: &ContextValue| match value {
            ContextValue::One(value) => value.clone().into(),
            ContextValue::Many(values) => values.clone().into(),
        };
        Self {
            principal: witness.principal.to_string(),
            action: witness.action.to_string(),
            resource: witness.resource.to_string(),
            context: witness
                .context
                .iter()
                .map(|(key, own)| (key.to_owned(), value(own)))
                .collect(),
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

pub(super) fn json(verdict: &Verdict) -> anyhow::Result<String> {
    #[derive(Serialize)]
    struct Document {
        schema: &'static str,
        #[serde(flatten)]
        answer: Answer,
    }
    let document = Document {
        schema: "leastgrant.prove/1",
        answer: Answer::new(verdict),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

pub(super) fn text(verdict: &Verdict, old: &Policy, new: &Policy, kind: Kind) -> String {
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
