//! One request against all policies that bear on it (IAM User Guide, "Policy evaluation logic").

mod decide;
mod possible;
mod request;
mod statement;

pub use decide::{decide, outcome};
pub use request::{Request, RequestParts};
pub(crate) use statement::naming;

use crate::{Effect, Policy, ShortArn, Statement, Truth};

/// The policies that bear on a request.
///
/// An empty `boundary`, `session` or `vpc_endpoint` means that there is none; several of a kind are taken together. An
/// empty `identity` means that no identity policy grants anything.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// The caller's own and its groups'.
    pub identity: Vec<&'a Policy>,
    /// The caller's permissions boundary.
    pub boundary: Vec<&'a Policy>,
    /// The session's.
    pub session: Vec<&'a Policy>,
    /// The resource's own.
    pub resource: Option<&'a Policy>,
    /// Service control policies of the caller's account, from the root down.
    pub service_control: Vec<Vec<&'a Policy>>,
    /// Resource control policies of the resource's account, from the root down.
    pub resource_control: Vec<Vec<&'a Policy>>,
    /// Of the VPC endpoint that the request goes through.
    pub vpc_endpoint: Vec<&'a Policy>,
}

/// Which of the [`Policies`] something is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// The resource's policy.
    Resource,
    /// Identity policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// The VPC endpoint's policy.
    VpcEndpoint,
}

impl Member {
    /// All members, in the order in which a Deny is looked for.
    pub const ALL: [Self; 7] = [
        Self::ServiceControl,
        Self::ResourceControl,
        Self::Resource,
        Self::Identity,
        Self::Boundary,
        Self::Session,
        Self::VpcEndpoint,
    ];

    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "service_control",
            Self::ResourceControl => "resource_control",
            Self::Resource => "resource",
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::VpcEndpoint => "vpc_endpoint",
        }
    }

    /// How its policies read ARNs with fewer than six fields.
    #[must_use]
    pub fn short_arn(self) -> ShortArn {
        match self {
            Self::Identity | Self::Boundary | Self::Session => ShortArn::Anything,
            Self::Resource | Self::VpcEndpoint => ShortArn::AnythingAfterWildcard,
            Self::ServiceControl => ShortArn::AnythingAfterLastStar,
            Self::ResourceControl => ShortArn::Nothing,
        }
    }
}

/// What to make of conditions on keys that were not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Untold {
    /// No statement that depends on them matches.
    #[default]
    MatchNothing,
    /// Allows match and Denies do not: the most that could be allowed. Where that would take conditions that exclude each other it is
    /// not allowed.
    Grant,
    /// Denies match and Allows do not: the least that is allowed.
    Refuse,
}

impl Untold {
    fn holds(self, truth: Truth, effect: Effect) -> bool {
        match truth {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Unknown => match self {
                Self::MatchNothing => false,
                Self::Grant => effect == Effect::Allow,
                Self::Refuse => effect == Effect::Deny,
            },
        }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A statement denies it.
    ExplicitlyDenied,
    /// Nothing that must allow it does.
    ImplicitlyDenied,
    /// It is allowed.
    Allowed,
}

impl Outcome {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ImplicitlyDenied => "implicitly_denied",
            Self::ExplicitlyDenied => "explicitly_denied",
        }
    }
}

/// A decision and the statements that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the request.
    pub outcome: Outcome,
    /// Whose statements decided; for an implicit denial, what would have had to allow first.
    pub decided_by: Member,
    /// The statements; none for an implicit denial.
    pub statements: Vec<StatementPlace>,
}

/// Where a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementPlace {
    /// Of which policies.
    pub member: Member,
    /// The level from the root down, for organisation policies; else 0.
    pub level: usize,
    /// Which policy of the member, or of the level, from 0.
    pub policy: usize,
    /// Which statement of the policy, from 0.
    pub statement: usize,
}

impl StatementPlace {
    /// The statement itself.
    #[must_use]
    pub fn find<'a>(&self, policies: &Policies<'a>) -> Option<(&'a Policy, &'a Statement)> {
        let policy = match self.member {
            Member::Identity => policies.identity.get(self.policy),
            Member::Boundary => policies.boundary.get(self.policy),
            Member::Session => policies.session.get(self.policy),
            Member::VpcEndpoint => policies.vpc_endpoint.get(self.policy),
            Member::Resource => policies.resource.as_ref(),
            Member::ServiceControl => policies.service_control.get(self.level)?.get(self.policy),
            Member::ResourceControl => policies.resource_control.get(self.level)?.get(self.policy),
        }?;
        Some((policy, policy.statements.get(self.statement)?))
    }
}

#[cfg(test)]
mod tests;
