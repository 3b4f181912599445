//! Groups of records that another engine put together: mapped here, counted there.

use std::sync::Arc;

use serde_json::json;
use xxhash_rust::xxh64::xxh64;

use crate::collector::UsageCollector;
use crate::placing::Placed;
use crate::seen_events::SeenEvent;
use crate::{JsonText, Record, RecordTold, SkipReason};

/// Records that are alike in all that mapping reads, as far as they differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordGroup {
    /// How many records there are, duplicates included.
    pub records: u64,
    /// Who counts them.
    pub counting: GroupCounting,
    /// The earliest and the latest `eventTime`, in seconds since 1970; none: no record has one that is a time.
    pub first_and_last: Option<(i64, i64)>,
    /// The days of all, as days since 1970.
    pub days: Vec<i64>,
    /// The temporary keys of the sessions that the calls began: `responseElements.credentials.accessKeyId` of AssumeRole.
    pub session_keys: Vec<String>,
    /// Distinct `sourceIPAddress`es: the 21 smallest are enough, which tell that there are more than 20.
    pub source_ips: Vec<String>,
    /// Distinct `userAgent`s, as far.
    pub user_agents: Vec<String>,
    /// Distinct `vpcEndpointId`s, as far.
    pub vpc_endpoints: Vec<String>,
}

