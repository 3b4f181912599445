//! Is a set live for a principal: is each of its actions allowed, on some suitable target?

use leastgrant_policy::evaluate::{Outcome, Policies, Untold, outcome};
use leastgrant_policy::principal::PrincipalKind;
use leastgrant_policy::{
    Action, Context, ContextValue, Effect, Policy, Resource, ShortArn, Statement,
};

use super::{EscalationSet, EscalationTarget, escalation_sets};
use crate::who_can::{Fill, Shape};
use crate::{Access, PolicyKind, Subject, SubjectKind};

impl Access {
    /// The sets that are live for a principal that has these identity policies in the place of its own.
    ///
    /// Asked with its permissions boundary and service control policies. Conditions on keys that only a request tells count as met
    /// where they allow, and as not met where they deny; `iam:PassedToService` is known. What exists beside users, roles and
    /// policies is not in an inventory: resources of other kinds stand for whatever the policies allow.
    #[must_use]
    pub fn live_escalation_sets(
        &self,
        subject: &Subject,
        identity: &[&Policy],
    ) -> Vec<&'static EscalationSet> {
        let assembled = self.policies_of(subject);
        let asked = Asked {
            access: self,
            subject,
            policies: Policies {
                identity: identity.to_vec(),
                ..assembled.policies
            },
        };
        let sets = escalation_sets().iter();
        sets.filter(|set| asked.is_live(set)).collect()
    }
}

struct Asked<'a> {
    access: &'a Access,
    subject: &'a Subject,
    policies: Policies<'a>,
}

