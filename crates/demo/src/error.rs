//! What can go wrong while the bundle is written.

use std::io;
use std::path::PathBuf;

/// Why the organisation could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An organisation without an account was asked for.
    #[error("cannot make up an organisation of `0` accounts: ask for at least `1`")]
    NoAccounts,
    /// More accounts were asked for than an organisation is made up with.
    #[error("cannot make up an organisation of `{asked}` accounts: ask for at most `{most}`")]
    TooManyAccounts {
        /// The number that was asked for.
        asked: usize,
        /// The largest number that is possible.
        most: usize,
    },
    /// A folder could not be created.
    #[error("cannot create the folder `{}`", path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A value could not be turned into JSON, or a JSON file could not be written.
    #[error("cannot write `{}` as json", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        source: serde_json::Error,
    },
    /// A made-up API call or its answer could not be turned into JSON.
    #[error("cannot make up the api call `{call}` as json")]
    Call {
        /// The name of the call.
        call: &'static str,
        /// What the encoder or decoder said.
        source: serde_json::Error,
    },
}
