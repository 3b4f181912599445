//! The last calls that CloudTrail logs show of keys and principals.
//!
//! They are never the last ones for certain, since logs are of a time and of some events. But a call in them was made, whatever
//! a report that is older or coarser says.

use std::collections::HashMap;
use std::sync::Arc;

use leastgrant_inventory::tables::UsageTimeRow;
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};

/// Asked at the sign-in page before anybody has told a password.
const BEFORE_THE_PASSWORD: &str = "CheckMfa";

/// The last call of each key and principal in the logs of an inventory.
#[derive(Debug, Default)]
pub(crate) struct LoggedUse {
    keys: HashMap<ShortText, Timestamp>,
    principals: HashMap<Arc<str>, Timestamp>,
}

impl LoggedUse {
    /// Times after `as_of` are no times that the account's records can have.
    pub(crate) fn load(inventory: &Inventory, as_of: Timestamp) -> Result<Self, Error> {
        let mut logged = Self::default();
        for row in inventory.read::<UsageTimeRow>()? {
            // Who could not prove who they are did not use what is not theirs. A denied call is a use, as AWS counts it.
            let Some(at) = row
                .last_seen
                .filter(|at| *at <= as_of && row.outcome != "authentication_failed")
                .filter(|_| row.event_name != BEFORE_THE_PASSWORD)
            else {
                continue;
            };
            if let Some(key) = row.access_key_id {
                let latest = logged.keys.entry(key).or_insert(at);
                *latest = at.max(*latest);
            }
            let latest = logged.principals.entry(row.principal_arn).or_insert(at);
            *latest = at.max(*latest);
        }
        Ok(logged)
    }

    /// The last call with an access key.
    pub(crate) fn of_key(&self, access_key_id: Option<&str>) -> Option<Timestamp> {
        self.keys.get(access_key_id?).copied()
    }

    /// The last call of a user or role.
    pub(crate) fn of_principal(&self, arn: &str) -> Option<Timestamp> {
        self.principals.get(arn).copied()
    }
}
