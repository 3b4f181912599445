//! One query at AWS: started, watched, stopped.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_athena::Client;
use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionContext, QueryExecutionState, ResultConfiguration,
};
use leastgrant_aws::Failure;
use tokio::sync::Mutex;

use super::AthenaOptions;
use super::error::AthenaError;
use super::names::TableName;

/// The first wait between two looks; each is longer than the one before.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The query that is under way, for somebody who wants to stop it.
#[derive(Debug, Clone, Default)]
pub struct RunningQuery(Arc<Mutex<Option<(Client, String)>>>);

impl RunningQuery {
    /// Stops the query at AWS, if there is one, and tells its id. Waits for the start of one that is just being started.
    ///
    /// # Errors
    /// Where AWS refuses to stop it, or cannot be reached.
    pub async fn stop(&self) -> Result<Option<String>, Failure> {
        let Some((client, id)) = self.0.lock().await.take() else {
            return Ok(None);
        };
        stop(&client, &id).await?;
        Ok(Some(id))
    }
}

async fn stop(client: &Client, id: &str) -> Result<(), Failure> {
    let request = client.stop_query_execution().query_execution_id(id);
    match request.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::of("athena:StopQueryExecution", &error)),
    }
}

/// How a query ended well.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) id: String,
    /// Compressed bytes.
    pub(super) scanned: u64,
    /// The result's object, as `s3://BUCKET/KEY`.
    pub(super) output: Option<String>,
}

/// Runs a query to its end.
pub(super) async fn run(
    client: &Client,
    sql: &str,
    table: &TableName,
    options: &AthenaOptions,
    running: &RunningQuery,
) -> Result<Finished, AthenaError> {
    let id = {
        // Held until the id is there, so that an interrupt in between stops the query too.
        let mut running = running.0.lock().await;
        let id = start(client, sql, table, options).await?;
        *running = Some((client.clone(), id.clone()));
        id
    };
    let finished = watch(client, id, table, options).await;
    running.0.lock().await.take();
    finished
}

async fn start(
    client: &Client,
    sql: &str,
    table: &TableName,
    options: &AthenaOptions,
) -> Result<String, AthenaError> {
    let context = QueryExecutionContext::builder().database(&table.database);
    let output = options.output_location.as_ref().map(|location| {
        ResultConfiguration::builder()
            .output_location(location)
            .build()
    });
    let request = client
        .start_query_execution()
        .query_string(sql)
        .query_execution_context(context.build())
        .set_work_group(options.workgroup.clone())
        .set_result_configuration(output);
    let answer = request.send().await.map_err(|error| {
        let failure = Failure::of("athena:StartQueryExecution", &error);
        if failure
            .message
            .to_ascii_lowercase()
            .contains("output location")
        {
            let workgroup = options.workgroup.as_deref().unwrap_or("primary");
            AthenaError::NoOutputLocation {
                workgroup: workgroup.to_owned(),
                message: failure.message,
            }
        } else {
            AthenaError::Call(failure)
        }
    })?;
    Ok(answer.query_execution_id.unwrap_or_default())
}

async fn watch(
    client: &Client,
    id: String,
    table: &TableName,
    options: &AthenaOptions,
) -> Result<Finished, AthenaError> {
    let mut wait = FIRST_WAIT;
    loop {
        let request = client.get_query_execution().query_execution_id(&id);
        let answer = request
            .send()
            .await
            .map_err(|error| Failure::of("athena:GetQueryExecution", &error))?;
        let execution = answer.query_execution.unwrap_or_else(no_execution);
        let scanned = execution
            .statistics()
            .and_then(|statistics| statistics.data_scanned_in_bytes())
            .and_then(|bytes| u64::try_from(bytes).ok())
            .unwrap_or_default();
        let status = execution.status();
        let reason = status
            .and_then(|status| status.state_change_reason())
            .unwrap_or("Athena gives no reason")
            .to_owned();
        match status.and_then(|status| status.state()) {
            Some(QueryExecutionState::Succeeded) => {
                let output = execution.result_configuration();
                let output = output.and_then(|output| output.output_location());
                return Ok(Finished {
                    output: output.map(str::to_owned),
                    id,
                    scanned,
                });
            }
            Some(QueryExecutionState::Failed) if is_missing(&reason) => {
                return Err(AthenaError::NoTable {
                    table: table.to_string(),
                    message: reason,
                });
            }
            Some(QueryExecutionState::Failed) if reason.contains("COLUMN_NOT_FOUND") => {
                return Err(AthenaError::NoColumn {
                    table: table.to_string(),
                    reason,
                });
            }
            // "Query exhausted resources at this scale factor", by the Athena User Guide.
            Some(QueryExecutionState::Failed) if reason.contains("exhausted resources") => {
                return Err(AthenaError::TooLarge { id, reason });
            }
            Some(QueryExecutionState::Failed) => return Err(AthenaError::Failed { id, reason }),
            Some(QueryExecutionState::Cancelled) => {
                return Err(AthenaError::Cancelled { id, reason });
            }
            _ => {}
        }
        if let Some(limit) = options.max_scan_bytes.filter(|limit| scanned > *limit) {
            stop(client, &id).await?;
            return Err(AthenaError::ScanLimit { id, scanned, limit });
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 3 / 2).min(LONGEST_WAIT);
    }
}

fn no_execution() -> QueryExecution {
    QueryExecution::builder().build()
}

/// Whether a message says that a table or database is not there.
pub(super) fn is_missing(message: &str) -> bool {
    ["TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "EntityNotFound"]
        .iter()
        .any(|code| message.contains(code))
}
