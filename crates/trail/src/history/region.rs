//! One Region's event history, page by page.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_smithy_types::DateTime;
use leastgrant_aws::{Failure, FailureKind};
use serde::Deserialize;
use tokio::time::{Interval, MissedTickBehavior, interval};

use xxhash_rust::xxh64::xxh64;

use super::kept::{self, KeptEvent, Part};
use super::spans::Spans;
use crate::{FileProblem, FilesRead, KeptFiles, RecordSink, Text};
use leastgrant_inventory::is_account;

const CALL: &str = "cloudtrail:LookupEvents";
/// The most that AWS gives.
const EVENTS_A_PAGE: i32 = 50;
/// Two calls a second.
const BETWEEN_CALLS: Duration = Duration::from_millis(500);
/// AWS may answer a page without events and go on; after so many in a row it does not end.
const MOST_EMPTY_PAGES: usize = 100;
/// Events come late: those of so many seconds before a run are asked for again by the next one.
const LATE: i64 = 60 * 60;

/// What a Region is asked, and how.
pub(super) struct RegionReader<'a, S> {
    client: Client,
    region: &'a str,
    /// Nobody asks for an end where there is none: the latest events are meant.
    seconds: (Option<i64>, Option<i64>),
    kept: Option<&'a KeptFiles>,
    /// The latest second that is kept.
    latest_kept: i64,
    pace: Interval,
    pub(super) read: RegionRead<S>,
}

/// What was read of a Region.
#[derive(Debug)]
pub(super) struct RegionRead<S> {
    pub(super) sink: S,
    pub(super) files: FilesRead,
    /// How many parts an earlier run had kept.
    pub(super) parts_kept: u64,
    /// Why the answers ended before their end.
    pub(super) failure: Option<Failure>,
    /// Whose events they are, as any of them tells.
    pub(super) account: Option<String>,
    pages: u64,
}

/// The account that received a record, which is the caller's.
#[derive(Deserialize)]
struct Received<'a> {
    #[serde(borrow, rename = "recipientAccountId")]
    account: Option<Text<'a>>,
}

