//! `usage --format csv`: for programs, so no cell is defused; lists are joined by `|`.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use ::csv::{Terminator, Writer, WriterBuilder};
use leastgrant_inventory::tables::UsageRow;
use rayon::prelude::*;

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

/// So many rows are one piece of work.
const ROWS_AT_A_TIME: usize = 2048;

/// Writes all rows, which are put into words on all cores.
///
/// # Errors
/// What the output says.
pub fn csv(rows: &[UsageRow], output: &mut dyn Write) -> std::io::Result<()> {
    let mut header = writer(Vec::new());
    header.write_record(COLUMNS).map_err(own_error)?;
    output.write_all(&written(header)?)?;
    let at_once = ROWS_AT_A_TIME * rayon::current_num_threads();
    for rows in rows.chunks(at_once) {
        let pieces: Vec<std::io::Result<Vec<u8>>> =
            rows.par_chunks(ROWS_AT_A_TIME).map(piece).collect();
        for piece in pieces {
            output.write_all(&piece?)?;
        }
    }
    output.flush()
}

fn writer(bytes: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(bytes)
}

fn written(writer: Writer<Vec<u8>>) -> std::io::Result<Vec<u8>> {
    writer.into_inner().map_err(|error| error.into_error())
}

/// The lines of some rows.
fn piece(rows: &[UsageRow]) -> std::io::Result<Vec<u8>> {
    let mut writer = writer(Vec::with_capacity(rows.len() * 512));
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
    written(writer)
}

/// The values with `|` between them; `|` and `%` within one are percent-encoded.
fn list(values: &[Arc<str>]) -> Cow<'_, str> {
    match values {
        [] => Cow::Borrowed(""),
        [only] => encoded(only),
        several => {
            let all: Vec<Cow<'_, str>> = several.iter().map(|value| encoded(value)).collect();
            Cow::Owned(all.join("|"))
        }
    }
}

fn encoded(value: &str) -> Cow<'_, str> {
    match value.contains(['|', '%']) {
        true => Cow::Owned(value.replace('%', "%25").replace('|', "%7C")),
        false => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_list_stay_apart() {
        let values = ["a|b", "50%", "…"].map(Arc::from);
        assert_eq!(list(&values), "a%7Cb|50%25|…");
        let [first, ..] = &values;
        assert_eq!(list(std::slice::from_ref(first)), "a%7Cb");
        assert_eq!(list(&[]), "");
    }
}
