//! Rights of principals that are too wide: with Denies, conditions, boundaries and the organisation's policies.

use insta::assert_snapshot;

use super::who;
use crate::testing::{World, allow, arn, deny, statement};

const WITH_MFA: &str = r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
const WITHOUT_MFA: &str = r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#;
const BY_TAG: &str = r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#;
const BUT_BY_TAG: &str =
    r#"{"StringNotEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#;

/// The same cases for rights of any kind on what has names.
fn cases(actions: &str, one: &str, all: &str, others: &str) -> World {
    let mut world = World::new();
    // A wildcard, as `*` and as what is all of its kind; with a `?` in the action.
    world.inline("user/star", &[allow(actions, "*")]);
    world.inline("user/all-of-a-kind", &[allow(actions, all)]);
    let (first, rest) = actions.split_at(actions.len() - 1);
    assert_eq!(rest.len(), 1);
    world.inline("user/question-mark", &[allow(&format!("{first}?"), "*")]);
    world.inline("user/all-but-one", &[allow(actions, &format!("!{one}"))]);
    // One thing, by its name.
    world.inline("user/named", &[allow(actions, one)]);
    world.inline(
        "user/variable",
        &[allow(actions, &format!("{one}-${{aws:username}}"))],
    );
    // A Deny of all closes it, one of a part does not, and one of all but a part does.
    world.inline("user/denied", &[allow(actions, "*"), deny(actions, "*")]);
    world.inline(
        "user/denied-in-part",
        &[allow(actions, "*"), deny(actions, one)],
    );
    world.inline(
        "user/denied-but-one",
        &[allow(actions, "*"), deny(actions, &format!("!{one}"))],
    );
    // Conditions on the circumstances leave it, and those on the resource do not.
    world.inline(
        "user/with-mfa",
        &[statement("Allow", actions, "*", WITH_MFA)],
    );
    world.inline(
        "user/not-without-mfa",
        &[
            allow(actions, "*"),
            statement("Deny", "*", "*", WITHOUT_MFA),
        ],
    );
    world.inline(
        "user/with-mfa-and-never-with-it",
        &[
            statement("Allow", actions, "*", WITH_MFA),
            statement("Deny", "*", "*", WITH_MFA),
        ],
    );
    world.inline("user/by-tag", &[statement("Allow", actions, "*", BY_TAG)]);
    world.inline(
        "user/denied-but-by-tag",
        &[
            allow(actions, "*"),
            statement("Deny", actions, "*", BUT_BY_TAG),
        ],
    );
    // The boundary closes one and leaves the other.
    world.managed(&arn("policy/others"), &[allow(others, "*")]);
    world.managed(&arn("policy/same"), &[allow(actions, "*")]);
    world.inline("role/closed-by-boundary", &[allow(actions, "*")]);
    world.boundary("role/closed-by-boundary", &arn("policy/others"));
    world.inline("role/within-boundary", &[allow(actions, "*")]);
    world.boundary("role/within-boundary", &arn("policy/same"));
    world.inline("role/boundary-not-known", &[allow(actions, "*")]);
    world.boundary("role/boundary-not-known", &arn("policy/not-collected"));
    // By a group, half of it; by a policy of AWS.
    world.group("g", &["user/by-group"]);
    world.inline("group/g", &[allow(actions, "*")]);
    world.managed("arn:aws:iam::aws:policy/OfAws", &[allow(actions, "*")]);
    world.attach("role/by-policy-of-aws", "arn:aws:iam::aws:policy/OfAws");
    // Those of whom another rule speaks, or none.
    world.inline("user/administrator", &[allow("*", "*")]);
    world.inline(
        "role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
        &[allow(actions, "*")],
    );
    world.inline("role/emergency", &[allow(actions, "*")]);
    world
}

const SETTINGS: &str = "[minimize]\nbreak_glass = [\"*:role/emergency\"]\n";

const FOUND: [&str; 11] = [
    "role/boundary-not-known",
    "role/by-policy-of-aws",
    "role/within-boundary",
    "user/all-but-one",
    "user/all-of-a-kind",
    "user/by-group",
    "user/denied-in-part",
    "user/not-without-mfa",
    "user/question-mark",
    "user/star",
    "user/with-mfa",
];

