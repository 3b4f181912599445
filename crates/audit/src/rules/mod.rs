//! The rules: one file each, one list of all.

pub mod admin_access;
pub mod allow_not_action;
pub mod allow_not_resource;
pub mod boundary_missing;
pub mod can_become_admin;
pub mod confused_deputy;
pub mod credential_exposure;
pub mod cross_account_trust;
pub mod data_exfiltration;
pub mod direct_user_policy;
pub mod duplicate_policy;
pub mod effectively_star_resource;
pub mod empty_group;
pub mod escalation_path;
pub mod expired_exemption;
pub mod inactive_access_key;
pub mod long_lived_service_credential;
pub mod migrate_key;
pub mod oidc_wide_subject;
pub mod oidc_without_subject;
pub mod permission_set_unused;
pub mod policy_lint;
pub mod public_trust;
pub mod role_chain;
pub mod root_access_key;
pub mod root_used;
pub mod root_without_mfa;
pub mod saml_without_audience;
pub mod service_wildcard;
pub mod stale_policy_version;
pub mod stale_role;
pub mod stale_user;
pub mod trusts_deleted_principal;
pub mod two_active_access_keys;
pub mod unattached_policy;
pub mod unrotated_access_key;
pub mod unscoped_permissions_management;
pub mod unscoped_write;
pub mod unused_access_key;
pub mod unused_password;
pub mod unused_permission;
pub mod unused_policy_attachment;
pub mod unused_service;
pub mod user_without_credentials;
pub mod user_without_mfa;
pub mod weak_password_policy;

mod coverage;
mod policies;
mod principals;
mod trusted_roles;
mod use_of_rights;

use crate::context::{Context, Output};
use crate::contexts::AttachmentContext;
use crate::contexts::KeyContext;
use crate::contexts::{EvidenceContext, GraphContext, PolicyContext};
use crate::{RuleMetadata, Severity};

/// A rule: what it says of itself, and how it judges one account.
#[derive(Debug)]
pub struct Rule {
    /// What `leastgrant explain` prints.
    pub metadata: RuleMetadata,
    pub(crate) check: Check,
}

impl Rule {
    /// Whether a finding of this severity or above may be where the rule could not judge.
    ///
    /// What was used is told by evidence that an inventory need not have (CloudTrail logs, last-accessed data): rules that rest on it
    /// alone leave nothing open.
    #[must_use]
    pub fn leaves_open(&self, severity: Severity) -> bool {
        !matches!(self.check, Check::Evidence(_)) && self.metadata.worst_severity >= severity
    }
}

/// How a rule judges one account, and what it has to be given for that.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// By users, roles, credentials and settings.
    Account(fn(&Context<'_>, &mut Output)),
    /// By where access keys were used from.
    Keys(fn(&KeyContext<'_>, &mut Output)),
    /// By what policies allow.
    Policies(fn(&PolicyContext<'_>, &mut Output)),
    /// By managed policies, groups and permission sets, and what they are attached to.
    Attachments(fn(&AttachmentContext<'_>, &mut Output)),
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
    &admin_access::RULE,
    &unscoped_permissions_management::RULE,
    &credential_exposure::RULE,
    &data_exfiltration::RULE,
    &service_wildcard::RULE,
    &unscoped_write::RULE,
    &allow_not_action::RULE,
    &allow_not_resource::RULE,
    &effectively_star_resource::RULE,
    &unused_permission::RULE,
    &unused_service::RULE,
    &unused_policy_attachment::RULE,
    &boundary_missing::RULE,
    &policy_lint::RULE,
    &migrate_key::RULE,
    &public_trust::RULE,
    &cross_account_trust::RULE,
    &confused_deputy::RULE,
    &oidc_without_subject::RULE,
    &oidc_wide_subject::RULE,
    &saml_without_audience::RULE,
    &trusts_deleted_principal::RULE,
    &role_chain::RULE,
    &unattached_policy::RULE,
    &empty_group::RULE,
    &duplicate_policy::RULE,
    &stale_policy_version::RULE,
    &direct_user_policy::RULE,
    &permission_set_unused::RULE,
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
                severity,
                worst_severity,
            } = rule.metadata;
            assert!(severity <= worst_severity, "{id}");
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
