//! The requests of a node: their context, and on what to ask where an action may be done on something.

use leastgrant_policy::evaluate::{Member, Outcome, Untold, outcome};
use leastgrant_policy::{Action, Context, ContextValue, Resource};

use rayon::prelude::*;

use super::actions::{ACTIONS, ActionId};
use super::statements::Statements;
use crate::who_can::Index;
use crate::{Access, Assembled, Question, Subject, SubjectKind, World};

/// The key of the permissions boundary of whose policies are changed.
pub(super) const BOUNDARY: &str = "iam:permissionsboundary";

/// What is told of the context beside what the caller implies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Extra {
    Nothing,
    /// The service that a role is passed to.
    PassedTo(&'static str),
    /// That the policy of administrators is attached.
    AdministratorPolicy,
    /// That the policy of administrators becomes the permissions boundary.
    WideBoundary,
    /// That the policy of administrators is attached to somebody who is made without a permissions boundary.
    NewAdministrator,
}

/// The context of a caller's requests.
pub(super) fn context(context: &Context, subject: &Subject, extra: Extra) -> Context {
    let mut context = context.clone();
    let mut one = |key: &str, value: String| {
        context.insert(key, ContextValue::One(value));
    };
    let administrator_policy = || {
        let partition = subject.arn.split(':').nth(1).unwrap_or("aws");
        format!("arn:{partition}:iam::aws:policy/AdministratorAccess")
    };
    match extra {
        Extra::Nothing => {}
        Extra::PassedTo(service) => one("iam:passedtoservice", service.to_owned()),
        Extra::AdministratorPolicy => one("iam:policyarn", administrator_policy()),
        Extra::WideBoundary => one(BOUNDARY, administrator_policy()),
        Extra::NewAdministrator => {
            one("iam:policyarn", administrator_policy());
            context.insert(BOUNDARY, ContextValue::Many(Vec::new()));
        }
    }
    // Requests of roles do not have it (IAM User Guide, "AWS global condition context keys").
    if subject.kind == SubjectKind::Role {
        context.insert("aws:username", ContextValue::Many(Vec::new()));
    }
    context
}

/// Tells the permissions boundary of the user or role whose policies are changed, where the inventory has it (Service
/// Authorization Reference, IAM, `iam:PermissionsBoundary`). Gives whether it does.
pub(super) fn tell_boundary(
    access: &Access,
    action: &Action,
    resource: &Resource,
    context: &mut Context,
) -> bool {
    const CHANGES: [&str; 10] = [
        "attachrolepolicy",
        "attachuserpolicy",
        "deleterolepermissionsboundary",
        "deleterolepolicy",
        "deleteuserpermissionsboundary",
        "deleteuserpolicy",
        "detachrolepolicy",
        "detachuserpolicy",
        "putrolepolicy",
        "putuserpolicy",
    ];
    if action.service() != "iam" || !CHANGES.contains(&action.name()) {
        return false;
    }
    let target = access.principal_of(resource.as_str());
    let Some(target) = target.and_then(|id| access.subject(id)) else {
        return false;
    };
    let value = match target.boundary {
        Some(boundary) => access
            .policy(boundary)
            .map(|policy| ContextValue::One(policy.arn.to_string())),
        // What is not known of it may be its boundary.
        None => {
            let mut unknowns = target.unknowns.iter();
            let is_known = !unknowns.any(|own| own.member == Member::Boundary);
            is_known.then(|| ContextValue::Many(Vec::new()))
        }
    };
    let Some(value) = value else {
        return false;
    };
    context.insert(BOUNDARY, value);
    true
}

/// Whether a caller may do this, by the policies that are known; the resource's own is not asked.
pub(super) fn may(
    assembled: &Assembled<'_>,
    subject: &Subject,
    action: &Action,
    resource: &Resource,
    context: &Context,
) -> bool {
    let mut request = assembled.access.request(subject, action, resource, context);
    tell_boundary(assembled.access, action, resource, &mut request.context);
    outcome(&request, &assembled.policies, Untold::Grant) == Outcome::Allowed
}

/// For each action which documents and resources matter for it.
#[derive(Debug)]
pub(super) struct Indexes(Vec<Index>);

impl Indexes {
    pub(super) fn new(access: &Access, statements: &Statements) -> Self {
        let all = ACTIONS.all.par_iter().enumerate();
        let indexes = all.map(|(place, action)| {
            let bit = ActionId(place).bit();
            let documents = 0..access.documents.len();
            let allows = documents.map(|document| statements.allowed(document) & bit != 0);
            Index::of(access, action, allows.collect())
        });
        Self(indexes.collect())
    }

    /// Resources, some of them made up, on which a caller may be able to do some of these.
    pub(super) fn candidates(
        &self,
        access: &Access,
        subject: &Subject,
        actions: &[ActionId],
        context: &Context,
    ) -> impl Iterator<Item = Resource> {
        let candidates = actions.iter().filter_map(|id| {
            let (index, action) = self.0.get(id.0).zip(ACTIONS.action(*id))?;
            let question = Question {
                action: action.clone(),
                resource: None,
                context: context.clone(),
            };
            Some(access.resources_of(index, subject, &question))
        });
        candidates.flatten()
    }

    /// A resource, perhaps a made-up one, on which a caller may do all of these.
    pub(super) fn resource_of(
        &self,
        access: &Access,
        subject: &Subject,
        actions: &[ActionId],
        context: &Context,
    ) -> Option<Resource> {
        let assembled = access.assemble(subject, None, World::Known);
        let mut candidates = self.candidates(access, subject, actions, context);
        candidates.find(|resource| {
            let mut named = actions.iter().filter_map(|id| ACTIONS.action(*id));
            named.all(|action| {
                // No action of another service is on a user, role or policy.
                let is_of_iam = resource.service() == Some("iam");
                (!is_of_iam || matches!(action.service(), "iam" | "sts"))
                    && may(&assembled, subject, action, resource, context)
            })
        })
    }
}
