//! Who is an effective administrator, however it is written.
//!
//! A principal is one if it may do every action on every resource that its organisation leaves to anybody, and the organisation
//! leaves it at least one action with which permissions are granted. Its own and its groups' policies are taken together, less
//! their Denies and within its permissions boundary; conditions on what only a request tells count as met where they allow, and
//! as not met where they deny. Only policies that are known count: what is not known may still take something away.
//!
//! Whoever may merely make itself an administrator, by a policy that it may change, is none here: that is an escalation.
//!
//! "Every" is asked with actions and resources made up from the patterns of all statements that bear on the principal, and with
//! some that no statement names: a statement tells no others apart.

use std::collections::BTreeSet;

use leastgrant_policy::evaluate::{
    Member, Outcome, Policies, Request, RequestParts, Untold, decide, outcome,
};
use leastgrant_policy::{Action, Context, Effect, Policy, Resource, ShortArn, Statement};

use crate::verdict::{keys, references};
use crate::who_can::{FRESH, Fill, Shape, filled, matches_action};
use crate::{Access, Assembled, StatementRef, Subject, SubjectKind, World};

/// Actions that grant permissions; without any of them nobody administers an account.
const GRANTING: [&str; 8] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
];

/// More pairs of actions and resources than these are asked statement by statement only.
const MOST_PAIRS: usize = 4096;

/// What makes a principal an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administration {
    /// The statements of identity policies that allow everything; none for a root user, which needs none.
    pub statements: Vec<StatementRef>,
    /// The context keys that it depends on, in lower case.
    pub keys: Vec<String>,
}

impl Access {
    /// Whether a principal is an effective administrator in some context; see the module's words for what that is.
    ///
    /// `context` is open, as [`Context::open`] makes it, and may tell the earliest time.
    #[must_use]
    pub fn is_administrator(&self, subject: &Subject, context: &Context) -> bool {
        self.administration(subject, context).is_some()
    }

    /// What makes a principal an effective administrator, if it is one.
    #[must_use]
    pub fn administration(&self, subject: &Subject, context: &Context) -> Option<Administration> {
        self.administration_with(subject, None, context)
    }

    /// Whether a principal would be one with one more policy.
    pub(crate) fn is_administrator_with(
        &self,
        subject: &Subject,
        policy: &Policy,
        context: &Context,
    ) -> bool {
        self.administration_with(subject, Some(policy), context)
            .is_some()
    }

    fn administration_with(
        &self,
        subject: &Subject,
        policy: Option<&Policy>,
        context: &Context,
    ) -> Option<Administration> {
        let unknown_service = Action::parse(&format!("{FRESH}:{FRESH}"))?;
        let allows = |policy: &&Policy| {
            let statements = policy.statements.iter();
            let mut allowing = statements.filter(|own| own.effect == Effect::Allow);
            allowing.any(|own| matches_action(own, &unknown_service))
        };
        let mut assembled = self.assemble(subject, None, World::Known);
        assembled.policies.identity.extend(policy);
        // Most principals have no statement that reaches further than the services it names.
        let is_root = subject.kind == SubjectKind::Root;
        if !is_root && !assembled.policies.identity.iter().any(allows) {
            return None;
        }
        let any = Resource::parse("*");
        let asked = Asked {
            access: self,
            subject,
            request: self.request(subject, &unknown_service, &any, context),
            own: Policies {
                service_control: Vec::new(),
                ..assembled.policies.clone()
            },
            assembled,
        };
        asked.administration(&unknown_service)
    }
}

struct Asked<'a> {
    access: &'a Access,
    subject: &'a Subject,
    /// Of an unknown service, on anything.
    request: Request,
    /// Without the organisation's.
    own: Policies<'a>,
    assembled: Assembled<'a>,
}

