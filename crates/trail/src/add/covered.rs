//! What a run read, by account and Region.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use leastgrant_inventory::tables::UsageSourceRow;
use leastgrant_inventory::{DataKind, DatedBy, Gap, Source, Timestamp};

use super::RunSource;
use crate::extents::Extent;
use crate::record::Shows;

/// The accounts and Regions that a run saw events of.
pub(super) fn sources(run: i64, source: &RunSource, extents: &[Extent]) -> Vec<UsageSourceRow> {
    let asked = source.asked_regions.iter();
    let asked_regions: Vec<Arc<str>> = asked.map(|region| region.as_str().into()).collect();
    extents
        .iter()
        .map(|extent| UsageSourceRow {
            run,
            engine: match extent.shows {
                Shows::Files => source.engine.into(),
                Shows::EventHistory => "event_history".into(),
                Shows::UseOnly => "use_only".into(),
            },
            account_id: extent.account_id.clone(),
            region: extent.region.clone(),
            since: source.window.since,
            until: source.window.until,
            first_event: extent.first,
            last_event: extent.last,
            active_days: i64::from(extent.days.len()),
            active_dates: extent.days.clone(),
            management_dates: extent.management_days.clone(),
            asked_regions: asked_regions.clone(),
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
