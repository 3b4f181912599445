//! Why Athena gave no usage.

use leastgrant_aws::Failure;

use super::layout::LayoutError;
use super::rows::ResultError;

/// Why there is no usage.
#[derive(Debug, thiserror::Error)]
pub enum AthenaError {
    /// The table is not as it should be.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// There is no such table.
    #[error(
        "there is no table `{table}`: {message}; `leastgrant athena ddl --table {table}` prints one to make, and Athena lists those that there are"
    )]
    NoTable {
        /// The table.
        table: String,
        /// What Athena said.
        message: String,
    },
    /// The table lacks a column, which its description did not tell.
    #[error(
        "`{table}` is not as AWS documents it: {reason}; name its partition columns by `--partition NAME=COLUMN`, or make a table by `leastgrant athena ddl`"
    )]
    NoColumn {
        /// The table.
        table: String,
        /// Athena's StateChangeReason.
        reason: String,
    },
    /// Athena does not know where to write the result.
    #[error(
        "the workgroup `{workgroup}` has no place for results: name one by `--output-location s3://BUCKET/PREFIX/` ({message})"
    )]
    NoOutputLocation {
        /// The workgroup.
        workgroup: String,
        /// What Athena said.
        message: String,
    },
    /// A call failed.
    #[error(transparent)]
    Call(#[from] Failure),
    /// The query needs more memory than Athena gives.
    #[error(
        "the query `{id}` was too large for Athena: {reason}; ask for less time by `--since` and `--until`, once for each part"
    )]
    TooLarge {
        /// The execution's id.
        id: String,
        /// Athena's StateChangeReason.
        reason: String,
    },
    /// The query failed.
    #[error(
        "the query `{id}` failed: {reason}; `leastgrant athena sql usage` prints it, to be run by hand"
    )]
    Failed {
        /// The execution's id.
        id: String,
        /// Athena's StateChangeReason.
        reason: String,
    },
    /// Somebody or something stopped the query.
    #[error("the query `{id}` was cancelled: {reason}")]
    Cancelled {
        /// The execution's id.
        id: String,
        /// Athena's StateChangeReason.
        reason: String,
    },
    /// The query read more than it was allowed to.
    #[error(
        "the query `{id}` was stopped at {scanned} bytes scanned, which is more than `--max-scan-bytes {limit}`: ask for less time by `--since` and `--until`, or allow more"
    )]
    ScanLimit {
        /// The execution's id.
        id: String,
        /// How much it had read, in bytes.
        scanned: u64,
        /// What was allowed, in bytes.
        limit: u64,
    },
    /// The result is not what was asked for.
    #[error(transparent)]
    Result(#[from] ResultError),
}
