//! The ways in which a node gets more rights: the escalation sets that are live for it, with their targets.

use std::collections::BTreeSet;

use leastgrant_policy::Policy;

use super::actions::{ACTIONS, ActionId, Plan};
use super::ask::{Among, Asker};
use super::node::Node;
use super::places::{LoginState, Places, is_protected};
use super::requests::Extra;
use super::sets::SetId;
use super::{Confidence, Gain, Way};
use crate::{Administrator, EscalationTarget, PolicyId, Subject, SubjectKind, World};

/// All of a node, in the order of the sets' names.
pub(super) fn of(asker: &Asker<'_>, node: &Node<'_>) -> Vec<Way> {
    found(asker, node, true)
}

/// Those that do not begin with a change of what the node itself is.
pub(super) fn direct(asker: &Asker<'_>, node: &Node<'_>) -> Vec<Way> {
    found(asker, node, false)
}

fn found(asker: &Asker<'_>, node: &Node<'_>, with_changes: bool) -> Vec<Way> {
    let Some(places) = asker.places.get(&node.subject.account_id) else {
        return Vec::new();
    };
    let is_caller = matches!(node.subject.kind, SubjectKind::User | SubjectKind::Role);
    if !is_caller || node.subject.caller.is_service_linked_role() {
        return Vec::new();
    }
    // Whether a role may be assumed is not told by the caller's policies alone: its trust policy can name the caller.
    let assume = ACTIONS.id("sts", "assumerole").map_or(0, ActionId::bit);
    let mask = asker.mask(node.subject) | assume;
    let mut finder = Finder {
        asker,
        node,
        places,
        may_assume: None,
        unlimited: None,
        with_changes,
        found: Vec::new(),
    };
    for plan in &ACTIONS.plans {
        if plan.set.name == "sts-001" {
            finder.put_assumed(plan);
        } else if plan.mask & mask == plan.mask {
            finder.put(plan);
        }
    }
    finder.found
}

pub(super) struct Finder<'a, 'b> {
    pub asker: &'b Asker<'a>,
    pub node: &'b Node<'b>,
    places: &'b Places,
    /// Lists of roles that it may assume, made when first asked for.
    may_assume: Option<Vec<SetId>>,
    /// Whom no boundary limits that it may not take off, made when first asked for.
    pub unlimited: Option<SetId>,
    /// Whether to look at ways that begin with a change of what the node itself is.
    with_changes: bool,
    found: Vec<Way>,
}

impl Finder<'_, '_> {
    fn put(&mut self, plan: &'static Plan) {
        match plan.set.target {
            EscalationTarget::PassedRole => self.put_passed(plan),
            EscalationTarget::RoleOfResource => self.put_role_of_resource(plan),
            EscalationTarget::User => self.put_users(plan),
            EscalationTarget::Role => self.put_roles(plan),
            EscalationTarget::RolePolicy => self.put_roles_by_policy(plan),
            EscalationTarget::Group => self.put_groups(plan),
            EscalationTarget::OwnGroup => self.put_own_groups(plan),
            EscalationTarget::Caller => self.put_self(plan),
            EscalationTarget::OwnPolicy => self.put_own_policies(plan),
            EscalationTarget::NewPrincipal => self.put_new(plan),
            EscalationTarget::OwnBoundary if self.with_changes => self.put_own_boundary(plan),
            EscalationTarget::OwnBoundary => {}
            EscalationTarget::ServiceRole => {
                if self.may_others(plan, |_| true) {
                    let none = self.asker.sets.of(Vec::new());
                    self.add(plan, Gain::ServiceRole, none, Confidence::Low);
                }
            }
        }
    }

    pub(super) fn add(&mut self, plan: &Plan, gain: Gain, targets: SetId, confidence: Confidence) {
        self.found.push(Way {
            set: plan.set,
            gain,
            targets,
            confidence,
        });
    }

    /// Adds a way through others, unless there are none but the node itself.
    pub(super) fn add_through(
        &mut self,
        plan: &Plan,
        gain: Gain,
        targets: SetId,
        confidence: Confidence,
    ) {
        let targets = match gain {
            // What is given to somebody with a boundary is limited by it, as long as it is there.
            Gain::Administrator => {
                let unlimited = self.unlimited();
                self.asker.sets.common(targets, unlimited)
            }
            _ => targets,
        };
        let list = self.asker.sets.list(targets);
        if !matches!(&*list, []) && *list != [self.node.number] {
            self.add(plan, gain, targets, confidence);
        }
    }

    pub(super) fn allowed(&self, among: Among, action: ActionId, extra: Extra) -> SetId {
        self.asker.allowed(self.node, among, action, extra)
    }

