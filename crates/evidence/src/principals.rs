//! When principals were made and could be used, and which users are there.

use std::collections::HashMap;

use leastgrant_inventory::tables::{
    AccessKeyMadeRow, LongLivedCredentialRow, RoleMadeRow, UserMadeRow,
};
use leastgrant_inventory::{Error, Inventory, Timestamp};

/// The users and roles of an inventory.
#[derive(Debug, Default)]
pub(crate) struct Principals(HashMap<String, Principal>);

#[derive(Debug, Clone, Copy)]
struct Principal {
    made_at: Option<Timestamp>,
    usable: Usable,
}

/// Since when somebody can have called as a principal, by the credentials that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usable {
    /// Since it was made, as far as can be told: roles need no credentials of their own, and how old a password is nothing tells.
    SinceMade,
    /// Since its oldest credential was made.
    Since(Timestamp),
    /// It has no credentials.
    Never,
}

impl Principals {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut credentials: HashMap<String, Vec<Option<Timestamp>>> = HashMap::new();
        let keys = inventory.read::<AccessKeyMadeRow>()?.into_iter();
        let keys = keys.map(|row| (row.user_arn, row.created_at));
        let others = inventory.read::<LongLivedCredentialRow>()?.into_iter();
        let others = others.map(|row| (row.user_arn, row.created_at));
        for (user_arn, made_at) in keys.chain(others) {
            credentials.entry(user_arn).or_default().push(made_at);
        }
        let usable = |row: &UserMadeRow| {
            if !row.access_keys_known || row.password_enabled != Some(false) {
                return Usable::SinceMade;
            }
            let Some(own) = credentials.get(&row.arn) else {
                return Usable::Never;
            };
            let made: Option<Vec<Timestamp>> = own.iter().copied().collect();
            let oldest = made.and_then(|made| made.into_iter().min());
            oldest.map_or(Usable::SinceMade, Usable::Since)
        };
        let users = inventory.read::<UserMadeRow>()?.into_iter().map(|row| {
            let principal = Principal {
                made_at: row.created_at,
                usable: usable(&row),
            };
            (row.arn, principal)
        });
        let roles = inventory.read::<RoleMadeRow>()?.into_iter().map(|row| {
            let principal = Principal {
                made_at: row.created_at,
                usable: Usable::SinceMade,
            };
            (row.arn, principal)
        });
        Ok(Self(users.chain(roles).collect()))
    }

    /// When a principal was made, where that is known.
    pub(crate) fn made_at(&self, arn: &str) -> Option<Timestamp> {
        self.0.get(arn)?.made_at
    }

    /// Since when its credentials let anybody call as the principal.
    pub(crate) fn usable(&self, arn: &str) -> Usable {
        let principal = self.0.get(arn);
        principal.map_or(Usable::SinceMade, |own| own.usable)
    }

    /// Whether it was a user, and is not there any more, by this name and path.
    pub(crate) fn is_user_that_went(&self, arn: &str) -> bool {
        is_user(arn) && !self.0.contains_key(arn)
    }
}

/// Whether an ARN is a user's.
pub(crate) fn is_user(arn: &str) -> bool {
    arn.splitn(6, ':')
        .nth(5)
        .is_some_and(|resource| resource.starts_with("user/"))
}
