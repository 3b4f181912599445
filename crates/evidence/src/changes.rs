//! Calls that changed what an account's trails log, and since when their settings hold.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_inventory::{ShortText, Timestamp};

use crate::seen::TrailChange;
use crate::trails::{AllTrails, Trail};
use crate::window::Covered;
use crate::{Reason, Window};

/// The part of a window for which the settings that were collected hold, and the call that it begins with if it is not the
/// whole; or the call because of which that is not known.
pub(crate) fn settled(
    window: Window,
    account: &str,
    trails: &[Trail],
    all: &AllTrails,
    changes: &HashMap<ShortText, Vec<TrailChange>>,
) -> Result<(Window, Option<Reason>), Reason> {
    // An organisation's trail is changed in the account that it lies in.
    let owners = trails.iter().map(|trail| trail.owner.as_str());
    let accounts: BTreeSet<&str> = owners.chain([account]).collect();
    let collected_at = all.collected_at(accounts.iter().copied());
    let changes = accounts
        .iter()
        .filter_map(|account| changes.get(*account))
        .flatten()
        .filter(|change| bears_on(change, window, collected_at));
    let mut changes: Vec<&TrailChange> = changes.collect();
    changes.sort_unstable_by_key(|change| (change.last, &change.event));
    let Some(last) = changes.last() else {
        return Ok((window, None));
    };
    let reason = Reason::TrailsChanged {
        event: last.event.to_string(),
    };
    // Without its status it is not known which trail began or ended.
    let have_status = trails.iter().all(|trail| trail.has_status);
    // Times that are missing sort first.
    let are_dated = changes.first().is_some_and(|change| change.last.is_some());
    match last.last {
        Some(since)
            if have_status && are_dated && Some(since) <= collected_at && since <= window.to =>
        {
            let from = window.from.max(since);
            Ok((Window { from, ..window }, Some(reason)))
        }
        _ => Err(reason),
    }
}

/// Whether settings before and after a change can both be those of a time within the window, or the ones that were collected.
fn bears_on(change: &TrailChange, window: Window, collected_at: Option<Timestamp>) -> bool {
    // One before the window that the settings do not show yet holds in all of it.
    let is_before = change
        .last
        .is_some_and(|last| last < window.from && collected_at.is_some_and(|at| last <= at));
    let is_after = change
        .first
        .is_some_and(|first| first > window.to && collected_at.is_some_and(|at| first > at));
    !is_before && !is_after
}

/// The part of a window in which changes of other accounts' trails would have been seen, and the first account of which too
/// little was read if it is not the whole. A trail is changed in its home Region of the account that it lies in.
pub(crate) fn watched(
    window: Window,
    account: &str,
    trails: &[Trail],
    covered: &BTreeMap<ShortText, Covered>,
) -> (Window, Option<Reason>) {
    let mut watched = window;
    let mut reason = None;
    for trail in trails {
        if trail.owner == account || trail.covered.is_none() {
            continue;
        }
        let read = covered.get(trail.owner.as_str());
        let part = read.and_then(|read| read.watched(trail.home_region.as_deref(), window));
        match part {
            Some(part) if window.all_days() == part.all_days() => {}
            part => {
                let nothing = Window {
                    from: window.to,
                    to: window.from,
                };
                watched = watched.and(part.unwrap_or(nothing));
                reason.get_or_insert_with(|| Reason::TrailOwnerNotRead {
                    account_id: trail.owner.clone(),
                });
            }
        }
    }
    (watched, reason)
}
