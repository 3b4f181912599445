//! How large a document is as AWS counts it, and how large it may be.
//!
//! White space outside of strings does not count. Whether IAM also leaves out the spaces inside of strings is not documented;
//! they count here, since the larger number is the safe one.

/// The size of a document, or of a part of one, without the white space between its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DocumentSize {
    /// In characters, as IAM and Organizations count. An escape such as `\u0041` is as long as it is written.
    pub characters: usize,
    /// In bytes of UTF-8, as S3 counts.
    pub bytes: usize,
}

impl DocumentSize {
    /// Counts a JSON text; it need not be a whole document.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut size = Self::default();
        let (mut in_string, mut is_escaped) = (false, false);
        for character in text.chars() {
            if !in_string && matches!(character, ' ' | '\t' | '\n' | '\r') {
                continue;
            }
            size.characters += 1;
            size.bytes += character.len_utf8();
            if is_escaped {
                is_escaped = false;
            } else if character == '\\' {
                is_escaped = in_string;
            } else if character == '"' {
                in_string = !in_string;
            }
        }
        size
    }
}

/// What a document is used as, as far as quotas tell uses apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyUse {
    /// A managed policy, attached or as a boundary.
    Managed,
    /// The inline policies of a user.
    UserInline,
    /// The inline policies of a group.
    GroupInline,
    /// The inline policies of a role.
    RoleInline,
    /// A role's trust policy.
    Trust,
    /// A session policy.
    Session,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// The policy of an S3 bucket.
    Bucket,
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuotaUnit {
    /// Characters.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
}

/// How large documents may be. AWS changes these figures; Service Quotas knows those of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The use it holds for.
    pub policy_use: PolicyUse,
    /// The limit without any increase.
    pub limit: usize,
    /// The limit that AWS grants on request at most; the same as `limit` where it grants none.
    pub increased_limit: usize,
    /// What is counted.
    pub unit: QuotaUnit,
    /// Whether all policies of one owner count together.
    pub counts_together: bool,
    /// Where AWS says so, and how sure that is.
    pub source: &'static str,
}

const IAM_QUOTAS: &str = "IAM User Guide, \"IAM and AWS STS quotas\"";

const fn in_characters(
    policy_use: PolicyUse,
    limit: usize,
    increased_limit: usize,
    source: &'static str,
) -> Quota {
    Quota {
        policy_use,
        limit,
        increased_limit,
        unit: QuotaUnit::Characters,
        counts_together: false,
        source,
    }
}

const fn together(policy_use: PolicyUse, limit: usize) -> Quota {
    Quota {
        counts_together: true,
        ..in_characters(policy_use, limit, limit, IAM_QUOTAS)
    }
}

impl Quota {
    /// All quotas, one a use.
    pub const ALL: &[Self] = &[
        in_characters(PolicyUse::Managed, 6_144, 6_144, IAM_QUOTAS),
        together(PolicyUse::UserInline, 2_048),
        together(PolicyUse::GroupInline, 5_120),
        together(PolicyUse::RoleInline, 10_240),
        in_characters(
            PolicyUse::Trust,
            2_048,
            8_192,
            "IAM User Guide, \"IAM and AWS STS quotas\": 4,096 on request in the edition of 2023; 8,192 since, not confirmed",
        ),
        in_characters(
            PolicyUse::Session,
            2_048,
            2_048,
            "AWS STS API Reference, AssumeRole, `Policy`; the packed size has a limit of its own",
        ),
        in_characters(
            PolicyUse::ServiceControl,
            5_120,
            10_240,
            "AWS Organizations User Guide, \"Quotas and service limits\"; 10,240 for some since 2025, not confirmed",
        ),
        in_characters(
            PolicyUse::ResourceControl,
            5_120,
            5_120,
            "AWS Organizations User Guide, \"Quotas and service limits\"; not confirmed",
        ),
        Self {
            unit: QuotaUnit::Bytes,
            ..in_characters(
                PolicyUse::Bucket,
                20_480,
                20_480,
                "Amazon S3 User Guide, \"Policies and permissions in Amazon S3\": 20 KB",
            )
        },
    ];

    /// The quota of a use.
    #[must_use]
    pub fn of(policy_use: PolicyUse) -> Option<&'static Self> {
        Self::ALL
            .iter()
            .find(|quota| quota.policy_use == policy_use)
    }

    /// The size in the quota's unit.
    #[must_use]
    pub fn measure(&self, size: DocumentSize) -> usize {
        match self.unit {
            QuotaUnit::Characters => size.characters,
            QuotaUnit::Bytes => size.bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::print::Layout;
    use crate::{Policy, testing};

    proptest! {
        /// The twin takes the tokens out of serde_json's own compact output.
        #[test]
        fn the_size_is_that_of_the_text_without_white_space(text in testing::policy()) {
            // The twin resolves escapes, so that texts with some are counted shorter by it.
            prop_assume!(!text.contains("\\u"));
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            // Numbers may be written otherwise.
            prop_assume!(!text.contains("1e3"));
            let compact = value.to_string();
            let size = DocumentSize::of(&text);
            prop_assert_eq!(size.characters, compact.chars().count());
            prop_assert_eq!(size.bytes, compact.len());
        }

        #[test]
        fn layout_does_not_count(text in testing::policy()) {
            let policy = Policy::parse(&text).unwrap();
            let compact = policy.print(Layout::COMPACT);
            prop_assert_eq!(DocumentSize::of(&compact).bytes, compact.len());
            let pretty = policy.print(Layout::FOUR_SPACES);
            prop_assert_eq!(DocumentSize::of(&pretty), DocumentSize::of(&compact));
        }
    }

    #[test]
    fn spaces_inside_of_strings_and_escaped_quotes_count() {
        let size = DocumentSize::of("{ \"a \\\" b\" :\t\"é\\\\\" }\r\n");
        assert_eq!(size.characters, "{\"a \\\" b\":\"é\\\\\"}".chars().count());
        assert_eq!(size.bytes, size.characters + 1);
    }

    #[test]
    fn every_use_has_one_quota() {
        for quota in Quota::ALL {
            assert_eq!(Quota::of(quota.policy_use), Some(quota));
            assert!(quota.limit <= quota.increased_limit);
        }
    }
}
