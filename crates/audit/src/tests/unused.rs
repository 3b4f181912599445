//! Rights that are not used: only what is proved.

use insta::assert_snapshot;

use super::who;
use crate::AuditOutcome;
use crate::testing::{World, allow, arn, deny, lines};

fn reasons(outcome: &AuditOutcome) -> Vec<&str> {
    let not_checked = outcome.not_checked.iter();
    not_checked.map(|own| own.reason.as_str()).collect()
}

fn world(days: i64) -> World {
    let mut world = World::new();
    world.logs(days);
    let managed = [
        ("policy/lists", "iam:ListUsers iam:ListRoles"),
        ("policy/data", "iam:ListGroups s3:GetObject"),
        ("policy/unknown", "iam:ListUsers nosuch:Thing"),
    ];
    for (name, actions) in managed {
        world.managed(&arn(name), &[allow(actions, "*")]);
        world.attach("user/idle", &arn(name));
        world.attach("role/emergency", &arn(name));
    }
    world.attach("user/busy", &arn("policy/lists"));
    world.call("user/busy", "ListUsers", "iam:ListUsers");
    // Its Deny takes away what it does not use.
    world.inline(
        "user/denied",
        &[allow("iam:ListUsers", "*"), deny("iam:*", "*")],
    );
    world
}

const SETTINGS: &str = "[minimize]\nbreak_glass = [\"*:role/emergency\"]\n";

#[test]
fn unused_is_what_the_logs_would_have_shown() {
    let outcome = world(100).audit(SETTINGS, &["unused-permission"]);
    assert_snapshot!(lines(&outcome.findings), @r#"
    user/busy (high): of 2 actions that it is granted, 1 was not used in 100 days of logs: `iam` (`ListRoles`)
    user/idle (high): of 4 actions that it is granted, 3 were not used in 100 days of logs: `iam` (`ListGroups`, `ListRoles`, `ListUsers`); of 1 the logs cannot tell
    "#);
    assert_eq!(reasons(&outcome), Vec::<&str>::new());
}

#[test]
fn that_the_root_user_signs_in_says_nothing_of_the_logs() {
    let mut world = world(100);
    world.call("root", "ConsoleLogin", "signin:ConsoleLogin");
    let outcome = world.audit(SETTINGS, &["unused-permission"]);
    assert_eq!(reasons(&outcome), Vec::<&str>::new());
}

#[test]
fn too_few_days_of_logs_or_none_prove_nothing() {
    let outcome = world(30).audit(SETTINGS, &["unused-permission", "unused-policy-attachment"]);
    assert_eq!(who(&outcome), Vec::<String>::new());
    assert_snapshot!(reasons(&outcome).join("\n"), @r#"
    CloudTrail logs tell nothing unused: the logs cover 30 days, and it takes 90
    CloudTrail logs tell nothing unused: the logs cover 30 days, and it takes 90
    "#);
    let mut without = World::new();
    without.inline("user/u", &[allow("iam:ListUsers", "*")]);
    let outcome = without.audit("", &["unused-permission"]);
    assert_snapshot!(reasons(&outcome).join("\n"), @r#"CloudTrail logs tell nothing unused: no events of the account were read"#);
}

#[test]
fn a_policy_is_unused_if_each_of_its_actions_is() {
    let outcome = world(100).audit(SETTINGS, &["unused-policy-attachment"]);
    assert_snapshot!(lines(&outcome.findings), @r#"user/idle (high): it uses nothing of 1 attached policy: `arn:aws:iam::111122223333:policy/lists`"#);
}

#[test]
fn services_are_unused_by_last_accessed_data_of_who_is_granted_them() {
    let mut world = World::new();
    for user in ["user/a", "user/b", "role/emergency", "user/not-asked"] {
        world.inline(
            user,
            &[
                allow("s3:GetObject sqs:SendMessage sns:Publish", "*"),
                deny("sns:*", "*"),
            ],
        );
    }
    // `sns` is denied, and `ec2` is granted no more.
    let services = [("s3", Some(5)), ("sqs", None), ("sns", None), ("ec2", None)];
    world.accessed("user/a", &services);
    world.accessed("user/b", &[("s3", Some(5)), ("sqs", Some(200))]);
    world.accessed("role/emergency", &services);
    let outcome = world.audit(SETTINGS, &["unused-service"]);
    assert_snapshot!(lines(&outcome.findings), @r#"
    user/a (high): it did not access 1 service for 90 days as of 2026-06-30T12:00:00Z: `sqs` (no access known)
    user/b (high): it did not access 1 service for 90 days as of 2026-06-30T12:00:00Z: `sqs` (last 2025-12-12T12:00:00Z)
    "#);
    assert_eq!(
        reasons(&outcome),
        ["no service last-accessed data were collected of `not-asked`"]
    );
    let longer = format!("{SETTINGS}[thresholds]\nunused_service_days = 300\n");
    assert_eq!(who(&world.audit(&longer, &["unused-service"])), ["user/a"]);
    // Nothing is known of the time before the 400 days that AWS tracks.
    let longest = format!("{SETTINGS}[thresholds]\nunused_service_days = 500\n");
    assert_eq!(
        who(&world.audit(&longest, &["unused-service"])),
        Vec::<String>::new()
    );
}
