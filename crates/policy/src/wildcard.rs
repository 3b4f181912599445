//! Texts with `*`, `?` and policy variables, as actions, resources and condition values hold them.
//!
//! `*` stands for any run of characters, also an empty one, and `?` for exactly one character
//! (IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs").

use std::fmt;
use std::sync::LazyLock;

/// One piece of a [`Wildcard`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// Plain text, never empty.
    Text(Box<str>),
    /// `?`: one character.
    One,
    /// `*`: any run of characters.
    Many,
    /// `${key}` or `${key, 'default'}`.
    Variable(Variable),
}

/// A policy variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable {
    /// The condition key, in lower case: variables ignore its case.
    pub key: Box<str>,
    /// What stands for it where the request has no such key.
    pub default: Option<Box<str>>,
}

impl fmt::Display for Variable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.default {
            Some(default) => write!(formatter, "${{{}, '{default}'}}", self.key),
            None => write!(formatter, "${{{}}}", self.key),
        }
    }
}

/// A text with wildcards and variables, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Wildcard {
    pieces: Box<[Piece]>,
}

/// What of the text is more than plain characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    /// Whether `*` and `?` are wildcards.
    pub wildcards: bool,
    /// Whether `${key}` is a variable.
    pub variables: bool,
    /// Whether `${*}`, `${?}` and `${$}` stand for the character itself, as under version 2012-10-17.
    pub escapes: bool,
}

impl Syntax {
    /// `*` and `?`, and nothing else.
    pub const WILDCARDS: Self = Self {
        wildcards: true,
        variables: false,
        escapes: false,
    };
}

impl Wildcard {
    /// Takes a text apart. Every text is one: `${` without an end is plain characters.
    #[must_use]
    pub fn parse(text: &str, syntax: Syntax) -> Self {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let mut length = first.len_utf8();
            let piece = match first {
                '*' if syntax.wildcards => Some(Piece::Many),
                '?' if syntax.wildcards => Some(Piece::One),
                '$' => {
                    let (inside, whole) = braced(rest).unwrap_or_default();
                    match inside {
                        "*" | "?" | "$" if syntax.escapes => {
                            plain.push_str(inside);
                            length = whole;
                            None
                        }
                        _ if syntax.variables && whole > 0 => match variable(inside) {
                            Some(variable) => {
                                length = whole;
                                Some(Piece::Variable(variable))
                            }
                            None => {
                                plain.push(first);
                                None
                            }
                        },
                        _ => {
                            plain.push(first);
                            None
                        }
                    }
                }
                _ => {
                    plain.push(first);
                    None
                }
            };
            if let Some(piece) = piece {
                push_text(&mut pieces, &mut plain);
                // A second `*` adds nothing to the first one.
                if piece != Piece::Many || pieces.last() != Some(&Piece::Many) {
                    pieces.push(piece);
                }
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        push_text(&mut pieces, &mut plain);
        Self {
            pieces: pieces.into(),
        }
    }

    /// A text without wildcards and variables.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        let mut pieces = Vec::new();
        push_text(&mut pieces, &mut text.to_owned());
        Self {
            pieces: pieces.into(),
        }
    }

    /// `*` alone.
    #[must_use]
    pub fn any() -> Self {
        Self {
            pieces: [Piece::Many].into(),
        }
    }

    /// The pieces in order; two texts or two `*` never follow each other.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether it is `*` alone and matches every text.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self.pieces == [Piece::Many]
    }

    /// The text itself, where it has neither wildcards nor variables.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match &*self.pieces {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Its variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            _ => None,
        })
    }

    /// Whether it has a variable.
    #[must_use]
    pub(crate) fn has_variables(&self) -> bool {
        self.variables().next().is_some()
    }

    /// Puts plain text in the place of each variable.
    ///
    /// `None` if a variable has no value: then the whole text matches nothing (IAM User Guide, "IAM policy elements:
    /// Variables and tags").
    #[must_use]
    pub fn resolve<'a>(&self, value: impl Fn(&Variable) -> Option<&'a str>) -> Option<Self> {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        let mut plain = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => plain.push_str(text),
                Piece::Variable(variable) => match (value(variable), &variable.default) {
                    (Some(value), _) => plain.push_str(value),
                    (None, Some(default)) => plain.push_str(default),
                    (None, None) => return None,
                },
                Piece::One | Piece::Many => {
                    push_text(&mut pieces, &mut plain);
                    if *piece != Piece::Many || pieces.last() != Some(&Piece::Many) {
                        pieces.push(piece.clone());
                    }
                }
            }
        }
        push_text(&mut pieces, &mut plain);
        Some(Self {
            pieces: pieces.into(),
        })
    }

    /// With `*` in the place of every variable.
    #[must_use]
    pub fn loosened(&self) -> Self {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            let piece = match piece {
                Piece::Variable(_) => Piece::Many,
                other => other.clone(),
            };
            if piece != Piece::Many || pieces.last() != Some(&Piece::Many) {
                pieces.push(piece);
            }
        }
        Self {
            pieces: pieces.into(),
        }
    }

    /// Whether it matches the whole of `text`. A variable matches nothing: [`Self::resolve`] it first.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &*self.pieces {
            [Piece::Text(own)] => **own == *text,
            [Piece::Text(own), Piece::Many] => text.starts_with(&**own),
            [Piece::Many, Piece::Text(own)] => text.ends_with(&**own),
            pieces => matches(pieces, text),
        }
    }
}

