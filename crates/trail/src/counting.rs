//! Each event counted once in each of its rows, by reading all events in the order of their ids.

use std::cmp::Reverse;

use crate::collector::{UsageCollector, place_of};
use crate::grouped::GroupedCalls;
use crate::groups::{FOLDED, GroupKey};
use crate::interner::Interner;
use crate::outcome::Outcome;
use crate::record::Shows;
use crate::seen_events::{SeenEvent, SeenEvents, in_order};
use crate::{Ledger, Summary};

/// The copies of one event, or the events of one call, that were met so far.
struct Same {
    best: SeenEvent,
    copies: u64,
}

/// Looks up what a set of rows tells.
struct Rows<'a> {
    collector: &'a UsageCollector,
}

/// What was counted.
struct Counting<'a> {
    rows: Rows<'a>,
    /// By the number of the set of rows.
    counted: Vec<u64>,
    /// One for each event that has a shared id.
    shared: SeenEvents,
    /// What was counted before; none: nobody asks.
    known: Option<&'a Ledger>,
    /// What is new to it.
    event_ids: Vec<u64>,
    shared_ids: Vec<(u64, bool)>,
    without_id: Vec<(u64, u32)>,
}

impl UsageCollector {
    /// Counts the events of several sorted lists that no earlier run has counted, and tells all that is counted by now.
    ///
    /// # Errors
    /// Where the temporary files cannot be read back.
    pub(crate) fn count_events(
        &mut self,
        lists: Vec<(SeenEvents, Option<Vec<u32>>)>,
        known: Option<&Ledger>,
        summary: &mut Summary,
    ) -> std::io::Result<Ledger> {
        let mut counting = Counting {
            rows: Rows { collector: self },
            counted: vec![0; self.row_sets.all().len()],
            shared: SeenEvents::default(),
            known,
            event_ids: Vec::new(),
            shared_ids: Vec::new(),
            without_id: Vec::new(),
        };
        let mut same: Option<Same> = None;
        let read_back = in_order(lists, |event| {
            if let Some(before) = counting.rows.join(&mut same, event) {
                counting.event(&before, summary);
            }
        });
        if let Some(last) = same.take() {
            counting.event(&last, summary);
        }
        let mut shared = std::mem::take(&mut counting.shared);
        shared.sort();
        let shared_read_back = in_order(vec![(shared, None)], |event| {
            if let Some(before) = counting.rows.join(&mut same, event) {
                counting.call(&before);
            }
        });
        if let Some(last) = same.take() {
            counting.call(&last);
        }
        counting.grouped(summary);
        let Counting {
            counted,
            event_ids,
            shared_ids,
            without_id,
            ..
        } = counting;
        let row_sets = std::mem::take(&mut self.row_sets);
        for (places, events) in row_sets.all().iter().zip(counted) {
            for place in self.places_now(places) {
                if let Some(counts) = self.counts(place) {
                    counts.count += events;
                }
            }
        }
        read_back.and(shared_read_back)?;
        let new = Ledger::new(event_ids, shared_ids, without_id);
        Ok(known.map_or_else(Ledger::default, |known| known.joined(new)))
    }
}

