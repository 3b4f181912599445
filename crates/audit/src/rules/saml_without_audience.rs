//! `saml-without-audience`: role can be assumed with an assertion that was made for another service.

use super::trusted_roles;
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::trust::identity_provider;
use crate::{RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "saml-without-audience";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Role can be assumed with a SAML assertion that was made for another endpoint",
        what_it_does: "Reports roles that let a SAML provider's assertion in whatever endpoint it was made for (`SAML:aud`). The policy is asked with an endpoint that nobody has, so `StringLike` `*` is no condition, and any condition that this assertion does not meet is one.",
        why_it_is_bad: "An assertion that somebody took from another service of the same identity provider opens the role too.",
        evidence_needed: "Trust policies.",
        limits: "Conditions on other claims of the assertion are taken to be met. What the identity provider puts into assertions is not known.",
        remediation: "Ask for AWS's sign-in endpoint.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        for provider in identity_provider::saml_providers(role) {
            let admission = identity_provider::admits_other_audience(role, provider);
            let Some(way) = judged.way(role, admission) else {
                continue;
            };
            let endpoint = match role.partition() {
                "aws-cn" => "https://signin.amazonaws.cn/saml",
                "aws-us-gov" => "https://signin.amazonaws-us-gov.com/saml",
                _ => "https://signin.aws.amazon.com/saml",
            };
            let mut draft = Draft::role(role.row, RULE.metadata.summary)
                .detail(format!(
                    "assertions of `{provider}` that were made for any endpoint can assume it"
                ))
                .evidence("trust policy", role.statements_in_words(&way.statements))
                .remediation(format!(
                    "{} `\"Condition\": {{\"StringEquals\": {{\"SAML:aud\": \"{endpoint}\"}}}}`",
                    RULE.metadata.remediation
                ));
            provider.clone_into(&mut draft.discriminator);
            judged.output.find(draft);
        }
    });
}
