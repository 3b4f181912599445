//! What a node may act on, asked once for all nodes of which the policies say the same.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use leastgrant_policy::{Action, Context, Resource, Truth};

use super::actions::{ACTIONS, ActionId, Mask};
use super::after::Ends;
use super::facts::GraphFacts;
use super::node::{Node, Values};
use super::places::{self, Places};
use super::reduced::Reduced;
use super::requests::{self, Extra, Indexes};
use super::sets::{SetId, Sets};
use super::statements::{StatementId, Statements};
use super::told::Told;
use super::trusts::{self, Trusts};
use super::universe::Universe;
use crate::{Access, Assembled, PolicyId, Subject, SubjectKind};

/// Among what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Among {
    Users,
    Roles,
    EditableRoles,
    Groups,
    Policies,
    /// Roles that let the account's identity policies decide who assumes them.
    Delegating,
    /// The same, where conditions of trust policies tell callers apart.
    Conditional,
    /// The same, of which each caller is asked by itself.
    Particular,
    /// Roles, to be assumed if their trust policies named the caller.
    RolesIfTrusted,
}

/// All that an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    among: Among,
    action: ActionId,
    extra: Extra,
    account: Box<str>,
    kind: SubjectKind,
    /// Where each caller is asked by itself.
    caller: Option<u32>,
    /// Of the caller what its policies ask for beside conditions on it alone.
    values: Values,
    /// Which conditions on the caller alone of trust policies it meets.
    met: Box<[Truth]>,
    /// Whether it can change tags first, where they matter.
    may_tag: bool,
    pub identity: Box<[StatementId]>,
    pub boundary: Option<Box<[StatementId]>>,
    /// The organisation's statements, where not all of them speak of all callers.
    control: Option<Box<[StatementId]>>,
}

/// Answers that are made once, and waited for by who else asks the same.
#[derive(Debug)]
pub(super) struct Memo<K, V>(Mutex<HashMap<K, Arc<OnceLock<V>>>>);

impl<K: Eq + Hash, V: Copy> Memo<K, V> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let cell = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(key).or_default())
        };
        *cell.get_or_init(make)
    }
}

/// The organisation's statements that bear on an action and speak of a caller.
#[derive(Debug, Default)]
pub(super) struct Control {
    pub levels: Vec<Vec<StatementId>>,
    /// Whether not all of them speak of all callers.
    tells_callers_apart: bool,
}

pub(super) struct Asker<'a> {
    pub access: &'a Access,
    pub facts: &'a GraphFacts,
    pub context: &'a Context,
    pub sets: Sets,
    pub places: BTreeMap<Box<str>, Places>,
    pub trusts: Trusts,
    pub assume: Option<&'static Action>,
    pub statements: Statements,
    memo: Memo<Key, SetId>,
    anything: Memo<(Vec<Key>, bool), bool>,
    unlimited: Memo<PolicyId, bool>,
    /// Whether somebody new can be made.
    pub made: Memo<Vec<Key>, bool>,
    pub ends_of_groups: Memo<u32, Ends>,
    holders_memo: Memo<SetId, SetId>,
    pub letting_in: Memo<(Box<str>, Box<[Truth]>), SetId>,
    /// Nodes that no permissions boundary limits.
    pub unlimited_nodes: OnceLock<SetId>,
    pub indexes: Indexes,
    pub told: Told,
    pub holders: HashMap<PolicyId, Vec<u32>>,
}

impl<'a> Asker<'a> {
    /// `context`: of any request; `of_callers`: of those of users and roles.
    pub(super) fn new(
        access: &'a Access,
        facts: &'a GraphFacts,
        context: &Context,
        of_callers: &'a Context,
    ) -> Self {
        let sets = Sets::default();
        let assume = ACTIONS
            .id("sts", "assumerole")
            .and_then(|id| ACTIONS.action(id));
        let trusting = || {
            let statements = Statements::of(access);
            let trusts = assume.map(|assume| trusts::of(access, &statements, assume, &sets));
            (statements, trusts.unwrap_or_default())
        };
        let existing = || {
            rayon::join(
                || places::all(access, facts, context, &sets),
                || Told::of(access, &facts.managed, &facts.traits),
            )
        };
        let ((places, told), (statements, trusts)) = rayon::join(existing, trusting);
        let mut holders: HashMap<PolicyId, Vec<u32>> = HashMap::new();
        for (number, subject) in (0_u32..).zip(&access.subjects) {
            for attachment in &subject.identity {
                holders.entry(attachment.policy).or_default().push(number);
            }
        }
        Self {
            access,
            facts,
            context: of_callers,
            places,
            trusts,
            sets,
            assume,
            indexes: Indexes::new(access, &statements),
            told,
            statements,
            memo: Memo::new(),
            anything: Memo::new(),
            unlimited: Memo::new(),
            made: Memo::new(),
            ends_of_groups: Memo::new(),
            holders_memo: Memo::new(),
            letting_in: Memo::new(),
            unlimited_nodes: OnceLock::new(),
            holders,
        }
    }

