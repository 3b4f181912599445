//! Collectors to the usage table: duplicates taken out, rows in order, whatever the number of threads.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leastgrant_inventory::ShortText;
use leastgrant_inventory::tables::UsageRow;
use rustc_hash::FxHashMap;

use crate::collector::{RowPlace, SeenEvent, UsageCollector};
use crate::groups::{Counts, Group, GroupKey, MOST_RESOURCES, folded_resource, renumber, shorten};
use crate::interner::Interner;
use crate::{FilesRead, SUMMARY_SCHEMA, Summary};

/// The usage table and what it was made from.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// Sorted.
    pub rows: Vec<UsageRow>,
    /// What was read.
    pub summary: Summary,
    /// Calls that no permission is known of: event source and name, with how often they were met, duplicates included.
    pub unmapped: BTreeMap<(String, String), u64>,
}

/// Joins what the threads collected.
#[must_use]
pub fn usage(collectors: Vec<UsageCollector>, read: FilesRead) -> Usage {
    let mut collectors = collectors.into_iter();
    let mut all = collectors.next().unwrap_or_default();
    for other in collectors {
        all.absorb(other);
    }
    let mut summary = Summary {
        schema: SUMMARY_SCHEMA,
        files: read.files,
        files_unreadable: read.files_unreadable,
        bytes_compressed: read.bytes_compressed,
        bytes_json: read.bytes_json,
        ..Summary::default()
    };
    for (reason, count) in &all.skipped {
        summary.skipped.insert(reason.name().to_owned(), *count);
    }
    let second = |second: i64| Timestamp::from_second(second).ok();
    summary.first_event = all.first_and_last.and_then(|(first, _)| second(first));
    summary.last_event = all.first_and_last.and_then(|(_, last)| second(last));
    all.take_out_duplicates(&mut summary);
    let folded = all
        .groups
        .iter()
        .filter(|(_, group)| group.folded.is_some());
    summary.resources_folded = u64::try_from(folded.count()).unwrap_or(u64::MAX);
    let UsageCollector {
        texts,
        groups,
        unmapped,
        ..
    } = all;
    let mut rows = Vec::new();
    for (key, group) in groups {
        rows_of(&key, group, &texts, &mut rows);
    }
    rows.sort_unstable();
    Usage {
        rows,
        summary,
        unmapped,
    }
}

impl UsageCollector {
    fn absorb(&mut self, other: Self) {
        let numbers = self.texts.add_all(&other.texts);
        let mut group_numbers = Vec::with_capacity(other.groups.len());
        for (key, group) in other.groups {
            let number = self.group(key.renumbered(&numbers));
            group_numbers.push(number);
            if let Some((_, own)) = self
                .groups
                .get_mut(usize::try_from(number).unwrap_or(usize::MAX))
            {
                join(own, group, &numbers, &self.texts);
            }
        }
        let mut row_sets = vec![0; other.row_sets.len()];
        for (places, number) in other.row_sets {
            let mut places: Vec<RowPlace> = places
                .iter()
                .map(|(group, resource)| {
                    (
                        renumber(&group_numbers, *group),
                        renumber(&numbers, *resource),
                    )
                })
                .collect();
            places.sort_unstable();
            let own = self.row_set(&places);
            if let Some(entry) = row_sets.get_mut(usize::try_from(number).unwrap_or(usize::MAX)) {
                *entry = own;
            }
        }
        self.events
            .extend(other.events.into_iter().map(|event| SeenEvent {
                rows: renumber(&row_sets, event.rows),
                ..event
            }));
        for (reason, count) in other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        for (event, count) in other.unmapped {
            *self.unmapped.entry(event).or_default() += count;
        }
        self.first_and_last = match (self.first_and_last, other.first_and_last) {
            (Some((first, last)), Some((others_first, others_last))) => {
                Some((first.min(others_first), last.max(others_last)))
            }
            (own, others) => own.or(others),
        };
    }

    /// Counts each event once, and takes the others out of their rows' counts. All else in a row is the same with them.
    fn take_out_duplicates(&mut self, summary: &mut Summary) {
        let mut events = std::mem::take(&mut self.events);
        let places: FxHashMap<u32, &[RowPlace]> = self
            .row_sets
            .iter()
            .map(|(places, number)| (*number, &**places))
            .collect();
        // What a row set tells, in an order that no thread decides.
        let told = |event: &SeenEvent| -> Vec<Vec<&str>> {
            let places = places.get(&event.rows).copied().unwrap_or_default();
            let mut told: Vec<Vec<&str>> = places
                .iter()
                .map(|(group, resource)| {
                    let key = self
                        .groups
                        .get(usize::try_from(*group).unwrap_or(usize::MAX));
                    let mut row = key
                        .map(|(key, _)| texts_of(key, &self.texts))
                        .unwrap_or_default();
                    row.push(self.texts.text(*resource));
                    row
                })
                .collect();
            told.sort_unstable();
            told
        };
        let mut taken_out: Vec<u32> = Vec::new();
        events.sort_unstable_by_key(|event| event.id);
        let mut kept: Vec<SeenEvent> = Vec::new();
        for same in events.chunk_by(|one, two| one.id == two.id && one.id != 0) {
            let best = best(same, &told);
            summary.duplicates += u64::try_from(same.len() - 1).unwrap_or_default();
            taken_out.extend(others(same, best).map(|event| event.rows));
            summary.events += 1;
            summary.without_event_id += u64::from(best.id == 0);
            if best.shared_id != 0 {
                kept.push(best);
            }
        }
        kept.sort_unstable_by_key(|event| event.shared_id);
        for same in kept.chunk_by(|one, two| one.shared_id == two.shared_id) {
            taken_out.extend(others(same, best(same, &told)).map(|event| event.rows));
        }
        let taken_out: Vec<RowPlace> = taken_out
            .iter()
            .flat_map(|rows| places.get(rows).copied().unwrap_or_default())
            .copied()
            .collect();
        for (group, resource) in taken_out {
            let Some((_, group)) = self
                .groups
                .get_mut(usize::try_from(group).unwrap_or(usize::MAX))
            else {
                continue;
            };
            let counts = match &mut group.folded {
                Some(folded) => Some(&mut folded.counts),
                None => group.rows.get_mut(&resource),
            };
            if let Some(counts) = counts {
                counts.count = counts.count.saturating_sub(1);
            }
        }
    }
}

