//! CloudTrail's event history: the management events of 90 days of one account, Region by Region, asked page by page by `LookupEvents`.
//!
//! AWS answers two calls a second for each account and Region, with 50 events each, newest first (CloudTrail API Reference,
//! `LookupEvents`). Regions are therefore asked side by side. What was read of an hour before the run and earlier is kept, if that is
//! wanted, until all is read.

mod kept;
mod region;
mod spans;

use aws_sdk_cloudtrail::Client;
use aws_types::region::Region;
use futures::future::join_all;
use leastgrant_aws::{Connection, Failure, FailureKind};

use self::region::RegionReader;
use crate::{FileProblem, FilesRead, KeptFiles, RecordSink, Window};

pub use self::kept::open_kept_history;

/// Why the event history could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The machine gives no threads.
    #[error(transparent)]
    Runtime(#[from] leastgrant_aws::Error),
    /// Not even the first page was answered, by no Region.
    #[error("cannot read the event history of `{region}`: {failure}{}", advice(failure.kind))]
    Lookup {
        /// The Region that was asked.
        region: String,
        /// What CloudTrail said.
        failure: Failure,
    },
}

fn advice(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Denied => "; the caller needs `cloudtrail:LookupEvents`",
        FailureKind::Credentials => {
            "; give credentials as the `aws` CLI takes them: `--profile`, `aws sso login`, or the environment"
        }
        FailureKind::NotFound | FailureKind::Other => {
            "; check the network, `--region` and `--endpoint-url`"
        }
    }
}

/// What is asked, and how.
#[derive(Debug, Clone, Copy)]
pub struct HistorySource<'a> {
    /// How AWS is reached.
    pub connection: &'a Connection,
    /// The Regions, each once; the connection's if there are none here.
    pub regions: &'a [String],
    /// The span of time. It is asked for as it is: AWS refuses one that begins long before its 90 days.
    pub window: Window,
    /// Where what was read is kept, if it is.
    pub kept: Option<&'a KeptFiles>,
    /// When it is asked.
    pub asked_at: jiff::Timestamp,
}

/// What was read of an event history.
#[derive(Debug)]
pub struct HistoryRead<S> {
    /// What took the records, one for each Region.
    pub sinks: Vec<S>,
    /// What was read, a page as a file, and what was not.
    pub files: FilesRead,
    /// The Regions that were asked.
    pub regions: Vec<String>,
    /// How many parts an earlier run had kept.
    pub parts_kept: u64,
    /// Whether something failed that another time may not.
    pub may_have_more: bool,
}

/// Reads the event history of the connection's account. Needs `cloudtrail:LookupEvents`.
///
/// # Errors
/// [`HistoryError`] where no Region answered anything. Where the answers of one end early, or there are none, that is in
/// [`FilesRead::files_unreadable`].
pub fn read_event_history<S: RecordSink>(
    source: HistorySource<'_>,
    make_sink: impl Fn() -> S,
) -> Result<HistoryRead<S>, HistoryError> {
    let runtime = leastgrant_aws::runtime()?;
    let (regions, read) = runtime.block_on(async {
        let config = source.connection.config().await;
        let regions = match source.regions {
            [] => vec![config.region().map(ToString::to_string).unwrap_or_default()],
            regions => regions.to_vec(),
        };
        let second = |time: jiff::Timestamp| time.as_second();
        let seconds = (
            source.window.since.map(second),
            source.window.until.map(second),
        );
        let readers = regions.iter().map(|region| {
            let own = config.clone().into_builder();
            let own = own.region(Region::new(region.clone())).build();
            let reader = RegionReader::new(
                Client::new(&own),
                region,
                seconds,
                source.kept,
                source.asked_at.as_second(),
                make_sink(),
            );
            reader.run()
        });
        let read = join_all(readers).await;
        (regions, read)
    });
    let is_any = read.iter().any(|of_region| !of_region.is_nothing());
    let mut all = HistoryRead {
        sinks: Vec::with_capacity(read.len()),
        files: FilesRead::default(),
        regions: regions.clone(),
        parts_kept: 0,
        may_have_more: false,
    };
    for (region, of_region) in regions.into_iter().zip(read) {
        let is_nothing = of_region.is_nothing();
        all.may_have_more |= of_region.failure.is_some();
        if let Some(failure) = of_region.failure.filter(|_| is_nothing) {
            if !is_any {
                return Err(HistoryError::Lookup { region, failure });
            }
            let reason = format!("could not be read: {failure}{}", advice(failure.kind));
            let path = format!("event history of {region}");
            all.files.files += 1;
            all.files
                .files_unreadable
                .push(FileProblem { path, reason });
        }
        all.sinks.push(of_region.sink);
        all.files.add(of_region.files);
        all.parts_kept += of_region.parts_kept;
    }
    all.files.files_unreadable.sort();
    Ok(all)
}
