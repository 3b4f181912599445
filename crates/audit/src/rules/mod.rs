//! The rules: one file each, one list of all.

pub mod can_become_admin;
pub mod escalation_path;
pub mod expired_exemption;
pub mod inactive_access_key;
pub mod long_lived_service_credential;
pub mod root_access_key;
pub mod root_used;
pub mod root_without_mfa;
pub mod stale_role;
pub mod stale_user;
pub mod two_active_access_keys;
pub mod unrotated_access_key;
pub mod unused_access_key;
pub mod unused_password;
pub mod user_without_credentials;
pub mod user_without_mfa;
pub mod weak_password_policy;

mod coverage;

use crate::RuleMetadata;
use crate::context::{Context, Output};
use crate::policy_facts::{EvidenceContext, GraphContext, PolicyContext};

/// A rule: what it says of itself, and how it judges one account.
#[derive(Debug)]
pub struct Rule {
    /// What `leastgrant explain` prints.
    pub metadata: RuleMetadata,
    /// Whether it judges credentials, so that a gate cannot pass while it lacks data.
    pub judges_credentials: bool,
    pub(crate) check: Check,
}

/// How a rule judges one account, and what it has to be given for that.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// By users, roles, credentials and settings.
    Account(fn(&Context<'_>, &mut Output)),
    /// By what policies allow.
    Policies(fn(&PolicyContext<'_>, &mut Output)),
    /// By who can become whom.
    Graph(fn(&GraphContext<'_>, &mut Output)),
    /// By what policies allow and what was used of it.
    Evidence(fn(&EvidenceContext<'_>, &mut Output)),
}

/// Every rule, in the order in which `leastgrant rules` lists them.
pub static ALL: &[&Rule] = &[
    &root_access_key::RULE,
    &root_without_mfa::RULE,
    &root_used::RULE,
    &user_without_mfa::RULE,
    &stale_user::RULE,
    &unused_access_key::RULE,
    &unrotated_access_key::RULE,
    &unused_password::RULE,
    &weak_password_policy::RULE,
    &expired_exemption::RULE,
    &inactive_access_key::RULE,
    &two_active_access_keys::RULE,
    &user_without_credentials::RULE,
    &long_lived_service_credential::RULE,
    &stale_role::RULE,
    &escalation_path::RULE,
    &can_become_admin::RULE,
];

/// The rule of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.metadata.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_explains_itself() {
        for rule in ALL {
            let RuleMetadata {
                id,
                summary,
                what_it_does,
                why_it_is_bad,
                evidence_needed,
                limits,
                remediation,
                references,
                severity: _,
            } = rule.metadata;
            assert!(
                id.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{id}"
            );
            for text in [
                summary,
                what_it_does,
                why_it_is_bad,
                evidence_needed,
                limits,
                remediation,
            ] {
                assert!(
                    !text.is_empty() && text.starts_with(|first: char| first.is_uppercase()),
                    "{id}: {text}"
                );
                assert_eq!(text.ends_with('.'), text != summary, "{id}: {text}");
            }
            assert!(!references.is_empty(), "{id}");
        }
    }

    #[test]
    fn ids_are_unique() {
        let ids: std::collections::BTreeSet<_> = ALL.iter().map(|rule| rule.metadata.id).collect();
        assert_eq!(ids.len(), ALL.len());
    }
}
