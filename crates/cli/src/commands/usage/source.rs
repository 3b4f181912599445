//! Where CloudTrail's records come from. Every engine gives collectors and what was read, and all else is the same.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use leastgrant_trail::{FilesRead, UsageCollector, Window, read_logs};

use crate::progress::Progress;

/// One of the engines, and what it needs.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("engine").required(true))]
pub(crate) struct SourceArguments {
    /// Files with logs, and folders with all below them; `-` is standard input
    #[arg(long, num_args = 1.., value_name = "PATH", group = "engine")]
    logs: Vec<PathBuf>,
}

impl SourceArguments {
    /// Reads what the source has of a span of time.
    pub(crate) fn read(
        &self,
        window: Window,
        progress: &Progress,
    ) -> anyhow::Result<(Vec<UsageCollector>, FilesRead)> {
        Ok(read_logs(
            &self.logs,
            || UsageCollector::new(window),
            |done, of| progress.files(done, of),
        )?)
    }
}
