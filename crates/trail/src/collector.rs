//! One thread's records on their way to rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use leastgrant_catalog::{EventRequest, EventResource, Need};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use xxhash_rust::xxh64::xxh64;

use crate::call_kinds::{CallKind, CallKinds};
use crate::callers::{Caller, Callers};
use crate::crowd::Crowd;
use crate::decided::{Decided, Decides};
use crate::grouped::GroupedCalls;
use crate::groups::{Group, GroupKey};
use crate::interner::Interner;
use crate::known_rows::{Call, Deciding, KnownRows, Request, Times};
use crate::read_parts::ReadParts;
use crate::seen_events::{SeenEvent, SeenEvents};
use crate::sessions::Sessions;
use crate::smallest::SharedTexts;
use crate::without_id::{RecordTold, TextsHash};
use crate::{Record, RecordSink, SkipReason, Text, Window};

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
    pub(crate) row_sets: RowSets,
    pub(crate) events: SeenEvents,
    /// What another engine has counted.
    pub(crate) grouped: Vec<GroupedCalls>,
    pub(crate) sessions: Sessions,
    pub(crate) skipped: BTreeMap<SkipReason, u64>,
    /// By the numbers of source and name.
    pub(crate) unmapped: FxHashMap<(u32, u32), u64>,
    pub(crate) first_and_last: Option<(i64, i64)>,
    pub(crate) crowd: Crowd,
    callers: Callers,
    kinds: CallKinds,
    known_rows: KnownRows,
    decided: Decided,
    read_parts: ReadParts,
    pub(crate) origins: SharedTexts,
}

/// Sets of rows, each once.
#[derive(Debug, Default)]
pub(crate) struct RowSets {
    numbers: FxHashMap<Arc<[RowPlace]>, u32>,
    sets: Vec<Arc<[RowPlace]>>,
}

impl RowSets {
    pub(crate) fn number(&mut self, rows: &[RowPlace]) -> u32 {
        if let Some(number) = self.numbers.get(rows) {
            return *number;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        let rows: Arc<[RowPlace]> = rows.into();
        self.sets.push(Arc::clone(&rows));
        self.numbers.insert(rows, number);
        number
    }

    pub(crate) fn rows(&self, number: u32) -> Arc<[RowPlace]> {
        self.sets.get(place_of(number)).cloned().unwrap_or_default()
    }

    /// All, in the order of their numbers.
    pub(crate) fn all(&self) -> &[Arc<[RowPlace]>] {
        &self.sets
    }
}

/// Where a record goes.
pub(crate) struct Placed {
    pub(crate) caller: Arc<Caller>,
    /// The number of the set of rows that it adds to.
    pub(crate) rows: u32,
    /// Whether the caller's own account received it.
    pub(crate) is_callers_account: bool,
    /// What the rows are known by.
    pub(crate) call: Call,
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

    /// Who a record was, and the rows that it adds to. It stands for so many that are alike in all that decides this.
    pub(crate) fn place(&mut self, record: &Record<'_>, records: u64) -> Placed {
        let user_identity = record.user_identity.map(|raw| raw.get());
        let number = record.identity_number;
        let (sessions, texts) = (&mut self.sessions, &mut self.texts);
        sessions.learn(record, texts);
        let caller = self.callers.caller(user_identity, number, sessions, texts);
        let kind = self.kinds.kind(record, &mut self.texts);
        if kind.is_unmapped {
            let event = self.unmapped.entry((kind.source, kind.name));
            *event.or_default() += records;
        }
        let account = kind.recipient.unwrap_or(caller.account);
        let (call, rows) = self.call(record, &caller, &kind, account);
        // Where nobody tells the receiver, it is another one that names no more of the caller than its account.
        let is_told = kind.recipient.is_some() || caller.identity.principal_type != "account";
        Placed {
            rows,
            is_callers_account: is_told
                && !caller.identity.account_id.is_empty()
                && caller.account == account,
            caller,
            call,
        }
    }

