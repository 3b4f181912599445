//! Do two patterns match no text in common?

use crate::text::{Symbol, symbols};

/// Whether no text is matched by both. What stands in `${…}` may be anything.
fn are_disjoint(one: &[Symbol], other: &[Symbol]) -> bool {
    // For each place in `other`, whether both can be there after the symbols of `one` so far.
    let mut reached = vec![false; other.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    skip_runs(other, &mut reached);
    for symbol in one {
        let mut next = vec![false; other.len() + 1];
        let mut mark = |place: usize| {
            if let Some(next) = next.get_mut(place) {
                *next = true;
            }
        };
        if is_run(symbol) {
            // It can stand for nothing, or for whatever the other goes on with.
            let first = reached.iter().position(|is| *is).unwrap_or(reached.len());
            (first..=other.len()).for_each(mark);
        } else {
            for (place, own) in other.iter().enumerate() {
                if reached.get(place) != Some(&true) {
                    continue;
                }
                if is_run(own) {
                    mark(place);
                } else if *own == Symbol::One || *symbol == Symbol::One || own == symbol {
                    mark(place + 1);
                }
            }
        }
        skip_runs(other, &mut next);
        reached = next;
    }
    reached.last() != Some(&true)
}

fn is_run(symbol: &Symbol) -> bool {
    matches!(symbol, Symbol::Many | Symbol::Braced(_))
}

fn skip_runs(pattern: &[Symbol], reached: &mut [bool]) {
    for (place, own) in pattern.iter().enumerate() {
        if is_run(own)
            && reached.get(place) == Some(&true)
            && let Some(next) = reached.get_mut(place + 1)
        {
            *next = true;
        }
    }
}

/// Whether no action is matched by both patterns, `*` crossing the colon or not.
pub(crate) fn actions_are_disjoint(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    are_disjoint(&symbols(&one), &symbols(&other))
}

/// Whether no resource is matched by both patterns, `*` crossing `:` or not.
pub(crate) fn resources_are_disjoint(one: &str, other: &str) -> bool {
    // A short ARN matches more than its text.
    let is_whole = |text: &str| text.matches(':').count() >= 5;
    is_whole(one) && is_whole(other) && are_disjoint(&symbols(one), &symbols(other))
}
