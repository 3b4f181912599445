//! The dataset: one Parquet file a table and one `manifest.json`, in one folder.
//!
//! This is the only crate that knows how an inventory lies on disk. Rows go in typed and come out
//! typed; [`tables`] is the one place that says which columns a table has, of which type and in
//! which unit. Everything downstream of an inventory works from the folder alone.

// The README says so too. Elsewhere nobody has tried whether a folder is swapped whole, locked, and its owner's alone.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("leastgrant is for Linux and macOS; in Windows use it within WSL");

mod bounded;
mod cell;
mod days;
pub mod delivered;
mod error;
mod folder;
mod lock;
mod manifest;
mod special;
mod store;
mod table;
pub mod tables;
mod text;
mod update;
mod words;

pub use bounded::{MOST_BYTES_OF_JSON, read_at_most, read_file_of_at_most};
pub use days::{Days, day_of_date, span_and_bit};
pub use error::Error;
pub use folder::{FolderKind, OutputFolder, is_own_output};
pub use jiff::Timestamp;
pub use lock::InventoryLock;
pub use manifest::{
    DataKind, DatedBy, Gap, MANIFEST_SCHEMA, Manifest, Source, TableEntry, UsageRun,
};
pub use special::{NO_FILE, is_device};
pub use store::{Inventory, parquet, write};
pub use table::{Column, ColumnType, Row, Table};
pub use tables::Dataset;
pub use text::Text;
pub use update::UsageTables;
pub use words::{account_of_arn, counted, is_account};

/// A text that takes no room of its own where it is short (up to 24 bytes), as names of services and Regions are.
pub type ShortText = compact_str::CompactString;
