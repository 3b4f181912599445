//! Which key lies behind which slot of the credential report.
//!
//! The report shows slots without ids, ListAccessKeys shows ids without slots. CreateDate joins them, to the second;
//! two keys of one second can be told apart only by status or last use, and sometimes not at all. Then the id stays
//! unknown and the candidates are named. Source: IAM User Guide, "Credential report"; cloud-custodian#2302.

use std::collections::BTreeMap;

use leastgrant_inventory::tables::{AccessKeyRow, UserRow};
use leastgrant_inventory::{DatedBy, Timestamp};

use super::Dating;
use crate::facts::{KeyUse, ListedKey, ReportKey, key_row};

/// What is known of one user's keys.
#[derive(Debug)]
pub(super) struct KnownKeys<'a> {
    /// The report's slots and when they were true, if the report shows the user.
    pub report: Option<(Dating, &'a [ReportKey])>,
    /// The list and when it was true, if it was collected.
    pub list: Option<KnownList<'a>>,
}

/// A user's listed keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownList<'a> {
    pub dating: Dating,
    /// Whether what is not in it does not exist.
    pub is_whole: bool,
    pub keys: &'a [ListedKey],
}

/// The rows of one user's keys.
pub(super) fn rows(user: &UserRow, known: &KnownKeys<'_>) -> Vec<AccessKeyRow> {
    match (&known.report, &known.list) {
        (None, None) => Vec::new(),
        (Some((dating, slots)), None) => {
            let evidence = if user.is_root { "root" } else { "no_key_list" };
            slots
                .iter()
                .map(|slot| slot_row(user, slot, dating.at, evidence))
                .collect()
        }
        (None, Some(list)) => list
            .keys
            .iter()
            .map(|key| listed_row(user, key, list.dating.at))
            .collect(),
        (Some((report, slots)), Some(list)) => join(user, *report, slots, *list),
    }
}

fn join(
    user: &UserRow,
    report: Dating,
    slots: &[ReportKey],
    known_list: KnownList<'_>,
) -> Vec<AccessKeyRow> {
    let KnownList {
        dating: list,
        is_whole,
        keys: listed,
    } = known_list;
    let mut by_second: BTreeMap<Option<i64>, (Vec<&ReportKey>, Vec<&ListedKey>)> = BTreeMap::new();
    for slot in slots {
        by_second
            .entry(slot.created_at.map(Timestamp::as_second))
            .or_default()
            .0
            .push(slot);
    }
    for key in listed {
        by_second
            .entry(key.created_at.map(Timestamp::as_second))
            .or_default()
            .1
            .push(key);
    }
    // The list can say that a key is gone only if it is known to be later; a date that nobody stated is not.
    let list_is_later = is_whole && list.at > report.at && list.by != DatedBy::Run;
    let report_is_later = report.at > list.at && report.by != DatedBy::Run;
    let mut rows = Vec::new();
    for (second, (slots_then, listed_then)) in by_second {
        match (second, slots_then.as_slice(), listed_then.as_slice()) {
            (_, gone, []) => {
                if !list_is_later {
                    rows.extend(
                        gone.iter()
                            .map(|slot| slot_row(user, slot, report.at, "not_listed")),
                    );
                }
            }
            (_, [], added) => {
                // The report shows two keys at most: a third one can be missing in it and still exist.
                let deleted_since = report_is_later && slots.len() < 2;
                if !deleted_since {
                    rows.extend(added.iter().map(|key| listed_row(user, key, list.at)));
                }
            }
            (Some(_), [slot], [key]) => rows.push(joined_row(user, slot, report, key, list)),
            (_, tied_slots, tied_keys) => {
                rows.extend(tied_rows(user, report, tied_slots, list, tied_keys))
            }
        }
    }
    rows
}

