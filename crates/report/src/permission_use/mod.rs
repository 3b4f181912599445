//! Which granted permissions CloudTrail shows to be used: a section of the report, lines for owners, and a CSV file.

mod csv;
mod markdown;

pub use csv::{COLUMNS, render as csv};
pub(crate) use markdown::{owner_section, section};

use leastgrant_inventory::Timestamp;

/// The name of the CSV file beside the reports.
pub const FILE: &str = "permission-use.csv";

/// What the logs of an inventory show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermissionUse {
    /// Accounts with logs, sorted by id.
    pub accounts: Vec<LoggedAccount>,
    /// Accounts of the inventory without any, sorted by id.
    pub accounts_without_logs: Vec<String>,
    /// Users and roles that are granted something, sorted by ARN.
    pub principals: Vec<PrincipalUse>,
}

/// What the logs of one account can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedAccount {
    /// Twelve digits; empty where records do not tell their account.
    pub account_id: String,
    /// The first event of the time without a break.
    pub from: Timestamp,
    /// The last one.
    pub to: Timestamp,
    /// How many days in UTC that touches.
    pub days: i64,
    /// Where the events were read: `logs`, `s3`, `athena` or `event_history`.
    pub engines: Vec<String>,
    /// The Regions that events were read of.
    pub regions: Vec<String>,
    /// Whether a trail logs the other Regions too.
    pub logs_all_regions: bool,
    /// How many actions of the catalogue would have been seen if they had been used.
    pub shown: usize,
    /// Why the others would not, with how many there are, the most first.
    pub not_shown: Vec<(String, usize)>,
}

/// How many of a principal's granted actions were used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalUse {
    /// Twelve digits.
    pub account_id: String,
    /// The ARN of the user or role.
    pub principal_arn: String,
    /// Who has to act.
    pub owner: String,
    /// Actions that its policies allow on some resource, under some condition.
    pub granted: usize,
    /// Granted actions that allowed calls needed.
    pub used: usize,
    /// Granted actions of which a use would have been seen, and there was none.
    pub unused: usize,
    /// Granted actions of which a use could have gone unseen.
    pub unknown: usize,
    /// Services with a used action.
    pub services_used: usize,
    /// The last allowed call that needed a permission.
    pub last_used_at: Option<Timestamp>,
    /// Whether some of its policies, or of those that limit it, are not known.
    pub has_unknown_policies: bool,
}
