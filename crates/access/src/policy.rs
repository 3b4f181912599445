//! The policies of an inventory by name and owner.

/// Which policy of the [`crate::Access`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub(crate) usize);

/// What a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// Inside a user, group or role.
    Inline,
    /// A managed policy, of the account or of AWS; also a permissions boundary.
    Managed,
    /// Of the organisation.
    ServiceControl,
    /// Of the organisation.
    ResourceControl,
    /// Of a resource, such as a bucket or a key.
    Resource,
    /// Of a role: who may assume it.
    Trust,
}

impl PolicyKind {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Managed => "managed",
            Self::ServiceControl => "service_control",
            Self::ResourceControl => "resource_control",
            Self::Resource => "resource",
            Self::Trust => "trust",
        }
    }

    /// The kind in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Inline => "inline policy",
            Self::Managed => "managed policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::Resource => "resource policy",
            Self::Trust => "trust policy",
        }
    }
}

/// A policy of the inventory.
#[derive(Debug, Clone)]
pub struct NamedPolicy {
    /// What it is.
    pub kind: PolicyKind,
    /// Its name; for the policy of a resource, the resource's ARN.
    pub name: Box<str>,
    /// Its own ARN, if it has one; else the ARN of what it is part of.
    pub arn: Box<str>,
    pub(crate) document: Document,
}

/// The document of a policy.
#[derive(Debug, Clone)]
pub(crate) enum Document {
    /// Which of the distinct documents.
    Known(usize),
    /// Why it is not known, in words.
    NotKnown(Box<str>),
}

impl NamedPolicy {
    /// The policy in words, with its owner where the name alone does not tell it.
    #[must_use]
    pub fn words(&self) -> String {
        match self.kind {
            PolicyKind::Managed => format!("the managed policy `{}`", self.arn),
            PolicyKind::Inline => format!("the inline policy `{}` of `{}`", self.name, self.arn),
            PolicyKind::ServiceControl | PolicyKind::ResourceControl => {
                format!("the {} `{}`", self.kind.words(), self.name)
            }
            PolicyKind::Resource => format!("the policy of `{}`", self.arn),
            PolicyKind::Trust => format!("the trust policy of `{}`", self.arn),
        }
    }

    /// Why its document is not known.
    #[must_use]
    pub fn not_known(&self) -> Option<&str> {
        match &self.document {
            Document::Known(_) => None,
            Document::NotKnown(reason) => Some(reason),
        }
    }
}
