//! The SQL of `queries/athena`, with its parameters in place.

use super::layout::Layout;
use super::names::PrincipalArn;
use super::scope::Scope;
use super::sql::{fill, literal};

const USAGE: &str = include_str!("../../../../queries/athena/usage.sql");
const USAGE_EVENTS: &str = include_str!("../../../../queries/athena/usage-events.sql");
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
            ("request_parameters", "requestparameters".to_owned()),
            (
                "on_behalf_of",
                or_nothing(layout.has_on_behalf_of, "useridentity.onbehalfof.userid").to_owned(),
            ),
            (
                "event_category",
                or_nothing(layout.has_event_category, "eventcategory").to_owned(),
            ),
        ];
        if let Self::PrincipalHistory(principal) = self {
            values.push(("principal", literal(principal.text())));
        }
        fill(template, &values)
    }
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
            ("eventtime AS event_time", "'AwsCloudTrailInsight'"),
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
