//! `public-trust`: role can be assumed from any AWS account.

use std::collections::BTreeSet;

use super::trusted_roles::{self, Judged, keys_in_words};
use super::{Check, Rule};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::trust::{TrustedRole, accounts, identity_provider};
use crate::{Confidence, RuleMetadata, Severity};

/// The rule's id.
pub const ID: &str = "public-trust";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Critical,
        worst_severity: Severity::Critical,
        summary: "Role can be assumed from any AWS account",
        what_it_does: "Reports roles whose trust policy lets a principal in whom it does not name, of an account and an organization that nobody knows. It asks the policy with made-up callers: Deny statements, resource control policies and all conditions count. `\"Principal\": \"*\"` with `StringEquals` on `aws:PrincipalOrgID` is no finding; with `StringLike` `*`, with `...IfExists` or `ForAllValues` on a key that a stranger's request does not have, or with a key that the caller chooses (a tag, a session name, the name of the caller's role in `aws:PrincipalArn`) it is. So are a range of addresses of /8 or wider (/16 for IPv6), a pattern of accounts such as `1*`, and one of organizations. `*` with `sts:AssumeRoleWithWebIdentity` lets users of Google, Facebook, Login with Amazon and Cognito in without a provider in the account. If an external id is asked for, or only SAML assertions let anybody in, severity is high.",
        why_it_is_bad: "Whoever has an AWS account, and knows the role's ARN, has its rights.",
        evidence_needed: "Trust policies (GetAccountAuthorizationDetails or GetRole); resource control policies of the organization where there are any.",
        limits: "Ranges of addresses that are narrower than that are taken to be your own. Whether a SAML provider of another account can be used is not sure, so confidence is medium. Conditions on keys that this rule does not know are taken to be met, with medium confidence.",
        remediation: "Name the principals, or add a condition to the statement that a stranger cannot meet.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    trusted_roles::for_each(context, output, |role, judged| {
        judge(context, role, judged);
    });
}

fn judge(context: &PolicyContext<'_>, role: &TrustedRole<'_>, judged: &mut Judged<'_>) {
    let admission = accounts::admits_everybody(role);
    let of_accounts = judged.way(role, admission);
    let mut by_tokens = Vec::new();
    let mut statements = BTreeSet::new();
    for (who, admission) in identity_provider::admits_everybody(role) {
        if let Some(way) = judged.way(role, admission) {
            by_tokens.push(who);
            statements.extend(way.statements);
        }
    }
    let mut severity = Severity::High;
    let mut confidence = Confidence::Medium;
    if by_tokens.len() > 1 {
        // A SAML provider of somebody else's may have to be of the role's account; the issuers that IAM knows do not.
        severity = Severity::Critical;
        confidence = Confidence::High;
    }
    let mut who = Vec::new();
    if let Some(way) = of_accounts {
        who.push(format!(
            "principals of any AWS account can assume it{}",
            keys_in_words(&way)
        ));
        statements.extend(&way.statements);
        if !way.needs_external_id() {
            severity = Severity::Critical;
        }
        if way.keys.is_empty() {
            confidence = Confidence::High;
        }
    }
    if !by_tokens.is_empty() {
        who.push(format!("{} can assume it", joined(&by_tokens)));
    }
    if who.is_empty() {
        return;
    }
    let organization = trusted_roles::organization(context).unwrap_or("YOUR_ORGANIZATION_ID");
    let mut draft = Draft::role(role.row, RULE.metadata.summary)
        .detail(who.join("; "))
        .evidence("trust policy", role.statements_in_words(&statements))
        .remediation(format!(
            "{} For the principals of your organization that is `\"Condition\": {{\"StringEquals\": {{\"aws:PrincipalOrgID\": \"{organization}\"}}}}`.",
            RULE.metadata.remediation
        ));
    draft.severity = Some(severity);
    draft.confidence = confidence;
    judged.output.find(draft);
}

/// Whom tokens let in, with what they have in common said once.
fn joined(who: &[String]) -> String {
    const COMMON: &str = "users of any application of ";
    let (of_applications, others): (Vec<&str>, Vec<&str>) = who
        .iter()
        .map(String::as_str)
        .partition(|own| own.starts_with(COMMON));
    let names: Vec<&str> = of_applications
        .iter()
        .filter_map(|own| own.strip_prefix(COMMON))
        .collect();
    let mut words =
        Vec::from_iter((!names.is_empty()).then(|| format!("{COMMON}{}", names.join(", "))));
    words.extend(others.into_iter().map(str::to_owned));
    words.join(", and ")
}
