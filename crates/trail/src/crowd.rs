//! What becomes of more rows than are kept: first the resources of all groups are kept apart less finely, then whole groups become
//! one row without a principal.
//!
//! Which ones is decided by what the logs hold and not by its order, so that any number of threads gives the same rows: how finely
//! by all resources that were ever met, as far as they are kept apart, and which groups by a hash of what they have in common, of
//! which the smallest stay.

use std::collections::BinaryHeap;

use xxhash_rust::xxh64::Xxh64;

use crate::collector::{RowPlace, UsageCollector, place_of};
use crate::groups::{Counts, Group, GroupKey, MOST_RESOURCES};
use crate::interner::EMPTY;
use crate::outcome::Outcome;
use crate::record::Shows;

/// Rows that may be kept, some 400 bytes each; few in tests.
const MOST_ROWS: usize = if cfg!(test) { 60 } else { 1 << 20 };
/// As many have room if each has a row without a resource, one with one, and one for all others.
const MOST_GROUPS: usize = MOST_ROWS / 3;

/// The one row of all groups that are too many.
const REST: GroupKey = GroupKey {
    account: EMPTY,
    // No text has this number, and the text of a number that none has is empty.
    principal: u32::MAX,
    principal_type: "unknown",
    access_key: EMPTY,
    source: EMPTY,
    name: EMPTY,
    action: EMPTY,
    region: EMPTY,
    outcome: Outcome::Allowed,
    shows: Shows::UseOnly,
};

/// How crowded it is.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// How many resources of a group are kept apart.
    most_resources: usize,
    /// How many rows there would be if none were folded before it has one more than are kept apart.
    rows: usize,
    /// The groups that are kept, the largest hash first; only once they are too many.
    kept: Option<BinaryHeap<(u64, u32)>>,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            most_resources: MOST_RESOURCES,
            rows: 0,
            kept: None,
        }
    }
}

impl Crowd {
    /// How many resources of a group are kept apart.
    pub(crate) fn most_resources(&self) -> usize {
        self.most_resources
    }
}

impl UsageCollector {
    /// Takes in a group of another collector, whose texts have these numbers here; tells its number.
    pub(crate) fn absorb_group(&mut self, key: GroupKey, group: Group, numbers: &[u32]) -> u32 {
        if group.is_moved {
            return self.group(REST);
        }
        let number = self.group(key);
        let most_resources = self.crowd.most_resources;
        let Some((own_key, own)) = self.groups.get_mut(place_of(number)) else {
            return number;
        };
        if *own_key == REST {
            own.add_to_the_rest(&group);
            return number;
        }
        let before = own.rows_met(most_resources);
        own.add(group, numbers, &mut self.texts, most_resources);
        self.crowd.rows += own.rows_met(most_resources) - before;
        self.make_room();
        number
    }

    fn make_room(&mut self) {
        while self.crowd.rows > MOST_ROWS && self.crowd.most_resources > 1 {
            self.keep_apart((self.crowd.most_resources / 10).max(1));
        }
    }

    /// How many events are counted in the row of the rest.
    pub(crate) fn events_of_the_rest(&self) -> u64 {
        let rest = self.group_numbers.get(&REST);
        let group = rest.and_then(|number| self.groups.get(place_of(*number)));
        group.map_or(0, |(_, group)| {
            group.rows.values().map(|row| row.count).sum()
        })
    }

    /// The number of a group; that of the rest, if it is not kept.
    pub(crate) fn group(&mut self, key: GroupKey) -> u32 {
        if let Some(number) = self.group_numbers.get(&key) {
            return *number;
        }
        if key == REST {
            return self.new_group(key);
        }
        let of_the_rest = usize::from(self.group_numbers.contains_key(&REST));
        if self.crowd.kept.is_none() && self.group_numbers.len() - of_the_rest >= MOST_GROUPS {
            self.keep_the_smallest();
        }
        let Some(mut kept) = self.crowd.kept.take() else {
            self.crowd.rows += 1;
            return self.new_group(key);
        };
        let hash = self.hash(&key);
        let number = match kept.peek() {
            Some((largest, _)) if *largest <= hash => self.group(REST),
            _ => {
                if let Some((_, number)) = kept.pop() {
                    self.move_to_the_rest(number);
                }
                let number = self.new_group(key);
                kept.push((hash, number));
                number
            }
        };
        self.crowd.kept = Some(kept);
        number
    }

