//! One element of the statements, Action or Resource: which sets of statements can one value match all together?

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::automaton::{FIRST_VARIABLE, Letter, Track, classes, letters};
use super::bits::Bits;
use super::rules::{Part, Rules};
use super::tracks::{self, Reading, Variables};
use super::work::{Exhausted, Work};
use crate::{ActionPattern, ResourcePattern, ShortArn, Statement};

/// A value of the element, and the statements that it matches.
#[derive(Debug, Clone)]
pub(super) struct AxisClass {
    pub word: Vec<Letter>,
    pub statements: Bits,
}

/// The patterns of the element in all statements, each distinct one once.
pub(super) struct Axis {
    pub(super) patterns: Vec<AxisPattern>,
    /// For each statement, in the order of the rules.
    pub(super) uses: Vec<Use>,
    pub(super) universe: Track,
    /// A value outside of the universe that is asked for apart: the text `*` of resources.
    extra_word: Option<Vec<Letter>>,
    /// The pattern of the values that no policy decides: the action sts:GetCallerIdentity.
    undecided: Option<usize>,
}

/// One pattern of the element.
pub(super) struct AxisPattern {
    /// `None` if it matches all of the universe.
    pub(super) track: Option<Track>,
    /// The only value that it matches.
    pub(super) word: Option<Vec<Letter>>,
    pub(super) matches_extra_word: bool,
    has_variables: bool,
}

/// The element of one statement.
pub(super) struct Use {
    part: Part,
    pub(super) is_negated: bool,
    /// None: the element is missing, so that every value matches.
    pub(super) patterns: Option<Vec<usize>>,
    pub(super) has_variables: bool,
}

impl Axis {
    pub(super) fn of_actions(rules: &Rules<'_>) -> Self {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut patterns = Vec::new();
        let uses = rules
            .statements
            .iter()
            .map(|(part, statement)| {
                let entries = statement.action.entries.iter();
                let indices = entries.map(|entry| {
                    let pattern: &ActionPattern = entry;
                    *known
                        .entry(pattern.as_str().to_ascii_lowercase())
                        .or_insert_with(|| {
                            patterns.push(AxisPattern::new(tracks::action(pattern), false, false));
                            patterns.len() - 1
                        })
                });
                Use {
                    part: *part,
                    is_negated: statement.action.is_negated,
                    patterns: Some(indices.collect()),
                    has_variables: false,
                }
            })
            .collect();
        let undecided = patterns.len();
        let caller_identity = tracks::action(&ActionPattern::parse("sts:GetCallerIdentity"));
        patterns.push(AxisPattern::new(caller_identity, false, false));
        Self {
            patterns,
            uses,
            universe: tracks::every_action(),
            extra_word: None,
            undecided: Some(undecided),
        }
    }

    pub(super) fn of_resources(
        rules: &Rules<'_>,
        short: ShortArn,
        reading: Reading,
        variables: &mut Variables,
    ) -> Self {
        let mut known: HashMap<&ResourcePattern, Range<usize>> = HashMap::new();
        let mut patterns: Vec<AxisPattern> = Vec::new();
        let mut uses = Vec::with_capacity(rules.len());
        for (part, statement) in &rules.statements {
            let statement: &Statement = statement;
            let indices = statement.resource.as_ref().map(|element| {
                let entries = element.entries.iter();
                let indices = entries.map(|entry| {
                    let known = known.entry(&entry.value).or_insert_with(|| {
                        let first = patterns.len();
                        let matches_star = entry.whole().matches("*");
                        let has_variables = entry.has_variables();
                        let mut add = |track| {
                            patterns.push(AxisPattern::new(track, matches_star, has_variables));
                        };
                        match tracks::resource(entry, short, reading, variables) {
                            None => add(None),
                            Some(tracks) => tracks.into_iter().for_each(|track| add(Some(track))),
                        }
                        first..patterns.len()
                    });
                    known.clone()
                });
                indices.flatten().collect()
            });
            uses.push(Use {
                part: *part,
                is_negated: statement
                    .resource
                    .as_ref()
                    .is_some_and(|element| element.is_negated),
                patterns: indices,
                has_variables: statement.has_resource_variables(),
            });
        }
        Self {
            patterns,
            uses,
            universe: tracks::every_arn(),
            extra_word: Some(letters("*")),
            undecided: None,
        }
    }

