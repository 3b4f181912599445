//! Patterns as automata, many at a time: which sets of patterns can a text match all together?
//!
//! A pattern of n pieces is an automaton of n + 1 states, and the states of all patterns lie side by side in one vector of
//! bits, so that a step moves all of them at once. The alphabet is what occurs in the patterns and one other letter, which
//! is exact: letters that occur nowhere are alike to every pattern.

use std::collections::HashSet;
use std::rc::Rc;

use super::bits::Bits;
use super::work::{Exhausted, Work};
use crate::wildcard::{cases_of, fold_case};

/// A letter: a character, or a policy variable, which stands for a text that nobody knows.
pub(super) type Letter = u32;

/// The first letter that is no character.
pub(super) const FIRST_VARIABLE: Letter = 0x11_0000;

const COLON: Letter = b':' as Letter;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// This letter.
    Letter(Letter),
    /// This letter in either case; given in lower case.
    AnyCase(Letter),
    /// One character. `within_field`: no colon.
    One { within_field: bool },
    /// Any run of characters. `within_field`: no colon.
    Many { within_field: bool },
}

impl Step {
    fn may_cross_colons(&self) -> bool {
        matches!(
            self,
            Self::One { within_field } | Self::Many { within_field } if !within_field
        )
    }

    /// Whether one such letter is read by the step. Only `*` can read a variable, which may be empty or long.
    fn reads(self, letter: Letter) -> bool {
        match self {
            Self::Letter(own) => own == letter,
            Self::AnyCase(own) => own == lower(letter),
            Self::One { within_field } => {
                letter < FIRST_VARIABLE && !(within_field && letter == COLON)
            }
            Self::Many { within_field } => !(within_field && letter == COLON),
        }
    }
}

pub(super) fn lower(letter: Letter) -> Letter {
    char::from_u32(letter).map_or(letter, |letter| Letter::from(fold_case(letter)))
}

/// A pattern, step by step. Two `Many` never follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Track {
    pub steps: Vec<Step>,
}

impl Track {
    /// Adds a step; a second `*` after a first one of the same reach adds nothing.
    pub(super) fn push(&mut self, step: Step) {
        if matches!(step, Step::Many { .. }) && self.steps.last() == Some(&step) {
            return;
        }
        self.steps.push(step);
    }

    /// The only word that it matches, if there is only one.
    pub(super) fn as_word(&self) -> Option<Vec<Letter>> {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Letter(letter) => Some(*letter),
                _ => None,
            })
            .collect()
    }

    /// Two words that it matches: with nothing in the place of each `*`, and with one letter.
    pub(super) fn samples(&self) -> [Vec<Letter>; 2] {
        const LETTER: Letter = b'z' as Letter;
        [false, true].map(|fills| {
            let letter = |step: &Step| match step {
                Step::Letter(letter) | Step::AnyCase(letter) => Some(*letter),
                Step::One { .. } => Some(LETTER),
                Step::Many { .. } => fills.then_some(LETTER),
            };
            self.steps.iter().filter_map(letter).collect()
        })
    }

    /// Whether plain letters at the beginning or at the end already show that no word matches both.
    pub(super) fn is_plainly_disjoint(&self, other: &Self) -> bool {
        fn differ<'a>(
            own: impl Iterator<Item = &'a Step>,
            other: impl Iterator<Item = &'a Step>,
        ) -> bool {
            for pair in own.zip(other) {
                match pair {
                    (Step::Letter(own), Step::Letter(other)) if own == other => {}
                    (Step::Letter(_), Step::Letter(_)) => return true,
                    _ => return false,
                }
            }
            false
        }
        differ(self.steps.iter(), other.steps.iter())
            || differ(self.steps.iter().rev(), other.steps.iter().rev())
    }

    /// Whether it matches the word.
    pub(super) fn matches(&self, word: &[Letter]) -> bool {
        let mut steps = self.steps.as_slice();
        let mut rest = word;
        let mut after_many: Option<(&[Step], &[Letter], Step)> = None;
        loop {
            let moved = match (steps.split_first(), rest.split_first()) {
                (None, None) => return true,
                (Some((many @ Step::Many { .. }, after)), _) => {
                    // Going back to the last `*` alone is enough, unless it stays in a field that what stands before it could
                    // have left further on.
                    let before = self.steps.len() - steps.len();
                    let mut before = self.steps.iter().take(before);
                    let stays = *many == (Step::Many { within_field: true });
                    if after_many.is_some() && stays && before.any(Step::may_cross_colons) {
                        return self.matches_slowly(word);
                    }
                    after_many = Some((after, rest, *many));
                    steps = after;
                    continue;
                }
                (Some((step, after)), Some((letter, left))) if step.reads(*letter) => {
                    Some((after, left))
                }
                _ => None,
            };
            if let Some((after, left)) = moved {
                (steps, rest) = (after, left);
                continue;
            }
            match after_many {
                Some((after, from, many)) => match from.split_first() {
                    Some((letter, left)) if many.reads(*letter) => {
                        after_many = Some((after, left, many));
                        (steps, rest) = (after, left);
                    }
                    _ => return false,
                },
                None => return false,
            }
        }
    }

    fn matches_slowly(&self, word: &[Letter]) -> bool {
        let mut states = Bits::none(self.steps.len() + 1);
        states.insert(0);
        self.close(&mut states);
        for letter in word {
            let mut next = Bits::none(self.steps.len() + 1);
            for (index, step) in self.steps.iter().enumerate() {
                if states.contains(index) && step.reads(*letter) {
                    let is_many = matches!(step, Step::Many { .. });
                    next.insert(if is_many { index } else { index + 1 });
                }
            }
            self.close(&mut next);
            states = next;
        }
        states.contains(self.steps.len())
    }

    fn close(&self, states: &mut Bits) {
        for (index, step) in self.steps.iter().enumerate() {
            if states.contains(index) && matches!(step, Step::Many { .. }) {
                states.insert(index + 1);
            }
        }
    }
}

