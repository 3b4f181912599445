//! What was called and allowed, by principal: actions with the resources they were about.

use std::collections::BTreeMap;
use std::sync::Arc;

use leastgrant_inventory::tables::UsageRow;
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};
use rustc_hash::FxHashMap;

/// A use of one action on one resource: an observed authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourceUse {
    /// When it was seen first, over all rows.
    pub(crate) first: Option<Timestamp>,
    pub(crate) events: i64,
}

/// Uses of one action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActionUse {
    /// As the usage table writes it.
    pub(crate) action: ShortText,
    /// By what they were about: an ARN, or `*` where the request names none.
    pub(crate) resources: BTreeMap<Arc<str>, ResourceUse>,
    /// Events about resources that could not be told, or that are too many to be told apart.
    pub(crate) untold: i64,
}

/// Uses by action in lower case.
pub(crate) type Uses = BTreeMap<String, ActionUse>;

/// All principals' uses.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    by_principal: FxHashMap<Arc<str>, Uses>,
}

impl Usage {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut usage = Self::default();
        for row in inventory.read::<UsageRow>()? {
            usage.add(row);
        }
        Ok(usage)
    }

    fn add(&mut self, row: UsageRow) {
        let Some(action) = row.action.filter(|_| row.outcome == "allowed") else {
            return;
        };
        let uses = self.by_principal.entry(row.principal_arn).or_default();
        let own = uses
            .entry(action.to_ascii_lowercase().into_string())
            .or_default();
        own.action = action;
        match row.resource.filter(|_| !row.is_resource_folded) {
            None => own.untold = own.untold.saturating_add(row.count),
            Some(resource) => {
                let found = own.resources.entry(resource).or_insert(ResourceUse {
                    first: row.first_seen,
                    events: 0,
                });
                found.events = found.events.saturating_add(row.count);
                // A row without a time leaves it open when the use began.
                found.first = match (found.first, row.first_seen) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    _ => None,
                };
            }
        }
    }

    pub(crate) fn of(&self, principal_arn: &str) -> Option<&Uses> {
        self.by_principal.get(principal_arn)
    }
}

impl ActionUse {
    /// The latest time at which a resource was met for the first time; none where that is not known of all.
    pub(crate) fn last_new(&self) -> Option<Timestamp> {
        let firsts: Option<Vec<Timestamp>> = self.resources.values().map(|own| own.first).collect();
        firsts?.into_iter().max()
    }
}
