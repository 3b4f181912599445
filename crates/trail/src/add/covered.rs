//! What a run read, by account and Region.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_catalog::{Logging, logging_of_event};
use leastgrant_inventory::tables::{UsageRow, UsageSourceRow};
use leastgrant_inventory::{DataKind, DatedBy, Days, Gap, Source, Timestamp};

use super::RunSource;

#[derive(Default)]
struct Extent {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    days: Days,
    management_days: Days,
}

/// The accounts and Regions that a run saw events of. Every event is in some row.
pub(super) fn sources(run: i64, source: &RunSource, rows: &[UsageRow]) -> Vec<UsageSourceRow> {
    let mut extents: BTreeMap<_, Extent> = BTreeMap::new();
    let mut are_management: HashMap<(&str, &str), bool> = HashMap::new();
    for row in rows {
        let event = (&*row.event_source, &*row.event_name);
        let is_management = *are_management.entry(event).or_insert_with(|| {
            let logging = logging_of_event(event.0, event.1);
            logging.is_some_and(|(_, logging)| logging == Logging::Management)
        });
        let extent = extents.entry((&row.account_id, &row.region)).or_default();
        extent.first = [extent.first, row.first_seen].into_iter().flatten().min();
        extent.last = extent.last.max(row.last_seen);
        if is_management {
            extent.management_days.add_all(&row.active_dates);
        }
        extent.days.add_all(&row.active_dates);
    }
    extents
        .into_iter()
        .map(|((account_id, region), extent)| UsageSourceRow {
            run,
            engine: source.engine.into(),
            account_id: account_id.clone(),
            region: region.clone(),
            since: source.window.since,
            until: source.window.until,
            first_event: extent.first,
            last_event: extent.last,
            active_days: i64::from(extent.days.len()),
            active_dates: extent.days,
            management_dates: extent.management_days,
        })
        .collect()
}

/// A line of the manifest for each account with CloudTrail events.
pub(super) fn manifest_sources(rows: &[UsageSourceRow], gaps: &[Gap]) -> Vec<Source> {
    let mut accounts: BTreeMap<&str, (BTreeSet<i64>, Timestamp, Timestamp)> = BTreeMap::new();
    for row in rows {
        let (Some(first), Some(last)) = (row.first_event, row.last_event) else {
            continue;
        };
        let (runs, earliest, latest) = accounts
            .entry(&row.account_id)
            .or_insert_with(|| (BTreeSet::new(), first, last));
        runs.insert(row.run);
        *earliest = first.min(*earliest);
        *latest = last.max(*latest);
    }
    accounts
        .into_iter()
        .map(|(account, (runs, earliest, latest))| Source {
            account_id: Some(account.to_owned()).filter(|account| !account.is_empty()),
            kind: DataKind::CloudTrail,
            answers: u64::try_from(runs.len()).unwrap_or(u64::MAX),
            collected_at: latest,
            earliest,
            dated_by: DatedBy::Source,
            complete: !gaps.iter().any(|gap| {
                gap.unknowable.contains(&DataKind::CloudTrail)
                    && gap.account_id.as_deref().is_none_or(|own| own == account)
            }),
        })
        .collect()
}
