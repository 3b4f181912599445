//! The statements of both sides, each in its part.

use super::work::{Exhausted, Work};
use crate::{Effect, Policy, Statement};

/// What a statement does in a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    NewAllow,
    NewDeny,
    OldAllow,
    OldDeny,
}

impl Part {
    /// Whether a statement of which it is not known that it matches counts as matching, so that no access is overlooked.
    pub(super) fn counts_if_unsure(self) -> bool {
        matches!(self, Self::NewAllow | Self::OldDeny)
    }
}

/// The statements that decide whether new is within old.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub statements: Vec<(Part, &'a Statement)>,
}

impl<'a> Rules<'a> {
    /// A Deny of old that new has as well excludes nothing that new allows.
    pub(super) fn new(
        old: &[&'a Policy],
        new: &[&'a Policy],
        work: &mut Work,
    ) -> Result<Self, Exhausted> {
        fn all<'a>(
            policies: &[&'a Policy],
            effect: Effect,
        ) -> impl Iterator<Item = &'a Statement> + Clone {
            policies
                .iter()
                .copied()
                .flat_map(|policy| &policy.statements)
                .filter(move |statement| statement.effect == effect)
        }
        let new_denies = all(new, Effect::Deny);
        work.spend(
            new_denies
                .clone()
                .count()
                .saturating_mul(all(old, Effect::Deny).count()),
        )?;
        let old_denies = all(old, Effect::Deny).filter(|own| {
            let mut new_denies = new_denies.clone();
            !new_denies.any(|other| other.means_the_same(own))
        });
        let part = |part: Part| move |statement| (part, statement);
        let mut statements: Vec<(Part, &Statement)> =
            all(new, Effect::Allow).map(part(Part::NewAllow)).collect();
        statements.extend(new_denies.clone().map(part(Part::NewDeny)));
        statements.extend(all(old, Effect::Allow).map(part(Part::OldAllow)));
        statements.extend(old_denies.map(part(Part::OldDeny)));
        Ok(Self { statements })
    }

    pub(super) fn len(&self) -> usize {
        self.statements.len()
    }

    /// The statements of one part with their numbers.
    pub(super) fn of(&self, part: Part) -> impl Iterator<Item = (usize, &'a Statement)> + '_ {
        self.statements
            .iter()
            .enumerate()
            .filter(move |(_, (own, _))| *own == part)
            .map(|(index, (_, statement))| (index, *statement))
    }
}
