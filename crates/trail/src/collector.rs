//! One thread's records on their way to rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use leastgrant_catalog::{Catalog, EventMapping, EventRequest, EventResource, MappingStatus};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use xxhash_rust::xxh64::xxh64;

use crate::event_time::event_time;
use crate::groups::{Group, GroupKey};
use crate::identity::Identity;
use crate::interner::Interner;
use crate::outcome::Outcome;
use crate::{Record, RecordSink, SkipReason, Text, Window};

/// Sessions repeat their identity in every record; past this many the oldest are of no use.
const MOST_IDENTITIES: usize = 20_000;
/// Longer names are none of AWS's.
const LONGEST_NAME: usize = 256;

/// A row as an event adds to it: the numbers of group and resource.
pub(crate) type RowPlace = (u32, u32);

/// An event, remembered to be told from its duplicates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenEvent {
    /// A hash of the event id; zero for records without one.
    pub(crate) id: u64,
    /// A hash of the shared event id; zero without one.
    pub(crate) shared_id: u64,
    /// The number of the set of rows that it added to.
    pub(crate) rows: u32,
    /// Whether the caller's own account received the record.
    pub(crate) is_callers_account: bool,
}

/// Takes the records of some files; [`crate::usage`] joins several of them.
#[derive(Debug, Default)]
pub struct UsageCollector {
    window: Window,
    pub(crate) texts: Interner,
    pub(crate) group_numbers: FxHashMap<GroupKey, u32>,
    pub(crate) groups: Vec<(GroupKey, Group)>,
    pub(crate) row_sets: FxHashMap<Box<[RowPlace]>, u32>,
    pub(crate) events: Vec<SeenEvent>,
    pub(crate) skipped: BTreeMap<SkipReason, u64>,
    pub(crate) unmapped: BTreeMap<(String, String), u64>,
    pub(crate) first_and_last: Option<(i64, i64)>,
    mappings: FxHashMap<(u32, u32), EventMapping>,
    identities: FxHashMap<Box<str>, Arc<Identity>>,
}

#[derive(Deserialize)]
struct ListedResource<'a> {
    #[serde(borrow, rename = "ARN", alias = "arn")]
    arn: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
}

impl UsageCollector {
    /// An empty one that takes events of a span of time.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            ..Self::default()
        }
    }

    fn identity(&mut self, text: Option<&str>) -> Arc<Identity> {
        let text = text.unwrap_or("null");
        if let Some(identity) = self.identities.get(text) {
            return Arc::clone(identity);
        }
        if self.identities.len() >= MOST_IDENTITIES {
            self.identities.clear();
        }
        let identity = Arc::new(Identity::of(Some(text)));
        self.identities.insert(text.into(), Arc::clone(&identity));
        identity
    }

    pub(crate) fn group(&mut self, key: GroupKey) -> u32 {
        *self.group_numbers.entry(key).or_insert_with(|| {
            self.groups.push((key, Group::default()));
            u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
        })
    }

    pub(crate) fn row_set(&mut self, rows: &[RowPlace]) -> u32 {
        if let Some(number) = self.row_sets.get(rows) {
            return *number;
        }
        let number = u32::try_from(self.row_sets.len()).unwrap_or(u32::MAX);
        self.row_sets.insert(rows.into(), number);
        number
    }

    /// What a call needed: action and resource of each, and once nothing where it needed nothing or nobody knows.
    fn needs(
        &mut self,
        record: &Record<'_>,
        source: u32,
        name: u32,
        account: &str,
    ) -> Vec<(u32, u32)> {
        let nothing = vec![(self.texts.number(""), self.texts.number(""))];
        if record
            .event_type
            .as_deref()
            .is_some_and(|kind| kind != "AwsApiCall")
        {
            return nothing;
        }
        let (source_text, name_text) = (
            Arc::clone(self.texts.text(source)),
            Arc::clone(self.texts.text(name)),
        );
        let mapping = self
            .mappings
            .entry((source, name))
            .or_insert_with(|| Catalog::get().event(&source_text, &name_text));
        if mapping.status() == MappingStatus::Unmapped {
            let key = (source_text.to_string(), name_text.to_string());
            *self.unmapped.entry(key).or_default() += 1;
            return nothing;
        }
        let listed: Vec<ListedResource<'_>> = match record.resources {
            Some(list) if mapping.reads_request() => {
                serde_json::from_str(list.get()).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let resources: Vec<EventResource<'_>> = listed
            .into_iter()
            .filter_map(|listed| {
                Some(EventResource {
                    arn: listed.arn?.0,
                    kind: listed.kind.map(|kind| kind.0),
                })
            })
            .collect();
        let needs = mapping.needs(&EventRequest {
            region: record.aws_region.as_deref().unwrap_or_default(),
            account_id: account,
            parameters: record.request_parameters.map(|raw| raw.get()),
            resources: &resources,
            api_version: record.api_version.as_deref(),
        });
        if needs.is_empty() {
            return nothing;
        }
        let texts = &mut self.texts;
        needs
            .iter()
            .map(|need| (texts.number(&need.action), texts.number(&need.resource)))
            .collect()
    }
}