/// How the records of a group become a number of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupCounting {
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
pub(crate) struct RecordId {
    /// Its `eventID`.
    pub event_id: Option<String>,
    /// Its `sharedEventID`.
    pub shared_event_id: Option<String>,
    /// What tells it from others of the group if it has no `eventID`.
    pub told: RecordTold,
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
    pub(crate) fn record_group(&mut self, record: &Record<'_>, group: &RecordGroup) {
        let Some((first, last)) = group.first_and_last else {
            return self.skipped_many(SkipReason::NoTime, group.records);
        };
        self.span(first, last);
        for key in &group.session_keys {
            let answer = json!({"credentials": {"accessKeyId": key}}).to_string();
            let begun = Record {
                response_elements: Some(JsonText(&answer)),
                ..record.clone()
            };
            self.sessions.learn(&begun, &mut self.texts);
        }
        let Placed {
            invoked_by,
            rows,
            is_callers_account,
            ..
        } = self.place(record, group.records);
        let mut shared = |values: &[String]| -> Vec<Arc<str>> {
            let shared = values.iter().filter_map(|value| self.origins.share(value));
            shared.collect()
        };
        let origins = [
            shared(&group.source_ips),
            shared(&group.user_agents),
            shared(&group.vpc_endpoints),
        ];
        let invoked_by = self
            .origins
            .share(invoked_by.as_deref().unwrap_or_default());
        self.each_row(rows, |counts| {
            counts.see_between(first, last);
            for day in &group.days {
                counts.days.add(*day);
            }
            let lists = [
                &mut counts.source_ips,
                &mut counts.user_agents,
                &mut counts.vpc_endpoints,
            ];
            for (list, values) in lists.into_iter().zip(&origins) {
                for value in values {
                    list.add(value);
                }
            }
            if let Some(service) = &invoked_by {
                counts.invoked_by.add(service);
            }
        });
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
                for listed in records {
                    // Zero says that there is none.
                    let shared_id = told(&listed.shared_event_id).map_or(0, |id| id.max(1));
                    let id = told(&listed.event_id);
                    let without_id = match id {
                        Some(_) => 0,
                        None => self.without_id(record, &listed.told),
                    };
                    self.events.push(event(id, shared_id, without_id));
                }
            }
        }
    }

    fn skipped_many(&mut self, reason: SkipReason, records: u64) {
        *self.skipped.entry(reason).or_default() += records;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::{FilesRead, Ledger, RecordSink, Usage, Window, usage, usage_beyond};

    #[derive(Debug, Clone)]
    struct Event {
        id: Option<u8>,
        shared_id: Option<u8>,
        group: Group,
        second: i64,
    }

    /// What the records of a group have in common: account, error, key.
    type Group = (&'static str, Option<&'static str>, Option<u8>);

    impl Event {
        fn json(&self) -> String {
            let id = |id: Option<u8>| id.map(|id| format!("id-{id}"));
            let (account, error, key) = self.group;
            let arn = key.map(|key| format!("arn:aws:kms:eu-west-1:111111111111:key/k{key}"));
            json!({
                "eventID": id(self.id), "sharedEventID": id(self.shared_id), "errorCode": error,
                "eventTime": jiff::Timestamp::from_second(self.second).unwrap().to_string(),
                "eventSource": "kms.amazonaws.com", "eventName": "ReEncrypt", "recipientAccountId": account,
                "sourceIPAddress": format!("10.0.0.{}", self.second % 30),
                "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/u", "accountId": "111111111111"},
                "resources": [{"ARN": arn}],
            })
            .to_string()
        }
    }

    fn one_by_one(events: &[Event]) -> Usage {
        usage(vec![collected(events)], FilesRead::default())
    }

    fn collected(events: &[Event]) -> UsageCollector {
        let mut collector = UsageCollector::new(Window::default());
        for event in events {
            let text = event.json();
            collector.record(&serde_json::from_str(&text).unwrap());
        }
        collector
    }

    /// What `queries/athena/usage.sql` says of events: each with its call, and with the groups of that, if they are several.
    fn with_calls(events: &[Event]) -> Vec<(&Event, String, Option<String>)> {
        let call = |(place, event): (usize, &Event)| match event.id {
            None => event
                .shared_id
                .map_or(format!("record {place}"), |id| format!("shared {id}")),
            Some(id) => {
                let copies = events.iter().filter(|other| other.id == Some(id));
                let shared_id = copies.filter_map(|other| other.shared_id).max();
                shared_id.map_or(format!("event {id}"), |id| format!("shared {id}"))
            }
        };
        let calls: Vec<String> = events.iter().enumerate().map(call).collect();
        let groups = |call: &String| -> BTreeSet<Group> {
            let of_call = events
                .iter()
                .zip(&calls)
                .filter(|(_, other)| *other == call);
            of_call.map(|(event, _)| event.group).collect()
        };
        let with_groups = events.iter().zip(&calls).map(|(event, call)| {
            let groups = groups(call);
            (
                event,
                call.clone(),
                (groups.len() > 1).then(|| format!("{groups:?}")),
            )
        });
        with_groups.collect()
    }

    fn grouped(events: &[Event], is_listed: bool) -> UsageCollector {
        type Records<'a> = Vec<(&'a Event, String)>;
        let mut groups: BTreeMap<(Group, Option<String>), Records<'_>> = BTreeMap::new();
        for (event, call, shared_by) in with_calls(events) {
            let shared_by = shared_by.filter(|_| !is_listed);
            groups
                .entry((event.group, shared_by))
                .or_default()
                .push((event, call));
        }
        let mut collector = UsageCollector::new(Window::default());
        let mut met = BTreeSet::new();
        for ((_, shared_by), records) in groups {
            let count = |count: usize| u64::try_from(count).unwrap();
            let id = |id: Option<u8>| id.map(|id| format!("id-{id}"));
            let seconds = || records.iter().map(|(event, _)| event.second);
            let calls: BTreeSet<&String> = records.iter().map(|(_, call)| call).collect();
            let events = records
                .iter()
                .filter(|(event, _)| event.id.is_none_or(|id| met.insert(id)))
                .count();
            let counting = match is_listed {
                true => GroupCounting::Listed(
                    records
                        .iter()
                        .map(|(event, _)| RecordId {
                            event_id: id(event.id),
                            shared_event_id: id(event.shared_id),
                            told: RecordTold {
                                second: event.second,
                                source_ip_address: Some(format!("10.0.0.{}", event.second % 30)),
                                ..RecordTold::default()
                            },
                        })
                        .collect(),
                ),
                false => GroupCounting::Counted {
                    shared_by,
                    calls: count(calls.len()),
                    events: count(events),
                    without_event_id: count(
                        records
                            .iter()
                            .filter(|(event, _)| event.id.is_none())
                            .count(),
                    ),
                },
            };
            let mut addresses: Vec<String> = seconds()
                .map(|second| format!("10.0.0.{}", second % 30))
                .collect();
            addresses.sort();
            addresses.dedup();
            addresses.truncate(21);
            let group = RecordGroup {
                records: count(records.len()),
                counting,
                first_and_last: seconds().min().zip(seconds().max()),
                days: seconds().map(|second| second / 86_400).collect(),
                source_ips: addresses,
                ..RecordGroup::default()
            };
            let text = records[0].0.json();
            collector.record_group(&serde_json::from_str(&text).unwrap(), &group);
        }
        collector
    }

    fn event() -> impl Strategy<Value = Event> {
        (
            prop::option::weighted(0.9, 0..6_u8),
            prop::sample::select(vec!["111111111111", "222222222222"]),
            prop::sample::select(vec![None, Some("AccessDenied"), Some("NoSuchKey")]),
            prop::option::of(0..8_u8),
            0..400_000_i64,
            any::<bool>(),
        )
            .prop_map(|(id, account, error, key, second, has_shared)| Event {
                id,
                // An event belongs to one call.
                shared_id: id.filter(|_| has_shared).map(|id| id % 3),
                group: (account, error, key),
                second,
            })
    }

    proptest! {
        #[test]
        fn groups_count_as_their_records(events in prop::collection::vec(event(), 0..24)) {
            let expected = one_by_one(&events);
            for is_listed in [false, true] {
                let own = usage(vec![grouped(&events, is_listed)], FilesRead::default());
                prop_assert_eq!(&own.rows, &expected.rows);
                prop_assert_eq!(&own.summary, &expected.summary);
            }
            let (_, ledger) = usage_beyond(vec![grouped(&events, true)], FilesRead::default(), &Ledger::default());
            let (again, _) = usage_beyond(vec![grouped(&events, true)], FilesRead::default(), &ledger);
            prop_assert_eq!(again.rows, vec![]);
            // Nor where the other engine reads them, with an id or without.
            let (again, _) = usage_beyond(vec![collected(&events)], FilesRead::default(), &ledger);
            prop_assert_eq!(again.rows, vec![]);
            prop_assert_eq!(again.summary.events, 0);
        }
    }
}