    /// The values that the Allow statement `own` matches, one for each set of `relevant` statements that one can match too.
    pub(super) fn classes(
        &self,
        own: usize,
        relevant: &Bits,
        work: &mut Work,
    ) -> Result<Vec<AxisClass>, Exhausted> {
        let Some(own_use) = self.uses.get(own) else {
            return Ok(Vec::new());
        };
        let wanted = self.wanted(own, own_use, relevant);
        let mut found = Found::new(self, own_use, relevant);
        match &own_use.patterns {
            Some(patterns) if !own_use.is_negated => {
                for pattern in patterns {
                    self.within(Some(*pattern), &wanted, &mut found, work)?;
                }
            }
            _ => self.within(None, &wanted, &mut found, work)?,
        }
        if let Some(word) = &self.extra_word {
            let mut matched = Bits::none(self.patterns.len());
            for (index, pattern) in self.patterns.iter().enumerate() {
                if pattern.matches_extra_word {
                    matched.insert(index);
                }
            }
            let is_own =
                |patterns: &Vec<usize>| patterns.iter().any(|index| matched.contains(*index));
            let is_candidate = own_use.is_negated || own_use.patterns.as_ref().is_none_or(is_own);
            if is_candidate {
                found.add(word.clone(), &matched, work)?;
            }
        }
        Ok(found.classes)
    }

    /// A few values of the Allow statement `own`, the shortest of its first patterns. They are cheap, and most differences
    /// show in one of them.
    pub(super) fn samples(
        &self,
        own: usize,
        relevant: &Bits,
        work: &mut Work,
    ) -> Result<Vec<AxisClass>, Exhausted> {
        const PATTERNS: usize = 8;
        let Some(own_use) = self.uses.get(own) else {
            return Ok(Vec::new());
        };
        let wanted = self.wanted(own, own_use, relevant);
        let mut found = Found::new(self, own_use, relevant);
        let own_tracks = own_use.patterns.iter().flatten().take(PATTERNS);
        let own_tracks = own_tracks
            .filter_map(|index| self.patterns.get(*index))
            .map(|pattern| pattern.track.as_ref().unwrap_or(&self.universe));
        let tracks: Vec<&Track> = if own_use.is_negated || own_use.patterns.is_none() {
            vec![&self.universe]
        } else {
            own_tracks.collect()
        };
        for word in tracks.iter().flat_map(|track| track.samples()) {
            work.spend(1 + word.len())?;
            if !self.universe.matches(&word) {
                continue;
            }
            let mut matched = Bits::none(self.patterns.len());
            for index in wanted.iter() {
                let track = self.patterns.get(index).and_then(|own| own.track.as_ref());
                work.spend(1)?;
                if track.is_none_or(|track| track.matches(&word)) {
                    matched.insert(index);
                }
            }
            found.add(word, &matched, work)?;
        }
        Ok(found.classes)
    }

    /// The patterns that statements are told apart by.
    fn wanted(&self, own: usize, own_use: &Use, relevant: &Bits) -> Bits {
        let mut wanted = Bits::none(self.patterns.len());
        let users = relevant.iter().chain(own_use.is_negated.then_some(own));
        for pattern in users
            .filter_map(|index| self.uses.get(index)?.patterns.as_ref())
            .flatten()
        {
            wanted.insert(*pattern);
        }
        if let Some(undecided) = self.undecided {
            wanted.insert(undecided);
        }
        wanted
    }