impl<'a, S: RecordSink> RegionReader<'a, S> {
    pub(super) fn new(
        client: Client,
        region: &'a str,
        seconds: (Option<i64>, Option<i64>),
        kept: Option<&'a KeptFiles>,
        asked_at: i64,
        sink: S,
    ) -> Self {
        let mut pace = interval(BETWEEN_CALLS);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client,
            region,
            seconds,
            kept,
            latest_kept: asked_at.saturating_sub(LATE),
            pace,
            read: RegionRead {
                sink,
                files: FilesRead::default(),
                parts_kept: 0,
                failure: None,
                account: None,
                pages: 0,
            },
        }
    }

    /// Reads what is kept, and asks for all else.
    pub(super) async fn run(mut self) -> RegionRead<S> {
        let (first, last) = self.whole();
        let mut read = Spans::default();
        if let Some(kept) = self.kept.filter(|kept| kept::has(kept, self.region)) {
            // Whose the credentials are is told by any event; what is kept of another account is not this one's.
            match self.ask((first, last), None).await {
                Ok(page) => {
                    self.learn_account(&page);
                    self.read_kept(kept, &mut read);
                }
                Err(failure) => {
                    self.read.failure = Some(failure);
                    return self.read;
                }
            }
        }
        for span in read.missing(first, last) {
            if let Err((oldest, failure)) = self.read_span(span).await {
                self.ends_early(oldest, failure);
                break;
            }
        }
        self.read
    }

    fn whole(&self) -> (i64, i64) {
        let (first, last) = self.seconds;
        (first.unwrap_or(0), last.unwrap_or(i64::MAX))
    }

    async fn ask(
        &mut self,
        (first, last): (i64, i64),
        next: Option<String>,
    ) -> Result<LookupEventsOutput, Failure> {
        self.pace.tick().await;
        // As it was asked for, where it is the window's own end.
        let bound = |second: i64, whole: i64, own: Option<i64>| {
            let second = if second == whole { own } else { Some(second) };
            second.map(DateTime::from_secs)
        };
        let whole = self.whole();
        let request = self
            .client
            .lookup_events()
            .max_results(EVENTS_A_PAGE)
            .set_start_time(bound(first, whole.0, self.seconds.0))
            .set_end_time(bound(last, whole.1, self.seconds.1))
            .set_next_token(next);
        let answer = request.send().await;
        answer.map_err(|error| Failure::of(CALL, &error))
    }

    fn learn_account(&mut self, page: &LookupEventsOutput) {
        let records = page
            .events()
            .iter()
            .filter_map(|event| event.cloud_trail_event());
        let mut accounts = records.filter_map(|record| {
            let received: Received<'_> = serde_json::from_str(record).ok()?;
            let account = received.account?;
            let is_own = is_account(&account);
            is_own.then(|| account.to_string())
        });
        self.read.account = self.read.account.take().or_else(|| accounts.next());
    }

    fn read_kept(&mut self, kept: &KeptFiles, done: &mut Spans) {
        let Some(account) = self.read.account.clone() else {
            return;
        };
        let (first, last) = self.whole();
        kept::read(kept, &account, self.region, |part, events| {
            let records = events
                .into_iter()
                .filter(|(second, _)| (first..=last).contains(second) && !done.has(*second))
                .map(|(_, record)| Ok(record));
            self.read.page(records);
            self.read.parts_kept += 1;
            done.add(part.low, part.high);
        });
    }

    /// Asks for all events of a span, the latest first. Of a failure the oldest event before is told.
    async fn read_span(&mut self, span: (i64, i64)) -> Result<(), (Option<i64>, Failure)> {
        let mut next = None;
        let mut oldest: Option<i64> = None;
        let mut high = span.1;
        // Of the newest second of the last page there may be more on the next.
        let mut waiting: Vec<KeptEvent> = Vec::new();
        let mut progress = Progress::default();
        loop {
            let asked: Option<String> = next.take();
            let page = self.ask(span, asked.clone()).await;
            let page = page.map_err(|failure| (oldest, failure))?;
            let goes_on = progress.goes_on(asked.as_deref(), &page);
            self.learn_account(&page);
            let seconds = || {
                let times = page.events().iter().filter_map(|event| event.event_time());
                times.map(DateTime::secs)
            };
            if seconds().any(|second| second > high) {
                self.forget_kept();
            }
            oldest = seconds().chain(oldest).min();
            next = page.next_token.clone().filter(|token| !token.is_empty());
            let low = match &next {
                Some(_) => seconds().max().map_or(high, |newest| newest.min(high)),
                None => span.0.saturating_sub(1),
            };
            for event in page.events() {
                match (event.event_time(), event.cloud_trail_event()) {
                    (Some(time), Some(record)) if self.kept.is_some() => {
                        waiting.push((time.secs(), record.to_owned()));
                    }
                    // What has no time or no record cannot be kept, and nothing that is whole can be made without it.
                    _ => self.kept = None,
                }
            }
            self.keep(low, high, &mut waiting);
            high = low;
            let records = page.events.unwrap_or_default().into_iter();
            let records = records.map(|event| event.cloud_trail_event.ok_or(event.event_id));
            self.read.page(records);
            if next.is_none() {
                return Ok(());
            }
            if !goes_on {
                let failure = Failure {
                    call: CALL,
                    kind: FailureKind::Other,
                    code: None,
                    message: "its pages repeat and have no end".to_owned(),
                };
                return Err((oldest, failure));
            }
        }
    }

    /// Keeps the events after a second up to another, which are all that there are.
    fn keep(&self, low: i64, high: i64, waiting: &mut Vec<KeptEvent>) {
        let high = high.min(self.latest_kept);
        if let (Some(kept), Some(account)) = (self.kept, &self.read.account)
            && low < high
        {
            let part = Part {
                account: account.clone(),
                region: self.region.to_owned(),
                low,
                high,
            };
            let is_own = |second: i64| low < second && second <= high;
            let own: Vec<&KeptEvent> = waiting.iter().filter(|event| is_own(event.0)).collect();
            part.keep(kept, &own);
        }
        waiting.retain(|event| event.0 <= low);
    }

    /// Parts are whole only as long as the latest events come first.
    fn forget_kept(&mut self) {
        if let (Some(kept), Some(account)) = (self.kept.take(), &self.read.account) {
            kept::forget(kept, account, self.region);
        }
    }

    fn ends_early(&mut self, oldest: Option<i64>, failure: Failure) {
        let RegionRead { files, pages, .. } = &mut self.read;
        if *pages > 0 {
            let since = oldest
                .and_then(|second| jiff::Timestamp::from_second(second).ok())
                .map_or_else(String::new, |time| format!(" before {time}"));
            files.files_unreadable.push(FileProblem {
                path: name(*pages + 1),
                reason: format!("could not be read, so events{since} are missing: {failure}"),
            });
        }
        self.read.failure = Some(failure);
    }
}