    /// The actions that a principal's identity policies allow on something.
    pub(super) fn mask(&self, subject: &Subject) -> Mask {
        let own = subject.identity.iter();
        own.filter_map(|own| self.access.document_number(own.policy))
            .fold(0, |mask, document| mask | self.statements.allowed(document))
    }

    pub(super) fn context(&self, subject: &Subject, extra: Extra) -> Context {
        requests::context(&self.told, self.access, self.context, subject, extra)
    }

    pub(super) fn key(&self, node: &Node<'_>, among: Among, action: ActionId, extra: Extra) -> Key {
        let subject = node.subject;
        let on = |policy: PolicyId| -> Option<Vec<StatementId>> {
            let document = self.access.document_number(policy)?;
            let lines = self.statements.on(document, action);
            let lines = lines.filter(|line| self.speaks_of(node, line));
            Some(lines.map(|line| line.statement).collect())
        };
        let sorted = |mut ids: Vec<StatementId>| -> Box<[StatementId]> {
            ids.sort_unstable();
            ids.dedup();
            ids.into()
        };
        let own = subject.identity.iter();
        let identity = sorted(own.filter_map(|own| on(own.policy)).flatten().collect());
        let boundary = subject.boundary.and_then(on).map(sorted);
        let control = self.control(node, action);
        let ids = || {
            let limits = boundary.iter().flatten();
            let levels = control.levels.iter().flatten();
            identity.iter().chain(limits).chain(levels)
        };
        let all = || ids().filter_map(|id| self.statements.known(*id));
        let depends_on_extra = match extra {
            Extra::Nothing => false,
            Extra::PassedTo(_) => all().any(|known| known.is_of_passed_service),
            Extra::AdministratorPolicy(_) => all().any(|known| known.is_of_policy_arn),
            Extra::WideBoundary => all().any(|known| known.is_of_boundary),
            Extra::NewAdministrator(_) => {
                all().any(|known| known.is_of_policy_arn || known.is_of_boundary)
            }
        };
        Key {
            among,
            action,
            extra: if depends_on_extra {
                extra
            } else {
                Extra::Nothing
            },
            account: subject.account_id.clone(),
            kind: subject.kind,
            may_tag: all().any(|known| known.is_of_target)
                && self.told.may_change(self.access, subject),
            caller: (among == Among::Particular).then_some(node.number),
            values: self.values(node, ids()),
            met: match among {
                Among::Conditional => self.met(node),
                _ => Box::default(),
            },
            control: control
                .tells_callers_apart
                .then(|| control.levels.iter().flatten().copied().collect()),
            identity,
            boundary,
        }
    }

    /// Whether what the policies say of an action depends on what is told beside the caller.
    pub(super) fn depends_on(
        &self,
        node: &Node<'_>,
        among: Among,
        action: ActionId,
        extra: Extra,
    ) -> bool {
        self.key(node, among, action, extra).extra != Extra::Nothing
    }

    /// Which conditions on the caller alone the node meets, of the trust policies of roles that leave the decision to its account.
    pub(super) fn met(&self, node: &Node<'_>) -> Box<[Truth]> {
        let conditions = self.trusts.conditions.get(&node.subject.account_id);
        let own = conditions.into_iter().flatten();
        own.map(|own| self.meets(node, *own)).collect()
    }

    /// The organisation's statements that bear on an action.
    pub(super) fn control(&self, node: &Node<'_>, action: ActionId) -> Control {
        let subject = node.subject;
        let account = self.access.account(&subject.account_id);
        let bound = account.filter(|_| !subject.caller.is_service_linked_role());
        let mut control = Control::default();
        for level in bound.into_iter().flat_map(|own| &own.service_control) {
            let own = level.policies.iter();
            let documents: Vec<usize> = own
                .filter_map(|id| self.access.document_number(*id))
                .collect();
            // A level of which nothing is known limits nothing.
            if documents.is_empty() {
                continue;
            }
            let mut own = Vec::new();
            for line in documents
                .iter()
                .flat_map(|own| self.statements.on(*own, action))
            {
                control.tells_callers_apart |= line.conditions.is_some();
                if self.speaks_of(node, line) {
                    own.push(line.statement);
                }
            }
            control.levels.push(own);
        }
        control
    }

