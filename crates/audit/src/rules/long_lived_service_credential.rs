//! `long-lived-service-credential`: long-lived SSH key, service-specific credential or certificate.

use leastgrant_inventory::DataKind;
use leastgrant_inventory::tables::{LongLivedCredentialRow, UserRow};

use super::{Check, Rule, coverage};
use crate::age;
use crate::context::{Context, Draft, Output, kind_in_words};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "long-lived-service-credential";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Long-lived SSH key, service-specific credential or certificate",
        what_it_does: "Reports active SSH public keys, service-specific credentials (CodeCommit, Keyspaces, Bedrock and others) and signing certificates that are older than `thresholds.long_lived_service_credential_days` (90) and have not expired.",
        why_it_is_bad: "They work like access keys, and the credential report shows neither them nor their use.",
        evidence_needed: "ListSSHPublicKeys, ListServiceSpecificCredentials and ListSigningCertificates for each user; the credential report for the first two certificates.",
        limits: "Whether they are used is not recorded anywhere that an export shows.",
        remediation: "Check what uses it; prefer short-lived access (git-remote-codecommit, roles, short-term API keys); deactivate, wait, delete.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bedrock.html",
        ],
    },
    check: Check::Account(check),
};

fn check(context: &Context<'_>, output: &mut Output) {
    report_missing(context, output);
    let limit = context.thresholds.long_lived_service_credential_days;
    let limit_words = age::days_in_words(limit);
    let mut undated = Vec::new();
    for facts in coverage::users_and_root(context) {
        for credential in facts
            .long_lived
            .iter()
            .filter(|credential| credential.is_active)
        {
            let has_expired = credential.expires_at.is_some_and(|at| at <= context.as_of);
            let Some(age) = credential.created_at.map(|at| age::age(at, context.as_of)) else {
                undated.push(facts.user.user_name.as_str());
                continue;
            };
            if has_expired || !age::exceeds(age, limit) {
                continue;
            }
            let kind = kind_in_words(&credential.kind);
            let service = credential
                .service_name
                .as_deref()
                .map(|service| format!(" for `{service}`"))
                .unwrap_or_default();
            let name = match (&credential.credential_id, credential.slot) {
                (Some(id), _) => format!("{kind} `{id}`{service}"),
                (None, Some(slot)) => format!("the {kind} in slot {slot} of the credential report"),
                (None, None) => kind.to_owned(),
            };
            let expiry = credential
                .expires_at
                .map_or_else(|| "never expires".to_owned(), |at| format!("expires {at}"));
            let created_at = credential
                .created_at
                .map(|at| at.to_string())
                .unwrap_or_default();
            let mut draft = Draft::user(&facts.user, RULE.metadata.summary)
                .detail(format!(
                    "{name} is {} old and {expiry}; the limit is {limit_words}",
                    age::in_words(age)
                ))
                .evidence(source(credential), format!("active, created {created_at}"))
                .remediation(RULE.metadata.remediation);
            draft.discriminator = credential
                .credential_id
                .clone()
                .unwrap_or_else(|| format!("{}/{created_at}", credential.kind));
            output.find(draft);
        }
    }
    output.not_checked_for("the creation time of a credential is missing", &undated);
}

fn source(credential: &LongLivedCredentialRow) -> &'static str {
    match (credential.slot, credential.kind.as_str()) {
        (Some(_), _) => "credential report",
        (None, "ssh_public_key") => "iam:ListSSHPublicKeys",
        (None, "service_specific_credential") => "iam:ListServiceSpecificCredentials",
        (None, _) => "iam:ListSigningCertificates",
    }
}

fn report_missing(context: &Context<'_>, output: &mut Output) {
    if let Some(reason) = context.account.users_missing() {
        output.not_checked(reason);
    }
    let users = &context.account.users;
    for (kind, is_known) in [
        (
            DataKind::SshPublicKeys,
            (|user| user.ssh_public_keys_known) as fn(&UserRow) -> bool,
        ),
        (DataKind::ServiceSpecificCredentials, |user| {
            user.service_specific_credentials_known
        }),
        (DataKind::SigningCertificates, |user| {
            user.signing_certificates_known
        }),
    ] {
        let unknown: Vec<&str> = users
            .iter()
            .filter(|facts| !is_known(&facts.user))
            .map(|facts| facts.user.user_name.as_str())
            .collect();
        if !users.is_empty()
            && unknown.len() == users.len()
            && context.account.source(kind).is_none()
        {
            output.not_checked(format!("no {} were collected", kind.words()));
        } else {
            output.not_checked_for(&format!("{} were not collected", kind.words()), &unknown);
        }
    }
}
