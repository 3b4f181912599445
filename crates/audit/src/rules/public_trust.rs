//! `public-trust`: role can be assumed from any AWS account.

use super::trusted_roles::{self, Judged, keys_in_words};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::policy_facts::PolicyContext;
use crate::trust::{TrustedRole, accounts};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "public-trust";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Critical,
        summary: "Role can be assumed from any AWS account",
        what_it_does: "Reports roles whose trust policy lets a principal in whom it does not name, of an account and an organization that nobody knows. It asks the policy with made-up callers: Deny statements, resource control policies and all conditions count. `\"Principal\": \"*\"` with `StringEquals` on `aws:PrincipalOrgID` is no finding; with `StringLike` `*`, with `...IfExists` or `ForAllValues` on a key that a stranger's request does not have, or with a key that the caller chooses (a tag, a session name, the name of the caller's role in `aws:PrincipalArn`) it is. If an external id is asked for, severity is high.",
        why_it_is_bad: "Whoever has an AWS account, and knows the role's ARN, has its rights.",
        evidence_needed: "Trust policies (GetAccountAuthorizationDetails or GetRole); resource control policies of the organization where there are any.",
        limits: "Ranges of addresses are tried with a few public addresses only: a range that is wide and has none of them passes. Conditions on keys that this rule does not know are taken to be met, with medium confidence.",
        remediation: "Name the principals, or add a condition to the statement that a stranger cannot meet.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html",
        ],
    },
    judges_credentials: false,
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        judge(context, role, judged);
    });
}

fn judge(context: &PolicyContext<'_>, role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    let admission = accounts::admits_everybody(role);
    let Some(way) = judged.way(role, admission) else {
        return;
    };
    let organization = trusted_roles::organization(context).unwrap_or("YOUR_ORGANIZATION_ID");
    let mut draft = Draft::role(role.row, RULE.metadata.summary)
        .detail(format!(
            "principals of any AWS account can assume it{}",
            keys_in_words(&way)
        ))
        .evidence("trust policy", role.statements_in_words(&way.statements))
        .remediation(format!(
            "{} For the principals of your organization that is `\"Condition\": {{\"StringEquals\": {{\"aws:PrincipalOrgID\": \"{organization}\"}}}}`.",
            RULE.metadata.remediation
        ));
    if way.needs_external_id() {
        draft.severity = Some(Severity::High);
    }
    if !way.keys.is_empty() {
        draft.confidence = Confidence::Medium;
    }
    judged.output.find(draft);
}
