//! A caller's policies with the statements only that bear on one action.

use leastgrant_policy::evaluate::Policies;
use leastgrant_policy::{Context, Effect, Policy, Truth};

use super::statements::{StatementId, Statements};
use crate::world::stand_in;
use crate::{Subject, SubjectKind};

/// A node's policies, with the statements only that bear on one action.
pub(super) struct Reduced {
    pub identity: Policy,
    boundary: Option<Policy>,
    control: Vec<Policy>,
    /// Whether they allow the action on everything, whatever the context.
    pub is_everything: bool,
    /// Whether a condition asks for the boundary or the tags of whom is acted on.
    pub is_of_target: bool,
}

impl Reduced {
    /// `if_trusted`: as for a role whose trust policy names the caller.
    pub(super) fn of(
        statements: &Statements,
        subject: &Subject,
        has_boundary: bool,
        if_trusted: bool,
        [identity, boundary]: [Box<[StatementId]>; 2],
        control: Vec<Vec<StatementId>>,
    ) -> Option<Self> {
        let everything = stand_in()?;
        let known = |ids: &[StatementId]| {
            let ids = ids.iter();
            ids.filter_map(|id| statements.known(*id))
                .collect::<Vec<_>>()
        };
        let is_all = |ids: &[StatementId]| {
            let own = known(ids);
            own.iter().any(|own| own.is_allow_all)
                && own.iter().all(|own| own.statement.effect == Effect::Allow)
        };
        let policy = |ids: &[StatementId]| {
            let own = known(ids);
            let mut policy = everything.clone();
            policy.statements = own.iter().map(|own| own.statement.clone()).collect();
            policy
        };
        let limits = boundary.iter().chain(control.iter().flatten());
        let mut all = identity.iter().chain(limits);
        let mut reduced = Self {
            is_of_target: all.any(|id| {
                let known = statements.known(*id);
                known.is_some_and(|own| own.is_of_boundary || own.is_of_target)
            }),
            is_everything: is_all(&identity)
                && (!has_boundary || is_all(&boundary))
                && control.iter().all(|level| is_all(level)),
            identity: policy(&identity),
            boundary: has_boundary.then(|| policy(&boundary)),
            control: control.iter().map(|level| policy(level)).collect(),
        };
        if if_trusted {
            // A trust policy that names the caller makes identity policies unnecessary, and for users the boundary too; what
            // they deny stays denied (IAM User Guide, "Permissions boundaries", on resource-based policies).
            let all = &everything.statements;
            reduced.identity.statements.extend_from_slice(all);
            if subject.kind == SubjectKind::User
                && let Some(boundary) = &mut reduced.boundary
            {
                boundary.statements.extend_from_slice(all);
            }
            reduced.is_everything = false;
        }
        Some(reduced)
    }

    /// The same where all requests have this context: without conditions that are met, and without statements of which one is not.
    pub(super) fn within(&self, context: &Context) -> Self {
        let policy = |policy: &Policy| {
            let mut policy = policy.clone();
            policy.statements.retain_mut(|statement| {
                let mut is_about = true;
                statement.conditions.retain(|condition| {
                    let truth = condition.evaluate(context);
                    is_about &= truth != Truth::No;
                    truth == Truth::Unknown
                });
                is_about
            });
            policy
        };
        Self {
            identity: policy(&self.identity),
            boundary: self.boundary.as_ref().map(policy),
            control: self.control.iter().map(policy).collect(),
            ..*self
        }
    }

    pub(super) fn policies(&self) -> Policies<'_> {
        Policies {
            identity: vec![&self.identity],
            boundary: self.boundary.iter().collect(),
            service_control: self.control.iter().map(|level| vec![level]).collect(),
            ..Policies::default()
        }
    }
}
