//! One thread's records on their way to rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh64::xxh64;

use crate::call_kinds::CallKinds;
use crate::callers::Callers;
use crate::crowd::Crowd;
use crate::decided::Decided;
use crate::grouped::GroupedCalls;
use crate::groups::{Counts, Group, GroupKey};
use crate::interner::Interner;
use crate::known_rows::{KnownRows, Origin, Times};
use crate::placing::{Begun, Placed};
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
    pub(crate) callers: Callers,
    pub(crate) kinds: CallKinds,
    pub(crate) known_rows: KnownRows,
    pub(crate) decided: Decided,
    pub(crate) read_parts: ReadParts,
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

    pub(crate) fn rows(&self, number: u32) -> &[RowPlace] {
        self.sets
            .get(place_of(number))
            .map(|set| &**set)
            .unwrap_or_default()
    }

    /// All, in the order of their numbers.
    pub(crate) fn all(&self) -> &[Arc<[RowPlace]>] {
        &self.sets
    }
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

    /// What stands in the place of the id of a record that has none.
    pub(crate) fn without_id(&mut self, record: &Record<'_>, told: &RecordTold) -> u64 {
        let caller = self.caller(record);
        let kind = Arc::clone(self.kinds.kind(record, &mut self.texts));
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
        hash.add(caller.principal_type);
        hash.add(kind.outcome.name());
        let (needs, _) = self.needs(record, &kind, account);
        for need in needs {
            hash.add(&need.action);
            hash.add(&need.resource);
        }
        hash.finish()
    }

    /// Tells rows when their calls came.
    pub(crate) fn tell_rows(&mut self, times: &Times) {
        self.each_row(times.rows, |counts| {
            counts.see_between(times.first, times.last);
            counts.days.add_of_span(times.span(), times.days);
        });
    }

    /// Tells something to each row of a set.
    pub(crate) fn each_row(&mut self, rows: u32, mut tell: impl FnMut(&mut Counts)) {
        let mut number = 0;
        while let Some(place) = self.row_sets.rows(rows).get(number) {
            if let Some(counts) = self.counts(*place) {
                tell(counts);
            }
            number += 1;
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
fn origin<'a>(record: &'a Record<'_>, placed: &'a Placed) -> Origin<'a> {
    [
        record.source_ip_address.as_deref(),
        record.user_agent.as_deref(),
        record.vpc_endpoint_id.as_deref(),
        placed.invoked_by.as_deref(),
    ]
    .map(Option::unwrap_or_default)
}

impl RecordSink for UsageCollector {
    fn record(&mut self, record: &Record<'_>) {
        self.records(std::slice::from_ref(record));
    }

    /// What several are known by is looked up at once, since a processor waits for many lines of memory as long as for one.
    fn records(&mut self, records: &[Record<'_>]) {
        let mut begun = Vec::with_capacity(records.len());
        for record in records {
            let Some(time) = record.time() else {
                self.skipped(SkipReason::NoTime);
                continue;
            };
            if self.window.contains(time) {
                begun.push((record, time.as_second(), self.begin(record, 1)));
            }
        }
        for (_, _, begun) in &mut begun {
            begun.rows = self.known_rows.rows(begun.call);
        }
        for (record, second, begun) in begun {
            self.count(record, second, begun);
        }
    }

    fn skipped(&mut self, reason: SkipReason) {
        *self.skipped.entry(reason).or_default() += 1;
    }
}

impl UsageCollector {
    fn count(&mut self, record: &Record<'_>, second: i64, begun: Begun<'_>) {
        self.span(second, second);
        let placed = self.finish(record, begun);
        let origin = origin(record, &placed);
        let seen = self
            .known_rows
            .see(placed.call, placed.rows, second, &origin);
        if let Some(displaced) = &seen.displaced {
            self.tell_rows(displaced);
        }
        if seen.is_new_origin {
            let origin = origin.map(|text| self.origins.share(text));
            self.each_row(placed.rows, |counts| counts.see_origin(&origin));
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
            self.without_id(record, &told)
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
}
