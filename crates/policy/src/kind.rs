//! What a policy is attached to, which decides the elements it may have.

use crate::ShortArn;

/// The kinds of policies (IAM User Guide, "Policies and permissions in IAM").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// Of a user, group or role: managed or inline.
    Identity,
    /// A managed policy that is a user's or role's permissions boundary.
    Boundary,
    /// Handed over when a session begins.
    Session,
    /// Of a resource, such as a bucket, a key or a queue.
    Resource,
    /// Of a role: who may assume it.
    Trust,
    /// A service control policy of AWS Organizations.
    ServiceControl,
    /// A resource control policy of AWS Organizations.
    ResourceControl,
    /// Of a VPC endpoint.
    VpcEndpoint,
}

impl PolicyKind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Identity,
        Self::Boundary,
        Self::Session,
        Self::Resource,
        Self::Trust,
        Self::ServiceControl,
        Self::ResourceControl,
        Self::VpcEndpoint,
    ];

    /// As messages name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource policy",
            Self::Trust => "trust policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// The name after its article, as sentences need it.
    #[must_use]
    pub(crate) fn with_article(self) -> String {
        let article = match self {
            Self::Identity => "an",
            _ => "a",
        };
        format!("{article} {}", self.name())
    }

    /// What the missing fields of a short ARN stand for in it.
    #[must_use]
    pub fn short_arn(self) -> ShortArn {
        match self {
            Self::Identity | Self::Boundary | Self::Session => ShortArn::Anything,
            Self::Resource | Self::Trust | Self::VpcEndpoint => ShortArn::AnythingAfterWildcard,
            Self::ServiceControl => ShortArn::AnythingAfterLastStar,
            Self::ResourceControl => ShortArn::Nothing,
        }
    }

    /// Whether its statements say who calls. In the others that is whoever they are attached to.
    #[must_use]
    pub(crate) fn has_principals(self) -> bool {
        match self {
            Self::Resource | Self::Trust | Self::ResourceControl | Self::VpcEndpoint => true,
            Self::Identity | Self::Boundary | Self::Session | Self::ServiceControl => false,
        }
    }

    /// Whether IAM or STS reads the document, and its stricter rules for characters and names hold.
    #[must_use]
    pub(crate) fn is_read_by_iam(self) -> bool {
        match self {
            Self::Identity | Self::Boundary | Self::Session | Self::Trust => true,
            Self::Resource | Self::ServiceControl | Self::ResourceControl | Self::VpcEndpoint => {
                false
            }
        }
    }
}