    /// What a call is known by, and its set of rows.
    fn call(
        &mut self,
        record: &Record<'_>,
        caller: &Caller,
        kind: &CallKind,
        account: u32,
    ) -> (Call, u32) {
        let [text, resources] = [record.request_parameters, record.resources].map(|raw| {
            let read = raw.filter(|_| kind.reads_request);
            read.map_or("", |raw| raw.get())
        });
        let request = |parameters| Request {
            caller: (caller.principal, caller.access_key, account),
            principal_type: caller.identity.principal_type,
            kind: kind.number,
            parameters,
            resources,
        };
        let read_parts = &mut self.read_parts;
        let mut in_general = || {
            let parts = kind.read_members.and_then(|read| read_parts.of(read, text));
            parts.map_or(Deciding::Whole(text), Deciding::Parts)
        };
        let (first, second) = match self.decided.of(kind.number) {
            Decides::Whole => (Deciding::Whole(text), None),
            Decides::Parts => {
                let first = in_general();
                (first, Some(first))
            }
            Decides::Nothing => (Deciding::Nothing, None),
        };
        let call = self.known_rows.call(&request(first));
        if let Some(rows) = self.known_rows.rows(call) {
            return (call, rows);
        }
        let general = second.unwrap_or_else(in_general);
        if general != first {
            let call = self.known_rows.call(&request(general));
            if let Some(rows) = self.known_rows.rows(call) {
                self.decided.put(kind.number, general.into());
                return (call, rows);
            }
        }
        let (rows, reads_parameters) = self.read_request(record, caller, kind, account);
        let deciding = match reads_parameters {
            true => general,
            false => Deciding::Nothing,
        };
        self.decided.put(kind.number, deciding.into());
        let call = self.known_rows.call(&request(deciding));
        if let Some(displaced) = self.known_rows.put(call, rows) {
            self.tell_rows(&displaced);
        }
        (call, rows)
    }

    /// The set of rows of a call, one for each permission that it needed, and whether its parameters decide that.
    fn read_request(
        &mut self,
        record: &Record<'_>,
        caller: &Caller,
        kind: &CallKind,
        account: u32,
    ) -> (u32, bool) {
        let key = GroupKey {
            account,
            principal: caller.principal,
            principal_type: caller.identity.principal_type,
            access_key: caller.access_key,
            source: kind.source,
            name: kind.name,
            action: 0,
            region: kind.region,
            outcome: kind.outcome,
            shows: kind.shows,
        };
        let (needs, reads_parameters) = self.needs(record, kind, account);
        let places = self.places(key, &needs);
        (self.row_sets.number(&places), reads_parameters)
    }

    /// What a call needed, and whether its parameters say so.
    fn needs(&self, record: &Record<'_>, kind: &CallKind, account: u32) -> (Vec<Need>, bool) {
        let listed: Vec<ListedResource<'_>> = record
            .resources
            .filter(|_| kind.reads_request)
            .and_then(|list| serde_json::from_str(list.get()).ok())
            .unwrap_or_default();
        let resources: Vec<EventResource<'_>> = listed
            .into_iter()
            .filter_map(|listed| Some(EventResource { arn: listed.arn?.0 }))
            .collect();
        let request = EventRequest {
            region: record.aws_region.as_deref().unwrap_or_default(),
            account_id: self.texts.text(account),
            parameters: record.request_parameters.map(|raw| raw.get()),
            resources: &resources,
        };
        let mut needs = Vec::new();
        let mapping = kind.mapping.as_ref();
        let reads = mapping.is_some_and(|mapping| mapping.needs_into(&request, &mut needs));
        (needs, reads)
    }

