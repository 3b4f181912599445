//! Who is an administrator, however it is written.

use crate::testing::{ALL, Small, allow, arn, context, deny};

/// Statements of one user, and whether they make an administrator.
fn is_administrator(small: &Small, name: &str) -> bool {
    let access = small.load();
    let id = access.principal_of(&arn(name)).unwrap();
    access.is_administrator(access.subject(id).unwrap(), &context())
}

fn user(statements: &[&str]) -> bool {
    is_administrator(Small::new().user("u", statements), "user/u")
}

#[test]
fn everything_makes_an_administrator_however_it_is_written() {
    let not_iam = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
    let not_one = r#"{"Effect":"Allow","NotAction":["iam:*","s3:Get*"],"Resource":"*"}"#;
    let not_bucket = r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::b/*"}"#;
    let with_mfa = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    let for_good = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}}"#;
    for statements in [
        vec![ALL],
        vec![r#"{"Effect":"Allow","Action":["*:*"],"Resource":["*"]}"#],
        vec![
            r#"{"Effect":"Allow","NotAction":"none:*","Resource":"*"}"#,
            &allow("none:*", "*"),
        ],
        vec![not_iam, &allow("iam:*", "*")],
        vec![not_one, &allow("iam:*", "*"), &allow("s3:*", "*")],
        vec![not_bucket, &allow("*", "arn:aws:s3:::b/*")],
        vec![with_mfa],
        vec![for_good],
        vec![
            ALL,
            r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}"#,
        ],
    ] {
        assert!(user(&statements), "{statements:?}");
    }
}

#[test]
fn what_leaves_something_out_makes_none() {
    let not_iam = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
    let over = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01"}}}"#;
    for statements in [
        vec![],
        vec![&*allow("iam:* s3:* ec2:*", "*")],
        vec![not_iam],
        vec![not_iam, &allow("iam:*", "arn:aws:iam::*:role/x*")],
        vec![&allow("*", "arn:aws:s3:::*")],
        vec![ALL, &deny("iam:*", "*")],
        vec![ALL, &deny("s3:GetObject", "arn:aws:s3:::secret/*")],
        vec![
            ALL,
            r#"{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}"#,
        ],
        vec![
            ALL,
            r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}}"#,
        ],
        vec![over],
    ] {
        assert!(!user(&statements), "{statements:?}");
    }
}

#[test]
fn policies_of_groups_count_and_boundaries_limit() {
    let mut group = Small::new();
    group.user("u", &[]).group("g", &[ALL], &["u"]);
    assert!(is_administrator(&group, "user/u"));
    for (boundary, expected) in [(ALL, true), (&*allow("s3:*", "*"), false)] {
        let mut small = Small::new();
        small.managed("b", &[boundary]).user("u", &[ALL]);
        small.user_boundary("b");
        assert_eq!(is_administrator(&small, "user/u"), expected, "{boundary}");
    }
}

#[test]
fn what_the_organisation_takes_from_everybody_makes_no_difference_unless_nothing_can_be_granted() {
    for (control, expected) in [
        (vec![ALL], true),
        (
            vec![ALL, &*deny("organizations:LeaveOrganization", "*")],
            true,
        ),
        (vec![&*allow("iam:* ec2:*", "*")], true),
        (vec![&*allow("s3:* ec2:*", "*")], false),
        (vec![ALL, &*deny("*", "*")], false),
    ] {
        let mut small = Small::new();
        small.user("u", &[ALL]).organization(&control);
        let is_root = is_administrator(&small, "root");
        assert_eq!(is_administrator(&small, "user/u"), expected, "{control:?}");
        assert_eq!(is_root, expected, "{control:?}");
    }
}

#[test]
fn a_deny_of_the_principal_s_own_counts_even_beside_one_of_the_organisation() {
    let mut small = Small::new();
    small
        .user("u", &[ALL, &deny("s3:*", "*")])
        .user("v", &[ALL, &deny("organizations:*", "*")])
        .organization(&[ALL, &deny("organizations:*", "*")]);
    assert!(!is_administrator(&small, "user/u"));
    assert!(is_administrator(&small, "user/v"));
}

#[test]
fn the_statements_and_the_conditions_are_named() {
    let with_mfa = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    let mut small = Small::new();
    small.user("u", &[&allow("s3:*", "*"), with_mfa]);
    let access = small.load();
    let id = access.principal_of(&arn("user/u")).unwrap();
    let found = access
        .administration(access.subject(id).unwrap(), &context())
        .unwrap();
    assert_eq!(found.keys, ["aws:multifactorauthpresent"]);
    assert_eq!(
        found
            .statements
            .iter()
            .map(|own| own.index)
            .collect::<Vec<_>>(),
        [1]
    );
}
