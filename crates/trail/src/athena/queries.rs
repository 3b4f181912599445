//! The SQL of `queries/athena`, with its parameters in place.

use leastgrant_catalog::{
    ARN_BEGINNING, ESCAPED_SIGN, OMITTED, PASSED_BY, SOURCE_END, WRAPPER_END, WRAPPERS,
    read_members,
};

use super::layout::Layout;
use super::names::PrincipalArn;
use super::scope::{HAS_TIME, Scope};
use super::sql::{fill, literal};

const USAGE: &str = include_str!("../../../../queries/athena/usage.sql");
const USAGE_EVENTS: &str = include_str!("../../../../queries/athena/usage-events.sql");
const NARROWED: &str = include_str!("../../../../queries/athena/parts/narrowed.sql");
const KEY_ORIGIN: &str = include_str!("../../../../queries/athena/key-origin.sql");
const DENIED: &str = include_str!("../../../../queries/athena/denied.sql");
const PRINCIPAL_HISTORY: &str = include_str!("../../../../queries/athena/principal-history.sql");

/// A question to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Who used which permission on what; counted by Athena.
    Usage,
    /// The same with the ids of all events, which are counted here.
    UsageEvents,
    /// Where each long-term key was used from.
    KeyOrigin,
    /// Calls that were refused.
    Denied,
    /// What one principal did.
    PrincipalHistory(PrincipalArn),
}

impl Query {
    /// The SQL for a table with the documented columns.
    #[must_use]
    pub fn sql(&self, scope: &Scope) -> String {
        self.sql_of(scope, &Layout::default())
    }

    /// The SQL for a table as it is.
    pub(super) fn sql_of(&self, scope: &Scope, layout: &Layout) -> String {
        let template = match self {
            Self::Usage => USAGE,
            Self::UsageEvents => USAGE_EVENTS,
            Self::KeyOrigin => KEY_ORIGIN,
            Self::Denied => DENIED,
            Self::PrincipalHistory(_) => PRINCIPAL_HISTORY,
        };
        let or_nothing = |has: bool, sql: &'static str| match has {
            true => sql,
            false => "CAST(NULL AS varchar)",
        };
        let mut values = vec![
            ("table", scope.table.in_query()),
            ("partitions", scope.partitions(&layout.day_format)),
            ("times", scope.times()),
            ("has_time", HAS_TIME.to_owned()),
            ("read_members", members()),
            ("source_end", literal(SOURCE_END)),
            ("omitted", literal(OMITTED)),
            ("arn_beginning", literal(ARN_BEGINNING)),
            ("escaped_sign", literal(ESCAPED_SIGN)),
            ("is_wrapper", is_called(&[], &[WRAPPER_END], WRAPPERS)),
            ("is_passed_by", {
                let [beginnings, ends, names] = PASSED_BY;
                is_called(beginnings, ends, names)
            }),
            (
                "on_behalf_of",
                or_nothing(layout.has_on_behalf_of, "useridentity.onbehalfof.userid").to_owned(),
            ),
            (
                "event_category",
                or_nothing(layout.has_event_category, "eventcategory").to_owned(),
            ),
        ];
        // What is put in is not looked at again.
        values.push(("narrowed", fill(part_of(NARROWED), &values)));
        if let Self::PrincipalHistory(principal) = self {
            values.push(("principal", literal(principal.text())));
        }
        fill(template, &values)
    }
}

/// A part without its head, as it stands within a query.
fn part_of(text: &'static str) -> &'static str {
    let start = text.lines().take_while(|line| line.starts_with("--"));
    let head: usize = start.map(|line| line.len() + 1).sum();
    text.get(head..).unwrap_or_default().trim_end()
}

/// A line for each row of `read_members`: host, names and beginnings of calls.
fn members() -> String {
    let mut lines = String::from("\n");
    for read in read_members() {
        let any = if read.has_ids { "* " } else { "" };
        lines.extend([
            read.host,
            "|",
            any,
            read.names,
            "|",
            read.unread_calls,
            "\n",
        ]);
    }
    literal(&lines)
}

/// Whether `name` begins or ends so, or is one of these, in any case of its letters.
fn is_called(beginnings: &[&str], ends: &[&str], names: &[&str]) -> String {
    let like = |pattern: String| format!("lower(name) LIKE {}", literal(&pattern));
    let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
    let beginnings = beginnings.iter().map(|text| like(format!("{text}%")));
    let ends = ends.iter().map(|text| like(format!("%{text}")));
    let among = format!("lower(name) IN ({})", names.join(", "));
    let all: Vec<String> = beginnings.chain(ends).chain([among]).collect();
    all.join(" OR ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_queries_of_usage_make_the_same_groups() {
        let part = |sql: &'static str, from: &str, to: &str| {
            let (_, rest) = sql.split_once(from).unwrap();
            rest.split_once(to)
                .unwrap()
                .0
                .replace(",\n    shared_by", "")
        };
        for (from, to) in [
            ("WITH read_members", "records AS ("),
            ("eventtime END AS event_time", "{narrowed}"),
            ("min(event_time) AS first_seen", "FROM "),
            ("GROUP BY", "resource_arns"),
        ] {
            assert_eq!(
                part(USAGE_EVENTS, from, to),
                part(USAGE, from, to),
                "{from}"
            );
        }
    }
}
