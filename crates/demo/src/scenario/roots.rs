//! Accounts, their roots and their password policies.

use fastrand::Rng;

use crate::calls;
use crate::model::usage::Schedule;
use crate::model::{Account, Actor, LastUse, PasswordPolicy, Rhythm, Root, RootKey, Rule, Use};
use crate::moment::{DAY, HOUR, Moment};
use crate::randomness::access_key_id;

/// Makes an account without principals. The management account comes first; the others take turns.
pub(super) fn account(index: usize, id: String, name: String, rng: &mut Rng) -> Account {
    let created = Moment::seconds_ago(rng.i64(5000 * DAY..5400 * DAY));
    let mut account = Account {
        index,
        id,
        name,
        root: Root {
            created,
            password_enabled: "true",
            password_last_used: None,
            mfa: true,
            keys: Vec::new(),
            uses: Vec::new(),
        },
        password_policy: None,
        expected: Vec::new(),
        expected_elsewhere: Vec::new(),
        near_misses: Vec::new(),
        users: Vec::new(),
        roles: Vec::new(),
    };
    match (index, index % 3) {
        (0, _) => root_in_daily_use(&mut account, rng),
        (_, 1) => without_password_policy(&mut account, rng),
        (_, 2) => healthy(&mut account),
        _ => root_of_old_times(&mut account),
    }
    account
}

/// A root with an old key, used lately, without MFA; passwords may be used again.
fn root_in_daily_use(account: &mut Account, rng: &mut Rng) {
    let last = Moment::seconds_ago(12 * DAY + 7 * HOUR);
    account.root.password_enabled = "not_supported";
    account.root.mfa = false;
    sign_in(account, last);
    let active = give_key(account, 1300, true, rng);
    call_with_key(account, &active, Moment::seconds_ago(150 * DAY + 3 * HOUR));
    give_key(account, 2100, false, rng);
    account.password_policy = Some(PasswordPolicy {
        minimum_length: 14,
        reuse_prevention: None,
        maximum_age_in_days: Some(365),
    });
    account.expected = vec![
        Rule::RootAccessKey,
        Rule::RootUsed,
        Rule::RootWithoutMfa,
        Rule::UnrotatedAccessKey,
        Rule::UnusedAccessKey,
        Rule::InactiveAccessKey,
        Rule::WeakPasswordPolicy,
    ];
}

/// A root with a switched-off key, not used for long; no password policy was ever set.
fn without_password_policy(account: &mut Account, rng: &mut Rng) {
    sign_in(account, Moment::seconds_ago(200 * DAY + 5 * HOUR));
    give_key(account, 1800, false, rng);
    account.expected = vec![Rule::InactiveAccessKey, Rule::WeakPasswordPolicy];
    account.near_misses = vec![Rule::RootAccessKey, Rule::RootUsed, Rule::RootWithoutMfa];
}

/// A root without any credential, so also without MFA, and a policy that is just strong enough.
fn healthy(account: &mut Account) {
    account.root.password_enabled = "false";
    account.root.mfa = false;
    account.password_policy = Some(PasswordPolicy {
        minimum_length: 14,
        reuse_prevention: Some(24),
        maximum_age_in_days: None,
    });
    account.near_misses = vec![
        Rule::RootAccessKey,
        Rule::RootUsed,
        Rule::RootWithoutMfa,
        Rule::WeakPasswordPolicy,
    ];
}

/// A root of an old account, used in the summer before last, and a policy with short passwords.
fn root_of_old_times(account: &mut Account) {
    account.root.password_enabled = "not_supported";
    sign_in(account, Moment::seconds_ago(470 * DAY + HOUR));
    account.password_policy = Some(PasswordPolicy {
        minimum_length: 8,
        reuse_prevention: Some(24),
        maximum_age_in_days: None,
    });
    account.expected = vec![Rule::WeakPasswordPolicy];
    account.near_misses = vec![Rule::RootUsed, Rule::RootWithoutMfa];
}

fn sign_in(account: &mut Account, last: Moment) {
    account.root.password_last_used = Some(last);
    account.root.uses.push(Use {
        call: &calls::CONSOLE_LOGIN,
        region: "us-east-1",
        schedule: once(last, account.root.created),
        actor: Actor::Password,
        denied: None,
        invoked_by: None,
        client: None,
    });
}

fn once(last: Moment, not_before: Moment) -> Schedule {
    Schedule {
        rhythm: Rhythm::Once,
        last,
        not_before,
    }
}

fn give_key(account: &mut Account, days_ago: i64, active: bool, rng: &mut Rng) -> RootKey {
    let key = RootKey {
        id: access_key_id(rng, "AKIA"),
        active,
        created: Moment::seconds_ago(days_ago * DAY + 11 * HOUR),
        last_used: None,
    };
    account.root.keys.push(key.clone());
    key
}

fn call_with_key(account: &mut Account, key: &RootKey, last: Moment) {
    let call = &calls::GET_COST_AND_USAGE;
    let region = call.home.unwrap_or("us-east-1");
    for known in &mut account.root.keys {
        if known.id == key.id {
            known.last_used = Some(LastUse {
                at: last,
                region,
                service: call.service(),
            });
        }
    }
    account.root.uses.push(Use {
        call,
        region,
        schedule: once(last, key.created),
        actor: Actor::Key(key.id.clone()),
        denied: None,
        invoked_by: None,
        client: None,
    });
}
