//! When principals last accessed which service, by last-accessed data: 400 days, denied attempts included.
//!
//! Source: IAM User Guide, "Refining permissions using last accessed information".

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use leastgrant_inventory::tables::{LastAccessedReportRow, LastAccessedServiceRow};
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};

/// The last-accessed data of one principal.
#[derive(Debug, Default)]
pub(crate) struct ServiceReport {
    /// When the latest of its jobs was finished.
    pub completed_at: Option<Timestamp>,
    /// The last access to each service that is listed; none in the time that AWS tracks.
    pub services: BTreeMap<ShortText, Option<Timestamp>>,
}

/// All principals' reports, by ARN.
#[derive(Debug, Default)]
pub(crate) struct ServiceAccess(HashMap<Arc<str>, ServiceReport>);

impl ServiceAccess {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut all: HashMap<Arc<str>, ServiceReport> = HashMap::new();
        for row in inventory.read::<LastAccessedReportRow>()? {
            let report = all.entry(row.principal_arn).or_default();
            report.completed_at = report.completed_at.max(row.completed_at);
        }
        for row in inventory.read::<LastAccessedServiceRow>()? {
            let report = all.entry(row.principal_arn).or_default();
            let at = report.services.entry(row.service_namespace).or_default();
            *at = (*at).max(row.last_authenticated_at);
        }
        Ok(Self(all))
    }

    pub(crate) fn of(&self, principal_arn: &str) -> Option<&ServiceReport> {
        self.0.get(principal_arn)
    }
}
