//! A document at a glance: on which kinds of resources its statements allow and deny which actions, whatever the resource.

use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::principal::PrincipalKind;
use leastgrant_policy::{
    ConditionEntry, Effect, Policy, Resource, ResourcePattern, ShortArn, Statement,
};

use super::bits::{BitSet, KeptSet};
use super::universe::Universe;

/// Whatever a policy variable stands for, it is one thing, and not any.
const ONE_VALUE: &str = "one-certain-value";

/// A document's statements.
#[derive(Debug, Default)]
pub(crate) struct DocumentReach<'a> {
    /// What is allowed without conditions.
    pub(crate) allowed: KeptSet,
    /// What is denied without conditions.
    pub(crate) denied: KeptSet,
    pub(crate) conditional: Vec<Conditional<'a>>,
}

/// A statement with conditions.
#[derive(Debug)]
pub(crate) struct Conditional<'a> {
    pub(crate) effect: Effect,
    pub(crate) targets: KeptSet,
    pub(crate) conditions: &'a [ConditionEntry],
}

/// What statements are read with: resources that stand for all of their kinds, and how short ARNs are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) resources: &'a [Resource],
    pub(crate) short: ShortArn,
}

impl Reader<'_> {
    pub(crate) fn document<'p>(&self, policy: &'p Policy) -> DocumentReach<'p> {
        let universe = Universe::get();
        let mut allowed = BitSet::new(universe.len());
        let mut denied = BitSet::new(universe.len());
        let mut conditional = Vec::new();
        for statement in policy.statements.iter().filter(|own| is_of_everyone(own)) {
            let targets = self.targets(statement);
            if targets.is_empty() {
                continue;
            }
            if !statement.conditions.is_empty() {
                conditional.push(Conditional {
                    effect: statement.effect,
                    targets: targets.kept(),
                    conditions: &statement.conditions,
                });
                continue;
            }
            match statement.effect {
                Effect::Allow => allowed.union_with(&targets),
                Effect::Deny => denied.union_with(&targets),
            }
        }
        DocumentReach {
            allowed: allowed.kept(),
            denied: denied.kept(),
            conditional,
        }
    }

    /// The actions of a statement, on each kind of resource of which it matches any.
    pub(crate) fn targets(&self, statement: &Statement) -> BitSet {
        let universe = Universe::get();
        let mut targets = BitSet::new(universe.len());
        let actions = actions_of(statement);
        let list = statement.resource.as_ref();
        let is_every = list.is_none_or(|list| {
            !list.is_negated && list.entries.iter().any(|entry| entry.is_every())
        });
        if is_every {
            for actions in actions.runs() {
                targets.insert_range(&universe.targets_between(&actions));
            }
            return targets;
        }
        // Each format is looked at once, for all of the actions on it.
        let mut matched: Vec<Option<bool>> = vec![None; self.resources.len()];
        for action in actions.iter() {
            for (number, format) in universe.targets_of(action) {
                let Some(known) = matched.get_mut(format) else {
                    continue;
                };
                if *known.get_or_insert_with(|| self.matches(statement, format)) {
                    targets.insert(number);
                }
            }
        }
        targets
    }

    fn matches(&self, statement: &Statement, format: usize) -> bool {
        let (Some(list), Some(resource)) = (&statement.resource, self.resources.get(format)) else {
            return false;
        };
        let is_match = |entry: &ResourcePattern| {
            entry.matches(resource, self.short, |_| Some(ONE_VALUE)) == Some(true)
        };
        let is_in_list = list.entries.iter().any(|entry| is_match(entry));
        is_in_list != list.is_negated
    }
}

/// The actions of the catalogue that a statement is about.
pub(crate) fn actions_of(statement: &Statement) -> ActionSet {
    let mut named = ActionSet::new();
    let patterns = statement.action.entries.iter().map(|entry| &entry.value);
    Catalog::get().expand_all_into(patterns, &mut named);
    if !statement.action.is_negated {
        return named;
    }
    let mut others = ActionSet::all();
    others.subtract(&named);
    others
}

/// Resource control policies name `*`, and nobody else; the other policies here name nobody.
fn is_of_everyone(statement: &Statement) -> bool {
    statement.principal.as_ref().is_none_or(|list| {
        let mut entries = list.entries.iter();
        !list.is_negated
            && entries.any(|entry| entry.kind == PrincipalKind::Everyone || &*entry.text == "*")
    })
}
