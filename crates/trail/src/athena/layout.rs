//! What a table has, as Athena describes it, and whether that is enough.

use std::collections::BTreeMap;

use aws_sdk_athena::types::{Column, TableMetadata};

use super::scope::{DayFormat, Scope};

/// Columns that every query needs, in lower case, as the AWS documentation has them.
const NEEDED: &[&str] = &[
    "useridentity",
    "eventtime",
    "eventsource",
    "eventname",
    "awsregion",
    "sourceipaddress",
    "useragent",
    "errorcode",
    "requestparameters",
    "responseelements",
    "eventid",
    "resources",
    "eventtype",
    "recipientaccountid",
    "sharedeventid",
    "vpcendpointid",
];

/// How far a table differs from the documented one without harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) day_format: DayFormat,
    /// Old tables lack both, as old records do.
    pub(super) has_event_category: bool,
    pub(super) has_on_behalf_of: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            day_format: DayFormat::default(),
            has_event_category: true,
            has_on_behalf_of: true,
        }
    }
}

/// Why a table cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Columns are missing.
    #[error(
        "`{table}` has no columns {columns}: it is no table of CloudTrail's logs as AWS documents it; `leastgrant athena ddl` prints one"
    )]
    Columns {
        /// The table.
        table: String,
        /// What is missing, each in backticks.
        columns: String,
    },
    /// The days are no partition.
    #[error(
        "`{table}` has no partition column `{day}`, so that a query would read all of it; its partition columns are {partitions}: name that of the days (`yyyy/MM/dd`) by `--partition day=COLUMN`, or make a table by `leastgrant athena ddl`"
    )]
    Day {
        /// The table.
        table: String,
        /// What was looked for.
        day: String,
        /// What there is.
        partitions: String,
    },
    /// Accounts or Regions are asked for and are no partition.
    #[error(
        "`{table}` has no partition column `{column}`, so that `{option}` cannot be asked for; its partition columns are {partitions}: name that one by `--partition {name}=COLUMN`"
    )]
    Column {
        /// The table.
        table: String,
        /// What was looked for.
        column: String,
        /// What stands for it.
        name: &'static str,
        /// What asked for it.
        option: &'static str,
        /// What there is.
        partitions: String,
    },
    /// A partition column is no text.
    #[error(
        "the partition column `{column}` of `{table}` is of type `{kind}`, and `string` was expected; `leastgrant athena ddl` prints such a table"
    )]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
    /// Days that do not sort.
    #[error(
        "the days of `{table}` are written as `{format}`, which does not sort by time; `leastgrant athena ddl` prints a table with `yyyy/MM/dd`"
    )]
    DayFormat {
        /// The table.
        table: String,
        /// The format.
        format: String,
    },
    /// The table demands values.
    #[error(
        "`{table}` demands the values of its partition column `{column}` in each query: give them by `{option}`"
    )]
    Injected {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The option.
        option: &'static str,
    },
    /// There is such a column that is neither mapped nor known.
    #[error(
        "`{table}` demands the values of its partition column `{column}` in each query, and it is neither its Region, its day nor its account; say which by `--partition NAME={column}`"
    )]
    InjectedUnknown {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

impl Layout {
    /// Looks whether a table has what a scope needs.
    ///
    /// # Errors
    /// [`LayoutError`], with what to do.
    pub(super) fn of(metadata: &TableMetadata, scope: &Scope) -> Result<Self, LayoutError> {
        let table = scope.table.to_string();
        let lower = |columns: &[Column]| -> BTreeMap<String, String> {
            let kind = |column: &Column| column.r#type().unwrap_or_default().to_ascii_lowercase();
            columns
                .iter()
                .map(|column| (column.name().to_ascii_lowercase(), kind(column)))
                .collect()
        };
        let columns = lower(metadata.columns());
        let partitions = lower(metadata.partition_keys());
        let quoted = |names: &[&str]| match names {
            [] => "none".to_owned(),
            names => names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let missing: Vec<&str> = NEEDED
            .iter()
            .copied()
            .filter(|name| !columns.contains_key(*name))
            .collect();
        if !missing.is_empty() {
            return Err(LayoutError::Columns {
                table,
                columns: quoted(&missing),
            });
        }
        let names: Vec<&str> = partitions.keys().map(String::as_str).collect();
        let day = &scope.columns.day;
        if !partitions.contains_key(day) {
            return Err(LayoutError::Day {
                table,
                day: day.clone(),
                partitions: quoted(&names),
            });
        }
        let asked = [
            (
                "account",
                &scope.columns.account,
                "--accounts",
                !scope.accounts.is_empty(),
            ),
            (
                "region",
                &scope.columns.region,
                "--regions",
                !scope.regions.is_empty(),
            ),
        ];
        for (name, column, option, is_asked) in asked {
            if is_asked && !partitions.contains_key(column) {
                return Err(LayoutError::Column {
                    table,
                    column: column.clone(),
                    name,
                    option,
                    partitions: quoted(&names),
                });
            }
        }
        let property = |column: &str, name: &str| {
            let properties = metadata.parameters()?;
            properties
                .get(&format!("projection.{column}.{name}"))
                .map(String::as_str)
        };
        for (column, kind) in &partitions {
            let own = asked.iter().find(|(_, own, ..)| *own == column);
            let is_used = column == day || own.is_some_and(|(.., is_asked)| *is_asked);
            if is_used && kind != "string" && !kind.starts_with("varchar") {
                return Err(LayoutError::Type {
                    table,
                    column: column.clone(),
                    kind: kind.clone(),
                });
            }
            if property(column, "type") == Some("injected") {
                match own {
                    Some((.., true)) => {}
                    Some((_, _, option, false)) => {
                        return Err(LayoutError::Injected {
                            table,
                            column: column.clone(),
                            option,
                        });
                    }
                    None => {
                        return Err(LayoutError::InjectedUnknown {
                            table,
                            column: column.clone(),
                        });
                    }
                }
            }
        }
        let day_format = match property(day, "format") {
            Some(format) => DayFormat::of(format).ok_or_else(|| LayoutError::DayFormat {
                table,
                format: format.to_owned(),
            })?,
            None => DayFormat::default(),
        };
        Ok(Self {
            day_format,
            has_event_category: columns.contains_key("eventcategory"),
            has_on_behalf_of: columns
                .get("useridentity")
                .is_some_and(|kind| kind.contains("onbehalfof")),
        })
    }
}
