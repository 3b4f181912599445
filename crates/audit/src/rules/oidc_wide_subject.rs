//! `oidc-wide-subject`: role can be assumed from more places of an identity provider than one.

use std::collections::BTreeSet;

use leastgrant_policy::ContextValue;

use super::trusted_roles::{self, Judged};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::trust::identity_provider::{self, Chosen, IdentityProvider, OF_A_PLACE};
use crate::trust::issuers::{COGNITO, Tenant};
use crate::trust::subject::{self, MOST_PATTERNS};
use crate::trust::values::STRANGER;
use crate::trust::{Admission, TrustedRole, Way};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "oidc-wide-subject";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        worst_severity: Severity::Critical,
        summary: "Role can be assumed by more than one place of an identity provider",
        what_it_does: "Says who can assume a role by a token of GitHub, GitLab, HCP Terraform, CircleCI, Buildkite, Codefresh, Scalr, Upbound, Vercel, Modal or Kubernetes, where that is more than one project or branch. Critical: anybody, since the owner or organization is left open, as in `repo:*` or `repo:my-org*`, which `my-org-of-somebody-else` matches too. Medium: every repository, project or pipeline of one organization (`repo:my-org/*`). Low: every branch, tag, environment or pull request of one repository (`repo:my-org/app:*`, or no subject and the claim `repository_id`), every workspace of a project, every service account of a namespace, and repositories whose names match a pattern. What has to come after the open part is told. A workspace of HCP Terraform or a repository of CircleCI (`vcs-origin`) by name is one place, whatever project stands before it. For Cognito identity pools: whether guests can, who have not signed in. `repo:my-org/app:ref:refs/heads/release-*` is no finding.",
        why_it_is_bad: "Whoever can push to any branch of any such repository has the role's rights, past all reviews of the main branch.",
        evidence_needed: "Trust policies.",
        limits: "Subjects are made up from the patterns and put to the policy, in the forms that the providers give them by default and GitHub's with ids (`repo:org@1/app@2:...`). A form of one's own, as GitHub lets organizations choose, subjects of other issuers, and conditions on claims such as `repository_owner` that narrow a wide subject are not taken apart; the rule says where. As owners choose the form, `*:my-org/app:*` lets any owner in. `StringEquals` takes `*` for a star, so `repo:my-org/*` under it lets nobody in and is no finding. Which of the branches are protected is not known.",
        remediation: "Name the repository and the branch or environment whose workflows need the role.",
        references: &[
            "https://docs.github.com/en/actions/reference/security/oidc",
            "https://docs.gitlab.com/ci/cloud_services/aws/",
            "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration",
            "https://circleci.com/docs/openid-connect-tokens/",
            "https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        for provider in identity_provider::providers(role) {
            // Without any subject there is nothing to be wide.
            if provider.admits_strangers(role).is_admitted() {
                continue;
            }
            match provider.kind.name {
                Some(COGNITO) => of_guests(role, &provider, judged),
                _ => of_subjects(role, &provider, judged),
            }
        }
    });
}

fn of_subjects(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>, judged: &mut Judged<'_>) {
    let breadth = subject::breadth(role, provider, None);
    if breadth.is_cut {
        judged.not_known(
            role,
            format!("only {MOST_PATTERNS} patterns of subjects are looked at"),
        );
    }
    if let Some(pattern) = breadth.not_taken_apart.first() {
        judged.not_known(
            role,
            format!(
                "subjects of {} of forms such as `{pattern}` are not taken apart, so it cannot be told whom they let in",
                provider.words()
            ),
        );
    }
    judged.way(role, Admission::Unknown(breadth.unknowns));
    let Some(widest) = breadth.wide.first() else {
        of_claims(role, provider, judged);
        return;
    };
    let who: Vec<&str> = breadth.wide.iter().map(|wide| &*wide.words).collect();
    let mut draft = Draft::role(role.row, RULE.metadata.summary)
        .detail(format!(
            "at {} it can be assumed by {}",
            provider.words(),
            who.join("; by ")
        ))
        .evidence(
            "trust policy",
            role.statements_in_words(&breadth.way.statements),
        )
        .remediation(format!(
            "{} Such as {}.",
            RULE.metadata.remediation,
            provider.condition(role)
        ));
    for (pattern, _) in provider.subjects(role).iter().take(MOST_SHOWN) {
        draft = draft.evidence("trust policy", format!("subject `{pattern}`"));
    }
    provider.entry.clone_into(&mut draft.discriminator);
    draft.severity = Some(widest.severity);
    if breadth.way.keys.contains("aws:sourceip") {
        draft.confidence = Confidence::Medium;
    }
    judged.output.find(draft);
}