impl<S: RecordSink> RegionRead<S> {
    /// Whether nothing was read, not even a page without events.
    pub(super) fn is_nothing(&self) -> bool {
        self.pages == 0
    }

    /// Takes the records of a page; in the place of one that is missing is the event's id.
    fn page(&mut self, records: impl Iterator<Item = Result<String, Option<String>>>) {
        self.pages += 1;
        let name = name(self.pages);
        let mut of_page = FilesRead::default();
        for record in records {
            match record {
                // Each by itself, so that a damaged one takes no other with it.
                Ok(record) => of_page.read_object(&name, record.into_bytes(), &mut self.sink),
                Err(id) => of_page.files_unreadable.push(FileProblem {
                    path: name.clone(),
                    reason: format!(
                        "has the event `{}` without its record",
                        id.unwrap_or_default()
                    ),
                }),
            }
        }
        self.files.add(FilesRead {
            files: 1,
            files_of_another_kind: 0,
            ..of_page
        });
    }
}

/// Whether pages bring anything new.
#[derive(Debug, Default)]
struct Progress {
    /// Hashes of the events' ids.
    met: HashSet<u64>,
    /// What pages one after the other were worth that had nothing new, in empty pages.
    in_vain: usize,
}

impl Progress {
    /// Takes in what was answered to a token. The last page always has the right to repeat.
    fn goes_on(&mut self, asked: Option<&str>, page: &LookupEventsOutput) -> bool {
        let mut is_new = false;
        for event in page.events() {
            let id = event.event_id().or(event.cloud_trail_event());
            is_new |= id.is_none_or(|id| self.met.insert(xxh64(id.as_bytes(), 0)));
        }
        self.in_vain = match (is_new, page.events()) {
            (true, _) => 0,
            (false, []) => self.in_vain + 1,
            (false, _) => self.in_vain + MOST_EMPTY_PAGES / 2,
        };
        let Some(next) = page.next_token().filter(|token| !token.is_empty()) else {
            return true;
        };
        asked != Some(next) && self.in_vain < MOST_EMPTY_PAGES
    }
}

/// What a page is called among those of its Region.
fn name(page: u64) -> String {
    format!("page {page}")
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::types::Event;

    use super::*;

    fn page(ids: &[&str], next: Option<&str>) -> LookupEventsOutput {
        let events = ids.iter().map(|id| Event::builder().event_id(*id).build());
        LookupEventsOutput::builder()
            .set_events(Some(events.collect()))
            .set_next_token(next.map(str::to_owned))
            .build()
    }

    #[test]
    fn pages_that_repeat_have_an_end() {
        let mut progress = Progress::default();
        assert!(progress.goes_on(None, &page(&["a"], Some("1"))));
        assert!(progress.goes_on(Some("1"), &page(&["b"], Some("2"))));
        assert!(!progress.goes_on(Some("2"), &page(&["c"], Some("2"))));
        let mut progress = Progress::default();
        assert!(progress.goes_on(None, &page(&["a"], Some("1"))));
        assert!(progress.goes_on(Some("1"), &page(&["a"], Some("2"))));
        assert!(progress.goes_on(Some("2"), &page(&["b"], Some("3"))));
        assert!(progress.goes_on(Some("3"), &page(&["b"], Some("4"))));
        assert!(!progress.goes_on(Some("4"), &page(&["b"], Some("5"))));
        let mut progress = Progress::default();
        let empty = |number: usize| page(&[], Some(&number.to_string()));
        assert!((1..MOST_EMPTY_PAGES).all(|number| progress.goes_on(Some("0"), &empty(number))));
        assert!(progress.goes_on(Some("99"), &page(&[], None)));
        assert!(!progress.goes_on(Some("99"), &empty(100)));
    }
}
