//! Is everything that one pattern matches matched by another?
//!
//! The answer "yes" is always right. "No" can be wrong where only several symbols together cover another run, which for the
//! patterns that are checked here does not happen: a wildcard stays one, or becomes plain text.

use crate::text::{Symbol, fields, symbols};

/// Whether each text of `inner` is one of `outer`, symbol by symbol: `*` of outer takes any run of symbols, `?` one character.
pub(crate) fn includes(outer: &[Symbol], inner: &[Symbol]) -> bool {
    // For each place in outer, whether it can be reached after the symbols of inner so far.
    let mut reached = vec![false; outer.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    skip_stars(outer, &mut reached);
    for symbol in inner {
        let mut next = vec![false; outer.len() + 1];
        for (place, own) in outer.iter().enumerate() {
            if reached.get(place) != Some(&true) {
                continue;
            }
            let goes_to = match (own, symbol) {
                (Symbol::Many, _) => place,
                (Symbol::One, Symbol::Plain(_) | Symbol::One) => place + 1,
                (own, symbol) if own == symbol => place + 1,
                _ => continue,
            };
            if let Some(next) = next.get_mut(goes_to) {
                *next = true;
            }
        }
        skip_stars(outer, &mut next);
        reached = next;
    }
    reached.last() == Some(&true)
}

fn is_braced(symbol: &Symbol) -> bool {
    matches!(symbol, Symbol::Braced(_))
}

/// A `*` may stand for nothing.
fn skip_stars(outer: &[Symbol], reached: &mut [bool]) {
    for (place, own) in outer.iter().enumerate() {
        if *own == Symbol::Many
            && reached.get(place) == Some(&true)
            && let Some(next) = reached.get_mut(place + 1)
        {
            *next = true;
        }
    }
}

/// Whether an action pattern is within another. `*` does not cross the colon, and only `*` alone has none.
pub(crate) fn includes_action(outer: &str, inner: &str) -> bool {
    if outer == "*" {
        return true;
    }
    let (outer, inner) = (outer.to_ascii_lowercase(), inner.to_ascii_lowercase());
    match (outer.split_once(':'), inner.split_once(':')) {
        (Some((outer_service, outer_name)), Some((service, name))) => {
            includes(&symbols(outer_service), &symbols(service))
                && includes(&symbols(outer_name), &symbols(name))
        }
        _ => false,
    }
}

/// Whether a resource pattern is within another, whether `*` stays within a field of an ARN or crosses `:`.
pub(crate) fn includes_resource(outer: &str, inner: &str) -> bool {
    if outer == "*" || outer == inner {
        return true;
    }
    let (outer, inner) = (symbols(outer), symbols(inner));
    let by_field = match (fields(&outer), fields(&inner)) {
        (Some(outer), Some(inner)) => {
            let mut pairs = outer.iter().zip(inner.iter()).enumerate();
            pairs.all(|(place, (outer, inner))| {
                // What stands in `${…}` may hold a `:`, after which the fields would be others.
                let may_shift = place < 5 && inner.iter().any(is_braced);
                includes(outer, inner) && (!may_shift || outer == inner)
            })
        }
        _ => false,
    };
    by_field && includes(&outer, &inner)
}
