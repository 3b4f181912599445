//! Collectors to the usage table: duplicates taken out, rows in order, whatever the number of threads.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leastgrant_inventory::ShortText;
use leastgrant_inventory::tables::UsageRow;
use rustc_hash::FxHashMap;

use crate::collector::{RowPlace, SeenEvent, UsageCollector, place_of};
use crate::groups::{Counts, FOLDED, Group, GroupKey, folded_resource, renumber};
use crate::interner::Interner;
use crate::outcome::Outcome;
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
    all.count_events(&mut summary);
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
            if let Some((_, own)) = self.groups.get_mut(place_of(number)) {
                own.add(group, &numbers, &mut self.texts);
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
            if let Some(entry) = row_sets.get_mut(place_of(number)) {
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

    /// Counts each event once in each of its rows.
    fn count_events(&mut self, summary: &mut Summary) {
        let mut events = std::mem::take(&mut self.events);
        let sets: FxHashMap<u32, &[RowPlace]> = self
            .row_sets
            .iter()
            .map(|(places, number)| (*number, &**places))
            .collect();
        let told =
            |event: &SeenEvent| self.told(sets.get(&event.rows).copied().unwrap_or_default());
        let mut counted = vec![0_u64; self.row_sets.len()];
        let mut count = |event: &SeenEvent| {
            if let Some(counted) = counted.get_mut(place_of(event.rows)) {
                *counted += 1;
            }
        };
        events.sort_unstable();
        let mut shared: Vec<SeenEvent> = Vec::new();
        for same in events.chunk_by(|one, two| one.id == two.id && one.id != 0) {
            let Some(best) = best(same, &told) else {
                continue;
            };
            summary.events += 1;
            summary.duplicates += u64::try_from(same.len() - 1).unwrap_or_default();
            summary.without_event_id += u64::from(best.id == 0);
            // One of two copies can have lost what the accounts have in common.
            let shared_id = same
                .iter()
                .map(|event| event.shared_id)
                .max()
                .unwrap_or_default();
            match shared_id {
                0 => count(&best),
                shared_id => shared.push(SeenEvent { shared_id, ..best }),
            }
        }
        shared.sort_unstable_by_key(|event| event.shared_id);
        for same in shared.chunk_by(|one, two| one.shared_id == two.shared_id) {
            if let Some(best) = best(same, &told) {
                count(&best);
            }
        }
        for (places, number) in std::mem::take(&mut self.row_sets) {
            let events = counted.get(place_of(number)).copied().unwrap_or_default();
            for (number, place) in self.places_now(&places) {
                let group = self.groups.get_mut(place_of(number));
                if let Some(counts) = group.and_then(|(_, group)| group.counts(place)) {
                    counts.count += events;
                }
            }
        }
    }

    /// What rows tell, in an order that no thread decides. Where nothing else does, a call that was allowed is the greater.
    fn told(&self, places: &[RowPlace]) -> Vec<Told<'_>> {
        let mut told: Vec<Told<'_>> = self
            .places_now(places)
            .into_iter()
            .filter_map(|(number, place)| {
                let (key, _) = self.groups.get(place_of(number))?;
                let texts = texts_of(key, &self.texts);
                // One of many tells more than none.
                let resource = if place == FOLDED {
                    "*"
                } else {
                    &**self.texts.text(place)
                };
                Some((texts, Reverse(key.outcome), key.principal_type, resource))
            })
            .collect();
        told.sort_unstable();
        told
    }
}

/// A row's texts but the resource, its outcome, the principal's type, and the resource.
type Told<'a> = (Vec<&'a str>, Reverse<Outcome>, &'static str, &'a str);

/// Of records of one event the one that is counted: that of the caller's account, then the one that tells more.
fn best<T: Ord>(same: &[SeenEvent], told: &impl Fn(&SeenEvent) -> T) -> Option<SeenEvent> {
    let first = same.first()?;
    // Nearly all duplicates are the same in all rows.
    let best = if same.iter().all(|event| event.rows == first.rows) {
        first
    } else {
        same.iter()
            .max_by_key(|event| (event.is_callers_account, told(event)))?
    };
    let is_callers_account = same
        .iter()
        .any(|event| event.rows == best.rows && event.is_callers_account);
    Some(SeenEvent {
        is_callers_account,
        ..*best
    })
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
