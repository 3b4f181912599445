//! What `minimize-check` found, as text and as `leastgrant.minimize-check/1`.

use std::fmt::Write;

use leastgrant_inventory::counted;
use leastgrant_minimize::Checked;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use crate::Error;
use crate::text::{json_safe, terminal_safe};

/// More principals of an account without logs are counted, not named; JSON has all.
const SHOWN: usize = 5;

/// The `schema` of `minimize-check --format json`.
pub(crate) const SCHEMA: &str = "leastgrant.minimize-check/1";

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "minimize-check")]
struct Document<'a> {
    schema: &'static str,
    /// Denials after this time count.
    since: Option<String>,
    /// Principals whose policies were made smaller.
    principals: usize,
    regressions: Vec<RegressionObject<'a>>,
    /// Events that were denied for other reasons.
    other_denials: i64,
    /// Accounts whose denials are not known, or not all of them: no regression there says nothing.
    not_checked: Vec<NotCheckedObject<'a>>,
}

/// An account without logs after the roll-out, or with some that could not be read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "not_checked")]
struct NotCheckedObject<'a> {
    account_id: &'a str,
    /// Its principals whose policies were made smaller.
    principals: &'a [String],
    reason: &'a str,
}

/// A denial that the old policies would have allowed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "regression")]
struct RegressionObject<'a> {
    principal_arn: &'a str,
    action: &'a str,
    /// Missing where the record does not tell it: it may be another matter then.
    resource: Option<&'a str>,
    events: i64,
    last_seen: Option<String>,
    /// The policy and the place of the statement that would have allowed it, from 0; texts count from 1.
    policy: &'a str,
    statement: usize,
    /// The statement to restore, as it was written.
    text: &'a str,
}

/// Each regression with the statement to restore.
#[must_use]
pub fn text(checked: &Checked) -> String {
    let mut text = String::new();
    for own in &checked.regressions {
        let resource = match &own.resource {
            Some(resource) => format!("on {}", terminal_safe(resource)),
            None => "on a resource that the record does not tell, so that it may be another matter"
                .to_owned(),
        };
        let _ = writeln!(
            text,
            "{}: {} {resource} was denied {}; restore statement {} of `{}`:",
            terminal_safe(&own.principal_arn),
            terminal_safe(&own.action),
            counted(own.events, "time"),
            own.statement + 1,
            terminal_safe(&own.policy),
        );
        for line in own.text.lines() {
            let _ = writeln!(text, "    {}", terminal_safe(line));
        }
    }
    for own in &checked.not_checked {
        let shown = own.principals.iter().take(SHOWN);
        let shown: Vec<String> = shown.map(|arn| terminal_safe(arn).into_owned()).collect();
        let more = match own.principals.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(
            text,
            "not checked: account {}: {} ({}{more})",
            terminal_safe(&own.account_id),
            terminal_safe(&own.reason),
            shown.join(", "),
        );
    }
    text
}

/// The document.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn json(checked: &Checked) -> Result<String, Error> {
    let document = Document {
        schema: SCHEMA,
        since: checked.since.map(|at| at.to_string()),
        principals: checked.principals,
        other_denials: checked.other_denials,
        not_checked: checked
            .not_checked
            .iter()
            .map(|own| NotCheckedObject {
                account_id: &own.account_id,
                principals: &own.principals,
                reason: &own.reason,
            })
            .collect(),
        regressions: checked
            .regressions
            .iter()
            .map(|own| RegressionObject {
                principal_arn: &own.principal_arn,
                action: &own.action,
                resource: own.resource.as_deref(),
                events: own.events,
                last_seen: own.last_seen.map(|at| at.to_string()),
                policy: &own.policy,
                statement: own.statement,
                text: &own.text,
            })
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).map_err(Error::render("JSON"))?;
    text.push('\n');
    Ok(json_safe(text))
}

/// What came of it, in a line.
#[must_use]
pub fn summary(checked: &Checked) -> String {
    let since = checked
        .since
        .map(|at| format!(" after {at}"))
        .unwrap_or_default();
    let unread = checked.not_checked.iter().map(|own| own.principals.len());
    let unread = match unread.sum::<usize>() {
        0 => String::new(),
        number => format!("; not checked, for want of logs: {number} of them"),
    };
    format!(
        "{} of {} with smaller policies{since}; {}{unread}",
        counted(checked.regressions.len(), "regression"),
        counted(checked.principals, "principal"),
        counted(checked.other_denials, "other denied event"),
    )
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Option<String> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let schema = generator.into_root_schema_for::<Document<'_>>();
    let mut text = serde_json::to_string_pretty(&schema).ok()?;
    text.push('\n');
    Some(text)
}
