//! People who left, never came, or were given something new lately.

use super::desk::Desk;
use super::{UserScenario, user};
use crate::calls;
use crate::model::{Rhythm, Rule, User};
use crate::policy::groups::ENGINEERS;

pub(super) static SCENARIOS: &[UserScenario] = &[
    user("contractor-who-never-came", 4, contractor_who_never_came),
    user("contractor-who-left", 6, contractor_who_left),
    user("password-stale-key-in-use", 4, password_stale_key_in_use),
    user("person-who-left-without-keys", 4, left_without_keys),
    user("person-back-with-new-key-only", 2, back_with_new_key_only),
    user("password-reset-lately", 3, password_reset_lately),
    user("without-credentials", 4, without_credentials),
    user("without-credentials-new", 2, without_credentials_new),
    user("person-from-before-records-began", 1, from_before_records),
];

fn contractor_who_never_came(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 1400);
    let mut user = desk.person(created);
    user.give_password(desk.ago(600, 690));
    let key = user.give_key(desk.ago(600, 690));
    user.expect(Rule::StaleUser);
    user.expect(Rule::UnusedPassword);
    user.expect(Rule::UserWithoutMfa);
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

fn contractor_who_left(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(900, 1600);
    let mut user = desk.person(created);
    user.groups.push(&ENGINEERS);
    user.give_password(desk.ago(500, 880));
    user.sign_in(Rhythm::Once, desk.ago(200, 490));
    user.mfa = true;
    let key = user.give_key(desk.ago(500, 880));
    user.call(
        key,
        &calls::DESCRIBE_STACKS,
        Rhythm::Once,
        desk.ago(150, 350),
    );
    user.expect(Rule::StaleUser);
    user.expect(Rule::UnusedPassword);
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

fn password_stale_key_in_use(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 1600);
    let mut user = desk.person(created);
    user.groups.push(&ENGINEERS);
    user.give_password(desk.ago(400, 690));
    user.sign_in(Rhythm::Once, desk.ago(120, 390));
    user.mfa = true;
    let key = user.give_key(desk.ago(30, 85));
    user.call(key, &calls::DESCRIBE_TABLE, desk.rhythm(), desk.ago(0, 12));
    user.expect(Rule::UnusedPassword);
    user.nearly(&[Rule::StaleUser]);
    user
}

fn left_without_keys(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(900, 1800);
    let mut user = desk.person(created);
    user.give_password(desk.ago(500, 880));
    user.sign_in(Rhythm::Once, desk.ago(95, 490));
    user.mfa = true;
    user.expect(Rule::StaleUser);
    user.expect(Rule::UnusedPassword);
    user
}

/// Old, and the only credential was made lately and not used yet: not stale.
fn back_with_new_key_only(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 1600);
    let mut user = desk.person(created);
    user.give_key(desk.ago(5, 40));
    user.nearly(&[Rule::StaleUser, Rule::UnusedAccessKey]);
    user
}

/// Not used for long, but changed lately, which counts as use.
fn password_reset_lately(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 1600);
    let mut user = desk.person(created);
    user.give_password(desk.ago(5, 60));
    user.sign_in(Rhythm::Once, desk.ago(200, 390));
    user.mfa = true;
    user.nearly(&[Rule::StaleUser, Rule::UnusedPassword]);
    user
}

fn without_credentials(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(200, 2400);
    let mut user = desk.person(created);
    user.expect(Rule::UserWithoutCredentials);
    user.nearly(&[Rule::StaleUser]);
    user
}

fn without_credentials_new(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(1, 20);
    let mut user = desk.person(created);
    user.expect(Rule::UserWithoutCredentials);
    user
}

/// Of the time before AWS kept track of the use of passwords.
fn from_before_records(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(4500, 4900);
    let mut user = desk.person(created);
    user.give_password(created.later(11));
    user.mfa = true;
    user.expect(Rule::StaleUser);
    user.expect(Rule::UnusedPassword);
    user
}