/// A word, and which of the other tracks match it.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub word: Vec<Letter>,
    pub matched: Bits,
}

/// Finds, for every set of `others` that some word of all `base` tracks matches exactly, a shortest such word.
pub(super) fn classes(
    base: &[&Track],
    others: &[&Track],
    work: &mut Work,
) -> Result<Vec<Class>, Exhausted> {
    let size: usize = base
        .iter()
        .chain(others)
        .map(|track| track.steps.len() + 1)
        .sum();
    let alphabet = alphabet(base, others);
    work.spend(alphabet.len().saturating_mul(size))?;
    Explorer::new(base, others, alphabet).explore(work)
}

struct Explorer {
    letters: Vec<Prepared>,
    /// States from which a `*` lets the next one in.
    many: Vec<u64>,
    start: Vec<u64>,
    base: Vec<BaseTrack>,
    other_ends: Vec<usize>,
}

/// Where a base track's states lie: if none is on, no word can be found any more.
struct BaseTrack {
    mask: Vec<u64>,
    end: usize,
}

struct Prepared {
    letter: Letter,
    /// States that the letter moves on by one.
    moves: Vec<u64>,
    /// States that the letter leaves as they are.
    stays: Vec<u64>,
    /// States that ask for this very letter.
    asks: Vec<u64>,
    /// Whether it is worth a step even where no state asks for it.
    is_always_tried: bool,
}

const WORD: usize = 64;

/// What a letter tried costs beside the words of state, and what a state kept costs: it is hashed and stored.
const TRIED: usize = 6;
const KEPT: usize = 16;

fn set(words: &mut [u64], index: usize) {
    if let Some(word) = words.get_mut(index / WORD) {
        *word |= 1 << (index % WORD);
    }
}

fn has(words: &[u64], index: usize) -> bool {
    words
        .get(index / WORD)
        .is_some_and(|word| word & (1 << (index % WORD)) != 0)
}

fn meet(left: &[u64], right: &[u64]) -> bool {
    left.iter()
        .zip(right)
        .any(|(left, right)| left & right != 0)
}

impl Explorer {
    fn new(base: &[&Track], others: &[&Track], alphabet: Vec<(Letter, bool)>) -> Self {
        let tracks = || base.iter().chain(others);
        let size: usize = tracks().map(|track| track.steps.len() + 1).sum();
        let words = size.div_ceil(WORD);
        let mut many = vec![0; words];
        let mut start = vec![0; words];
        let mut bases = Vec::with_capacity(base.len());
        let mut other_ends = Vec::with_capacity(others.len());
        let mut first = 0;
        for (index, track) in tracks().enumerate() {
            set(&mut start, first);
            let end = first + track.steps.len();
            for (offset, step) in track.steps.iter().enumerate() {
                if matches!(step, Step::Many { .. }) {
                    set(&mut many, first + offset);
                }
            }
            if index < base.len() {
                let mut mask = vec![0; words];
                for state in first..=end {
                    set(&mut mask, state);
                }
                bases.push(BaseTrack { mask, end });
            } else {
                other_ends.push(end);
            }
            first = end + 1;
        }
        let letters = alphabet
            .into_iter()
            .map(|(letter, is_always_tried)| {
                let mut prepared = Prepared {
                    letter,
                    moves: vec![0; words],
                    stays: vec![0; words],
                    asks: vec![0; words],
                    is_always_tried,
                };
                let mut state = 0;
                for track in tracks() {
                    for step in &track.steps {
                        if step.reads(letter) {
                            match step {
                                Step::Many { .. } => set(&mut prepared.stays, state),
                                Step::One { .. } => set(&mut prepared.moves, state),
                                Step::Letter(_) | Step::AnyCase(_) => {
                                    set(&mut prepared.moves, state);
                                    set(&mut prepared.asks, state);
                                }
                            }
                        }
                        state += 1;
                    }
                    state += 1;
                }
                prepared
            })
            .collect();
        let mut explorer = Self {
            letters,
            many,
            start: Vec::new(),
            base: bases,
            other_ends,
        };
        explorer.close(&mut start);
        explorer.start = start;
        explorer
    }

