//! Principals of other accounts, and services.

use super::{ASSUME, account, allow, allow_but_deny, document, judge, statement};
use crate::made_up::{NEIGHBOUR, STRANGER, VENDOR};

#[test]
fn everybody_is_let_in_or_kept_out() {
    let star = r#"{"AWS":"*"}"#;
    let one = |condition: &str| allow(star, ASSUME, condition);
    let roles = [
        ("star", one("")),
        ("star-written-short", allow(r#""*""#, ASSUME, "")),
        (
            "safe-own-organization",
            one(r#""StringEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#),
        ),
        (
            "safe-sister-organization",
            one(r#""StringEquals":{"aws:PrincipalOrgID":"o-sister00000"}"#),
        ),
        (
            "any-organization",
            one(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#),
        ),
        (
            "any-organization-by-null",
            one(r#""Null":{"aws:PrincipalOrgID":"false"}"#),
        ),
        (
            "no-organization-by-if-exists",
            one(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-ours000000"}"#),
        ),
        (
            "no-organization-by-for-all-values",
            one(r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-ours000000/*"}"#),
        ),
        (
            "safe-for-any-value",
            one(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-ours000000/*"}"#),
        ),
        (
            "safe-deny-outside",
            allow_but_deny(
                star,
                ASSUME,
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#,
            ),
        ),
        (
            "deny-that-spares-who-is-in-none",
            allow_but_deny(
                star,
                ASSUME,
                r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-ours000000"},"Null":{"aws:PrincipalOrgID":"false"}"#,
            ),
        ),
        (
            "external-id",
            one(r#""StringEquals":{"sts:ExternalId":"s3cret"}"#),
        ),
        (
            "tag-of-the-caller",
            one(r#""StringEquals":{"aws:PrincipalTag/team":"blue"}"#),
        ),
        (
            "name-in-any-account",
            one(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/deploy-*"}"#),
        ),
        (
            "safe-name-in-own-account",
            one(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/deploy-*"}"#),
        ),
        (
            "account-by-condition",
            one(r#""StringEquals":{"aws:PrincipalAccount":["555566667777","111122223333"]}"#),
        ),
        (
            "other-organization",
            one(r#""StringEquals":{"aws:PrincipalOrgID":"o-other000000"}"#),
        ),
        (
            "safe-address",
            one(r#""IpAddress":{"aws:SourceIp":"198.51.100.0/24"}"#),
        ),
        (
            "any-address",
            one(r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#),
        ),
        (
            "safe-endpoint",
            one(r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#),
        ),
        (
            "safe-over",
            one(r#""DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#),
        ),
        (
            "all-but-one",
            document(&[statement(
                "Allow",
                r#""NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"}"#,
                ASSUME,
                "",
            )]),
        ),
        ("safe-other-action", allow(star, "sts:TagSession", "")),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    account-by-condition: confused-deputy medium high: the account 555566667777 can assume it without an external id
    account-by-condition: cross-account-trust medium high: principals of the account 555566667777 can assume it
    all-but-one: public-trust critical high: principals of any AWS account can assume it
    any-address: public-trust critical high: principals of any AWS account can assume it
    any-organization-by-null: public-trust critical high: principals of any AWS account can assume it
    any-organization: public-trust critical high: principals of any AWS account can assume it
    deny-that-spares-who-is-in-none: public-trust critical high: principals of any AWS account can assume it
    external-id: public-trust high medium: principals of any AWS account can assume it, if they know the external id
    name-in-any-account: public-trust critical high: principals of any AWS account can assume it
    no-organization-by-for-all-values: public-trust critical high: principals of any AWS account can assume it
    no-organization-by-if-exists: public-trust critical high: principals of any AWS account can assume it
    other-organization: cross-account-trust medium high: principals of any account of the organization `o-other000000` can assume it
    star-written-short: public-trust critical high: principals of any AWS account can assume it
    star: public-trust critical high: principals of any AWS account can assume it
    tag-of-the-caller: public-trust critical medium: principals of any AWS account can assume it, if their request has the right `aws:principaltag/team`
    "#);
}

#[test]
fn other_accounts_are_known_or_not_and_need_an_external_id() {
    let vendor = account(VENDOR);
    let stranger = account(STRANGER);
    let roles = [
        ("safe-neighbour", allow(&account(NEIGHBOUR), ASSUME, "")),
        (
            "safe-own-by-settings",
            allow(&account("222233334444"), ASSUME, ""),
        ),
        ("stranger", allow(&stranger, ASSUME, "")),
        (
            "stranger-by-digits",
            allow(r#"{"AWS":"555566667777"}"#, ASSUME, ""),
        ),
        (
            "stranger-by-role",
            allow(
                r#"{"AWS":"arn:aws:iam::555566667777:role/service"}"#,
                ASSUME,
                "",
            ),
        ),
        (
            "stranger-with-external-id",
            allow(
                &stranger,
                ASSUME,
                r#""StringEquals":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        (
            "stranger-from-an-address",
            allow(
                &stranger,
                ASSUME,
                r#""IpAddress":{"aws:SourceIp":"198.51.100.0/24"},"StringEquals":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        (
            "safe-stranger-denied",
            allow_but_deny(
                &stranger,
                ASSUME,
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#,
            ),
        ),
        (
            "safe-vendor",
            allow(
                &vendor,
                ASSUME,
                r#""StringEquals":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        ("vendor-without-external-id", allow(&vendor, ASSUME, "")),
        (
            "vendor-with-external-id-if-exists",
            allow(
                &vendor,
                ASSUME,
                r#""StringEqualsIfExists":{"sts:ExternalId":"s3cret"}"#,
            ),
        ),
        (
            "safe-vendor-with-mfa",
            allow(
                &vendor,
                ASSUME,
                r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            ),
        ),
        (
            "vendor-with-mfa-if-exists",
            allow(
                &vendor,
                ASSUME,
                r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#,
            ),
        ),
        (
            "deleted",
            allow(
                r#"{"AWS":["AIDAQQQQQQQQQQQQQQQQQ","arn:aws:iam::111122223333:user/ann"]}"#,
                ASSUME,
                "",
            ),
        ),
        (
            "deleted-alone",
            allow(r#"{"AWS":"AROAQQQQQQQQQQQQQQQQQ"}"#, ASSUME, ""),
        ),
        (
            "safe-deleted-denied",
            document(&[statement(
                "Deny",
                r#""Principal":{"AWS":"AIDAQQQQQQQQQQQQQQQQQ"}"#,
                ASSUME,
                "",
            )]),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    deleted-alone: trusts-deleted-principal low high: it trusts `AROAQQQQQQQQQQQQQQQQQ`, the id of a role that was deleted, and nobody else
    deleted: trusts-deleted-principal low high: it trusts `AIDAQQQQQQQQQQQQQQQQQ`, the id of a user that was deleted, and one other principal
    stranger-by-digits: confused-deputy medium high: the account 555566667777 can assume it without an external id
    stranger-by-digits: cross-account-trust medium high: principals of the account 555566667777 can assume it
    stranger-by-role: confused-deputy medium high: the account 555566667777 can assume it without an external id
    stranger-by-role: cross-account-trust medium high: principals of the account 555566667777 can assume it
    stranger-from-an-address: cross-account-trust medium high: principals of the account 555566667777 can assume it, if they know the external id, if their request has the right `aws:sourceip`
    stranger-with-external-id: cross-account-trust medium high: principals of the account 555566667777 can assume it, if they know the external id
    stranger: confused-deputy medium high: the account 555566667777 can assume it without an external id
    stranger: cross-account-trust medium high: principals of the account 555566667777 can assume it
    vendor-with-external-id-if-exists: confused-deputy medium high: the account 999988887777 can assume it without an external id
    vendor-with-mfa-if-exists: confused-deputy medium high: the account 999988887777 can assume it without an external id
    vendor-without-external-id: confused-deputy medium high: the account 999988887777 can assume it without an external id
    "#);
}

#[test]
fn services_say_for_whom_they_call_where_aws_documents_it() {
    let states = r#"{"Service":"states.amazonaws.com"}"#;
    let one = |condition: &str| allow(states, ASSUME, condition);
    let roles = [
        (
            "safe-ec2-and-lambda",
            allow(
                r#"{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}"#,
                ASSUME,
                "",
            ),
        ),
        ("states", one("")),
        (
            "states-of-a-region",
            allow(
                r#"{"Service":"states.eu-west-1.amazonaws.com"}"#,
                ASSUME,
                "",
            ),
        ),
        (
            "safe-source-account",
            one(r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#),
        ),
        (
            "safe-source-arn",
            one(r#""ArnLike":{"aws:SourceArn":"arn:aws:states:*:111122223333:stateMachine:*"}"#),
        ),
        (
            "source-arn-of-any-account",
            one(r#""ArnLike":{"aws:SourceArn":"arn:aws:states:*:*:stateMachine:x*"}"#),
        ),
        (
            "safe-source-organization",
            one(r#""StringEquals":{"aws:SourceOrgID":"o-ours000000"}"#),
        ),
        (
            "source-organization-if-exists",
            one(r#""StringEqualsIfExists":{"aws:SourceOrgID":"o-ours000000"}"#),
        ),
        (
            "safe-source-denied",
            allow_but_deny(
                states,
                ASSUME,
                r#""StringNotEquals":{"aws:SourceAccount":"111122223333"}"#,
            ),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    source-arn-of-any-account: confused-deputy low medium: the service `states.amazonaws.com` can assume it, for whomever it calls
    source-organization-if-exists: confused-deputy low medium: the service `states.amazonaws.com` can assume it, for whomever it calls
    states-of-a-region: confused-deputy low medium: the service `states.eu-west-1.amazonaws.com` can assume it, for whomever it calls
    states: confused-deputy low medium: the service `states.amazonaws.com` can assume it, for whomever it calls
    "#);
}
