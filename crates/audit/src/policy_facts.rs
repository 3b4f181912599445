//! What rules on policies ask: decisions over all policies of a principal, and what logs prove of its use.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::OnceLock;

use leastgrant_access::{Access, Graph, GraphFacts, Subject, SubjectId};
use leastgrant_catalog::ActionSet;
use leastgrant_evidence::{Evidence, Options};
use leastgrant_inventory::{Error, Inventory, Timestamp};
use leastgrant_policy::scalar::Instant;
use leastgrant_policy::{Action, Context as RequestContext, Effect};

use crate::attachment_facts::AttachmentFacts;
use crate::context::Context;
use crate::granted::GrantedActions;
use crate::key_facts::KeyFacts;
use crate::reach::AllReach;
use crate::service_access::ServiceAccess;
use crate::trust::chains::AssumableRoles;

/// The policies of all accounts.
#[derive(Debug)]
pub(crate) struct PolicyFacts {
    pub access: Access,
    principals_by_account: HashMap<Box<str>, Vec<SubjectId>>,
    reach: OnceLock<AllReach>,
    assumable_roles: OnceLock<AssumableRoles>,
    granted: GrantedActions,
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
    pub service_access: &'a ServiceAccess,
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
            reach: OnceLock::new(),
            assumable_roles: OnceLock::new(),
            granted: GrantedActions::default(),
        })
    }

    /// What each user and role can do on any resource, put together when the first rule asks.
    pub(crate) fn reach(&self, as_of: Timestamp) -> &AllReach {
        self.reach.get_or_init(|| AllReach::of(&self.access, as_of))
    }

    /// Which roles lead to which, put together when the first rule asks.
    pub(crate) fn assumable_roles(&self) -> &AssumableRoles {
        self.assumable_roles
            .get_or_init(|| AssumableRoles::new(&self.access))
    }

    /// The actions that a principal is granted on something.
    pub(crate) fn granted_actions(&self, subject: &Subject) -> ActionSet {
        self.granted.of(&self.access, subject)
    }

    /// The same by ARN; none where some policy of the principal is not known and may grant anything.
    pub(crate) fn all_granted(&self, principal_arn: &str) -> Option<ActionSet> {
        let access = &self.access;
        let subject = access.subject(access.principal_of(principal_arn)?)?;
        let mut own = subject.identity.iter();
        let is_known = subject.unknowns.is_empty()
            && own.all(|attachment| access.document(attachment.policy).is_some());
        is_known.then(|| self.granted_actions(subject))
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

/// Whether any statement of a principal's own policies allows the action on something, or what they say is not known: who has none
/// need not be asked about.
pub(crate) fn may_be_allowed(access: &Access, subject: &Subject, action: &Action) -> bool {
    let own = subject.identity.iter();
    let mut documents = own.map(|attachment| access.document(attachment.policy));
    !subject.unknowns.is_empty()
        || documents.any(|document| {
            document.is_none_or(|policy| {
                policy.statements.iter().any(|statement| {
                    let mut entries = statement.action.entries.iter();
                    let is_listed = entries.any(|entry| entry.matches(action));
                    statement.effect == Effect::Allow && is_listed != statement.action.is_negated
                })
            })
        })
}