    fn new_group(&mut self, key: GroupKey) -> u32 {
        let number = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push((key, Group::default()));
        self.group_numbers.insert(key, number);
        number
    }

    /// From now on, the number of groups stays as it is.
    fn keep_the_smallest(&mut self) {
        self.keep_apart(1);
        let numbers = self.group_numbers.iter().filter(|(key, _)| **key != REST);
        let kept = numbers.map(|(key, number)| (self.hash(key), *number));
        self.crowd.kept = Some(kept.collect());
    }

    fn move_to_the_rest(&mut self, number: u32) {
        let rest = self.group(REST);
        let Some((key, group)) = self.groups.get_mut(place_of(number)) else {
            return;
        };
        let moved = Group {
            is_moved: true,
            ..Group::default()
        };
        let moved = std::mem::replace(group, moved);
        self.group_numbers.remove(key);
        if let Some((_, rest)) = self.groups.get_mut(place_of(rest)) {
            rest.add_to_the_rest(&moved);
        }
    }

    /// Of this number of resources at most; fewer are not kept apart again.
    pub(crate) fn keep_apart(&mut self, most_resources: usize) {
        if most_resources >= self.crowd.most_resources {
            return;
        }
        self.crowd.most_resources = most_resources;
        for (_, group) in &mut self.groups {
            group.fold_beyond(most_resources, &self.texts);
        }
        let rows = self
            .groups
            .iter()
            .map(|(_, group)| group.rows_met(most_resources));
        self.crowd.rows = rows.sum();
    }

    /// Where a group has a resource.
    pub(crate) fn place_in(&mut self, number: u32, resource: &str) -> Option<RowPlace> {
        let most_resources = self.crowd.most_resources;
        let (key, group) = self.groups.get_mut(place_of(number))?;
        if *key == REST {
            group.rows.entry(EMPTY).or_default();
            return Some((number, EMPTY));
        }
        let before = group.rows_met(most_resources);
        let place = group.place(resource, &mut self.texts, most_resources);
        self.crowd.rows += group.rows_met(most_resources) - before;
        self.make_room();
        Some((number, place))
    }

    /// The counts of a row.
    pub(crate) fn counts(&mut self, (number, place): RowPlace) -> Option<&mut Counts> {
        let (key, group) = self.groups.get(place_of(number))?;
        let (number, place) = match group.is_moved || *key == REST {
            true => (self.group(REST), EMPTY),
            false => (number, place),
        };
        self.groups.get_mut(place_of(number))?.1.counts(place)
    }

    /// The same rows as they are by now, sorted, each once: those of a group that was folded meanwhile are one.
    pub(crate) fn places_now(&self, places: &[RowPlace]) -> Vec<RowPlace> {
        let rest = self.group_numbers.get(&REST).copied().unwrap_or_default();
        let mut now: Vec<RowPlace> = places
            .iter()
            .filter_map(|(number, place)| {
                let (key, group) = self.groups.get(place_of(*number))?;
                Some(match group.is_moved || *key == REST {
                    true => (rest, EMPTY),
                    false => (*number, group.place_now(*place)),
                })
            })
            .collect();
        now.sort_unstable();
        now.dedup();
        now
    }

    /// A hash of what a group has in common, the same in every run.
    fn hash(&self, key: &GroupKey) -> u64 {
        let mut hasher = Xxh64::new(0);
        for number in key.texts() {
            hasher.update(self.texts.text(number).as_bytes());
            // No text has such a byte.
            hasher.update(&[0xff]);
        }
        hasher.update(key.principal_type.as_bytes());
        hasher.update(key.outcome.name().as_bytes());
        let is = |shows: Shows| u8::from(key.shows == shows);
        hasher.update(&[is(Shows::UseOnly), is(Shows::EventHistory)]);
        hasher.digest()
    }
}
