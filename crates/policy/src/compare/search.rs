//! Looks for a request that new allows and old does not, under one reading of `*`.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::Kind;
use super::automaton::Letter;
use super::axis::{Axis, AxisClass};
use super::bits::Bits;
use super::callers::{Caller, callers};
use super::keys::{EntryId, KeyState, Keys, Lists, Multivalued, Pinned};
use super::refine::{REFINEMENT_STEPS, Refinement};
use super::rules::{Part, Rules};
use super::solve::{Wanted, solve};
use super::tracks::{Reading, Variables};
use super::work::{Exhausted, Work};
use crate::{ShortArn, Statement};

/// A request that should tell old and new apart.
pub(super) struct Candidate<'a> {
    pub caller: &'a Caller,
    pub action: &'a [Letter],
    pub resource: &'a [Letter],
    pub states: &'a [KeyState],
}

/// Everything about the two sides that does not depend on the reading.
pub(super) struct Prepared<'a> {
    rules: Rules<'a>,
    kind: Kind,
    pub(super) actions: Axis,
    pub(super) callers: Vec<Caller>,
    pub keys: Keys<'a>,
    /// The entries of each statement.
    pub(super) entries: Vec<Vec<EntryId>>,
    pinned: Pinned,
    /// What the evaluator looks at, for one request.
    size: usize,
}

fn weight(statement: &Statement) -> usize {
    let principals = statement
        .principal
        .as_ref()
        .map_or(0, |own| own.entries.len());
    let resources = statement
        .resource
        .as_ref()
        .map_or(0, |own| own.entries.len());
    let values: usize = statement
        .conditions
        .iter()
        .map(|own| own.values.len())
        .sum();
    statement.action.entries.len() + principals + resources + values
}

impl<'a> Prepared<'a> {
    pub(super) fn new(
        rules: Rules<'a>,
        kind: Kind,
        pinned: Pinned,
        multivalued: Multivalued<'_>,
        work: &mut Work,
    ) -> Result<Self, Exhausted> {
        let conditions = rules
            .statements
            .iter()
            .flat_map(|(_, statement)| &statement.conditions);
        let size = rules
            .statements
            .iter()
            .map(|(_, statement)| weight(statement))
            .sum();
        let (keys, ids) = Keys::new(conditions, &pinned, multivalued, work)?;
        let mut ids = ids.into_iter();
        let entries = rules
            .statements
            .iter()
            .map(|(_, statement)| ids.by_ref().take(statement.conditions.len()).collect())
            .collect();
        let asks_for_user_name = keys
            .domains
            .iter()
            .any(|domain| &*domain.lower_key == "aws:username");
        Ok(Self {
            actions: Axis::of_actions(&rules),
            callers: callers(&rules, kind, asks_for_user_name, work)?,
            size,
            rules,
            kind,
            keys,
            entries,
            pinned,
        })
    }

    /// Whether the readings of `*` can make a difference.
    pub(super) fn has_two_readings(&self) -> bool {
        super::axis::has_two_readings(&self.rules)
    }

