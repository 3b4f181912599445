//! From a location to its objects: folders by their levels, many at a time.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use leastgrant_aws::Failure;
use tokio::sync::mpsc;

use super::bucket::{Bucket, Listing, Page};
use super::layout::{Days, Level, place};
use super::location::S3Location;
use crate::FileProblem;
use crate::read::{Named, ODD_NAME};

/// Listings at the same time. S3 allows 5,500 a second and prefix.
const LISTINGS: usize = 16;

/// An object as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) key: String,
    pub(super) etag: String,
    /// In bytes.
    pub(super) size: u64,
}

/// What was not listed.
#[derive(Debug, Default)]
pub(super) struct NotListed {
    pub(super) problems: Vec<FileProblem>,
    /// How many folders there are with digests, Insights and other services' logs.
    pub(super) folders_left_out: u64,
    /// How many objects are not called like logs.
    pub(super) of_other_names: u64,
}

/// A folder to be listed.
#[derive(Debug, Clone)]
struct Folder {
    prefix: String,
    level: Level,
    /// The length of the Region's folder, which the day follows on.
    region: usize,
}

/// What is in one folder besides its objects.
#[derive(Debug, Default)]
struct Listed {
    folders: Vec<Folder>,
    left_out: u64,
    of_other_names: u64,
    /// Why the listing ended early, and what was left out though it seems to be a log.
    problems: Vec<FileProblem>,
}

/// Lists what a location has of some days, in no certain order. It waits while the objects' taker is busy, and ends early when
/// there is none any more.
pub(super) struct Lister<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) location: &'a S3Location,
    pub(super) days: &'a Days,
    pub(super) objects: mpsc::Sender<Object>,
    /// How many were found.
    pub(super) listed: &'a AtomicU64,
}

impl Lister<'_> {
    pub(super) async fn run(self) -> NotListed {
        let mut not_listed = NotListed::default();
        let mut waiting = self.roots().await;
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < LISTINGS
                && let Some(folder) = waiting.pop()
            {
                running.push(self.folder(folder));
            }
            let Some(listed) = running.next().await else {
                return not_listed;
            };
            waiting.extend(listed.folders);
            not_listed.folders_left_out += listed.left_out;
            not_listed.of_other_names += listed.of_other_names;
            not_listed.problems.extend(listed.problems);
        }
    }

    /// A prefix names the folder that is called so, or the one object, and not what only begins so.
    async fn roots(&self) -> Vec<Folder> {
        let prefix = &self.location.prefix;
        if prefix.is_empty() || prefix.ends_with('/') {
            return vec![folder_of(prefix.clone())];
        }
        let listing = Listing {
            prefix,
            by_folder: true,
            ..Listing::default()
        };
        // The object is the first of all that begin so. That the listing is allowed was found out before.
        let page = self.bucket.list(&listing).await.unwrap_or_default();
        let named = page
            .objects
            .into_iter()
            .find(|object| object.key == *prefix);
        if let Some(object) = named {
            self.found(object).await;
        }
        vec![folder_of(format!("{prefix}/"))]
    }

    async fn found(&self, object: Object) -> bool {
        self.listed.fetch_add(1, Ordering::Relaxed);
        self.objects.send(object).await.is_ok()
    }

    async fn folder(&self, folder: Folder) -> Listed {
        let mut listed = Listed::default();
        let is_region = folder.level == Level::Region;
        let first = self.days.first.as_ref().filter(|_| is_region);
        let region = folder.prefix.get(..folder.region).unwrap_or_default();
        let start_after = first.map(|first| format!("{region}{first}"));
        let mut listing = Listing {
            prefix: &folder.prefix,
            by_folder: !is_region,
            start_after: start_after.as_deref(),
            next: None,
        };
        loop {
            let page = match self.bucket.list(&listing).await {
                Ok(page) => page,
                Err((failure, _)) => {
                    let problem = self.cannot_be_listed(&folder.prefix, &failure);
                    listed.problems.push(problem);
                    return listed;
                }
            };
            let Page {
                objects,
                folders: found,
                next,
            } = page;
            for prefix in found {
                // Each is longer than its parent, so that the walk has an end whatever a server says.
                let name = prefix.strip_prefix(&folder.prefix).unwrap_or_default();
                match folder.level.child(name.trim_end_matches('/')) {
                    _ if name.is_empty() => {}
                    Some(level) => listed.folders.push(Folder {
                        region: prefix.len(),
                        prefix,
                        level,
                    }),
                    None => listed.left_out += 1,
                }
            }
            for object in objects {
                let rest = object.key.get(folder.region..).unwrap_or_default();
                if is_region && self.days.end_before(rest) {
                    return listed;
                }
                let name = object.key.rsplit('/').next().unwrap_or_default();
                match Named::of(name) {
                    Named::Log => {
                        if !self.found(object).await {
                            return Listed::default();
                        }
                    }
                    // What ends with `/` is the folder itself, as consoles make one.
                    _ if name.is_empty() => {}
                    named => {
                        listed.of_other_names += 1;
                        let problem = (named == Named::OddLog).then(|| FileProblem {
                            path: self.location.at(&object.key),
                            reason: ODD_NAME.to_owned(),
                        });
                        listed.problems.extend(problem);
                    }
                }
            }
            if next.is_none() {
                return listed;
            }
            listing.next = next;
        }
    }

    fn cannot_be_listed(&self, prefix: &str, failure: &Failure) -> FileProblem {
        FileProblem {
            path: self.location.at(prefix),
            reason: format!("cannot be listed, so what it holds is missing: {failure}"),
        }
    }
}

fn folder_of(prefix: String) -> Folder {
    let (level, region) = place(&prefix);
    Folder {
        region: region.map_or(prefix.len(), str::len),
        prefix,
        level,
    }
}
