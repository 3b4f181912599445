//! Ways to more rights: what is reported of whom, and how sure it is.

use insta::assert_snapshot;

use crate::testing::{World, allow, arn, lines, statement};

const RULES: [&str; 3] = ["admin-access", "can-become-admin", "escalation-path"];

#[test]
fn administrators_under_conditions_are_told_by_one_rule() {
    let mut world = World::new();
    for (user, condition) in [
        ("user/absent", r#"{"Null":{"aws:TagKeys":"true"}}"#),
        ("user/direct", r#"{"Bool":{"aws:ViaAWSService":"false"}}"#),
        (
            "user/in-organization",
            r#"{"StringEquals":{"aws:ResourceOrgID":"o-abcdefghij"}}"#,
        ),
        (
            "user/of-tagged",
            r#"{"StringEquals":{"aws:ResourceTag/team":"a"}}"#,
        ),
    ] {
        world.inline(user, &[statement("Allow", "*", "*", condition)]);
    }
    let outcome = world.audit("", &RULES);
    let mut told: Vec<String> = outcome
        .findings
        .iter()
        .map(|own| {
            let name = own.resource_arn.rsplit('/').next().unwrap_or_default();
            format!("{name} {}", own.rule)
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "absent admin-access",
            "direct admin-access",
            "in-organization admin-access",
            "of-tagged escalation-path"
        ]
    );
}

#[test]
fn what_is_not_known_lowers_the_confidence_and_is_said() {
    let mut world = World::new();
    world.inline("user/u", &[allow("iam:PutUserPolicy", "*")]);
    world.boundary("user/u", &arn("policy/not-collected"));
    let outcome = world.audit("", &["escalation-path"]);
    assert_snapshot!(lines(&outcome.findings), @"user/u (low): can become an administrator, by iam-007; 1 way in all; not all policies that may limit it are known (permissions boundary, organisation)");
    let reasons: Vec<&str> = outcome
        .not_checked
        .iter()
        .map(|own| own.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "no roles were collected, and every account has some: they may be targets or have ways",
            "not all policies are known of `u`"
        ]
    );
}
