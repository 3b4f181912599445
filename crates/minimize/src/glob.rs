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
pub(crate) fn includes(outer: &Wildcard, inner: &Wildcard) -> bool {
    let (outer, inner) = (symbols(outer), symbols(inner));
    // For each place in `outer`, whether the symbols of `inner` so far can lead there.
    let mut reached = vec![false; outer.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    skip_stars(&outer, &mut reached);
    for symbol in &inner {
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
        skip_stars(&outer, &mut next);
        reached = next;
    }
    reached.last() == Some(&true)
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

    #[test]
    fn overlap() {
        let overlap = |one: &str, other: &str| may_overlap(&wildcard(one), &wildcard(other));
        assert!(overlap("a*", "*b") && overlap("*", "x") && overlap("a?", "ab"));
        assert!(!overlap("a*", "b*") && !overlap("*a", "*b") && !overlap("ab", "abc"));
    }
}
