//! The decision over all levels.
//!
//! `effective = ((identity ∩ boundary ∩ session) ∪ direct from resource) ∩ SCP ∩ RCP ∩ endpoint \ any Deny`

use std::cell::Cell;

use super::{
    Decision, Member, Outcome, Policies, Request, RequestParts, StatementPlace, Untold, statement,
};
use crate::principal::{CallerKind, Naming};
use crate::{Effect, Policy, Statement, Truth};

/// Decides a request.
#[must_use]
pub fn decide(request: &Request, policies: &Policies<'_>, untold: Untold) -> Decision {
    let judge = Judge::new(request.into(), policies, untold);
    let (outcome, decided_by) = judge.outcome();
    Decision {
        outcome,
        decided_by,
        statements: judge.statements(outcome, decided_by),
    }
}

/// The same without what it rests on, for those who ask many requests.
#[must_use]
pub fn outcome<'r>(
    request: impl Into<RequestParts<'r>>,
    policies: &Policies<'_>,
    untold: Untold,
) -> Outcome {
    Judge::new(request.into(), policies, untold).outcome().0
}

pub(super) struct Judge<'a> {
    pub request: RequestParts<'a>,
    policies: &'a Policies<'a>,
    untold: Untold,
    /// Neither kind of organisation policies binds service-linked roles.
    is_bound: bool,
    /// How many conditions were taken for met, or for missed, of which that is not told, or more: some are counted twice.
    guessed: Cell<usize>,
}

impl<'a> Judge<'a> {
    fn new(request: RequestParts<'a>, policies: &'a Policies<'a>, untold: Untold) -> Self {
        Self {
            is_bound: !request.principal.is_service_linked_role(),
            request,
            policies,
            untold,
            guessed: Cell::new(0),
        }
    }

    /// Whether a statement counts as matching.
    fn holds(&self, statement: &Statement, truth: Truth) -> bool {
        if truth == Truth::Unknown && self.untold == Untold::Grant {
            let own = statement.conditions.len().max(1);
            self.guessed.set(self.guessed.get().saturating_add(own));
        }
        self.untold.holds(truth, statement.effect)
    }

    /// The outcome, and what it was decided by.
    fn outcome(&self) -> (Outcome, Member) {
        if self.is_caller_identity() {
            return (Outcome::Allowed, Member::Identity);
        }
        let mut members = Member::ALL.into_iter();
        if let Some(denied_by) = members.find(|member| self.any(*member, Effect::Deny)) {
            return (Outcome::ExplicitlyDenied, denied_by);
        }
        match self.granted_by() {
            // A condition alone can always hold.
            Ok(granted_by) if self.guessed.get() > 1 && !self.is_possible(granted_by) => {
                (Outcome::ImplicitlyDenied, granted_by)
            }
            Ok(granted_by) => (Outcome::Allowed, granted_by),
            Err(missing) => (Outcome::ImplicitlyDenied, missing),
        }
    }

    /// Nothing can deny it (sts:GetCallerIdentity in the STS API reference).
    fn is_caller_identity(&self) -> bool {
        let action = &self.request.action;
        action.service() == "sts"
            && action.name() == "getcalleridentity"
            && *self.request.principal.kind() != CallerKind::Anonymous
    }

    /// The statements that an outcome rests on.
    fn statements(&self, outcome: Outcome, decided_by: Member) -> Vec<StatementPlace> {
        match outcome {
            Outcome::Allowed if self.is_caller_identity() => Vec::new(),
            Outcome::Allowed => self.allowing(decided_by),
            Outcome::ExplicitlyDenied => Member::ALL
                .into_iter()
                .flat_map(|member| self.places(member, Effect::Deny))
                .collect(),
            Outcome::ImplicitlyDenied => Vec::new(),
        }
    }

    /// What grants the request, or what would have had to allow it.
    fn granted_by(&self) -> Result<Member, Member> {
        for member in [Member::ResourceControl, Member::ServiceControl] {
            let levels = self.levels(member).into_iter();
            for level in levels.filter(|level| !level.is_empty()) {
                if !self.any_of(level, member, Effect::Allow) {
                    return Err(member);
                }
            }
        }
        self.limit(Member::VpcEndpoint)?;
        let naming = self.naming();
        let identity = self.identity_side();
        let request = self.request;
        let caller = request.principal.kind();
        if request.principal.account_id().is_none() {
            return naming.map(|_| Member::Resource).ok_or(Member::Resource);
        }
        if request.is_cross_account() {
            identity?;
            return naming.map(|_| Member::Identity).ok_or(Member::Resource);
        }
        let limits = self
            .limit(Member::Boundary)
            .and_then(|()| self.limit(Member::Session));
        // IAM User Guide, "How permissions boundaries and session policies affect resource-based policies": what names the
        // caller itself is not limited by an implicit deny elsewhere, what names its role is. `*` is taken to name users
        // themselves and, of sessions, the role.
        let is_direct = match (naming, caller) {
            (Some(Naming::Itself), _) => true,
            (
                Some(Naming::Everyone),
                CallerKind::User { .. } | CallerKind::FederatedUser { .. },
            ) => true,
            (Some(Naming::Everyone | Naming::Role), _) => limits.is_ok(),
            (Some(Naming::Account) | None, _) => false,
        };
        if request.is_decided_by_resource() && naming.is_none() {
            return Err(Member::Resource);
        }
        match identity {
            Ok(member) => Ok(member),
            Err(_) if is_direct => Ok(Member::Resource),
            Err(missing) => Err(missing),
        }
    }

