//! `usage --format json`: `leastgrant.usage/1`.

use std::io::Write;
use std::sync::Arc;

use leastgrant_inventory::tables::UsageRow;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Serialize, Serializer};

use crate::access::written;
use crate::safe_lines;

/// The schema's name.
pub(crate) const SCHEMA: &str = "leastgrant.usage/1";

#[derive(Serialize, JsonSchema)]
struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// One for each principal, key, event, action, resource, Region and outcome.
    #[serde(serialize_with = "each")]
    #[schemars(with = "Vec<Row<'static>>")]
    rows: &'a [UsageRow],
}

/// Texts that are not known are empty, as in the CSV.
#[derive(Serialize, JsonSchema)]
struct Row<'a> {
    account_id: &'a str,
    principal_arn: &'a str,
    principal_type: &'a str,
    access_key_id: &'a str,
    event_source: &'a str,
    event_name: &'a str,
    action: &'a str,
    resource: &'a str,
    region: &'a str,
    outcome: &'a str,
    count: i64,
    first_seen: Option<String>,
    last_seen: Option<String>,
    /// At most 20 values, in byte order; `…` last: there were more. So are the lists below.
    source_ips: Vec<&'a str>,
    user_agents: Vec<&'a str>,
    vpc_endpoints: Vec<&'a str>,
    invoked_by: Vec<&'a str>,
    /// The number of days in UTC.
    active_days: i64,
}

/// Writes all rows.
///
/// # Errors
/// What the output says.
pub fn json(rows: &[UsageRow], output: &mut dyn Write) -> std::io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        rows,
    };
    safe_lines::write(output, &document)
}

/// The JSON Schema of [`json`]'s output.
#[must_use]
pub fn schema() -> Option<String> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    written(&generator.into_root_schema_for::<Document<'_>>()).ok()
}

fn each<S: Serializer>(rows: &[UsageRow], serializer: S) -> Result<S::Ok, S::Error> {
    let time = |time: Option<leastgrant_inventory::Timestamp>| time.map(|time| time.to_string());
    serializer.collect_seq(rows.iter().map(|row| Row {
        account_id: &row.account_id,
        principal_arn: &row.principal_arn,
        principal_type: &row.principal_type,
        access_key_id: row.access_key_id.as_deref().unwrap_or_default(),
        event_source: &row.event_source,
        event_name: &row.event_name,
        action: row.action.as_deref().unwrap_or_default(),
        resource: row.resource.as_deref().unwrap_or_default(),
        region: &row.region,
        outcome: &row.outcome,
        count: row.count,
        first_seen: time(row.first_seen),
        last_seen: time(row.last_seen),
        source_ips: texts(&row.source_ips),
        user_agents: texts(&row.user_agents),
        vpc_endpoints: texts(&row.vpc_endpoints),
        invoked_by: texts(&row.invoked_by),
        active_days: row.active_days,
    }))
}

fn texts(list: &[Arc<str>]) -> Vec<&str> {
    list.iter().map(|text| &**text).collect()
}
