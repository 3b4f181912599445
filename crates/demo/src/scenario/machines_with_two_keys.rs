//! Machines with two keys, or with keys that are switched off.

use super::desk::Desk;
use super::{UserScenario, user};
use crate::calls;
use crate::model::{KeyHolder, Rhythm, Rule, User};

pub(super) static SCENARIOS: &[UserScenario] = &[
    user("rotation-midway", 3, rotation_midway),
    user("two-old-keys", 3, two_old_keys),
    user("inactive-key-in-slot-1", 4, inactive_key_in_slot_1),
    user(
        "older-inactive-key-in-slot-2",
        4,
        older_inactive_key_in_slot_2,
    ),
    user("only-an-inactive-key", 3, only_an_inactive_key),
    user("keys-that-tie-one-unused", 0, keys_that_tie_one_unused),
    user("keys-that-tie-both-used", 0, keys_that_tie_both_used),
];

fn rotation_midway(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(200, 700);
    let mut user = desk.machine("deploy", created);
    let old = user.give_key(desk.ago(60, 88));
    let new = user.give_key(desk.ago(3, 6));
    user.call(old, &calls::UPDATE_STACK, Rhythm::Monthly, desk.ago(1, 3));
    user.call(new, &calls::UPDATE_STACK, Rhythm::Monthly, desk.ago(0, 2));
    user.expect(Rule::TwoActiveAccessKeys);
    user.nearly(&[Rule::UnrotatedAccessKey, Rule::InactiveAccessKey]);
    user
}

fn two_old_keys(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 1500);
    let mut user = desk.machine("sync", created);
    let busy = user.give_key(desk.ago(400, 680));
    let idle = user.give_key(desk.ago(200, 380));
    user.call(
        busy,
        &calls::GET_BUCKET_LOCATION,
        desk.rhythm(),
        desk.ago(0, 6),
    );
    user.call(
        idle,
        &calls::DESCRIBE_TABLE,
        Rhythm::Once,
        desk.ago(95, 190),
    );
    user.expect(Rule::TwoActiveAccessKeys);
    user.expect_of_key(Rule::UnrotatedAccessKey, busy);
    user.expect_of_key(Rule::UnrotatedAccessKey, idle);
    user.expect_of_key(Rule::UnusedAccessKey, idle);
    user.nearly(&[Rule::StaleUser]);
    user
}

fn inactive_key_in_slot_1(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(500, 900);
    let mut user = desk.machine("export", created);
    user.common.user_agent = "Fivetran/1.0 aws-sdk-java/2.34.5 os/Linux#6.1.0 lang/java#21.0.8";
    let former = user.give_key(desk.ago(250, 480));
    let current = user.give_key(desk.ago(20, 60));
    user.call(
        former,
        &calls::START_QUERY,
        Rhythm::Once,
        desk.ago(100, 240),
    );
    user.deactivate(former);
    user.call(current, &calls::START_QUERY, desk.rhythm(), desk.ago(0, 6));
    user.held_by(current, KeyHolder::Vendor);
    user.expect_of_key(Rule::InactiveAccessKey, former);
    user.nearly(&[Rule::TwoActiveAccessKeys, Rule::UnusedAccessKey]);
    user
}

/// The ids of keys do not grow with time, so the older key may well be in the second slot.
fn older_inactive_key_in_slot_2(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(900, 1200);
    let mut user = desk.machine("import", created);
    let current = user.give_key(desk.ago(20, 60));
    let former = user.give_key(desk.ago(500, 880));
    user.call(
        current,
        &calls::GET_PARAMETER,
        desk.rhythm(),
        desk.ago(0, 6),
    );
    user.call(
        former,
        &calls::GET_PARAMETER,
        Rhythm::Once,
        desk.ago(400, 490),
    );
    user.deactivate(former);
    user.expect_of_key(Rule::InactiveAccessKey, former);
    user.nearly(&[Rule::UnrotatedAccessKey, Rule::TwoActiveAccessKeys]);
    user
}

fn only_an_inactive_key(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(500, 900);
    let mut user = desk.machine("retired", created);
    let key = user.give_key(desk.ago(300, 480));
    user.deactivate(key);
    user.expect(Rule::UserWithoutCredentials);
    user.expect_of_key(Rule::InactiveAccessKey, key);
    user.nearly(&[Rule::StaleUser, Rule::UnrotatedAccessKey]);
    user
}

/// Two keys of the same second and the same status: only the last use that the key list tells can
/// say which slot of the credential report is which.
fn keys_that_tie_one_unused(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(300, 700);
    let mut user = desk.machine("twin", created);
    let born = desk.ago(150, 280);
    let used = user.give_key(born);
    let unused = user.give_key(born);
    user.call(
        used,
        &calls::DESCRIBE_TABLE,
        Rhythm::Monthly,
        desk.ago(0, 3),
    );
    user.expect(Rule::TwoActiveAccessKeys);
    user.expect_of_key(Rule::UnrotatedAccessKey, used);
    user.expect_of_key(Rule::UnrotatedAccessKey, unused);
    user.expect_of_key(Rule::UnusedAccessKey, unused);
    user
}

/// As above, with the idle key in the first slot.
fn keys_that_tie_both_used(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(600, 900);
    let mut user = desk.machine("twin", created);
    let born = desk.ago(400, 580);
    let idle = user.give_key(born);
    let busy = user.give_key(born);
    user.call(
        idle,
        &calls::GET_PARAMETER,
        Rhythm::Once,
        desk.ago(120, 300),
    );
    user.call(busy, &calls::GET_PARAMETER, Rhythm::Weekly, desk.ago(0, 6));
    user.expect(Rule::TwoActiveAccessKeys);
    user.expect_of_key(Rule::UnrotatedAccessKey, idle);
    user.expect_of_key(Rule::UnrotatedAccessKey, busy);
    user.expect_of_key(Rule::UnusedAccessKey, idle);
    user
}
