//! `confused-deputy`: role can be assumed by one who acts for others, without a word for whom.

use leastgrant_policy::principal::PrincipalKind;

use super::trusted_roles::{self, Judged};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::trust::stranger::{ExternalId, MADE_UP_IDS};
use crate::trust::{TrustedRole, accounts, service};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "confused-deputy";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Medium,
        summary: "Role can be used by others through one whom it trusts",
        what_it_does: "Reports roles that a third party's account can assume without an external id (`sts:ExternalId`), or with any, and, with severity low, roles that an AWS service can assume on behalf of another customer, where the service is one of those for which AWS documents `aws:SourceArn`, `aws:SourceAccount` or `aws:SourceOrgID` in trust policies. A third party is an account that is neither of the inventory, nor of its organization, nor in `trust.own_accounts`. Any condition that a request for another customer does not meet is enough.",
        why_it_is_bad: "Another customer of the vendor, or of the service, can give your role's ARN as its own, and has your rights through it.",
        evidence_needed: "Trust policies; the organization's accounts, without which accounts of your own look like a third party's and confidence is medium.",
        limits: "IAM lets a role be given to a service by principals of its own account only, which most services check: for them the condition is a second line of defence. Services that run what is your own, such as EC2 and Lambda, are never reported, nor are roles that only people with MFA can assume. Other services that are not in the list of 2026-11 are named as not checked where nothing asks for whom they call.",
        remediation: "Add a condition to the statement.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        if !accounts::admits_everybody(role).is_admitted() {
            of_third_parties(context, role, judged);
        }
        of_services(role, judged);
    });
}

fn of_third_parties(context: &PolicyContext<'_>, role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    let organizations = accounts::other_organizations(role);
    for (account_id, named) in accounts::named(role) {
        if trusted_roles::is_own(context, account_id) {
            continue;
        }
        let ask = |id| accounts::admits(role, account_id, &named, &organizations, id);
        let without = ask(ExternalId::Missing);
        let needs_any = !without.is_admitted();
        // One that may be anything is none: another customer's request has one, too.
        let admission =
            MADE_UP_IDS
                .into_iter()
                .fold(without, |admission, id| match admission.is_admitted() {
                    true => admission,
                    false => admission.or(ask(ExternalId::MadeUp(id))),
                });
        let Some(way) = judged.way(role, admission) else {
            continue;
        };
        let mut draft = Draft::role(role.row, RULE.metadata.summary)
            .detail(match needs_any {
                true => format!(
                    "the account {account_id} can assume it with an external id that nobody agreed on"
                ),
                false => format!("the account {account_id} can assume it without an external id"),
            })
            .evidence("trust policy", role.statements_in_words(&way.statements))
            .remediation(format!(
                "{} Let the third party give you an external id that it uses for you alone: `\"Condition\": {{\"StringEquals\": {{\"sts:ExternalId\": \"ID_FROM_THE_THIRD_PARTY\"}}}}`. If the account is yours, list it under `trust.own_accounts`.",
                RULE.metadata.remediation
            ));
        account_id.clone_into(&mut draft.discriminator);
        if !trusted_roles::knows_organization(context) {
            draft.confidence = Confidence::Medium;
        }
        judged.output.find(draft);
    }
}

fn of_services(role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    for host in role.trusted_of(PrincipalKind::Service) {
        let Some(source) = service::source_service(host) else {
            let not_known = service::not_known(host);
            if not_known
                .is_some_and(|own| service::admits_for_others(role, host, own).is_admitted())
            {
                judged.not_known(
                    role,
                    format!("whether `{host}` says for whom it calls is not in the list of 2026-11, and nothing asks for it"),
                );
            }
            continue;
        };
        let admission = service::admits_for_others(role, host, source);
        let Some(way) = judged.way(role, admission) else {
            continue;
        };
        let (partition, account_id) = (role.partition(), role.account_id());
        let mut draft = Draft::role(role.row, RULE.metadata.summary)
            .detail(format!(
                "the service `{host}` can assume it, for whomever it calls"
            ))
            .evidence("trust policy", role.statements_in_words(&way.statements))
            .remediation(match source {
                // What they call for has ARNs of many services, or none.
                "codedeploy" | "config" | "logs" => format!(
                    "{} `\"Condition\": {{\"StringEquals\": {{\"aws:SourceAccount\": \"{account_id}\"}}}}`.",
                    RULE.metadata.remediation
                ),
                _ => format!(
                    "{} `\"Condition\": {{\"StringEquals\": {{\"aws:SourceAccount\": \"{account_id}\"}}, \"ArnLike\": {{\"aws:SourceArn\": \"arn:{partition}:{source}:*:{account_id}:*\"}}}}`, with the ARN of what uses the role where there is one only.",
                    RULE.metadata.remediation
                ),
            });
        host.clone_into(&mut draft.discriminator);
        draft.severity = Some(Severity::Low);
        draft.confidence = Confidence::Medium;
        judged.output.find(draft);
    }
}
