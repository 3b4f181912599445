//! Inclusion and overlap of patterns with `*` and `?`, where a small sure answer is enough.

use leastgrant_policy::{Piece, Wildcard};

/// One symbol: a character, `?`, `*`, or a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol<'a> {
    Plain(char),
    One,
    Many,
    Variable(&'a str),
}

fn symbols(wildcard: &Wildcard) -> Vec<Symbol<'_>> {
    let mut symbols = Vec::new();
    for piece in wildcard.pieces() {
        match piece {
            Piece::Text(text) => symbols.extend(text.chars().map(Symbol::Plain)),
            Piece::One => symbols.push(Symbol::One),
            Piece::Many => symbols.push(Symbol::Many),
            Piece::Variable(variable) => symbols.push(Symbol::Variable(&variable.key)),
        }
    }
    symbols
}

/// A `*` may stand for nothing.
fn skip_stars(pattern: &[Symbol<'_>], reached: &mut [bool]) {
    for (place, own) in pattern.iter().enumerate() {
        if *own == Symbol::Many
            && reached.get(place) == Some(&true)
            && let Some(next) = reached.get_mut(place + 1)
        {
            *next = true;
        }
    }
}

/// Whether everything that `inner` matches is matched by `outer`. "Yes" is sure, "no" is not.
///
/// The runs between the stars of `outer` are looked for in `inner`, whose own stars lie within those of `outer` only: the first run
/// at its beginning, the last at its end, the others one after the other as early as they can be. The checker of certificates
/// decides the same in another way.
pub(crate) fn includes(outer: &Wildcard, inner: &Wildcard) -> bool {
    let (outer, inner) = (symbols(outer), symbols(inner));
    let mut runs = outer.split(|symbol| *symbol == Symbol::Many);
    let Some(first) = runs.next() else {
        return false;
    };
    let Some((begin, rest)) = inner.split_at_checked(first.len()) else {
        return false;
    };
    if !covers(first, begin) {
        return false;
    }
    let Some(last) = runs.next_back() else {
        return rest.is_empty();
    };
    let ends_at = rest.len().checked_sub(last.len());
    let Some((mut rest, end)) = ends_at.and_then(|place| rest.split_at_checked(place)) else {
        return false;
    };
    for run in runs.filter(|run| !run.is_empty()) {
        let place = rest.windows(run.len()).position(|own| covers(run, own));
        let Some(after) = place.and_then(|place| rest.get(place + run.len()..)) else {
            return false;
        };
        rest = after;
    }
    covers(last, end)
}

/// Whether each symbol of a run without stars covers the one in the same place.
fn covers(run: &[Symbol<'_>], own: &[Symbol<'_>]) -> bool {
    run.len() == own.len()
        && run.iter().zip(own).all(|(outer, inner)| match outer {
            Symbol::One => matches!(inner, Symbol::One | Symbol::Plain(_)),
            outer => outer == inner,
        })
}

/// Whether some text may be matched by both. "No" is sure, "yes" is not.
pub(crate) fn may_overlap(one: &Wildcard, other: &Wildcard) -> bool {
    let (one, other) = (one.loosened(), other.loosened());
    let (one, other) = (symbols(&one), symbols(&other));
    // For each place in `other`, whether both can be there.
    let mut reached = vec![false; other.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    skip_stars(&other, &mut reached);
    for symbol in &one {
        let mut next = vec![false; other.len() + 1];
        let mut mark = |place: usize| {
            if let Some(next) = next.get_mut(place) {
                *next = true;
            }
        };
        if *symbol == Symbol::Many {
            let first = reached.iter().position(|is| *is).unwrap_or(reached.len());
            (first..=other.len()).for_each(mark);
        } else {
            for (place, own) in other.iter().enumerate() {
                match own {
                    _ if reached.get(place) != Some(&true) => {}
                    Symbol::Many => mark(place),
                    own if *own == Symbol::One || *symbol == Symbol::One || own == symbol => {
                        mark(place + 1);
                    }
                    _ => {}
                }
            }
        }
        skip_stars(&other, &mut next);
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use leastgrant_policy::Syntax;
    use proptest::prelude::*;

    use super::*;

    fn wildcard(text: &str) -> Wildcard {
        Wildcard::parse(text, Syntax::WILDCARDS)
    }

    #[test]
    fn inclusion() {
        let within = |outer: &str, inner: &str| includes(&wildcard(outer), &wildcard(inner));
        assert!(within("a*", "a*b") && within("*", "a?") && within("a?c", "abc"));
        assert!(!within("a?", "a*") && !within("a*b", "a*") && !within("ab", "a"));
    }

    /// The obvious twin, symbol by symbol: a star takes nothing, or one symbol and then what it may.
    fn includes_by_trying_all(outer: &[Symbol<'_>], inner: &[Symbol<'_>]) -> bool {
        match (outer.split_first(), inner.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some((Symbol::Many, rest)), taken) => {
                includes_by_trying_all(rest, inner)
                    || taken.is_some_and(|(_, left)| includes_by_trying_all(outer, left))
            }
            (Some(_), None) => false,
            (Some((own, rest)), Some((symbol, left))) => {
                covers(std::slice::from_ref(own), std::slice::from_ref(symbol))
                    && includes_by_trying_all(rest, left)
            }
        }
    }

    proptest! {
        #[test]
        fn inclusion_is_that_of_trying_all_and_holds_for_every_text(
            outer in "[ab*?]{0,5}", inner in "[ab*?]{0,5}", texts in prop::collection::vec("[ab]{0,6}", 20)
        ) {
            let (outer, inner) = (wildcard(&outer), wildcard(&inner));
            let found = includes(&outer, &inner);
            prop_assert_eq!(found, includes_by_trying_all(&symbols(&outer), &symbols(&inner)));
            for text in texts.iter().filter(|text| found && inner.matches(text)) {
                prop_assert!(outer.matches(text), "{}", text);
            }
        }
    }

    #[test]
    fn overlap() {
        let overlap = |one: &str, other: &str| may_overlap(&wildcard(one), &wildcard(other));
        assert!(overlap("a*", "*b") && overlap("*", "x") && overlap("a?", "ab"));
        assert!(!overlap("a*", "b*") && !overlap("*a", "*b") && !overlap("ab", "abc"));
    }
}
