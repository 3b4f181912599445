//! The names of the checks.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal),+ $(,)?) => {
        /// The checks, by their names in reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LintCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl LintCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    /// A character that IAM does not take (IAM API Reference, the pattern of `PolicyDocument`).
    CharacterNotAllowed = "character-not-allowed",
    /// More characters than AWS takes (IAM User Guide, "IAM and AWS STS quotas").
    SizeAboveQuota = "size-above-quota",
    /// No Version 2012-10-17, which Organizations demands (AWS Organizations User Guide, "SCP syntax", "RCP syntax").
    VersionRequired = "version-required",
    /// An Id in an identity policy (IAM User Guide, "IAM JSON policy elements: Id").
    IdNotAllowed = "id-not-allowed",
    /// A Sid with characters that IAM does not take (IAM User Guide, "IAM JSON policy elements: Sid").
    SidCharacters = "sid-characters",
    /// A Sid that stands twice (the same page).
    SidRepeated = "sid-repeated",
    /// A statement that stands twice.
    StatementRepeated = "statement-repeated",
    /// Allow in a resource control policy (AWS Organizations User Guide, "RCP syntax").
    ResourceControlAllow = "resource-control-allow",
    /// A Principal in a policy whose principal is what it is attached to (IAM User Guide, "AWS JSON policy elements: Principal").
    PrincipalNotAllowed = "principal-not-allowed",
    /// No Principal in a policy that needs one (the same page).
    PrincipalMissing = "principal-missing",
    /// A wildcard for a part of a principal's name (the same page).
    PrincipalWildcard = "principal-wildcard",
    /// Another principal than `*` in a resource control policy (AWS Organizations User Guide, "RCP syntax").
    ResourceControlPrincipal = "resource-control-principal",
    /// Allow for everyone but some (IAM User Guide, "AWS JSON policy elements: NotPrincipal").
    AllowWithNotPrincipal = "allow-with-not-principal",
    /// What has not the form of an action (IAM User Guide, "IAM JSON policy elements: Action").
    ActionMalformed = "action-malformed",
    /// A wildcard before the colon of an action (the same page).
    ActionPrefixWildcard = "action-prefix-wildcard",
    /// Allow for every action but some, those of the future too (IAM User Guide, "IAM JSON policy elements: NotAction").
    AllowWithNotAction = "allow-with-not-action",
    /// NotAction in a resource control policy (AWS Organizations User Guide, "RCP syntax").
    ResourceControlNotAction = "resource-control-not-action",
    /// Another action than those of STS in a trust policy (IAM User Guide, "Roles terms and concepts").
    TrustAction = "trust-action",
    /// No Resource in a policy that needs one (IAM User Guide, "IAM JSON policy elements: Resource").
    ResourceMissing = "resource-missing",
    /// A Resource in a trust policy, whose resource is the role.
    ResourceNotAllowed = "resource-not-allowed",
    /// A resource that is neither `*` nor an ARN (IAM User Guide, "IAM JSON policy elements: Resource").
    ResourceNotAnArn = "resource-not-an-arn",
    /// An ARN of fewer than six fields.
    ResourceShort = "resource-short",
    /// A wildcard in the service of an ARN (the same page).
    ResourceServiceWildcard = "resource-service-wildcard",
    /// A wildcard in the word for the type of an IAM resource (IAM User Guide, "Identify AWS resources with ARNs").
    ResourceTypeWildcard = "resource-type-wildcard",
    /// A `*` that may or may not reach beyond the next colon (IAM User Guide, "IAM JSON policy elements: Resource").
    ResourceColonReading = "resource-colon-reading",
    /// Allow for every resource but some, those of the future too (IAM User Guide, "IAM JSON policy elements: NotResource").
    AllowWithNotResource = "allow-with-not-resource",
    /// NotResource with a policy variable: what it means without a value is not documented.
    NotResourceWithVariable = "not-resource-with-variable",
    /// `${` under version 2008-10-17 (IAM User Guide, "IAM policy elements: Variables and tags").
    VariableInOldVersion = "variable-in-old-version",
    /// A policy variable before the fifth colon of an ARN (the same page).
    VariableBeforeFifthColon = "variable-before-fifth-colon",
    /// What begins like a policy variable and is none (the same page).
    VariableMalformed = "variable-malformed",
    /// A condition key without a prefix.
    ConditionKeyMalformed = "condition-key-malformed",
    /// A value that its operator cannot compare (IAM User Guide, "IAM JSON policy elements: Condition operators").
    ConditionValueMalformed = "condition-value-malformed",
    /// Allow with ForAllValues, which a request without the key meets (IAM User Guide, "Set operators for multivalued context keys").
    ForAllValuesWithoutNull = "for-all-values-without-null",
    /// A multivalued key without a set operator (the same page).
    SetOperatorMissing = "set-operator-missing",
    /// A single-valued key with a set operator (the same page).
    SetOperatorOnSingleValue = "set-operator-on-single-value",
}

impl fmt::Display for LintCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