#[test]
fn rights_on_anything_are_found_whatever_denies_a_part_and_none_that_is_closed() {
    for (rule, actions, one, all, others) in [
        (
            "unscoped-write",
            "s3:DeleteObject",
            "arn:aws:s3:::data/x",
            "arn:aws:s3:::*/*",
            "sqs:*",
        ),
        (
            "unscoped-permissions-management",
            "iam:AttachRolePolicy",
            "arn:aws:iam::111122223333:role/x",
            "arn:aws:iam::*:role/*",
            "s3:*",
        ),
        (
            "credential-exposure",
            "iam:CreateAccessKey",
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam::*:user/*",
            "s3:*",
        ),
        (
            "data-exfiltration",
            "dynamodb:Scan",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/x",
            "arn:aws:dynamodb:*:*:table/*",
            "s3:*",
        ),
    ] {
        let outcome = cases(actions, one, all, others).audit(SETTINGS, &[rule]);
        assert_eq!(who(&outcome), FOUND, "{rule}");
    }
}

#[test]
fn a_finding_says_what_by_which_statement_and_how_sure_it_is() {
    let world = cases(
        "s3:DeleteObject",
        "arn:aws:s3:::data/x",
        "arn:aws:s3:::*/*",
        "sqs:*",
    );
    assert_snapshot!(world.findings("unscoped-write"), @r#"
    role/boundary-not-known (low): on any resource it may change things: `s3` (`DeleteObject`); not all policies that may limit it are known (permissions boundary, organisation)
    role/by-policy-of-aws (high): on any resource it may change things: `s3` (`DeleteObject`)
    role/emergency (high): on any resource it may change things: `s3` (`DeleteObject`)
    role/within-boundary (high): on any resource it may change things: `s3` (`DeleteObject`)
    user/all-but-one (high): on any resource it may change things: `s3` (`DeleteObject`)
    user/all-of-a-kind (high): on any resource it may change things: `s3` (`DeleteObject`)
    user/by-group (high): on any resource it may change things: `s3` (`DeleteObject`)
    user/denied-in-part (high): on any resource it may change things: `s3` (`DeleteObject`)
    user/not-without-mfa (medium): on any resource it may change things: `s3` (`DeleteObject`); it depends on `aws:multifactorauthpresent`
    user/question-mark (high): on any resource it may change things: `s3` (`DeleteObject`)
    user/star (high): on any resource it may change things: `s3` (`DeleteObject`)
    user/with-mfa (medium): on any resource it may change things: `s3` (`DeleteObject`); it depends on `aws:multifactorauthpresent`
    "#);
    let outcome = world.audit("", &["unscoped-write"]);
    let by_group = outcome
        .findings
        .iter()
        .find(|own| own.resource_arn.ends_with("by-group"));
    assert_snapshot!(format!("{:?}", by_group.unwrap().evidence), @r#"[Evidence { source: "the inline policy `inline-17` of `arn:aws:iam::111122223333:group/g`, by the group `g`", fact: "statement 1 with `s3:DeleteObject` on `*` allows `s3:DeleteObject`" }]"#);
    assert_eq!(outcome.not_checked, []);
}

#[test]
fn a_service_control_policy_closes_what_it_denies_or_does_not_allow() {
    let mut world = World::new();
    world.inline("user/u", &[allow("s3:DeleteObject sqs:DeleteQueue", "*")]);
    world.service_control(&[deny("s3:Delete*", "*")]);
    assert_snapshot!(world.findings("unscoped-write"), @r#"user/u (high): on any resource it may change things: `sqs` (`DeleteQueue`)"#);
}

#[test]
fn administrators_are_found_however_they_are_written() {
    let mut world = World::new();
    world.inline("user/star", &[allow("*", "*")]);
    world.inline("user/all-but-nothing", &[allow("!nosuch:Thing", "*")]);
    world.inline(
        "user/in-two-halves",
        &[allow("!iam:* s3:*", "*"), allow("iam:* s3:*", "*")],
    );
    world.inline("role/with-mfa", &[statement("Allow", "*", "*", WITH_MFA)]);
    // Denies of a little, which it can take away itself.
    world.inline(
        "role/but-for-one-bucket",
        &[allow("*", "*"), deny("s3:*", "arn:aws:s3:::data")],
    );
    world.inline(
        "role/but-for-a-service",
        &[allow("*", "*"), deny("sqs:*", "*")],
    );
    // None of them is one.
    world.inline("user/all-but-permissions", &[allow("!iam:*", "*")]);
    world.inline(
        "user/all-but-by-deny",
        &[allow("*", "*"), deny("iam:*", "*")],
    );
    world.managed(&arn("policy/limit"), &[allow("s3:*", "*")]);
    world.inline("user/within-boundary", &[allow("*", "*")]);
    world.boundary("user/within-boundary", &arn("policy/limit"));
    world.inline("user/by-tag", &[statement("Allow", "*", "*", BY_TAG)]);
    world.inline("role/emergency", &[allow("*", "*")]);
    let outcome = world.audit(SETTINGS, &["admin-access"]);
    assert_eq!(
        who(&outcome),
        [
            "role/but-for-a-service",
            "role/but-for-one-bucket",
            "role/emergency",
            "role/with-mfa",
            "user/all-but-nothing",
            "user/in-two-halves",
            "user/star",
        ]
    );
    // Sure is what nothing limits: no circumstance, no Deny of its own, and no action left out that AWS may yet make.
    let sure = outcome
        .findings
        .iter()
        .filter(|own| own.confidence == crate::Confidence::High);
    let mut sure: Vec<&str> = sure
        .filter_map(|own| own.resource_arn.rsplit('/').next())
        .collect();
    sure.sort_unstable();
    assert_eq!(sure, ["emergency", "in-two-halves", "star"]);
    let emergency = outcome
        .findings
        .iter()
        .find(|own| own.resource_arn.ends_with("emergency"));
    assert_eq!(emergency.unwrap().severity, crate::Severity::Low);
}

#[test]
fn a_service_wildcard_is_found_with_what_remains_of_it() {
    let mut world = World::new();
    world.inline("user/whole", &[allow("sqs:*", "*")]);
    world.inline(
        "user/all-but",
        &[allow("!iam:* organizations:* account:*", "*")],
    );
    world.inline(
        "user/less-a-deny",
        &[allow("sqs:*", "*"), deny("sqs:DeleteQueue", "*")],
    );
    // No finding: one queue, a pattern of names, and nothing left that changes anything.
    world.inline(
        "user/one-queue",
        &[allow("sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q")],
    );
    world.inline(
        "user/one-queue-and-names",
        &[
            allow("sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q"),
            allow("sqs:Create*", "*"),
        ],
    );
    world.inline("user/names", &[allow("sqs:Create* sqs:Delete*", "*")]);
    world.inline("user/some-length", &[allow("sqs:?*", "*")]);
    world.inline(
        "user/left-to-read",
        &[allow("sqs:*", "*"), deny("!sqs:Get* sqs:List*", "*")],
    );
    world.inline("user/by-tag", &[statement("Allow", "sqs:*", "*", BY_TAG)]);
    world.managed(&arn("policy/reading"), &[allow("sqs:Get*", "*")]);
    world.inline("role/within-boundary", &[allow("sqs:*", "*")]);
    world.boundary("role/within-boundary", &arn("policy/reading"));
    assert_snapshot!(world.findings("service-wildcard"), @r#"
    user/all-but (high): it has all actions of 431 services by a wildcard, and may use on any resource those of `a2c` (all 4), `a4b` (all 96), `access-analyzer` (all 37), `account-access` (all 11), `acm` (all 41), `acm-pca` (all 23), `aco-automation` (all 23), `activate` (all 8) and 423 more services
    user/less-a-deny (high): it has all actions of 1 service by a wildcard, and may use on any resource those of `sqs` (19 of 20)
    user/some-length (high): it has all actions of 1 service by a wildcard, and may use on any resource those of `sqs` (all 20)
    user/whole (high): it has all actions of 1 service by a wildcard, and may use on any resource those of `sqs` (all 20)
    "#);
}

#[test]
fn policies_that_are_not_known_are_not_checked() {
    let mut world = World::new();
    world.attach("user/u", &arn("policy/not-collected"));
    let outcome = world.audit("", &["unscoped-write"]);
    let reasons: Vec<&str> = outcome
        .not_checked
        .iter()
        .map(|own| own.reason.as_str())
        .collect();
    assert_eq!(reasons, ["not all policies are known of `u`"]);
}

#[test]
fn a_boundary_is_asked_for_where_the_settings_do() {
    let mut world = World::new();
    world.managed(&arn("policy/boundaries/team"), &[allow("s3:*", "*")]);
    world.managed(&arn("policy/other"), &[allow("*", "*")]);
    for role in [
        "role/app-with",
        "role/app-without",
        "role/app-with-another",
        "role/else",
    ] {
        world.principal(role);
    }
    world.boundary("role/app-with", &arn("policy/boundaries/team"));
    world.boundary("role/app-with-another", &arn("policy/other"));
    assert_eq!(world.findings("boundary-missing"), "");
    let audited = |settings: &str| who(&world.audit(settings, &["boundary-missing"]));
    let required = "[permissions_boundary]\nrequired_for = [\"*:role/app-*\"]\n";
    assert_eq!(audited(required), ["role/app-without"]);
    let accepted = format!("{required}accepted = [\"*:policy/boundaries/*\"]\n");
    assert_eq!(
        audited(&accepted),
        ["role/app-with-another", "role/app-without"]
    );
}