/// Says which claims narrow subjects that would be wide without them: what they are worth is not known here.
fn of_claims(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>, judged: &mut Judged<'_>) {
    let claims = provider.other_claims(role);
    if claims.is_empty() {
        return;
    }
    let stranger = [("sub", ContextValue::One(STRANGER.to_owned()))];
    let open = |chosen| match provider.kind.tenant {
        Tenant::Subject => provider.admits(role, &stranger, chosen),
        Tenant::Application | Tenant::Session => Admission::Refused,
    };
    if names_one_place(role, provider) {
        let way = match open(Chosen::Place) {
            Admission::Admitted(way) => Some(way),
            _ => {
                let breadth = subject::breadth(role, provider, Some(Chosen::Place));
                let mut wide = breadth.wide.iter();
                wide.any(|own| !own.is_narrowed).then_some(breadth.way)
            }
        };
        if let Some(way) = way {
            of_one_place(role, provider, &claims, &way, judged);
        }
        return;
    }
    let breadth = subject::breadth(role, provider, Some(Chosen::All));
    let mut wide = breadth.wide.iter();
    let open = open(Chosen::All);
    if open.is_admitted() || wide.any(|own| own.severity >= Severity::Medium) {
        let claims: Vec<String> = claims.iter().map(|claim| format!("`{claim}`")).collect();
        judged.not_known(
            role,
            format!(
                "the subject at {} is wide, and what the conditions on {} leave of it is not taken apart",
                provider.words(),
                claims.join(", ")
            ),
        );
    }
}

/// Reports what is as wide as a subject that names one repository and leaves the rest open.
fn of_one_place(
    role: &TrustedRole<'_>,
    provider: &IdentityProvider<'_>,
    claims: &[&str],
    way: &Way,
    judged: &mut Judged<'_>,
) {
    let of_place = claims.iter().filter(|claim| OF_A_PLACE.contains(claim));
    let claims: Vec<String> = of_place.map(|claim| format!("`{claim}`")).collect();
    let mut draft = Draft::role(role.row, RULE.metadata.summary)
        .detail(format!(
            "at {} it can be assumed by jobs of the one place that {} names, of more than one branch, tag or the like",
            provider.words(),
            claims.join(", ")
        ))
        .evidence("trust policy", role.statements_in_words(&way.statements))
        .remediation(format!(
            "{} Such as {}.",
            RULE.metadata.remediation,
            provider.condition(role)
        ));
    provider.entry.clone_into(&mut draft.discriminator);
    draft.severity = Some(Severity::Low);
    judged.output.find(draft);
}

/// Whether a claim says of which one repository, project or person a token is.
fn names_one_place(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>) -> bool {
    const OF_ONE: [&str; 10] = [
        "actor",
        "actor_id",
        "email",
        "project_id",
        "project_path",
        "repository",
        "repository_id",
        "user_email",
        "user_id",
        "user_login",
    ];
    let mut conditions = role.admitting_conditions();
    conditions.any(|condition| {
        let is_of_one = OF_ONE
            .iter()
            .any(|claim| *condition.lower_key == *provider.key(claim));
        let [value] = condition.values.as_slice() else {
            return false;
        };
        is_of_one && !value.as_str().contains(['*', '?'])
    })
}

/// How many patterns are shown as evidence.
const MOST_SHOWN: usize = 5;

/// An identity pool can give tokens to guests; the claim `amr` says whether its user signed in.
fn of_guests(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>, judged: &mut Judged<'_>) {
    let guest = ContextValue::Many(vec!["unauthenticated".to_owned()]);
    // A pool that is named twice is one finding.
    let pools: BTreeSet<&str> = role.values_of(&provider.key("aud")).collect();
    for pool in pools {
        let audience = ContextValue::One(pool.to_owned());
        let claims = [("amr", guest.clone()), ("aud", audience)];
        let admission = provider.admits(role, &claims, Chosen::Audience);
        let Some(way) = judged.way(role, admission) else {
            continue;
        };
        let is_meant = role.conditions().any(|condition| {
            *condition.lower_key == *provider.key("amr")
                && !condition.operator.comparison.is_negated()
                && condition
                    .values
                    .iter()
                    .any(|value| value.as_str() == "unauthenticated")
        });
        let mut draft = Draft::role(role.row, RULE.metadata.summary)
            .detail(match is_meant {
                true => format!(
                    "guests of the identity pool `{pool}` can assume it, that is everybody: the policy asks for `unauthenticated`"
                ),
                false => format!(
                    "guests of the identity pool `{pool}` can assume it as well, if the pool lets guests in, that is everybody"
                ),
            })
            .evidence("trust policy", role.statements_in_words(&way.statements))
            .remediation(match is_meant {
                true => "Check that the role may do nothing that is not meant for everybody, or turn guest access off.".to_owned(),
                false => format!(
                    "Ask for users who signed in: `\"ForAnyValue:StringLike\": {{\"{}\": \"authenticated\"}}`.",
                    provider.key("amr")
                ),
            });
        pool.clone_into(&mut draft.discriminator);
        draft.severity = Some(match is_meant {
            true => Severity::Low,
            false => Severity::Medium,
        });
        judged.output.find(draft);
    }
}
