//! The usage table by principal: what was used, and what was tried.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use leastgrant_catalog::{ActionId, ActionInfo, Catalog, Logging, MappingStatus, logging_of_event};
use leastgrant_inventory::tables::UsageRow;

use crate::principals::Principals;
use leastgrant_inventory::{ShortText, Timestamp};

use crate::Use;
use crate::window::Days;

/// What the table has of one principal.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Allowed calls, by action in lower case.
    pub(crate) used: HashMap<ShortText, Use>,
    /// Calls that were denied, by action in lower case.
    pub(crate) denied: HashMap<ShortText, i64>,
    /// The last of any calls, by the prefixes of their services.
    pub(crate) services: HashMap<ShortText, Option<Timestamp>>,
    /// The last of any calls that needed an action, by action in lower case.
    pub(crate) actions: HashMap<ShortText, Option<Timestamp>>,
    /// Prefixes of services with calls that nobody knows the needs of, with the first such call.
    pub(crate) unmapped: BTreeMap<ShortText, String>,
    /// The first allowed call with a user's own access key.
    pub(crate) first_call_with_key: Option<Timestamp>,
    /// The last time that somebody came in by the console's sign-in page.
    pub(crate) signed_in_at: Option<Timestamp>,
    /// The last of all other events, whatever came of them.
    pub(crate) called_at: Option<Timestamp>,
}

/// The whole table.
#[derive(Debug, Default)]
pub(crate) struct AllSeen {
    pub(crate) principals: HashMap<Arc<str>, Seen>,
    /// Actions of allowed calls by callers that are not told, by account; in lower case. `s3:*` is a call of which nobody knows what
    /// it needs.
    pub(crate) by_nobody: HashMap<ShortText, HashSet<ShortText>>,
    /// Events by account, with their days.
    pub(crate) by_anybody: HashMap<ShortText, SeenEvents>,
    /// Accounts in which users were renamed or got another path.
    pub(crate) with_renamed_users: HashSet<ShortText>,
    /// Allowed calls that change what is logged, by account: the name, and the first and last time.
    pub(crate) trail_changes: HashMap<ShortText, Vec<TrailChange>>,
}

/// Events that are alike, and their days.
pub(crate) type SeenEvents = HashMap<SeenEvent, Days>;

/// An event that is of one kind for certain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SeenEvent {
    /// The action that tells its kind.
    pub(crate) action: ActionId,
    /// Its name in lower case.
    pub(crate) name: ShortText,
    pub(crate) region: ShortText,
    pub(crate) logging: Logging,
}

/// What was looked up of events, which many rows share.
#[derive(Default)]
struct Known {
    prefixes: HashMap<ShortText, Vec<ShortText>>,
    events: HashMap<(ShortText, ShortText), Option<(ActionInfo, Logging)>>,
}

/// Calls of one name that change what is logged.
#[derive(Debug)]
pub(crate) struct TrailChange {
    pub(crate) event: ShortText,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
}

/// Calls after which a trail logs other events than before.
const TRAIL_CHANGES: &[&str] = &[
    "DeleteTrail",
    "PutEventSelectors",
    "StartLogging",
    "StopLogging",
    "UpdateTrail",
];

impl AllSeen {
    pub(crate) fn of(rows: Vec<UsageRow>, principals: &Principals) -> Self {
        let mut all = Self::default();
        let mut known = Known::default();
        for mut row in rows {
            let key = row.access_key_id.as_deref();
            if let Some(owner) = key.and_then(|key| principals.owner_of_key(key)) {
                row.principal_arn = Arc::clone(owner);
            }
            all.add_event(&row, &mut known);
            all.add(row, &mut known.prefixes);
        }
        all
    }

    fn add_event(&mut self, row: &UsageRow, known: &mut Known) {
        let event = (row.event_source.clone(), row.event_name.clone());
        let found = known.events.entry(event);
        let found = found.or_insert_with_key(|(source, name)| logging_of_event(source, name));
        if let Some((action, logging)) = found {
            let event = SeenEvent {
                action: action.id(),
                name: row.event_name.to_lowercase(),
                region: row.region.clone(),
                logging: logging.clone(),
            };
            let events = self.by_anybody.entry(row.account_id.clone()).or_default();
            let days = events.entry(event).or_default();
            days.extend(row.active_dates.iter());
        }
        if row.outcome == "allowed"
            && row.event_source == "iam.amazonaws.com"
            && row.event_name == "UpdateUser"
        {
            self.with_renamed_users.insert(row.account_id.clone());
        }
    }

