//! What a node can do after a step of its own.

use super::{path, ways};
use crate::testing::{ALL, Small, allow, arn, deny, trust};

/// The way of AWS's documentation to let somebody make principals that stay within a boundary.
const WITHIN_BOUNDARY: &str = r#"{"Effect":"Allow","Action":["iam:CreateRole","iam:CreateUser","iam:AttachRolePolicy","iam:AttachUserPolicy","iam:PutRolePolicy","iam:PutUserPermissionsBoundary"],"Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/limit"}}}"#;

#[test]
fn a_boundary_that_its_holder_can_set_aside_does_not_bind_it() {
    let mut small = Small::new();
    let limit = allow("s3:* iam:DeleteUserPermissionsBoundary", "*");
    small
        .managed("limit", &[&limit])
        .user("admin", &[ALL])
        .user_boundary("limit")
        .user("reader", &[&allow("s3:* iam:*PermissionsBoundary", "*")])
        .user_boundary("limit")
        .user("other", &[&allow("s3:*", "*")])
        .user_boundary("limit")
        .user(
            "denied",
            &[ALL, &deny("iam:DeleteUserPermissionsBoundary", "*")],
        )
        .user_boundary("limit");
    assert_eq!(ways(&small, "user/admin"), ["boundary-001 Administrator"]);
    assert_eq!(
        path(&small, "user/admin"),
        "user/admin -boundary-001-> administrator"
    );
    assert_eq!(ways(&small, "user/reader"), ["boundary-001 OwnRights"]);
    assert_eq!(ways(&small, "user/other"), [""; 0]);
    assert_eq!(ways(&small, "user/denied"), [""; 0]);
}

#[test]
fn what_is_possible_without_the_boundary_is_found_behind_it() {
    let mut small = Small::new();
    let limit = allow("s3:* iam:PutUserPermissionsBoundary", "*");
    let edit = allow("iam:CreatePolicyVersion", &arn("policy/edit"));
    small
        .managed("limit", &[&limit])
        .managed("edit", &[&edit])
        .role("admin", &trust(&arn("root")), &[ALL])
        .user(
            "assumes",
            &[&allow("sts:AssumeRole iam:PutUserPermissionsBoundary", "*")],
        )
        .user_boundary("limit")
        .user("edits", &[&allow("iam:* sts:*", "*")])
        .user_boundary("edit")
        .user("same", &[WITHIN_BOUNDARY])
        .user_boundary("limit");
    assert_eq!(
        ways(&small, "user/assumes"),
        ["boundary-002 Becomes role/admin"]
    );
    assert_eq!(ways(&small, "user/edits"), ["boundary-005 Administrator"]);
    assert_eq!(ways(&small, "user/same"), [""; 0]);
}

#[test]
fn rights_given_to_somebody_whose_boundary_can_be_taken_off_are_not_limited() {
    let mut small = Small::new();
    let limit = allow("s3:*", "*");
    let gives = "iam:PutUserPolicy iam:CreateAccessKey";
    small
        .managed("limit", &[&limit])
        .user("bound", &[])
        .user_boundary("limit")
        .user("gives", &[&allow(gives, &arn("user/bound"))])
        .user(
            "frees",
            &[&allow(
                &format!("{gives} iam:DeleteUserPermissionsBoundary"),
                &arn("user/bound"),
            )],
        );
    let with = |name| -> Vec<String> {
        let ways = ways(&small, name);
        let own = ways.into_iter().filter(|way| way.starts_with("iam-018"));
        own.collect()
    };
    assert_eq!(with("user/gives"), [""; 0]);
    assert_eq!(with("user/frees"), ["iam-018 Administrator user/bound"]);
}

#[test]
fn groups_that_can_be_joined_count_together_with_what_the_user_has() {
    let mut small = Small::new();
    let join = allow("iam:AddUserToGroup", "*");
    small
        .role("lambda", &trust("lambda.amazonaws.com"), &[ALL])
        .group(
            "lambda",
            &[&allow("lambda:CreateFunction lambda:InvokeFunction", "*")],
            &[],
        )
        .user("passes", &[&join, &allow("iam:PassRole", "*")])
        .user("joins", &[&join]);
    assert_eq!(
        ways(&small, "user/passes"),
        [
            "iam-013 Becomes group/lambda",
            "iam-013 Becomes role/lambda"
        ]
    );
    assert_eq!(ways(&small, "user/joins"), ["iam-013 Becomes group/lambda"]);
    let mut small = Small::new();
    small
        .group("half", &[&allow("s3:*", "*")], &[])
        .group(
            "raise",
            &[&allow("iam:PutUserPolicy", &arn("user/x*"))],
            &[],
        )
        .user("x1", &[&join])
        .user("y1", &[&join]);
    assert_eq!(path(&small, "user/x1"), "user/x1 -iam-013-> administrator");
    assert_eq!(path(&small, "user/y1"), "none");
}

