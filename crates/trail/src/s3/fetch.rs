//! From objects to their bytes, many at a time and few at once in memory.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use leastgrant_aws::{Failure, FailureKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::bucket::Bucket;
use super::kept;
use super::list::Object;
use super::location::S3Location;
use crate::{FileProblem, KeptFiles};

/// Objects that are fetched at the same time. Most are small, so that what takes time is the way.
const FETCHES: usize = 64;
/// Bytes that are fetched or wait to be read, in units of [`ROOM_UNIT`]: 64 MB.
const MOST_ROOM: u32 = 1 << 16;
const ROOM_UNIT: u64 = 1 << 10;
/// A larger object is none that CloudTrail wrote: those have some megabytes at most.
const LARGEST_OBJECT: u64 = 256 << 20;
/// After so many failures and not one object in between, the next ones would fail too.
const HOPELESS: u64 = 100;

/// An object on its way to a thread that reads it.
pub(super) struct Fetched {
    pub(super) object: Object,
    pub(super) bytes: Vec<u8>,
    /// Whether it came from S3, and not from an earlier run.
    pub(super) is_new: bool,
    /// Let go when the bytes are.
    pub(super) room: Option<OwnedSemaphorePermit>,
}

/// What came of fetching.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    pub(super) problems: Vec<FileProblem>,
    pub(super) objects_fetched: u64,
    pub(super) bytes_fetched: u64,
    pub(super) objects_kept: u64,
    /// Whether some failure is one that another time may not be.
    pub(super) may_have_more: bool,
    /// Whether it ended before its time, with the last problem.
    pub(super) is_stopped: bool,
    failures_in_a_row: u64,
}

pub(super) struct Fetcher<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) location: &'a S3Location,
    pub(super) kept: Option<&'a KeptFiles>,
}

impl Fetcher<'_> {
    /// Fetches all objects and hands them on, until there are none left or it makes no sense to go on.
    pub(super) async fn run(
        self,
        objects: mpsc::Receiver<Object>,
        fetched: mpsc::Sender<Fetched>,
        on_failed: &impl Fn(),
    ) -> Fetching {
        let mut fetching = Fetching::default();
        let room = Arc::new(Semaphore::new(
            usize::try_from(MOST_ROOM).unwrap_or(usize::MAX),
        ));
        let objects = stream::unfold(objects, |mut objects| async {
            let object = objects.recv().await?;
            Some((object, objects))
        });
        let answers = objects
            .map(|object| self.fetch(object, Arc::clone(&room)))
            .buffer_unordered(FETCHES);
        let mut answers = std::pin::pin!(answers);
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(object) => {
                    fetching.count(&object);
                    if fetched.send(object).await.is_err() {
                        break;
                    }
                }
                Err((object, why)) => {
                    on_failed();
                    let path = self.location.at(&object.key);
                    let reason = why.to_string();
                    fetching.may_have_more |= why.may_pass();
                    fetching.problems.push(FileProblem { path, reason });
                    if fetching.is_hopeless(&why) {
                        fetching.is_stopped = true;
                        break;
                    }
                }
            }
        }
        fetching
    }

    async fn fetch(
        &self,
        object: Object,
        room: Arc<Semaphore>,
    ) -> Result<Fetched, (Object, NotFetched)> {
        if object.size > LARGEST_OBJECT {
            let megabytes = object.size >> 20;
            return Err((object, NotFetched::TooLarge { megabytes }));
        }
        let units = u32::try_from(object.size.div_ceil(ROOM_UNIT)).unwrap_or(u32::MAX);
        // It is never closed.
        let room = room
            .acquire_many_owned(units.clamp(1, MOST_ROOM))
            .await
            .ok();
        if let Some(bytes) = self.kept.and_then(|kept| kept::get(kept, &object)) {
            return Ok(Fetched {
                object,
                bytes,
                is_new: false,
                room,
            });
        }
        match self.bucket.get(&object).await {
            Ok(bytes) => Ok(Fetched {
                object,
                bytes,
                is_new: true,
                room,
            }),
            Err(why) => Err((object, why)),
        }
    }
}

impl Fetching {
    fn count(&mut self, object: &Fetched) {
        self.failures_in_a_row = 0;
        if object.is_new {
            self.objects_fetched += 1;
            self.bytes_fetched += object.object.size;
        } else {
            self.objects_kept += 1;
        }
    }

    /// Whether a failure is one that all objects will have: credentials have expired, the network is gone, nothing is allowed.
    fn is_hopeless(&mut self, why: &NotFetched) -> bool {
        match why {
            NotFetched::Failed { failure }
                if matches!(
                    failure.kind,
                    FailureKind::Credentials | FailureKind::Configuration
                ) =>
            {
                true
            }
            NotFetched::Failed { failure } if failure.kind == FailureKind::Denied => {
                self.failures_in_a_row += 1;
                // Some folder may be closed, and others open.
                self.objects_fetched == 0 && self.failures_in_a_row >= HOPELESS
            }
            NotFetched::Failed { .. } => {
                self.failures_in_a_row += 1;
                self.failures_in_a_row >= HOPELESS
            }
            _ => false,
        }
    }
}

/// Why an object was not fetched, to follow on its name.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotFetched {
    /// A life-cycle rule was faster.
    #[error("was deleted after it was listed")]
    Deleted,
    /// It has to be restored first.
    #[error("is archived: restore it first, for instance by `aws s3api restore-object`")]
    Archived,
    /// It is none of CloudTrail's.
    #[error(
        "has {megabytes} MB and was not fetched: no object of CloudTrail's has more than {}",
        LARGEST_OBJECT >> 20
    )]
    TooLarge {
        /// Its size in megabytes.
        megabytes: u64,
    },
    /// It is not the one that was listed.
    #[error("was written anew after it was listed: run again")]
    Changed,
    /// The answer ended in the middle, each time.
    #[error("cannot be fetched: the connection broke off each time ({0})")]
    BrokeOff(String),
    /// S3, or the way to it, refused.
    #[error("cannot be fetched: {failure}{}", advice(failure))]
    Failed {
        /// What was said.
        failure: Failure,
    },
}

impl NotFetched {
    /// Whether another time may have another end.
    fn may_pass(&self) -> bool {
        match self {
            Self::Deleted | Self::TooLarge { .. } => false,
            Self::Archived | Self::Changed | Self::BrokeOff(_) | Self::Failed { .. } => true,
        }
    }
}

fn advice(failure: &Failure) -> &'static str {
    if failure.kind == FailureKind::Credentials {
        "; renew the credentials"
    } else if failure.kind != FailureKind::Denied {
        ""
    } else if failure.message.contains("kms:") {
        "; the caller needs `kms:Decrypt` on the key that it is encrypted with"
    } else {
        "; the caller needs `s3:GetObject` on it, and `kms:Decrypt` if a key encrypts it"
    }
}
