//! `oidc-without-subject`: role can be assumed with anybody's token of an identity provider.

use super::trusted_roles::{self, Judged};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::policy_facts::PolicyContext;
use crate::trust::TrustedRole;
use crate::trust::identity_provider::{self, IdentityProvider, Tenant};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "oidc-without-subject";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        summary: "Role can be assumed with any token of an identity provider",
        what_it_does: "Reports roles that let a token of an OpenID Connect provider in whatever its subject is. Providers that serve many organizations from one issuer (GitHub, GitLab.com, HCP Terraform, Buildkite and others of AWS's list of shared providers) give severity critical; an issuer of your own, such as a cluster of EKS or an organization of CircleCI, gives medium. Of Google, Facebook, Login with Amazon, Cognito and others whose users are everybody, the audience or the application's id is what has to be asked for. The policy is asked with a made-up token, so `StringLike` `*` is no condition, and a condition on another claim, such as `repository_id`, is one.",
        why_it_is_bad: "A token of GitHub says that a workflow runs on GitHub, not whose. Everybody can have one.",
        evidence_needed: "Trust policies.",
        limits: "The audience alone is no condition on whose token it is where the caller chooses it, as on GitHub. Which audiences the provider in IAM accepts is not taken into account.",
        remediation: "Ask for the subject that is meant.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
            "https://docs.github.com/en/actions/reference/security/oidc",
        ],
    },
    judges_credentials: false,
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
        return;
    };
    let name = provider.words();
    let detail = match (provider.kind.tenant, provider.kind.is_shared) {
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
