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
use leastgrant_inventory::is_account;

pub use self::kept::open_kept_history;

const BEGINNING: &str = "event history of ";
const OF_ACCOUNT: &str = " of account ";

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
        FailureKind::Configuration => "",
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

/// How a Region's event history is called among files, of an account if that is known.
fn name_of(account: Option<&str>, region: &str) -> String {
    let of_account = account.map_or_else(String::new, |account| format!("{OF_ACCOUNT}{account}"));
    format!("{BEGINNING}{region}{of_account}")
}

/// The account that [`name_of`] was given.
pub(crate) fn account_of_history(name: &str) -> Option<&str> {
    let (_, account) = name.strip_prefix(BEGINNING)?.rsplit_once(OF_ACCOUNT)?;
    is_account(account).then_some(account)
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
    // The credentials are one account's.
    let account = read.iter().find_map(|of_region| of_region.account.clone());
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
        let (path, mut files) = (name_of(account.as_deref(), &region), of_region.files);
        // What could not be read of a Region's pages is one gap, which is closed when all of them are read.
        for problem in &mut files.files_unreadable {
            let page = std::mem::replace(&mut problem.path, path.clone());
            problem.reason = format!("{page} {}", problem.reason);
        }
        all.may_have_more |= of_region.failure.is_some();
        match of_region.failure {
            None if files.files_unreadable.is_empty() => files.files_mended.push(path),
            Some(failure) if is_nothing => {
                if !is_any {
                    return Err(HistoryError::Lookup { region, failure });
                }
                let reason = format!("could not be read: {failure}{}", advice(failure.kind));
                files.files += 1;
                files.files_unreadable.push(FileProblem { path, reason });
            }
            _ => {}
        }
        all.sinks.push(of_region.sink);
        all.files.add(files);
        all.parts_kept += of_region.parts_kept;
    }
    all.files.files_unreadable.sort();
    Ok(all)
}
