//! What a table and its columns are, and the macro that makes a typed row out of their list.

use polars::frame::DataFrame;

use crate::Error;

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The column's name, as in the Parquet file.
    pub name: &'static str,
    /// What the values are.
    pub column_type: ColumnType,
    /// Whether a value may be missing; a missing value always means "not known" or "none", as `about` says.
    pub nullable: bool,
    /// The unit of a number.
    pub unit: Option<&'static str>,
    /// What the column holds.
    pub about: &'static str,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    String,
    /// True or false.
    Boolean,
    /// A signed 64-bit number.
    Integer,
    /// Microseconds since 1970 in UTC.
    Timestamp,
    /// A list of texts.
    StringList,
}

impl ColumnType {
    /// The name that `leastgrant tables` prints.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Integer => "int64",
            Self::Timestamp => "timestamp[us, UTC]",
            Self::StringList => "list<string>",
        }
    }
}

/// One table of the dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The table's name; its file is `NAME.parquet`.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// The columns, in the file's order.
    pub columns: &'static [Column],
}

impl Table {
    /// The name of the table's file inside the inventory.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.parquet", self.name)
    }
}

/// A row that knows its table.
pub trait Row: Sized {
    /// The table that rows of this type fill.
    const TABLE: Table;

    /// Moves the rows into a frame, column by column.
    ///
    /// # Errors
    /// Fails if polars refuses the columns.
    fn into_frame(rows: Vec<Self>) -> Result<DataFrame, polars::error::PolarsError>;

    /// Makes typed rows of a frame that was read from disk.
    ///
    /// # Errors
    /// [`Error::Column`] if a column is missing or has another type.
    fn from_frame(frame: &DataFrame) -> Result<Vec<Self>, Error>;
}

/// Defines row types: documentation, name of the table, columns with type and unit, all in one list.
macro_rules! rows {
    ($(
        $(#[doc = $table_doc:literal])+
        $table:literal $row:ident {
            $(
                $(#[doc = $column_doc:literal])+
                $column:ident : $column_type:ty $(=> $unit:literal)?
            ),+ $(,)?
        }
    )+) => {$(
        $(#[doc = $table_doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub struct $row {
            $(
                $(#[doc = $column_doc])+
                pub $column: $column_type,
            )+
        }

        impl $crate::Row for $row {
            const TABLE: $crate::Table = $crate::Table {
                name: $table,
                about: concat!($($table_doc),+),
                columns: &[$($crate::Column {
                    name: stringify!($column),
                    column_type: <$column_type as $crate::cell::Cell>::COLUMN_TYPE,
                    nullable: <$column_type as $crate::cell::Cell>::NULLABLE,
                    unit: $crate::table::rows!(@unit $($unit)?),
                    about: concat!($($column_doc),+),
                }),+],
            };

            fn into_frame(mut rows: Vec<Self>) -> Result<polars::frame::DataFrame, polars::error::PolarsError> {
                let height = rows.len();
                let columns = vec![$(
                    <$column_type as $crate::cell::Cell>::into_column(
                        stringify!($column),
                        rows.iter_mut().map(|row| std::mem::take(&mut row.$column)),
                    )
                ),+];
                polars::frame::DataFrame::new(height, columns)
            }

            fn from_frame(frame: &polars::frame::DataFrame) -> Result<Vec<Self>, $crate::Error> {
                $(
                    let mut $column = $crate::cell::values_of::<$column_type>(frame, stringify!($column))
                        .map_err(|source| $crate::Error::Column {
                            table: $table,
                            column: stringify!($column),
                            source,
                        })?
                        .into_iter();
                )+
                Ok((0..frame.height())
                    .map(|_| Self { $($column: $column.next().unwrap_or_default()),+ })
                    .collect())
            }
        }
    )+};
    (@unit) => { None };
    (@unit $unit:literal) => { Some($unit) };
}

pub(crate) use rows;
