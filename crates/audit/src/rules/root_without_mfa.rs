//! `root-without-mfa`: root user has no MFA device.

use leastgrant_inventory::DataKind;

use super::{Check, Rule};
use crate::context::{Context, Draft, Output};
use crate::facts::UserFacts;
use crate::{ResourceType, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "root-without-mfa";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Critical,
        worst_severity: Severity::Critical,
        summary: "Root user has no MFA device",
        what_it_does: "Reports accounts whose root user has a password or an access key and no MFA device.",
        why_it_is_bad: "Whoever learns the root user's password owns the account.",
        evidence_needed: "The root user's row in the credential report, or `AccountMFAEnabled` in the account summary.",
        limits: "MFA that is active may be virtual or hardware; the report does not say which. A root user without any credential, as new member accounts have it, is no finding.",
        remediation: "Register a hardware key or passkey for the root user, or remove the root credentials of member accounts with centralised root access.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html",
            "CIS Amazon Web Services Foundations Benchmark 3.0, 1.5 and 1.6",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    let account = context.account;
    let reported = account
        .root
        .as_ref()
        .and_then(|root| root.user.mfa_active.map(|mfa_active| (root, mfa_active)));
    let counted = account
        .counter("AccountMFAEnabled")
        .map(|enabled| enabled != 0);
    let counted_at = account
        .source(DataKind::AccountSummary)
        .map(|source| source.collected_at);
    let is_newer = |root: &UserFacts| counted_at > root.user.credentials_as_of;
    let reported = reported.filter(|(root, _)| counted.is_none() || !is_newer(root));
    let (has_mfa, source, fact) = match (reported, counted) {
        (Some((root, has_mfa)), _) => {
            let as_of = root
                .user
                .credentials_as_of
                .map(|at| format!(" of {at}"))
                .unwrap_or_default();
            (
                has_mfa,
                format!("credential report{as_of}"),
                "mfa_active is false".to_owned(),
            )
        }
        (None, Some(has_mfa)) => (
            has_mfa,
            "account summary".to_owned(),
            "AccountMFAEnabled is 0".to_owned(),
        ),
        (None, None) => {
            output.not_checked("neither the root user's row of a credential report nor the account summary was collected");
            return;
        }
    };
    if has_mfa || has_no_credentials(context) {
        return;
    }
    output.find(
        Draft::new(
            &account.root_arn(),
            ResourceType::Root,
            RULE.metadata.summary,
        )
        .detail("the root user can sign in with its password alone")
        .evidence(source, fact)
        .remediation(RULE.metadata.remediation),
    );
}

/// New member accounts have a root user without password and keys. `not_supported` in the report does not say so.
fn has_no_credentials(context: &Context<'_>) -> bool {
    let account = context.account;
    match account.reported_root() {
        Some(root) => {
            root.user.password_enabled == Some(false) && root.active_keys().next().is_none()
        }
        None => {
            account.counter("AccountPasswordPresent") == Some(0)
                && account.counter("AccountAccessKeysPresent") == Some(0)
        }
    }
}
