//! The mapping held against real logs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::{EventRequest, EventResource, MappingStatus, Need};
use crate::Catalog;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) event_source: String,
    pub(super) event_name: String,
    event_type: Option<String>,
    #[serde(default)]
    aws_region: String,
    #[serde(default)]
    recipient_account_id: String,
    pub(super) request_parameters: Option<Box<RawValue>>,
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
pub(super) fn events() -> Vec<Event> {
    let folders = ["cloudtrail/invictus", "cloudtrail/stratus"].map(leastgrant_testing::corpus);
    let [Some(first), Some(second)] = folders else {
        return Vec::new();
    };
    let mut folders = vec![first, second];
    let mut events = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
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
    pub(super) fn listed(&self) -> Vec<EventResource<'_>> {
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

/// What stays untold is users and roles by name, which have a path, and requests without parameters.
#[test]
fn three_quarters_of_the_needs_with_a_resource_are_told() {
    let (mut told, mut untold) = (0, 0);
    for event in events() {
        for need in event.needs(&event.listed()) {
            match &*need.resource {
                "*" => {}
                "" => untold += 1,
                _ => told += 1,
            }
        }
    }
    assert!(told >= 3 * untold, "{told} told, {untold} untold");
}
