//! The rows while they are counted: by everything but the resource, and then by resource.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::interner::{EMPTY, Interner};
use crate::outcome::Outcome;
use crate::record::Shows;
use crate::smallest::Smallest;
use leastgrant_inventory::Days;

/// More resources than these in one group become one row. Few, so that property tests get there; `tests/usage.rs` has many.
pub(crate) const MOST_RESOURCES: usize = if cfg!(test) { 4 } else { 1000 };

/// In place of a resource's number: the one row of a group that is folded.
pub(crate) const FOLDED: u32 = u32::MAX;

/// What a group's rows have in common; texts are numbers of an [`Interner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    pub(crate) account: u32,
    pub(crate) principal: u32,
    pub(crate) principal_type: &'static str,
    pub(crate) access_key: u32,
    pub(crate) source: u32,
    pub(crate) name: u32,
    pub(crate) action: u32,
    pub(crate) region: u32,
    pub(crate) outcome: Outcome,
    pub(crate) shows: Shows,
}

impl GroupKey {
    /// The numbers of its texts.
    pub(crate) fn texts(&self) -> [u32; 7] {
        [
            self.account,
            self.principal,
            self.access_key,
            self.source,
            self.name,
            self.action,
            self.region,
        ]
    }

    pub(crate) fn renumbered(self, numbers: &[u32]) -> Self {
        let of = |number: u32| renumber(numbers, number);
        Self {
            account: of(self.account),
            principal: of(self.principal),
            access_key: of(self.access_key),
            source: of(self.source),
            name: of(self.name),
            action: of(self.action),
            region: of(self.region),
            ..self
        }
    }
}

pub(crate) fn renumber(numbers: &[u32], number: u32) -> u32 {
    usize::try_from(number)
        .ok()
        .and_then(|number| numbers.get(number))
        .copied()
        .unwrap_or(number)
}

/// What is counted.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    /// Filled in at the end, when it is known which events are duplicates; all else is the same with those.
    pub(crate) count: u64,
    /// In seconds since 1970; the first after the last where nothing was seen.
    pub(crate) first_seen: i64,
    pub(crate) last_seen: i64,
    pub(crate) source_ips: Smallest,
    pub(crate) user_agents: Smallest,
    pub(crate) vpc_endpoints: Smallest,
    pub(crate) invoked_by: Smallest,
    pub(crate) days: Days,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            count: 0,
            first_seen: i64::MAX,
            last_seen: i64::MIN,
            source_ips: Smallest::default(),
            user_agents: Smallest::default(),
            vpc_endpoints: Smallest::default(),
            invoked_by: Smallest::default(),
            days: Days::default(),
        }
    }
}

impl Counts {
    pub(crate) fn see_between(&mut self, first: i64, last: i64) {
        self.first_seen = self.first_seen.min(first);
        self.last_seen = self.last_seen.max(last);
    }

    /// An address, a user agent, a VPC endpoint and a service, as far as they are told.
    pub(crate) fn see_origin(&mut self, origin: &[Option<Arc<str>>; 4]) {
        let lists = [
            &mut self.source_ips,
            &mut self.user_agents,
            &mut self.vpc_endpoints,
            &mut self.invoked_by,
        ];
        for (list, text) in lists.into_iter().zip(origin) {
            if let Some(text) = text {
                list.add(text);
            }
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.see_between(other.first_seen, other.last_seen);
        self.source_ips.add_all(&other.source_ips);
        self.user_agents.add_all(&other.user_agents);
        self.vpc_endpoints.add_all(&other.vpc_endpoints);
        self.invoked_by.add_all(&other.invoked_by);
        self.days.add_all(&other.days);
    }
}

/// A group's rows.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// By resource. Once they are folded, only that of events whose resource could not be told is left.
    pub(crate) rows: FxHashMap<u32, Box<Counts>>,
    pub(crate) folded: Option<Box<Folded>>,
    /// Whether it is one of too many, and its rows are the one of the rest.
    pub(crate) is_moved: bool,
}

/// The one row of a group with too many resources.
#[derive(Debug)]
pub(crate) struct Folded {
    /// What all resources begin with.
    pub(crate) prefix: String,
    pub(crate) counts: Counts,
}

impl Group {
    /// Where the group has a resource: its number, or [`FOLDED`].
    pub(crate) fn place(
        &mut self,
        resource: &str,
        texts: &mut Interner,
        most_resources: usize,
    ) -> u32 {
        if resource.is_empty() {
            self.rows.entry(EMPTY).or_default();
            return EMPTY;
        }
        if self.folded.is_none() {
            let number = texts.number(resource);
            if self.rows.contains_key(&number) || self.told() < most_resources {
                self.rows.entry(number).or_default();
                return number;
            }
            self.fold(texts);
        }
        if let Some(folded) = &mut self.folded {
            shorten(&mut folded.prefix, resource);
        }
        FOLDED
    }