    /// All classes inside one pattern, or inside the universe.
    fn within(
        &self,
        pattern: Option<usize>,
        wanted: &Bits,
        found: &mut Found<'_>,
        work: &mut Work,
    ) -> Result<(), Exhausted> {
        let own = pattern.and_then(|index| self.patterns.get(index));
        let own_track = own.and_then(|own| own.track.as_ref());
        let mut matched = Bits::none(self.patterns.len());
        let own_word = own.and_then(|own| own.word.as_ref());
        let mut open = Vec::new();
        for index in wanted.iter() {
            let Some(other) = self.patterns.get(index) else {
                continue;
            };
            let shorter =
                |track: &Track| own_track.map_or(0, |own| own.steps.len().min(track.steps.len()));
            work.spend(1 + other.track.as_ref().map_or(0, shorter) / 16)?;
            let Some(track) = &other.track else {
                matched.insert(index);
                continue;
            };
            if pattern == Some(index) {
                matched.insert(index);
                continue;
            }
            if own_track.is_some_and(|own| own.is_plainly_disjoint(track)) {
                continue;
            }
            match (own_word, &other.word) {
                (Some(own), Some(other)) if own != other => {}
                (Some(word), _) => {
                    work.spend(word.len())?;
                    if track.matches(word) {
                        matched.insert(index);
                    }
                }
                (None, _) => open.push(index),
            }
        }
        if let Some(word) = own_word {
            // What is no ARN, or no action, is no value that a request can have.
            if self.universe.matches(word) {
                found.add(word.clone(), &matched, work)?;
            }
            return Ok(());
        }
        let others: Vec<&Track> = open
            .iter()
            .filter_map(|index| self.patterns.get(*index)?.track.as_ref())
            .collect();
        let base: Vec<&Track> = [Some(&self.universe), own_track]
            .into_iter()
            .flatten()
            .collect();
        for class in classes(&base, &others, work)? {
            let mut all = matched.clone();
            for other in class.matched.iter() {
                if let Some(index) = open.get(other) {
                    all.insert(*index);
                }
            }
            found.add(class.word, &all, work)?;
        }
        Ok(())
    }
}

/// Classes by the statements that they match, the first found of each.
struct Found<'a> {
    axis: &'a Axis,
    own: &'a Use,
    relevant: &'a Bits,
    classes: Vec<AxisClass>,
    known: HashSet<Bits>,
}

impl<'a> Found<'a> {
    fn new(axis: &'a Axis, own: &'a Use, relevant: &'a Bits) -> Self {
        Self {
            axis,
            own,
            relevant,
            classes: Vec::new(),
            known: HashSet::new(),
        }
    }

    fn add(&mut self, word: Vec<Letter>, matched: &Bits, work: &mut Work) -> Result<(), Exhausted> {
        let mut undecided = self.axis.undecided.into_iter();
        if undecided.any(|index| matched.contains(index)) {
            return Ok(());
        }
        let has_variables = word.iter().any(|letter| *letter >= FIRST_VARIABLE);
        let matches = |used: &Use| used.matches(&self.axis.patterns, matched, has_variables);
        if self.own.is_negated && !matches(self.own) {
            return Ok(());
        }
        let mut statements = Bits::none(self.axis.uses.len());
        for index in self.relevant.iter() {
            let Some(used) = self.axis.uses.get(index) else {
                continue;
            };
            work.spend(1 + used.patterns.as_ref().map_or(0, Vec::len))?;
            if matches(used) {
                statements.insert(index);
            }
        }
        if self.known.insert(statements.clone()) {
            work.spend(word.len())?;
            self.classes.push(AxisClass { word, statements });
        }
        Ok(())
    }
}

impl Use {
    /// Whether the statement matches, with doubts about variables decided so that no access is overlooked.
    fn matches(&self, all: &[AxisPattern], matched: &Bits, word_has_variables: bool) -> bool {
        let Some(patterns) = &self.patterns else {
            return true;
        };
        let is_unsure = self.has_variables || word_has_variables;
        let mut in_list = patterns.iter().filter(|index| matched.contains(**index));
        if !is_unsure {
            return in_list.next().is_some() != self.is_negated;
        }
        match (self.part, self.is_negated) {
            (Part::OldDeny, false) => true,
            (_, false) => in_list.next().is_some(),
            (part, true) if part.counts_if_unsure() => {
                let is_sure = |index: &usize| all.get(*index).is_some_and(|own| !own.has_variables);
                !in_list.any(is_sure)
            }
            (_, true) => false,
        }
    }
}

impl AxisPattern {
    fn new(track: Option<Track>, matches_extra_word: bool, has_variables: bool) -> Self {
        Self {
            word: track.as_ref().and_then(Track::as_word),
            track,
            matches_extra_word,
            has_variables,
        }
    }
}

/// The resources of a pattern whose meaning the reading of `*` decides.
pub(super) fn has_two_readings(rules: &Rules<'_>) -> bool {
    rules
        .statements
        .iter()
        .filter_map(|(_, statement)| statement.resource.as_ref())
        .flat_map(|element| &element.entries)
        .any(|entry| tracks::has_two_readings(entry))
}
