//! The principals of an inventory, and the accounts they lie in.

use leastgrant_policy::Principal;

use crate::{PolicyId, Unknown};

/// Which principal of the [`crate::Access`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectId(pub(crate) usize);

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// An IAM user.
    User,
    /// A role.
    Role,
    /// The root user of an account.
    Root,
    /// A service, an identity provider's user, or anybody.
    Other,
}

impl SubjectKind {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Root => "root",
            Self::Other => "other",
        }
    }
}

/// A principal with its policies.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Twelve digits.
    pub account_id: Box<str>,
    /// Its ARN.
    pub arn: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// What it is.
    pub kind: SubjectKind,
    /// As requests name it.
    pub caller: Principal,
    /// Its own and its groups' policies, those that could not be read too.
    pub identity: Vec<Attachment>,
    /// Its permissions boundary.
    pub boundary: Option<PolicyId>,
    /// What is not known of its policies, beside documents.
    pub unknowns: Vec<Unknown>,
}

impl Subject {
    /// A caller that has no policies of its own: a service, an identity provider's user, or anybody.
    #[must_use]
    pub fn without_policies(caller: Principal) -> Self {
        Self {
            account_id: "".into(),
            arn: caller.as_str().into(),
            name: caller.as_str().into(),
            kind: SubjectKind::Other,
            caller,
            identity: Vec::new(),
            boundary: None,
            unknowns: Vec::new(),
        }
    }
}

/// A policy of a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Which policy.
    pub policy: PolicyId,
    /// The group's name through which the principal has it.
    pub group: Option<Box<str>>,
}

/// A group of users.
#[derive(Debug, Clone)]
pub struct Group {
    /// Twelve digits.
    pub account_id: Box<str>,
    /// Its ARN, with its path.
    pub arn: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Its policies, those that could not be read too.
    pub policies: Vec<PolicyId>,
    /// The ARNs of the users in it, sorted.
    pub members: Vec<Box<str>>,
    /// What stands for whoever joins it: a user that has the group's policies only.
    pub(crate) joiner: Subject,
}

/// An account's place in its organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Membership {
    /// No organisation was collected.
    #[default]
    NotCollected,
    /// An organisation was collected, and the account is none of it.
    Outside,
    /// The management account, which organisation policies do not bind.
    Management,
    /// A member account.
    Member,
}

/// An account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Its place in the organisation.
    pub membership: Membership,
    /// Whether it may be the management account, because none is known to be.
    pub may_be_management: bool,
    /// The organisation's id.
    pub organization_id: Option<Box<str>>,
    /// Service control policies from the root down.
    pub service_control: Vec<Level>,
    /// Resource control policies from the root down.
    pub resource_control: Vec<Level>,
    /// What is not known of them, beside documents.
    pub unknowns: Vec<Unknown>,
}

/// The root, a unit or the account, with the policies attached to it.
#[derive(Debug, Clone)]
pub struct Level {
    /// The id of the root, unit or account.
    pub target_id: Box<str>,
    /// Attached to it, those that could not be read too.
    pub policies: Vec<PolicyId>,
}

/// `arn:aws:iam::A:role/R` of `arn:aws:sts::A:assumed-role/R/S`.
pub(crate) fn role_of_session(arn: &str) -> Option<String> {
    let (account_id, name) = role_name_of_session(arn)?;
    let partition = arn.split(':').nth(1)?;
    Some(format!("arn:{partition}:iam::{account_id}:role/{name}"))
}

/// The account and the role's name of a session.
pub(crate) fn role_name_of_session(arn: &str) -> Option<(&str, &str)> {
    let mut fields = arn.splitn(6, ':');
    let service = fields.nth(2)?;
    let account_id = fields.nth(1)?;
    let rest = fields.next()?.strip_prefix("assumed-role/")?;
    let (name, _) = rest.split_once('/').filter(|_| service == "sts")?;
    Some((account_id, name))
}
