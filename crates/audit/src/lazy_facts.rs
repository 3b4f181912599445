//! All facts beside those of accounts, each read when it is first asked for.

use std::cell::OnceCell;

use leastgrant_access::{Graph, GraphFacts};
use leastgrant_evidence::{Evidence, Options};
use leastgrant_inventory::{Error, Inventory, Timestamp};
use leastgrant_policy::Context;
use leastgrant_policy::scalar::Instant;

use crate::attachment_facts::AttachmentFacts;
use crate::key_facts::KeyFacts;
use crate::policy_facts::PolicyFacts;
use crate::service_access::ServiceAccess;

/// Facts that are read when the first rule asks for them: a gate on the age of keys reads no policies.
pub(crate) struct LazyFacts<'a> {
    inventory: &'a Inventory,
    as_of: Timestamp,
    keys: OnceCell<KeyFacts>,
    policies: OnceCell<PolicyFacts>,
    attachments: OnceCell<AttachmentFacts>,
    graph: OnceCell<Graph>,
    evidence: OnceCell<Evidence>,
    service_access: OnceCell<ServiceAccess>,
}

impl<'a> LazyFacts<'a> {
    pub(crate) fn new(inventory: &'a Inventory, as_of: Timestamp) -> Self {
        Self {
            inventory,
            as_of,
            keys: OnceCell::new(),
            policies: OnceCell::new(),
            attachments: OnceCell::new(),
            graph: OnceCell::new(),
            evidence: OnceCell::new(),
            service_access: OnceCell::new(),
        }
    }

    pub(crate) fn policies(&self) -> Result<&PolicyFacts, Error> {
        loaded(&self.policies, || PolicyFacts::load(self.inventory))
    }

    /// Gives the memory back while the findings are written: it is in a million pieces, for which nobody has to wait.
    pub(crate) fn free(self) {
        let Self {
            policies, graph, ..
        } = self;
        rayon::spawn(move || drop((policies, graph)));
    }

    /// What the inventory lacks for telling who may do what, if a rule has asked for that.
    pub(crate) fn notes(&self) -> &[String] {
        self.policies.get().map_or(&[], |own| own.access.notes())
    }

    pub(crate) fn service_access(&self) -> Result<&ServiceAccess, Error> {
        loaded(&self.service_access, || ServiceAccess::load(self.inventory))
    }

    pub(crate) fn keys(&self) -> Result<&KeyFacts, Error> {
        loaded(&self.keys, || {
            KeyFacts::load(self.inventory, self.as_of, || self.policies())
        })
    }

    pub(crate) fn attachments(&self) -> Result<&AttachmentFacts, Error> {
        loaded(&self.attachments, || AttachmentFacts::load(self.inventory))
    }

    /// Who can become whom, if a rule has asked for it.
    pub(crate) fn graph_if_asked_for(&self) -> Option<&Graph> {
        self.graph.get()
    }

    /// Who can become whom from `as_of` on; asked again, it is of the instant that was asked for first.
    pub(crate) fn graph(&self, as_of: Timestamp) -> Result<&Graph, Error> {
        let access = &self.policies()?.access;
        loaded(&self.graph, || {
            let facts = GraphFacts::load(self.inventory)?;
            let now = Instant(as_of.as_nanosecond());
            let context = Context::open().at_or_after(now);
            Ok(Graph::new(access, &facts, &context))
        })
    }

    pub(crate) fn evidence(&self) -> Result<&Evidence, Error> {
        loaded(&self.evidence, || {
            Evidence::load(self.inventory, Options::default())
        })
    }
}

fn loaded<T>(cell: &OnceCell<T>, load: impl FnOnce() -> Result<T, Error>) -> Result<&T, Error> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = load()?;
    Ok(cell.get_or_init(|| value))
}