impl fmt::Display for Wildcard {
    /// Writes it so that [`Wildcard::parse`] reads the same under version 2012-10-17.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => {
                    let mut characters = text.chars().peekable();
                    while let Some(character) = characters.next() {
                        let is_escaped = match character {
                            '*' | '?' => true,
                            // Else what follows could be read as a variable.
                            '$' => characters.peek() == Some(&'{'),
                            _ => false,
                        };
                        match is_escaped {
                            true => write!(formatter, "${{{character}}}")?,
                            false => write!(formatter, "{character}")?,
                        }
                    }
                }
                Piece::One => formatter.write_str("?")?,
                Piece::Many => formatter.write_str("*")?,
                Piece::Variable(variable) => write!(formatter, "{variable}")?,
            }
        }
        Ok(())
    }
}

/// Walks the pieces and goes back to the last `*` only: an earlier one cannot help where the last one does not.
fn matches(pieces: &[Piece], text: &str) -> bool {
    let mut pieces_left = pieces;
    let mut text_left = text;
    let mut after_star: Option<(&[Piece], &str)> = None;
    loop {
        let step = match pieces_left.split_first() {
            None if text_left.is_empty() => return true,
            None => None,
            Some((Piece::Many, rest)) => {
                if rest.is_empty() {
                    return true;
                }
                after_star = Some((rest, text_left));
                pieces_left = rest;
                continue;
            }
            Some((Piece::One, rest)) => {
                let mut characters = text_left.chars();
                characters.next().map(|_| (rest, characters.as_str()))
            }
            Some((Piece::Text(own), rest)) => text_left
                .strip_prefix(&**own)
                .map(|text_left| (rest, text_left)),
            Some((Piece::Variable(_), _)) => return false,
        };
        if let Some((pieces, text)) = step {
            pieces_left = pieces;
            text_left = text;
            continue;
        }
        let Some((pieces, from)) = after_star else {
            return false;
        };
        let mut characters = from.chars();
        if characters.next().is_none() {
            return false;
        }
        let mut from = characters.as_str();
        // Where a text follows the star, only places with its first byte are worth a comparison.
        if let Some(Piece::Text(own)) = pieces.first()
            && let Some(first) = own.bytes().next()
        {
            let place = from.bytes().position(|byte| byte == first);
            match place.and_then(|place| from.get(place..)) {
                Some(rest) if rest.len() >= own.len() => from = rest,
                _ => return false,
            }
        }
        after_star = Some((pieces, from));
        pieces_left = pieces;
        text_left = from;
    }
}

/// The letter without its case, one for one: what Unicode lowers to several letters keeps its case.
pub(crate) fn fold_case(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => letter,
    }
}

/// Every letter that [`fold_case`] makes this one.
pub(crate) fn cases_of(folded: char) -> impl Iterator<Item = char> {
    /// No letter above has two cases.
    const LAST: char = '\u{1ffff}';
    static UPPER: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let mut upper: Vec<(char, char)> = ('\0'..=LAST)
            .map(|letter| (fold_case(letter), letter))
            .filter(|(folded, letter)| folded != letter)
            .collect();
        upper.sort_unstable();
        upper
    });
    let first = UPPER.partition_point(|(known, _)| *known < folded);
    let others = UPPER.iter().skip(first);
    others
        .take_while(move |(known, _)| *known == folded)
        .map(|(_, letter)| *letter)
        .chain([folded])
}

