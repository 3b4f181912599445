//! `permission-use.csv`: a row for each user and role.

use super::PermissionUse;
use crate::Error;

/// The columns, in order.
pub const COLUMNS: [&str; 14] = [
    "account_id",
    "principal_arn",
    "owner",
    "granted_actions",
    "used_actions",
    "unused_actions",
    "unknown_actions",
    "used_services",
    "last_used_at",
    "logs_from",
    "logs_to",
    "policies_known",
    "logs_regions",
    "logs_all_regions",
];

/// All principals. Cells are defused as in `findings.csv`.
///
/// # Errors
/// [`Error::Render`] if the CSV writer refuses, which it has no reason to.
pub fn render(permission_use: &PermissionUse) -> Result<String, Error> {
    let rows = permission_use.principals.iter().map(|principal| {
        let account = permission_use
            .accounts
            .iter()
            .find(|account| account.account_id == principal.account_id);
        let time = |time: Option<leastgrant_inventory::Timestamp>| {
            time.map(|time| time.to_string()).unwrap_or_default()
        };
        vec![
            principal.account_id.clone(),
            principal.principal_arn.clone(),
            principal.owner.clone(),
            principal.granted.to_string(),
            principal.used.to_string(),
            principal.unused.to_string(),
            principal.unknown.to_string(),
            principal.services_used.to_string(),
            time(principal.last_used_at),
            time(account.map(|account| account.from)),
            time(account.map(|account| account.to)),
            (!principal.has_unknown_policies).to_string(),
            account.map_or_else(String::new, |account| account.regions.join(" ")),
            account.map_or_else(String::new, |account| account.logs_all_regions.to_string()),
        ]
    });
    crate::csv::write(COLUMNS.to_vec(), rows)
}
