//! The answers, and why one is unknown.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use leastgrant_inventory::Days;
use leastgrant_inventory::{ShortText, Timestamp, counted};

use crate::Window;

/// What is known of a principal's use of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was used.
    Used(Use),
    /// It was not used in the window, and a use would have been in the files that were read.
    Unused(Unused),
    /// A use could have gone unseen, for each of these reasons. Sorted, never empty.
    Unknown(Vec<Reason>),
}

/// Calls that were allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// How many rows of the usage table say so.
    pub rows: usize,
    /// How many events are in them.
    pub events: i64,
    /// The first of them.
    pub first_seen: Option<Timestamp>,
    /// The last of them.
    pub last_seen: Option<Timestamp>,
    /// The days on which there were some, in UTC: a quarterly job has few.
    pub days: Days,
    /// What they were about: ARNs, `*`, and common prefixes with `*` of resources that were too many.
    pub resources: BTreeSet<Arc<str>>,
    /// Whether some were about resources that could not be told, so that `resources` is not all.
    pub has_untold_resources: bool,
}

/// What the absence of use was seen with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The time without use: what of the account's time a trail logged the action's calls in.
    pub window: Window,
    /// Calls in the usage table that were denied: they show no need.
    pub denied: i64,
    /// The Regions that events were seen of.
    pub regions: BTreeSet<ShortText>,
    /// Whether a trail logs the other Regions too. That their files were among those that were read is assumed: nothing tells it.
    pub logs_all_regions: bool,
    /// The last access to the service by last-accessed data: before the window, or one that the logs show, of another action.
    pub service_last_accessed: Option<Timestamp>,
}