impl Asked<'_> {
    fn administration(&self, unknown_service: &Action) -> Option<Administration> {
        let every = Shape::Every.resources(&self.fill(unknown_service.service()));
        let every: Vec<Resource> = every.iter().map(|text| Resource::parse(text)).collect();
        let may = |resource: &Resource| self.may(unknown_service, resource, &self.own);
        if !every.iter().all(may) || !self.may_grant() {
            return None;
        }
        if !self.may_all_pairs(unknown_service, &every) {
            return None;
        }
        let mut request = self.request.clone();
        self.access
            .put_resource(self.subject, &mut request, every.first()?);
        let most = decide(&request, &self.own, Untold::Grant);
        let least = decide(&request, &self.own, Untold::Refuse);
        let mut statements = references(&most, &self.assembled);
        statements.retain(|reference| reference.member == Member::Identity);
        Some(Administration {
            statements,
            keys: match least.outcome {
                Outcome::Allowed => Vec::new(),
                _ => keys([&most, &least].into_iter(), &self.assembled, &request),
            },
        })
    }

    fn fill<'f>(&'f self, service: &'f str) -> Fill<'f> {
        Fill {
            partition: self.subject.arn.split(':').nth(1).unwrap_or("aws"),
            service,
            account_id: &self.subject.account_id,
        }
    }

    fn may(&self, action: &Action, resource: &Resource, policies: &Policies<'_>) -> bool {
        let request = RequestParts {
            action,
            resource,
            resource_account: Some(self.access.owner_for(self.subject, resource)),
            ..RequestParts::from(&self.request)
        };
        // What a resource's own policy has to allow too is no right that the principal lacks.
        request.is_cross_account()
            || request.is_decided_by_resource()
            || outcome(request, policies, Untold::Grant) == Outcome::Allowed
    }

    /// Whether permissions can be granted, the organisation's policies included.
    fn may_grant(&self) -> bool {
        let mut actions = GRANTING.iter().filter_map(|name| Action::parse(name));
        actions.any(|action| {
            let text = format!(
                "arn:{}:iam::{}:{FRESH}/{FRESH}",
                self.fill("iam").partition,
                self.subject.account_id
            );
            self.may(&action, &Resource::parse(&text), &self.assembled.policies)
        })
    }

    /// Whether what the statements tell apart is allowed, unless the organisation takes it away from everybody.
    fn may_all_pairs(&self, unknown_service: &Action, every: &[Resource]) -> bool {
        let policies = self.own.identity.iter().chain(&self.own.boundary);
        let statements: Vec<&Statement> = policies
            .flat_map(|policy| &policy.statements)
            .filter(|statement| !is_allow_all(statement))
            .collect();
        let parts: Vec<(Vec<Action>, Vec<Resource>)> = statements
            .iter()
            .map(|statement| (actions(statement), self.resources(statement)))
            .collect();
        let one = std::slice::from_ref(unknown_service);
        let all_actions = distinct(parts.iter().flat_map(|part| &part.0).chain(one));
        let all_resources = distinct(parts.iter().flat_map(|part| &part.1).chain(every));
        if all_actions.len() * all_resources.len() <= MOST_PAIRS {
            return self.may_each(&all_actions, &all_resources);
        }
        let every: Vec<&Resource> = every.iter().collect();
        parts.iter().all(|(actions, resources)| {
            let actions: Vec<&Action> = actions.iter().chain(one).collect();
            let resources: Vec<&Resource> = resources.iter().collect();
            self.may_each(&actions, &resources) && self.may_each(&actions, &every)
        })
    }

    fn may_each(&self, actions: &[&Action], resources: &[&Resource]) -> bool {
        actions.iter().all(|action| {
            let own = Shape::Every.resources(&self.fill(action.service()));
            let own: Vec<Resource> = own.iter().map(|text| Resource::parse(text)).collect();
            let mut all = resources.iter().copied().chain(&own);
            all.all(|resource| {
                self.may(action, resource, &self.own)
                    || !self.is_left_by_organization(action, resource)
            })
        })
    }

    fn is_left_by_organization(&self, action: &Action, resource: &Resource) -> bool {
        let Some(everything) = crate::world::stand_in() else {
            return true;
        };
        let policies = Policies {
            identity: vec![everything],
            service_control: self.assembled.policies.service_control.clone(),
            ..Policies::default()
        };
        self.may(action, resource, &policies)
    }

    fn resources(&self, statement: &Statement) -> Vec<Resource> {
        let elements = statement.resource.iter();
        let shapes = elements
            .flat_map(|element| &element.entries)
            .filter_map(|entry| Shape::of(entry, ShortArn::Anything, |_| None));
        let texts = shapes.flat_map(|shape| shape.resources(&self.fill(FRESH)));
        texts.map(|text| Resource::parse(&text)).collect()
    }
}

fn is_allow_all(statement: &Statement) -> bool {
    let has_every = |is_negated: bool, is_every: bool| !is_negated && is_every;
    let actions = &statement.action;
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && has_every(
            actions.is_negated,
            actions.entries.iter().any(|entry| entry.is_every()),
        )
        && statement.resource.as_ref().is_none_or(|own| {
            has_every(
                own.is_negated,
                own.entries.iter().any(|entry| entry.is_every()),
            )
        })
}

/// An action for each pattern of the statement.
fn actions(statement: &Statement) -> Vec<Action> {
    let entries = statement.action.entries.iter();
    entries
        .filter_map(|entry| {
            let (service, name) = entry.service_and_name()?;
            Action::parse(&format!("{}:{}", filled(service), filled(name)))
        })
        .collect()
}

fn distinct<'t, T: AsText>(all: impl Iterator<Item = &'t T>) -> Vec<&'t T> {
    let mut seen = BTreeSet::new();
    all.filter(|own| seen.insert(own.text())).collect()
}

/// What is told apart by its text.
trait AsText {
    fn text(&self) -> &str;
}

impl AsText for Action {
    fn text(&self) -> &str {
        self.as_str()
    }
}

impl AsText for Resource {
    fn text(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests;
