//! Is one statement's element plainly within another's?
//!
//! A statement that refines an Allow of old needs no search: each of its patterns lies in one of the other's. This is what a
//! minimiser makes, and what unchanged statements are.

use super::automaton::{Track, classes};
use super::axis::{Axis, AxisPattern, Use};
use super::keys::EntryId;
use super::search::Prepared;
use super::work::{Exhausted, Work};

/// So many steps are spent on it at most: it is a short cut, and where it gets long, the search decides.
pub(super) const REFINEMENT_STEPS: u64 = 3_000_000;

/// Tells which Allows of new refine one of old.
pub(super) struct Refinement<'a, 'p> {
    pub prepared: &'a Prepared<'p>,
    pub resources: &'a Axis,
    /// The Allows of old.
    pub old: Vec<usize>,
    /// Whether a Deny of old limits them that new does not have.
    pub is_denied: bool,
    pub work: Work,
}

impl Refinement<'_, '_> {
    /// Whether the Allow `own`, the `place`th of new, refines one of old. `false` says nothing.
    pub(super) fn is_one(&mut self, own: usize, place: usize) -> bool {
        if self.is_denied {
            return false;
        }
        // Most often the statement that it refines stands at the same place.
        let same = self.old.get(place).copied();
        if same.is_some_and(|other| self.refines(own, other) == Ok(true)) {
            return true;
        }
        for index in 0..self.old.len() {
            let Some(other) = self.old.get(index).copied() else {
                break;
            };
            match self.refines(own, other) {
                Ok(true) => return true,
                Ok(false) => {}
                Err(Exhausted) => break,
            }
        }
        false
    }

    fn refines(&mut self, own: usize, other: usize) -> Result<bool, Exhausted> {
        let entries = |index: usize| {
            let entries = self.prepared.entries.get(index);
            entries.map(Vec::as_slice).unwrap_or_default()
        };
        self.work.spend(2 + entries(own).len())?;
        // Whatever meets all conditions of the one must meet those of the other.
        let holds = |entry: &EntryId| entries(own).contains(entry);
        if !entries(other).iter().all(holds) {
            return Ok(false);
        }
        self.work.spend(self.prepared.callers.len())?;
        let mut callers = self.prepared.callers.iter();
        Ok(callers
            .all(|caller| !caller.statements.contains(own) || caller.statements.contains(other))
            && self
                .prepared
                .actions
                .is_plainly_within(own, other, &mut self.work)?
            && self
                .resources
                .is_plainly_within(own, other, &mut self.work)?)
    }
}

impl Axis {
    /// Whether every value that `own` matches is matched by `other`, pattern by pattern. `false` says nothing.
    pub(super) fn is_plainly_within(
        &self,
        own: usize,
        other: usize,
        work: &mut Work,
    ) -> Result<bool, Exhausted> {
        let (Some(own), Some(other)) = (self.uses.get(own), self.uses.get(other)) else {
            return Ok(false);
        };
        let is_every = |used: &Use| {
            let mut patterns = used.patterns.iter().flatten();
            let is_every = |index: &usize| {
                self.patterns
                    .get(*index)
                    .is_some_and(|own| own.track.is_none())
            };
            !used.is_negated && patterns.any(is_every)
        };
        let (Some(own_patterns), Some(other_patterns)) = (&own.patterns, &other.patterns) else {
            // Without the element, everything matches.
            return Ok(other.patterns.is_none() || is_every(other));
        };
        let has_variables = own.has_variables || other.has_variables;
        match (own.is_negated, other.is_negated) {
            (false, false) => self.are_covered(own_patterns, other_patterns, true, work),
            // The complement of less is more; a variable's text is only known to be itself.
            (true, true) => self.are_covered(other_patterns, own_patterns, !has_variables, work),
            (false, true) if !has_variables => {
                self.are_disjoint(own_patterns, other_patterns, work)
            }
            (false, true) => Ok(false),
            (true, false) => Ok(is_every(other)),
        }
    }

    /// Whether each of the first patterns lies in one of the second.
    fn are_covered(
        &self,
        inner: &[usize],
        outer: &[usize],
        looks_inside: bool,
        work: &mut Work,
    ) -> Result<bool, Exhausted> {
        for index in inner {
            work.spend(1 + outer.len() / 8)?;
            if outer.contains(index) {
                continue;
            }
            let Some(pattern) = self.patterns.get(*index).filter(|_| looks_inside) else {
                return Ok(false);
            };
            let mut is_covered = false;
            for other in outer.iter().filter_map(|index| self.patterns.get(*index)) {
                if self.covers(other, pattern, work)? {
                    is_covered = true;
                    break;
                }
            }
            if !is_covered {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn covers(
        &self,
        outer: &AxisPattern,
        inner: &AxisPattern,
        work: &mut Work,
    ) -> Result<bool, Exhausted> {
        if inner.matches_extra_word && !outer.matches_extra_word {
            return Ok(false);
        }
        let (Some(outer_track), Some(inner_track)) = (&outer.track, &inner.track) else {
            return Ok(outer.track.is_none());
        };
        work.spend(2)?;
        if inner_track.is_plainly_disjoint(outer_track) {
            return Ok(false);
        }
        if let Some(word) = &inner.word {
            work.spend(word.len())?;
            return Ok(outer_track.matches(word));
        }
        let found = classes(&[&self.universe, inner_track], &[outer_track], work)?;
        Ok(found.iter().all(|class| !class.matched.is_empty()))
    }

    /// Whether no value matches a pattern of both.
    fn are_disjoint(
        &self,
        left: &[usize],
        right: &[usize],
        work: &mut Work,
    ) -> Result<bool, Exhausted> {
        for own in left.iter().filter_map(|index| self.patterns.get(*index)) {
            for other in right.iter().filter_map(|index| self.patterns.get(*index)) {
                work.spend(2)?;
                let (Some(own_track), Some(other_track)) = (&own.track, &other.track) else {
                    return Ok(false);
                };
                if own.matches_extra_word && other.matches_extra_word {
                    return Ok(false);
                }
                if own_track.is_plainly_disjoint(other_track) {
                    continue;
                }
                let none: [&Track; 0] = [];
                let base = [&self.universe, own_track, other_track];
                if !classes(&base, &none, work)?.is_empty() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
