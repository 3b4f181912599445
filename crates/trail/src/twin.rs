//! The slow, obvious twin of the counting: all events in one list, and everything asked of the whole list.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use crate::groups::MOST_RESOURCES;
use crate::{
    FilesRead, Ledger, Outcome, Record, RecordSink, UsageCollector, Window, usage, usage_beyond,
};

const ACTIONS: [&str; 2] = ["kms:ReEncryptFrom", "kms:ReEncryptTo"];

#[derive(Debug, Clone)]
struct Event {
    id: Option<u8>,
    shared_id: Option<u8>,
    account: &'static str,
    error: Option<&'static str>,
    keys: BTreeSet<u8>,
    second: i64,
}

/// Account, action, outcome: what a group has in common here.
type Group = (&'static str, &'static str, Reverse<Outcome>);

impl Event {
    fn json(&self) -> String {
        let id = |id: Option<u8>| id.map(|id| format!("id-{id}"));
        let resources: Vec<_> = self
            .keys
            .iter()
            .map(|key| json!({ "ARN": arn(*key) }))
            .collect();
        json!({
            "eventID": id(self.id), "sharedEventID": id(self.shared_id), "errorCode": self.error,
            "eventTime": jiff::Timestamp::from_second(self.second).unwrap().to_string(),
            "eventSource": "kms.amazonaws.com", "eventName": "ReEncrypt", "recipientAccountId": self.account,
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/u", "accountId": "111111111111"},
            "resources": resources,
        })
        .to_string()
    }

    fn rows(&self) -> BTreeSet<(Group, String)> {
        let resources: Vec<String> = match self.keys.is_empty() {
            true => vec![String::new()],
            false => self.keys.iter().map(|key| arn(*key)).collect(),
        };
        let group = |action| (self.account, action, Reverse(Outcome::of(self.error)));
        ACTIONS
            .into_iter()
            .flat_map(|action| {
                resources
                    .iter()
                    .map(move |resource| (group(action), resource.clone()))
            })
            .collect()
    }

    fn is_callers_account(&self) -> bool {
        self.account == "111111111111"
    }
}

fn arn(key: u8) -> String {
    format!("arn:aws:kms:eu-west-1:111111111111:key/k{key}")
}

/// What all keys begin with.
const ALL_KEYS: &str = "arn:aws:kms:eu-west-1:111111111111:key/*";

/// A row: account, action, resource, outcome, count, first, last, days.
type Row = (String, String, Option<String>, String, i64, i64, i64, i64);

fn by_asking_the_whole_list(events: &[Event]) -> (BTreeSet<Row>, [u64; 3]) {
    let mut resources: BTreeMap<Group, BTreeSet<String>> = BTreeMap::new();
    for (group, resource) in events.iter().flat_map(Event::rows) {
        // What could not be told is no resource.
        if resource.is_empty() {
            resources.entry(group).or_default();
            continue;
        }
        resources.entry(group).or_default().insert(resource);
    }
    let is_folded = |group: &Group| resources[group].len() > MOST_RESOURCES;
    let rows = |event: &Event| -> BTreeSet<(Group, String)> {
        let rows = event.rows().into_iter();
        rows.map(|(group, resource)| {
            let is_one_of_many = is_folded(&group) && !resource.is_empty();
            (
                group,
                if is_one_of_many {
                    ALL_KEYS.to_owned()
                } else {
                    resource
                },
            )
        })
        .collect()
    };
    let best = |same: &[&Event]| -> Event {
        let best = same
            .iter()
            .max_by_key(|event| (event.is_callers_account(), rows(event)));
        (**best.unwrap()).clone()
    };
    // Each event once.
    let mut once: Vec<Event> = events
        .iter()
        .filter(|event| event.id.is_none())
        .cloned()
        .collect();
    let without_id = once.len() as u64;
    for id in events
        .iter()
        .filter_map(|event| event.id)
        .collect::<BTreeSet<_>>()
    {
        let same: Vec<&Event> = events.iter().filter(|event| event.id == Some(id)).collect();
        let shared_id = best_shared(&same);
        once.push(Event {
            shared_id,
            ..best(&same)
        });
    }
    let distinct = once.len() as u64;
    // Each call once.
    let mut calls: Vec<Event> = once
        .iter()
        .filter(|event| event.shared_id.is_none())
        .cloned()
        .collect();
    for id in once
        .iter()
        .filter_map(|event| event.shared_id)
        .collect::<BTreeSet<_>>()
    {
        let same: Vec<&Event> = once
            .iter()
            .filter(|event| event.shared_id == Some(id))
            .collect();
        calls.push(best(&same));
    }
    let mut expected = BTreeSet::new();
    for row in events.iter().flat_map(&rows).collect::<BTreeSet<_>>() {
        let count = calls
            .iter()
            .filter(|event| rows(event).contains(&row))
            .count();
        let times: BTreeSet<i64> = events
            .iter()
            .filter(|event| rows(event).contains(&row))
            .map(|event| event.second)
            .collect();
        let days: BTreeSet<i64> = times.iter().map(|time| time / 86_400).collect();
        let ((account, action, Reverse(outcome)), resource) = row;
        let resource = Some(resource).filter(|resource| !resource.is_empty());
        if count > 0 {
            expected.insert((
                account.to_owned(),
                action.to_owned(),
                resource,
                outcome.name().to_owned(),
                i64::try_from(count).unwrap(),
                *times.first().unwrap(),
                *times.last().unwrap(),
                i64::try_from(days.len()).unwrap(),
            ));
        }
    }
    (
        expected,
        [distinct, events.len() as u64 - distinct, without_id],
    )
}

