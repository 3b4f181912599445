//! Resource patterns field by field: what two of them have in common, and a resource made up from one.

use std::collections::HashSet;

use leastgrant_policy::resource::ARN_FIELDS;
use leastgrant_policy::{Piece, ResourcePattern, ShortArn, Wildcard};

/// Stands for what a wildcard leaves open. It is long and in no policy, so that what matches it matches anything there.
pub(crate) const FRESH: &str = "leastgrant-made-this-up";

/// A pattern of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Everything, also the text `*` of a request that names no resource.
    Every,
    /// Six fields.
    Fields(Box<[Wildcard; ARN_FIELDS]>),
    /// A text that is no ARN.
    Other(Wildcard),
}

/// What a made-up resource takes where the pattern leaves it open.
pub(crate) struct Fill<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub account_id: &'a str,
}

impl Shape {
    /// The shape of a pattern with its variables resolved; what has no value is taken for anything.
    ///
    /// `None` if the pattern matches no ARN, as short ones do in some policies.
    pub(crate) fn of<'v>(
        pattern: &ResourcePattern,
        short: ShortArn,
        value: impl Fn(&leastgrant_policy::Variable) -> Option<&'v str>,
    ) -> Option<Self> {
        if pattern.is_every() {
            return Some(Self::Every);
        }
        if pattern.is_short() && !pattern.may_be_short(short) {
            return None;
        }
        let resolved = |field: &Wildcard| {
            // A default does not stand for what was not told.
            let is_told = field.variables().all(|variable| value(variable).is_some());
            match field.resolve(&value) {
                Some(resolved) if is_told => resolved,
                _ => field.loosened(),
            }
        };
        let own = pattern.fields();
        if own.first().is_none_or(|first| !first.matches("arn")) {
            return Some(Self::Other(resolved(pattern.whole())));
        }
        let fields: [Wildcard; ARN_FIELDS] =
            std::array::from_fn(|index| own.get(index).map_or_else(Wildcard::any, resolved));
        Some(Self::Fields(Box::new(fields)))
    }

    /// A shape within both, if there is one. It may be smaller than what they have in common, and is never larger.
    pub(super) fn within(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Every, shape) | (shape, Self::Every) => Some(shape.clone()),
            (Self::Fields(own), Self::Fields(others)) => {
                let mut fields = own.clone();
                for (field, other) in fields.iter_mut().zip(others.iter()) {
                    *field = common(field, other)?;
                }
                Some(Self::Fields(fields))
            }
            (Self::Other(own), Self::Other(other)) => common(own, other).map(Self::Other),
            _ => None,
        }
    }

    /// Resources that it matches: one, and for everything one of each form that ARNs have.
    pub(crate) fn resources(&self, fill: &Fill<'_>) -> Vec<String> {
        let Fill {
            partition,
            service,
            account_id,
        } = fill;
        match self {
            Self::Every => vec![
                "*".to_owned(),
                format!("arn:{partition}:{service}:::{FRESH}/{FRESH}"),
                format!("arn:{partition}:{service}:{FRESH}:{account_id}:{FRESH}/{FRESH}"),
            ],
            Self::Fields(fields) => {
                let [_, own_partition, own_service, region, account, rest] = &**fields;
                let or = |field: &Wildcard, fill: &str| match field.matches(fill) {
                    true => fill.to_owned(),
                    false => filled(field),
                };
                vec![
                    [
                        "arn",
                        &or(own_partition, partition),
                        &or(own_service, service),
                        &filled(region),
                        &or(account, account_id),
                        &filled(rest),
                    ]
                    .join(":"),
                ]
            }
            Self::Other(text) => vec![filled(text)],
        }
    }
}

/// A text that the pattern matches, with made-up text for its wildcards.
pub(crate) fn filled(pattern: &Wildcard) -> String {
    let pieces = pattern.pieces().iter();
    pieces
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::One => "_",
            Piece::Many | Piece::Variable(_) => FRESH,
        })
        .collect()
}

