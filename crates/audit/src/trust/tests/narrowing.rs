//! Conditions that seem to narrow who may assume a role, and do not; and what `*` lets in besides accounts.

use leastgrant_inventory::tables::IdentityProviderRow;

use super::strangers::{assert_found, everybody, found_in};
use super::{ASSUME, GITHUB, WEB, account, allow, allow_but_deny};
use crate::made_up::{ACCOUNT, STRANGER, World};

const PUBLIC: &[&str] = &["public-trust critical high"];
const NOBODY: &[&str] = &[];
const ORGANIZATION: &[&str] = &["cross-account-trust medium high"];

#[test]
fn wide_ranges_of_addresses_are_no_narrowing() {
    let from = |ranges: &str| everybody(&format!(r#""IpAddress":{{"aws:SourceIp":{ranges}}}"#));
    assert_found(&[
        ("any of IPv6", from(r#""::/0""#), PUBLIC),
        ("a country of IPv6", from(r#""2600::/16""#), PUBLIC),
        ("a network of IPv6", from(r#""2600:1234::/32""#), NOBODY),
        ("a quarter", from(r#"["64.0.0.0/2","0.0.0.0/5"]"#), PUBLIC),
        ("cloud", from(r#"["3.0.0.0/8","52.0.0.0/6"]"#), PUBLIC),
        ("private", from(r#"["10.0.0.0/8","172.16.0.0/12"]"#), NOBODY),
        ("an office", from(r#""198.51.100.0/24""#), NOBODY),
        (
            "all but a wide range denied",
            allow_but_deny(
                r#""*""#,
                ASSUME,
                r#""NotIpAddress":{"aws:SourceIp":"52.0.0.0/8"}"#,
            ),
            PUBLIC,
        ),
    ]);
}

#[test]
fn patterns_of_accounts_and_organizations_leave_room_for_strangers() {
    let like = |key: &str, value: &str| {
        everybody(&format!(
            r#""ForAnyValue:StringLike":{{"{key}":"{value}"}}"#
        ))
    };
    let account_like = |value: &str| {
        everybody(&format!(
            r#""StringLike":{{"aws:PrincipalAccount":"{value}"}}"#
        ))
    };
    assert_found(&[
        ("accounts", account_like("1*"), PUBLIC),
        ("more digits", account_like("5555????????"), PUBLIC),
        ("no account", account_like("12345678901234*"), NOBODY),
        ("one's own", account_like(ACCOUNT), NOBODY),
        (
            "accounts in ARNs",
            everybody(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::55*:role/deploy"}"#),
            PUBLIC,
        ),
        (
            "organizations",
            everybody(r#""StringLike":{"aws:PrincipalOrgID":"o-a*"}"#),
            PUBLIC,
        ),
        ("paths", like("aws:PrincipalOrgPaths", "o-*/*"), PUBLIC),
        // AWS gives out the ids of units; nobody else has one's own.
        (
            "a unit of any organization",
            like("aws:PrincipalOrgPaths", "o-*/r-ab12/ou-ab12-11111111/*"),
            NOBODY,
        ),
        (
            "a unit of another organization",
            like(
                "aws:PrincipalOrgPaths",
                "o-other000000/r-abcd/ou-abcd-11111111/*",
            ),
            ORGANIZATION,
        ),
        (
            "a unit of one's own",
            like(
                "aws:PrincipalOrgPaths",
                "o-ours000000/r-abcd/ou-abcd-11111111/*",
            ),
            NOBODY,
        ),
        (
            "of an account, in a unit of another organization",
            allow(
                &account(STRANGER),
                ASSUME,
                r#""ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-other000000/r-abcd/ou-abcd-11111111/"}"#,
            ),
            &[
                "confused-deputy medium high",
                "cross-account-trust medium high",
            ],
        ),
    ]);
}

#[test]
fn a_service_that_calls_for_accounts_of_a_pattern_calls_for_others() {
    let states =
        |condition: &str| allow(r#"{"Service":"states.amazonaws.com"}"#, ASSUME, condition);
    let deputy: &[&str] = &["confused-deputy low medium"];
    assert_found(&[
        (
            "accounts",
            states(r#""StringLike":{"aws:SourceAccount":"1*"}"#),
            deputy,
        ),
        (
            "ARNs",
            states(r#""StringLike":{"aws:SourceArn":"*:stateMachine:*"}"#),
            deputy,
        ),
        (
            "own ARNs",
            states(r#""ArnLike":{"aws:SourceArn":"arn:aws:states:*:111122223333:stateMachine:*"}"#),
            NOBODY,
        ),
        (
            "pods",
            allow(
                r#"{"Service":"eks-fargate-pods.amazonaws.com"}"#,
                ASSUME,
                "",
            ),
            deputy,
        ),
    ]);
}

/// A world whose account has GitHub and a SAML provider.
fn with_providers(trust: &str) -> World {
    let mut world = World::in_organization();
    for (kind, name) in [("oidc", GITHUB), ("saml", "idp")] {
        world.data.identity_providers.push(IdentityProviderRow {
            account_id: ACCOUNT.to_owned(),
            arn: format!("arn:aws:iam::{ACCOUNT}:{kind}-provider/{name}"),
            kind: kind.to_owned(),
            ..IdentityProviderRow::default()
        });
    }
    world.role("r", Some(trust));
    world
}

#[test]
fn everybody_means_users_of_identity_providers_too() {
    let of = |trust: String| found_in(with_providers(&trust));
    assert_eq!(
        of(allow(r#""*""#, WEB, "")),
        [
            "oidc-without-subject critical high",
            "public-trust critical high"
        ]
    );
    assert_eq!(
        of(allow(r#""*""#, "sts:AssumeRoleWithSAML", "")),
        ["public-trust high medium", "saml-without-audience low high"]
    );
    let google = r#""StringEquals":{"accounts.google.com:aud":"1"}"#;
    assert_eq!(of(allow(r#""*""#, WEB, google)), [""; 0]);
    let github = format!(r#""StringLike":{{"{GITHUB}:sub":"repo:my-org/*"}}"#);
    assert_eq!(
        of(allow(r#""*""#, WEB, &github)),
        ["oidc-wide-subject medium high"]
    );
}