    fn add(&mut self, row: UsageRow, sources: &mut HashMap<ShortText, Vec<ShortText>>) {
        let is_allowed = row.outcome == "allowed";
        let event = row.event_name.as_str();
        if is_allowed
            && row.event_source == "cloudtrail.amazonaws.com"
            && TRAIL_CHANGES.contains(&event)
        {
            let changes = self.trail_changes.entry(row.account_id.clone());
            changes.or_default().push(TrailChange {
                event: event.into(),
                first: row.first_seen,
                last: row.last_seen,
            });
        }
        let action = row.action.as_ref().map(|action| action.to_lowercase());
        let is_nobody = is_allowed && is_not_told(&row);
        if is_nobody && let Some(action) = &action {
            let account = self.by_nobody.entry(row.account_id.clone()).or_default();
            account.insert(action.clone());
        }
        let seen = self
            .principals
            .entry(Arc::clone(&row.principal_arn))
            .or_default();
        if is_allowed && row.access_key_id.as_deref().is_some_and(is_long_term) {
            let first = [seen.first_call_with_key, row.first_seen];
            seen.first_call_with_key = first.into_iter().flatten().min();
        }
        if !is_of_sign_in(&row) {
            seen.called_at = row.last_seen.max(seen.called_at);
        } else if is_allowed && row.event_name == "ConsoleLogin" {
            seen.signed_in_at = row.last_seen.max(seen.signed_in_at);
        }
        match action {
            Some(action) => {
                if let Some((service, _)) = action.split_once(':') {
                    let last = seen.services.entry(service.into()).or_default();
                    *last = row.last_seen.max(*last);
                }
                let last = seen.actions.entry(action.clone()).or_default();
                *last = row.last_seen.max(*last);
                match &*row.outcome {
                    "allowed" => seen.used.entry(action).or_default().add(row),
                    "denied" => *seen.denied.entry(action).or_default() += row.count,
                    _ => {}
                }
            }
            None => {
                let prefixes = sources
                    .entry(row.event_source.clone())
                    .or_insert_with(|| prefixes_of(&row.event_source));
                let status = Catalog::get()
                    .event(&row.event_source, &row.event_name)
                    .status();
                for prefix in prefixes.iter() {
                    let last = seen.services.entry(prefix.clone()).or_default();
                    *last = row.last_seen.max(*last);
                    if status != MappingStatus::NeedsNothing && is_allowed {
                        if is_nobody {
                            let account = self.by_nobody.entry(row.account_id.clone());
                            let any = format!("{prefix}:*");
                            account.or_default().insert(any.into());
                        }
                        let event = format!("{} {}", row.event_source, row.event_name);
                        let first = seen.unmapped.entry(prefix.clone()).or_insert(event.clone());
                        if event < *first {
                            *first = event;
                        }
                    }
                }
            }
        }
    }
}

/// Whether an access key is a user's own, not a session's (IAM User Guide, "IAM identifiers": unique id prefixes).
fn is_long_term(access_key_id: &str) -> bool {
    access_key_id.starts_with("AKIA")
}

/// Events of the console's sign-in page that say no more than that somebody comes in (AWS Sign-In User Guide, "Logging AWS Sign-In API
/// calls with AWS CloudTrail"; IAM User Guide, "Console sign-in events").
const SIGN_IN: &[&str] = &[
    "CheckMfa",
    "ConsoleLogin",
    "CredentialChallenge",
    "CredentialVerification",
    "UserAuthentication",
];

fn is_of_sign_in(row: &UsageRow) -> bool {
    row.event_source == "signin.amazonaws.com" && SIGN_IN.contains(&row.event_name.as_str())
}

/// Whether a call can be of any principal of the account: its record names none, or the account alone, or a session whose role
/// or user is not told.
fn is_not_told(row: &UsageRow) -> bool {
    let principal = &*row.principal_arn;
    row.principal_type == "unknown"
        || principal.is_empty()
        || principal == row.account_id.as_str()
        || principal
            .split(':')
            .nth(2)
            .is_some_and(|service| service == "sts")
}

/// The prefixes that the actions of an event source can have.
fn prefixes_of(source: &str) -> Vec<ShortText> {
    let source = source.to_lowercase();
    let host = source.strip_suffix(".amazonaws.com").unwrap_or(&source);
    let mut prefixes: Vec<ShortText> = Catalog::get()
        .prefixes_of_event_source(host)
        .into_iter()
        .map(ShortText::from)
        .collect();
    for service in Catalog::get().sdk_services() {
        if service.endpoint_prefix == host || service.signing_name == host {
            prefixes.extend(service.prefix.map(ShortText::from));
        }
    }
    prefixes.sort_unstable();
    prefixes.dedup();
    prefixes
}

impl Use {
    fn add(&mut self, row: UsageRow) {
        self.rows += 1;
        self.events = self.events.saturating_add(row.count);
        self.first_seen = [self.first_seen, row.first_seen]
            .into_iter()
            .flatten()
            .min();
        self.last_seen = self.last_seen.max(row.last_seen);
        self.days.add_all(&row.active_dates);
        match row.resource {
            Some(resource) => {
                self.resources.insert(resource);
            }
            None => self.has_untold_resources = true,
        }
    }
}
