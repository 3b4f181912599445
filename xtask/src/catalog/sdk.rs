//! `botocore`: the names that SDKs and endpoints have for services, and whose actions their operations are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use super::facts::{Facts, SdkService};
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
/// Among equals, one that is called like the SDK's service, and then the shortest name. Operations of which
/// fewer than a half are actions of any one service say nothing.
fn prefix(facts: &Facts, operations: &[String], candidates: [&String; 3]) -> Option<String> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for (prefix, service) in &facts.services {
        let actions = operations
            .iter()
            .filter(|operation| service.actions.contains_key(*operation))
            .count();
        found.insert(prefix, actions);
    }
    let best = found.iter().max_by_key(|(prefix, actions)| {
        let rank = candidates
            .iter()
            .position(|candidate| candidate.eq_ignore_ascii_case(prefix))
            .unwrap_or(candidates.len());
        (**actions, std::cmp::Reverse((rank, prefix.len(), **prefix)))
    });
    best.filter(|(_, actions)| **actions * 2 >= operations.len() && **actions > 0)
        .map(|(prefix, _)| (*prefix).to_owned())
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
