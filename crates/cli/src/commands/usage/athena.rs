//! `usage --athena`: the options, and what the query cost.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use leastgrant_aws::{Connection, runtime};
use leastgrant_trail::athena::{
    AccountId, AthenaOptions, AthenaRead, PartitionColumns, RegionName, RunningQuery, Scope,
    TableName, read_athena,
};
use leastgrant_trail::{FileProblem, FilesRead, Window};
use tokio::runtime::Runtime;

use super::source::SourceRead;
use crate::interrupt;
use crate::printer::Printer;
use crate::progress::Progress;

/// How long an interrupt waits for AWS to stop the query.
const PATIENCE: Duration = Duration::from_secs(10);

/// What Athena bills at the least for a query, in bytes. AWS, "Amazon Athena pricing".
const LEAST_BILLED: u64 = 10 << 20;
/// What it asks for a terabyte scanned in most Regions, in dollars. AWS, "Amazon Athena pricing".
const DOLLARS_A_TERABYTE: u64 = 5;

/// They ask no table. Being required alone does not hold beside an engine that excludes this one.
const OTHER_ENGINES: [&str; 3] = ["logs", "s3", "event_history"];

/// Athena as the engine.
#[derive(Debug, Args)]
pub(crate) struct AthenaArguments {
    /// Ask this table of Athena; `leastgrant athena ddl` prints one to make
    #[arg(
        long = "athena",
        id = "athena",
        value_name = "DB.TABLE",
        group = "engine"
    )]
    pub(super) table: Option<TableName>,
    /// Ask by this workgroup [default: primary]
    #[arg(
        long,
        value_name = "WORKGROUP",
        requires = "athena",
        conflicts_with_all = OTHER_ENGINES,
        help_heading = "Athena options"
    )]
    workgroup: Option<String>,
    /// Have the result written there, where the workgroup has no place for it
    #[arg(
        long,
        value_name = "S3_URI",
        requires = "athena",
        conflicts_with_all = OTHER_ENGINES,
        help_heading = "Athena options"
    )]
    output_location: Option<String>,
    /// The column that the table has for `region`, `day` or `account`, where it is called otherwise
    #[arg(
        long,
        value_name = "NAME=COLUMN",
        requires = "athena",
        conflicts_with_all = OTHER_ENGINES,
        help_heading = "Athena options"
    )]
    partition: Vec<String>,
    /// Read only the partitions of these accounts, separated by commas
    #[arg(
        long,
        value_name = "ACCOUNT",
        value_delimiter = ',',
        requires = "athena",
        conflicts_with_all = OTHER_ENGINES,
        help_heading = "Athena options"
    )]
    accounts: Vec<AccountId>,
    /// Stop the query when it has read more compressed bytes than these
    #[arg(
        long,
        value_name = "BYTES",
        requires = "athena",
        conflicts_with_all = OTHER_ENGINES,
        help_heading = "Athena options",
        value_parser = number_of_bytes
    )]
    max_scan_bytes: Option<u64>,
}

impl AthenaArguments {
    /// Asks a table's Regions; for an inventory, of the ids of all events too.
    pub(super) fn read(
        &self,
        (table, regions): (&TableName, &[RegionName]),
        connection: &Connection,
        window: Window,
        with_event_ids: bool,
        progress: &Progress,
        printer: &Printer,
    ) -> anyhow::Result<SourceRead> {
        let scope = Scope {
            table: table.clone(),
            columns: PartitionColumns::of(self.partition.iter().map(String::as_str))?,
            accounts: self.accounts.clone(),
            regions: regions.to_vec(),
            window,
        };
        let options = AthenaOptions {
            workgroup: self.workgroup.clone(),
            output_location: self.output_location.clone(),
            max_scan_bytes: self.max_scan_bytes,
            with_event_ids,
        };
        let runtime = Arc::new(runtime()?);
        let running = RunningQuery::default();
        let _guard = {
            // Shared, so that it is still there when the interrupt asks AWS.
            let (running, runtime) = (running.clone(), Arc::clone(&runtime));
            let printer = printer.clone();
            interrupt::before_the_end(move || stop(&runtime, &running, &printer))
        };
        progress.phase("Athena runs the query");
        let read = read_athena(connection, &scope, &options, &running);
        let read = runtime.block_on(read)?;
        let without_time = (read.without_time > 0).then(|| FileProblem {
            path: table.to_string(),
            reason: format!(
                "has {} records without an `eventtime` such as `2026-01-31T12:00:00Z` in the partitions, which were left out",
                read.without_time
            ),
        });
        Ok(SourceRead {
            notes: notes(&read, self.max_scan_bytes),
            collectors: vec![read.collector],
            asked: window,
            window,
            files: FilesRead {
                files_unreadable: without_time.into_iter().collect(),
                ..FilesRead::default()
            },
            kept: None,
        })
    }
}

fn number_of_bytes(text: &str) -> Result<u64, &'static str> {
    match text.parse() {
        Ok(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("a number of bytes was expected, from 1 on, such as `10000000000` for 10 GB"),
    }
}

fn stop(runtime: &Runtime, running: &RunningQuery, printer: &Printer) {
    let stopped = runtime.block_on(async { tokio::time::timeout(PATIENCE, running.stop()).await });
    match stopped {
        Ok(Ok(Some(id))) => printer.note(&format!("stopped the query `{id}` at Athena")),
        Ok(Ok(None)) => {}
        Ok(Err(failure)) => printer.note(&format!(
            "the query may still run at Athena, and cost: {failure}"
        )),
        Err(_) => {
            printer.note("the query may still run at Athena, and cost: AWS does not answer");
        }
    }
}

fn notes(read: &AthenaRead, limit: Option<u64>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(failure) = &read.table_failure {
        notes.push(format!(
            "the table's description could not be read, so its columns were taken as documented ({failure})"
        ));
    }
    if let Some(failure) = &read.object_failure {
        notes.push(format!(
            "the result was read by pages, since its object could not be ({failure})"
        ));
    }
    notes.push(format!(
        "Athena scanned {} bytes: about {} at ${DOLLARS_A_TERABYTE} a terabyte, by estimate",
        read.scanned,
        dollars(read.scanned)
    ));
    if let Some(limit) = limit.filter(|limit| read.scanned > *limit) {
        notes.push(format!(
            "that is more than `--max-scan-bytes {limit}`: the query was over before it could be stopped"
        ));
    }
    notes
}

/// What scanning so many bytes costs, rounded up to hundredths of a cent.
fn dollars(scanned: u64) -> String {
    let bytes = u128::from(scanned.max(LEAST_BILLED));
    let parts = (bytes * u128::from(DOLLARS_A_TERABYTE) * 10_000).div_ceil(1_000_000_000_000);
    format!("${}.{:04}", parts / 10_000, parts % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_queries_cost_ten_megabytes() {
        assert_eq!(dollars(0), "$0.0001");
        assert_eq!(dollars(1_000_000_000), "$0.0050");
        assert_eq!(dollars(123_000_000_000_000), "$615.0000");
    }
}
