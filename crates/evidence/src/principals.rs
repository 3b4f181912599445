//! When principals were made, and which users are there.

use std::collections::HashMap;

use leastgrant_inventory::tables::{RoleMadeRow, UserMadeRow};
use leastgrant_inventory::{Error, Inventory, Timestamp};

/// The users and roles of an inventory, and when each was made.
#[derive(Debug, Default)]
pub(crate) struct Principals(HashMap<String, Option<Timestamp>>);

impl Principals {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let users = inventory.read::<UserMadeRow>()?.into_iter();
        let roles = inventory.read::<RoleMadeRow>()?.into_iter();
        let users = users.map(|row| (row.arn, row.created_at));
        let roles = roles.map(|row| (row.arn, row.created_at));
        Ok(Self(users.chain(roles).collect()))
    }

    /// When a principal was made, where that is known.
    pub(crate) fn made_at(&self, arn: &str) -> Option<Timestamp> {
        *self.0.get(arn)?
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
