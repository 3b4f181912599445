//! Actions that the catalogue does not know.

use leastgrant_catalog::Catalog;

use super::Found;
use crate::listing::quoted;

pub(super) fn check(found: &mut Found<'_>) {
    let catalog = Catalog::get();
    for entry in &found.statement.action.entries {
        // What is no action at all is said by the lint.
        let has_spaces = entry.as_str().contains(char::is_whitespace);
        if catalog.action(entry.as_str()).is_some()
            || has_spaces
            || !entry.is_well_formed()
            || !catalog.expand(entry).is_empty()
        {
            continue;
        }
        let text = entry.as_str();
        let what = match entry.is_plain() {
            true => "is no action that AWS documents",
            false => "matches no action that AWS documents",
        };
        let suggestion = match catalog.suggest(text) {
            Some(suggestion) => format!("; did you mean `{suggestion}`?"),
            None => String::new(),
        };
        found.find(format!("{} {what}{suggestion}", quoted(text)), true);
    }
}
