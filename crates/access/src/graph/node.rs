//! A node of the graph while it is asked about: who it is, and which conditions on the caller alone it meets.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use leastgrant_policy::{Context, ContextValue, Effect, Truth};

use super::ask::Asker;
use super::requests::Extra;
use super::statements::{ConditionsId, Line, StatementId};
use crate::Subject;

/// What the context of a caller has for some keys.
pub(super) type Values = Box<[(Box<str>, ContextValue)]>;

/// A node: its number and who it is.
#[derive(Debug)]
pub(super) struct Node<'s> {
    pub number: u32,
    pub subject: &'s Subject,
    /// What its requests tell of it, made when first asked for.
    context: OnceCell<Context>,
    met: RefCell<HashMap<ConditionsId, Truth>>,
}

impl<'s> Node<'s> {
    pub(super) fn new(number: u32, subject: &'s Subject) -> Self {
        Self {
            number,
            subject,
            context: OnceCell::new(),
            met: RefCell::default(),
        }
    }
}

impl Asker<'_> {
    fn context_of<'n>(&self, node: &'n Node<'_>) -> &'n Context {
        node.context.get_or_init(|| {
            let context = self.context(node.subject, Extra::Nothing);
            self.access.context_of(node.subject, &context)
        })
    }

    /// Whether the node meets conditions on the caller alone.
    pub(super) fn meets(&self, node: &Node<'_>, conditions: ConditionsId) -> Truth {
        *node.met.borrow_mut().entry(conditions).or_insert_with(|| {
            let context = self.context_of(node);
            let own = self.statements.conditions(conditions).iter();
            own.map(|own| own.evaluate(context))
                .min()
                .unwrap_or(Truth::Yes)
        })
    }

    /// Whether a statement speaks of the node. What is not told of it counts as met where it allows only.
    pub(super) fn speaks_of(&self, node: &Node<'_>, line: &Line) -> bool {
        let met = |conditions| match line.effect {
            Effect::Allow => self.meets(node, conditions) != Truth::No,
            Effect::Deny => self.meets(node, conditions) == Truth::Yes,
        };
        line.conditions.is_none_or(met)
    }

    /// The node's values of the keys by which these statements tell callers apart.
    pub(super) fn values<'i>(
        &self,
        node: &Node<'_>,
        statements: impl Iterator<Item = &'i StatementId>,
    ) -> Values {
        let known = statements.filter_map(|id| self.statements.known(*id));
        let mut keys: Vec<&str> = known
            .flat_map(|known| &known.keys_of_caller)
            .map(|key| &**key)
            .collect();
        if keys.is_empty() {
            return Values::default();
        }
        keys.sort_unstable();
        keys.dedup();
        let told = self.context_of(node).iter();
        told.filter(|(key, _)| keys.binary_search(key).is_ok())
            .map(|(key, value)| (key.into(), value.clone()))
            .collect()
    }
}