    /// What is told of the plan's requests, each by itself: which policy is attached, where one is.
    fn extras(&self, plan: &Plan) -> impl Iterator<Item = Extra> {
        let is_attaching = plan.set.administrator == Administrator::IfAttachable;
        let policies = &self.asker.told.managed;
        let policies = policies.administrators(&self.node.subject.account_id);
        let attached = policies
            .filter(move |_| is_attaching)
            .map(Extra::AdministratorPolicy);
        attached.chain((!is_attaching).then_some(Extra::Nothing))
    }

    /// On what the node may do an action of a plan, with any policy that makes an administrator where one is attached.
    fn allowed_in_plan(&self, plan: &Plan, among: Among, action: ActionId) -> SetId {
        let asker = self.asker;
        let mut all: Option<SetId> = None;
        for extra in self.extras(plan) {
            let own = self.allowed(among, action, extra);
            all = Some(all.map_or(own, |all| asker.sets.union([all, own])));
            if !asker.depends_on(self.node, among, action, extra) {
                break;
            }
        }
        all.unwrap_or_else(|| asker.sets.of(Vec::new()))
    }

    /// Whether the node may do the actions of this kind, each on something.
    fn may_others(&self, plan: &Plan, is_other: impl Fn(&str) -> bool) -> bool {
        let others: Vec<ActionId> = plan
            .actions
            .iter()
            .copied()
            .filter(|id| ACTIONS.action(*id).is_some_and(|own| is_other(own.name())))
            .collect();
        self.asker.may_on_anything(self.node, &others, false)
    }

    fn put_passed(&mut self, plan: &'static Plan) {
        let Some(pass) = ACTIONS.id("iam", "passrole") else {
            return;
        };
        let mut may_others = None;
        for service in &plan.set.trusted_services {
            let Some(trusting) = self.places.trusting(service) else {
                continue;
            };
            let passed = self.allowed(Among::Roles, pass, Extra::PassedTo(service));
            let mut targets = self.asker.sets.common(passed, trusting);
            let mut confidence = Confidence::High;
            if plan.set.needs_instance_profile {
                match self.places.in_profile {
                    _ if self.may_make_profile() => {}
                    Some(roles) => targets = self.asker.sets.common(targets, roles),
                    None => confidence = Confidence::Low,
                }
            }
            if self.asker.sets.is_empty(targets) {
                continue;
            }
            let may =
                *may_others.get_or_insert_with(|| self.may_others(plan, |name| name != "passrole"));
            if may {
                self.add_through(plan, Gain::Becomes, targets, confidence);
            }
        }
    }

    /// Whether it may make an instance profile and put a role into it.
    fn may_make_profile(&self) -> bool {
        let names = ["createinstanceprofile", "addroletoinstanceprofile"];
        let actions: Vec<ActionId> = names
            .iter()
            .filter_map(|name| ACTIONS.id("iam", name))
            .collect();
        self.asker.may_on_anything(self.node, &actions, true)
    }

    /// Which resources there are and which roles they have is not in an inventory.
    fn put_role_of_resource(&mut self, plan: &'static Plan) {
        let services = plan.set.trusted_services.iter();
        let roles: Vec<SetId> = services
            .filter_map(|service| self.places.trusting(service))
            .collect();
        if roles.is_empty() {
            return;
        }
        let (together, others): (Vec<_>, Vec<_>) = plan
            .actions
            .iter()
            .enumerate()
            .partition(|(place, _)| plan.set.same_target.contains(place));
        let ids = |of: &[(usize, &ActionId)]| of.iter().map(|(_, id)| **id).collect::<Vec<_>>();
        let may = (together.is_empty()
            || self.asker.may_on_anything(self.node, &ids(&together), true))
            && self.asker.may_on_anything(self.node, &ids(&others), false);
        for targets in roles.into_iter().filter(|_| may) {
            self.add_through(plan, Gain::Becomes, targets, Confidence::Low);
        }
    }

    fn put_users(&mut self, plan: &'static Plan) {
        let has = |name: &str| plan.set.actions.iter().any(|own| own.name() == name);
        let (known, unknown) = if has("deleteaccesskey") {
            (LoginState::TwoKeys, LoginState::UnknownKeys)
        } else if has("createaccesskey") {
            (LoginState::FewKeys, LoginState::UnknownKeys)
        } else if has("updateloginprofile") {
            (LoginState::Password, LoginState::UnknownPassword)
        } else {
            (LoginState::NoPassword, LoginState::UnknownPassword)
        };
        let mut allowed = self.places.users.all;
        for action in &plan.actions {
            let own = self.allowed_in_plan(plan, Among::Users, *action);
            allowed = self.asker.sets.common(allowed, own);
        }
        for (state, confidence) in [(known, Confidence::High), (unknown, Confidence::Low)] {
            let Some(users) = self.places.logins(state) else {
                continue;
            };
            let targets = self.asker.sets.common(allowed, users);
            self.add_through(plan, gain(plan), targets, confidence);
        }
    }