/// Keys of one second, or of no known second.
fn tied_rows(
    user: &UserRow,
    report: Dating,
    slots: &[&ReportKey],
    list: Dating,
    listed: &[&ListedKey],
) -> Vec<AccessKeyRow> {
    if let ([first_slot, second_slot], [first_key, second_key]) = (slots, listed) {
        let fits = |slot: &ReportKey, key: &ListedKey| {
            slot.is_active == key.is_active
                && key
                    .last_use
                    .as_ref()
                    .is_none_or(|last_use| is_same_use(last_use, &slot.last_use))
        };
        let straight = fits(first_slot, first_key) && fits(second_slot, second_key);
        let crossed = fits(first_slot, second_key) && fits(second_slot, first_key);
        if straight && !crossed {
            return vec![
                joined_row(user, first_slot, report, first_key, list),
                joined_row(user, second_slot, report, second_key, list),
            ];
        }
        if crossed && !straight {
            return vec![
                joined_row(user, first_slot, report, second_key, list),
                joined_row(user, second_slot, report, first_key, list),
            ];
        }
        if first_slot.is_active == second_slot.is_active
            && first_slot.last_use == second_slot.last_use
        {
            // Whichever is which, the same is true of both; only the slot cannot be told.
            return listed
                .iter()
                .map(|key| AccessKeyRow {
                    slot: None,
                    access_key_id_evidence: "listed".to_owned(),
                    ..joined_row(user, first_slot, report, key, list)
                })
                .collect();
        }
    }
    if list.at >= report.at && listed.iter().all(|key| key.last_use.is_some()) {
        // The list says everything by itself.
        return listed
            .iter()
            .map(|key| listed_row(user, key, list.at))
            .collect();
    }
    let mut candidates: Vec<String> = listed.iter().map(|key| key.access_key_id.clone()).collect();
    candidates.sort();
    slots
        .iter()
        .map(|slot| AccessKeyRow {
            candidate_access_key_ids: candidates.clone(),
            ..slot_row(user, slot, report.at, "tied")
        })
        .collect()
}

/// The report and the API read one record; both show it to the minute.
fn is_same_use(left: &KeyUse, right: &KeyUse) -> bool {
    left.at.map(|at| at.as_second() / 60) == right.at.map(|at| at.as_second() / 60)
}

fn slot_row(user: &UserRow, slot: &ReportKey, as_of: Timestamp, evidence: &str) -> AccessKeyRow {
    AccessKeyRow {
        access_key_id_evidence: evidence.to_owned(),
        slot: Some(slot.slot),
        is_active: slot.is_active,
        created_at: slot.created_at,
        last_used_at: slot.last_use.at,
        last_used_known: true,
        last_used_service: slot.last_use.service.clone(),
        last_used_region: slot.last_use.region.clone(),
        last_used_as_of: Some(as_of),
        ..key_row(user)
    }
}

fn listed_row(user: &UserRow, key: &ListedKey, as_of: Timestamp) -> AccessKeyRow {
    let last_use = key.last_use.clone().unwrap_or_default();
    AccessKeyRow {
        access_key_id: Some(key.access_key_id.clone()),
        access_key_id_evidence: "listed".to_owned(),
        is_active: key.is_active,
        created_at: key.created_at,
        last_used_at: last_use.at,
        last_used_known: key.last_use.is_some(),
        last_used_service: last_use.service,
        last_used_region: last_use.region,
        last_used_as_of: key.last_use.is_some().then_some(as_of),
        ..key_row(user)
    }
}

/// One key that both sources show: the newer one's status, and the later use.
fn joined_row(
    user: &UserRow,
    slot: &ReportKey,
    report: Dating,
    key: &ListedKey,
    list: Dating,
) -> AccessKeyRow {
    let mut row = slot_row(user, slot, report.at, "created_at");
    row.access_key_id = Some(key.access_key_id.clone());
    row.is_active = match list.at.cmp(&report.at) {
        std::cmp::Ordering::Greater => key.is_active,
        std::cmp::Ordering::Less => slot.is_active,
        // Two answers of one moment that disagree: the key may be usable.
        std::cmp::Ordering::Equal => key.is_active || slot.is_active,
    };
    if let Some(last_use) = &key.last_use {
        if last_use.at > row.last_used_at {
            row.last_used_at = last_use.at;
            row.last_used_service.clone_from(&last_use.service);
            row.last_used_region.clone_from(&last_use.region);
        }
        row.last_used_as_of = row.last_used_as_of.max(Some(list.at));
    }
    row
}

#[cfg(test)]
mod tests;