/// Of two copies of an event, one can have lost what it shares; of two that differ there, the reader takes either.
fn best_shared(same: &[&Event]) -> Option<u8> {
    same.iter().find_map(|event| event.shared_id)
}

fn collected(events: &[Event], collectors: usize) -> Vec<UsageCollector> {
    let mut all: Vec<UsageCollector> = (0..collectors)
        .map(|_| UsageCollector::new(Window::default()))
        .collect();
    let texts: Vec<String> = events.iter().map(Event::json).collect();
    // Readers hand over several at once, of which one can displace what another one was found by.
    for (number, texts) in texts.chunks(3).enumerate() {
        let records = texts.iter().map(|text| serde_json::from_str(text).unwrap());
        let records: Vec<Record<'_>> = records.collect();
        all[number % collectors].records(&records);
    }
    all
}

fn by_collectors(events: &[Event], collectors: usize) -> (BTreeSet<Row>, [u64; 3]) {
    let usage = usage(collected(events, collectors), FilesRead::default());
    assert!(usage.rows.is_sorted() && usage.unmapped.is_empty());
    let count = usage.rows.len();
    let rows: BTreeSet<Row> = usage
        .rows
        .into_iter()
        .map(|row| {
            let second = |time: Option<jiff::Timestamp>| time.unwrap().as_second();
            (
                row.account_id.to_string(),
                row.action.unwrap().to_string(),
                row.resource.map(|text| text.to_string()),
                row.outcome.to_string(),
                row.count,
                second(row.first_seen),
                second(row.last_seen),
                row.active_days,
            )
        })
        .collect();
    assert_eq!(rows.len(), count, "no two rows are alike");
    let summary = usage.summary;
    (
        rows,
        [summary.events, summary.duplicates, summary.without_event_id],
    )
}

fn event() -> impl Strategy<Value = Event> {
    (
        prop::option::weighted(0.9, 0..6_u8),
        prop::sample::select(vec!["111111111111", "222222222222"]),
        prop::sample::select(vec![None, Some("AccessDenied"), Some("NoSuchKey")]),
        prop::collection::btree_set(0..8_u8, 0..3),
        0..400_000_i64,
        any::<bool>(),
    )
        .prop_map(|(id, account, error, keys, second, has_shared)| Event {
            id,
            // An event belongs to one call.
            shared_id: id.filter(|_| has_shared).map(|id| id % 3),
            account,
            error,
            keys,
            second,
        })
}

proptest! {
    #[test]
    fn counting_is_what_asking_the_whole_list_gives_in_any_order_and_split(
        events in prop::collection::vec(event(), 0..24),
        shuffle in any::<prop::sample::Index>(),
        collectors in 1..4_usize,
    ) {
        let expected = by_asking_the_whole_list(&events);
        prop_assert_eq!(&by_collectors(&events, collectors), &expected);
        let mut other_order = events.clone();
        other_order.reverse();
        other_order.rotate_left(shuffle.index(events.len().max(1)));
        prop_assert_eq!(&by_collectors(&other_order, collectors), &expected);
    }
}

/// Events whose copies are the same in all rows, as are the events of one call.
fn event_of_a_call() -> impl Strategy<Value = Event> {
    (0..5_u8, prop::option::weighted(0.8, 0..3_u8)).prop_map(|(call, copy)| Event {
        id: copy.map(|copy| call * 3 + copy),
        shared_id: copy.filter(|_| call < 2).map(|_| call),
        account: ["111111111111", "222222222222"][usize::from(call % 2)],
        error: None,
        keys: [call % 3].into(),
        second: i64::from(call),
    })
}

