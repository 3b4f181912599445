//! Users at the limit of 90 days: to the second, and well beyond it.
//!
//! Ages of credentials are exact. The last use of a key is known to a quarter of an hour only, so
//! what counts as unused here was last used at least a day beyond the limit.

use super::desk::Desk;
use super::{UserScenario, user};
use crate::calls;
use crate::model::{Rhythm, Rule, User};
use crate::moment::{DAY, Moment};

pub(super) static SCENARIOS: &[UserScenario] = &[
    user("key-age-at-the-limit", 1, key_age_at_the_limit),
    user("key-age-one-second-beyond", 1, key_age_one_second_beyond),
    user("key-use-at-the-limit", 1, key_use_at_the_limit),
    user("key-use-a-day-beyond", 1, key_use_a_day_beyond),
    user("password-use-at-the-limit", 1, password_use_at_the_limit),
    user("password-use-a-day-beyond", 1, password_use_a_day_beyond),
    user("user-at-the-limit-never-used", 1, user_at_the_limit),
    user("user-a-day-beyond-never-used", 1, user_a_day_beyond),
];

const LIMIT: Moment = Moment::days_ago(90);
const DAY_BEYOND: Moment = Moment::days_ago(91);

fn key_age_at_the_limit(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(200, 900);
    let mut user = desk.machine("edge", created);
    let key = user.give_key(LIMIT);
    user.call(
        key,
        &calls::DESCRIBE_ALARMS,
        Rhythm::Monthly,
        desk.ago(0, 6),
    );
    user.nearly(&[Rule::UnrotatedAccessKey]);
    user
}

fn key_age_one_second_beyond(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(200, 900);
    let mut user = desk.machine("edge", created);
    let key = user.give_key(LIMIT.earlier(1));
    user.call(
        key,
        &calls::DESCRIBE_ALARMS,
        Rhythm::Monthly,
        desk.ago(0, 6),
    );
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

fn key_use_at_the_limit(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 900);
    let mut user = desk.machine("edge", created);
    let key = user.give_key(desk.ago(400, 600));
    user.call(key, &calls::GET_PARAMETER, Rhythm::Once, LIMIT);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user.nearly(&[Rule::UnusedAccessKey, Rule::StaleUser]);
    user
}

fn key_use_a_day_beyond(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 900);
    let mut user = desk.machine("edge", created);
    let key = user.give_key(desk.ago(400, 600));
    user.call(key, &calls::GET_PARAMETER, Rhythm::Once, DAY_BEYOND);
    user.expect(Rule::StaleUser);
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

fn password_use_at_the_limit(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 900);
    let mut user = desk.person(created);
    user.give_password(desk.ago(200, 600));
    user.sign_in(Rhythm::Once, LIMIT);
    user.mfa = true;
    user.nearly(&[Rule::UnusedPassword, Rule::StaleUser]);
    user
}

fn password_use_a_day_beyond(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 900);
    let mut user = desk.person(created);
    user.give_password(desk.ago(200, 600));
    user.sign_in(Rhythm::Once, DAY_BEYOND);
    user.mfa = true;
    user.expect(Rule::UnusedPassword);
    user.expect(Rule::StaleUser);
    user
}

fn user_at_the_limit(desk: &mut Desk<'_>) -> User {
    let mut user = desk.person(LIMIT);
    user.give_password(LIMIT);
    user.mfa = true;
    user.give_key(LIMIT);
    user.nearly(&[
        Rule::StaleUser,
        Rule::UnusedPassword,
        Rule::UnusedAccessKey,
        Rule::UnrotatedAccessKey,
    ]);
    user
}

fn user_a_day_beyond(desk: &mut Desk<'_>) -> User {
    let created = DAY_BEYOND.earlier(DAY / 2);
    let mut user = desk.person(created);
    user.give_password(DAY_BEYOND);
    user.mfa = true;
    let key = user.give_key(DAY_BEYOND);
    user.expect(Rule::StaleUser);
    user.expect(Rule::UnusedPassword);
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}
