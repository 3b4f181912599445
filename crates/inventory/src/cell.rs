//! How one Rust type becomes one polars column, and back.

use std::sync::Arc;

use jiff::Timestamp;
use polars::error::PolarsResult;
use polars::frame::DataFrame;
use polars::prelude::{
    BooleanChunked, Column, Int64Chunked, IntoColumn, IntoSeries, ListBuilderTrait,
    ListStringChunkedBuilder, NewChunkedArray, StringChunked, TimeUnit, TimeZone,
};

use crate::{ColumnType, ShortText, Text};

/// A value that a table can hold.
pub(crate) trait Cell: Sized + Default {
    const COLUMN_TYPE: ColumnType;
    const NULLABLE: bool;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column;
    fn from_column(column: &Column) -> PolarsResult<Vec<Self>>;
}

/// The values of a frame's column. Lists that an earlier version of the table did not have are empty, and what may be unknown is.
pub(crate) fn values_of<C: Cell>(frame: &DataFrame, name: &str) -> PolarsResult<Vec<C>> {
    let may_be_new = match C::COLUMN_TYPE {
        ColumnType::StringList => true,
        ColumnType::Boolean => C::NULLABLE,
        _ => false,
    };
    if may_be_new && frame.column(name).is_err() {
        return Ok((0..frame.height()).map(|_| C::default()).collect());
    }
    C::from_column(frame.column(name)?)
}

/// Cells of the types that hold one text.
macro_rules! text_cells {
    ($($text:ty),+) => {$(
        impl Cell for $text {
            const COLUMN_TYPE: ColumnType = ColumnType::String;
            const NULLABLE: bool = false;

            fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
                StringChunked::from_iter_values(name.into(), values)
                    .into_series()
                    .into_column()
            }

            fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
                Ok(column
                    .str()?
                    .iter()
                    .map(|value| value.unwrap_or_default().into())
                    .collect())
            }
        }

        impl Cell for Option<$text> {
            const COLUMN_TYPE: ColumnType = ColumnType::String;
            const NULLABLE: bool = true;

            fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
                StringChunked::from_iter_options(name.into(), values)
                    .into_series()
                    .into_column()
            }

            fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
                Ok(column
                    .str()?
                    .iter()
                    .map(|value| value.map(<$text>::from))
                    .collect())
            }
        }
    )+};
}

text_cells!(String, Text, ShortText, Arc<str>);

impl Cell for bool {
    const COLUMN_TYPE: ColumnType = ColumnType::Boolean;
    const NULLABLE: bool = false;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
        BooleanChunked::from_iter_values(name.into(), values)
            .into_series()
            .into_column()
    }

    fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
        Ok(column
            .bool()?
            .iter()
            .map(Option::unwrap_or_default)
            .collect())
    }
}

impl Cell for Option<bool> {
    const COLUMN_TYPE: ColumnType = ColumnType::Boolean;
    const NULLABLE: bool = true;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
        BooleanChunked::from_iter_options(name.into(), values)
            .into_series()
            .into_column()
    }

    fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
        Ok(column.bool()?.iter().collect())
    }
}

impl Cell for i64 {
    const COLUMN_TYPE: ColumnType = ColumnType::Integer;
    const NULLABLE: bool = false;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
        Int64Chunked::from_iter_values(name.into(), values)
            .into_series()
            .into_column()
    }

    fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
        Ok(column
            .i64()?
            .iter()
            .map(Option::unwrap_or_default)
            .collect())
    }
}

impl Cell for Option<i64> {
    const COLUMN_TYPE: ColumnType = ColumnType::Integer;
    const NULLABLE: bool = true;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
        Int64Chunked::from_iter_options(name.into(), values)
            .into_series()
            .into_column()
    }

    fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
        Ok(column.i64()?.iter().collect())
    }
}

impl Cell for Option<Timestamp> {
    const COLUMN_TYPE: ColumnType = ColumnType::Timestamp;
    const NULLABLE: bool = true;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
        let microseconds = values.map(|value| value.map(Timestamp::as_microsecond));
        Int64Chunked::from_iter_options(name.into(), microseconds)
            .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
            .into_series()
            .into_column()
    }

    fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
        Ok(column
            .datetime()?
            .physical()
            .iter()
            // A number outside of jiff's years cannot have been written by us; it reads as "not known".
            .map(|value| {
                value.and_then(|microseconds| Timestamp::from_microsecond(microseconds).ok())
            })
            .collect())
    }
}

/// Lists of `String`, or of `Arc<str>` where many rows share their texts.
impl<T> Cell for Vec<T>
where
    T: AsRef<str> + for<'a> From<&'a str>,
{
    const COLUMN_TYPE: ColumnType = ColumnType::StringList;
    const NULLABLE: bool = false;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
        let rows = values.len();
        let mut builder = ListStringChunkedBuilder::new(name.into(), rows, rows);
        for value in values {
            builder.append_values_iter(value.iter().map(AsRef::as_ref));
        }
        builder.finish().into_series().into_column()
    }

    fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
        column
            .list()?
            .amortized_iter()
            .map(|list| match list {
                Some(values) => Ok(values
                    .as_ref()
                    .str()?
                    .iter()
                    .map(|value| T::from(value.unwrap_or_default()))
                    .collect()),
                None => Ok(Self::new()),
            })
            .collect()
    }
}