/// How often each call was made: account and key, and the count.
fn counts_of_calls(runs: &[Vec<Event>]) -> BTreeMap<(String, String), i64> {
    let mut calls = BTreeSet::new();
    let mut without_id: BTreeMap<i64, usize> = BTreeMap::new();
    let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
    for run in runs {
        for event in run {
            let alike = |one: &&Event| one.id.is_none() && one.second == event.second;
            let is_new = match event.id {
                Some(id) => {
                    calls.insert((event.shared_id.is_some(), event.shared_id.unwrap_or(id)))
                }
                None => {
                    // Each run is asked once, with all that are alike.
                    let copies = run.iter().filter(alike).count();
                    let before = without_id.entry(event.second).or_default();
                    let is_more = *before < copies;
                    *before += usize::from(is_more);
                    is_more
                }
            };
            for (group, resource) in event.rows() {
                let row = (group.0.to_owned() + group.1, resource);
                *counts.entry(row).or_default() += i64::from(is_new);
            }
        }
    }
    counts
}

proptest! {
    #[test]
    fn several_runs_with_a_ledger_count_as_one(runs in prop::collection::vec(prop::collection::vec(event_of_a_call(), 0..16), 1..4)) {
        let mut ledger = Ledger::default();
        let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
        let mut records = 0;
        for run in &runs {
            let (usage, beyond) = usage_beyond(collected(run, 2), FilesRead::default(), &ledger);
            for row in usage.rows {
                prop_assert!(row.count > 0);
                let key = (row.account_id.to_string() + row.action.as_deref().unwrap(), row.resource.unwrap().to_string());
                *counts.entry(key).or_default() += row.count;
            }
            records += usage.summary.events;
            let (again, same) = usage_beyond(collected(run, 1), FilesRead::default(), &beyond);
            prop_assert!(again.rows.is_empty() && same == beyond);
            prop_assert_eq!((again.summary.events, again.summary.duplicates), (0, run.len() as u64));
            ledger = beyond;
        }
        prop_assert_eq!(counts, counts_of_calls(&runs));
        let without_id: u32 = ledger.without_event_id().map(|(_, copies)| copies).sum();
        prop_assert_eq!(records, ledger.event_ids().len() as u64 + u64::from(without_id));
        let restored = Ledger::new(
            ledger.event_ids().collect(),
            ledger.shared_event_ids().collect(),
            ledger.without_event_id().collect(),
        );
        prop_assert_eq!(restored, ledger);
    }
}

/// Calls of many users.
fn call_of_many() -> impl Strategy<Value = String> {
    (0..40_u8, 0..6_u8, 0..9_u16).prop_map(|(user, key, id)| {
        json!({
            "eventID": format!("{user} {key} {id}"), "eventTime": "2026-10-01T00:00:00Z", "eventSource": "kms.amazonaws.com",
            "eventName": "Encrypt", "recipientAccountId": "111111111111",
            "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::111111111111:user/{user}")},
            "resources": [{"ARN": arn(key)}],
        })
        .to_string()
    })
}

proptest! {
    #[test]
    fn too_many_rows_become_the_same_fewer_in_any_order_and_split(
        calls in prop::collection::vec(call_of_many(), 0..300),
        shuffle in any::<prop::sample::Index>(),
        collectors in 1..4_usize,
    ) {
        let of = |calls: &[String], collectors: usize| {
            let mut all: Vec<UsageCollector> = (0..collectors).map(|_| UsageCollector::default()).collect();
            for (number, texts) in calls.chunks(5).enumerate() {
                let records = texts.iter().map(|text| serde_json::from_str(text).unwrap());
                let records: Vec<Record<'_>> = records.collect();
                all[number % collectors].records(&records);
            }
            usage(all, FilesRead::default())
        };
        let expected = of(&calls, 1);
        let mut other_order = calls.clone();
        other_order.reverse();
        other_order.rotate_left(shuffle.index(calls.len().max(1)));
        let other = of(&other_order, collectors);
        prop_assert_eq!(&other.rows, &expected.rows);
        prop_assert_eq!(&other.summary, &expected.summary);
        let counted: i64 = expected.rows.iter().map(|row| row.count).sum();
        prop_assert_eq!(u64::try_from(counted).unwrap(), expected.summary.events);
        let users: BTreeSet<&str> = calls.iter().filter_map(|call| call.split("user/").nth(1)?.split('"').next()).collect();
        prop_assert_eq!(expected.summary.rows_capped > 0, users.len() > 20);
        prop_assert!(expected.rows.len() <= 60);
    }
}
