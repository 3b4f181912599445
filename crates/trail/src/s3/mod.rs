//! CloudTrail's objects in a bucket: listed by their layout, fetched many at a time, read by all threads.
//!
//! Listing and fetching are one task of the network's runtime; each thread that reads has a sink of its own. What waits in between is
//! bounded in number and in bytes.

mod bucket;
mod error;
mod fetch;
mod kept;
mod layout;
mod list;
mod location;
mod queue;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::ScopedJoinHandle;

use leastgrant_aws::Connection;
use tokio::sync::mpsc;

use self::bucket::Bucket;
use self::fetch::{Fetched, Fetcher};
use self::layout::Days;
use self::list::Lister;
use self::queue::Queue;
use crate::{FileProblem, FilesRead, KeptFiles, RecordSink, UnreadFiles, Window};

pub use self::error::S3Error;
pub use self::kept::open_kept_objects;
pub use self::layout::region_of_folder;
pub use self::location::{S3Location, S3LocationError};

/// Objects that were listed and wait to be fetched. The listing waits when there are more.
const MOST_LISTED: usize = 10_000;

/// What is read, and how.
#[derive(Debug, Clone, Copy)]
pub struct S3Source<'a> {
    /// How AWS is reached. The bucket may be in another Region.
    pub connection: &'a Connection,
    /// Where the objects are.
    pub location: &'a S3Location,
    /// Only the folders of these days, and of one beyond either end, are listed.
    pub window: Window,
    /// Where fetched objects are kept, if they are.
    pub kept: Option<&'a KeptFiles>,
    /// What earlier runs could not read.
    pub unread: &'a UnreadFiles,
}

/// What was read of a bucket.
#[derive(Debug)]
pub struct S3Read<S> {
    /// One for each thread.
    pub sinks: Vec<S>,
    /// What was read and what was not.
    pub files: FilesRead,
    /// Where the bucket is.
    pub region: String,
    /// How many objects came from S3.
    pub objects_fetched: u64,
    /// Their size, in bytes.
    pub bytes_fetched: u64,
    /// How many objects an earlier run had kept.
    pub objects_kept: u64,
    /// Whether something failed that another time may not, such as a refusal.
    pub may_have_more: bool,
    /// How many folders with digests, Insights and other services' logs were not looked into.
    pub folders_left_out: u64,
}

/// Reads the logs below a location, on all threads. `on_progress` takes how many are done of how many that were found so far.
/// Needs `s3:ListBucket`, `s3:GetObject`, and `kms:Decrypt` where a trail encrypts with a key.
///
/// # Errors
/// [`S3Error`] where nothing can be read, or S3 cannot be reached any more. A folder or an object that cannot be read beside
/// others is no error: it is in [`FilesRead::files_unreadable`].
pub fn read_s3<S: RecordSink + Send>(
    source: S3Source<'_>,
    make_sink: impl Fn() -> S + Sync,
    on_progress: impl Fn(u64, u64) + Sync,
) -> Result<S3Read<S>, S3Error> {
    let runtime = leastgrant_aws::runtime()?;
    let location = source.location;
    let bucket = runtime.block_on(Bucket::open(source.connection, location))?;
    let days = Days::of(source.window);
    let (listed, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let on_done = || {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        on_progress(done, listed.load(Ordering::Relaxed));
    };
    let threads = rayon::current_num_threads();
    let (objects, to_fetch) = mpsc::channel(MOST_LISTED);
    let (fetched, to_read) = mpsc::channel::<Fetched>(threads);
    let to_read = Queue::new(to_read);
    let read = || {
        let mut sink = make_sink();
        let mut files = FilesRead::default();
        to_read.for_each(|fetched| {
            let Fetched {
                object,
                bytes,
                is_new,
                room,
            } = fetched;
            if let Some(kept) = source.kept.filter(|_| is_new) {
                kept::keep(kept, &object, &bytes);
            }
            let (uri, mut file) = (location.at(&object.key), FilesRead::default());
            file.read_object(&uri, bytes, &mut sink);
            if file.files_whole > 0 {
                file.files_mended = source.unread.at_uri(&uri);
            }
            files.add(file);
            drop(room);
            on_done();
        });
        (sink, files)
    };
    let (parts, not_listed, fetching) = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..threads).map(|_| scope.spawn(read)).collect();
        let lister = Lister {
            bucket: &bucket,
            location,
            days: &days,
            objects,
            listed: &listed,
        };
        let fetcher = Fetcher {
            bucket: &bucket,
            location,
            kept: source.kept,
        };
        let fetching = fetcher.run(to_fetch, fetched, &on_done);
        let (not_listed, fetching) =
            runtime.block_on(futures::future::join(lister.run(), fetching));
        let join = |reader: ScopedJoinHandle<'_, _>| {
            reader.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        let parts: Vec<(S, FilesRead)> = readers.into_iter().map(join).collect();
        (parts, not_listed, fetching)
    });
    let mut all = S3Read {
        sinks: Vec::with_capacity(threads),
        files: FilesRead {
            files: u64::try_from(fetching.problems.len()).unwrap_or(u64::MAX),
            files_unreadable: fetching.problems,
            files_of_other_names: not_listed.of_other_names,
            ..FilesRead::default()
        },
        region: bucket.region,
        objects_fetched: fetching.objects_fetched,
        bytes_fetched: fetching.bytes_fetched,
        objects_kept: fetching.objects_kept,
        may_have_more: fetching.may_have_more || !not_listed.problems.is_empty(),
        folders_left_out: not_listed.folders_left_out,
    };
    let fetched = all.objects_fetched + all.objects_kept;
    if fetching.is_stopped
        && fetched > 0
        && let Some(FileProblem { path, reason }) = all.files.files_unreadable.pop()
    {
        return Err(S3Error::Stopped {
            fetched,
            path,
            reason,
        });
    }
    all.files.files_unreadable.extend(not_listed.problems);
    all.files.files_unreadable.sort();
    if fetched == 0 {
        return Err(match all.files.files_unreadable.into_iter().next() {
            Some(problem) => S3Error::NothingFetched {
                location: location.to_string(),
                path: problem.path,
                reason: problem.reason,
            },
            None => S3Error::NoObjects {
                location: location.to_string(),
                first: days.first,
                last: days.last,
            },
        });
    }
    for (sink, files) in parts {
        all.sinks.push(sink);
        all.files.add(files);
    }
    all.files.files_unreadable.sort();
    Ok(all)
}
