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
}

impl Rule {
    /// All rules that the truth is about.
    pub(crate) const ALL: [Self; 15] = [
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