    /// How many resources are kept apart.
    fn told(&self) -> usize {
        self.rows.len() - usize::from(self.rows.contains_key(&EMPTY))
    }

    /// How many rows there were, as far as resources are kept apart, and one for the group itself.
    pub(crate) fn rows_met(&self, most_resources: usize) -> usize {
        match (self.is_moved, &self.folded) {
            (true, _) => 0,
            (_, Some(_)) => most_resources + 2,
            _ => self.told() + 1,
        }
    }

    pub(crate) fn fold_beyond(&mut self, most_resources: usize, texts: &Interner) {
        if self.told() > most_resources {
            self.fold(texts);
        }
    }

    /// A place as it is by now.
    pub(crate) fn place_now(&self, place: u32) -> u32 {
        if self.folded.is_some() && place != EMPTY {
            FOLDED
        } else {
            place
        }
    }

    pub(crate) fn counts(&mut self, place: u32) -> Option<&mut Counts> {
        match &mut self.folded {
            Some(folded) if place != EMPTY => Some(&mut folded.counts),
            _ => self.rows.get_mut(&place).map(Box::as_mut),
        }
    }

    /// Adds the rows of a group of another interner, whose numbers became these.
    pub(crate) fn add(
        &mut self,
        other: Self,
        numbers: &[u32],
        texts: &mut Interner,
        most_resources: usize,
    ) {
        if let Some(folded) = other.folded {
            self.fold(texts);
            match &mut self.folded {
                Some(own) => {
                    shorten(&mut own.prefix, &folded.prefix);
                    own.counts.add(&folded.counts);
                }
                None => self.folded = Some(folded),
            }
        }
        for (resource, counts) in other.rows {
            let resource = Arc::clone(texts.text(renumber(numbers, resource)));
            let place = self.place(&resource, texts, most_resources);
            if let Some(own) = self.counts(place) {
                own.add(&counts);
            }
        }
    }

    /// Adds all rows of another group to the only one that this has.
    pub(crate) fn add_to_the_rest(&mut self, other: &Self) {
        let own = self.rows.entry(EMPTY).or_default();
        let folded = other.folded.iter().map(|folded| &folded.counts);
        for counts in other.rows.values().map(Box::as_ref).chain(folded) {
            own.add(counts);
        }
    }

    fn fold(&mut self, texts: &Interner) {
        let untold = self.rows.remove_entry(&EMPTY);
        for (resource, counts) in self.rows.drain() {
            let text = texts.text(resource);
            match &mut self.folded {
                Some(folded) => {
                    shorten(&mut folded.prefix, text);
                    folded.counts.add(&counts);
                }
                None => {
                    self.folded = Some(Box::new(Folded {
                        prefix: text.to_string(),
                        counts: *counts,
                    }));
                }
            }
        }
        self.rows.extend(untold);
    }
}

/// Cuts a prefix to what a text begins with too.
pub(crate) fn shorten(prefix: &mut String, text: &str) {
    let same = prefix
        .bytes()
        .zip(text.bytes())
        .take_while(|(own, other)| own == other)
        .count();
    prefix.truncate(prefix.floor_char_boundary(same));
}

/// The common prefix up to its last `/` or `:`, with `*`; none if that is shorter than the sixth field of an ARN.
pub(crate) fn folded_resource(prefix: &str) -> Option<String> {
    let end = prefix.rfind(['/', ':'])?;
    let whole = prefix.get(..=end)?;
    (whole.matches(':').count() >= 5).then(|| format!("{whole}*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_resources_become_one_row_in_any_order() {
        let names: Vec<String> = (0..1500)
            .map(|number| format!("arn:aws:s3:::logs/2026/{number}"))
            .collect();
        for order in [names.clone(), names.iter().rev().cloned().collect()] {
            let mut texts = Interner::default();
            let mut group = Group::default();
            for name in &order {
                let place = group.place(name, &mut texts, MOST_RESOURCES);
                group.counts(place).unwrap().days.add(7);
            }
            let folded = group.folded.unwrap();
            assert_eq!(
                folded_resource(&folded.prefix).unwrap(),
                "arn:aws:s3:::logs/2026/*"
            );
        }
    }

    #[test]
    fn a_prefix_without_a_resource_part_tells_nothing() {
        assert_eq!(
            folded_resource("arn:aws:s3:::a").as_deref(),
            Some("arn:aws:s3:::*")
        );
        assert_eq!(folded_resource("arn:aws:sqs:eu-west-1:1111"), None);
        assert_eq!(folded_resource(""), None);
    }
}
