//! What keeps logs from being read at all.

use std::path::PathBuf;

/// Why no usage could be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path that was named cannot be opened.
    #[error("cannot read `{path}`: give files and folders with CloudTrail logs")]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There are no log files in what was named.
    #[error(
        "no log files in `{path}`: CloudTrail writes `.json.gz`; `.json`, `.jsonl` and `.log` are read too"
    )]
    NoFiles {
        /// What was named.
        path: String,
    },
}
