//! `oidc-without-subject`: role can be assumed with anybody's token of an identity provider.

use super::trusted_roles::{self, Judged};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::trust::TrustedRole;
use crate::trust::identity_provider::{self, IdentityProvider};
use crate::trust::issuers::{COGNITO, Tenant};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "oidc-without-subject";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        worst_severity: Severity::Critical,
        summary: "Role can be assumed with any token of an identity provider",
        what_it_does: "Reports roles that let a token of an OpenID Connect provider in whatever its subject is. Providers that serve many organizations from one issuer (GitHub, GitLab.com, HCP Terraform, Buildkite, Modal and those of AWS's list of shared providers, in all partitions) give severity critical; an issuer of your own, such as a cluster of EKS or an organization of CircleCI, gives medium. Of Google, Facebook, Login with Amazon, Apple, Cognito, Vercel and Pulumi the audience or the application's id is what has to be asked for, of Microsoft Sentinel the name of the session. The policy is asked with made-up tokens, so `StringLike` `*` is no condition, nor is a pattern that has room for anybody, such as `*.apps.googleusercontent.com` or a `job_workflow_ref` of `*/deploy.yml@*`; a condition on another claim, such as `repository_id`, is one. Where the subject is asked for and the audience is not: medium for Google, Facebook, Login with Amazon and Apple, since each application that the user signs in to holds such a token; low where the provider in IAM accepts several audiences and the role does not tell them apart. `\"Principal\": \"*\"` means every provider of the account.",
        why_it_is_bad: "A token of GitHub says that a workflow runs on GitHub, not whose. Everybody can have one.",
        evidence_needed: "Trust policies.",
        limits: "The audience alone is no condition on whose token it is where the caller chooses it, as on GitHub. Which audiences the provider in IAM accepts is known only where its providers were collected; one audience alone needs no condition. AWS's list is of 2026-11; an issuer that serves many and is not in it counts as your own.",
        remediation: "Ask for the subject that is meant.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
            "https://docs.github.com/en/actions/reference/security/oidc",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        for provider in identity_provider::providers(role) {
            judge(role, &provider, judged);
        }
    });
}

fn judge(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>, judged: &mut Judged<'_>) {
    let admission = provider.admits_strangers(role);
    let Some(way) = judged.way(role, admission) else {
        of_audiences(role, provider, judged);
        return;
    };
    let name = provider.words();
    let detail = match (provider.kind.tenant, provider.kind.is_shared) {
        (Tenant::Application, _)
            if !provider.kind.has_users_of_everybody() && provider.kind.name != Some(COGNITO) =>
        {
            format!("every token of {name} can assume it, whatever its audience is")
        }
        (Tenant::Application, _) => {
            format!(
                "users of any application of {name} can assume it, whatever the audience of the token is"
            )
        }
        (Tenant::Subject, true) => {
            format!(
                "anybody who has an account at {name} can assume it, whatever the subject of the token is"
            )
        }
        (Tenant::Subject, false) => {
            format!("every token of {name} can assume it, whatever its subject is")
        }
        (Tenant::Session, _) => {
            format!("{name} can assume it for any of its customers, whatever the session's name is")
        }
    };
    let mut draft = Draft::role(role.row, RULE.metadata.summary)
        .detail(detail)
        .evidence("trust policy", role.statements_in_words(&way.statements))
        .remediation(format!(
            "{} {}",
            RULE.metadata.remediation,
            provider.condition(role)
        ));
    provider.entry.clone_into(&mut draft.discriminator);
    draft.severity = Some(match provider.kind.is_shared {
        true => Severity::Critical,
        false => Severity::Medium,
    });
    if way.keys.contains("aws:sourceip") {
        draft.confidence = Confidence::Medium;
    }
    judged.output.find(draft);
}

/// The right subject is not enough where the token can be made for somebody else, who then holds it.
fn of_audiences(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>, judged: &mut Judged<'_>) {
    let name = provider.words();
    let audiences = provider.open_audiences(role);
    let other = provider.admits_other_applications(role);
    let (detail, severity, statements) = match judged.way(role, other) {
        Some(way) => (
            format!(
                "tokens that {name} made for any application can assume it if their user is the right one: every application that the user signs in to holds such a token"
            ),
            Severity::Medium,
            role.statements_in_words(&way.statements),
        ),
        None if !audiences.is_empty() => {
            let shown: Vec<String> = audiences.iter().map(|own| format!("`{own}`")).collect();
            (
                format!(
                    "tokens of {name} that were made for any of {} can assume it if their subject is the right one: whoever is given a token that was made for another purpose can use it",
                    shown.join(", ")
                ),
                Severity::Low,
                format!(
                    "no condition tells the audiences of the provider apart ({} of them)",
                    audiences.len()
                ),
            )
        }
        None => return,
    };
    let mut draft = Draft::role(role.row, RULE.metadata.summary)
        .detail(detail)
        .evidence("trust policy", statements)
        .remediation(format!(
            "Ask for the audience that the role is meant for beside the subject: `\"Condition\": {{\"StringEquals\": {{\"{}:{}\": \"AUDIENCE\"}}}}`",
            provider.issuer,
            provider.audience_claim(),
        ));
    draft.discriminator = format!("{} aud", provider.entry);
    draft.severity = Some(severity);
    judged.output.find(draft);
}
