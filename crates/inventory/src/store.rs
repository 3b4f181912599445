//! Reading and writing the folder.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use polars::error::PolarsError;
use polars::frame::DataFrame;
use polars::prelude::{
    ParallelStrategy, ParquetCompression, ParquetReader, ParquetWriter, SerReader,
    StatisticsOptions,
};

use crate::manifest::{MANIFEST_SCHEMA, Manifest, TableEntry};
use crate::tables::Dataset;
use crate::{ColumnType, Error, MOST_BYTES_OF_JSON, Row, read_file_of_at_most};

pub(crate) const MANIFEST_FILE: &str = "manifest.json";

/// An inventory on disk.
#[derive(Debug)]
pub struct Inventory {
    path: PathBuf,
    manifest: Manifest,
}

impl Inventory {
    /// Opens the folder and reads its manifest; tables are read when they are asked for.
    ///
    /// # Errors
    /// [`Error::NoInventory`] if there is no manifest, [`Error::Manifest`] or [`Error::Schema`] if it is not ours.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let manifest_path = path.join(MANIFEST_FILE);
        let text = read_file_of_at_most(&manifest_path, MOST_BYTES_OF_JSON).map_err(|source| {
            if matches!(
                source.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) {
                Error::NoInventory {
                    path: path.to_owned(),
                }
            } else {
                Error::Read {
                    path: manifest_path.clone(),
                    source,
                }
            }
        })?;
        #[derive(serde::Deserialize)]
        struct SchemaOnly {
            schema: String,
        }
        let understood = |source| Error::Manifest {
            path: manifest_path.clone(),
            source,
        };
        let SchemaOnly { schema } = serde_json::from_slice(&text).map_err(understood)?;
        if schema != MANIFEST_SCHEMA {
            return Err(Error::Schema {
                path: manifest_path,
                schema,
                expected: MANIFEST_SCHEMA,
            });
        }
        let manifest = serde_json::from_slice(&text).map_err(understood)?;
        Ok(Self {
            path: path.to_owned(),
            manifest,
        })
    }

    /// What the inventory was made from.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads one table, with only the columns that the row type has. A table that the manifest does not list is younger than
    /// the inventory and has no rows; of a table without rows the columns are not looked at.
    ///
    /// # Errors
    /// [`Error::MissingTable`] or [`Error::Table`] if the file is missing or damaged, [`Error::Column`] if a column is.
    pub fn read<R: Row>(&self) -> Result<Vec<R>, Error> {
        match self.frame::<R>()? {
            Some(frame) => R::from_frame(&frame),
            None => Ok(Vec::new()),
        }
    }

    /// Reads the rows of one table that have a value in `column`, which is one of the row type's. The others never become rows.
    ///
    /// # Errors
    /// As [`Self::read`]; [`Error::Column`] if there is no such column.
    pub fn read_where_present<R: Row>(&self, column: &'static str) -> Result<Vec<R>, Error> {
        let Some(frame) = self.frame::<R>()? else {
            return Ok(Vec::new());
        };
        let present = frame
            .column(column)
            .and_then(|values| frame.filter(&values.is_not_null()))
            .map_err(|source| Error::Column {
                table: R::TABLE.name,
                column,
                source,
            })?;
        R::from_frame(&present)
    }

    fn frame<R: Row>(&self) -> Result<Option<DataFrame>, Error> {
        let name = R::TABLE.name;
        if !self.manifest.tables.iter().any(|table| table.name == name) {
            return Ok(None);
        }
        let path = self.path.join(R::TABLE.file_name());
        let file = File::open(&path).map_err(|source| Error::MissingTable {
            path: path.clone(),
            source,
        })?;
        let damaged = |source| Error::Table {
            path: path.clone(),
            source,
        };
        let mut reader = ParquetReader::new(BufReader::new(file));
        let present = reader.schema().map_err(damaged)?;
        // A column without values costs polars eight megabytes of zeros, and most inventories have empty tables.
        let rows = reader.num_rows().map_err(damaged)?;
        if rows == 0 {
            return Ok(None);
        }
        // Waking other cores takes longer than reading a small table.
        let parallel = match rows {
            ..=ROWS_PER_GROUP => ParallelStrategy::None,
            _ => ParallelStrategy::Auto,
        };
        // Lists can be younger than the inventory.
        let columns = R::TABLE.columns.iter().filter(|column| {
            column.column_type != ColumnType::StringList || present.contains(column.name)
        });
        let columns = columns.map(|column| column.name.to_owned()).collect();
        let frame = reader
            .read_parallel(parallel)
            .with_columns(Some(columns))
            .finish()
            .map_err(damaged)?;
        Ok(Some(frame))
    }
}

