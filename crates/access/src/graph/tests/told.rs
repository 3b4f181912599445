//! Ways that depend on which policy is attached, and on tags.

use super::{path, ways};
use crate::testing::{ALL, Small, allow, arn, deny, trust};

/// A right to attach to oneself what a condition leaves.
fn attach_own(operator: &str, policies: &[&str]) -> String {
    let policies = serde_json::to_string(policies).unwrap();
    format!(
        r#"{{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"arn:aws:iam::111122223333:user/${{aws:username}}","Condition":{{"{operator}":{{"iam:PolicyARN":{policies}}}}}}}"#
    )
}

#[test]
fn every_policy_that_makes_an_administrator_is_tried() {
    const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
    let mut small = Small::new();
    small
        .managed("all", &[ALL])
        .managed("iam", &[&allow("iam:*", "*")])
        .managed("s3", &[&allow("s3:*", "*")])
        .user(
            "not-aws",
            &[&attach_own("ArnNotLike", &["arn:aws:iam::aws:policy/*"])],
        )
        .user(
            "iam",
            &[&attach_own("ArnEquals", &["arn:aws:iam::*:policy/iam"])],
        )
        .user("all", &[&attach_own("ArnEquals", &[&arn("policy/all")])])
        .user("others", &[&attach_own("ArnNotEquals", &[ADMINISTRATOR])])
        .user("s3", &[&attach_own("ArnEquals", &[&arn("policy/s3")])])
        .user(
            "aws-s3",
            &[&attach_own(
                "ArnEquals",
                &["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
            )],
        )
        .user(
            "none",
            &[&attach_own(
                "ArnEquals",
                &["arn:aws:iam::*:policy/policy-name-1"],
            )],
        );
    for user in ["not-aws", "iam", "all", "others"] {
        let user = format!("user/{user}");
        assert_eq!(ways(&small, &user), ["iam-008 Administrator"], "{user}");
    }
    for user in ["s3", "aws-s3"] {
        let user = format!("user/{user}");
        assert_eq!(ways(&small, &user), ["iam-008 OwnRights perhaps"], "{user}");
    }
    assert_eq!(ways(&small, "user/none"), [""; 0]);
}

fn allow_if(action: &str, resource: &str, key: &str, value: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{"StringEquals":{{"{key}":"{value}"}}}}}}"#
    )
}

/// A trust policy for the account, for sessions with tags where `action` says so.
fn trust_account(actions: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":[{actions}],"Condition":{condition}}}]}}"#,
        arn("root")
    )
}

