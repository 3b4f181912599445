//! The requests of a node: their context, and on what to ask where an action may be done on something.

use leastgrant_policy::evaluate::{Member, Outcome, Request, Untold, outcome};
use leastgrant_policy::{Action, Context, ContextValue, Resource};

use rayon::prelude::*;

use super::actions::{ACTIONS, ActionId};
use super::attached::{Attached, POLICY_ARN};
use super::kinds::{Kind, Kinds};
use super::node::Values;
use super::statements::Statements;
use super::told::Told;
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
    /// That a policy is attached that makes an administrator.
    AdministratorPolicy(Attached),
    /// That the policy of administrators becomes the permissions boundary.
    WideBoundary,
    /// That such a policy is attached to somebody who is made without a permissions boundary.
    NewAdministrator(Attached),
}

/// Keys of requests that a service makes for itself, which no user or role ever does (IAM User Guide, "AWS global condition context
/// keys").
const OF_SERVICES: [&str; 7] = [
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
];

/// What all requests of users and roles have in common.
pub(super) fn of_callers(context: &Context) -> Context {
    let mut context = context.clone();
    for key in OF_SERVICES {
        context.insert(key, ContextValue::Many(Vec::new()));
    }
    let no = ContextValue::One("false".to_owned());
    context.insert("aws:principalisawsservice", no);
    context
}

/// The context of a caller's requests; `context` is what all have in common.
pub(super) fn context(
    told: &Told,
    access: &Access,
    context: &Context,
    subject: &Subject,
    extra: Extra,
) -> Context {
    let mut context = context.clone();
    let mut one = |key: &str, value: String| {
        context.insert(key, ContextValue::One(value));
    };
    match extra {
        Extra::Nothing => {}
        Extra::PassedTo(service) => {
            one("iam:passedtoservice", service.to_owned());
            told.tell_purpose(subject, service, &mut context);
        }
        Extra::AdministratorPolicy(policy) => one(POLICY_ARN, told.managed.arn(policy, subject)),
        Extra::WideBoundary => one(BOUNDARY, told.managed.arn(Attached::Everything, subject)),
        Extra::NewAdministrator(policy) => {
            one(POLICY_ARN, told.managed.arn(policy, subject));
            context.insert(BOUNDARY, ContextValue::Many(Vec::new()));
        }
    }
    // Requests of roles do not have it (IAM User Guide, "AWS global condition context keys").
    if subject.kind == SubjectKind::Role {
        context.insert("aws:username", ContextValue::Many(Vec::new()));
    }
    if subject.kind == SubjectKind::User {
        told.tell_no_tokens(&mut context);
    }
    told.tell_caller(access, subject, &mut context);
    context
}

/// Tells the permissions boundary of the user or role whose policies are changed, where the inventory has it (Service
/// Authorization Reference, IAM, `iam:PermissionsBoundary`).
fn tell_boundary(access: &Access, action: &Action, resource: &Resource, context: &mut Context) {
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
    if action.service() == "iam" && CHANGES.contains(&action.name()) {
        tell_its_boundary(access, resource, context);
    }
}

fn tell_its_boundary(access: &Access, resource: &Resource, context: &mut Context) {
    let target = access.principal_of(resource.as_str());
    let Some(target) = target.and_then(|id| access.subject(id)) else {
        return;
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
    if let Some(value) = value {
        context.insert(BOUNDARY, value);
    }
}

/// Tells the permissions boundary and the tags of whom is acted on, where they are known.
pub(super) fn tell_target(
    told: &Told,
    access: &Access,
    subject: &Subject,
    action: &Action,
    resource: &Resource,
    context: &mut Context,
) {
    tell_boundary(access, action, resource, context);
    told.tell_target(access, subject, action, resource, context);
}

/// All that can be told of what is acted on, whoever acts.
pub(super) fn all_of_target(told: &Told, access: &Access, resource: &Resource) -> Values {
    let mut context = Context::open();
    tell_its_boundary(access, resource, &mut context);
    told.tell_account(access, resource, &mut context);
    told.tell_tags(access, resource, &mut context);
    let all = context.iter();
    all.map(|(key, value)| (key.into(), value.clone()))
        .collect()
}

/// Whether a caller may do this in some context, by the policies that are known; the resource's own is not asked.
pub(super) fn may(
    told: &Told,
    assembled: &Assembled<'_>,
    subject: &Subject,
    action: &Action,
    resource: &Resource,
    context: &Context,
) -> bool {
    let request = on_target(told, assembled.access, subject, action, resource, context);
    outcome(&request, &assembled.policies, Untold::Grant) == Outcome::Allowed
}

/// The same in every context.
pub(super) fn always_may(
    told: &Told,
    assembled: &Assembled<'_>,
    subject: &Subject,
    action: &Action,
    resource: &Resource,
    context: &Context,
) -> bool {
    let request = on_target(told, assembled.access, subject, action, resource, context);
    outcome(&request, &assembled.policies, Untold::Refuse) == Outcome::Allowed
}

/// A request, with what is told of whom is acted on.
fn on_target(
    told: &Told,
    access: &Access,
    subject: &Subject,
    action: &Action,
    resource: &Resource,
    context: &Context,
) -> Request {
    let mut request = access.request(subject, action, resource, context);
    tell_target(
        told,
        access,
        subject,
        action,
        resource,
        &mut request.context,
    );
    request
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

    /// A resource, perhaps a made-up one, on which a caller may do all of these; none where a single one of them needs several kinds of
    /// resources and may not be done on one of each.
    pub(super) fn resource_of(
        &self,
        told: &Told,
        access: &Access,
        subject: &Subject,
        actions: &[ActionId],
        context: &Context,
    ) -> Option<Resource> {
        let assembled = access.assemble(subject, None, World::Known);
        let may = |id: ActionId, resource: &Resource| {
            let fits =
                Kinds::of(id).is_none_or(|kinds| kinds.work_on(resource, &subject.account_id));
            let may = |action| may(told, &assembled, subject, action, resource, context);
            fits && ACTIONS.action(id).is_some_and(may)
        };
        let candidates: Vec<Resource> =
            self.candidates(access, subject, actions, context).collect();
        let found = candidates
            .iter()
            .find(|resource| actions.iter().all(|id| may(*id, resource)))?;
        if let [only] = actions
            && let Some(kinds) = Kinds::of(*only)
        {
            let on_one = |kind: &Kind| {
                let mut own = candidates.iter().filter(|own| kind.fits(own));
                own.any(|own| may(*only, own))
            };
            if !kinds.required().all(on_one) {
                return None;
            }
        }
        Some(found.clone())
    }
}
