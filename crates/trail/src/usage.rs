//! Collectors to the usage table: duplicates taken out, rows in order, whatever the number of threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::add::merged;
use crate::collector::{RowPlace, UsageCollector};
use crate::extents::Extent;
use crate::groups::{Counts, Group, GroupKey, folded_resource, renumber};
use crate::interner::Interner;
use crate::seen_events::SeenEvents;
use crate::summary::SUMMARY_SCHEMA;
use crate::{FileProblem, FilesRead, Ledger, Summary};
use jiff::Timestamp;
use leastgrant_inventory::ShortText;
use leastgrant_inventory::tables::UsageRow;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The usage table and what it was made from.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// Sorted.
    pub rows: Vec<UsageRow>,
    /// What was read.
    pub summary: Summary,
    /// See [`FilesRead::files_mended`].
    pub files_mended: Vec<String>,
    /// Calls that no permission is known of: event source and name, with how often they were met, duplicates included.
    pub unmapped: BTreeMap<(String, String), u64>,
    pub(crate) extents: Vec<Extent>,
}

/// Joins what the threads collected.
#[must_use]
pub fn usage(collectors: Vec<UsageCollector>, read: FilesRead) -> Usage {
    join(collectors, read, None).0
}

/// Joins what the threads collected beyond what earlier runs have counted, and tells all that is counted by now.
///
/// A record of a known event is a duplicate, and so are records without an event id as far as an earlier run met as many of the
/// same text. Rows come out where they count something new; their times and lists are those of all records of this run.
#[must_use]
pub fn usage_beyond(
    collectors: Vec<UsageCollector>,
    read: FilesRead,
    known: &Ledger,
) -> (Usage, Ledger) {
    join(collectors, read, Some(known))
}

fn join(
    mut collectors: Vec<UsageCollector>,
    read: FilesRead,
    known: Option<&Ledger>,
) -> (Usage, Ledger) {
    collectors
        .par_iter_mut()
        .for_each(UsageCollector::tell_all_rows);
    let mut events: Vec<SeenEvents> = collectors
        .iter_mut()
        .map(|collector| std::mem::take(&mut collector.events))
        .collect();
    let (mut all, numbers) = rayon::join(
        || events.par_iter_mut().for_each(SeenEvents::sort),
        || all_of(collectors),
    )
    .1;
    let events = events.into_iter().zip(numbers).collect();
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
    if read.files_of_other_names > 0 {
        let name = "other_name".to_owned();
        summary.skipped.insert(name, read.files_of_other_names);
    }
    let second = |second: i64| Timestamp::from_second(second).ok();
    summary.first_event = all.first_and_last.and_then(|(first, _)| second(first));
    summary.last_event = all.first_and_last.and_then(|(_, last)| second(last));
    let ledger = match all.count_events(events, known, &mut summary) {
        Ok(ledger) => ledger,
        Err(error) => {
            let reason = format!("cannot be read back: {error}; counts are too small");
            summary.files_unreadable.push(FileProblem {
                path: "temporary file".to_owned(),
                reason,
            });
            known.cloned().unwrap_or_default()
        }
    };
    let folded = all
        .groups
        .iter()
        .filter(|(_, group)| group.folded.is_some());
    summary.resources_folded = u64::try_from(folded.count()).unwrap_or(u64::MAX);
    let kept_apart = all.crowd.most_resources();
    summary.resources_kept_apart = u64::try_from(kept_apart).unwrap_or(u64::MAX);
    summary.rows_capped = all.events_of_the_rest();
    if summary.rows_capped > 0 {
        let reason = format!(
            "have more principals, keys, events and Regions than are kept apart: {} events are in a row without a principal, so that nothing is known as unused; read fewer files at a time",
            summary.rows_capped
        );
        summary.files_unreadable.push(FileProblem {
            path: "all files together".to_owned(),
            reason,
        });
    }
    let extents = all.extents();
    let UsageCollector {
        texts,
        groups,
        unmapped,
        ..
    } = all;
    // Doubling a list of many rows would take their memory thrice.
    let most = groups.iter().map(|(_, group)| group.rows.len() + 1).sum();
    let mut rows = Vec::with_capacity(most);
    for (key, group) in groups {
        rows_of(&key, group, &texts, &mut rows);
    }
    let shows = |extent: &Extent| extent.shows;
    // What is alike but for where it was read is one row.
    match extents.iter().map(shows).min() == extents.iter().map(shows).max() {
        true => rows.par_sort_unstable(),
        false => rows = merged(rows),
    }
    let text = |number: u32| texts.text(number).to_string();
    let unmapped = unmapped
        .into_iter()
        .map(|((source, name), count)| ((text(source), text(name)), count))
        .collect();
    let usage = Usage {
        rows,
        summary,
        files_mended: read.files_mended,
        unmapped,
        extents,
    };
    (usage, ledger)
}