/// Why a use could have gone unseen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The inventory has no events of the principal's account.
    NoEvents,
    /// All events of the principal's account that were read were passed on by somebody, who may have left others out.
    OnlyPassedOn,
    /// The time that the logs cover is shorter than what was asked for.
    WindowTooShort {
        /// How many days there are.
        days: i64,
        /// How many it takes.
        least_days: i64,
    },
    /// No management event of the account was read, as far as the inventory tells; one of an earlier version does not.
    NoManagementEvents,
    /// The logs end long before the inventory was collected.
    LogsEndEarly {
        /// How many days before.
        days: i64,
    },
    /// The principal is younger than what proves something.
    PrincipalMade {
        /// How many days of the logs it has been there for.
        days: i64,
        /// How many it takes.
        least_days: i64,
    },
    /// The user has neither a password nor an active key, so that nobody can call as it, whatever it is for.
    NoCredentials,
    /// All credentials of the user that can be used are younger than what proves something.
    CredentialsMade {
        /// How many days of the logs it has had one for.
        days: i64,
        /// How many it takes.
        least_days: i64,
    },
    /// An access key of the user is younger than what proves something, and no other one called before it.
    FirstKeyMade {
        /// How many days of the logs it has been there for.
        days: i64,
        /// How many it takes.
        least_days: i64,
    },
    /// Somebody signs in to the console as the principal, and no call of its is in the logs: they do not show what is done there.
    SignsInOnly {
        /// The last time.
        at: Timestamp,
    },
    /// Files of the time and account could not be read to their ends.
    UnreadableFiles {
        /// How many.
        files: usize,
        /// The first of them.
        first: String,
    },
    /// The catalogue does not know the action, so that nothing tells whether events show it.
    ActionNotKnown,
    /// No event shows this permission, whether it is used or not.
    NoEventShows,
    /// Calls that make something need this permission too, when they tag it, without an event that says so.
    NeededWithinOtherCalls,
    /// The trails of the account could not be read.
    TrailsNotRead,
    /// What a trail of the account logs was not collected.
    SelectorsNotCollected,
    /// Trails that would log the action did not log, or delivered nothing, in the time of the logs.
    TrailsNotLogging,
    /// Trails that log the action began or ended within the time of the logs, and logged for fewer days than it takes.
    LoggedForATime {
        /// How many days they logged.
        days: i64,
        /// How many it takes.
        least_days: i64,
    },
    /// The trail lies in another account, of whose logs too little was read to tell whether somebody changed it there.
    TrailOwnerNotRead {
        /// Twelve digits.
        account_id: String,
    },
    /// Management events of a Region that matters were read for a part of the time only.
    RegionReadForATime {
        /// The Region.
        region: ShortText,
        /// How many days lie between the first and the last of them.
        days: i64,
        /// How many it takes.
        least_days: i64,
    },
    /// Another trail of the account leaves the action's events out, and nothing that was read shows that it is of a fuller one.
    FilesOfLesserTrail,
    /// The account has no trail that logs management events of all Regions.
    RegionsNotLogged,
    /// The account's event history was asked, which is of one Region.
    OneRegionAsked,
    /// Somebody changed, started, stopped or removed a trail in the window, and today's settings are not known to have held
    /// for enough of it.
    TrailsChanged {
        /// The call.
        event: String,
    },
    /// No trail logs the events of global services.
    GlobalServicesNotLogged,
    /// Global services log to one Region, and no file of it was read.
    GlobalRegionNotCovered,
    /// The trails leave these management events out: read or write events, or a source such as `kms.amazonaws.com`.
    ManagementEventsLeftOut,
    /// The action's calls are data events, and no trail logs these types.
    DataEventsNotLogged {
        /// The resource types that would have to be selected.
        resource_types: Vec<&'static str>,
    },
    /// The action's calls are data events, and the trails log some of these only.
    DataEventsLoggedInPart {
        /// The resource types that are not logged for all resources and calls.
        resource_types: Vec<&'static str>,
    },
    /// A trail logs the data events, and none of any of their types is in what was read: it may be of another trail, or filtered.
    DataEventsNotRead,
    /// Files of trails that log the data events were read for a part of the time only.
    DataEventsReadForATime {
        /// How many days they are of.
        days: i64,
        /// How many it takes.
        least_days: i64,
    },
    /// The principal made calls of the service of which nobody knows what they need.
    UnmappedEvents {
        /// The event source and name of the first of them.
        event: String,
    },
    /// Calls that needed the action were made by somebody whom the records do not tell.
    CallerNotTold,
    /// A user was renamed or moved, and one that the inventory does not have used the action: it may be the same.
    CallerMayBeRenamed,
    /// By last-accessed data the principal accessed the service when or where the logs show nothing of it.
    LastAccessedNotInLogs {
        /// The service's prefix, or the action.
        what: ShortText,
        /// When.
        at: Timestamp,
    },
}

