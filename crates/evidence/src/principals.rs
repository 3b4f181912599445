//! When principals were made and could be used, and which users are there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use leastgrant_inventory::tables::{
    AccessKeyMadeRow, LongLivedCredentialRow, RoleMadeRow, UserMadeRow,
};
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};

use crate::evidence::account_of;

/// The users and roles of an inventory.
#[derive(Debug, Default)]
pub(crate) struct Principals {
    by_arn: HashMap<String, Principal>,
    /// Whose access keys are, by their ids.
    key_owners: HashMap<ShortText, Arc<str>>,
    /// The accounts that have users, so that it is known who is not there.
    accounts_of_users: HashSet<String>,
}

#[derive(Debug)]
struct Principal {
    made_at: Option<Timestamp>,
    usable: Usable,
    /// Of the active access keys.
    keys_made_at: Vec<Timestamp>,
}

/// Since when somebody can have called as a principal, by the credentials that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usable {
    /// Since it was made, as far as can be told: roles need no credentials of their own, and how old a password is nothing tells.
    SinceMade,
    /// Since its oldest credential that can be used was made.
    Since(Timestamp),
    /// It has no credentials that can be used.
    Never,
}

/// What a user can call with.
#[derive(Debug, Default)]
struct Credentials {
    /// When its active access keys were made.
    keys: Vec<Option<Timestamp>>,
    /// When other credentials that can be used were made.
    others: Vec<Option<Timestamp>>,
}

impl Credentials {
    fn usable(&self, user: &UserMadeRow) -> Usable {
        if !user.access_keys_known || user.password_enabled != Some(false) {
            return Usable::SinceMade;
        }
        let made = || self.keys.iter().chain(&self.others).copied();
        if made().next().is_none() {
            return Usable::Never;
        }
        let made: Option<Vec<Timestamp>> = made().collect();
        let oldest = made.and_then(|made| made.into_iter().min());
        oldest.map_or(Usable::SinceMade, Usable::Since)
    }
}

impl Principals {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut credentials: HashMap<String, Credentials> = HashMap::new();
        let mut key_owners = HashMap::new();
        for row in inventory.read::<AccessKeyMadeRow>()? {
            if let Some(id) = &row.access_key_id {
                key_owners.insert(id.as_str().into(), Arc::from(row.user_arn.as_str()));
            }
            if row.is_active {
                let own = credentials.entry(row.user_arn).or_default();
                own.keys.push(row.created_at);
            }
        }
        for row in inventory.read::<LongLivedCredentialRow>()? {
            if row.is_active {
                let own = credentials.entry(row.user_arn).or_default();
                own.others.push(row.created_at);
            }
        }
        let users = inventory.read::<UserMadeRow>()?;
        let accounts_of_users = users
            .iter()
            .map(|row| account_of(&row.arn).to_owned())
            .collect();
        let users = users.into_iter().map(|row| {
            let own = credentials.remove(&row.arn).unwrap_or_default();
            let principal = Principal {
                made_at: row.created_at,
                usable: own.usable(&row),
                keys_made_at: own.keys.into_iter().flatten().collect(),
            };
            (row.arn, principal)
        });
        let roles = inventory.read::<RoleMadeRow>()?.into_iter().map(|row| {
            let principal = Principal {
                made_at: row.created_at,
                usable: Usable::SinceMade,
                keys_made_at: Vec::new(),
            };
            (row.arn, principal)
        });
        Ok(Self {
            by_arn: users.chain(roles).collect(),
            key_owners,
            accounts_of_users,
        })
    }

    /// Whose an access key is, by the inventory: a user that was renamed since it called has another ARN in the logs.
    pub(crate) fn owner_of_key(&self, access_key_id: &str) -> Option<&Arc<str>> {
        self.key_owners.get(access_key_id)
    }

    /// When a principal was made, where that is known.
    pub(crate) fn made_at(&self, arn: &str) -> Option<Timestamp> {
        self.by_arn.get(arn)?.made_at
    }

    /// Since when its credentials let anybody call as the principal.
    pub(crate) fn usable(&self, arn: &str) -> Usable {
        let principal = self.by_arn.get(arn);
        principal.map_or(Usable::SinceMade, |own| own.usable)
    }

    /// When a user's active access keys were made, where that is known.
    pub(crate) fn keys_made_at(&self, arn: &str) -> &[Timestamp] {
        let principal = self.by_arn.get(arn);
        principal.map_or(&[], |own| own.keys_made_at.as_slice())
    }

    /// Whether it was a user, and is not there any more, by this name and path.
    pub(crate) fn is_user_that_went(&self, arn: &str) -> bool {
        is_user(arn)
            && !self.by_arn.contains_key(arn)
            && self.accounts_of_users.contains(account_of(arn))
    }
}

/// Whether an ARN is a user's.
pub(crate) fn is_user(arn: &str) -> bool {
    arn.splitn(6, ':')
        .nth(5)
        .is_some_and(|resource| resource.starts_with("user/"))
}
