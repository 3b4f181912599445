//! Where CloudTrail's records come from. Every engine gives collectors and what was read, and all else is the same.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use leastgrant_trail::{FilesRead, RunSource, UsageCollector, Window, read_logs};

use crate::progress::Progress;

/// One of the engines, and what it needs. Commands that cannot do without one say so themselves.
#[derive(Debug, Clone, Default, Args)]
#[command(group = ArgGroup::new("engine"))]
pub(crate) struct SourceArguments {
    /// Files with logs, and folders with all below them; `-` is standard input
    #[arg(long, num_args = 1.., value_name = "PATH", group = "engine")]
    logs: Vec<PathBuf>,
}

impl SourceArguments {
    /// Files and folders with logs.
    pub(crate) fn of_logs(paths: Vec<PathBuf>) -> Self {
        Self { logs: paths }
    }

    /// Whether an engine is named at all.
    pub(crate) fn is_given(&self) -> bool {
        !self.logs.is_empty()
    }

    /// What the manifest says of a run with this source.
    pub(crate) fn described(&self, window: Window) -> RunSource {
        RunSource {
            engine: "logs",
            paths: self.logs.clone(),
            window,
        }
    }

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