    /// Roles that the node may assume: by its policies, and because they name it.
    fn may_assume(&mut self) -> Vec<SetId> {
        if let Some(known) = &self.may_assume {
            return known.clone();
        }
        let mut lists = Vec::new();
        if let Some(assume) = ACTIONS.id("sts", "assumerole") {
            let subject = self.node.subject;
            let has_own = self.asker.mask(subject) & assume.bit() != 0;
            let open = self.asker.trusts.open.get(&subject.account_id);
            if has_own || open.is_some_and(|open| !open.is_empty()) {
                lists.push(self.allowed(Among::Delegating, assume, Extra::Nothing));
            }
            for among in [Among::Conditional, Among::Particular] {
                lists.push(self.allowed(among, assume, Extra::Nothing));
            }
            let naming = self.asker.trusts.naming.get(&self.node.number);
            let named = naming.into_iter().flatten().copied();
            let may = |number: &u32| {
                let role = usize::try_from(*number).ok();
                role.and_then(|place| self.asker.access.subjects.get(place))
                    .is_some_and(|role| {
                        let resource = leastgrant_policy::Resource::parse(&role.arn);
                        self.asker.may_assume_by_name(subject, &resource)
                    })
            };
            lists.push(self.asker.sets.of(named.filter(may).collect()));
        }
        lists.retain(|list| !self.asker.sets.is_empty(*list));
        // Lists are numbered as threads make them, so they keep this order.
        let mut seen = BTreeSet::new();
        lists.retain(|list| seen.insert(*list));
        self.may_assume = Some(lists.clone());
        lists
    }

    fn put_assumed(&mut self, plan: &'static Plan) {
        for targets in self.may_assume() {
            self.add_through(plan, Gain::Becomes, targets, Confidence::High);
        }
    }

    /// Roles on which the node may do the actions but sts:AssumeRole, and that it may then assume.
    fn put_roles(&mut self, plan: &'static Plan) {
        let mut changed = self.places.editable_roles.all;
        for action in &plan.actions {
            if ACTIONS
                .action(*action)
                .is_some_and(|own| own.service() == "iam")
            {
                let own = self.allowed_in_plan(plan, Among::EditableRoles, *action);
                changed = self.asker.sets.common(changed, own);
            }
        }
        self.put_changed(plan, changed);
    }

    fn put_changed(&mut self, plan: &'static Plan, changed: SetId) {
        if self.asker.sets.is_empty(changed) {
            return;
        }
        for assumed in self.assumed_after(plan) {
            let targets = self.asker.sets.common(changed, assumed);
            self.add_through(plan, gain(plan), targets, Confidence::High);
        }
    }

    /// What the node may assume by the set's action that is about that: as it is, or after a change of trust policies.
    fn assumed_after(&mut self, plan: &Plan) -> Vec<SetId> {
        let update = ACTIONS.id("iam", "updateassumerolepolicy");
        let assume = ACTIONS.id("sts", "assumerole");
        let (Some(update), Some(assume)) = (update, assume) else {
            return Vec::new();
        };
        if !plan.actions.contains(&update) {
            return self.may_assume();
        }
        let trusted = self.allowed(Among::RolesIfTrusted, assume, Extra::Nothing);
        let changed = self.allowed(Among::EditableRoles, update, Extra::Nothing);
        vec![self.asker.sets.common(trusted, changed)]
    }

    fn put_roles_by_policy(&mut self, plan: &'static Plan) {
        let Some(create) = ACTIONS.id("iam", "createpolicyversion") else {
            return;
        };
        let holders = self.holders(create);
        let changed = self.asker.sets.common(holders, self.places.roles.all);
        self.put_changed(plan, changed);
    }

    /// The principals that have a policy on which the node may do this.
    fn holders(&self, action: ActionId) -> SetId {
        let policies = self.allowed(Among::Policies, action, Extra::Nothing);
        self.asker.holders_of(policies)
    }

    fn put_groups(&mut self, plan: &'static Plan) {
        for action in &plan.actions {
            let groups = self.allowed(Among::Groups, *action, Extra::Nothing);
            let gain = match self.node.subject.kind {
                SubjectKind::User if self.asker.is_unlimited(self.node.subject) => Gain::Becomes,
                SubjectKind::User => Gain::OwnRights,
                _ => Gain::OthersRights,
            };
            let confidence = match gain {
                Gain::OthersRights => Confidence::Low,
                _ => Confidence::High,
            };
            self.add_through(plan, gain, groups, confidence);
            if self.with_changes {
                self.put_joined(plan, groups);
            }
        }
    }

