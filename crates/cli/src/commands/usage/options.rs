//! The options of `usage` that `run` takes too: a source, and a span of time.

use clap::Args;
use leastgrant_inventory::Timestamp;
use leastgrant_trail::Window;

use super::source::SourceArguments;
use super::when;

/// Where CloudTrail's records are, and which of them are wanted.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct UsageOptions {
    #[command(flatten)]
    pub(crate) source: SourceArguments,
    /// Leave out events before this: a date, a time, or a number of days back such as `90d`
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Leave out events from this on: a date, a time, or a number of days back
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
}

impl UsageOptions {
    /// The span of time, with days counted back from a time.
    pub(crate) fn window(&self, from: Timestamp) -> anyhow::Result<Window> {
        when::window(self.since.as_deref(), self.until.as_deref(), from)
    }
}
