//! Service last-accessed data: a lower bound of use for 400 days, denied attempts included.
//!
//! Source: IAM User Guide, "Refining permissions using last accessed information".

use std::collections::HashMap;
use std::sync::Arc;

use leastgrant_inventory::tables::{LastAccessedActionRow, LastAccessedServiceRow};
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};

/// When a principal last accessed a service, and its tracked actions.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServiceAccess {
    pub(crate) at: Option<Timestamp>,
    /// By name in lower case.
    pub(crate) actions: HashMap<ShortText, Timestamp>,
}

/// By principal, and by prefix.
pub(crate) type LastAccessed = HashMap<Arc<str>, HashMap<ShortText, ServiceAccess>>;

pub(crate) fn load(inventory: &Inventory) -> Result<LastAccessed, Error> {
    let mut all = LastAccessed::new();
    for row in inventory.read::<LastAccessedServiceRow>()? {
        let Some(at) = row.last_authenticated_at else {
            continue;
        };
        let services = all.entry(row.principal_arn).or_default();
        let service = services.entry(row.service_namespace).or_default();
        service.at = service.at.max(Some(at));
    }
    for row in inventory.read::<LastAccessedActionRow>()? {
        let Some(at) = row.last_accessed_at else {
            continue;
        };
        let services = all.entry(row.principal_arn).or_default();
        let service = services.entry(row.service_namespace).or_default();
        service.actions.insert(row.action_name.to_lowercase(), at);
    }
    Ok(all)
}