    /// Identity policies, boundary and session policies together.
    fn identity_side(&self) -> Result<Member, Member> {
        // Neither identity policies nor boundaries limit the root user.
        if matches!(self.request.principal.kind(), CallerKind::Root { .. }) {
            return Ok(Member::Identity);
        }
        if !self.any(Member::Identity, Effect::Allow) {
            return Err(Member::Identity);
        }
        self.limit(Member::Boundary)?;
        self.limit(Member::Session)?;
        Ok(Member::Identity)
    }

    /// A member that limits where it is there.
    fn limit(&self, member: Member) -> Result<(), Member> {
        let mut levels = self.levels(member).into_iter();
        let limits =
            levels.all(|level| level.is_empty() || self.any_of(level, member, Effect::Allow));
        if limits { Ok(()) } else { Err(member) }
    }

    /// How exactly the resource's policy names the caller where it allows the request.
    fn naming(&self) -> Option<Naming> {
        let statements = self.policies.resource?.statements.iter();
        statements
            .filter(|statement| statement.effect == Effect::Allow)
            .filter_map(|statement| {
                let (truth, naming) = statement::matches(statement, self.request, Member::Resource);
                naming.filter(|_| self.holds(statement, truth))
            })
            .max()
    }

    /// The statements that a grant rests on.
    fn allowing(&self, granted_by: Member) -> Vec<StatementPlace> {
        Member::ALL
            .into_iter()
            .filter(|member| match member {
                Member::Resource => {
                    granted_by == Member::Resource
                        || self.request.is_cross_account()
                        || self.request.is_decided_by_resource()
                }
                Member::Identity => granted_by == Member::Identity,
                _ => true,
            })
            .flat_map(|member| self.places(member, Effect::Allow))
            .collect()
    }

    fn any(&self, member: Member, effect: Effect) -> bool {
        self.levels(member)
            .into_iter()
            .any(|level| self.any_of(level, member, effect))
    }

    fn any_of(&self, policies: &[&Policy], member: Member, effect: Effect) -> bool {
        policies
            .iter()
            .flat_map(|policy| &policy.statements)
            .filter(|statement| statement.effect == effect)
            .any(|statement| {
                let (truth, _) = statement::matches(statement, self.request, member);
                self.holds(statement, truth)
            })
    }

    fn places(&self, member: Member, effect: Effect) -> Vec<StatementPlace> {
        let mut places = Vec::new();
        for (level, policies) in self.levels(member).into_iter().enumerate() {
            for (policy, document) in policies.iter().enumerate() {
                for (index, own) in document.statements.iter().enumerate() {
                    let is_it = own.effect == effect && {
                        let (truth, _) = statement::matches(own, self.request, member);
                        self.untold.holds(truth, effect)
                    };
                    if is_it {
                        places.push(StatementPlace {
                            member,
                            level,
                            policy,
                            statement: index,
                        });
                    }
                }
            }
        }
        places
    }

    /// The policies of a member, level by level, where they bind this caller.
    pub(super) fn levels(&self, member: Member) -> Levels<'a> {
        let policies = self.policies;
        match member {
            Member::Identity => Levels::One(&policies.identity),
            Member::Boundary => Levels::One(&policies.boundary),
            Member::Session => Levels::One(&policies.session),
            Member::VpcEndpoint => Levels::One(&policies.vpc_endpoint),
            Member::Resource => Levels::One(policies.resource.as_slice()),
            // They bind principals of member accounts.
            Member::ServiceControl
                if !self.is_bound || self.request.principal.account_id().is_none() =>
            {
                Levels::One(&[])
            }
            Member::ResourceControl if !self.is_bound => Levels::One(&[]),
            Member::ServiceControl => Levels::Several(&policies.service_control),
            Member::ResourceControl => Levels::Several(&policies.resource_control),
        }
    }
}

/// The policies of a member, level by level.
pub(super) enum Levels<'a> {
    One(&'a [&'a Policy]),
    Several(&'a [Vec<&'a Policy>]),
}

impl<'a> IntoIterator for Levels<'a> {
    type Item = &'a [&'a Policy];
    type IntoIter = LevelsIter<'a>;

    fn into_iter(self) -> LevelsIter<'a> {
        match self {
            Self::One(level) => LevelsIter {
                one: Some(level),
                several: [].iter(),
            },
            Self::Several(levels) => LevelsIter {
                one: None,
                several: levels.iter(),
            },
        }
    }
}

pub(super) struct LevelsIter<'a> {
    one: Option<&'a [&'a Policy]>,
    several: std::slice::Iter<'a, Vec<&'a Policy>>,
}

impl<'a> Iterator for LevelsIter<'a> {
    type Item = &'a [&'a Policy];

    fn next(&mut self) -> Option<Self::Item> {
        self.one
            .take()
            .or_else(|| self.several.next().map(Vec::as_slice))
    }
}