    /// Of what there is the node may do this on, conditions on what only a request tells taken as met.
    pub(super) fn allowed(
        &self,
        node: &Node<'_>,
        among: Among,
        action: ActionId,
        extra: Extra,
    ) -> SetId {
        let Some(universe) = self.universe(node.subject, among) else {
            return self.sets.of(Vec::new());
        };
        if universe.is_empty() {
            return universe.all;
        }
        let key = self.key(node, among, action, extra);
        let (identity, boundary) = (key.identity.clone(), key.boundary.clone());
        let extra = key.extra;
        self.memo.get(key, || {
            let control = self.control(node, action).levels;
            let has_boundary = boundary.is_some();
            let if_trusted = among == Among::RolesIfTrusted;
            let own = [identity, boundary.unwrap_or_default()];
            match Reduced::of(
                &self.statements,
                node.subject,
                has_boundary,
                if_trusted,
                own,
                control,
            ) {
                Some(reduced) => self.asked(node, among, action, extra, universe, &reduced),
                None => self.sets.of(Vec::new()),
            }
        })
    }

    fn universe(&self, subject: &Subject, among: Among) -> Option<&Universe> {
        let places = self.places.get(&subject.account_id);
        match among {
            Among::Users => places.map(|own| &own.users),
            Among::Roles | Among::RolesIfTrusted => places.map(|own| &own.roles),
            Among::EditableRoles => places.map(|own| &own.editable_roles),
            Among::Groups => places.map(|own| &own.groups),
            Among::Policies => places.map(|own| &own.policies),
            Among::Delegating => self.trusts.delegating.get(&subject.account_id),
            Among::Conditional => self.trusts.conditional.get(&subject.account_id),
            Among::Particular => self.trusts.particular.get(&subject.account_id),
        }
    }

    /// Whether a node may do this on one resource.
    pub(super) fn may(
        &self,
        assembled: &Assembled<'_>,
        subject: &Subject,
        action: &Action,
        resource: &str,
        extra: Extra,
    ) -> bool {
        let context = self.context(subject, extra);
        let resource = Resource::parse(resource);
        requests::may(&self.told, assembled, subject, action, &resource, &context)
    }

    pub(super) fn holders_memo(&self, policies: SetId, make: impl FnOnce() -> SetId) -> SetId {
        self.holders_memo.get(policies, make)
    }

    /// The users and roles that can be given whatever policies.
    pub(super) fn unlimited_nodes(&self) -> SetId {
        *self.unlimited_nodes.get_or_init(|| {
            let all = (0_u32..).zip(&self.access.subjects);
            let unlimited = all.filter(|(_, subject)| self.is_unlimited(subject));
            self.sets.of(unlimited.map(|(number, _)| number).collect())
        })
    }

    /// Whether no permissions boundary stands in the way of whatever policies a node may be given.
    pub(super) fn is_unlimited(&self, subject: &Subject) -> bool {
        let Some(boundary) = subject.boundary else {
            return true;
        };
        self.unlimited.get(boundary, || {
            let alone = Subject {
                identity: vec![crate::Attachment {
                    policy: boundary,
                    group: None,
                }],
                boundary: None,
                ..subject.clone()
            };
            // A boundary that is not known may leave everything.
            self.access.document_number(boundary).is_none()
                || self.access.is_administrator(&alone, self.context)
        })
    }

    /// Whether a node may do each of these on something; `together`: all of them on the same.
    pub(super) fn may_on_anything(
        &self,
        node: &Node<'_>,
        actions: &[ActionId],
        together: bool,
    ) -> bool {
        let key = |action: &ActionId| self.key(node, Among::Users, *action, Extra::Nothing);
        let keys: Vec<Key> = actions.iter().map(key).collect();
        self.anything.get((keys, together), || {
            let found = |actions: &[ActionId]| self.resource_of(node, actions).is_some();
            match together {
                true => found(actions),
                false => actions.iter().all(|action| found(&[*action])),
            }
        })
    }

    fn resource_of(&self, node: &Node<'_>, actions: &[ActionId]) -> Option<Resource> {
        let context = self.context(node.subject, Extra::Nothing);
        self.indexes
            .resource_of(&self.told, self.access, node.subject, actions, &context)
    }
}