#[test]
fn whoever_can_make_an_administrator_can_be_one() {
    let mut small = Small::new();
    let make = "iam:CreateRole iam:AttachRolePolicy";
    let of_s3 = r#"{"Effect":"Allow","Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}}}"#;
    small
        .role("there", &trust("ec2.amazonaws.com"), &[])
        .user("makes", &[&allow(make, &arn("role/app-*"))])
        .user(
            "apart",
            &[
                &allow("iam:CreateRole", &arn("role/a/*")),
                &allow("iam:AttachRolePolicy", &arn("role/b/*")),
            ],
        )
        .user("exists", &[&allow(make, &arn("role/there"))])
        .user("within", &[WITHIN_BOUNDARY])
        .user("little", &[&allow("iam:CreateRole", "*"), of_s3])
        .user("never", &[&allow(make, "*"), &deny("sts:AssumeRole", "*")])
        .user(
            "people",
            &[&allow(
                "iam:CreateUser iam:PutUserPolicy iam:CreateAccessKey",
                &arn("user/team/*"),
            )],
        );
    assert_eq!(ways(&small, "user/makes"), ["make-001 Administrator"]);
    assert_eq!(ways(&small, "user/people"), ["make-004 Administrator"]);
    for name in ["apart", "within", "little"] {
        assert_eq!(path(&small, &format!("user/{name}")), "none", "{name}");
    }
    for name in ["exists", "never"] {
        let ways = ways(&small, &format!("user/{name}"));
        let made = ways.iter().filter(|way| way.starts_with("make"));
        assert_eq!(made.count(), 0, "{name}");
    }
}

#[test]
fn who_can_make_an_instance_profile_needs_none_that_is_there() {
    let mut small = Small::new();
    let run = "iam:PassRole ec2:RunInstances";
    small
        .role("bare", &trust("ec2.amazonaws.com"), &[ALL])
        .role("used", &trust("ec2.amazonaws.com"), &[])
        .profile("used")
        .user("runs", &[&allow(run, "*")])
        .user(
            "makes",
            &[&allow(
                &format!("{run} iam:CreateInstanceProfile iam:AddRoleToInstanceProfile"),
                "*",
            )],
        );
    assert_eq!(path(&small, "user/runs"), "none");
    assert_eq!(
        path(&small, "user/makes"),
        "user/makes -ec2-001-> role/bare"
    );
}

#[test]
fn an_older_version_that_grants_no_more_gives_nothing() {
    let mut small = Small::new();
    let current = allow("iam:SetDefaultPolicyVersion s3:*", "*");
    let smaller = allow("s3:GetObject", "*");
    small
        .managed("shrinks", &[&current, &smaller])
        .managed("grows", &[&current, ALL])
        .user("shrinks", &[])
        .attach("user/shrinks", &arn("policy/shrinks"))
        .managed("raises", &[&current, &allow("iam:PutUserPolicy", "*")])
        .managed(
            "edits",
            &[
                &current,
                &allow("iam:CreatePolicyVersion", &arn("policy/edits")),
            ],
        )
        // Over somebody else.
        .managed(
            "others",
            &[&current, &allow("iam:PutUserPolicy", &arn("user/grows"))],
        )
        .user("grows", &[])
        .attach("user/grows", &arn("policy/grows"));
    for name in ["raises", "edits", "others"] {
        small
            .user(name, &[])
            .attach(&format!("user/{name}"), &arn(&format!("policy/{name}")));
        let way = match name {
            "others" => "rhino-02 OwnRights",
            _ => "rhino-02 Administrator",
        };
        assert_eq!(ways(&small, &format!("user/{name}")), [way], "{name}");
    }
    assert_eq!(path(&small, "user/shrinks"), "none");
    assert_eq!(
        path(&small, "user/grows"),
        "user/grows -rhino-02-> administrator"
    );
}
