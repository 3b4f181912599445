//! Service last-accessed data: a lower bound of use for 400 days, denied attempts included.
//!
//! Source: IAM User Guide, "Refining permissions using last accessed information".

use std::collections::HashMap;
use std::sync::Arc;

use leastgrant_inventory::tables::{LastAccessedActionRow, LastAccessedServiceRow};
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};

/// The last access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Access {
    pub(crate) at: Timestamp,
    /// The Region, where it is told.
    pub(crate) region: Option<ShortText>,
}

/// When a principal last accessed a service, and its tracked actions.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServiceAccess {
    pub(crate) last: Option<Access>,
    /// By name in lower case.
    pub(crate) actions: HashMap<ShortText, Access>,
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
        let region = row.last_authenticated_region;
        service.last = service.last.take().max(Some(Access { at, region }));
    }
    for row in inventory.read::<LastAccessedActionRow>()? {
        let Some(at) = row.last_accessed_at else {
            continue;
        };
        let services = all.entry(row.principal_arn).or_default();
        let service = services.entry(row.service_namespace).or_default();
        let region = row.last_accessed_region;
        let access = Access { at, region };
        service
            .actions
            .insert(row.action_name.to_lowercase(), access);
    }
    Ok(all)
}