    /// A `*` may be empty. `*` never follows `*`, except where one ends a field and the next begins another: so again.
    fn close(&self, states: &mut [u64]) {
        loop {
            let mut carry = 0;
            let mut has_grown = false;
            for (word, many) in states.iter_mut().zip(&self.many) {
                let from = *word & many;
                let grown = *word | (from << 1) | carry;
                carry = from >> (WORD - 1);
                has_grown |= grown != *word;
                *word = grown;
            }
            if !has_grown {
                return;
            }
        }
    }

    fn step(&self, states: &[u64], letter: &Prepared) -> Vec<u64> {
        let mut next = Vec::with_capacity(states.len());
        let mut carry = 0;
        for ((word, moves), stays) in states.iter().zip(&letter.moves).zip(&letter.stays) {
            let moved = word & moves;
            next.push((moved << 1) | carry | (word & stays));
            carry = moved >> (WORD - 1);
        }
        self.close(&mut next);
        next
    }

    fn explore(&self, work: &mut Work) -> Result<Vec<Class>, Exhausted> {
        let mut nodes: Vec<(usize, Letter)> = vec![(0, 0)];
        let start: Rc<[u64]> = self.start.as_slice().into();
        let mut known: HashSet<Rc<[u64]>> = HashSet::from([start.clone()]);
        let mut frontier = vec![(0_usize, start)];
        let mut found: Vec<(usize, Bits)> = Vec::new();
        let mut found_sets: HashSet<Bits> = HashSet::new();
        while !frontier.is_empty() {
            let mut next_frontier = Vec::new();
            for (node, states) in frontier {
                if self.base.iter().all(|base| has(&states, base.end)) {
                    work.spend(self.other_ends.len())?;
                    let matched = self.matched(&states);
                    if found_sets.insert(matched.clone()) {
                        found.push((node, matched));
                    }
                }
                for letter in &self.letters {
                    if !letter.is_always_tried && !meet(&states, &letter.asks) {
                        continue;
                    }
                    work.spend(2 * states.len() + TRIED)?;
                    let next = self.step(&states, letter);
                    let is_dead = self.base.iter().any(|base| !meet(&next, &base.mask));
                    if is_dead || known.contains(next.as_slice()) {
                        continue;
                    }
                    work.spend(2 * states.len() + KEPT)?;
                    let next: Rc<[u64]> = next.into();
                    known.insert(next.clone());
                    next_frontier.push((nodes.len(), next));
                    nodes.push((node, letter.letter));
                }
            }
            frontier = next_frontier;
        }
        Ok(found
            .into_iter()
            .map(|(node, matched)| Class {
                word: word(&nodes, node),
                matched,
            })
            .collect())
    }

    fn matched(&self, states: &[u64]) -> Bits {
        let mut matched = Bits::none(self.other_ends.len());
        for (index, end) in self.other_ends.iter().enumerate() {
            if has(states, *end) {
                matched.insert(index);
            }
        }
        matched
    }
}

fn word(nodes: &[(usize, Letter)], mut node: usize) -> Vec<Letter> {
    let mut word = Vec::new();
    while node != 0 {
        let Some((parent, letter)) = nodes.get(node) else {
            break;
        };
        word.push(*letter);
        node = *parent;
    }
    word.reverse();
    word
}

/// The letters that tell the tracks apart, with whether each is tried at every step.
fn alphabet(base: &[&Track], others: &[&Track]) -> Vec<(Letter, bool)> {
    let mut letters = vec![COLON];
    for step in base.iter().chain(others).flat_map(|track| &track.steps) {
        match step {
            Step::Letter(letter) => letters.push(*letter),
            Step::AnyCase(letter) => {
                let cases = char::from_u32(*letter).into_iter().flat_map(cases_of);
                letters.extend(cases.map(Letter::from));
            }
            Step::One { .. } | Step::Many { .. } => {}
        }
    }
    letters.sort_unstable();
    letters.dedup();
    let other = other_letter(&letters);
    // Words are easier to read in lower case.
    let is_upper = |letter: &Letter| lower(*letter) != *letter;
    let (upper, mut letters): (Vec<Letter>, Vec<Letter>) = letters.into_iter().partition(is_upper);
    letters.extend(upper);
    // A letter that no state asks for is read like the other letter, except for the colon, which is the last to be tried.
    letters
        .iter()
        .filter(|letter| **letter != COLON)
        .map(|letter| (*letter, false))
        .chain([(other, true), (COLON, true)])
        .collect()
}

/// A letter that is none of these, a readable one if possible.
pub(super) fn other_letter(sorted: &[Letter]) -> Letter {
    // No capitals: actions ignore case.
    let readable = ('a'..='z').rev().chain('0'..='9').chain(['_', '-']);
    let is_free = |letter: &Letter| sorted.binary_search(letter).is_err();
    readable
        .map(Letter::from)
        .find(is_free)
        .or_else(|| (0xA1..FIRST_VARIABLE).find(is_free))
        .unwrap_or(Letter::from('\u{a1}'))
}

/// The text of a word without variables.
pub(super) fn text(word: &[Letter]) -> Option<String> {
    word.iter().map(|letter| char::from_u32(*letter)).collect()
}

/// The word of a text.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    text.chars().map(Letter::from).collect()
}

#[cfg(test)]
mod twin;
