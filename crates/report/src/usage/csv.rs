//! `usage --format csv`: for programs, so no cell is defused; lists are joined by `|`.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use ::csv::{Terminator, WriterBuilder};
use leastgrant_inventory::tables::UsageRow;

/// The columns in order.
pub const COLUMNS: [&str; 17] = [
    "account_id",
    "principal_arn",
    "principal_type",
    "access_key_id",
    "event_source",
    "event_name",
    "action",
    "resource",
    "region",
    "outcome",
    "count",
    "first_seen",
    "last_seen",
    "source_ips",
    "user_agents",
    "vpc_endpoints",
    "invoked_by",
];

/// The output's own error, by which a reader that went away is told.
fn own_error(error: ::csv::Error) -> std::io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

/// Writes all rows.
///
/// # Errors
/// What the output says.
pub fn csv(rows: &[UsageRow], output: &mut dyn Write) -> std::io::Result<()> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(output);
    writer.write_record(COLUMNS).map_err(own_error)?;
    for row in rows {
        let time = |time: Option<leastgrant_inventory::Timestamp>| {
            time.map_or(String::new(), |time| time.to_string())
        };
        writer
            .write_record([
                &*row.account_id,
                &*row.principal_arn,
                &*row.principal_type,
                row.access_key_id.as_deref().unwrap_or_default(),
                &*row.event_source,
                &*row.event_name,
                row.action.as_deref().unwrap_or_default(),
                row.resource.as_deref().unwrap_or_default(),
                &*row.region,
                &*row.outcome,
                &*row.count.to_string(),
                &*time(row.first_seen),
                &*time(row.last_seen),
                &*list(&row.source_ips),
                &*list(&row.user_agents),
                &*list(&row.vpc_endpoints),
                &*list(&row.invoked_by),
            ])
            .map_err(own_error)?;
    }
    writer.flush()
}

/// The values with `|` between them; `|` and `%` within one are percent-encoded.
fn list(values: &[Arc<str>]) -> String {
    let encoded: Vec<Cow<'_, str>> = values
        .iter()
        .map(|value| match value.contains(['|', '%']) {
            true => Cow::Owned(value.replace('%', "%25").replace('|', "%7C")),
            false => Cow::Borrowed(&**value),
        })
        .collect();
    encoded.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_list_stay_apart() {
        let values = ["a|b", "50%", "…"].map(Arc::from);
        assert_eq!(list(&values), "a%7Cb|50%25|…");
    }
}
