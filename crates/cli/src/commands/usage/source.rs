//! Where CloudTrail's records come from. Every engine gives collectors and what was read, and all else is the same.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use leastgrant_trail::{FilesRead, UsageCollector, Window, read_logs};

use super::athena::AthenaArguments;
use crate::commands::connection::ConnectionArguments;
use crate::printer::Printer;
use crate::progress::Progress;

/// One of the engines, and what it needs.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("engine").required(true))]
pub(crate) struct SourceArguments {
    /// Files with logs, and folders with all below them; `-` is standard input
    #[arg(long, num_args = 1.., value_name = "PATH", group = "engine")]
    logs: Vec<PathBuf>,
    #[command(flatten)]
    athena: AthenaArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// How far back engines look that cost money or time, in days.
const DAYS_OF_REMOTE_SOURCES: &str = "90d";

impl SourceArguments {
    /// Where the window begins if nothing is said.
    pub(super) fn default_since(&self) -> Option<&'static str> {
        self.athena.is_asked().then_some(DAYS_OF_REMOTE_SOURCES)
    }

    /// Reads what the source has of a span of time.
    pub(crate) fn read(
        &self,
        window: Window,
        progress: &Progress,
        printer: &Printer,
    ) -> anyhow::Result<(Vec<UsageCollector>, FilesRead)> {
        let connection = self.connection.connection();
        if let Some(read) = self.athena.read(&connection, window, progress, printer)? {
            return Ok(read);
        }
        Ok(read_logs(
            &self.logs,
            || UsageCollector::new(window),
            |done, of| progress.files(done, of),
        )?)
    }
}
