//! What can go wrong between an outcome and its reports.

use std::path::PathBuf;

/// A failure to render or write a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or folder could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The writer of a format refused. It writes to memory, so this is a fault of leastgrant.
    #[error("cannot render {format}")]
    Render {
        /// The format.
        format: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Makes the closure that `map_err` takes.
    pub(crate) fn render<E>(format: &'static str) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        move |source| Self::Render {
            format,
            source: Box::new(source),
        }
    }
}