impl Asked<'_> {
    fn is_live(&self, set: &EscalationSet) -> bool {
        let fits = match set.caller {
            Some("user") => self.subject.kind == SubjectKind::User,
            Some("role") => self.subject.kind == SubjectKind::Role,
            _ => true,
        };
        // Most principals have none of most sets' actions.
        if !fits
            || !set
                .actions
                .iter()
                .all(|action| self.allows(action).next().is_some())
        {
            return false;
        }
        match set.target {
            EscalationTarget::PassedRole => self.can_pass(set),
            EscalationTarget::RolePolicy => self.can_change_policy_of_role(set),
            EscalationTarget::User => self.on_one(set, &self.others(SubjectKind::User)),
            EscalationTarget::Role => self.on_one(set, &self.others(SubjectKind::Role)),
            EscalationTarget::Caller => self.on_one(set, &[self.subject.arn.to_string()]),
            EscalationTarget::OwnGroup => self.on_one(set, &self.own_groups()),
            EscalationTarget::OwnBoundary => self.on_one(set, &self.own_boundary(set)),
            EscalationTarget::OwnPolicy => self.on_one(set, &self.own_policies(self.subject)),
            EscalationTarget::Group
            | EscalationTarget::NewPrincipal
            | EscalationTarget::RoleOfResource
            | EscalationTarget::ServiceRole => self.on_anything(set),
        }
    }

    /// Statements that allow an action on something.
    fn allows<'s>(&'s self, action: &'s Action) -> impl Iterator<Item = &'s Statement> {
        let policies = self.policies.identity.iter();
        let statements = policies.flat_map(|policy| &policy.statements);
        statements.filter(|own| {
            let mut entries = own.action.entries.iter();
            own.effect == Effect::Allow
                && entries.any(|entry| entry.matches(action)) != own.action.is_negated
        })
    }

    fn is_allowed(&self, action: &Action, resource: &str, passed_to: Option<&str>) -> bool {
        let mut context = Context::open();
        if let Some(service) = passed_to {
            context.insert("iam:passedtoservice", ContextValue::One(service.to_owned()));
        }
        let resource = Resource::parse(resource);
        let request = self
            .access
            .request(self.subject, action, &resource, &context);
        let trust = self.access.resource_policy(resource.as_str());
        let policies = Policies {
            resource: trust.and_then(|id| self.access.document(id)),
            ..self.policies.clone()
        };
        outcome(&request, &policies, Untold::Grant) == Outcome::Allowed
    }

    /// Whether the actions that act on the target are allowed on one of these, and the others on anything.
    fn on_one(&self, set: &EscalationSet, targets: &[String]) -> bool {
        let is_on_target =
            |place: &usize| set.same_target.is_empty() || set.same_target.contains(place);
        let (on_target, others): (Vec<usize>, Vec<usize>) =
            (0..set.actions.len()).partition(is_on_target);
        let actions = |places: &[usize]| -> Vec<&Action> {
            places
                .iter()
                .filter_map(|place| set.actions.get(*place))
                .collect()
        };
        let (on_target, others) = (actions(&on_target), actions(&others));
        targets.iter().any(|target| {
            on_target
                .iter()
                .all(|action| self.is_allowed(action, target, None))
        }) && others.iter().all(|action| self.on_something(action))
    }

    fn on_something(&self, action: &Action) -> bool {
        let made_up = self.made_up(action);
        made_up
            .iter()
            .any(|resource| self.is_allowed(action, resource, None))
    }

    fn on_anything(&self, set: &EscalationSet) -> bool {
        let is_together = |place: usize| set.same_target.contains(&place);
        let first = set
            .same_target
            .first()
            .and_then(|place| set.actions.get(*place));
        let together = first.is_none_or(|first| {
            let made_up = self.made_up(first);
            made_up.iter().any(|resource| {
                let mut places = set.same_target.iter();
                places.all(|place| {
                    let action = set.actions.get(*place);
                    action.is_some_and(|action| self.is_allowed(action, resource, None))
                })
            })
        });
        let mut others = set.actions.iter().enumerate();
        together && others.all(|(place, action)| is_together(place) || self.on_something(action))
    }

    fn can_pass(&self, set: &EscalationSet) -> bool {
        let is_pass = |action: &&Action| action.service() == "iam" && action.name() == "passrole";
        let Some(pass) = set.actions.iter().find(is_pass) else {
            return false;
        };
        let roles = self.in_account(SubjectKind::Role);
        let mut candidates = roles.flat_map(|role| {
            let services = set.trusted_services.iter();
            let trusted = services.filter(|service| self.trusts(role, service));
            trusted.map(move |service| (role, *service))
        });
        candidates.any(|(role, service)| self.is_allowed(pass, &role.arn, Some(service)))
            && set
                .actions
                .iter()
                .filter(|action| !is_pass(action))
                .all(|action| self.on_something(action))
    }

    fn trusts(&self, role: &Subject, service: &str) -> bool {
        let trust = self.access.resource_policy(&role.arn);
        let statements = trust.and_then(|id| self.access.document(id)).into_iter();
        statements.flat_map(|policy| &policy.statements).any(|own| {
            let principals = own.principal.iter().flat_map(|list| &list.entries);
            own.effect == Effect::Allow
                && principals.into_iter().any(|entry| {
                    entry.kind == PrincipalKind::Service && entry.text.eq_ignore_ascii_case(service)
                })
        })
    }

    /// A role with a policy that the caller may change, and that it may assume or make itself trusted by.
    fn can_change_policy_of_role(&self, set: &EscalationSet) -> bool {
        let mut roles = self.in_account(SubjectKind::Role);
        roles.any(|role| {
            role.arn != self.subject.arn
                && set.actions.iter().all(|action| match action.name() {
                    "createpolicyversion" => {
                        let policies = self.own_policies(role);
                        policies
                            .iter()
                            .any(|arn| self.is_allowed(action, arn, None))
                    }
                    _ => self.is_allowed(action, &role.arn, None),
                })
        })
    }

    fn in_account(&self, kind: SubjectKind) -> impl Iterator<Item = &Subject> {
        let account_id = &self.subject.account_id;
        let all = self.access.principals().map(|(_, subject)| subject);
        all.filter(move |own| own.kind == kind && own.account_id == *account_id)
    }

    fn others(&self, kind: SubjectKind) -> Vec<String> {
        let others = self
            .in_account(kind)
            .filter(|own| own.arn != self.subject.arn);
        others.map(|own| own.arn.to_string()).collect()
    }

    fn own_groups(&self) -> Vec<String> {
        let subject = self.subject;
        let partition = subject.arn.split(':').nth(1).unwrap_or("aws");
        let attachments = subject.identity.iter();
        attachments
            .filter_map(|own| Some((own.group.as_deref()?, self.access.policy(own.policy)?)))
            .map(|(group, policy)| match policy.kind {
                PolicyKind::Inline => policy.arn.to_string(),
                // The path of a group that has managed policies only is not known here.
                _ => format!("arn:{partition}:iam::{}:group/{group}", subject.account_id),
            })
            .collect()
    }

    /// What a set changes of the caller's permissions boundary, if it has one: the caller, or the policy.
    fn own_boundary(&self, set: &EscalationSet) -> Vec<String> {
        let boundary = self.subject.boundary;
        let policy = boundary.and_then(|id| self.access.policy(id));
        let of_policy = set
            .actions
            .iter()
            .any(|own| own.name() == "createpolicyversion");
        let own = policy.map(|policy| match of_policy {
            true => policy.arn.to_string(),
            false => self.subject.arn.to_string(),
        });
        own.into_iter().collect()
    }

    /// Customer-managed policies that somebody has.
    fn own_policies(&self, subject: &Subject) -> Vec<String> {
        let attached = subject.identity.iter();
        attached
            .filter_map(|own| self.access.policy(own.policy))
            .filter(|policy| policy.kind == PolicyKind::Managed)
            .filter(|policy| policy.arn.split(':').nth(4) == Some(&*subject.account_id))
            .map(|policy| policy.arn.to_string())
            .collect()
    }

    /// Resources that stand for what the policies allow an action on.
    fn made_up(&self, action: &Action) -> Vec<String> {
        let fill = Fill {
            partition: self.subject.arn.split(':').nth(1).unwrap_or("aws"),
            service: action.service(),
            account_id: &self.subject.account_id,
        };
        let mut found = Vec::new();
        for statement in self.allows(action) {
            let Some(element) = &statement.resource else {
                continue;
            };
            if element.is_negated {
                found.extend(Shape::Every.resources(&fill));
                continue;
            }
            for entry in &element.entries {
                let shape = Shape::of(entry, ShortArn::Anything, |_| None);
                found.extend(shape.iter().flat_map(|shape| shape.resources(&fill)));
            }
        }
        found
    }
}