/// All collectors as one, without their events; tells of each the numbers there of its sets of rows, where they are others.
fn all_of(collectors: Vec<UsageCollector>) -> (UsageCollector, Vec<Option<Vec<u32>>>) {
    let mut roles = FxHashMap::default();
    let is_waiting = collectors.iter().any(|one| one.sessions.is_waiting());
    if is_waiting {
        for collector in &collectors {
            collector.sessions.tell(&collector.texts, &mut roles);
        }
    }
    let mut numbers = Vec::with_capacity(collectors.len());
    let mut collectors = collectors.into_iter();
    // Principals that wait get their numbers when a collector is taken in.
    let first = if is_waiting { None } else { collectors.next() };
    numbers.extend(first.is_some().then_some(None));
    let mut all = first.unwrap_or_default();
    for other in collectors {
        numbers.push(Some(all.absorb(other, &roles)));
    }
    (all, numbers)
}

impl UsageCollector {
    /// Takes in all but the events; tells the numbers here of the other's sets of rows.
    fn absorb(&mut self, other: Self, roles: &FxHashMap<u64, Arc<str>>) -> Vec<u32> {
        let mut numbers = self.texts.add_all(&other.texts);
        other.sessions.resolve(roles, &mut self.texts, &mut numbers);
        let mut group_numbers = Vec::with_capacity(other.groups.len());
        self.keep_apart(other.crowd.most_resources());
        for (key, group) in other.groups {
            group_numbers.push(self.absorb_group(key.renumbered(&numbers), group, &numbers));
        }
        let mut row_sets = Vec::with_capacity(other.row_sets.all().len());
        for places in other.row_sets.all() {
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
            row_sets.push(self.row_sets.number(&places));
        }
        self.grouped
            .extend(other.grouped.into_iter().map(|mut group| {
                group.best.rows = renumber(&row_sets, group.best.rows);
                group
            }));
        for (reason, count) in other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
        for ((source, name), count) in other.unmapped {
            let event = (renumber(&numbers, source), renumber(&numbers, name));
            *self.unmapped.entry(event).or_default() += count;
        }
        self.first_and_last = match (self.first_and_last, other.first_and_last) {
            (Some((first, last)), Some((others_first, others_last))) => {
                Some((first.min(others_first), last.max(others_last)))
            }
            (own, others) => own.or(others),
        };
        row_sets
    }
}

fn rows_of(key: &GroupKey, group: Group, texts: &Interner, rows: &mut Vec<UsageRow>) {
    let some = |number: u32| Some(&**texts.text(number)).filter(|text| !text.is_empty());
    let row = |resource: Option<Arc<str>>, is_resource_folded: bool, counts: Counts| UsageRow {
        account_id: (&**texts.text(key.account)).into(),
        principal_arn: texts.text(key.principal).clone(),
        principal_type: key.principal_type.into(),
        access_key_id: some(key.access_key).map(ShortText::from),
        event_source: (&**texts.text(key.source)).into(),
        event_name: (&**texts.text(key.name)).into(),
        action: some(key.action).map(ShortText::from),
        resource,
        region: (&**texts.text(key.region)).into(),
        outcome: key.outcome.name().into(),
        count: i64::try_from(counts.count).unwrap_or(i64::MAX),
        first_seen: Timestamp::from_second(counts.first_seen).ok(),
        last_seen: Timestamp::from_second(counts.last_seen).ok(),
        source_ips: counts.source_ips.into_list(),
        user_agents: counts.user_agents.into_list(),
        vpc_endpoints: counts.vpc_endpoints.into_list(),
        invoked_by: counts.invoked_by.into_list(),
        active_days: i64::from(counts.days.len()),
        active_dates: counts.days,
        is_resource_folded,
    };
    if let Some(folded) = group.folded.filter(|folded| folded.counts.count > 0) {
        rows.push(row(
            folded_resource(&folded.prefix).map(Into::into),
            true,
            folded.counts,
        ));
    }
    for (resource, counts) in group.rows {
        if counts.count > 0 {
            let resource = Some(texts.text(resource)).filter(|text| !text.is_empty());
            rows.push(row(resource.cloned(), false, *counts));
        }
    }
}
