//! The rules that the truth is about, named as in the findings.

/// A rule of the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    /// A user older than the limit, whose active credentials were not used within it.
    StaleUser,
    /// A user without password and without an active access key.
    UserWithoutCredentials,
    /// An active access key that was not used within the limit.
    UnusedAccessKey,
    /// An active access key older than the limit.
    UnrotatedAccessKey,
    /// An access key that is switched off but not deleted.
    InactiveAccessKey,
    /// A user with two active access keys.
    TwoActiveAccessKeys,
    /// A password that was neither used nor changed within the limit.
    UnusedPassword,
    /// A user with a password and without MFA.
    UserWithoutMfa,
    /// The root user has an active access key.
    RootAccessKey,
    /// The root user's password or key was used within the limit.
    RootUsed,
    /// The root user can sign in or call without MFA.
    RootWithoutMfa,
    /// The account's password policy is missing or weak.
    WeakPasswordPolicy,
    /// An active SSH key, service-specific credential or signing certificate older than the limit.
    LongLivedServiceCredential,
    /// A role older than the limit that was not used within it.
    StaleRole,
    /// An active access key of a user.
    MigrateKey,
    /// A role that any AWS account can assume.
    PublicTrust,
    /// A role that an account outside of the organisation can assume.
    CrossAccountTrust,
    /// A role that a vendor or a service can assume for whomever it acts.
    ConfusedDeputy,
    /// A role that more than one branch or repository can assume.
    OidcWideSubject,
    /// A role that trusts a user who is gone.
    TrustsDeletedPrincipal,
    /// A managed policy that nothing has.
    UnattachedPolicy,
    /// A group without members.
    EmptyGroup,
    /// A managed policy that says the same as an older one.
    DuplicatePolicy,
    /// A managed policy with a stored version that grants more.
    StalePolicyVersion,
    /// A user with policies of its own.
    DirectUserPolicy,
    /// A permission set that is assigned to nobody.
    PermissionSetUnused,
}

impl Rule {
    /// All rules that the truth is about: it has all of their findings.
    pub(crate) const ALL: [Self; 26] = [
        Self::StaleUser,
        Self::UserWithoutCredentials,
        Self::UnusedAccessKey,
        Self::UnrotatedAccessKey,
        Self::InactiveAccessKey,
        Self::TwoActiveAccessKeys,
        Self::UnusedPassword,
        Self::UserWithoutMfa,
        Self::RootAccessKey,
        Self::RootUsed,
        Self::RootWithoutMfa,
        Self::WeakPasswordPolicy,
        Self::LongLivedServiceCredential,
        Self::StaleRole,
        Self::MigrateKey,
        Self::PublicTrust,
        Self::CrossAccountTrust,
        Self::ConfusedDeputy,
        Self::OidcWideSubject,
        Self::TrustsDeletedPrincipal,
        Self::UnattachedPolicy,
        Self::EmptyGroup,
        Self::DuplicatePolicy,
        Self::StalePolicyVersion,
        Self::DirectUserPolicy,
        Self::PermissionSetUnused,
    ];

    /// The rule's id in findings and in `truth.json`.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::StaleUser => "stale-user",
            Self::UserWithoutCredentials => "user-without-credentials",
            Self::UnusedAccessKey => "unused-access-key",
            Self::UnrotatedAccessKey => "unrotated-access-key",
            Self::InactiveAccessKey => "inactive-access-key",
            Self::TwoActiveAccessKeys => "two-active-access-keys",
            Self::UnusedPassword => "unused-password",
            Self::UserWithoutMfa => "user-without-mfa",
            Self::RootAccessKey => "root-access-key",
            Self::RootUsed => "root-used",
            Self::RootWithoutMfa => "root-without-mfa",
            Self::WeakPasswordPolicy => "weak-password-policy",
            Self::LongLivedServiceCredential => "long-lived-service-credential",
            Self::StaleRole => "stale-role",
            Self::MigrateKey => "migrate-key",
            Self::PublicTrust => "public-trust",
            Self::CrossAccountTrust => "cross-account-trust",
            Self::ConfusedDeputy => "confused-deputy",
            Self::OidcWideSubject => "oidc-wide-subject",
            Self::TrustsDeletedPrincipal => "trusts-deleted-principal",
            Self::UnattachedPolicy => "unattached-policy",
            Self::EmptyGroup => "empty-group",
            Self::DuplicatePolicy => "duplicate-policy",
            Self::StalePolicyVersion => "stale-policy-version",
            Self::DirectUserPolicy => "direct-user-policy",
            Self::PermissionSetUnused => "permission-set-unused",
        }
    }
}

/// One finding that a scenario states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The rule that finds it.
    pub(crate) rule: Rule,
    /// The access key that the finding is about, if it is about one that has a known id.
    pub(crate) key: Option<String>,
}
