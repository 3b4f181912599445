//! What rules on policies ask: decisions over all policies of a principal, and what logs prove of its use.

use std::cell::OnceCell;
use std::collections::HashMap;

use leastgrant_access::{Access, Graph, GraphFacts, Subject, SubjectId};
use leastgrant_evidence::{Evidence, Options};
use leastgrant_inventory::{Error, Inventory, Timestamp};
use leastgrant_policy::Context as RequestContext;
use leastgrant_policy::scalar::Instant;

use crate::context::Context;

/// The policies of all accounts.
#[derive(Debug)]
pub(crate) struct PolicyFacts {
    pub access: Access,
    principals_by_account: HashMap<Box<str>, Vec<SubjectId>>,
}

/// One account with the policies of all: who can reach its principals may be in another one.
pub(crate) struct PolicyContext<'a> {
    pub account: Context<'a>,
    pub policies: &'a PolicyFacts,
}

/// The same with who can become whom.
pub(crate) struct GraphContext<'a> {
    pub policy: PolicyContext<'a>,
    pub graph: &'a Graph,
}

/// The same with what logs and last-accessed data prove of use.
pub(crate) struct EvidenceContext<'a> {
    pub policy: PolicyContext<'a>,
    pub evidence: &'a Evidence,
}

impl PolicyFacts {
    fn load(inventory: &Inventory) -> Result<Self, Error> {
        let access = Access::load(inventory)?;
        let mut principals_by_account: HashMap<Box<str>, Vec<SubjectId>> = HashMap::new();
        for (id, subject) in access.principals() {
            match principals_by_account.get_mut(&subject.account_id) {
                Some(own) => own.push(id),
                None => {
                    principals_by_account.insert(subject.account_id.clone(), vec![id]);
                }
            }
        }
        Ok(Self {
            access,
            principals_by_account,
        })
    }

    /// The users, roles and root user of an account, sorted by ARN.
    pub(crate) fn principals_of(
        &self,
        account_id: &str,
    ) -> impl Iterator<Item = (SubjectId, &Subject)> {
        let own = self.principals_by_account.get(account_id);
        own.into_iter().flatten().filter_map(|id| {
            let subject = self.access.subject(*id)?;
            Some((*id, subject))
        })
    }
}

/// Facts that are read when the first rule asks for them: a gate on the age of keys reads no policies.
pub(crate) struct LazyFacts<'a> {
    inventory: &'a Inventory,
    policies: OnceCell<PolicyFacts>,
    graph: OnceCell<Graph>,
    evidence: OnceCell<Evidence>,
}

impl<'a> LazyFacts<'a> {
    pub(crate) fn new(inventory: &'a Inventory) -> Self {
        Self {
            inventory,
            policies: OnceCell::new(),
            graph: OnceCell::new(),
            evidence: OnceCell::new(),
        }
    }

    pub(crate) fn policies(&self) -> Result<&PolicyFacts, Error> {
        loaded(&self.policies, || PolicyFacts::load(self.inventory))
    }

    /// Who can become whom from `as_of` on; asked again, it is of the instant that was asked for first.
    pub(crate) fn graph(&self, as_of: Timestamp) -> Result<&Graph, Error> {
        let access = &self.policies()?.access;
        loaded(&self.graph, || {
            let facts = GraphFacts::load(self.inventory)?;
            let now = Instant(as_of.as_nanosecond());
            let context = RequestContext::open().at_or_after(now);
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
