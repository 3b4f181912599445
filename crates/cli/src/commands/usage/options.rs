//! The options of `usage` that `run` takes too: a source, and a span of time.

use anyhow::bail;
use clap::Args;
use leastgrant_aws::Connection;
use leastgrant_inventory::Timestamp;
use leastgrant_trail::{UnreadFiles, Window};

use super::source::{SourceArguments, SourceRead};
use super::when;
use crate::commands::connection::ConnectionArguments;
use crate::printer::Printer;
use crate::progress::Progress;

/// Where CloudTrail's records are, and which of them are wanted.
#[derive(Debug, Args)]
pub(crate) struct UsageOptions {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// Leave out events before this: a date, a time, or a number of days back such as `90d`
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Leave out events from this on: a date, a time, or a number of days back
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
}

impl UsageOptions {
    /// The span of time that is asked of the source, with days counted back from a time.
    pub(crate) fn window(&self, from: Timestamp) -> anyhow::Result<Window> {
        self.window_of(from, self.source.reads_all())
    }

    /// The span of time that is asked of files that are read whole where no span is given.
    pub(crate) fn window_of_files(&self, from: Timestamp) -> anyhow::Result<Window> {
        self.window_of(from, true)
    }

    fn window_of(&self, from: Timestamp, reads_all: bool) -> anyhow::Result<Window> {
        when::window(
            self.since.as_deref(),
            self.until.as_deref(),
            from,
            reads_all,
        )
    }

    /// Refuses several profiles where CloudTrail is read with one, before anything is collected with them.
    pub(crate) fn expect_one_connection(&self) -> anyhow::Result<()> {
        if self.source.is_given() && !self.source.reads_all() {
            self.connection.connection()?;
        }
        Ok(())
    }

    /// Refuses settings of a connection where nothing is asked of AWS.
    pub(crate) fn expect_use_of_connection(&self) -> anyhow::Result<()> {
        if self.connection.is_given() && (self.source.reads_all() || !self.source.is_given()) {
            bail!(
                "{} local files and asks nothing of AWS: leave out `--profile`, `--region` and `--endpoint-url`",
                if self.source.reads_all() {
                    "`--logs` reads"
                } else {
                    "this reads"
                }
            );
        }
        Ok(())
    }

    /// Reads the source. An inventory, which tells what it could not read so far, has to know which events it has counted.
    pub(crate) fn read(
        &self,
        window: Window,
        from: Timestamp,
        unread: Option<&UnreadFiles>,
        progress: &Progress,
        printer: &Printer,
    ) -> anyhow::Result<SourceRead> {
        // Local files are read without one; with a collection from AWS, it has several profiles.
        let connection = if self.source.reads_all() {
            Connection::default()
        } else {
            self.connection.connection()?
        };
        self.source
            .read(&connection, window, from, unread, progress, printer)
    }
}
