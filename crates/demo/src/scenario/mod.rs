//! The scenarios, and how an organisation is planned from them.
//!
//! They come first in a fixed order, one after the other over the accounts; what is missing to the
//! wanted number of principals is drawn from them with their weights. A user and a role at the same
//! place of their two lists therefore share an account, which some scenarios rely on.

mod desk;
mod furnish;
mod limits;
mod machines;
mod machines_with_two_keys;
mod names_and_tags;
mod people;
mod people_who_left;
mod policies_and_groups;
mod roles_federated;
mod roles_of_services;
mod roles_unused;
mod roots;
mod service_credentials;

use rayon::prelude::*;

use crate::Error;
use crate::Options;
use crate::model::{Account, Organisation, Role, User};
use crate::names;
use crate::randomness::{fork, lower_case, number};
use desk::{Desk, Ground};

/// How to make up a user.
#[derive(Debug)]
struct UserScenario {
    name: &'static str,
    /// How often the scenario is drawn to fill up the organisation; 0 for names that are unique.
    weight: u32,
    build: fn(&mut Desk<'_>) -> User,
}

/// How to make up a role, or several that belong together.
#[derive(Debug)]
struct RoleScenario {
    name: &'static str,
    /// How often the scenario is drawn to fill up the organisation; 0 for names that are unique.
    weight: u32,
    build: fn(&mut Desk<'_>) -> Vec<Role>,
}

const fn user(name: &'static str, weight: u32, build: fn(&mut Desk<'_>) -> User) -> UserScenario {
    UserScenario {
        name,
        weight,
        build,
    }
}

const fn role(
    name: &'static str,
    weight: u32,
    build: fn(&mut Desk<'_>) -> Vec<Role>,
) -> RoleScenario {
    RoleScenario {
        name,
        weight,
        build,
    }
}

/// All users' scenarios. The first two belong to the roles at the same places.
static USERS: &[&[UserScenario]] = &[
    machines::SCENARIOS,
    machines_with_two_keys::SCENARIOS,
    people::SCENARIOS,
    people_who_left::SCENARIOS,
    limits::SCENARIOS,
    service_credentials::SCENARIOS,
    names_and_tags::SCENARIOS,
];

/// All roles' scenarios. The first two belong to the users at the same places.
static ROLES: &[&[RoleScenario]] = &[
    roles_of_services::SCENARIOS,
    roles_federated::SCENARIOS,
    roles_unused::SCENARIOS,
];

/// The largest number of accounts.
const MOST_ACCOUNTS: usize = 10_000;

/// Plans the organisation.
pub(crate) fn plan(options: &Options) -> Result<Organisation, Error> {
    if options.accounts == 0 {
        return Err(Error::NoAccounts);
    }
    if options.accounts > MOST_ACCOUNTS {
        return Err(Error::TooManyAccounts {
            asked: options.accounts,
            most: MOST_ACCOUNTS,
        });
    }
    let mut rng = fork(options.seed, "organisation", 0);
    let id = format!("o-{}", lower_case(&mut rng, 10));
    let root_id = format!("r-{}", lower_case(&mut rng, 4));
    let ground = Ground {
        organisation: id.clone(),
        accounts: account_ids(options.accounts, &mut rng),
    };
    let mut accounts: Vec<Account> = ground
        .accounts
        .iter()
        .enumerate()
        .map(|(index, id)| {
            let mut rng = fork(options.seed, "account", number(index));
            roots::account(index, id.clone(), names::account(index), &mut rng)
        })
        .collect();
    let role_count = options.principals.checked_div(3).unwrap_or(0);
    let user_count = options.principals.saturating_sub(role_count);
    let users: Vec<User> = (0..user_count)
        .into_par_iter()
        .filter_map(|position| make_user(options.seed, &ground, position))
        .collect();
    let roles: Vec<Vec<Role>> = (0..role_count)
        .into_par_iter()
        .map(|position| make_roles(options.seed, &ground, position))
        .collect();
    for (position, user) in users.into_iter().enumerate() {
        if let Some(account) = account_of(&mut accounts, position) {
            account.users.push(user);
        }
    }
    // A scenario may make two roles, so the last places may stay empty.
    let mut left = role_count;
    for (position, made) in roles.into_iter().enumerate() {
        let made: Vec<_> = made.into_iter().take(left).collect();
        left = left.saturating_sub(made.len());
        if let Some(account) = account_of(&mut accounts, position) {
            account.roles.extend(made);
        }
    }
    for account in &mut accounts {
        policies_and_groups::state(account);
    }
    let days = if options.cloudtrail { options.days } else { 0 };
    Ok(Organisation {
        seed: options.seed,
        id,
        root_id,
        days: i64::from(days),
        accounts,
    })
}

/// Account ids: twelve digits each, no two alike. Every second one begins with a zero, which a
/// reader that takes ids for numbers loses.
fn account_ids(count: usize, rng: &mut fastrand::Rng) -> Vec<String> {
    let mut ids: Vec<String> = Vec::with_capacity(count);
    let mut taken = std::collections::HashSet::new();
    while ids.len() < count {
        let range = if ids.len().is_multiple_of(2) {
            100_000_000_000..1_000_000_000_000_u64
        } else {
            10_000_000_000..100_000_000_000_u64
        };
        let id = format!("{:012}", rng.u64(range));
        if taken.insert(id.clone()) {
            ids.push(id);
        }
    }
    ids
}

fn account_of(accounts: &mut [Account], position: usize) -> Option<&mut Account> {
    let index = position.checked_rem(accounts.len())?;
    accounts.get_mut(index)
}

fn make_user(seed: u64, ground: &Ground, position: usize) -> Option<User> {
    let mut rng = fork(seed, "user", number(position));
    let weights = || USERS.iter().copied().flatten();
    let (scenario, filler) = match weights().nth(position) {
        Some(scenario) => (scenario, false),
        None => (draw(weights(), |scenario| scenario.weight, &mut rng)?, true),
    };
    let mut desk = Desk {
        rng,
        ground,
        position,
        filler,
    };
    let mut user = (scenario.build)(&mut desk);
    user.common.scenario = scenario.name;
    furnish::user(&mut user, &mut desk);
    Some(user)
}

fn make_roles(seed: u64, ground: &Ground, position: usize) -> Vec<Role> {
    let mut rng = fork(seed, "role", number(position));
    let weights = || ROLES.iter().copied().flatten();
    let (scenario, filler) = match weights().nth(position) {
        Some(scenario) => (scenario, false),
        None => match draw(weights(), |scenario| scenario.weight, &mut rng) {
            Some(scenario) => (scenario, true),
            None => return Vec::new(),
        },
    };
    let mut desk = Desk {
        rng,
        ground,
        position,
        filler,
    };
    let mut roles = (scenario.build)(&mut desk);
    for role in &mut roles {
        role.common.scenario = scenario.name;
        furnish::role(role, &mut desk);
    }
    roles
}

/// Draws one of several with their weights.
fn draw<'a, T>(
    all: impl Iterator<Item = &'a T> + Clone,
    weight: impl Fn(&T) -> u32,
    rng: &mut fastrand::Rng,
) -> Option<&'a T> {
    let total: u32 = all.clone().map(&weight).sum();
    if total == 0 {
        return None;
    }
    let mut left = rng.u32(0..total);
    for one in all {
        match left.checked_sub(weight(one)) {
            Some(rest) => left = rest,
            None => return Some(one),
        }
    }
    None
}

/// The names of all scenarios.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let users = USERS.iter().copied().flatten().map(|one| one.name);
    let mut names: Vec<_> = users
        .chain(ROLES.iter().copied().flatten().map(|one| one.name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}