impl Counting<'_> {
    /// All copies of an event, or all records without an id that are alike, of which each is one.
    fn event(&mut self, same: &Same, summary: &mut Summary) {
        let SeenEvent { id, has_id, .. } = same.best;
        let most_new = if has_id { 1 } else { same.copies };
        let counted_before = self.known.map_or(0, |known| match has_id {
            true => u64::from(known.has_event(id)),
            false => u64::from(known.copies(id)),
        });
        let new = most_new.saturating_sub(counted_before);
        summary.events += new;
        summary.duplicates += same.copies - new;
        summary.without_event_id += if has_id { 0 } else { new };
        if self.known.is_some() && new > 0 {
            match has_id {
                true => self.event_ids.push(id),
                false => {
                    let copies = u32::try_from(same.copies).unwrap_or(u32::MAX);
                    self.without_id.push((id, copies));
                }
            }
        }
        match same.best.shared_id {
            0 => self.count(&same.best, new),
            shared_id => self.shared.push(SeenEvent {
                id: shared_id,
                has_id: true,
                is_known: new == 0,
                ..same.best
            }),
        }
    }

    /// All events of one call.
    fn call(&mut self, same: &Same) {
        let SeenEvent {
            id,
            is_known,
            is_callers_account,
            ..
        } = same.best;
        let before = self.known.and_then(|known| known.shared(id));
        // Another account's record names the caller's account at most, so that it does not stand for the caller's own.
        let is_counted = before.is_some_and(|callers| callers || !is_callers_account);
        if !is_counted && self.known.is_some() {
            self.shared_ids.push((id, is_callers_account));
        }
        self.count(&same.best, u64::from(!is_counted && !is_known));
    }

    /// What another engine has counted: calls whose records all add to the same rows, and sets of calls whose records do not.
    fn grouped(&mut self, summary: &mut Summary) {
        let grouped = &self.rows.collector.grouped;
        let mut shared: Vec<&GroupedCalls> = Vec::new();
        for group in grouped {
            summary.events += group.events;
            summary.duplicates += group.records.saturating_sub(group.events);
            summary.without_event_id += group.without_event_id;
            match group.best.has_id {
                true => shared.push(group),
                false => self.count(&group.best, group.calls),
            }
        }
        shared.sort_unstable_by_key(|group| group.best.id);
        for same in shared.chunk_by(|one, other| one.best.id == other.best.id) {
            let events = same.iter().map(|group| group.best);
            let best = events.reduce(|best, event| self.rows.better(best, event));
            // The same calls are counted in each of their groups.
            let calls = same.iter().map(|group| group.calls).max();
            if let (Some(best), Some(calls)) = (best, calls) {
                self.count(&best, calls);
            }
        }
    }

    fn count(&mut self, event: &SeenEvent, events: u64) {
        if let Some(counted) = self.counted.get_mut(place_of(event.rows)) {
            *counted += events;
        }
    }
}

impl Rows<'_> {
    /// Adds an event to those before it, if it is one of them; else it is the first of the next, and those before are whole.
    fn join(&self, same: &mut Option<Same>, event: SeenEvent) -> Option<Same> {
        match same {
            Some(before) if before.best.key() == event.key() => {
                before.copies += 1;
                before.best = self.better(before.best, event);
                None
            }
            _ => same.replace(Same {
                best: event,
                copies: 1,
            }),
        }
    }

    /// Of two records of one event the one that is counted: that of the caller's account, then the one that tells more.
    fn better(&self, one: SeenEvent, other: SeenEvent) -> SeenEvent {
        let rank = |event: &SeenEvent| (event.is_callers_account, self.told(event.rows));
        // Nearly all duplicates are the same in all rows.
        let better = if one.rows == other.rows || rank(&other) <= rank(&one) {
            one
        } else {
            other
        };
        let is_callers_account = one.is_callers_account || other.is_callers_account;
        let is_known =
            |event: SeenEvent| event.is_known && event.is_callers_account == is_callers_account;
        SeenEvent {
            // The one with the caller's account would have won.
            is_callers_account,
            // That another account's record is counted says nothing of the caller's own.
            is_known: is_known(one) || is_known(other),
            // One of two copies can have lost what the accounts have in common.
            shared_id: one.shared_id.max(other.shared_id),
            ..better
        }
    }

    /// What rows tell, in an order that no thread decides. Where nothing else does, a call that was allowed is the greater.
    fn told(&self, rows: u32) -> Vec<Told<'_>> {
        let places = &self.collector.row_sets.rows(rows);
        let mut told: Vec<Told<'_>> = self
            .collector
            .places_now(places)
            .into_iter()
            .filter_map(|(number, place)| {
                let (key, _) = self.collector.groups.get(place_of(number))?;
                let texts = texts_of(key, &self.collector.texts);
                // One of many tells more than none.
                let resource = if place == FOLDED {
                    "*"
                } else {
                    &**self.collector.texts.text(place)
                };
                let outcome = Reverse(key.outcome);
                Some((texts, outcome, key.principal_type, resource, key.shows))
            })
            .collect();
        told.sort_unstable();
        told
    }
}

/// A row's texts but the resource, its outcome, the principal's type, the resource, and what it shows by where it is.
type Told<'a> = (Vec<&'a str>, Reverse<Outcome>, &'static str, &'a str, Shows);

fn texts_of<'a>(key: &GroupKey, texts: &'a Interner) -> Vec<&'a str> {
    key.texts()
        .into_iter()
        .map(|number| &**texts.text(number))
        .collect()
}
