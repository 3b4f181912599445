//! `botocore`: the names that SDKs and endpoints have for services, and whose actions their operations are.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use super::facts::{Facts, SdkService, ServiceFacts};
use super::json;
use super::packages::Packages;

pub(super) fn add(packages: &Packages, facts: &mut Facts) -> anyhow::Result<()> {
    facts.sources.push(packages.botocore_source()?);
    for folder in folders(&packages.python("botocore/data"))? {
        // A service can have several versions of its API; the folders' names are dates.
        let Some(model) = folders(&folder)?
            .into_iter()
            .map(|version| version.join("service-2.json.gz"))
            .rfind(|path| path.exists())
        else {
            continue;
        };
        let model = json::read(&model)?;
        let metadata = model.get("metadata").context("a model without metadata")?;
        let endpoint_prefix = json::text(metadata, "endpointPrefix")?.to_owned();
        let signing_name = metadata
            .get("signingName")
            .and_then(Value::as_str)
            .unwrap_or(&endpoint_prefix)
            .to_owned();
        let operations: Vec<String> = json::object(&model, "operations")?
            .keys()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let candidates = [&signing_name, &endpoint_prefix, &name];
        facts.sdk_services.push(SdkService {
            prefix: prefix(facts, &operations, candidates),
            service_id: json::text(metadata, "serviceId")?.to_owned(),
            name,
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

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}
