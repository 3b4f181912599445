//! Where CloudTrail's records come from. Every engine gives collectors and what was read, and all else is the same.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use jiff::Timestamp;
use leastgrant_aws::Connection;
use leastgrant_trail::athena::RegionName;
use leastgrant_trail::{
    FilesRead, KeptFiles, RunSource, UnreadFiles, UsageCollector, Window, read_logs,
    region_of_folder,
};

use super::athena::AthenaArguments;
use super::event_history;
use super::resume::ResumeArguments;
use super::s3::{self, S3Arguments};
use crate::printer::Printer;
use crate::progress::Progress;

/// One of the engines, and what it needs. Commands that cannot do without one say so themselves.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("engine"))]
pub(crate) struct SourceArguments {
    /// Files with logs, and folders with all below them; `-` is standard input
    #[arg(long, num_args = 1.., value_name = "PATH", group = "engine")]
    logs: Vec<PathBuf>,
    #[command(flatten)]
    s3: S3Arguments,
    #[command(flatten)]
    athena: AthenaArguments,
    /// Ask CloudTrail's event history: management events of 90 days, of one account, a hundred a second of each Region
    #[arg(long, group = "engine")]
    event_history: bool,
    /// Read only these Regions, separated by commas: partitions of `--athena`, or histories of `--event-history`, which else reads that of the connection's Region
    #[arg(
        long,
        value_name = "REGION",
        value_delimiter = ',',
        requires = "engine",
        conflicts_with_all = ["logs", "s3"]
    )]
    regions: Vec<RegionName>,
    #[command(flatten)]
    resume: ResumeArguments,
}

/// What a source had.
pub(crate) struct SourceRead {
    pub(crate) collectors: Vec<UsageCollector>,
    /// The span of time that was asked for, and the part of it that the source reaches back to.
    pub(crate) asked: Window,
    pub(crate) window: Window,
    pub(crate) files: FilesRead,
    /// What the user should know of the source.
    pub(crate) notes: Vec<String>,
    /// To be removed when the rows are out.
    pub(crate) kept: Option<KeptFiles>,
}

impl SourceArguments {
    /// Whether an engine is named at all.
    pub(crate) fn is_given(&self) -> bool {
        !self.logs.is_empty()
            || self.s3.location.is_some()
            || self.athena.table.is_some()
            || self.event_history
    }

    /// What the manifest says of a run with this source.
    pub(crate) fn described(&self, read: &SourceRead) -> RunSource {
        let (engine, paths) = if let Some(location) = &self.s3.location {
            ("s3", vec![PathBuf::from(location.to_string())])
        } else if let Some(table) = &self.athena.table {
            ("athena", vec![PathBuf::from(table.to_string())])
        } else if self.event_history {
            ("event_history", Vec::new())
        } else {
            ("logs", self.logs.clone())
        };
        RunSource {
            engine,
            paths,
            asked_regions: self.asked_regions(),
            folder: working_folder().filter(|_| engine == "logs"),
            window: read.window,
            asked: read.asked,
        }
    }

    /// The Regions that alone were asked for: what others have is then unknown, whatever the trails log.
    fn asked_regions(&self) -> Vec<String> {
        let folders: Vec<Cow<'_, str>> = match &self.s3.location {
            Some(location) => vec![location.prefix.as_str().into()],
            None => self
                .logs
                .iter()
                .map(|path| path.to_string_lossy())
                .collect(),
        };
        let of_folders: BTreeSet<Option<&str>> = folders
            .iter()
            .map(|folder| region_of_folder(folder))
            .collect();
        let of_folders: Option<Vec<&str>> = of_folders.into_iter().collect();
        // Whoever names the folders of several Regions may have named all that there are.
        let of_folders = of_folders.filter(|regions| regions.len() == 1);
        let named = self.regions.iter().map(RegionName::text);
        let all: BTreeSet<&str> = named.chain(of_folders.into_iter().flatten()).collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// Whether all that there is is read where no window is given.
    pub(crate) fn reads_all(&self) -> bool {
        !self.logs.is_empty()
    }

    /// Reads what the source has of a span of time, for an inventory if it is told what that could not read so far. `from` is the time that ages are counted to.
    pub(crate) fn read(
        &self,
        connection: &Connection,
        window: Window,
        from: Timestamp,
        unread: Option<&UnreadFiles>,
        progress: &Progress,
        printer: &Printer,
    ) -> anyhow::Result<SourceRead> {
        let nothing = UnreadFiles::default();
        if let Some(location) = &self.s3.location {
            let unread = unread.unwrap_or(&nothing);
            return s3::read(
                &self.resume,
                location,
                connection,
                window,
                unread,
                progress,
                printer,
            );
        }
        if let Some(table) = &self.athena.table {
            return self.athena.read(
                (table, &self.regions),
                connection,
                window,
                unread.is_some(),
                progress,
                printer,
            );
        }
        if self.event_history {
            return event_history::read(
                &self.resume,
                &self.regions,
                connection,
                window,
                from,
                progress,
                printer,
            );
        }
        read_folders(&self.logs, window, unread.unwrap_or(&nothing), progress)
    }
}

/// Where relative paths begin.
pub(super) fn working_folder() -> Option<String> {
    let folder = std::env::current_dir().ok()?;
    folder.into_os_string().into_string().ok()
}

/// Reads local files and folders.
pub(super) fn read_folders(
    paths: &[PathBuf],
    window: Window,
    unread: &UnreadFiles,
    progress: &Progress,
) -> anyhow::Result<SourceRead> {
    let (collectors, files) = read_logs(
        paths,
        unread,
        || UsageCollector::new(window),
        |done, of| progress.files(done, of),
    )?;
    Ok(SourceRead {
        collectors,
        asked: window,
        window,
        files,
        notes: Vec::new(),
        kept: None,
    })
}
