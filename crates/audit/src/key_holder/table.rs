//! The tables: parts of user agents and words of names, with what they say of who holds a key.

use std::sync::LazyLock;

use super::HolderKind;
use super::mark::Weight;

/// A line of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    /// What to look for, in lower case.
    pub text: &'static str,
    /// Of which holder it speaks.
    pub kind: HolderKind,
    /// Which one of that kind, where it tells.
    pub name: Option<&'static str>,
    pub weight: Weight,
}

static AGENTS: &str = include_str!("../../data/key-holder-agents.tsv");
static NAMES: &str = include_str!("../../data/key-holder-names.tsv");

/// Parts of user agents.
pub(crate) fn agents() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| lines(AGENTS).filter_map(read).collect());
    &ROWS
}

/// Words of names and tags.
pub(crate) fn names() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| lines(NAMES).filter_map(read).collect());
    &ROWS
}

/// The lines of a table that are no comments.
pub(crate) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// A line; a test holds that each is read.
fn read(line: &'static str) -> Option<Row> {
    let columns: Vec<&'static str> = line.split('\t').collect();
    let [text, kind, name, weight, source] = columns.as_slice() else {
        return None;
    };
    Some(Row {
        text: Some(*text).filter(|text| !text.is_empty() && !source.is_empty())?,
        kind: HolderKind::of_table(kind)?,
        name: Some(*name).filter(|name| !name.is_empty()),
        weight: Weight::of_number(weight)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_read_once_and_in_lower_case() {
        for (table, rows) in [(AGENTS, agents()), (NAMES, names())] {
            assert_eq!(lines(table).count(), rows.len());
            let texts: BTreeSet<&str> = rows.iter().map(|row| row.text).collect();
            assert_eq!(texts.len(), rows.len(), "a text stands twice");
            for row in rows {
                assert_eq!(row.text, row.text.to_ascii_lowercase());
            }
        }
    }
}
