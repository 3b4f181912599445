//! Groups of records that another engine put together: mapped here, counted there.

use xxhash_rust::xxh64::xxh64;

use crate::collector::{Placed, UsageCollector, place_of};
use crate::seen_events::SeenEvent;
use crate::{Record, SkipReason};

/// Records that are alike in all that mapping reads, as far as they differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordGroup {
    /// How many records there are, duplicates included.
    pub records: u64,
    /// Who counts them.
    pub counting: GroupCounting,
    /// The earliest and the latest `eventTime`, in seconds since 1970; none: no record has one that is a time.
    pub first_and_last: Option<(i64, i64)>,
    /// The days of all, as days since 1970.
    pub days: Vec<i64>,
    /// Distinct `sourceIPAddress`es: the 21 smallest are enough, which tell that there are more than 20.
    pub source_ips: Vec<String>,
    /// Distinct `userAgent`s, as far.
    pub user_agents: Vec<String>,
    /// Distinct `vpcEndpointId`s, as far.
    pub vpc_endpoints: Vec<String>,
}

/// How the records of a group become a number of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupCounting {
    /// The engine has counted them.
    Counted {
        /// What the calls of the group have in common if they have records in other groups too: a text that is the same in just
        /// those groups. Of such groups the best one counts. None: all records of each call are in this group.
        shared_by: Option<String>,
        /// How many calls there are, copies and the records of other accounts counted once.
        calls: u64,
        /// How many event ids were met here first, and records without one.
        events: u64,
        /// How many records have no event id.
        without_event_id: u64,
    },
    /// They are told one by one and counted here, so that a [`Ledger`](crate::Ledger) can know them.
    Listed(Vec<RecordId>),
}

/// A record of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordId {
    /// Its `eventID`.
    pub event_id: Option<String>,
    /// Its `sharedEventID`.
    pub shared_event_id: Option<String>,
    /// What tells it from others if it has no `eventID`.
    pub text: String,
}

impl Default for GroupCounting {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// Calls that an engine has counted.
#[derive(Debug)]
pub(crate) struct GroupedCalls {
    /// Stands for each of them. Its id, where it has one, is the hash of what groups with the same calls share.
    pub(crate) best: SeenEvent,
    pub(crate) calls: u64,
    pub(crate) events: u64,
    pub(crate) records: u64,
    pub(crate) without_event_id: u64,
}

impl UsageCollector {
    /// Takes a group of records; `record` is any one of them.
    pub fn record_group(&mut self, record: &Record<'_>, group: &RecordGroup) {
        let Some((first, last)) = group.first_and_last else {
            return self.skipped_many(SkipReason::NoTime, group.records);
        };
        self.span(first, last);
        let Placed {
            identity,
            places,
            is_callers_account,
        } = self.place(record, group.records);
        for (number, place) in &places {
            let row = self.groups.get_mut(place_of(*number));
            let Some(counts) = row.and_then(|(_, row)| row.counts(*place)) else {
                continue;
            };
            counts.see_between(first, last);
            for day in &group.days {
                counts.see_day(*day);
            }
            let lists = [
                (&mut counts.source_ips, &group.source_ips),
                (&mut counts.user_agents, &group.user_agents),
                (&mut counts.vpc_endpoints, &group.vpc_endpoints),
            ];
            for (list, values) in lists {
                for value in values {
                    list.add(value);
                }
            }
            counts
                .invoked_by
                .add(identity.invoked_by.as_deref().unwrap_or_default());
        }
        let rows = self.row_set(&places);
        let hash = |text: &str| xxh64(text.as_bytes(), 0);
        let told = |text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.is_empty());
            text.map(hash)
        };
        let event = |id: Option<u64>, shared_id: u64, without_id: u64| SeenEvent {
            id: id.unwrap_or(without_id),
            shared_id,
            rows,
            has_id: id.is_some(),
            is_callers_account,
            is_known: false,
        };
        match &group.counting {
            GroupCounting::Counted {
                shared_by,
                calls,
                events,
                without_event_id,
            } => self.grouped.push(GroupedCalls {
                best: event(told(shared_by), 0, 0),
                calls: *calls,
                events: *events,
                records: group.records,
                without_event_id: *without_event_id,
            }),
            GroupCounting::Listed(records) => {
                for record in records {
                    // Zero says that there is none.
                    let shared_id = told(&record.shared_event_id).map_or(0, |id| id.max(1));
                    self.events
                        .push(event(told(&record.event_id), shared_id, hash(&record.text)));
                }
            }
        }
    }

    fn skipped_many(&mut self, reason: SkipReason, records: u64) {
        *self.skipped.entry(reason).or_default() += records;
    }
}
