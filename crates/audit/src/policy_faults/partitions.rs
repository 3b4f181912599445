//! Statements about resources of another partition than the account's: nobody can reach across (IAM User Guide, "Identify AWS
//! resources with Amazon Resource Names (ARNs)").

use super::Found;
use crate::listing::quoted;

pub(super) fn check(found: &mut Found<'_>, partition: &str) {
    let Some(list) = found
        .statement
        .resource
        .as_ref()
        .filter(|own| !own.is_negated)
    else {
        return;
    };
    let other = |fields: &[leastgrant_policy::Wildcard]| {
        let own = fields.get(1).and_then(|own| own.as_literal());
        own.filter(|own| own.starts_with("aws") && *own != partition)
            .map(str::to_owned)
    };
    let others: Option<Vec<String>> = list
        .entries
        .iter()
        .map(|entry| other(entry.fields()))
        .collect();
    // One document for several partitions names a resource of each.
    let (Some(others), Some(first)) = (others, list.entries.first()) else {
        return;
    };
    if let Some(other) = others.first() {
        let words = format!(
            "{} is of the partition `{other}`, and the account of `{partition}`: it can have no effect",
            quoted(first.as_str())
        );
        found.find(words, false);
    }
}
