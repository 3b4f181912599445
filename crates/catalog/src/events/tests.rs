//! Tests of the mapping from events to permissions.

mod calls;
mod corpus;
mod generated;
mod narrowing;
mod tables;

use super::{EventRequest, EventResource};
use crate::Catalog;

fn needs_of(source: &str, name: &str, parameters: &str, listed: &[&str]) -> Vec<String> {
    let resources: Vec<EventResource<'_>> = listed
        .iter()
        .map(|arn| EventResource { arn: (*arn).into() })
        .collect();
    let request = EventRequest {
        region: "eu-west-1",
        account_id: "111122223333",
        parameters: Some(parameters),
        resources: &resources,
    };
    let mut needs = Vec::new();
    let source = format!("{source}.amazonaws.com");
    Catalog::get()
        .event(&source, name)
        .needs_into(&request, &mut needs);
    let needs = needs.into_iter();
    needs
        .map(|need| format!("{} {}", need.action, need.resource))
        .collect()
}

fn needs(source: &str, name: &str, parameters: &str) -> Vec<String> {
    needs_of(source, name, parameters, &[])
}