    /// Shows candidates until one is taken. Without any, new is within old under this reading.
    pub(super) fn search(
        &self,
        reading: Reading,
        lists: Lists,
        work: &mut Work,
        mut show: impl FnMut(&Candidate<'_>) -> ControlFlow<()>,
    ) -> Result<(), Exhausted> {
        let short = match self.kind {
            Kind::Identity => ShortArn::Anything,
            Kind::Resource => ShortArn::AnythingAfterWildcard,
        };
        let mut variables = Variables::default();
        let resources = Axis::of_resources(&self.rules, short, reading, &mut variables);
        let mut others = Bits::all(self.rules.len());
        for (index, _) in self.rules.of(Part::NewAllow) {
            let mut own = Bits::none(self.rules.len());
            own.insert(index);
            others.subtract(&own);
        }
        let mut refinement = Refinement {
            prepared: self,
            resources: &resources,
            old: self
                .rules
                .of(Part::OldAllow)
                .map(|(index, _)| index)
                .collect(),
            is_denied: self.rules.of(Part::OldDeny).next().is_some(),
            work: work.part(REFINEMENT_STEPS),
        };
        let mut unrefined = Vec::new();
        for (place, (own, _)) in self.rules.of(Part::NewAllow).enumerate() {
            work.spend(1 + self.callers.len())?;
            if self.is_named(own) && !refinement.is_one(own, place) {
                unrefined.push(own);
            }
        }
        for own in &unrefined {
            let by_action = self.actions.samples(*own, &others, work)?;
            let by_resource = resources.samples(*own, &others, work)?;
            if self
                .ask(*own, lists, &by_action, &by_resource, work, &mut show)?
                .is_break()
            {
                return Ok(());
            }
        }
        for own in unrefined {
            let by_action = self.actions.classes(own, &others, work)?;
            let mut relevant = Bits::none(self.rules.len());
            for index in by_action.iter().flat_map(|class| class.statements.iter()) {
                relevant.insert(index);
            }
            let by_resource = resources.classes(own, &relevant, work)?;
            if self
                .ask(own, lists, &by_action, &by_resource, work, &mut show)?
                .is_break()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a caller is named by the statement.
    fn is_named(&self, statement: usize) -> bool {
        let mut callers = self.callers.iter();
        callers.any(|caller| caller.statements.contains(statement))
    }

    /// Shows what tells the sides apart for these values of action and resource.
    fn ask(
        &self,
        own: usize,
        lists: Lists,
        by_action: &[AxisClass],
        by_resource: &[AxisClass],
        work: &mut Work,
        show: &mut impl FnMut(&Candidate<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Exhausted> {
        let words = self.rules.len().div_ceil(64);
        let mut asked: HashSet<(usize, Bits)> = HashSet::new();
        for (index, caller) in self.callers.iter().enumerate() {
            if !caller.statements.contains(own) {
                continue;
            }
            for action in by_action {
                for resource in by_resource {
                    work.spend(8 + 4 * words)?;
                    let mut matched = action.statements.clone();
                    matched.intersect(&resource.statements);
                    matched.intersect(&caller.statements);
                    if asked.contains(&(index, matched.clone())) {
                        continue;
                    }
                    for states in self.contexts(own, lists, caller, &matched, work)? {
                        work.spend(8 * self.size)?;
                        let candidate = Candidate {
                            caller,
                            action: &action.word,
                            resource: &resource.word,
                            states: &states,
                        };
                        if show(&candidate).is_break() {
                            return Ok(ControlFlow::Break(()));
                        }
                    }
                    asked.insert((index, matched));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Contexts in which `own` allows, no Deny of new denies, and old does not allow, where these statements match.
    fn contexts(
        &self,
        own: usize,
        lists: Lists,
        caller: &Caller,
        matched: &Bits,
        work: &mut Work,
    ) -> Result<Vec<Vec<KeyState>>, Exhausted> {
        let entries = |index: usize| {
            self.entries
                .get(index)
                .map(Vec::as_slice)
                .unwrap_or_default()
        };
        let of = |part: Part| {
            matched.iter().filter(move |index| {
                self.rules
                    .statements
                    .get(*index)
                    .is_some_and(|(own, _)| *own == part)
            })
        };
        work.spend(2 * self.keys.size())?;
        let start = || self.keys.start(&caller.always_there, &self.pinned, lists);
        let mut found = Vec::new();
        let wanted = Wanted {
            held: entries(own).to_vec(),
            missed: of(Part::NewDeny)
                .chain(of(Part::OldAllow))
                .map(entries)
                .collect(),
        };
        found.extend(solve(&self.keys, start(), &wanted, work)?);
        for denied_by in of(Part::OldDeny) {
            work.spend(2 * self.keys.size())?;
            let wanted = Wanted {
                held: entries(own)
                    .iter()
                    .chain(entries(denied_by))
                    .copied()
                    .collect(),
                missed: of(Part::NewDeny).map(entries).collect(),
            };
            found.extend(solve(&self.keys, start(), &wanted, work)?);
        }
        Ok(found)
    }
}
