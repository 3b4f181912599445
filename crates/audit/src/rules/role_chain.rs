//! `role-chain`: a role that outsiders can assume leads on to other roles.

use super::trusted_roles::{self, Judged};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::trust::chains::MOST_ASKED;
use crate::trust::stranger::ExternalId;
use crate::trust::{TrustedRole, accounts, identity_provider};
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "role-chain";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Role that outsiders assume leads on to other roles",
        what_it_does: "Reports roles that somebody from outside can assume (an account that is not of the inventory or its organization, anybody, or users of an identity provider) and that can go on to assume other roles, by its own policies, boundary, service control policies and their trust policies. Roles of Identity Center are left out: their users are your own.",
        why_it_is_bad: "Whoever comes in by the first role has the rights of the others as well, which their trust policies do not show, and the logs there name the first role instead of who came in.",
        evidence_needed: "Policies and trust policies of all accounts that roles lead to.",
        limits: "One step on is looked at. Roles of accounts that were not collected are not seen. A condition that could be met counts as met. Hubs that deploy to several accounts are built so on purpose: then exempt the role.",
        remediation: "Let the outsider assume the role that it needs directly, or take `sts:AssumeRole` on the others from the first role. Where the chain is meant, hand on who came in with `sts:SourceIdentity` and ask for it in the trust policies of the others.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html",
        ],
    },
    check: Check::Policies(check),
};

/// More roles than these are counted, not named.
const SHOWN: usize = 5;

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        if !role.row.path.starts_with("/aws-reserved/") {
            judge(context, role, judged);
        }
    });
}

fn judge(context: &PolicyContext<'_>, role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    let Some(outsiders) = outsiders(context, role, judged) else {
        return;
    };
    let access = &context.policies.access;
    let subject = access.principal_of(&role.row.arn);
    let Some(subject) = subject.and_then(|id| access.subject(id)) else {
        return;
    };
    let onward = context.policies.assumable_roles().from(access, subject);
    for reason in onward.unknowns {
        judged.not_known(role, reason);
    }
    if onward.is_cut {
        judged.not_known(role, format!("only {MOST_ASKED} roles are asked about"));
    }
    if onward.roles.is_empty() {
        return;
    }
    let mut named: Vec<String> = onward
        .roles
        .iter()
        .take(SHOWN)
        .map(|arn| format!("`{arn}`"))
        .collect();
    if onward.roles.len() > SHOWN {
        named.push(format!("{} more", onward.roles.len() - SHOWN));
    }
    let mut draft = Draft::role(role.row, RULE.metadata.summary)
        .detail(format!(
            "{outsiders} can assume it, and it can assume {}",
            named.join(", ")
        ))
        .remediation(RULE.metadata.remediation);
    for arn in onward.roles.iter().take(SHOWN) {
        draft = draft.evidence(
            "policies of the role and trust policy",
            format!("`sts:AssumeRole` on `{arn}` is allowed"),
        );
    }
    judged.output.find(draft);
}

/// Who from outside can assume the role, in words.
fn outsiders(
    context: &PolicyContext<'_>,
    role: &TrustedRole<'_>,
    judged: &mut Judged<'_>,
) -> Option<String> {
    let of_web = identity_provider::providers(role).into_iter();
    let of_saml = identity_provider::saml_providers(role).into_iter();
    let mut providers = of_web
        .map(|provider| (provider.entry, provider.admits_anybody(role)))
        .chain(of_saml.map(|entry| (entry, identity_provider::admits_by_saml(role, entry))));
    if let Some((provider, _)) =
        providers.find(|(_, admission)| judged.way(role, admission.clone()).is_some())
    {
        return Some(format!("users of `{provider}`"));
    }
    if judged.way(role, accounts::admits_everybody(role)).is_some() {
        return Some("principals of any account".to_owned());
    }
    for (who, admission) in identity_provider::admits_everybody(role) {
        if judged.way(role, admission).is_some() {
            return Some(who);
        }
    }
    let organizations = accounts::other_organizations(role);
    for (id, named) in accounts::named(role) {
        if trusted_roles::is_own(context, id) {
            continue;
        }
        let admission = accounts::admits(role, id, &named, &organizations, ExternalId::Told);
        if judged.way(role, admission).is_some() {
            return Some(format!("the account {id}"));
        }
    }
    // Without the own organisation's id every organisation may be one's own.
    trusted_roles::organization(context)?;
    let known = &context.account.settings.trust.organizations;
    organizations
        .into_iter()
        .filter(|id| !known.iter().any(|own| own == id))
        .find(|id| {
            let admission = accounts::admits_organization(role, id);
            judged.way(role, admission).is_some()
        })
        .map(|id| format!("the organization `{id}`"))
}
