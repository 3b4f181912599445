//! How a way is granted: which statements allow its actions on its target, and under which conditions.

use leastgrant_policy::{Action, Resource};

use super::actions::{ACTIONS, ActionId};
use super::attached::Attached;
use super::requests::{Extra, context, may, tell_target};
use super::{Graph, NodeId, Way};
use crate::{Access, Administrator, EscalationTarget, PolicyKind, StatementRef, Subject, World};

/// How a way is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayEvidence {
    /// One for each action of the set, in its order.
    pub granted: Vec<Granted>,
    /// The context keys that it depends on, in lower case.
    pub keys: Vec<String>,
}

/// One action of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The action.
    pub action: &'static Action,
    /// On what; none where no resource of the kind is in an inventory, and it is allowed on something.
    pub resource: Option<String>,
    /// The statements that allow it, and of those that depend on the context those that may deny it.
    pub statements: Vec<StatementRef>,
}

impl Graph {
    /// How a way of a node is granted, for one of its targets where it has any.
    #[must_use]
    pub fn evidence(
        &self,
        access: &Access,
        node: NodeId,
        way: &Way,
        target: Option<NodeId>,
    ) -> WayEvidence {
        let mut evidence = WayEvidence {
            granted: Vec::new(),
            keys: Vec::new(),
        };
        let Some(subject) = self.subject(access, node) else {
            return evidence;
        };
        for action in &way.set.actions {
            let Some(id) = ACTIONS
                .all
                .iter()
                .position(|own| own.as_str() == action.as_str())
                .map(ActionId)
            else {
                continue;
            };
            let own = self.own_resource(access, node, subject, way, target, action);
            let made_up = || {
                self.indexes
                    .resource_of(&self.told, access, subject, &[id], &self.context)
            };
            let asked = own.as_deref().map(Resource::parse).or_else(made_up);
            let extra = self.extra(access, subject, way, action, asked.as_ref());
            let mut context = context(&self.told, access, &self.context, subject, extra);
            if let Some(resource) = &asked {
                tell_target(&self.told, access, subject, action, resource, &mut context);
            }
            let verdict = asked.map(|resource| access.decide(subject, action, &resource, &context));
            let (statements, keys) = verdict
                .map(|verdict| (verdict.statements, verdict.keys))
                .unwrap_or_default();
            evidence.keys.extend(keys);
            evidence.granted.push(Granted {
                action,
                resource: own,
                statements,
            });
        }
        evidence.keys.sort();
        evidence.keys.dedup();
        evidence
    }

    /// On what the action acts, where that is in the inventory.
    fn own_resource(
        &self,
        access: &Access,
        node: NodeId,
        subject: &Subject,
        way: &Way,
        target: Option<NodeId>,
        action: &Action,
    ) -> Option<String> {
        let target_arn = || target.map(|target| self.arn(access, target).to_owned());
        let is_policy = matches!(
            action.name(),
            "createpolicyversion" | "setdefaultpolicyversion"
        );
        match way.set.target {
            EscalationTarget::RoleOfResource
            | EscalationTarget::ServiceRole
            | EscalationTarget::NewPrincipal => None,
            // Which groups it has to join, and with what, is not told.
            EscalationTarget::Group if target.is_none_or(|own| self.principal(own).is_some()) => {
                None
            }
            EscalationTarget::OwnBoundary if is_policy => {
                let boundary = access.policy(subject.boundary?)?;
                Some(boundary.arn.to_string())
            }
            EscalationTarget::OwnBoundary => Some(subject.arn.to_string()),
            EscalationTarget::PassedRole if action.name() != "passrole" => None,
            _ if is_policy => {
                let holder = match target {
                    Some(target) => self.subject(access, target)?,
                    None => subject,
                };
                self.changeable_policy(access, subject, holder, action)
            }
            EscalationTarget::OwnGroup if target.is_none() => {
                let assembled = access.assemble(subject, None, World::Known);
                let own = access.groups().iter().enumerate().filter(|(place, group)| {
                    group.members.binary_search(&subject.arn).is_ok()
                        || node.place() == self.principals + place
                });
                let mut arns = own.map(|(_, group)| &*group.arn);
                let first = arns.find(|arn| {
                    let resource = Resource::parse(arn);
                    let extra = self.extra(access, subject, way, action, Some(&resource));
                    let context = context(&self.told, access, &self.context, subject, extra);
                    may(&self.told, &assembled, subject, action, &resource, &context)
                });
                first.map(str::to_owned)
            }
            EscalationTarget::Caller if target.is_none() => Some(subject.arn.to_string()),
            _ => target_arn(),
        }
    }

    /// A customer-managed policy of the holder on which the caller may do this.
    fn changeable_policy(
        &self,
        access: &Access,
        subject: &Subject,
        holder: &Subject,
        action: &Action,
    ) -> Option<String> {
        let assembled = access.assemble(subject, None, World::Known);
        let context = context(&self.told, access, &self.context, subject, Extra::Nothing);
        let policies = holder
            .identity
            .iter()
            .filter_map(|own| access.policy(own.policy));
        let mut own = policies.filter(|policy| {
            policy.kind == PolicyKind::Managed
                && policy.arn.split(':').nth(4) == Some(&*subject.account_id)
        });
        let found = own.find(|policy| {
            let resource = Resource::parse(&policy.arn);
            may(&self.told, &assembled, subject, action, &resource, &context)
        });
        found.map(|policy| policy.arn.to_string())
    }

    /// What is told of a way's request: of the policies that make an administrator the first that may be attached.
    fn extra(
        &self,
        access: &Access,
        subject: &Subject,
        way: &Way,
        action: &Action,
        resource: Option<&Resource>,
    ) -> Extra {
        let is_attaching = action.name().starts_with("attach");
        let make: fn(Attached) -> Extra = match way.set.target {
            EscalationTarget::NewPrincipal => Extra::NewAdministrator,
            EscalationTarget::OwnBoundary if action.name().starts_with("put") => {
                return Extra::WideBoundary;
            }
            _ => match (way.set.administrator, way.set.trusted_services.as_slice()) {
                (Administrator::IfAttachable, _)
                    if is_attaching && way.gain != super::Gain::OwnRights =>
                {
                    Extra::AdministratorPolicy
                }
                (_, [service]) if action.name() == "passrole" => {
                    return Extra::PassedTo(service);
                }
                _ => return Extra::Nothing,
            },
        };
        let assembled = access.assemble(subject, None, World::Known);
        let policies = self
            .told
            .managed
            .administrators(&subject.account_id)
            .map(make);
        let mut allowed = policies.filter(|extra| {
            let context = context(&self.told, access, &self.context, subject, *extra);
            resource.is_some_and(|resource| {
                may(&self.told, &assembled, subject, action, resource, &context)
            })
        });
        allowed.next().unwrap_or(make(Attached::Everything))
    }
}
