//! What a run read: by account and Region, and as gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use leastgrant_inventory::tables::{UsageRow, UsageSourceRow};
use leastgrant_inventory::{DataKind, DatedBy, Gap, Source, Timestamp};

use super::RunSource;
use crate::FileProblem;

#[derive(Default)]
struct Extent<'a> {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    days: BTreeSet<&'a str>,
}

/// The accounts and Regions that a run saw events of. Every event is in some row.
pub(super) fn sources(run: i64, source: &RunSource, rows: &[UsageRow]) -> Vec<UsageSourceRow> {
    let mut extents: BTreeMap<_, Extent<'_>> = BTreeMap::new();
    for row in rows {
        let extent = extents.entry((&row.account_id, &row.region)).or_default();
        extent.first = [extent.first, row.first_seen].into_iter().flatten().min();
        extent.last = extent.last.max(row.last_seen);
        extent
            .days
            .extend(row.active_dates.iter().map(|date| &**date));
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
            active_days: i64::try_from(extent.days.len()).unwrap_or(i64::MAX),
            active_dates: extent.days.into_iter().map(str::to_owned).collect(),
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

/// Replaces the gaps of files that this run has read, and adds its own.
pub(super) fn gaps(mut gaps: Vec<Gap>, source: &RunSource, problems: &[FileProblem]) -> Vec<Gap> {
    let reads_all_times = source.window.since.is_none() && source.window.until.is_none();
    // One file can be named in several ways.
    let whole = |path: &Path| path.canonicalize().ok();
    let roots: Vec<PathBuf> = source.paths.iter().filter_map(|path| whole(path)).collect();
    gaps.retain(|gap| {
        let was_read_now = source.engine == "logs"
            && reads_all_times
            && whole(Path::new(&gap.source)).is_some_and(|path| {
                path.is_file() && roots.iter().any(|root| path.starts_with(root))
            });
        gap.unknowable != [DataKind::CloudTrail] || !was_read_now
    });
    for problem in problems {
        gaps.retain(|gap| gap.unknowable != [DataKind::CloudTrail] || gap.source != problem.path);
        gaps.push(Gap {
            account_id: account_of(&problem.path).map(str::to_owned),
            source: problem.path.clone(),
            reason: problem.reason.clone(),
            error_code: None,
            unknowable: vec![DataKind::CloudTrail],
        });
    }
    gaps.sort();
    gaps
}

/// The account of a delivered file, `…/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/…`.
fn account_of(path: &str) -> Option<&str> {
    let (before, _) = path.rsplit_once("/CloudTrail/")?;
    let account = before.rsplit('/').next()?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivered_file_tells_its_account() {
        let path = "logs/AWSLogs/o-1/111122223333/CloudTrail/eu-west-1/2026/10/01/x.json.gz";
        assert_eq!(account_of(path), Some("111122223333"));
        for other in [
            "logs/x.json",
            "CloudTrail/x",
            "a/CloudTrail/x",
            "/CloudTrail/",
        ] {
            assert_eq!(account_of(other), None, "{other}");
        }
    }
}