#[test]
fn tags_of_the_caller_are_compared_where_it_can_have_no_others() {
    let own = |kind: &str, action: &str| {
        allow_if(
            action,
            &arn(&format!("{kind}/*")),
            "aws:PrincipalTag/team",
            "infra",
        )
    };
    let user = own("user", "iam:PutUserPolicy");
    let role = own("role", "iam:PutRolePolicy");
    let if_infra = r#"{"StringEquals":{"aws:PrincipalTag/Team":"infra"}}"#;
    let assume = allow("sts:AssumeRole", &arn("role/admin"));
    let mut small = Small::new();
    small
        .user("infra", &[&user])
        .tag("user/infra", "Team", "infra")
        .user("other", &[&user])
        .tag("user/other", "team", "web")
        .user("untagged", &[&user])
        .user("tagging", &[&user, &allow("iam:TagUser", "*")])
        .role("plain", &trust_account(r#""sts:AssumeRole""#, "{}"), &[&role])
        .role(
            "session",
            &trust_account(r#""sts:AssumeRole","sts:TagSession""#, "{}"),
            &[&role],
        )
        .role("admin", &trust_account(r#""sts:AssumeRole""#, if_infra), &[ALL])
        .user("assumes", &[&assume])
        .tag("user/assumes", "team", "infra")
        .user("cannot", &[&assume])
        .user(
            "denied",
            &[
                &allow("iam:PutUserPolicy", &arn("user/denied")),
                r#"{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"infra"}}}"#,
            ],
        );
    let has = |name: &str| {
        ways(&small, name)
            .iter()
            .any(|way| way.ends_with(" Administrator"))
    };
    for (name, expected) in [
        ("user/infra", true),
        ("user/other", false),
        ("user/untagged", false),
        ("user/tagging", true),
        ("user/denied", false),
        ("role/plain", false),
        ("role/session", true),
    ] {
        assert_eq!(has(name), expected, "{name}");
    }
    let to_admin = "user/assumes -sts-001-> role/admin";
    assert_eq!(path(&small, "user/assumes"), to_admin);
    assert_eq!(path(&small, "user/cannot"), "none");
}

#[test]
fn a_role_that_may_be_passed_for_things_of_another_service_is_of_no_use() {
    let for_what = |service: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{{"ArnLike":{{"iam:AssociatedResourceArn":"arn:aws:{service}:*:*:*"}}}}}}"#
        )
    };
    let functions = allow("lambda:CreateFunction lambda:InvokeFunction", "*");
    let ways_for = |service: &str| {
        let mut small = Small::new();
        small
            .role("admin", &trust("lambda.amazonaws.com"), &[ALL])
            .user("u", &[&for_what(service), &functions]);
        ways(&small, "user/u")
    };
    assert_eq!(ways_for("ec2"), [""; 0]);
    assert_eq!(ways_for("lambda"), ["lambda-001 Becomes role/admin"]);
    assert_eq!(ways_for("*"), ["lambda-001 Becomes role/admin"]);
}

#[test]
fn tags_of_the_target_are_compared_unless_the_caller_can_change_them() {
    let create = |key: &str| allow_if("iam:CreateAccessKey", &arn("user/*"), key, "yes");
    let mut small = Small::new();
    small
        .user("open", &[])
        .tag("user/open", "open", "yes")
        .user("closed", &[])
        .user("iam", &[&create("iam:ResourceTag/open")])
        .user("aws", &[&create("aws:ResourceTag/open")])
        .user(
            "tags",
            &[&create("iam:ResourceTag/open"), &allow("iam:TagUser", "*")],
        )
        .user(
            "never",
            &[
                &create("iam:ResourceTag/open"),
                &deny("*", &arn("user/open")),
            ],
        );
    let to_open = ["iam-002 Becomes user/open"];
    assert_eq!(ways(&small, "user/iam"), to_open);
    assert_eq!(ways(&small, "user/aws"), to_open);
    assert_eq!(ways(&small, "user/never"), [""; 0]);
    let all = ways(&small, "user/tags");
    assert!(all.iter().any(|way| way.contains("user/closed")), "{all:?}");
}

#[test]
fn a_caller_has_no_keys_of_services_and_a_user_none_of_tokens() {
    let mut small = Small::new();
    let asking = |key: &str, value: &str| {
        let who = trust(&arn("user/u"));
        let condition = format!(r#""Condition":{{"StringLike":{{"{key}":"{value}"}}}},"Action""#);
        who.replace(r#""Action""#, &condition)
    };
    for (name, key, value) in [
        ("source", "aws:SourceArn", "*"),
        ("account", "aws:SourceAccount", "111122223333"),
        ("service", "aws:PrincipalServiceName", "*"),
        ("token", "token.actions.githubusercontent.com:sub", "*"),
        ("saml", "SAML:aud", "*"),
        ("provider", "aws:FederatedProvider", "*"),
        ("elsewhere", "aws:ResourceAccount", "999999999999"),
        ("here", "aws:ResourceAccount", "111122223333"),
        ("open", "aws:SourceIp", "*"),
    ] {
        small.role(name, &asking(key, value), &[]);
    }
    small.user("u", &[]);
    assert_eq!(
        ways(&small, "user/u"),
        ["sts-001 Becomes role/here role/open"]
    );
}

#[test]
fn a_role_that_a_service_may_assume_for_another_account_is_not_passed() {
    let mut small = Small::new();
    let asking_by = |operator: &str, source: &str| {
        let condition =
            format!(r#""Condition":{{"{operator}":{{"aws:SourceArn":"{source}"}}}},"Action""#);
        trust("lambda.amazonaws.com").replace(r#""Action""#, &condition)
    };
    let asking = |source: &str| asking_by("ArnLike", source);
    // A service that does not tell for what it calls meets it.
    let if_told = asking_by(
        "ArnLikeIfExists",
        "arn:aws:lambda:*:999999999999:function:*",
    );
    small
        .role("told", &if_told, &[])
        .role(
            "theirs",
            &asking("arn:aws:lambda:*:999999999999:function:*"),
            &[],
        )
        .role(
            "ours",
            &asking("arn:aws:lambda:*:111122223333:function:*"),
            &[],
        )
        .role("any", &asking("arn:aws:lambda:*:*:function:*"), &[])
        .user("u", &[&allow("iam:PassRole lambda:*", "*")]);
    let own = ways(&small, "user/u");
    assert!(
        own.contains(&"lambda-001 Becomes role/any role/ours role/told".to_owned()),
        "{own:?}"
    );
}

#[test]
fn the_id_of_a_user_and_the_organization_of_a_target_are_compared() {
    let own = |key: &str, value: &str| {
        allow_if(
            "iam:PutUserPolicy",
            &arn("user/${aws:username}"),
            key,
            value,
        )
    };
    let mut small = Small::new();
    small
        .organization(&[ALL])
        .user("is-it", &[&own("aws:userid", "AIDAISIT")])
        .user("is-not", &[&own("aws:userid", "AIDAISIT")])
        .user("ours", &[&own("aws:ResourceOrgID", "o-1")])
        .user("theirs", &[&own("aws:ResourceOrgID", "o-2")]);
    for (user, id) in small.data.users.iter_mut().zip(["AIDAISIT", "AIDAOTHER"]) {
        user.user_id = Some(id.to_owned());
    }
    let administrator = ["iam-007 Administrator"];
    assert_eq!(ways(&small, "user/is-it"), administrator);
    assert_eq!(ways(&small, "user/is-not"), [""; 0]);
    assert_eq!(ways(&small, "user/ours"), administrator);
    assert_eq!(ways(&small, "user/theirs"), [""; 0]);
}