impl Reason {
    /// The reason without what it is about, where many actions have it for different resource types.
    #[must_use]
    pub fn in_general(&self) -> String {
        match self {
            Self::DataEventsNotLogged { .. } => "a data event that no trail logs".to_owned(),
            Self::DataEventsLoggedInPart { .. } => "a data event that is logged in part".to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvents => formatter.write_str("no events of the account were read"),
            Self::OnlyPassedOn => formatter.write_str(
                "only events that EventBridge or CloudWatch Logs passed on were read of the account, or such as do not tell it: they show use, and never that there was none",
            ),
            Self::WindowTooShort { days, least_days } => write!(
                formatter,
                "the logs cover {}, and it takes {least_days}",
                counted(*days, "day")
            ),
            Self::NoManagementEvents => formatter
                .write_str("no management event was read, or the inventory is of an earlier version and does not tell"),
            Self::LogsEndEarly { days } => {
                write!(formatter, "the logs end {days} days before the inventory")
            }
            Self::PrincipalMade { days, least_days } => write!(
                formatter,
                "the principal was there for {} of the logs, and it takes {least_days}",
                counted(*days, "day")
            ),
            Self::NoCredentials => {
                formatter.write_str("the user has no password and no active key, and nobody can call as it")
            }
            Self::CredentialsMade { days, least_days } => write!(
                formatter,
                "the user had a credential for {} of the logs, and it takes {least_days}",
                counted(*days, "day")
            ),
            Self::FirstKeyMade { days, least_days } => write!(
                formatter,
                "an access key of the user, before which no other one called, was there for {} of the logs, and it takes {least_days}",
                counted(*days, "day")
            ),
            Self::SignsInOnly { at } => write!(
                formatter,
                "somebody signed in as the principal, the last time at {at}, and the logs show no call of it"
            ),
            Self::TrailOwnerNotRead { account_id } => write!(
                formatter,
                "a trail lies in `{account_id}`, and too little was read of that account to tell whether it was changed"
            ),
            Self::RegionReadForATime {
                region,
                days,
                least_days,
            } => write!(
                formatter,
                "management events of `{region}` were read for {} only, and it takes {least_days}",
                counted(*days, "day")
            ),
            Self::DataEventsReadForATime { days, least_days } => write!(
                formatter,
                "a data event, and files of the trails that log it were read for {}, and it takes {least_days}",
                counted(*days, "day")
            ),
            Self::CallerMayBeRenamed => formatter
                .write_str("a user that is not there any more used it, and users were renamed"),
            Self::UnreadableFiles { files: 1, first } => {
                write!(formatter, "`{first}` could not be read")
            }
            Self::UnreadableFiles { files, first } => write!(
                formatter,
                "`{first}` and {} more could not be read",
                files.saturating_sub(1)
            ),
            Self::ActionNotKnown => formatter.write_str("the catalogue does not know the action"),
            Self::NoEventShows => formatter.write_str("no event shows the permission"),
            Self::NeededWithinOtherCalls => {
                formatter.write_str("calls that tag what they make need it without an event")
            }
            Self::TrailsNotRead => formatter.write_str("the account's trails could not be read"),
            Self::SelectorsNotCollected => {
                formatter.write_str("what a trail of the account logs was not collected")
            }
            Self::TrailsNotLogging => {
                formatter.write_str("no trail that would log it delivered anything in the time of the logs")
            }
            Self::LoggedForATime { days, least_days } => write!(
                formatter,
                "trails logged it for {} of the time, and it takes {least_days}",
                counted(*days, "day")
            ),
            Self::FilesOfLesserTrail => formatter
                .write_str("a trail of the account leaves it out, and the files may be of that trail"),
            Self::RegionsNotLogged => formatter.write_str("no trail logs all Regions"),
            Self::OneRegionAsked => {
                formatter.write_str("some Regions were asked for, and not all")
            }
            Self::TrailsChanged { event } => write!(
                formatter,
                "`{event}` changed what the trails log within the time"
            ),
            Self::GlobalServicesNotLogged => formatter.write_str("no trail logs global services"),
            Self::GlobalRegionNotCovered => formatter
                .write_str("events of global services are in one Region, such as us-east-1, and none of it was read"),
            Self::ManagementEventsLeftOut => {
                formatter.write_str("the trails leave these management events out")
            }
            Self::DataEventsNotLogged { resource_types } => write!(
                formatter,
                "a data event that no trail logs ({})",
                resource_types.join(", ")
            ),
            Self::DataEventsLoggedInPart { resource_types } => write!(
                formatter,
                "a data event that is logged in part ({})",
                resource_types.join(", ")
            ),
            Self::DataEventsNotRead => {
                formatter.write_str("a data event that the trails log, and none of its kind is in what was read")
            }
            Self::UnmappedEvents { event } => write!(
                formatter,
                "the principal called `{event}`, of which no permission is known"
            ),
            Self::CallerNotTold => {
                formatter.write_str("somebody used it whom the records do not tell")
            }
            Self::LastAccessedNotInLogs { what, at } => write!(
                formatter,
                "`{what}` was accessed at {at} by last-accessed data, and the logs do not show it"
            ),
        }
    }
}
