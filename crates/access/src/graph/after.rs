//! What a node can do after a first step of its own: without its permissions boundary, as a member of groups that it joins, as
//! a user or role that it makes.
//!
//! A permissions boundary that its holder can take off, replace or edit does not bind it (IAM User Guide, "Permissions
//! boundaries for IAM entities"), and whoever can make a principal without one, give it rights and be it has these rights
//! ("Delegating responsibility to others using permissions boundaries").

use std::collections::BTreeSet;

use leastgrant_policy::evaluate::{Outcome, Untold, outcome};
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Action, Context, Resource};

use super::actions::{ACTIONS, ActionId, Plan};
use super::ask::{Among, Asker};
use super::attached::Attached;
use super::node::Node;
use super::places::is_protected;
use super::reduced::Reduced;
use super::requests::{self, Extra};
use super::sets::SetId;
use super::ways::{self, Finder};
use super::{Confidence, Gain, Way};
use crate::who_can::FRESH;
use crate::{Subject, SubjectKind, World};

/// Where ways lead, beside those on which only the rights of others are raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    /// To the administrator, and how sure that is.
    administrator: Option<Confidence>,
    /// To others, for sure.
    becomes: SetId,
}

impl Asker<'_> {
    fn ends(&self, node: &Node<'_>) -> Ends {
        let ways = ways::direct(self, node);
        let is_administrator = self.access.is_administrator(node.subject, self.context);
        let raised = ways.iter().filter(|way| way.gain == Gain::Administrator);
        Ends {
            administrator: match is_administrator {
                true => Some(Confidence::High),
                false => raised.map(|way| way.confidence).max(),
            },
            becomes: self.becomes(&ways),
        }
    }

    fn becomes(&self, ways: &[Way]) -> SetId {
        let sure = ways
            .iter()
            .filter(|way| way.gain == Gain::Becomes && way.confidence == Confidence::High);
        self.sets.union(sure.map(|way| way.targets))
    }

    /// Where a member of a group gets to by the group's policies alone.
    fn ends_of_group(&self, group: u32) -> Option<Ends> {
        let place = usize::try_from(group).ok()?;
        let place = place.checked_sub(self.access.subjects.len())?;
        let subject = &self.access.groups.get(place)?.joiner;
        let node = Node::new(group, subject);
        Some(self.ends_of_groups.get(group, || self.ends(&node)))
    }

    /// Whether the node may do all of these on one new user or role, which has no boundary and gets any policy, and then be it.
    fn may_make(&self, node: &Node<'_>, actions: &[ActionId]) -> bool {
        let is_role = actions
            .iter()
            .filter_map(|id| ACTIONS.action(*id))
            .any(|action| action.name() == "createrole");
        let key = |action: &ActionId| {
            let extra = Extra::NewAdministrator(Attached::Everything);
            self.key(node, Among::RolesIfTrusted, *action, extra)
        };
        let assume = ACTIONS.id("sts", "assumerole").filter(|_| is_role);
        let keys = actions.iter().chain(&assume).map(key).collect();
        self.made.get(keys, || {
            let kind = if is_role { "role/" } else { "user/" };
            let assembled = self.access.assemble(node.subject, None, World::Known);
            let account_id = &node.subject.account_id;
            let mut policies = self.told.managed.administrators(account_id);
            policies.any(|policy| {
                let context = self.context(node.subject, Extra::NewAdministrator(policy));
                let new = self.new_principals(node, actions, kind, &context);
                new.into_iter().any(|resource| {
                    let mut named = actions.iter().filter_map(|id| ACTIONS.action(*id));
                    named.all(|own| {
                        requests::may(
                            &self.told,
                            &assembled,
                            node.subject,
                            own,
                            &resource,
                            &context,
                        )
                    }) && (!is_role || self.may_assume_new(node, &resource))
                })
            })
        })
    }

    /// Users or roles that are not there, one for each way in which policies name such.
    fn new_principals(
        &self,
        node: &Node<'_>,
        actions: &[ActionId],
        kind: &str,
        context: &Context,
    ) -> Vec<Resource> {
        let subject = node.subject;
        let partition = subject.arn.split(':').nth(1).unwrap_or("aws");
        let named = self
            .indexes
            .candidates(self.access, subject, actions, context);
        let own = named.filter_map(|resource| {
            let [.., last] = arn_fields(resource.as_str())?;
            last.starts_with(kind).then(|| last.to_owned())
        });
        let all: BTreeSet<String> = own.chain([format!("{kind}{FRESH}")]).collect();
        let arns = all
            .iter()
            .map(|last| format!("arn:{partition}:iam::{}:{last}", subject.account_id));
        arns.filter(|arn| self.access.principal_of(arn).is_none())
            .map(|arn| Resource::parse(&arn))
            .collect()
    }

    /// Whether a role that names the node in its trust policy may be assumed by it.
    fn may_assume_new(&self, node: &Node<'_>, role: &Resource) -> bool {
        let assume = ACTIONS.id("sts", "assumerole");
        // Reduced statements match any action; with this one no trust policy is asked for.
        let (Some(assume), Some(asked)) = (assume, Action::parse("iam:AssumeRole")) else {
            return false;
        };
        let key = self.key(node, Among::RolesIfTrusted, assume, Extra::Nothing);
        let has_boundary = key.boundary.is_some();
        let own = [key.identity, key.boundary.unwrap_or_default()];
        let control = self.control(node, assume).levels;
        let reduced = Reduced::of(
            &self.statements,
            node.subject,
            has_boundary,
            true,
            own,
            control,
        );
        let context = self.context(node.subject, Extra::Nothing);
        let request = self.access.request(node.subject, &asked, role, &context);
        reduced.is_some_and(|reduced| {
            outcome(&request, &reduced.policies(), Untold::Grant) == Outcome::Allowed
        })
    }
}

