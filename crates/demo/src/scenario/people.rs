//! Users who are people: passwords, MFA, keys beside them, and those who have left.

use super::desk::{Desk, attach};
use super::machines::LAMBDA;
use super::{UserScenario, user};
use crate::calls;
use crate::model::{Client, KeyHolder, Rhythm, Rule, User};
use crate::policy::groups::{ADMINISTRATORS, AUDITORS, DATA_READERS, ENGINEERS, FINANCE};
use crate::policy::managed;

/// The client on an engineer's laptop.
const MACOS: &str =
    "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7";

pub(super) static SCENARIOS: &[UserScenario] = &[
    user("engineer-healthy", 12, engineer_healthy),
    user("engineer-with-key-only-for-tools", 4, engineer_with_tools),
    user("administrator-healthy", 2, administrator),
    user("auditor-healthy", 2, auditor),
    user("accountant-healthy", 2, accountant),
    user("data-analyst-healthy", 4, data_analyst),
    user(
        "key-never-used-password-in-use",
        4,
        key_never_used_password_in_use,
    ),
    user("key-stale-password-in-use", 4, key_stale_password_in_use),
    user("person-without-mfa", 5, without_mfa),
    user("person-bounded", 3, bounded),
    user("person-new", 4, brand_new),
    user("person-with-new-key", 4, with_new_key),
    user("two-inactive-keys", 2, two_inactive_keys),
    user("person-close-to-more-rights", 2, close_to_more_rights),
];

/// A person who signs in and has MFA.
fn signed_in(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(200, 1600);
    let mut user = desk.person(created);
    user.give_password(desk.ago(100, 190));
    user.sign_in(desk.rhythm(), desk.ago(0, 7));
    user.mfa = true;
    user
}

fn engineer_healthy(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.groups.push(&ENGINEERS);
    user.common.user_agent = MACOS;
    let key = user.give_key(desk.ago(20, 80));
    user.held_by(key, KeyHolder::Person);
    user.call(
        key,
        &calls::DESCRIBE_INSTANCES,
        desk.rhythm(),
        desk.ago(0, 7),
    );
    user.nearly(&[
        Rule::UnusedPassword,
        Rule::UnusedAccessKey,
        Rule::UnrotatedAccessKey,
        Rule::UserWithoutMfa,
        Rule::UserWithoutCredentials,
        Rule::LongLivedServiceCredential,
    ]);
    user
}

fn engineer_with_tools(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(200, 1600);
    let mut user = desk.person(created);
    user.groups.push(&ENGINEERS);
    let key = user.give_key(desk.ago(30, 85));
    user.call(
        key,
        &calls::GET_CALLER_IDENTITY,
        desk.rhythm(),
        desk.ago(1, 20),
    );
    user.nearly(&[Rule::StaleUser, Rule::UserWithoutMfa]);
    user
}

fn administrator(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.groups.push(&ADMINISTRATORS);
    // All rights are the group's.
    user.common.policies_are_final = true;
    user
}

fn auditor(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.groups.push(&AUDITORS);
    attach(&mut user.common, &managed::READ_ONLY_ACCESS);
    user
}

fn accountant(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.groups.push(&FINANCE);
    user.groups.push(&DATA_READERS);
    user
}

fn data_analyst(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.groups.push(&DATA_READERS);
    let key = user.give_key(desk.ago(20, 85));
    user.common.user_agent = MACOS;
    user.call(key, &calls::START_QUERY, desk.rhythm(), desk.ago(0, 12));
    // The same key has found its way into a function.
    user.call(
        key,
        &calls::GET_CALLER_IDENTITY,
        desk.rhythm(),
        desk.ago(0, 12),
    );
    user.with(Client {
        user_agent: LAMBDA,
        source_ip: "192.0.2.77",
    });
    user.held_by(key, KeyHolder::Several);
    user
}

fn key_never_used_password_in_use(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    let key = user.give_key(desk.ago(100, 190));
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user.nearly(&[Rule::StaleUser]);
    user
}

fn key_stale_password_in_use(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 1600);
    let mut user = desk.person(created);
    user.give_password(desk.ago(95, 600));
    user.sign_in(desk.rhythm(), desk.ago(0, 12));
    user.mfa = true;
    let key = user.give_key(desk.ago(400, 690));
    user.call(
        key,
        &calls::LIST_HOSTED_ZONES,
        Rhythm::Once,
        desk.ago(100, 390),
    );
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user.nearly(&[Rule::StaleUser]);
    user
}

fn without_mfa(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.groups.push(&ENGINEERS);
    user.mfa = false;
    user.expect(Rule::UserWithoutMfa);
    user
}

/// Bounded by a policy that is attached to nobody.
fn bounded(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.common.boundary = Some(&managed::TEAM_BOUNDARY);
    attach(&mut user.common, &managed::POWER_USER_ACCESS);
    user
}

fn brand_new(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(1, 3);
    let mut user = desk.person(created);
    user.groups.push(&ENGINEERS);
    user.give_password(created.later(7));
    user.mfa = true;
    user.give_key(created.later(60));
    user.nearly(&[Rule::StaleUser, Rule::UnusedPassword, Rule::UnusedAccessKey]);
    user
}

fn with_new_key(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    user.give_key(desk.ago(1, 20));
    user.nearly(&[Rule::UnusedAccessKey]);
    user
}

fn two_inactive_keys(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    let first = user.give_key(desk.ago(120, 190));
    let second = user.give_key(desk.ago(20, 100));
    user.deactivate(first);
    user.deactivate(second);
    user.expect_of_key(Rule::InactiveAccessKey, first);
    user.expect_of_key(Rule::InactiveAccessKey, second);
    user.nearly(&[
        Rule::MigrateKey,
        Rule::TwoActiveAccessKeys,
        Rule::UnusedAccessKey,
        Rule::UserWithoutCredentials,
    ]);
    user
}

fn close_to_more_rights(desk: &mut Desk<'_>) -> User {
    let mut user = signed_in(desk);
    attach(&mut user.common, &managed::KEY_ADMINISTRATION);
    let key = user.give_key(desk.ago(20, 80));
    user.call(
        key,
        &calls::GET_COST_AND_USAGE,
        desk.rhythm(),
        desk.ago(0, 12),
    );
    user
}
