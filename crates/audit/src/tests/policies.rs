//! Faults of policies: said once a policy, with how many have it.

use insta::assert_snapshot;

use super::who;
use crate::testing::{World, allow, arn, deny, statement};

const BY_TAG: &str = r#"{"StringEquals":{"aws:ResourceTag/team":"a"}}"#;

#[test]
fn all_actions_but_some_are_found_where_somebody_can_use_them() {
    let mut world = World::new();
    world.managed(&arn("policy/wide"), &[allow("!iam:*", "*")]);
    world.attach("user/a", &arn("policy/wide"));
    world.attach("role/b", &arn("policy/wide"));
    // AWS's own is reported where it is held, but for an administrator.
    world.managed(
        "arn:aws:iam::aws:policy/PowerUserAccess",
        &[allow("!iam:* organizations:*", "*")],
    );
    world.attach("role/power", "arn:aws:iam::aws:policy/PowerUserAccess");
    world.attach("role/admin", "arn:aws:iam::aws:policy/PowerUserAccess");
    world.inline("role/admin", &[allow("*", "*")]);
    // None: with Deny, on one service, by tag, closed by a Deny of everything else, and by a boundary.
    world.inline(
        "user/deny",
        &[deny("!iam:*", "*"), allow("iam:ListUsers", "*")],
    );
    world.inline(
        "user/one-service",
        &[allow("!s3:DeleteBucket", "arn:aws:s3:::*")],
    );
    world.inline("user/by-tag", &[statement("Allow", "!iam:*", "*", BY_TAG)]);
    world.inline(
        "user/closed",
        &[allow("!iam:*", "*"), deny("!s3:Get* s3:List*", "*")],
    );
    world.managed(&arn("policy/reading"), &[allow("s3:Get*", "*")]);
    world.inline("role/within-boundary", &[allow("!iam:*", "*")]);
    world.boundary("role/within-boundary", &arn("policy/reading"));
    assert_snapshot!(world.findings("allow-not-action"), @r#"
    policy/wide (high): the policy, which 2 principals have, allows all actions but some, and with that to change: `account` (9, such as `CloseAccount`, `AcceptPrimaryEmailUpdate`, `DeleteAlternateContact`), `organizations` (34, such as `LeaveOrganization`, `AcceptHandshake`, `AttachPolicy`), `sts` (9, such as `AssumeRole`, `AssumeRoot`, `AssumeRoleWithSAML`), `ssm` (76, such as `StartSession`, `SendCommand`, `AddTagsToResource`), `s3` (96, such as `PutBucketPolicy`, `DeleteObject`, `PutObject`), `dynamodb` (43, such as `DeleteTable`, `PutItem`, `AssociateTableReplica`), `kms` (42, such as `Decrypt`, `ScheduleKeyDeletion`, `PutKeyPolicy`), `rds` (118, such as `DeleteDBInstance`, `ModifyDBSnapshotAttribute`, `AddRoleToDBCluster`) and 425 more services
    role/power (high): the role has the managed policy `arn:aws:iam::aws:policy/PowerUserAccess`, which is written so and cannot be edited
    "#);
}

#[test]
fn all_resources_but_some_are_found_where_somebody_can_use_them() {
    let mut world = World::new();
    let but_one = "!arn:aws:s3:::secret arn:aws:s3:::secret/*";
    world.inline("user/wide", &[allow("s3:GetObject s3:PutObject", but_one)]);
    world.group("g", &["user/a", "user/b"]);
    world.inline("group/g", &[allow("s3:DeleteObject", but_one)]);
    // None: with Deny, for what is no danger, by tag, and closed by a Deny.
    world.inline(
        "user/deny",
        &[allow("s3:ListAllMyBuckets", "*"), deny("s3:*", but_one)],
    );
    world.inline("user/listing", &[allow("s3:ListBucket", but_one)]);
    world.inline(
        "user/by-tag",
        &[statement("Allow", "s3:PutObject", but_one, BY_TAG)],
    );
    world.inline(
        "user/closed",
        &[allow("s3:PutObject", but_one), deny("s3:Put*", "*")],
    );
    assert_snapshot!(world.findings("allow-not-resource"), @r#"
    group/g (high): the inline policy `inline-1`, which 2 principals have, allows actions on all resources but some: `s3` (`DeleteObject`)
    user/wide (high): the inline policy `inline-0`, which 1 principal has, allows actions on all resources but some: `s3` (`GetObject`, `PutObject`)
    "#);
}

#[test]
fn resources_that_are_all_of_their_kind_are_found() {
    let mut world = World::new();
    world.managed(
        &arn("policy/roles"),
        &[allow("iam:PassRole", "arn:aws:iam::*:role/*")],
    );
    world.attach("user/a", &arn("policy/roles"));
    world.inline("user/objects", &[allow("s3:PutObject", "arn:aws:s3:::*/*")]);
    world.inline("user/short", &[allow("sqs:SendMessage", "arn:aws:sqs")]);
    world.inline(
        "user/own-account",
        &[allow(
            "ec2:StopInstances",
            "arn:aws:ec2:*:111122223333:instance/*",
        )],
    );
    // None: a name, a Region, a variable, `*` itself, a tag, listing, and closed by a Deny.
    world.inline(
        "user/named",
        &[allow("iam:PassRole", "arn:aws:iam::*:role/app-*")],
    );
    world.inline(
        "user/region",
        &[allow(
            "ec2:StopInstances",
            "arn:aws:ec2:eu-west-1:*:instance/*",
        )],
    );
    world.inline(
        "user/variable",
        &[allow(
            "iam:CreateAccessKey",
            "arn:aws:iam::*:user/${aws:username}",
        )],
    );
    world.inline("user/star", &[allow("iam:PassRole", "*")]);
    world.inline(
        "user/by-tag",
        &[statement(
            "Allow",
            "ec2:StopInstances",
            "arn:aws:ec2:*:*:instance/*",
            BY_TAG,
        )],
    );
    world.inline("user/listing", &[allow("s3:ListBucket", "arn:aws:s3:::*")]);
    world.inline(
        "user/closed",
        &[
            allow("iam:PassRole", "arn:aws:iam::*:role/*"),
            deny("iam:PassRole", "*"),
        ],
    );
    assert_eq!(
        who(&world.audit("", &["effectively-star-resource"])),
        [
            "policy/roles",
            "user/objects",
            "user/own-account",
            "user/short"
        ]
    );
    assert_snapshot!(world.findings("effectively-star-resource"), @r#"
    policy/roles (high): the policy, which 1 principal has, names resources that are all of their kind: `iam` (`PassRole`)
    user/objects (high): the inline policy `inline-0`, which 1 principal has, names resources that are all of their kind: `s3` (`PutObject`)
    user/own-account (high): the inline policy `inline-2`, which 1 principal has, names resources that are all of their kind: `ec2` (`StopInstances`)
    user/short (high): the inline policy `inline-1`, which 1 principal has, names resources that are all of their kind: `sqs` (`SendMessage`)
    "#);
}

#[test]
fn faults_of_a_policy_are_one_finding() {
    let mut world = World::new();
    world.managed(
        &arn("policy/faulty"),
        &[
            allow("s3:GetObjekt", "*"),
            allow("s3:GetObject", "arn:aws:s3:::data"),
        ],
    );
    world.attach("user/a", &arn("policy/faulty"));
    world.attach("user/b", &arn("policy/faulty"));
    world.inline(
        "user/weak-deny",
        &[
            allow("s3:*", "*"),
            deny("s3:DeleteObject", "arn:aws:s3:::data"),
        ],
    );
    world.inline("user/good", &[allow("s3:GetObject", "arn:aws:s3:::data/*")]);
    world.managed(
        "arn:aws:iam::aws:policy/OfAws",
        &[allow("s3:GetObjekt", "*")],
    );
    world.attach("user/good", "arn:aws:iam::aws:policy/OfAws");
    let outcome = world.audit("", &["policy-lint"]);
    assert_snapshot!(crate::testing::lines(&outcome.findings), @r#"
    policy/faulty (medium): the policy, which 2 principals have, has 2 faults
    user/weak-deny (medium): the inline policy `inline-0`, which 1 principal has, has 1 fault
    "#);
    assert_eq!(outcome.findings[0].severity, crate::Severity::Medium);
}
