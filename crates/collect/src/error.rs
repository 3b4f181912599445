//! What ends a collection; everything less is a gap.

use std::path::PathBuf;

use leastgrant_inventory::Gap;

/// Why nothing could be collected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path of `--from` is not there.
    #[error("cannot read `{path}`; `--from` takes files and folders that exist")]
    Missing {
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No file held an answer of AWS that leastgrant keeps.
    #[error("nothing usable in {}: {}", list(paths), explain(*files, gaps))]
    NothingUsable {
        /// The paths of `--from`.
        paths: Vec<PathBuf>,
        /// How many files were looked at.
        files: usize,
        /// Why each of them was left out.
        gaps: Vec<Gap>,
    },
}

fn list(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn explain(files: usize, gaps: &[Gap]) -> String {
    const SHOWN: usize = 3;
    if files == 0 && gaps.is_empty() {
        return "there are no files; `leastgrant bundle-script` prints a script that writes them"
            .to_owned();
    }
    let mut text = gaps
        .iter()
        .take(SHOWN)
        .map(|gap| format!("`{}`: {}", gap.source, gap.reason))
        .collect::<Vec<_>>()
        .join("; ");
    if gaps.len() > SHOWN {
        text.push_str(&format!("; and {} more", gaps.len() - SHOWN));
    }
    if text.is_empty() {
        text.push_str("the files are for other commands; `leastgrant bundle-script` prints a script that writes a bundle");
    }
    text
}
