//! The mapping held against real logs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::{EventRequest, EventResource, MappingStatus, Need};
use crate::Catalog;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_source: String,
    event_name: String,
    event_type: Option<String>,
    #[serde(default)]
    aws_region: String,
    #[serde(default)]
    recipient_account_id: String,
    request_parameters: Option<Box<RawValue>>,
    resources: Option<Vec<Listed>>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "ARN")]
    arn: Option<String>,
}

#[derive(Deserialize)]
struct Records {
    #[serde(rename = "Records")]
    records: Vec<Event>,
}

/// The events of the corpus, or none with a line on standard error.
fn events() -> Vec<Event> {
    let root = std::env::var_os("LEASTGRANT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let mut folders = vec![
        root.join("cloudtrail/invictus"),
        root.join("cloudtrail/stratus"),
    ];
    let mut events = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            eprintln!("SKIPPED: there are no logs at `{}`", folder.display());
            return Vec::new();
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "json") {
                let text = std::fs::read_to_string(&path).unwrap();
                let list = serde_json::from_str::<Vec<Event>>(&text);
                let records = || serde_json::from_str::<Records>(&text).unwrap().records;
                events.extend(list.unwrap_or_else(|_| records()));
            }
        }
    }
    events.retain(|event| event.event_type.as_deref() != Some("AwsServiceEvent"));
    events
}

impl Event {
    fn listed(&self) -> Vec<EventResource<'_>> {
        let listed = self.resources.iter().flatten();
        listed
            .filter_map(|one| one.arn.as_deref())
            .map(|arn| EventResource { arn: arn.into() })
            .collect()
    }

    fn needs(&self, listed: &[EventResource<'_>]) -> Vec<Need> {
        let mut needs = Vec::new();
        let mapping = Catalog::get().event(&self.event_source, &self.event_name);
        let request = EventRequest {
            region: &self.aws_region,
            account_id: &self.recipient_account_id,
            parameters: self.request_parameters.as_deref().map(RawValue::get),
            resources: listed,
        };
        mapping.needs_into(&request, &mut needs);
        needs
    }
}

/// What the parameters tell is what the record lists, where it lists something and the parameters tell something.
#[test]
fn parameters_tell_the_resources_that_records_list() {
    let mut agreed: BTreeMap<(String, String), usize> = BTreeMap::new();
    for event in events() {
        let listed = event.listed();
        if listed.is_empty() {
            continue;
        }
        let by_list = event.needs(&listed);
        for need in event.needs(&[]) {
            let is_whole = need.resource.starts_with("arn:") && !need.resource.ends_with('*');
            let is_own = by_list.iter().any(|one| {
                one.action == need.action && listed.iter().any(|arn| arn.arn == one.resource)
            });
            if is_whole && is_own {
                assert!(
                    by_list.contains(&need),
                    "{} {}: {need:?} but {by_list:?}",
                    event.event_source,
                    event.event_name
                );
                let key = (event.event_source.clone(), need.action.to_string());
                *agreed.entry(key).or_default() += 1;
            }
        }
    }
    let count: usize = agreed.values().sum();
    assert!(agreed.is_empty() || count > 350, "{count}: {agreed:?}");
}

#[test]
fn every_event_is_mapped_or_needs_nothing() {
    for event in events() {
        let mapping = Catalog::get().event(&event.event_source, &event.event_name);
        assert_ne!(
            mapping.status(),
            MappingStatus::Unmapped,
            "{} {}",
            event.event_source,
            event.event_name
        );
    }
}

/// How many needs are told, by event and action; to be read by a human: `cargo test -p leastgrant-catalog -- --ignored --nocapture shares`.
#[test]
#[ignore = "prints a table for a human"]
fn shares_of_needs_that_are_told() {
    #[derive(Default)]
    struct Shares {
        everything: usize,
        told: usize,
        untold: usize,
        example: String,
        unknown: String,
    }
    let mut table: BTreeMap<(String, String, String), Shares> = BTreeMap::new();
    for event in events() {
        let parameters = event
            .request_parameters
            .as_deref()
            .map_or("null", RawValue::get);
        for need in event.needs(&event.listed()) {
            let shares = table
                .entry((
                    event.event_source.clone(),
                    event.event_name.clone(),
                    need.action.to_string(),
                ))
                .or_default();
            match &*need.resource {
                "*" => shares.everything += 1,
                "" => {
                    shares.untold += 1;
                    shares.unknown = parameters.chars().take(160).collect();
                }
                arn => {
                    shares.told += 1;
                    shares.example = arn.to_owned();
                }
            }
        }
    }
    let sum = |count: fn(&Shares) -> usize| table.values().map(count).sum::<usize>();
    for ((source, name, action), shares) in &table {
        println!(
            "{source} {name} {action}: * {} told {} untold {} | {} | {}",
            shares.everything, shares.told, shares.untold, shares.example, shares.unknown
        );
    }
    println!(
        "all: * {} told {} untold {}",
        sum(|one| one.everything),
        sum(|one| one.told),
        sum(|one| one.untold)
    );
}

/// The time that one event takes, in all and by name, to be read by a human, of an optimised test.
#[test]
#[ignore = "measures"]
fn time_of_an_event() {
    const ROUNDS: u128 = 200;
    let events = events();
    let mut all = [(0, 0); 2];
    let mut by_name: BTreeMap<(&str, &str), (u128, u128)> = BTreeMap::new();
    let mut needs = Vec::new();
    for event in &events {
        let mapping = Catalog::get().event(&event.event_source, &event.event_name);
        let listed = event.listed();
        let request = EventRequest {
            region: &event.aws_region,
            account_id: &event.recipient_account_id,
            parameters: event.request_parameters.as_deref().map(RawValue::get),
            resources: &listed,
        };
        let start = std::time::Instant::now();
        for _ in 0..ROUNDS {
            mapping.needs_into(std::hint::black_box(&request), &mut needs);
            std::hint::black_box(&needs);
        }
        let nanoseconds = start.elapsed().as_nanos();
        let key = (event.event_source.as_str(), event.event_name.as_str());
        let of_name = by_name.entry(key).or_default();
        for (time, count) in [of_name, &mut all[usize::from(mapping.reads_request())]] {
            *time += nanoseconds;
            *count += ROUNDS;
        }
    }
    let mut by_name: Vec<_> = by_name.into_iter().collect();
    by_name.sort_by_key(|(_, (time, _))| std::cmp::Reverse(*time));
    for ((source, name), (time, count)) in by_name.into_iter().take(25) {
        println!(
            "{source} {name}: {} events, {} ns each",
            count / ROUNDS,
            time / count
        );
    }
    for (reads, (time, count)) in all.into_iter().enumerate() {
        println!(
            "reads the request: {reads}; {} events, {} ns each",
            count / ROUNDS,
            time / count
        );
    }
}
