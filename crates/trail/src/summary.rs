//! What was read, and what was not: `usage --summary`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// The schema of [`Summary`].
pub(crate) const SUMMARY_SCHEMA: &str = "leastgrant.usage-summary/1";

/// What was read of the logs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Always [`SUMMARY_SCHEMA`].
    pub schema: &'static str,
    /// How many files or objects were opened.
    pub files: u64,
    /// Those that could not be read to their ends, sorted by path.
    pub files_unreadable: Vec<FileProblem>,
    /// Their size as they are.
    pub bytes_compressed: u64,
    /// Their size as JSON.
    pub bytes_json: u64,
    /// CloudTrail records in the window, each event id once and each record without one as itself.
    pub events: u64,
    /// Records whose event id was met before.
    pub duplicates: u64,
    /// Records without an event id.
    pub without_event_id: u64,
    /// Groups whose resources were too many to be kept apart.
    pub resources_folded: u64,
    /// Of more resources than this a group became one row: 1,000, or fewer where the logs have more rows than are kept.
    pub resources_kept_apart: u64,
    /// Events that are counted in a row without a principal, since the logs have more principals, keys, events and Regions than are
    /// kept. What is not in the rows may then be used all the same.
    pub rows_capped: u64,
    /// What was left out, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// The time of the first event.
    #[schemars(with = "Option<String>")]
    pub first_event: Option<Timestamp>,
    /// The time of the last event.
    #[schemars(with = "Option<String>")]
    pub last_event: Option<Timestamp>,
}

/// A file that could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct FileProblem {
    /// Where it is.
    pub path: String,
    /// Why, and what was read of it.
    pub reason: String,
}

impl Summary {
    /// The JSON Schema of a summary.
    #[must_use]
    pub fn json_schema() -> String {
        let schema = schemars::generate::SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator()
            .into_root_schema_for::<Self>();
        format!("{:#}\n", schema.as_value())
    }
}
