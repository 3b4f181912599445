//! Days of a row, as bits: hundreds of days take a few words. In a table they are texts, `yyyy-mm-dd`.

use std::collections::HashMap;

use jiff::civil::Date;
use polars::error::{PolarsError, PolarsResult};
use polars::prelude::{Column, IntoColumn, IntoSeries, ListBuilderTrait, ListStringChunkedBuilder};
use smallvec::SmallVec;

use crate::ColumnType;
use crate::cell::Cell;

/// 1970-01-01.
const FIRST: Date = Date::constant(1970, 1, 1);

/// Days that one word holds.
const OF_A_WORD: i64 = 64;

/// Days in UTC, each counted since 1970, by spans of 64 days, of which only those with a day are kept, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days(SmallVec<[(i64, u64); 1]>);

/// The span of a day, and the day's bit there.
#[must_use]
pub fn span_and_bit(day: i64) -> (i64, u64) {
    (day.div_euclid(OF_A_WORD), 1 << day.rem_euclid(OF_A_WORD))
}

impl Days {
    /// Adds a day.
    pub fn add(&mut self, day: i64) {
        let (span, bit) = span_and_bit(day);
        self.add_of_span(span, bit);
    }

    /// Adds the days of one span.
    pub fn add_of_span(&mut self, span: i64, bits: u64) {
        if bits == 0 {
            return;
        }
        match self.0.binary_search_by_key(&span, |(span, _)| *span) {
            Ok(place) => {
                if let Some((_, known)) = self.0.get_mut(place) {
                    *known |= bits;
                }
            }
            Err(place) => {
                // A quarter begins in one span and ends in the next; few rows have more.
                if self.0.len() == 1 {
                    self.0.reserve_exact(1);
                }
                self.0.insert(place, (span, bits));
            }
        }
    }

    /// Adds other days.
    pub fn add_all(&mut self, other: &Self) {
        for (span, bits) in &other.0 {
            self.add_of_span(*span, *bits);
        }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> u32 {
        let counts = self.0.iter().map(|(_, bits)| bits.count_ones());
        counts.fold(0, u32::saturating_add)
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        self.0.iter().flat_map(|(span, bits)| {
            let first = span * OF_A_WORD;
            let bits = *bits;
            (0..OF_A_WORD)
                .filter(move |place| bits >> place & 1 == 1)
                .map(move |place| first + place)
        })
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In order, as dates; what no calendar has is left out.
    pub fn dates(&self) -> impl Iterator<Item = Date> {
        self.iter().filter_map(date_of)
    }
}

fn date_of(day: i64) -> Option<Date> {
    FIRST
        .checked_add(jiff::Span::new().try_days(day).ok()?)
        .ok()
}

/// The day of a date, counted since 1970.
#[must_use]
pub fn day_of_date(date: Date) -> i64 {
    // Days alone are asked for, of which no two dates have too many.
    FIRST
        .until(date)
        .map_or(0, |span| i64::from(span.get_days()))
}

impl FromIterator<i64> for Days {
    fn from_iter<T: IntoIterator<Item = i64>>(days: T) -> Self {
        let mut all = Self::default();
        days.into_iter().for_each(|day| all.add(day));
        all
    }
}

impl Cell for Days {
    const COLUMN_TYPE: ColumnType = ColumnType::StringList;
    const NULLABLE: bool = false;

    fn into_column(name: &str, values: impl ExactSizeIterator<Item = Self>) -> Column {
        let rows = values.len();
        let mut builder = ListStringChunkedBuilder::new(name.into(), rows, rows);
        let mut texts: HashMap<i64, Option<String>> = HashMap::new();
        for value in values {
            for day in value.iter() {
                texts
                    .entry(day)
                    .or_insert_with(|| Some(date_of(day)?.to_string()));
            }
            let of_row = value.iter().filter_map(|day| texts.get(&day)?.as_deref());
            builder.append_values_iter(of_row);
        }
        builder.finish().into_series().into_column()
    }

    fn from_column(column: &Column) -> PolarsResult<Vec<Self>> {
        let mut known: HashMap<String, i64> = HashMap::new();
        let mut days = |list: &polars::prelude::Series| -> PolarsResult<Self> {
            let texts = list.str()?.iter().flatten();
            texts.map(|text| day_of(text, &mut known)).collect()
        };
        let lists = column.list()?.amortized_iter();
        lists
            .map(|list| list.map_or_else(|| Ok(Self::default()), |list| days(list.as_ref())))
            .collect()
    }
}

fn day_of(text: &str, known: &mut HashMap<String, i64>) -> PolarsResult<i64> {
    if let Some(day) = known.get(text) {
        return Ok(*day);
    }
    let date: Date = text
        .parse()
        .map_err(|_| PolarsError::ComputeError(format!("`{text}` is no date").into()))?;
    let day = day_of_date(date);
    known.insert(text.to_owned(), day);
    Ok(day)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_texts_in_a_table_and_what_is_no_date_is_told() {
        let days = vec![
            Days::default(),
            [-1, 0, 20_000].into_iter().collect(),
            [20_000].into_iter().collect(),
        ];
        let column = Days::into_column("days", days.clone().into_iter());
        let texts: Vec<Vec<String>> = Cell::from_column(&column).unwrap();
        assert_eq!(
            texts,
            [
                vec![],
                vec!["1969-12-31", "1970-01-01", "2024-10-04"],
                vec!["2024-10-04"]
            ]
        );
        assert_eq!(Days::from_column(&column).unwrap(), days);
        let others = vec![vec!["yesterday".to_owned()]].into_iter();
        let column = Vec::<String>::into_column("days", others);
        let error = Days::from_column(&column).unwrap_err().to_string();
        assert!(error.contains("`yesterday` is no date"), "{error}");
    }

    proptest! {
        #[test]
        fn days_are_those_of_the_sorted_set(days in prop::collection::vec(-200..400_i64, 0..60), cut in 0..60_usize) {
            let (one, two) = days.split_at(cut.min(days.len()));
            let mut first = Days::default();
            one.iter().for_each(|day| first.add(*day));
            let mut second = Days::default();
            two.iter().for_each(|day| second.add(*day));
            second.add_all(&first);
            let set: BTreeSet<i64> = days.into_iter().collect();
            prop_assert_eq!(second.len() as usize, set.len());
            prop_assert_eq!(second.iter().collect::<Vec<_>>(), set.into_iter().collect::<Vec<_>>());
        }
    }
}
