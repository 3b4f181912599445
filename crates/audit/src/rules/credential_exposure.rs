//! `credential-exposure`: principal can get credentials of any user, role or database.

use super::principals::{self, Wanted};
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::{RuleMetadata, Severity, action_lists};

/// The rule's id.
pub const ID: &str = "credential-exposure";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::High,
        worst_severity: Severity::High,
        summary: "Principal can get credentials of any user, role or database",
        what_it_does: "Reports users and roles that may call actions that return or make credentials, on any user, role or database, over all their policies and less every Deny, permissions boundary and organisation's policy. `iam:CreateAccessKey` on `*` is one; on `user/${aws:username}` it is none.",
        why_it_is_bad: "Credentials outlive the session that took them, and are used under another name.",
        evidence_needed: "Policies of users, groups and roles (authorization details). Boundaries, service and resource control policies count where they were collected.",
        limits: "A resource that stands in no policy is asked about, in the principal's own account and in any Region: rights on one Region only, or on a name that is common to all resources, are not counted. Resource tags in conditions count as missing, and conditions on MFA, addresses, times and the caller as met, which lowers the confidence. Actions that cannot be limited to a resource are none, but for `sts:AssumeRoot`, keys to APIs (`appsync:CreateApiKey`, `chime:CreateApiKey`), `finspace-api:GetProgrammaticAccessCredentials` and `lightsail:DownloadDefaultKeyPair`. Administrators are reported by `admin-access` alone; service-linked roles and the principals in `minimize.break_glass` are not reported. Which actions count is a list of ours; not on it are those that give nothing beyond the caller's own rights (`sts:GetSessionToken`, `sts:GetFederationToken`, `ecr:GetAuthorizationToken`) or need what its holder alone has (`cognito-identity:GetCredentialsForIdentity`, `license-manager:GetAccessToken`), and `apigateway:GET`, which reads all of that service. `sts:AssumeRole` on `*` reaches the roles that trust the account; each role's trust policy decides besides.",
        remediation: "Name the users, roles or databases in `Resource`; for users that care for their own keys that is `user/${aws:username}`.",
        references: &[
            "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_credentials_console.html",
        ],
    },
    check: Check::Policies(check),
};

fn check(context: &PolicyContext<'_>, output: &mut Output) {
    let wanted = Wanted {
        rule: &RULE,
        actions: action_lists::credentials(),
        words: "get credentials",
    };
    principals::report(context, &wanted, output);
}
