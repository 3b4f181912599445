//! Patterns of policies as tracks of the automaton.

use super::automaton::{FIRST_VARIABLE, Letter, Step, Track};
use crate::resource::ARN_FIELDS;
use crate::wildcard::{Piece, Variable, Wildcard};
use crate::{ActionPattern, ResourcePattern, ShortArn};

/// The two readings of a wildcard before the fifth colon of a resource, which AWS's pages leave open.
///
/// IAM User Guide, "IAM JSON policy elements: Resource": wildcards work within the segments of an ARN, and a `*` that is the
/// last character of a segment can expand beyond the colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A wildcard stays in its field.
    ByField,
    /// A wildcard crosses colons.
    Free,
}

/// The policy variables of a comparison, each of which is a letter of its own.
#[derive(Debug, Default)]
pub(super) struct Variables {
    known: Vec<Variable>,
}

impl Variables {
    fn letter(&mut self, variable: &Variable) -> Letter {
        let index = match self.known.iter().position(|known| known == variable) {
            Some(index) => index,
            None => {
                self.known.push(variable.clone());
                self.known.len() - 1
            }
        };
        FIRST_VARIABLE + Letter::try_from(index).unwrap_or(Letter::MAX - FIRST_VARIABLE)
    }
}

/// Puts the pieces of a pattern into a track.
pub(super) fn push_wildcard(
    track: &mut Track,
    wildcard: &Wildcard,
    within_field: bool,
    ignores_case: bool,
    variables: &mut Variables,
) {
    for piece in wildcard.pieces() {
        match piece {
            Piece::Text(text) => {
                for letter in text.chars().map(Letter::from) {
                    track.push(if ignores_case {
                        Step::AnyCase(letter)
                    } else {
                        Step::Letter(letter)
                    });
                }
            }
            Piece::One => track.push(Step::One { within_field }),
            Piece::Many => track.push(Step::Many { within_field }),
            Piece::Variable(variable) => track.push(Step::Letter(variables.letter(variable))),
        }
    }
}

fn push_colon(track: &mut Track) {
    track.push(Step::Letter(Letter::from(b':')));
}

/// A pattern of actions, in lower case. `None` if it matches all of them.
pub(super) fn action(pattern: &ActionPattern) -> Option<Track> {
    if pattern.is_every() {
        return None;
    }
    let mut track = Track::default();
    if let Some((service, name)) = pattern.service_and_name() {
        let mut no_variables = Variables::default();
        push_wildcard(&mut track, service, true, false, &mut no_variables);
        push_colon(&mut track);
        // Only the first colon separates: the evaluator reads further ones as part of the name.
        push_wildcard(&mut track, name, false, false, &mut no_variables);
    }
    Some(track)
}

/// All actions: a prefix without a colon, a colon and a name, neither empty.
pub(super) fn every_action() -> Track {
    let any = |within_field: bool| [Step::One { within_field }, Step::Many { within_field }];
    let [prefix, more] = any(true);
    let [name, rest] = any(false);
    Track {
        steps: vec![prefix, more, Step::Letter(Letter::from(b':')), name, rest],
    }
}

/// A pattern of ARNs, as the tracks of which one must match. `None` if it matches all of them.
pub(super) fn resource(
    pattern: &ResourcePattern,
    short: ShortArn,
    reading: Reading,
    variables: &mut Variables,
) -> Option<Vec<Track>> {
    if pattern.is_every() {
        return None;
    }
    let mut tracks = Vec::with_capacity(1);
    if reading == Reading::Free && pattern.is_short() {
        // Where wildcards cross colons, the text as it is may match a whole ARN.
        let mut track = Track::default();
        push_wildcard(&mut track, pattern.whole(), false, false, variables);
        tracks.push(track);
    }
    let missing = ARN_FIELDS.saturating_sub(pattern.fields().len());
    if missing > 0 && !pattern.may_be_short(short) {
        return Some(tracks);
    }
    let mut track = Track::default();
    for (index, field) in pattern.fields().iter().enumerate() {
        if index > 0 {
            push_colon(&mut track);
        }
        let within_field = reading == Reading::ByField && index + 1 < ARN_FIELDS;
        push_wildcard(&mut track, field, within_field, false, variables);
    }
    for index in (0..missing).rev() {
        push_colon(&mut track);
        track.push(Step::Many {
            within_field: reading == Reading::ByField && index > 0,
        });
    }
    tracks.push(track);
    Some(tracks)
}

/// Whether the two readings of the pattern differ.
pub(super) fn has_two_readings(pattern: &ResourcePattern) -> bool {
    let is_wild = |piece: &Piece| matches!(piece, Piece::One | Piece::Many);
    !pattern.is_every()
        && (pattern.is_short()
            || pattern
                .fields()
                .iter()
                .take(ARN_FIELDS - 1)
                .any(|field| field.pieces().iter().any(is_wild)))
}

/// All ARNs: `arn` and five more fields, the last of which may have colons.
pub(super) fn every_arn() -> Track {
    let mut track = Track::default();
    for letter in "arn".chars().map(Letter::from) {
        track.push(Step::Letter(letter));
    }
    for index in 1..ARN_FIELDS {
        push_colon(&mut track);
        track.push(Step::Many {
            within_field: index + 1 < ARN_FIELDS,
        });
    }
    track
}

/// All texts.
pub(super) fn every_text() -> Track {
    Track {
        steps: vec![Step::Many {
            within_field: false,
        }],
    }
}

/// An ARN pattern of a condition: six fields, compared one by one.
pub(super) fn arn_condition(fields: &[Wildcard], variables: &mut Variables) -> Track {
    let mut track = Track::default();
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            push_colon(&mut track);
        }
        let within_field = index + 1 < ARN_FIELDS;
        if index == 0 && field.matches("arn") {
            push_wildcard(
                &mut track,
                &Wildcard::literal("arn"),
                true,
                false,
                variables,
            );
        } else {
            push_wildcard(&mut track, field, within_field, false, variables);
        }
    }
    track
}