    /// What stands in the place of the id of a record that has none.
    pub(crate) fn without_id(
        &mut self,
        record: &Record<'_>,
        caller: &Caller,
        told: &RecordTold,
    ) -> u64 {
        let kind = self.kinds.kind(record, &mut self.texts);
        let account = kind.recipient.unwrap_or(caller.account);
        let mut hash = TextsHash::of(told);
        let numbers = [
            account,
            caller.principal,
            caller.access_key,
            kind.source,
            kind.name,
            kind.region,
        ];
        for number in numbers {
            hash.add(self.texts.text(number));
        }
        hash.add(caller.identity.principal_type);
        hash.add(kind.outcome.name());
        let (needs, _) = self.needs(record, &kind, account);
        for need in needs {
            hash.add(&need.action);
            hash.add(&need.resource);
        }
        hash.finish()
    }

    /// Tells rows when their calls came.
    fn tell_rows(&mut self, times: &Times) {
        for place in self.row_sets.rows(times.rows).iter() {
            if let Some(counts) = self.counts(*place) {
                counts.see_between(times.first, times.last);
                counts.days.add_of_span(times.span(), times.days);
            }
        }
    }

    /// Tells all rows what they have not been told yet.
    pub(crate) fn tell_all_rows(&mut self) {
        for times in self.known_rows.take_untold() {
            self.tell_rows(&times);
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
            places.extend(self.place_in(number, resource));
        }
        self.places_now(&places)
    }
}

/// A number as a place in a list.
pub(crate) fn place_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A name that AWS gives is shorter; what somebody else wrote is cut.
pub(crate) fn cut(name: Option<&str>) -> &str {
    let name = name.unwrap_or_default();
    name.get(..name.floor_char_boundary(LONGEST_NAME))
        .unwrap_or_default()
}

/// What the lists of a row take in.
fn origin<'a>(record: &'a Record<'_>, caller: &'a Caller) -> [&'a str; 4] {
    [
        record.source_ip_address.as_deref(),
        record.user_agent.as_deref(),
        record.vpc_endpoint_id.as_deref(),
        caller.identity.invoked_by.as_deref(),
    ]
    .map(Option::unwrap_or_default)
}

impl RecordSink for UsageCollector {
    fn record(&mut self, record: &Record<'_>) {
        let Some(time) = record.time() else {
            return self.skipped(SkipReason::NoTime);
        };
        if !self.window.contains(time) {
            return;
        }
        let second = time.as_second();
        self.span(second, second);
        let placed = self.place(record, 1);
        let origin = origin(record, &placed.caller);
        let seen = self
            .known_rows
            .see(placed.call, placed.rows, second, &origin);
        if let Some(displaced) = &seen.displaced {
            self.tell_rows(displaced);
        }
        if seen.is_new_origin {
            let origin = origin.map(|text| self.origins.share(text));
            for place in self.row_sets.rows(placed.rows).iter() {
                if let Some(counts) = self.counts(*place) {
                    counts.see_origin(&origin);
                }
            }
        }
        let hash = |text: &str| xxh64(text.as_bytes(), 0);
        let told = |text: &'_ Option<Text<'_>>| {
            let text = text.as_deref().filter(|text| !text.is_empty());
            text.map(hash)
        };
        let id = told(&record.event_id);
        let without_id = if id.is_none() {
            let text = |text: &Option<Text<'_>>| text.as_deref().map(str::to_owned);
            let told = RecordTold {
                second,
                request_id: text(&record.request_id),
                source_ip_address: text(&record.source_ip_address),
                user_agent: text(&record.user_agent),
                vpc_endpoint_id: text(&record.vpc_endpoint_id),
            };
            self.without_id(record, &placed.caller, &told)
        } else {
            0
        };
        self.events.push(SeenEvent {
            id: id.unwrap_or(without_id),
            // Zero says that there is none.
            shared_id: told(&record.shared_event_id).map_or(0, |id| id.max(1)),
            rows: placed.rows,
            has_id: id.is_some(),
            is_callers_account: placed.is_callers_account,
            is_known: false,
        });
    }

    fn skipped(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }
}
