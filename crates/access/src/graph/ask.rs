//! What a node may act on, asked once for all nodes of which the policies say the same.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use leastgrant_policy::evaluate::{Outcome, Policies, Request, RequestParts, Untold, outcome};
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
use super::universe::{Alike, Item, Universe};
use crate::{Access, Assembled, PolicyId, Subject, SubjectKind, World};

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

/// The contexts of requests of one caller on the items of a universe, one for all of which the same is told.
struct Contexts<'a> {
    of_caller: &'a Context,
    alike: &'a Alike,
    made: Vec<Option<Context>>,
}

impl<'a> Contexts<'a> {
    fn new(asker: &Asker<'_>, universe: &'a Universe, of_caller: &'a Context) -> Self {
        let alike = universe
            .alike(|item| requests::all_of_target(&asker.told, asker.access, &item.resource));
        Self {
            of_caller,
            alike,
            made: vec![None; alike.count],
        }
    }

    /// `tell`: tells what is to be told of an item.
    fn of(
        &mut self,
        place: usize,
        item: &Item,
        tell: &mut dyn FnMut(&Item, &mut Context),
    ) -> &Context {
        let sort = self.alike.sort_of(place);
        match sort.and_then(|sort| self.made.get_mut(sort)) {
            Some(made) => made.get_or_insert_with(|| {
                let mut context = self.of_caller.clone();
                tell(item, &mut context);
                context
            }),
            None => self.of_caller,
        }
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
                || Told::of(access, &facts.managed, &facts.tags),
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
    fn met(&self, node: &Node<'_>) -> Box<[Truth]> {
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

    fn asked(
        &self,
        node: &Node<'_>,
        among: Among,
        action: ActionId,
        extra: Extra,
        universe: &Universe,
        reduced: &Reduced,
    ) -> SetId {
        let is_assuming = matches!(
            among,
            Among::Delegating | Among::Conditional | Among::Particular
        );
        if reduced.is_everything && !is_assuming {
            return universe.all;
        }
        let Some(action) = ACTIONS.action(action) else {
            return self.sets.of(Vec::new());
        };
        // Reduced statements match any action; with this one no trust policy is asked for.
        let asked_action = match among {
            Among::RolesIfTrusted => Action::parse("iam:AssumeRole").unwrap_or(action.clone()),
            _ => action.clone(),
        };
        let Some(first) = universe.items().first() else {
            return universe.all;
        };
        let context = self.context(node.subject, extra);
        let request = self
            .access
            .request(node.subject, &asked_action, &first.resource, &context);
        let policies = reduced.policies();
        let found = |universe: &Universe, places: &mut dyn Iterator<Item = usize>| {
            let mut contexts = Contexts::new(self, universe, &request.context);
            let mut tell = |item: &Item, context: &mut Context| match reduced.is_of_target {
                true => {
                    let (subject, resource) = (node.subject, &item.resource);
                    requests::tell_target(
                        &self.told,
                        self.access,
                        subject,
                        action,
                        resource,
                        context,
                    );
                }
                // Trust policies can ask for it too.
                false if is_assuming => self.told.tell_account(&item.resource, context),
                false => {}
            };
            let mut found = Vec::new();
            for (place, item) in
                places.filter_map(|place| Some((place, universe.items().get(place)?)))
            {
                let owner = item.owner.as_ref().unwrap_or(&node.subject.account_id);
                let parts = RequestParts {
                    resource: &item.resource,
                    resource_account: Some(owner),
                    context: contexts.of(place, item, &mut tell),
                    ..RequestParts::from(&request)
                };
                let may = match is_assuming {
                    true => self.may_assume(node.subject, parts, &policies),
                    false => outcome(parts, &policies, Untold::Grant) == Outcome::Allowed,
                };
                if may {
                    found.push(item.number);
                }
            }
            found
        };
        let mut candidates = universe.candidates(reduced.identity.statements.iter());
        let mut all = found(universe, &mut candidates);
        let open = match among {
            Among::Conditional | Among::Particular => Some(universe),
            Among::Delegating => self.trusts.open.get(&node.subject.account_id),
            _ => None,
        };
        if let Some(open) = open {
            all.extend(found(open, &mut (0..open.items().len())));
        }
        self.sets.of(all)
    }

    /// Whether a role may be assumed, its trust policy and what its organisation has to say included.
    fn may_assume(&self, subject: &Subject, request: RequestParts<'_>, own: &Policies<'_>) -> bool {
        let role = request.resource.as_str();
        let trust = self.access.resource_policy(role);
        let owner = request.resource_account;
        let account = owner.and_then(|owner| self.access.account(owner));
        if account.is_some_and(|account| !account.resource_control.is_empty()) {
            return self.may_assume_by_name(subject, request.resource);
        }
        let policies = Policies {
            resource: trust.and_then(|id| self.access.document(id)),
            ..own.clone()
        };
        outcome(request, &policies, Untold::Grant) == Outcome::Allowed
    }

    /// Whether a principal, or a session of it that the trust policy names, may assume a role.
    pub(super) fn may_assume_by_name(&self, subject: &Subject, role: &Resource) -> bool {
        let Some(assume) = self.assume else {
            return false;
        };
        let mut context = self.context(subject, Extra::Nothing);
        requests::tell_target(&self.told, self.access, subject, assume, role, &mut context);
        let mut request = self.access.request(subject, assume, role, &context);
        let assembled = self.access.policies_for(subject, &request, World::Known);
        let may = |request: &Request| {
            outcome(request, &assembled.policies, Untold::Grant) == Outcome::Allowed
        };
        if may(&request) {
            return true;
        }
        let sessions = assembled.named_sessions(&request);
        sessions.into_iter().any(|session| {
            request.principal = session.clone();
            may(&request)
        })
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
