//! Usage from Athena: aggregated there by the SQL of `queries/athena`, mapped here.
//!
//! A group of the result holds the records that are alike in all that mapping reads, and [`UsageCollector::record_group`] takes
//! it as [`record`](crate::RecordSink::record) takes a record, so that rows are those of the other engines on the same events.

mod csv;
mod definition;
mod error;
mod execution;
mod layout;
mod names;
mod queries;
mod results;
mod rows;
mod scope;
mod sql;

use aws_sdk_athena::Client;
use aws_sdk_athena::types::TableMetadata;
use leastgrant_aws::{Connection, Failure};

pub use definition::{TableDefinition, Trail};
pub use error::AthenaError;
pub use execution::RunningQuery;
pub use layout::LayoutError;
pub use names::{
    AccountId, NameError, OrganizationId, PartitionColumns, PrincipalArn, RegionName, TableName,
    TrailLocation,
};
pub use queries::Query;
pub use rows::ResultError;
pub use scope::Scope;

use crate::{SkipReason, UsageCollector};
use layout::Layout;

/// Athena's catalogue of an account's own tables.
const CATALOG: &str = "AwsDataCatalog";

/// How a query is run.
#[derive(Debug, Clone, Default)]
pub struct AthenaOptions {
    /// The workgroup; Athena takes `primary` without.
    pub workgroup: Option<String>,
    /// Where the result goes, as `s3://BUCKET/PREFIX/`; the workgroup's place without.
    pub output_location: Option<String>,
    /// The query is stopped when it has read more, in compressed bytes.
    pub max_scan_bytes: Option<u64>,
    /// Have all event ids told, so that [`usage_beyond`](crate::usage_beyond) knows which events it has counted. The result
    /// grows with the number of records.
    pub with_event_ids: bool,
}

/// What Athena gave.
#[derive(Debug)]
pub struct AthenaRead {
    /// All that was read, for [`usage`](crate::usage).
    pub collector: UsageCollector,
    /// How much the query read, in compressed bytes.
    pub scanned: u64,
    /// How many records of the partitions have no time as CloudTrail writes it, and were left out.
    pub without_time: u64,
    /// Why the table's description could not be read, so that its columns were taken as documented.
    pub table_failure: Option<Failure>,
    /// Why the result's object could not be read, so that it was read by pages.
    pub object_failure: Option<Failure>,
}

/// Asks a table who used what. `running` can stop the query meanwhile.
///
/// # Errors
/// [`AthenaError`]: the table, a call, or the query.
pub async fn read_athena(
    connection: &Connection,
    scope: &Scope,
    options: &AthenaOptions,
    running: &RunningQuery,
) -> Result<AthenaRead, AthenaError> {
    let config = connection.config().await;
    let client = Client::new(&config);
    let (layout, table_failure) = match describe(&client, scope, options).await? {
        Ok(Some(metadata)) => (Layout::of(&metadata, scope)?, None),
        Ok(None) => (Layout::default(), None),
        Err(failure) => (Layout::default(), Some(failure)),
    };
    let query = match options.with_event_ids {
        true => Query::UsageEvents,
        false => Query::Usage,
    };
    let sql = query.sql_of(scope, &layout);
    let finished = execution::run(&client, &sql, &scope.table, options, running).await?;
    let fetched = results::fetch(&config, &client, &finished).await?;
    let skipped = &fetched.collector.skipped;
    Ok(AthenaRead {
        without_time: skipped
            .get(&SkipReason::NoTime)
            .copied()
            .unwrap_or_default(),
        collector: fetched.collector,
        scanned: finished.scanned,
        table_failure,
        object_failure: fetched.object_failure,
    })
}

/// The table's description; a refusal to give one is no error, but that there is no table is.
async fn describe(
    client: &Client,
    scope: &Scope,
    options: &AthenaOptions,
) -> Result<Result<Option<TableMetadata>, Failure>, AthenaError> {
    let request = client
        .get_table_metadata()
        .catalog_name(CATALOG)
        .database_name(&scope.table.database)
        .table_name(&scope.table.table)
        .set_work_group(options.workgroup.clone());
    match request.send().await {
        Ok(answer) => Ok(Ok(answer.table_metadata)),
        Err(error) => {
            let failure = Failure::of("athena:GetTableMetadata", &error);
            if execution::is_missing(&failure.message) {
                return Err(AthenaError::NoTable {
                    table: scope.table.to_string(),
                    message: failure.message,
                });
            }
            Ok(Err(failure))
        }
    }
}
