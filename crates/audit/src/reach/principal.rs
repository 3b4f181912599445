//! What one principal can do on any resource of a kind: over all its policies, within boundary and organisation.
//!
//! `effective = identity ∩ boundary ∩ each level of SCPs ∩ each level of RCPs \ any Deny`, as [`leastgrant_policy::evaluate`]
//! decides it, for all actions at once. What a resource's own policy grants is on that resource, and not on any.

use leastgrant_access::{Access, Administration, PolicyId, Subject};
use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::evaluate::Member;
use leastgrant_policy::scalar::Instant;
use leastgrant_policy::{Action, Context, ContextValue, Effect, Resource};

use super::bits::BitSet;
use super::conditions::{Scope, scope};
use super::document::DocumentReach;
use super::universe::Universe;

/// What a principal can do on any resource of a kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// Actions on any resource of the kinds that they need, or on `*` where they have none.
    pub(crate) anywhere: ActionSet,
    /// Those of them that take circumstances, such as MFA.
    pub(crate) sometimes: ActionSet,
    /// Whether a permissions boundary or an organisation's policy is not known, which may close all of it.
    pub(crate) may_be_closed: bool,
    /// Whether some identity policy is not known, which may grant more.
    pub(crate) may_be_more: bool,
    pub(crate) administrator: Administrator,
}

/// Whether a principal is an administrator.
#[derive(Debug, Clone, Default)]
pub(crate) enum Administrator {
    #[default]
    No,
    /// But for some actions or resources, which it can open to itself: it may grant any permission.
    Nearly,
    /// Whatever its organisation leaves to anybody.
    Fully(Administration),
}

/// Whoever has these on any user and role has every right that there is to be had.
const GRANTING: [&str; 5] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
];

impl Reach {
    pub(crate) fn is_administrator(&self) -> bool {
        !matches!(self.administrator, Administrator::No)
    }
}

/// What some policies that are taken together allow and deny.
struct Together {
    always: BitSet,
    /// The same with what takes circumstances.
    most: BitSet,
}

/// How documents are looked up, by what they are in the decision.
pub(super) trait Documents {
    /// The document; none if it is not known.
    fn of(&self, policy: PolicyId, member: Member) -> Option<&DocumentReach<'_>>;
}

/// What is known of any request of a principal on a resource of its own account that nobody chose.
pub(crate) fn context_of(access: &Access, subject: &Subject, as_of: Option<Instant>) -> Context {
    let mut context = Context::open();
    if let Some(as_of) = as_of {
        context = context.at_or_after(as_of);
    }
    let mut tell = |key: &str, value: &str| {
        context.insert(key, ContextValue::One(value.to_owned()));
    };
    tell("aws:resourceaccount", &subject.account_id);
    tell("s3:resourceaccount", &subject.account_id);
    tell("kms:calleraccount", &subject.account_id);
    // Who uses a right that he should not have is free to use TLS.
    tell("aws:securetransport", "true");
    let account = access.account(&subject.account_id);
    if let Some(id) = account.and_then(|account| account.organization_id.as_deref()) {
        tell("aws:resourceorgid", id);
    }
    // What the caller implies is put in where a request is made; the action and the resource do not matter for it.
    match Action::parse("sts:GetCallerIdentity") {
        Some(action) => {
            access
                .request(subject, &action, &Resource::parse("*"), &context)
                .context
        }
        None => context,
    }
}