impl Finder<'_, '_> {
    /// Adds what the node can do once it has set its permissions boundary aside.
    pub(super) fn put_own_boundary(&mut self, plan: &'static Plan) {
        let subject = self.node.subject;
        let fits = match plan.set.caller {
            Some("user") => subject.kind == SubjectKind::User,
            Some("role") => subject.kind == SubjectKind::Role,
            _ => true,
        };
        let boundary = subject.boundary.and_then(|id| self.asker.access.policy(id));
        let Some(boundary) = boundary.filter(|_| fits && !is_protected(subject)) else {
            return;
        };
        if self.asker.is_unlimited(subject) {
            return;
        }
        let assembled = self.asker.access.assemble(subject, None, World::Known);
        let may = |action: &ActionId| {
            let action = ACTIONS.action(*action);
            action.is_some_and(|action| {
                let (resource, extra) = match action.name() {
                    "createpolicyversion" => (&boundary.arn, Extra::Nothing),
                    "putuserpermissionsboundary" | "putrolepermissionsboundary" => {
                        (&subject.arn, Extra::WideBoundary)
                    }
                    _ => (&subject.arn, Extra::Nothing),
                };
                // Policies of AWS cannot be edited.
                let is_own = resource.split(':').nth(4) == Some(&*subject.account_id);
                is_own && self.asker.may(&assembled, subject, action, resource, extra)
            })
        };
        if !plan.actions.iter().all(may) {
            return;
        }
        let free = Subject {
            boundary: None,
            ..subject.clone()
        };
        let ends = self.asker.ends(&Node::new(self.node.number, &free));
        let none = self.asker.sets.of(Vec::new());
        match ends.administrator {
            Some(confidence) => self.add(plan, Gain::Administrator, none, confidence),
            None if self.asker.sets.is_empty(ends.becomes) => {
                self.add(plan, Gain::OwnRights, none, Confidence::High);
            }
            None => self.add_through(plan, Gain::Becomes, ends.becomes, Confidence::High),
        }
    }

    /// Adds what only the node's own rights and those of groups that it joins give together.
    pub(super) fn put_joined(&mut self, plan: &'static Plan, groups: SetId) {
        let subject = self.node.subject;
        let groups = self.asker.sets.list(groups);
        if subject.kind != SubjectKind::User || groups.is_empty() {
            return;
        }
        let alone: Vec<Ends> = groups
            .iter()
            .filter_map(|group| self.asker.ends_of_group(*group))
            .collect();
        if alone.iter().any(|own| own.administrator.is_some()) {
            return;
        }
        let mut member = subject.clone();
        for group in groups.iter() {
            let place = usize::try_from(*group).ok();
            let place = place.and_then(|own| own.checked_sub(self.asker.access.subjects.len()));
            let joined = place.and_then(|own| self.asker.access.groups.get(own));
            let policies = joined.into_iter().flat_map(|group| &group.joiner.identity);
            member.identity.extend(policies.cloned());
        }
        let own = ways::direct(self.asker, self.node);
        let ends = self.asker.ends(&Node::new(self.node.number, &member));
        let is_raised = |way: &Way| way.gain == Gain::Administrator;
        if let Some(confidence) = ends.administrator
            && !own.iter().any(is_raised)
        {
            let none = self.asker.sets.of(Vec::new());
            self.add(plan, Gain::Administrator, none, confidence);
        }
        let before = self.asker.becomes(&own);
        let before = self
            .asker
            .sets
            .union(alone.iter().map(|own| own.becomes).chain([before]));
        let more = self.asker.sets.without(ends.becomes, before);
        self.add_through(plan, Gain::Becomes, more, Confidence::High);
    }

    /// Adds that the node can make an administrator and be it.
    pub(super) fn put_new(&mut self, plan: &'static Plan) {
        if self.asker.may_make(self.node, &plan.actions) {
            let none = self.asker.sets.of(Vec::new());
            self.add(plan, Gain::Administrator, none, Confidence::High);
        }
    }

    /// Users and roles without a permissions boundary that limits them, and those whose boundary the node can take off or replace.
    pub(super) fn unlimited(&mut self) -> SetId {
        if let Some(known) = self.unlimited {
            return known;
        }
        let all = self.asker.unlimited_nodes();
        let mask = self.asker.mask(self.node.subject);
        let changes = [
            (
                "deleteuserpermissionsboundary",
                Among::Users,
                Extra::Nothing,
            ),
            (
                "putuserpermissionsboundary",
                Among::Users,
                Extra::WideBoundary,
            ),
            (
                "deleterolepermissionsboundary",
                Among::EditableRoles,
                Extra::Nothing,
            ),
            (
                "putrolepermissionsboundary",
                Among::EditableRoles,
                Extra::WideBoundary,
            ),
        ];
        let lists: Vec<SetId> = changes
            .into_iter()
            .filter_map(|(name, among, extra)| {
                let action = ACTIONS.id("iam", name)?;
                (mask & action.bit() != 0).then(|| self.allowed(among, action, extra))
            })
            .collect();
        let unlimited = match lists.is_empty() {
            true => all,
            false => self.asker.sets.union(lists.into_iter().chain([all])),
        };
        self.unlimited = Some(unlimited);
        unlimited
    }
}
