//! Tracks against regular expressions of another's making.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::start;
use regex_automata::{Anchored, Input};

use super::*;

const NO_COLON: bool = true;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => select(&['a', 'b', ':'][..]).prop_map(|letter| Step::Letter(Letter::from(letter))),
        1 => select(&['a', 'k', '\u{e4}'][..]).prop_map(|letter| Step::AnyCase(Letter::from(letter))),
        1 => any::<bool>().prop_map(|within_field| Step::One { within_field }),
        2 => any::<bool>().prop_map(|within_field| Step::Many { within_field }),
    ]
}

fn track() -> impl Strategy<Value = Track> {
    proptest::collection::vec(step(), 0..6).prop_map(|steps| {
        let mut track = Track::default();
        steps.into_iter().for_each(|step| track.push(step));
        track
    })
}

/// The whole of a text, as a regular expression.
fn expression(track: &Track) -> String {
    let letter = |letter: Letter| regex_letter(char::from_u32(letter).unwrap());
    track
        .steps
        .iter()
        .map(|step| match step {
            Step::Letter(own) => letter(*own),
            Step::AnyCase(own) => format!("(?i:{})", letter(*own)),
            Step::One {
                within_field: NO_COLON,
            } => "[^:]".to_owned(),
            Step::One { .. } => "(?s:.)".to_owned(),
            Step::Many {
                within_field: NO_COLON,
            } => "[^:]*".to_owned(),
            Step::Many { .. } => "(?s:.)*".to_owned(),
        })
        .collect()
}

fn regex_letter(letter: char) -> String {
    format!("\\x{{{:x}}}", u32::from(letter))
}

fn automaton(track: &Track) -> dense::DFA<Vec<u32>> {
    dense::DFA::new(&format!("^(?:{})$", expression(track))).unwrap()
}

fn is_match(automaton: &dense::DFA<Vec<u32>>, text: &str) -> bool {
    let input = Input::new(text).anchored(Anchored::Yes);
    automaton.try_search_fwd(&input).unwrap().is_some()
}

/// Every set of `others` that some text of all `base` tracks matches, by the product of all automata.
fn sets(base: &[dense::DFA<Vec<u32>>], others: &[dense::DFA<Vec<u32>>]) -> BTreeSet<Vec<bool>> {
    let config = start::Config::new().anchored(Anchored::Yes);
    let all = || base.iter().chain(others);
    let first: Vec<_> = all().map(|own| own.start_state(&config).unwrap()).collect();
    let mut known = BTreeSet::from([first.clone()]);
    let mut open = vec![first];
    let mut found = BTreeSet::new();
    // Letters by their bytes, so that every state between two of them is one between whole letters.
    let letters = [
        "a", "b", "k", "A", "K", ":", "z", "\u{e4}", "\u{c4}", "\u{212a}", "\u{153}",
    ];
    while let Some(states) = open.pop() {
        let ends: Vec<bool> = all()
            .zip(&states)
            .map(|(own, state)| own.is_match_state(own.next_eoi_state(*state)))
            .collect();
        let (of_base, of_others) = ends.split_at(base.len());
        if of_base.iter().all(|ends| *ends) {
            found.insert(of_others.to_vec());
        }
        for letter in letters {
            let next: Vec<_> = all()
                .zip(&states)
                .map(|(own, state)| {
                    letter
                        .bytes()
                        .fold(*state, |state, byte| own.next_state(state, byte))
                })
                .collect();
            if known.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn a_track_matches_what_its_expression_matches(
        track in track(),
        texts in proptest::collection::vec("[abkAK:z\u{e4}\u{c4}\u{212a}]{0,6}", 1..20),
    ) {
        let automaton = automaton(&track);
        for text in texts {
            let word = letters(&text);
            let expected = is_match(&automaton, &text);
            prop_assert_eq!(track.matches(&word), expected, "{:?} {}", track, text);
            prop_assert_eq!(track.matches_slowly(&word), expected, "{:?} {}", track, text);
        }
    }

    #[test]
    fn every_set_of_patterns_that_can_match_together_is_found_once(
        base in proptest::collection::vec(track(), 1..3),
        others in proptest::collection::vec(track(), 0..4),
    ) {
        let (bases, rest): (Vec<&Track>, Vec<&Track>) = (base.iter().collect(), others.iter().collect());
        let found = classes(&bases, &rest, &mut Work::new(50_000_000)).unwrap();
        let mut sets_found = BTreeSet::new();
        for class in &found {
            let text = text(&class.word).unwrap();
            for own in &base {
                prop_assert!(is_match(&automaton(own), &text), "{:?} {}", own, text);
            }
            let set: Vec<bool> = others.iter().map(|own| is_match(&automaton(own), &text)).collect();
            let matched: Vec<bool> = (0..others.len()).map(|index| class.matched.contains(index)).collect();
            prop_assert_eq!(&set, &matched, "{}", text);
            prop_assert!(sets_found.insert(set), "found once");
        }
        let automata = |tracks: &[Track]| -> Vec<_> { tracks.iter().map(automaton).collect() };
        prop_assert_eq!(sets_found, sets(&automata(&base), &automata(&others)));
    }

    #[test]
    fn what_is_plainly_disjoint_has_no_word_in_common(one in track(), other in track()) {
        if one.is_plainly_disjoint(&other) {
            let found = classes(&[&one, &other], &[], &mut Work::new(50_000_000)).unwrap();
            prop_assert!(found.is_empty());
        }
    }
}
