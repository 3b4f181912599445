//! One thread's records on their way to rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use leastgrant_catalog::{Catalog, EventMapping, EventRequest, EventResource, MappingStatus, Need};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use xxhash_rust::xxh64::xxh64;

use crate::event_time::event_time;
use crate::grouped::GroupedCalls;
use crate::groups::{Group, GroupKey};
use crate::identity::Identity;
use crate::interner::Interner;
use crate::outcome::Outcome;
use crate::seen_events::{SeenEvent, SeenEvents};
use crate::sessions::Sessions;
use crate::{Record, RecordSink, SkipReason, Text, Window};

/// Sessions repeat their identity in every record; past this many the oldest are of no use.
const MOST_IDENTITIES: usize = 20_000;
/// Larger ones are not remembered.
const LARGEST_IDENTITY: usize = 8 << 10;
/// Longer names are none of AWS's.
const LONGEST_NAME: usize = 256;

/// A row as an event adds to it: the numbers of its group and of its resource there.
pub(crate) type RowPlace = (u32, u32);

/// Takes the records of some files; [`crate::usage`] joins several of them.
#[derive(Debug, Default)]
pub struct UsageCollector {
    window: Window,
    pub(crate) texts: Interner,
    pub(crate) group_numbers: FxHashMap<GroupKey, u32>,
    pub(crate) groups: Vec<(GroupKey, Group)>,
    pub(crate) row_sets: FxHashMap<Box<[RowPlace]>, u32>,
    pub(crate) events: SeenEvents,
    /// What another engine has counted.
    pub(crate) grouped: Vec<GroupedCalls>,
    pub(crate) sessions: Sessions,
    pub(crate) skipped: BTreeMap<SkipReason, u64>,
    pub(crate) unmapped: BTreeMap<(String, String), u64>,
    pub(crate) first_and_last: Option<(i64, i64)>,
    mappings: FxHashMap<(u32, u32), EventMapping>,
    identities: FxHashMap<Box<str>, Arc<Identity>>,
}

/// Where a record goes.
pub(crate) struct Placed {
    pub(crate) identity: Arc<Identity>,
    /// Sorted, each once.
    pub(crate) places: Vec<RowPlace>,
    /// Whether the caller's own account received it.
    pub(crate) is_callers_account: bool,
}