impl RecordSink for UsageCollector {
    fn record(&mut self, record: &Record<'_>, _text: &str) {
        let Some(time) = record.event_time.as_deref().and_then(event_time) else {
            return self.skipped(SkipReason::NoTime);
        };
        if !self.window.contains(time) {
            return;
        }
        let second = time.as_second();
        let (first, last) = self.first_and_last.unwrap_or((second, second));
        self.first_and_last = Some((first.min(second), last.max(second)));
        let identity = self.identity(record.user_identity.map(|raw| raw.get()));
        let text = |text: &Option<Text<'_>>| -> Box<str> {
            let text = text.as_deref().unwrap_or_default();
            text.get(..text.floor_char_boundary(LONGEST_NAME))
                .unwrap_or_default()
                .into()
        };
        let account = match record.recipient_account_id.as_deref() {
            Some(account) if !account.is_empty() => account,
            _ => &*identity.account_id,
        };
        let source = self.texts.number(&text(&record.event_source));
        let name = self.texts.number(&text(&record.event_name));
        let region = self.texts.number(&text(&record.aws_region));
        let account_number = self.texts.number(account);
        let principal = self.texts.number(&identity.principal_arn);
        let access_key = self
            .texts
            .number(identity.access_key_id.as_deref().unwrap_or_default());
        let outcome = Outcome::of(record.error_code.as_deref());
        let mut places: Vec<RowPlace> = Vec::with_capacity(1);
        for (action, resource) in self.needs(record, source, name, account) {
            let group = self.group(GroupKey {
                account: account_number,
                principal,
                principal_type: identity.principal_type,
                access_key,
                source,
                name,
                action,
                region,
                outcome,
            });
            places.push((group, resource));
        }
        places.sort_unstable();
        places.dedup();
        for (group, resource) in &places {
            let group = usize::try_from(*group).unwrap_or(usize::MAX);
            let Some((_, group)) = self.groups.get_mut(group) else {
                continue;
            };
            let counts = group.counts(*resource, &self.texts);
            counts.see(second);
            counts
                .source_ips
                .add(record.source_ip_address.as_deref().unwrap_or_default());
            counts
                .user_agents
                .add(record.user_agent.as_deref().unwrap_or_default());
            counts
                .vpc_endpoints
                .add(record.vpc_endpoint_id.as_deref().unwrap_or_default());
            counts
                .invoked_by
                .add(identity.invoked_by.as_deref().unwrap_or_default());
        }
        let id = |text: &Option<Text<'_>>| match text.as_deref() {
            // Zero says that there is none.
            Some(text) if !text.is_empty() => xxh64(text.as_bytes(), 0).max(1),
            _ => 0,
        };
        let rows = self.row_set(&places);
        self.events.push(SeenEvent {
            id: id(&record.event_id),
            shared_id: id(&record.shared_event_id),
            rows,
            is_callers_account: !identity.account_id.is_empty() && *identity.account_id == *account,
        });
    }

    fn skipped(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }
}
