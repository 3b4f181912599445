//! One text for each class of values that the conditions on a key can tell apart.

use std::collections::HashSet;

use super::automaton::{Letter, Track, classes, other_letter, text};
use super::tracks::{self, Variables};
use super::work::{Exhausted, Work};
use crate::scalar::{Instant, Network, Number};
use crate::{ConditionEntry, ConditionValue};

/// A text for each set of values that can match together.
pub(super) fn texts(
    entries: &[&ConditionEntry],
    work: &mut Work,
) -> Result<Vec<String>, Exhausted> {
    let mut variables = Variables::default();
    let mut tracks: Vec<Track> = Vec::new();
    let mut known: HashSet<Track> = HashSet::new();
    for value in entries.iter().flat_map(|entry| &entry.values) {
        if let Some(track) = value_track(value, &mut variables)
            && known.insert(track.clone())
        {
            tracks.push(track);
        }
    }
    // Plain texts need no automaton: each is a class, and one text that is none of them is another.
    let words: Option<Vec<Vec<Letter>>> = tracks.iter().map(Track::as_word).collect();
    if let Some(words) = words {
        let mut used: Vec<Letter> = words.iter().flatten().copied().collect();
        used.sort_unstable();
        let other = vec![other_letter(&used)];
        return Ok(words
            .iter()
            .chain([&other])
            .filter_map(|word| text(word))
            .collect());
    }
    let every = tracks::every_text();
    let others: Vec<&Track> = tracks.iter().collect();
    let found = classes(&[&every], &others, work)?;
    Ok(found.iter().filter_map(|class| text(&class.word)).collect())
}

/// The values that a text or ARN value matches. `None` if it matches all, or none.
pub(super) fn value_track(value: &ConditionValue, variables: &mut Variables) -> Option<Track> {
    if let Some((wildcard, ignores_case)) = value.text_pattern() {
        let mut track = Track::default();
        tracks::push_wildcard(&mut track, wildcard, false, ignores_case, variables);
        return Some(track);
    }
    let fields = value.arn_pattern().ok()?;
    Some(tracks::arn_condition(fields, variables))
}

/// Each number that is named, and one between, below and above.
pub(super) fn numbers(entries: &[&ConditionEntry]) -> Vec<String> {
    let named = entries
        .iter()
        .flat_map(|entry| &entry.values)
        .filter_map(|value| Some(value.number()?.0))
        .collect();
    const STEP: i128 = 1_000_000_000;
    points(named, STEP, |point| {
        let text = Number(point).to_text();
        (Number::parse(&text) == Some(Number(point))).then_some(text)
    })
}

/// Each instant that is named, and one between, before and after.
pub(super) fn dates(entries: &[&ConditionEntry]) -> Vec<String> {
    let named = entries
        .iter()
        .flat_map(|entry| &entry.values)
        .filter_map(|value| Some(value.instant()?.0))
        .collect();
    const DAY: i128 = 86_400 * 1_000_000_000;
    points(named, DAY, |point| {
        let text = Instant(point).to_text();
        (Instant::parse(&text) == Some(Instant(point))).then_some(text)
    })
}

/// Texts of the points, of one between each two, of one below and of one above, as far as texts can name them; and a text
/// that names none.
fn points(mut named: Vec<i128>, step: i128, text: impl Fn(i128) -> Option<String>) -> Vec<String> {
    named.sort_unstable();
    named.dedup();
    let mut texts = Vec::with_capacity(2 * named.len() + 2);
    // A round number where there is one, else the very next.
    let beyond = |far: i128, near: i128| text(far).or_else(|| text(near));
    if let Some(first) = named.first() {
        texts.extend(beyond(first - step, first - 1));
    }
    let mut rest = named.iter().peekable();
    while let Some(point) = rest.next() {
        texts.extend(text(*point));
        let Some(next) = rest.peek() else {
            texts.extend(beyond(point + step, point + 1));
            continue;
        };
        let middle = point + (*next - point) / 2;
        if middle > *point {
            let round = middle - middle.rem_euclid(step);
            texts.extend(beyond(if round > *point { round } else { middle }, middle));
        }
    }
    texts.push("x".to_owned());
    texts
}

/// The first address of every range, the one after its end, and the lowest of each family.
pub(super) fn addresses(entries: &[&ConditionEntry]) -> Vec<String> {
    let networks: Vec<Network> = entries
        .iter()
        .flat_map(|entry| &entry.values)
        .filter_map(|value| value.network())
        .collect();
    let mut texts = Vec::new();
    for is_v6 in [false, true] {
        let highest = if is_v6 {
            u128::MAX
        } else {
            u128::from(u32::MAX)
        };
        let of_family = networks.iter().filter(|network| network.is_v6 == is_v6);
        let mut starts: Vec<u128> = of_family
            .flat_map(|network| [Some(network.first), network.last.checked_add(1)])
            .flatten()
            .filter(|start| *start <= highest)
            .chain([0])
            .collect();
        starts.sort_unstable();
        starts.dedup();
        texts.extend(
            starts
                .into_iter()
                .map(|start| Network::address_text(is_v6, start)),
        );
    }
    texts.push("x".to_owned());
    texts
}
