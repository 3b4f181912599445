//! `cross-account-trust`: role can be assumed from an account that is not known.

use leastgrant_policy::principal::PrincipalKind;

use super::trusted_roles::{self, Judged, keys_in_words};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::trust::service::{self, STRANGERS};
use crate::trust::stranger::{self, ExternalId};
use crate::trust::{TrustedRole, Way, accounts};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "cross-account-trust";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Role can be assumed from an account that is not known",
        what_it_does: "Reports, for each role, accounts and organizations that its trust policy lets in and that are neither of the inventory, nor of its organization, nor named in `leastgrant.toml` (`trust.own_accounts`, `trust.third_party_accounts`, `trust.organizations`). Accounts are taken from Principal and from conditions on the caller's account, ARN and organization, and, for services, on for whom they call; whether they get in is decided with all conditions, Deny statements and resource control policies. Roles that anybody can assume are left to `public-trust`.",
        why_it_is_bad: "Whoever runs that account has the role's rights, and nobody remembers who that is.",
        evidence_needed: "Trust policies; the organization's accounts, without which accounts of your own look strange and confidence is medium.",
        limits: "What the other side grants its principals is not known; it is taken to let them call.",
        remediation: "Find out whose account it is. If it should have access, list it in `leastgrant.toml` under `trust.own_accounts` or `trust.third_party_accounts`; else take it out of the trust policy.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        if accounts::admits_everybody(role).is_admitted() {
            return;
        }
        of_accounts(context, role, judged);
        of_organizations(context, role, judged);
        of_services(context, role, judged);
    });
}

fn of_accounts(context: &PolicyContext<'_>, role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    let organizations = accounts::other_organizations(role);
    for (account_id, named) in accounts::named(role) {
        if is_known(context, account_id) {
            continue;
        }
        let admission =
            accounts::admits(role, account_id, &named, &organizations, ExternalId::Told);
        let Some(way) = judged.way(role, admission) else {
            continue;
        };
        let mut draft = describe(role, &way, &format!("the account {account_id}"));
        account_id.clone_into(&mut draft.discriminator);
        put_confidence(context, &mut draft);
        judged.output.find(draft);
    }
}

fn is_known(context: &PolicyContext<'_>, account_id: &str) -> bool {
    let third_parties = &context.account.settings.trust.third_party_accounts;
    trusted_roles::is_own(context, account_id) || third_parties.iter().any(|own| own == account_id)
}

/// Lowers it where the account may be of the organisation.
fn put_confidence(context: &PolicyContext<'_>, draft: &mut Draft) {
    if !trusted_roles::knows_organization(context) {
        draft.confidence = Confidence::Medium;
        draft.detail.push_str(
            "; no organization was collected, so it cannot be told whether the account is of it",
        );
    }
}

/// Services that may assume the role for what an account has that is not known. Those that ask nothing are left to `confused-deputy`.
fn of_services(context: &PolicyContext<'_>, role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    let own = trusted_roles::organization(context);
    let known = &context.account.settings.trust.organizations;
    for host in role.trusted_of(PrincipalKind::Service) {
        if service::admits_for(role, host, stranger::account(role), STRANGERS).is_admitted() {
            continue;
        }
        let accounts = service::accounts_called_for(role).into_iter();
        let accounts = accounts
            .filter(|account_id| !is_known(context, account_id))
            .map(|id| (id, format!("the account {id}"), id, STRANGERS));
        // Without an organisation of one's own it cannot be told whose the other is.
        let organizations = service::organizations_called_for(role).into_iter();
        let organizations = organizations
            .filter(|id| own.is_some_and(|own| own != *id) && !known.iter().any(|own| own == id))
            .map(|id| {
                let who = format!("the organization `{id}`");
                (id, who, stranger::account(role), id)
            });
        let others: Vec<&str> = service::organizations_called_for(role)
            .into_iter()
            .collect();
        for (id, who, account_id, organization_id) in accounts.chain(organizations) {
            let mut admission = service::admits_for(role, host, account_id, organization_id);
            // The account may be of an organisation that is named beside it.
            for other in others.iter().filter(|_| id == account_id && own.is_some()) {
                if Some(*other) != own {
                    admission = admission.or(service::admits_for(role, host, account_id, other));
                }
            }
            let Some(way) = judged.way(role, admission) else {
                continue;
            };
            let mut draft = Draft::role(role.row, RULE.metadata.summary)
                .detail(format!(
                    "the service `{host}` can assume it for what {who} has there{}",
                    keys_in_words(&way)
                ))
                .evidence("trust policy", role.statements_in_words(&way.statements))
                .remediation(RULE.metadata.remediation);
            draft.discriminator = format!("{host} {id}");
            if id == account_id {
                put_confidence(context, &mut draft);
            }
            judged.output.find(draft);
        }
    }
}

fn of_organizations(context: &PolicyContext<'_>, role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    let own = trusted_roles::organization(context);
    let others = &context.account.settings.trust.organizations;
    for id in accounts::organizations(role) {
        if own == Some(id) || others.iter().any(|other| other == id) {
            continue;
        }
        let admission = accounts::admits_organization(role, id);
        let Some(way) = judged.way(role, admission) else {
            continue;
        };
        if own.is_none() {
            judged.not_known(
                role,
                format!(
                    "no organization was collected, so it cannot be told whether `{id}` is yours"
                ),
            );
            continue;
        }
        let accounts = match accounts::is_part_of_organization(role, id) {
            true => "the accounts of a part",
            false => "any account",
        };
        let mut draft = describe(
            role,
            &way,
            &format!("{accounts} of the organization `{id}`"),
        );
        id.clone_into(&mut draft.discriminator);
        draft.remediation = draft
            .remediation
            .replace("whose account it is", "whose organization it is")
            .replace(
                "`trust.own_accounts` or `trust.third_party_accounts`",
                "`trust.organizations`",
            );
        judged.output.find(draft);
    }
}

fn describe(role: &TrustedRole<'_>, way: &Way, who: &str) -> Draft {
    Draft::role(role.row, RULE.metadata.summary)
        .detail(format!(
            "principals of {who} can assume it{}",
            keys_in_words(way)
        ))
        .evidence("trust policy", role.statements_in_words(&way.statements))
        .remediation(RULE.metadata.remediation)
}
