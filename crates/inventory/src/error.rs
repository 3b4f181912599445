//! What can go wrong between an inventory and the disk.

use std::path::PathBuf;

use polars::error::PolarsError;

/// A failure to read or write an inventory or another folder that leastgrant writes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write `{path}`")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder is no inventory.
    #[error("`{path}` is no inventory{}", hint(path))]
    NoInventory {
        /// The folder.
        path: PathBuf,
    },
    /// Another run changes the inventory now.
    #[error("`{path}` is being changed by another run; try again when that is done")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest is not what this version writes.
    #[error("`{path}` cannot be understood; collect the inventory again")]
    Manifest {
        /// The manifest's path.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The manifest's schema is another one.
    #[error(
        "`{path}` has the schema `{schema}`, and this version of leastgrant reads `{expected}`; collect the inventory again"
    )]
    Schema {
        /// The manifest's path.
        path: PathBuf,
        /// The schema that it names.
        schema: String,
        /// The schema that this version reads.
        expected: &'static str,
    },
    /// A table of the inventory is missing or cannot be opened.
    #[error("cannot read the table `{path}`; collect the inventory again")]
    MissingTable {
        /// The table's file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table could not be encoded or decoded.
    #[error(
        "cannot use the table `{path}`; if the file was changed or cut, collect the inventory again"
    )]
    Table {
        /// The table's file.
        path: PathBuf,
        /// Why.
        source: PolarsError,
    },
    /// A column is missing or has another type than this version writes.
    #[error(
        "the table `{table}` has no usable column `{column}`; collect the inventory again with this version"
    )]
    Column {
        /// The table's name.
        table: &'static str,
        /// The column's name.
        column: &'static str,
        /// Why.
        source: PolarsError,
    },
    /// The folder to write to holds something that leastgrant did not write.
    #[error("`{path}` is not empty and leastgrant did not write it; name a new or empty folder")]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder to write to holds another kind of leastgrant output.
    #[error("`{path}` holds {found}, and this command writes {wanted}; name another folder")]
    OtherFolder {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        found: &'static str,
        /// What was about to be written.
        wanted: &'static str,
    },
    /// The folder to write to is a part of what `run` wrote.
    #[error("`{path}` is a part of `{run}`, which `run` wrote; run again, or name another folder")]
    PartOfRun {
        /// The folder.
        path: PathBuf,
        /// The folder that `run` wrote.
        run: PathBuf,
    },
    /// The folder to write to is a mount point.
    #[error(
        "`{path}` is a mount point and cannot be replaced whole; name a folder inside it, such as `{path}/quarterly`"
    )]
    MountPoint {
        /// The folder.
        path: PathBuf,
    },
    /// The path to write to is a file.
    #[error("`{path}` is a file, and a folder is to be written; name another path")]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
}

impl Error {
    /// Whether the arguments are at fault rather than the data or the disk.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoInventory { .. }
                | Self::ForeignFolder { .. }
                | Self::OtherFolder { .. }
                | Self::NotAFolder { .. }
                | Self::PartOfRun { .. }
                | Self::MountPoint { .. }
        )
    }
}

fn hint(path: &std::path::Path) -> String {
    let inside = path.join("inventory");
    if inside.join("manifest.json").is_file() {
        format!("; did you mean `{}`?", inside.display())
    } else if path.is_file() {
        " but a file; name the folder that `leastgrant collect` or `run` wrote".to_owned()
    } else {
        format!(
            ": it has no `manifest.json`; make one with `leastgrant collect --out {}`",
            path.display()
        )
    }
}
