//! `long-lived-service-credential`: long-lived SSH key, service-specific credential or certificate.

use leastgrant_inventory::DataKind;
use leastgrant_inventory::tables::LongLivedCredentialRow;

use super::{Rule, coverage};
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
    judges_credentials: true,
    check,
};

fn check(context: &Context<'_>, output: &mut Output) {
    report_missing(context, output);
    let limit = context.thresholds.long_lived_service_credential_days;
    let limit_words = age::days_in_words(limit);
    for facts in coverage::users_and_root(context) {
        for credential in facts
            .long_lived
            .iter()
            .filter(|credential| credential.is_active)
        {
            let has_expired = credential.expires_at.is_some_and(|at| at <= context.as_of);
            let Some(age) = credential.created_at.map(|at| age::age(at, context.as_of)) else {
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
    let users = u64::try_from(context.account.users.len()).unwrap_or(u64::MAX);
    if users == 0 {
        return;
    }
    let has_report = context.account.source(DataKind::CredentialReport).is_some();
    for (kind, is_in_report) in [
        (DataKind::SshPublicKeys, false),
        (DataKind::ServiceSpecificCredentials, false),
        (DataKind::SigningCertificates, true),
    ] {
        match context.account.source(kind) {
            None if is_in_report && has_report => {}
            None => output.not_checked(format!("no {} were collected", kind.words())),
            Some(source) if !source.complete => {
                output.not_checked(format!("not all {} could be read", kind.words()))
            }
            Some(source) if source.answers < users && !(is_in_report && has_report) => {
                output.not_checked(format!(
                    "{} were collected for {} of {users} users",
                    kind.words(),
                    source.answers
                ));
            }
            Some(_) => {}
        }
    }
}
