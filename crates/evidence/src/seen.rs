//! The usage table by principal: what was used, and what was tried.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use leastgrant_catalog::{Catalog, MappingStatus};
use leastgrant_inventory::tables::UsageRow;
use leastgrant_inventory::{ShortText, Timestamp};

use crate::Use;

/// What the table has of one principal.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Allowed calls, by action in lower case.
    pub(crate) used: HashMap<ShortText, Use>,
    /// Calls that were denied, by action in lower case.
    pub(crate) denied: HashMap<ShortText, i64>,
    /// Prefixes of the services of any calls.
    pub(crate) services: HashSet<ShortText>,
    /// Prefixes of services with calls that nobody knows the needs of, with the first such call.
    pub(crate) unmapped: BTreeMap<ShortText, String>,
}

/// The whole table.
#[derive(Debug, Default)]
pub(crate) struct AllSeen {
    pub(crate) principals: HashMap<Arc<str>, Seen>,
    /// Actions of allowed calls by callers that are not told, by account; in lower case.
    pub(crate) by_nobody: HashMap<ShortText, HashSet<ShortText>>,
    /// Actions that anybody called and the Regions of the calls, by account; in lower case.
    pub(crate) by_anybody: HashMap<ShortText, HashSet<(ShortText, ShortText)>>,
    /// Allowed calls that change what is logged, by account: the name, and the first and last time.
    pub(crate) trail_changes: HashMap<ShortText, Vec<TrailChange>>,
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
    pub(crate) fn of(rows: Vec<UsageRow>) -> Self {
        let mut all = Self::default();
        let mut sources = HashMap::new();
        for row in rows {
            all.add(row, &mut sources);
        }
        all
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
        if let Some(action) = &action {
            let account = self.by_anybody.entry(row.account_id.clone()).or_default();
            account.insert((action.clone(), row.region.clone()));
            if row.principal_type == "unknown" && is_allowed {
                let account = self.by_nobody.entry(row.account_id.clone()).or_default();
                account.insert(action.clone());
            }
        }
        let seen = self
            .principals
            .entry(Arc::clone(&row.principal_arn))
            .or_default();
        match action {
            Some(action) => {
                if let Some((service, _)) = action.split_once(':') {
                    seen.services.insert(service.into());
                }
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
                    seen.services.insert(prefix.clone());
                    if status != MappingStatus::NeedsNothing && is_allowed {
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
                if row.is_resource_folded {
                    self.folded_resources.insert(Arc::clone(&resource));
                }
                self.resources.insert(resource);
            }
            None => self.has_untold_resources = true,
        }
    }
}
