//! `botocore`: the names that SDKs and endpoints have for services, and whose actions their operations are.

use serde_json::Value;
use std::cmp::Reverse;

use super::facts::{Facts, SdkService, ServiceFacts};
use super::json;
use super::models;
use super::packages::Packages;

pub(super) fn add(packages: &Packages, facts: &mut Facts) -> anyhow::Result<()> {
    facts.sources.push(packages.botocore_source()?);
    for model in models::all(packages)? {
        let metadata = model.metadata()?;
        let endpoint_prefix = json::text(metadata, "endpointPrefix")?.to_owned();
        let signing_name = metadata
            .get("signingName")
            .and_then(Value::as_str)
            .unwrap_or(&endpoint_prefix)
            .to_owned();
        let operations: Vec<String> = model
            .operations()?
            .keys()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        let candidates = [&signing_name, &endpoint_prefix, &model.name];
        facts.sdk_services.push(SdkService {
            prefix: prefix(facts, &operations, candidates),
            service_id: json::text(metadata, "serviceId")?.to_owned(),
            name: model.name.clone(),
            endpoint_prefix,
            signing_name,
        });
    }
    Ok(())
}

/// The service most of whose actions are called like the operations.
///
/// Among equals, one that is called like the SDK's service, and then the shortest name. Where fewer than three
/// quarters of the operations are actions of any one service, as for S3 and API Gateway, the names alone decide.
fn prefix(facts: &Facts, operations: &[String], candidates: [&String; 3]) -> Option<String> {
    let rank = |prefix: &str| {
        let position = candidates
            .iter()
            .position(|candidate| candidate.eq_ignore_ascii_case(prefix));
        position.unwrap_or(candidates.len())
    };
    let actions = |service: &ServiceFacts| {
        let is_action = |operation: &&String| service.actions.contains_key(*operation);
        operations.iter().filter(is_action).count()
    };
    let by_operations = facts
        .services
        .iter()
        .map(|(prefix, service)| {
            (
                actions(service),
                Reverse((rank(prefix), prefix.len(), prefix)),
            )
        })
        .max()
        .filter(|(actions, _)| *actions > 0 && actions * 4 >= operations.len() * 3)
        .map(|(_, Reverse((_, _, prefix)))| prefix.clone());
    by_operations.or_else(|| {
        candidates
            .into_iter()
            .map(|candidate| candidate.to_ascii_lowercase())
            .find(|candidate| facts.services.contains_key(candidate))
    })
}
