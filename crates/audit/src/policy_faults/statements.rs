//! Statements that change nothing beside the others of their document.

use leastgrant_policy::{Effect, Policy, Statement};

use super::Found;
use crate::reach::actions_of;

pub(super) fn check(found: &mut Found<'_>, policy: &Policy) {
    let statement = found.statement;
    if statement.effect != Effect::Allow {
        return;
    }
    let others = policy.statements.iter().enumerate();
    let others = others.filter(|(index, _)| *index != found.index);
    for (index, other) in others {
        // Of statements that say the same the first one is told by the lint.
        if !other.conditions.is_empty() || statement.means_the_same(other) {
            continue;
        }
        // Of two that cover each other the later one is told: without both nothing would be left.
        let is_mutual = || statement.conditions.is_empty() && covers(statement, other);
        if other.effect == Effect::Allow && index > found.index && is_mutual() {
            continue;
        }
        if covers(other, statement) {
            let words = match other.effect {
                Effect::Deny => format!(
                    "it can have no effect: statement {} denies all of it",
                    index + 1
                ),
                Effect::Allow => {
                    format!("it adds nothing: statement {} allows all of it", index + 1)
                }
            };
            found.find(words, false);
            return;
        }
    }
}

/// Whether a statement without conditions takes in all of another one. It may and not be seen here, but not the reverse.
fn covers(wide: &Statement, narrow: &Statement) -> bool {
    let (Some(resources), Some(own)) = (&wide.resource, &narrow.resource) else {
        return false;
    };
    if wide.action.is_negated || narrow.action.is_negated || resources.is_negated {
        return false;
    }
    let is_every = resources.entries.iter().any(|entry| entry.is_every());
    let has = |text: &str| resources.entries.iter().any(|entry| entry.as_str() == text);
    let covers_resources =
        is_every || !own.is_negated && own.entries.iter().all(|entry| has(entry.as_str()));
    if !covers_resources {
        return false;
    }
    let mut entries = narrow.action.entries.iter();
    let is_written_out = |text: &str| {
        let mut wide = wide.action.entries.iter();
        wide.any(|entry| entry.is_every() || entry.as_str().eq_ignore_ascii_case(text))
    };
    // What the catalogue does not know must be written alike.
    if entries.clone().all(|entry| is_written_out(entry.as_str())) {
        return true;
    }
    let is_known = entries.all(|entry| {
        let catalog = leastgrant_catalog::Catalog::get();
        entry.is_plain() && !catalog.expand(entry).is_empty()
    });
    is_known && actions_of(narrow).is_subset(&actions_of(wide))
}
