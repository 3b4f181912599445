//! What last-accessed data add to the logs: a lower bound of use for 400 days.
//!
//! IAM User Guide, "Refining permissions in AWS using last accessed information": every authenticated attempt counts at the
//! level of services, data events too; `iam:PassRole` is not tracked.

use std::collections::HashMap;
use std::sync::Arc;

use leastgrant_inventory::tables::{
    LastAccessedActionRow, LastAccessedReportRow, LastAccessedServiceRow,
};
use leastgrant_inventory::{Error, Inventory, ShortText, Timestamp};

/// One service in the reports of one principal.
#[derive(Debug, Clone, Default)]
struct ServiceAccess {
    at: Option<Timestamp>,
    /// Tracked actions by name in lower case: the last access, or none in the tracking period.
    actions: HashMap<ShortText, Option<Timestamp>>,
}

#[derive(Debug, Clone, Default)]
struct Report {
    /// When the latest of its jobs was finished.
    completed: Option<Timestamp>,
    services: HashMap<ShortText, ServiceAccess>,
}

/// All principals' reports.
#[derive(Debug, Default)]
pub(crate) struct LastAccessed {
    reports: HashMap<Arc<str>, Report>,
}

impl LastAccessed {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut all = Self::default();
        for row in inventory.read::<LastAccessedReportRow>()? {
            let report = all.reports.entry(row.principal_arn).or_default();
            report.completed = report.completed.max(row.completed_at);
        }
        for row in inventory.read::<LastAccessedServiceRow>()? {
            let report = all.reports.entry(row.principal_arn).or_default();
            let service = report.services.entry(row.service_namespace).or_default();
            service.at = service.at.max(row.last_authenticated_at);
        }
        for row in inventory.read::<LastAccessedActionRow>()? {
            let report = all.reports.entry(row.principal_arn).or_default();
            let service = report.services.entry(row.service_namespace).or_default();
            let action = service.actions.entry(row.action_name.to_lowercase());
            let at = action.or_default();
            *at = (*at).max(row.last_accessed_at);
        }
        Ok(all)
    }

    /// Whether a report that was made at this time or later lists the service, and without any access in 400 days.
    pub(crate) fn never(&self, principal_arn: &str, service: &str, since: Timestamp) -> bool {
        let Some(report) = self.reports.get(principal_arn) else {
            return false;
        };
        report.completed.is_some_and(|at| at >= since)
            && report
                .services
                .get(service)
                .is_some_and(|own| own.at.is_none() && own.actions.values().all(Option::is_none))
    }

    /// The last access to an action, or to its service where that is all that is known.
    ///
    /// The second value says whether it is of the action itself. A tracked action without any access has none.
    pub(crate) fn last(
        &self,
        principal_arn: &str,
        service: &str,
        lower_name: &str,
    ) -> Option<(Timestamp, bool)> {
        let own = self.reports.get(principal_arn)?.services.get(service)?;
        match own.actions.get(lower_name) {
            Some(at) => at.map(|at| (at, true)),
            None => own.at.map(|at| (at, false)),
        }
    }
}
