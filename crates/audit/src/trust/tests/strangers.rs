//! What a stranger has and has not, by the rules that a role is found by.

use crate::made_up::{STRANGER, World};

use super::{
    ASSUME, GITHUB, RULES, WEB, account, allow, allow_but_deny, document, judge, provider,
    statement,
};

/// The rules with severity and confidence that find a role of this trust policy, in the order of the report.
fn found(trust: String) -> Vec<String> {
    in_short(&judge(&[("r", trust)]))
}

/// The same of a world with such a role.
pub(super) fn found_in(world: World) -> Vec<String> {
    in_short(&world.judge(RULES))
}

fn in_short(told: &str) -> Vec<String> {
    told.lines()
        .map(|line| line.strip_prefix("r: ").unwrap_or(line))
        .map(|line| line.split(':').next().unwrap_or_default().to_owned())
        .collect()
}

pub(super) fn everybody(condition: &str) -> String {
    allow(r#""*""#, ASSUME, condition)
}

fn github(condition: &str) -> String {
    allow(&provider(GITHUB), WEB, &condition.replace("GH", GITHUB))
}

pub(super) fn assert_found(cases: &[(&str, String, &[&str])]) {
    for (name, trust, expected) in cases {
        assert_eq!(found(trust.clone()), *expected, "{name}");
    }
}

const PUBLIC: &[&str] = &["public-trust critical high"];

#[test]
fn no_stranger_has_what_aws_sets() {
    let nobody: &[&str] = &[];
    assert_found(&[
        (
            "own resource",
            everybody(r#""StringEquals":{"aws:ResourceAccount":"111122223333"}"#),
            PUBLIC,
        ),
        (
            "other resource",
            everybody(r#""StringEquals":{"aws:ResourceAccount":"444455556666"}"#),
            nobody,
        ),
        (
            "own organization's resource",
            everybody(r#""StringEquals":{"aws:ResourceOrgID":"o-ours000000"}"#),
            PUBLIC,
        ),
        (
            "user id",
            everybody(r#""StringLike":{"aws:userid":"AROAQQQQQQQQQQQQQQQQQ:*"}"#),
            nobody,
        ),
        (
            "session name",
            everybody(r#""StringLike":{"aws:userid":"*:deploy"}"#),
            &["public-trust critical medium"],
        ),
        (
            "service",
            everybody(r#""StringEquals":{"aws:PrincipalServiceName":"ec2.amazonaws.com"}"#),
            nobody,
        ),
        (
            "instance",
            everybody(
                r#""ArnEquals":{"ec2:SourceInstanceARN":"arn:aws:ec2:us-east-1:111122223333:instance/i-1"}"#,
            ),
            nobody,
        ),
        (
            "any instance",
            everybody(r#""ArnLike":{"ec2:SourceInstanceARN":"arn:aws:ec2:*:*:instance/*"}"#),
            PUBLIC,
        ),
        (
            "function",
            everybody(
                r#""ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:f"}"#,
            ),
            nobody,
        ),
        (
            "no instance",
            everybody(r#""Null":{"ec2:SourceInstanceARN":"true"}"#),
            PUBLIC,
        ),
        (
            "transport",
            everybody(r#""Bool":{"aws:SecureTransport":"true"}"#),
            PUBLIC,
        ),
        (
            "no transport",
            everybody(r#""Bool":{"aws:SecureTransport":"false"}"#),
            nobody,
        ),
    ]);
}

#[test]
fn an_account_outside_is_not_of_the_own_organization() {
    let own = r#""StringEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#;
    let other = own.replace("ours0", "other");
    let stranger = account(STRANGER);
    assert_found(&[
        ("own", allow(&stranger, ASSUME, own), &[]),
        (
            "other",
            allow(&stranger, ASSUME, &other),
            &[
                "confused-deputy medium high",
                "cross-account-trust medium high",
            ],
        ),
        // A Deny for all but some lets these in.
        (
            "denied but",
            allow_but_deny(
                r#""*""#,
                ASSUME,
                &format!(r#""StringNotEquals":{{"aws:PrincipalAccount":"{STRANGER}"}}"#),
            ),
            &[
                "confused-deputy medium high",
                "cross-account-trust medium high",
            ],
        ),
    ]);
}

#[test]
fn an_external_id_that_may_be_anything_is_none() {
    let with = |condition: &str| allow(&account(STRANGER), ASSUME, condition);
    let deputy: &[&str] = &[
        "confused-deputy medium high",
        "cross-account-trust medium high",
    ];
    assert_found(&[
        (
            "star",
            with(r#""StringLike":{"sts:ExternalId":"*"}"#),
            deputy,
        ),
        (
            "two",
            with(r#""StringLike":{"sts:ExternalId":"??"}"#),
            deputy,
        ),
        (
            "long",
            with(r#""StringLike":{"sts:ExternalId":"????????*"}"#),
            deputy,
        ),
        (
            "present",
            with(r#""Null":{"sts:ExternalId":"false"}"#),
            deputy,
        ),
        (
            "agreed",
            with(r#""StringEquals":{"sts:ExternalId":"a-long-secret"}"#),
            &["cross-account-trust medium high"],
        ),
    ]);
}

#[test]
fn an_organization_that_was_not_collected_is_still_no_stranger_s() {
    let found = |condition: &str| {
        let mut world = World::new();
        world.role("r", Some(&everybody(condition)));
        found_in(world)
    };
    let nobody: [&str; 0] = [];
    let own = r#""StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#;
    assert_eq!(found(own), nobody);
    // Which organisation the role is of would have to be known.
    let named = r#""StringEquals":{"aws:ResourceOrgID":"o-ours000000"}"#;
    assert_eq!(found(named), ["public-trust critical medium"]);
}

#[test]
fn an_external_id_that_must_be_missing_need_not_be_known() {
    let trust = |condition| allow(&account(STRANGER), ASSUME, condition);
    let none = trust(r#""Null":{"sts:ExternalId":"true"}"#);
    let any = trust(r#""Null":{"sts:ExternalId":"false"}"#);
    insta::assert_snapshot!(judge(&[("none", none), ("any", any)]), @r#"
    any: confused-deputy medium high: the account 555566667777 can assume it with an external id that nobody agreed on
    any: cross-account-trust medium high: principals of the account 555566667777 can assume it, if they know the external id
    none: confused-deputy medium high: the account 555566667777 can assume it without an external id
    none: cross-account-trust medium high: principals of the account 555566667777 can assume it
    "#);
}

#[test]
fn services_are_of_no_organization_and_can_call_for_accounts_that_are_named() {
    let service = |name: &str, condition: &str| {
        let service = format!(r#"{{"Service":"{name}.amazonaws.com"}}"#);
        allow(&service, ASSUME, condition)
    };
    let roles = [
        (
            "safe-of-the-organization",
            service(
                "states",
                r#""StringEquals":{"aws:PrincipalOrgID":"o-ours000000"}"#,
            ),
        ),
        (
            "for-a-stranger",
            service(
                "states",
                r#""StringEquals":{"aws:SourceAccount":"555566667777"}"#,
            ),
        ),
        (
            "for-a-stranger-s-topic",
            service(
                "sns",
                r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:555566667777:x"}"#,
            ),
        ),
        (
            "for-an-organization",
            service(
                "states",
                r#""StringEquals":{"aws:SourceOrgID":"o-other000000"}"#,
            ),
        ),
        (
            "for-an-organization-s-part",
            service(
                "states",
                r#""ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-other000000/r-ab12/ou-ab12-11111111/*"}"#,
            ),
        ),
        (
            "for-an-account-of-an-organization",
            service(
                "states",
                r#""StringEquals":{"aws:SourceAccount":"555566667777","aws:SourceOrgID":"o-other000000"}"#,
            ),
        ),
        (
            "for-an-owner",
            service("s3", r#""StringEquals":{"aws:SourceOwner":"555566667777"}"#),
        ),
        (
            "safe-functions-are-of-the-own-account",
            service(
                "lambda",
                r#""StringEquals":{"aws:SourceAccount":"555566667777"}"#,
            ),
        ),
        (
            "safe-for-one-s-own",
            service(
                "states",
                r#""StringEquals":{"aws:SourceAccount":"444455556666"}"#,
            ),
        ),
        (
            "safe-for-a-vendor",
            service(
                "states",
                r#""StringEquals":{"aws:SourceAccount":"999988887777"}"#,
            ),
        ),
        (
            "safe-for-both-at-once",
            service(
                "states",
                r#""StringEquals":{"aws:SourceAccount":"555566667777","aws:SourceOrgID":"o-ours000000"}"#,
            ),
        ),
    ];
    insta::assert_snapshot!(judge(&roles), @r#"
    for-a-stranger-s-topic: cross-account-trust medium high: the service `sns.amazonaws.com` can assume it for what the account 555566667777 has there
    for-a-stranger: cross-account-trust medium high: the service `states.amazonaws.com` can assume it for what the account 555566667777 has there
    for-an-account-of-an-organization: cross-account-trust medium high: the service `states.amazonaws.com` can assume it for what the account 555566667777 has there
    for-an-organization-s-part: cross-account-trust medium high: the service `states.amazonaws.com` can assume it for what the organization `o-other000000` has there
    for-an-organization: cross-account-trust medium high: the service `states.amazonaws.com` can assume it for what the organization `o-other000000` has there
    for-an-owner: cross-account-trust medium high: the service `s3.amazonaws.com` can assume it for what the account 555566667777 has there
    "#);
}

#[test]
fn who_runs_jobs_chooses_branches_and_the_like() {
    let without: &[&str] = &["oidc-without-subject critical high"];
    assert_found(&[
        (
            "ref",
            github(r#""StringEquals":{"GH:ref":"refs/heads/main"}"#),
            without,
        ),
        (
            "environment",
            github(r#""StringEquals":{"GH:environment":"prod"}"#),
            without,
        ),
        (
            "issuer",
            github(&format!(
                r#""StringEquals":{{"GH:iss":"https://{GITHUB}"}}"#
            )),
            without,
        ),
        (
            "machines",
            github(r#""IpAddress":{"aws:SourceIp":"20.1.2.0/24"}"#),
            &["oidc-without-subject critical medium"],
        ),
        (
            "repository",
            github(r#""StringEquals":{"GH:repository":"o/r"}"#),
            &["oidc-wide-subject low high"],
        ),
        (
            "any owner's environment",
            github(r#""StringLike":{"GH:sub":"repo:*"},"StringEquals":{"GH:environment":"prod"}"#),
            &["oidc-wide-subject critical high"],
        ),
        (
            "subjects of a Deny",
            document(&[
                statement(
                    "Allow",
                    &format!(r#""Principal":{}"#, provider(GITHUB)),
                    WEB,
                    "",
                ),
                statement(
                    "Deny",
                    r#""Principal":"*""#,
                    WEB,
                    &format!(r#""StringNotLike":{{"{GITHUB}:sub":"repo:my-org/*"}}"#),
                ),
            ]),
            &["oidc-wide-subject medium high"],
        ),
    ]);
}

#[test]
fn issuers_may_end_in_a_slash() {
    let issuer = "tenant.eu.auth0.com/";
    let with = |claim: &str| {
        allow(
            &provider(issuer),
            WEB,
            &format!(r#""StringEquals":{{"{issuer}:{claim}":"x"}}"#),
        )
    };
    assert_found(&[
        (
            "audience",
            with("aud"),
            &["oidc-without-subject medium high"],
        ),
        ("subject", with("sub"), &[]),
    ]);
}

#[test]
fn a_pool_that_is_named_twice_is_one_finding() {
    let pool = "eu-west-1:00000000-0000-0000-0000-000000000000";
    let cognito = "cognito-identity.amazonaws.com";
    let trust = allow(
        &format!(r#"{{"Federated":"{cognito}"}}"#),
        WEB,
        &format!(r#""StringEquals":{{"{cognito}:aud":["{pool}","{pool}"]}}"#),
    );
    assert_found(&[("twice", trust, &["oidc-wide-subject medium high"])]);
}

#[test]
fn code_deploy_is_asked_for_the_account_only() {
    let mut world = World::in_organization();
    let service = r#"{"Service":"codedeploy.amazonaws.com"}"#;
    world.role("r", Some(&allow(service, ASSUME, "")));
    let outcome = world.audit(RULES);
    let remedies: Vec<&str> = outcome
        .findings
        .iter()
        .map(|finding| finding.remediation.as_str())
        .collect();
    assert_eq!(
        remedies,
        [
            r#"Add a condition to the statement. `"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}`."#
        ]
    );
}