pub(super) fn reach(
    access: &Access,
    subject: &Subject,
    documents: &impl Documents,
    context: &Context,
) -> Reach {
    let combining = Combining { documents, context };
    let mut may_be_closed = false;
    let identity = subject.identity.iter().map(|own| own.policy);
    let mut denied = combining.nothing();
    let (mut reach, knows_identity) = combining.together(identity, Member::Identity, &mut denied);
    let mut limit = |policies: &mut dyn Iterator<Item = PolicyId>, member: Member| {
        let mut policies = policies.peekable();
        if policies.peek().is_none() {
            return;
        }
        let (limit, is_known) = combining.together(policies, member, &mut denied);
        if is_known {
            reach.always.intersect_with(&limit.always);
            reach.most.intersect_with(&limit.most);
        } else {
            may_be_closed = true;
        }
    };
    limit(&mut subject.boundary.into_iter(), Member::Boundary);
    let account = access.account(&subject.account_id);
    // Neither kind of policies binds the management account; where it may be this one, they may close nothing.
    let may_be_unbound = account.is_some_and(|account| account.may_be_management);
    if let Some(account) = account.filter(|_| !may_be_unbound) {
        for level in &account.service_control {
            let policies = level.policies.iter().copied();
            limit(&mut { policies }, Member::ServiceControl);
        }
        for level in &account.resource_control {
            let policies = level.policies.iter().copied();
            limit(&mut { policies }, Member::ResourceControl);
        }
    }
    may_be_closed |= account.is_some_and(|own| own.may_be_management || !own.unknowns.is_empty());
    reach.most.subtract(&denied.always);
    reach.always.subtract(&denied.most);
    let universe = Universe::get();
    let anywhere = universe.actions_within(&reach.most);
    let mut sometimes = ActionSet::new();
    if reach.most != reach.always {
        sometimes.union_with(&anywhere);
        sometimes.subtract(&universe.actions_within(&reach.always));
    }
    let administrator = match access.administration(subject, context) {
        // What holds under a condition on the resource alone is not everything.
        Some(administration) if may_grant(&anywhere) => Administrator::Fully(administration),
        _ if is_nearly_all(&anywhere) => Administrator::Nearly,
        _ => Administrator::No,
    };
    Reach {
        anywhere,
        sometimes,
        may_be_closed,
        may_be_more: !knows_identity || !subject.unknowns.is_empty(),
        administrator,
    }
}

/// Whether it may grant permissions to anybody in some way.
fn may_grant(anywhere: &ActionSet) -> bool {
    GRANTING.iter().any(|name| {
        let action = Catalog::get().action(name);
        action.is_some_and(|action| anywhere.contains(action.id()))
    })
}

/// Whether at most one action in twenty is missing, and none that grants permissions.
fn is_nearly_all(anywhere: &ActionSet) -> bool {
    let catalog = Catalog::get();
    let missing = catalog.len() - anywhere.len();
    20 * missing <= catalog.len()
        && GRANTING.iter().all(|name| {
            let action = catalog.action(name);
            action.is_some_and(|action| anywhere.contains(action.id()))
        })
}

struct Combining<'a, D> {
    documents: &'a D,
    context: &'a Context,
}

impl<D: Documents> Combining<'_, D> {
    fn nothing(&self) -> Together {
        let empty = BitSet::new(Universe::get().len());
        Together {
            always: empty.clone(),
            most: empty,
        }
    }

    /// What the policies allow; what they deny is added. The second value says whether all of them are known.
    fn together(
        &self,
        policies: impl Iterator<Item = PolicyId>,
        member: Member,
        denied: &mut Together,
    ) -> (Together, bool) {
        let mut allowed = self.nothing();
        let mut is_known = true;
        for policy in policies {
            let Some(document) = self.documents.of(policy, member) else {
                is_known = false;
                continue;
            };
            for (into, targets) in [
                (&mut allowed, &document.allowed),
                (&mut *denied, &document.denied),
            ] {
                into.always.add(targets);
                into.most.add(targets);
            }
            for own in &document.conditional {
                let into = match own.effect {
                    Effect::Allow => &mut allowed,
                    Effect::Deny => &mut *denied,
                };
                match scope(own.conditions, own.effect, self.context) {
                    Scope::Nothing | Scope::Part => {}
                    Scope::Sometimes => into.most.add(&own.targets),
                    Scope::Always => {
                        into.always.add(&own.targets);
                        into.most.add(&own.targets);
                    }
                }
            }
        }
        (allowed, is_known)
    }
}