#[derive(Deserialize)]
struct ListedResource<'a> {
    #[serde(borrow, rename = "ARN", alias = "arn")]
    arn: Option<Text<'a>>,
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
        let identity = Arc::new(Identity::of(Some(text)));
        if text.len() <= LARGEST_IDENTITY {
            if self.identities.len() >= MOST_IDENTITIES {
                self.identities.clear();
            }
            self.identities.insert(text.into(), Arc::clone(&identity));
        }
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

    /// What each of so many calls needed; nothing where it needed nothing or nobody knows.
    fn needs(&mut self, record: &Record<'_>, records: u64, source: u32, name: u32) -> Vec<Need> {
        let kind = record.event_type.as_deref();
        if kind.is_some_and(|kind| kind != "AwsApiCall") {
            return Vec::new();
        }
        let texts = &self.texts;
        let mapping = self
            .mappings
            .entry((source, name))
            .or_insert_with(|| Catalog::get().event(texts.text(source), texts.text(name)));
        if mapping.status() == MappingStatus::Unmapped {
            let key = (texts.text(source).to_string(), texts.text(name).to_string());
            *self.unmapped.entry(key).or_default() += records;
            return Vec::new();
        }
        if !mapping.reads_request() {
            return mapping.needs(&EventRequest::default());
        }
        let listed: Vec<ListedResource<'_>> = record
            .resources
            .and_then(|list| serde_json::from_str(list.get()).ok())
            .unwrap_or_default();
        let resources: Vec<EventResource<'_>> = listed
            .into_iter()
            .filter_map(|listed| Some(EventResource { arn: listed.arn?.0 }))
            .collect();
        mapping.needs(&EventRequest {
            region: record.aws_region.as_deref().unwrap_or_default(),
            parameters: record.request_parameters.map(|raw| raw.get()),
            resources: &resources,
        })
    }

    /// Who a record was, and the rows that it adds to. It stands for so many that are alike in all that decides this.
    pub(crate) fn place(&mut self, record: &Record<'_>, records: u64) -> Placed {
        let identity = self.identity(record.user_identity.map(|raw| raw.get()));
        let account = match cut(record.recipient_account_id.as_deref()) {
            "" => cut(Some(&identity.account_id)),
            account => account,
        };
        let source = self.texts.number(cut(record.event_source.as_deref()));
        let name = self.texts.number(cut(record.event_name.as_deref()));
        let key = GroupKey {
            account: self.texts.number(account),
            principal: self.principal(&identity),
            principal_type: identity.principal_type,
            access_key: self
                .texts
                .number(identity.access_key_id.as_deref().unwrap_or_default()),
            source,
            name,
            action: 0,
            region: self.texts.number(cut(record.aws_region.as_deref())),
            outcome: Outcome::of_record(record),
        };
        self.sessions.learn(record, &mut self.texts);
        let needs = self.needs(record, records, source, name);
        let places = self.places(key, &needs);
        let is_callers_account =
            !identity.account_id.is_empty() && *identity.account_id == *account;
        Placed {
            identity,
            places,
            is_callers_account,
        }
    }

    fn principal(&mut self, identity: &Identity) -> u32 {
        match &identity.session_key {
            Some(key) => self
                .sessions
                .wait(key, &identity.principal_arn, &mut self.texts),
            None => self.texts.number(&identity.principal_arn),
        }
    }

    /// Widens the span of what was met.
    pub(crate) fn span(&mut self, first: i64, last: i64) {
        let (before, after) = self.first_and_last.unwrap_or((first, last));
        self.first_and_last = Some((before.min(first), after.max(last)));
    }

    /// The rows that an event adds to, sorted, each once.
    fn places(&mut self, key: GroupKey, needs: &[Need]) -> Vec<RowPlace> {
        let mut places: Vec<RowPlace> = Vec::with_capacity(needs.len().max(1));
        let nothing = [("", "")];
        let needs = needs.iter().map(|need| (&*need.action, &*need.resource));
        let without_any = nothing.into_iter().take(usize::from(needs.len() == 0));
        for (action, resource) in needs.chain(without_any) {
            let action = self.texts.number(action);
            let number = self.group(GroupKey { action, ..key });
            if let Some((_, group)) = self.groups.get_mut(place_of(number)) {
                places.push((number, group.place(resource, &mut self.texts)));
            }
        }
        self.places_now(&places)
    }

    /// The same rows as they are by now, sorted, each once: those of a group that was folded meanwhile are one.
    pub(crate) fn places_now(&self, places: &[RowPlace]) -> Vec<RowPlace> {
        let mut now: Vec<RowPlace> = places
            .iter()
            .map(|(number, place)| {
                let group = self.groups.get(place_of(*number));
                (
                    *number,
                    group.map_or(*place, |(_, group)| group.place_now(*place)),
                )
            })
            .collect();
        now.sort_unstable();
        now.dedup();
        now
    }
}

/// A number as a place in a list.
pub(crate) fn place_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A name that AWS gives is shorter; what somebody else wrote is cut.
fn cut(name: Option<&str>) -> &str {
    let name = name.unwrap_or_default();
    name.get(..name.floor_char_boundary(LONGEST_NAME))
        .unwrap_or_default()
}

impl RecordSink for UsageCollector {
    fn record(&mut self, record: &Record<'_>, text: &str) {
        // Log pipelines put the time where they keep it.
        let mut times = [&record.event_time, &record.timestamp].into_iter();
        let Some(time) = times.find_map(|time| event_time(time.as_deref()?)) else {
            return self.skipped(SkipReason::NoTime);
        };
        if !self.window.contains(time) {
            return;
        }
        let second = time.as_second();
        self.span(second, second);
        let Placed {
            identity,
            places,
            is_callers_account,
        } = self.place(record, 1);
        for (number, place) in &places {
            let group = self.groups.get_mut(place_of(*number));
            let Some(counts) = group.and_then(|(_, group)| group.counts(*place)) else {
                continue;
            };
            counts.see(second);
            let lists = [
                (&mut counts.source_ips, record.source_ip_address.as_deref()),
                (&mut counts.user_agents, record.user_agent.as_deref()),
                (&mut counts.vpc_endpoints, record.vpc_endpoint_id.as_deref()),
                (&mut counts.invoked_by, identity.invoked_by.as_deref()),
            ];
            for (list, value) in lists {
                list.add(value.unwrap_or_default());
            }
        }
        let hash = |text: &str| xxh64(text.as_bytes(), 0);
        let told = |text: &'_ Option<Text<'_>>| {
            let text = text.as_deref().filter(|text| !text.is_empty());
            text.map(hash)
        };
        let id = told(&record.event_id);
        let rows = self.row_set(&places);
        self.events.push(SeenEvent {
            id: id.unwrap_or_else(|| hash(text)),
            // Zero says that there is none.
            shared_id: told(&record.shared_event_id).map_or(0, |id| id.max(1)),
            rows,
            has_id: id.is_some(),
            is_callers_account,
            is_known: false,
        });
    }

    fn skipped(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }
}