/// A pattern within both.
fn common(one: &Wildcard, other: &Wildcard) -> Option<Wildcard> {
    // What matches a text made up from the other one matches all of it, but for `?`.
    if other.is_any() || other.matches(&filled(one)) {
        return Some(one.clone());
    }
    if one.is_any() || one.matches(&filled(other)) {
        return Some(other.clone());
    }
    common_text(one, other).map(|text| Wildcard::literal(&text))
}

/// What a pattern is made of, a character at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Character(char),
    One,
    Many,
}

fn units(pattern: &Wildcard) -> Vec<Unit> {
    let mut units = Vec::new();
    for piece in pattern.pieces() {
        match piece {
            Piece::Text(text) => units.extend(text.chars().map(Unit::Character)),
            Piece::One => units.push(Unit::One),
            Piece::Many | Piece::Variable(_) => units.push(Unit::Many),
        }
    }
    units
}

/// A text that both match: a walk through pairs of places in them, each pair once.
fn common_text(one: &Wildcard, other: &Wildcard) -> Option<String> {
    let (one, other) = (units(one), units(other));
    let mut seen = HashSet::from([(0, 0)]);
    let mut left = vec![(0, 0, String::new())];
    while let Some((first, second, text)) = left.pop() {
        if first == one.len() && second == other.len() {
            return Some(text);
        }
        let mut go = |first: usize, second: usize, text: String| {
            if seen.insert((first, second)) {
                left.push((first, second, text));
            }
        };
        let with = |character: char| {
            let mut longer = text.clone();
            longer.push(character);
            longer
        };
        let units = (one.get(first).copied(), other.get(second).copied());
        if units.0 == Some(Unit::Many) {
            go(first + 1, second, text.clone());
        }
        if units.1 == Some(Unit::Many) {
            go(first, second + 1, text.clone());
        }
        match units {
            (Some(Unit::Many), Some(Unit::Many)) | (None, _) | (_, None) => {}
            (Some(Unit::Many), Some(unit)) => go(first, second + 1, with(character_of(unit))),
            (Some(unit), Some(Unit::Many)) => go(first + 1, second, with(character_of(unit))),
            (Some(Unit::Character(own)), Some(Unit::Character(others))) if own != others => {}
            (Some(Unit::One), Some(unit)) | (Some(unit), Some(_)) => {
                go(first + 1, second + 1, with(character_of(unit)));
            }
        }
    }
    None
}

fn character_of(unit: Unit) -> char {
    match unit {
        Unit::Character(character) => character,
        Unit::One | Unit::Many => '_',
    }
}

#[cfg(test)]
mod tests {
    use leastgrant_policy::Version;

    use super::*;

    fn shape(text: &str) -> Shape {
        let pattern = ResourcePattern::parse(text, Version::V2012);
        Shape::of(&pattern, ShortArn::Anything, |_| None).unwrap()
    }

    #[test]
    fn what_patterns_have_in_common_is_matched_by_both() {
        let cases = [
            ("*", "arn:aws:s3:::b/*", true),
            ("arn:aws:s3:::a*", "arn:aws:s3:::*b", true),
            ("arn:aws:s3:::a*c*e", "arn:aws:s3:::ab?d*", true),
            ("arn:aws:s3:::a", "arn:aws:s3:::b", false),
            ("arn:aws:s3:::a*", "arn:aws:s3:::b*", false),
            ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:*:*", true),
            ("arn:aws:s3:::é?", "arn:aws:s3:::??", true),
        ];
        let fill = Fill {
            partition: "aws",
            service: "s3",
            account_id: "1",
        };
        for (one, other, is_common) in cases {
            for (one, other) in [(one, other), (other, one)] {
                let common = shape(one).within(&shape(other));
                assert_eq!(common.is_some(), is_common, "{one} {other}");
                for text in common.iter().flat_map(|shape| shape.resources(&fill)) {
                    for pattern in [one, other] {
                        let resource = leastgrant_policy::Resource::parse(&text);
                        let pattern = ResourcePattern::parse(pattern, Version::V2012);
                        assert_eq!(
                            pattern.matches(&resource, ShortArn::Anything, |_| None),
                            Some(true),
                            "{text} {pattern}"
                        );
                    }
                }
            }
        }
    }
}