/// Writes an inventory into an empty folder. [`crate::OutputFolder`] makes that atomic.
///
/// The manifest's list of tables is filled in here.
///
/// # Errors
/// [`Error::Write`] or [`Error::Table`].
pub fn write(folder: &Path, dataset: Dataset, mut manifest: Manifest) -> Result<(), Error> {
    manifest.tables = dataset.write_tables(folder)?;
    write_manifest(folder, &manifest)
}

pub(crate) fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<(), Error> {
    let path = folder.join(MANIFEST_FILE);
    let failed = |source| Error::Write {
        path: path.clone(),
        source,
    };
    let mut file = BufWriter::new(File::create(&path).map_err(failed)?);
    serde_json::to_writer_pretty(&mut file, manifest).map_err(|error| failed(error.into()))?;
    file.write_all(b"\n")
        .and_then(|()| file.flush())
        .map_err(failed)
}

/// The bytes of a Parquet file with these rows.
///
/// # Errors
/// [`Error::Table`] if polars refuses the columns, which it has no reason to.
pub fn parquet<R: Row>(rows: Vec<R>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let encode = || {
        ParquetWriter::new(&mut bytes)
            .with_compression(ParquetCompression::Zstd(None))
            .finish(&mut R::into_frame(rows)?)
    };
    encode().map_err(|source| Error::Table {
        path: R::TABLE.file_name().into(),
        source,
    })?;
    Ok(bytes)
}

/// Rows of one group in the file. Documents of a group are in memory twice while it is written, so a group is not large.
const ROWS_PER_GROUP: usize = 1024;

/// A table of no more rows is not compressed: to set up zstd anew for each column takes longer than reading all of it.
const MOST_UNCOMPRESSED_ROWS: usize = 256;

/// Writes one table's file, group by group, and frees the rows of each.
pub(crate) fn write_table<R: Row>(folder: &Path, rows: Vec<R>) -> Result<TableEntry, Error> {
    let table = R::TABLE;
    let path = folder.join(table.file_name());
    let file = File::create(&path).map_err(|source| Error::Write {
        path: path.clone(),
        source,
    })?;
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let compression = match rows.len() {
        ..=MOST_UNCOMPRESSED_ROWS => ParquetCompression::Uncompressed,
        _ => ParquetCompression::Zstd(None),
    };
    let encode = || {
        let schema = R::into_frame(Vec::new())?.schema().clone();
        let mut writer = ParquetWriter::new(BufWriter::new(file))
            .with_compression(compression)
            .with_statistics(StatisticsOptions::default())
            .batched(&schema)?;
        let mut rows = rows.into_iter();
        loop {
            let group: Vec<R> = rows.by_ref().take(ROWS_PER_GROUP).collect();
            if group.is_empty() {
                return writer.finish();
            }
            writer.write_batch(&R::into_frame(group)?)?;
        }
    };
    encode().map_err(|source| match source {
        // A full disk is no fault of the table.
        PolarsError::IO { error, .. } => Error::Write {
            path,
            source: std::io::Error::new(error.kind(), error.to_string()),
        },
        source => Error::Table { path, source },
    })?;
    Ok(TableEntry {
        name: table.name.to_owned(),
        file: table.file_name(),
        rows: count,
    })
}
