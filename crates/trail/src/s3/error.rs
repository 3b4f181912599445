//! What keeps a bucket from being read at all.

use leastgrant_aws::{Failure, FailureKind};

/// Why no usage could be made from a bucket.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// The machine gives no threads.
    #[error(transparent)]
    Runtime(#[from] leastgrant_aws::Error),
    /// Not even what was named can be listed.
    #[error("cannot list `{location}`: {failure}{}", advice(failure.kind))]
    List {
        /// As it was given.
        location: String,
        /// What S3 said.
        failure: Failure,
    },
    /// The bucket is in another Region, where it cannot be reached either.
    #[error(
        "the bucket of `{location}` is in the Region `{region}`, and `{endpoint}` does not reach it there: give that Region's endpoint, or no `--endpoint-url`"
    )]
    OtherRegion {
        /// As it was given.
        location: String,
        /// Where the bucket is.
        region: String,
        /// As it was given.
        endpoint: String,
    },
    /// Nothing is there.
    #[error(
        "no log is in `{location}`{}: give the bucket, or a folder at or above CloudTrail's `AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`, and a `--since` that goes back far enough",
        in_days(first.as_deref(), last.as_deref())
    )]
    NoObjects {
        /// As it was given.
        location: String,
        /// The first day whose folders were looked into.
        first: Option<String>,
        /// The last one.
        last: Option<String>,
    },
    /// Objects are there, and not one could be fetched.
    #[error("nothing of `{location}` can be read: `{}` {reason}", shown(path))]
    NothingFetched {
        /// As it was given.
        location: String,
        /// One of them.
        path: String,
        /// Why not.
        reason: String,
    },
    /// What is left cannot be fetched either: credentials have expired, or the network is gone.
    #[error(
        "stopped after {fetched} objects: `{}` {reason}; then, the same command goes on",
        shown(path)
    )]
    Stopped {
        /// How many were read.
        fetched: u64,
        /// The last one.
        path: String,
        /// Why it was not fetched.
        reason: String,
    },
}

/// What can be done, to follow on what happened.
fn advice(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Denied => {
            "; the caller needs `s3:ListBucket` on the bucket, `s3:GetObject` on its objects, and `kms:Decrypt` on the key where they are encrypted with one"
        }
        FailureKind::NotFound => "; give the bucket that the trail delivers to",
        FailureKind::Credentials => {
            "; give credentials as the `aws` CLI takes them: `--profile`, `aws sso login`, or the environment"
        }
        FailureKind::Configuration => "",
        FailureKind::Other => "; check the network, `--region` and `--endpoint-url`",
    }
}

/// Who writes to a bucket chooses keys: none of them begins a new line.
fn shown(path: &str) -> String {
    path.replace(char::is_control, "\u{fffd}")
}

fn in_days(first: Option<&str>, last: Option<&str>) -> String {
    match (first, last) {
        (None, None) => String::new(),
        (Some(first), None) => format!(" from the day {first} on"),
        (None, Some(last)) => format!(" until the day {last}"),
        (Some(first), Some(last)) => format!(" from the day {first} to {last}"),
    }
}
