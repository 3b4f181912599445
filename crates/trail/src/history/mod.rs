//! CloudTrail's event history: the management events of 90 days of one account and Region, asked page by page by `LookupEvents`.
//!
//! AWS answers two calls a second for each account and Region, with 50 events each, newest first (CloudTrail API Reference,
//! `LookupEvents`).

use std::time::Duration;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_smithy_types::DateTime;
use leastgrant_aws::{Connection, Failure, FailureKind};
use tokio::time::{MissedTickBehavior, interval};

use crate::{FileProblem, FilesRead, RecordSink, Window};

const CALL: &str = "cloudtrail:LookupEvents";
/// The most that AWS gives.
const EVENTS_A_PAGE: i32 = 50;
/// Two calls a second.
const BETWEEN_CALLS: Duration = Duration::from_millis(500);

/// Why the event history could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The machine gives no threads.
    #[error(transparent)]
    Runtime(#[from] leastgrant_aws::Error),
    /// Not even the first page was answered.
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

/// What was read of an event history.
#[derive(Debug)]
pub struct HistoryRead<S> {
    /// What took the records.
    pub sink: S,
    /// What was read, a page as a file, and what was not.
    pub files: FilesRead,
    /// The Region that was asked.
    pub region: String,
}

/// Reads the event history of the connection's account and Region. Needs `cloudtrail:LookupEvents`. The window is asked for as it is: AWS refuses one that begins long before its 90 days.
///
/// # Errors
/// [`HistoryError`] where nothing was answered. Where the answers end early, that is in [`FilesRead::files_unreadable`].
pub fn read_event_history<S: RecordSink>(
    connection: &Connection,
    window: Window,
    mut sink: S,
) -> Result<HistoryRead<S>, HistoryError> {
    let runtime = leastgrant_aws::runtime()?;
    runtime.block_on(async {
        let config = connection.config().await;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let client = Client::new(&config);
        let mut files = FilesRead::default();
        let mut pace = interval(BETWEEN_CALLS);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = None;
        // The oldest event so far, as it is told when the answers end early.
        let mut oldest = None;
        loop {
            pace.tick().await;
            let request = client
                .lookup_events()
                .max_results(EVENTS_A_PAGE)
                .set_start_time(
                    window
                        .since
                        .map(|time| DateTime::from_secs(time.as_second())),
                )
                .set_end_time(
                    window
                        .until
                        .map(|time| DateTime::from_secs(time.as_second())),
                )
                .set_next_token(next.take());
            let page = match request.send().await {
                Ok(page) => page,
                Err(error) => {
                    let failure = Failure::of(CALL, &error);
                    if files.files == 0 {
                        return Err(HistoryError::Lookup { region, failure });
                    }
                    files.files_unreadable.push(FileProblem {
                        path: name(&region, files.files + 1),
                        reason: ends_early(oldest, &failure),
                    });
                    break;
                }
            };
            let times = page.events().iter().filter_map(|event| event.event_time());
            oldest = times.copied().chain(oldest).min();
            read_page(
                &page,
                &name(&region, files.files + 1),
                &mut files,
                &mut sink,
            );
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        Ok(HistoryRead {
            sink,
            files,
            region,
        })
    })
}

/// What a page is called in a summary.
fn name(region: &str, page: u64) -> String {
    format!("event history of {region}, page {page}")
}

fn read_page(
    page: &LookupEventsOutput,
    name: &str,
    files: &mut FilesRead,
    sink: &mut impl RecordSink,
) {
    let mut of_page = FilesRead::default();
    for event in page.events() {
        if let Some(record) = event.cloud_trail_event() {
            // Each by itself, so that a damaged one takes no other with it.
            of_page.read_object(name, record.as_bytes().to_vec(), sink);
        } else {
            of_page.files_unreadable.push(FileProblem {
                path: name.to_owned(),
                reason: format!(
                    "has the event `{}` without its record",
                    event.event_id().unwrap_or_default()
                ),
            });
        }
    }
    files.add(FilesRead {
        files: 1,
        files_of_another_kind: 0,
        ..of_page
    });
}

fn ends_early(oldest: Option<DateTime>, failure: &Failure) -> String {
    let since = oldest
        .and_then(|time| jiff::Timestamp::from_second(time.secs()).ok())
        .map_or_else(String::new, |time| format!(" before {time}"));
    format!("could not be read, so events{since} are missing: {failure}")
}