/// The one that is counted: the record of the caller's account, then the one that tells more.
fn best<T: Ord>(same: &[SeenEvent], told: &impl Fn(&SeenEvent) -> T) -> SeenEvent {
    let first = same.first().copied().unwrap_or(SeenEvent {
        id: 0,
        shared_id: 0,
        rows: 0,
        is_callers_account: false,
    });
    // Nearly all duplicates are the same in everything.
    if same.iter().all(|event| event.rows == first.rows) {
        return first;
    }
    let best = same.iter().max_by_key(|event| {
        (
            event.is_callers_account,
            told(event),
            Reverse(event.shared_id),
        )
    });
    best.copied().unwrap_or(first)
}

/// All but one of those that are like the best.
fn others(same: &[SeenEvent], best: SeenEvent) -> impl Iterator<Item = &SeenEvent> {
    let place = same.iter().position(|event| event.rows == best.rows);
    same.iter()
        .enumerate()
        .filter(move |(number, _)| Some(*number) != place)
        .map(|(_, event)| event)
}

fn texts_of<'a>(key: &GroupKey, texts: &'a Interner) -> Vec<&'a str> {
    [
        key.account,
        key.principal,
        key.access_key,
        key.source,
        key.name,
        key.action,
        key.region,
    ]
    .into_iter()
    .map(|number| &**texts.text(number))
    .collect()
}

fn join(own: &mut Group, other: Group, numbers: &[u32], texts: &Interner) {
    if let Some(folded) = other.folded {
        own.fold(texts);
        match &mut own.folded {
            Some(own) => {
                shorten(&mut own.prefix, &folded.prefix);
                own.counts.add(&folded.counts);
            }
            None => own.folded = Some(folded),
        }
    }
    for (resource, counts) in other.rows {
        own.counts(renumber(numbers, resource), texts).add(&counts);
    }
    if own.rows.len() > MOST_RESOURCES {
        own.fold(texts);
    }
}

fn rows_of(key: &GroupKey, group: Group, texts: &Interner, rows: &mut Vec<UsageRow>) {
    let some = |number: u32| Some(&**texts.text(number)).filter(|text| !text.is_empty());
    let row = |resource: Option<String>, is_resource_folded: bool, counts: Counts| UsageRow {
        account_id: (&**texts.text(key.account)).into(),
        principal_arn: texts.text(key.principal).clone(),
        principal_type: key.principal_type.into(),
        access_key_id: some(key.access_key).map(ShortText::from),
        event_source: (&**texts.text(key.source)).into(),
        event_name: (&**texts.text(key.name)).into(),
        action: some(key.action).map(ShortText::from),
        resource: resource.map(Into::into),
        region: (&**texts.text(key.region)).into(),
        outcome: key.outcome.name().into(),
        count: i64::try_from(counts.count).unwrap_or(i64::MAX),
        first_seen: Timestamp::from_second(counts.first_seen).ok(),
        last_seen: Timestamp::from_second(counts.last_seen).ok(),
        source_ips: counts.source_ips.into_list(),
        user_agents: counts.user_agents.into_list(),
        vpc_endpoints: counts.vpc_endpoints.into_list(),
        invoked_by: counts.invoked_by.into_list(),
        active_days: i64::try_from(counts.days.len()).unwrap_or(i64::MAX),
        active_dates: counts.days.iter().filter_map(|day| date(*day)).collect(),
        is_resource_folded,
    };
    if let Some(folded) = group.folded.filter(|folded| folded.counts.count > 0) {
        rows.push(row(folded_resource(&folded.prefix), true, folded.counts));
    }
    for (resource, counts) in group.rows {
        if counts.count > 0 {
            rows.push(row(some(resource).map(str::to_owned), false, counts));
        }
    }
}

fn date(day: i64) -> Option<String> {
    let time = Timestamp::from_second(day.checked_mul(86_400)?).ok()?;
    Some(TimeZone::UTC.to_datetime(time).date().to_string())
}