    /// Adds what changing policies gives, where the node itself has what it may change; else that of others who have it.
    fn put_change(&mut self, plan: &'static Plan, is_own: bool, others: SetId) {
        let none = self.asker.sets.of(Vec::new());
        if is_own {
            let gain = match self.asker.is_unlimited(self.node.subject) {
                true => Gain::Administrator,
                false => Gain::OwnRights,
            };
            self.add(plan, gain, none, Confidence::High);
        } else {
            self.add_through(plan, Gain::OthersRights, others, Confidence::Low);
        }
    }

    fn put_own_groups(&mut self, plan: &'static Plan) {
        for action in &plan.actions {
            let groups = self.allowed_in_plan(plan, Among::Groups, *action);
            let list = self.asker.sets.list(groups);
            let is_own = list
                .iter()
                .any(|group| self.asker.is_member(self.node, *group));
            self.put_change(plan, is_own, groups);
        }
    }

    fn put_self(&mut self, plan: &'static Plan) {
        let subject = self.node.subject;
        let (is_kind, among) = match plan.set.caller {
            Some("role") => (subject.kind == SubjectKind::Role, Among::EditableRoles),
            _ => (subject.kind == SubjectKind::User, Among::Users),
        };
        let assembled = self.asker.access.assemble(subject, None, World::Known);
        for action in &plan.actions {
            let Some(named) = ACTIONS.action(*action) else {
                continue;
            };
            let may = |extra| {
                is_kind
                    && !is_protected(subject)
                    && self
                        .asker
                        .may(&assembled, subject, named, &subject.arn, extra)
            };
            let is_own = self.extras(plan).any(may);
            if !is_own
                && plan.set.administrator == Administrator::IfAttachable
                && may(Extra::Nothing)
                && self.asker.may_attach_some(&assembled, subject, named)
            {
                // Some policy that a condition leaves can be attached.
                let none = self.asker.sets.of(Vec::new());
                self.add(plan, Gain::OwnRights, none, Confidence::Low);
                continue;
            }
            let others = self.allowed_in_plan(plan, among, *action);
            self.put_change(plan, is_own, others);
        }
    }

    fn put_own_policies(&mut self, plan: &'static Plan) {
        for action in &plan.actions {
            let policies = self.allowed(Among::Policies, *action, Extra::Nothing);
            let list = self.asker.sets.list(policies);
            let is_own = |policy: &PolicyId| {
                let own = self.node.subject.identity.iter();
                own.map(|own| own.policy).any(|own| own == *policy)
            };
            let own: Vec<PolicyId> = list
                .iter()
                .filter_map(|policy| Some(PolicyId(usize::try_from(*policy).ok()?)))
                .filter(is_own)
                .collect();
            if plan.set.administrator == Administrator::IfOlderVersion && !own.is_empty() {
                self.put_older_versions(plan, &own);
                continue;
            }
            let others = self.asker.holders_of(policies);
            self.put_change(plan, !own.is_empty(), others);
        }
    }
}

/// Whoever can be given any policy and be become ends as an administrator.
fn gain(plan: &Plan) -> Gain {
    match plan.set.administrator {
        Administrator::Always | Administrator::IfAttachable => Gain::Administrator,
        _ => Gain::Becomes,
    }
}

impl Asker<'_> {
    /// The principals that have one of these policies.
    pub(super) fn holders_of(&self, policies: SetId) -> SetId {
        self.holders_memo(policies, || {
            let list = self.sets.list(policies);
            let ids = list
                .iter()
                .filter_map(|policy| Some(PolicyId(usize::try_from(*policy).ok()?)));
            let holders = ids.filter_map(|id| self.holders.get(&id));
            self.sets.of(holders.flatten().copied().collect())
        })
    }

    /// Whether the node is in this group, or is what stands for a member of it.
    pub(super) fn is_member(&self, node: &Node<'_>, group: u32) -> bool {
        let place = usize::try_from(group)
            .ok()
            .and_then(|number| number.checked_sub(self.access.subjects.len()));
        node.number == group
            || place
                .and_then(|place| self.access.groups().get(place))
                .is_some_and(|group| group.members.binary_search(&node.subject.arn).is_ok())
    }

    pub(super) fn is_administrator_with(&self, subject: &Subject, policy: &Policy) -> bool {
        self.access
            .is_administrator_with(subject, policy, self.context)
    }
}
