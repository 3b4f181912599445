//! `oidc-wide-subject`: role can be assumed from more places of an identity provider than one.

use std::collections::BTreeSet;

use super::trusted_roles::{self, Judged};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::policy_facts::PolicyContext;
use crate::trust::identity_provider::{self, COGNITO, Chosen, IdentityProvider};
use crate::trust::subject::{self, MOST_PATTERNS};
use crate::trust::{Admission, TrustedRole};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "oidc-wide-subject";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Medium,
        summary: "Role can be assumed by more than one place of an identity provider",
        what_it_does: "Says who can assume a role by a token of GitHub, GitLab, HCP Terraform, CircleCI, Buildkite or Kubernetes, where that is more than one project or branch. Critical: anybody, since the owner or organization is left open, as in `repo:*` or `repo:my-org*`, which `my-org-of-somebody-else` matches too. Medium: every repository, project or pipeline of one organization (`repo:my-org/*`). Low: every branch, tag, environment or pull request of one repository (`repo:my-org/app:*`), every workspace of a project, every service account of a namespace, and repositories whose names match a pattern. For Cognito identity pools: whether guests can, who have not signed in. `repo:my-org/app:ref:refs/heads/release-*` is no finding.",
        why_it_is_bad: "Whoever can push to any branch of any such repository has the role's rights, past all reviews of the main branch.",
        evidence_needed: "Trust policies.",
        limits: "Subjects are made up from the patterns and put to the policy, in the forms that the providers give them by default and GitHub's with ids (`repo:org@1/app@2:...`). A form of one's own, as GitHub lets organizations choose, is not taken apart. `StringEquals` takes `*` for a star, so `repo:my-org/*` under it lets nobody in and is no finding. Which of the branches are protected is not known.",
        remediation: "Name the repository and the branch or environment whose workflows need the role.",
        references: &[
            "https://docs.github.com/en/actions/reference/security/oidc",
            "https://docs.gitlab.com/ci/cloud_services/aws/",
            "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration",
            "https://circleci.com/docs/openid-connect-tokens/",
            "https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html",
        ],
    },
    judges_credentials: false,
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        for provider in identity_provider::providers(role) {
            // Without any subject there is nothing to be wide.
            if provider.admits_strangers(role).is_admitted() {
                continue;
            }
            match provider.issuer {
                COGNITO => of_guests(role, &provider, judged),
                _ => of_subjects(role, &provider, judged),
            }
        }
    });
}

fn of_subjects(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>, judged: &mut Judged<'_>) {
    let breadth = subject::breadth(role, provider);
    if breadth.is_cut {
        judged.not_known(
            role,
            format!("only {MOST_PATTERNS} patterns of subjects are looked at"),
        );
    }
    judged.way(role, Admission::Unknown(breadth.unknowns));
    let Some(widest) = breadth.wide.first() else {
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

/// How many patterns are shown as evidence.
const MOST_SHOWN: usize = 5;

/// An identity pool can give tokens to guests; the claim `amr` says whether its user signed in.
fn of_guests(role: &TrustedRole<'_>, provider: &IdentityProvider<'_>, judged: &mut Judged<'_>) {
    let guest = leastgrant_policy::ContextValue::Many(vec!["unauthenticated".to_owned()]);
    // A pool that is named twice is one finding.
    let pools: BTreeSet<&str> = role.values_of(&provider.key("aud")).collect();
    for pool in pools {
        let audience = leastgrant_policy::ContextValue::One(pool.to_owned());
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
