//! The rules about trust, over one inventory of roles: each role's name says what its trust policy does.

mod accounts;
mod corpus;
mod identity_providers;
mod narrowing;
mod shared_issuers;
mod strangers;
mod subjects_twin;

use crate::made_up::{STRANGER, VENDOR, World};

const RULES: &[&str] = &[
    "public-trust",
    "cross-account-trust",
    "confused-deputy",
    "oidc-without-subject",
    "oidc-wide-subject",
    "saml-without-audience",
    "trusts-deleted-principal",
];

const ASSUME: &str = "sts:AssumeRole";
const WEB: &str = "sts:AssumeRoleWithWebIdentity";

fn statement(effect: &str, principal: &str, action: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        other => format!(r#","Condition":{{{other}}}"#),
    };
    format!(r#"{{"Effect":"{effect}",{principal},"Action":"{action}"{condition}}}"#)
}

fn document(statements: &[String]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

/// A trust policy of one Allow.
fn allow(principal: &str, action: &str, condition: &str) -> String {
    document(&[statement(
        "Allow",
        &format!(r#""Principal":{principal}"#),
        action,
        condition,
    )])
}

/// A trust policy of an Allow without a condition, and a Deny for everyone under one.
fn allow_but_deny(principal: &str, action: &str, condition: &str) -> String {
    document(&[
        statement("Allow", &format!(r#""Principal":{principal}"#), action, ""),
        statement("Deny", r#""Principal":"*""#, action, condition),
    ])
}

fn account(id: &str) -> String {
    format!(r#"{{"AWS":"arn:aws:iam::{id}:root"}}"#)
}

fn judge(roles: &[(&str, String)]) -> String {
    let mut world = World::in_organization();
    world.settings = format!(
        "[trust]\nown_accounts = [\"222233334444\"]\nthird_party_accounts = [\"{VENDOR}\"]\norganizations = [\"o-sister00000\"]\n"
    );
    for (name, trust) in roles {
        world.role(name, Some(trust));
    }
    world.judge(RULES)
}

fn provider(issuer: &str) -> String {
    format!(r#"{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{issuer}"}}"#)
}

const GITHUB: &str = "token.actions.githubusercontent.com";

#[test]
fn what_is_missing_is_said() {
    let mut world = World::new();
    world.role("not-collected", None);
    world.role("not-readable", Some("{"));
    world.role("stranger", Some(&allow(&account(STRANGER), ASSUME, "")));
    world.role(
        "organization",
        Some(&allow(
            r#""*""#,
            ASSUME,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#,
        )),
    );
    insta::assert_snapshot!(
        world.judge(&["public-trust", "cross-account-trust"]),
        @r#"
    stranger: cross-account-trust medium medium: principals of the account 555566667777 can assume it; no organization was collected, so it cannot be told whether the account is of it
    not checked: cross-account-trust: no organization was collected, so it cannot be told whether `o-ours000000` is yours; it bears on who may assume roles, such as those of `organization`
    not checked: cross-account-trust: the trust policy was not collected, or cannot be read, of `not-collected`, `not-readable`
    not checked: public-trust: the trust policy was not collected, or cannot be read, of `not-collected`, `not-readable`
    "#
    );
    let mut nothing = World::new();
    nothing.sources.clear();
    insta::assert_snapshot!(nothing.judge(&["public-trust"]), @"not checked: public-trust: no roles were collected (authorization details)");
}

#[test]
fn remedies_are_ready_to_be_pasted() {
    let mut world = World::in_organization();
    for (name, trust) in [
        ("public", allow(r#""*""#, ASSUME, "")),
        ("stranger", allow(&account(STRANGER), ASSUME, "")),
        (
            "states",
            allow(r#"{"Service":"states.amazonaws.com"}"#, ASSUME, ""),
        ),
        ("github", allow(&provider(GITHUB), WEB, "")),
        (
            "saml",
            allow(
                r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#,
                "sts:AssumeRoleWithSAML",
                "",
            ),
        ),
    ] {
        world.role(name, Some(&trust));
    }
    let outcome = world.audit(RULES);
    let lines: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.rule, finding.remediation))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    oidc-without-subject: Ask for the subject that is meant. `"Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:OWNER/REPOSITORY:ref:refs/heads/main"}}`
    public-trust: Name the principals, or add a condition to the statement that a stranger cannot meet. For the principals of your organization that is `"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-ours000000"}}`.
    confused-deputy: Add a condition to the statement. Let the third party give you an external id that it uses for you alone: `"Condition": {"StringEquals": {"sts:ExternalId": "ID_FROM_THE_THIRD_PARTY"}}`. If the account is yours, list it under `trust.own_accounts`.
    cross-account-trust: Find out whose account it is. If it should have access, list it in `leastgrant.toml` under `trust.own_accounts` or `trust.third_party_accounts`; else take it out of the trust policy.
    confused-deputy: Add a condition to the statement. `"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": "arn:aws:states:*:111122223333:*"}}`, with the ARN of what uses the role where there is one only.
    saml-without-audience: Ask for AWS's sign-in endpoint. `"Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}`
    "#);
}