fn push_text(pieces: &mut Vec<Piece>, plain: &mut String) {
    if !plain.is_empty() {
        pieces.push(Piece::Text(std::mem::take(plain).into()));
    }
}

/// What is longer is no variable: context keys, tag keys and defaults together are far shorter, and without a limit a
/// text of many `${` would be searched up to its end for each of them.
pub(crate) const MAX_VARIABLE_BYTES: usize = 1024;

/// What stands between `${` and `}`, and how long the whole is.
pub(crate) fn braced(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix("${")?;
    let within = inside.get(..inside.floor_char_boundary(MAX_VARIABLE_BYTES))?;
    let end = within.find('}')?;
    Some((inside.get(..end)?, "${".len() + end + "}".len()))
}

/// `key` or `key, 'default'`.
fn variable(inside: &str) -> Option<Variable> {
    let (key, default) = match inside.split_once(',') {
        None => (inside, None),
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key, Some(default.into()))
        }
    };
    let key = key.trim();
    // With spaces around it an escape is neither an escape nor a key.
    (!matches!(key, "" | "*" | "?" | "$")).then(|| Variable {
        key: key.to_ascii_lowercase().into(),
        default,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: Syntax = Syntax {
        wildcards: true,
        variables: true,
        escapes: true,
    };

    /// The obvious twin: tries everything.
    fn matches_slowly(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => {
                (0..=text.len()).any(|skipped| matches_slowly(rest, &text[skipped..]))
            }
            Some(('?', rest)) => !text.is_empty() && matches_slowly(rest, &text[1..]),
            Some((own, rest)) => text.first() == Some(own) && matches_slowly(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn matches_what_trying_everything_matches(pattern in "[abé*?]{0,8}", text in "[abé]{0,9}") {
            let characters: Vec<char> = pattern.chars().collect();
            let text_characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(
                Wildcard::parse(&pattern, Syntax::WILDCARDS).matches(&text),
                matches_slowly(&characters, &text_characters)
            );
        }

        #[test]
        fn prints_what_it_reads(text in "[ab*?$,' {}]{0,12}|(a|\\$\\{[*?$]\\}|\\$\\{Aws:b\\}|\\$\\{k, 'd'\\}|\\*|\\?){0,6}") {
            let read = Wildcard::parse(&text, ALL);
            prop_assert_eq!(Wildcard::parse(&read.to_string(), ALL), read);
        }
    }

    #[test]
    fn documented_examples_of_resource_wildcards() {
        let matches =
            |pattern: &str, text: &str| Wildcard::parse(pattern, Syntax::WILDCARDS).matches(text);
        assert!(matches("bucket/*/test/*", "bucket/1/2/test/3/object.jpg"));
        assert!(matches("bucket/*/test/*", "bucket//test/object.jpg"));
        assert!(!matches("bucket/*/test/*", "bucket/test/object.jpg"));
    }

    #[test]
    fn variables_and_escapes_are_taken_apart() {
        let read = Wildcard::parse("a/${AWS:UserName}/${*}-${team, 'none at all'}-${", ALL);
        assert_eq!(
            read.to_string(),
            "a/${aws:username}/${*}-${team, 'none at all'}-${$}{"
        );
        let resolved = read.resolve(|variable| (&*variable.key == "aws:username").then_some("*x"));
        let resolved = resolved.unwrap();
        assert_eq!(resolved.as_literal(), Some("a/*x/*-none at all-${"));
        assert!(read.resolve(|_| None).is_none());
    }

    #[test]
    fn an_escaped_dollar_begins_no_variable_when_printed() {
        for text in ["${$}{aws:username}", "${$}{*}", "$${a:b}"] {
            let read = Wildcard::parse(text, ALL);
            assert_eq!(read.to_string(), text);
            assert_eq!(Wildcard::parse(&read.to_string(), ALL), read);
        }
    }

    #[test]
    fn an_escape_with_spaces_is_plain_text() {
        let read = Wildcard::parse("${ $}", ALL);
        assert_eq!(read.as_literal(), Some("${ $}"));
    }

    #[test]
    fn a_character_of_several_bytes_is_one() {
        assert!(Wildcard::parse("?", Syntax::WILDCARDS).matches("é"));
        assert!(!Wildcard::parse("??", Syntax::WILDCARDS).matches("é"));
    }
}
