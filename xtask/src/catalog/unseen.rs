//! Actions that no API operation is called like, so that no CloudTrail event can be: `crates/catalog/data/unseen-actions.tsv`.
//!
//! An operation counts for every prefix that is one of its service's names in botocore, and for the prefix whose actions are
//! called like most of its operations. So does what an event needs under another name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context;
use serde_json::Value;

use super::facts::Facts;
use super::models;
use super::packages::Packages;
use crate::shell::repository;

/// The verbs of API Gateway's actions, which are told from the names of its calls.
const VERBS_OF_API_GATEWAY: [&str; 5] = ["delete", "get", "patch", "post", "put"];

pub(super) fn committed() -> PathBuf {
    repository().join("crates/catalog/data/unseen-actions.tsv")
}

/// The file's text.
pub(super) fn text(packages: &Packages, facts: &Facts) -> anyhow::Result<String> {
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for model in models::every_version(packages)? {
        let called: BTreeSet<String> = model
            .operations()?
            .keys()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        let metadata = model.metadata()?;
        let names = ["endpointPrefix", "signingName"]
            .iter()
            .filter_map(|member| metadata.get(member).and_then(Value::as_str));
        let prefixes: BTreeSet<&str> = names
            .chain([model.name.as_str()])
            .chain(most_alike(facts, &called))
            .collect();
        for prefix in prefixes {
            shown
                .entry(prefix.to_owned())
                .or_default()
                .extend(called.iter().cloned());
        }
    }
    let events = repository().join("crates/catalog/data/event-actions.tsv");
    let events = std::fs::read_to_string(&events)
        .with_context(|| format!("cannot read `{}`", events.display()))?;
    for line in events.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, service, event, _, action] = cells.as_slice() else {
            continue;
        };
        // What another call needs besides has no event of its own.
        let own = facts.services.get(*service);
        let is_renamed =
            own.is_none_or(|own| !own.actions.contains_key(&event.to_ascii_lowercase()));
        if let Some((prefix, name)) = action.split_once(':').filter(|_| is_renamed) {
            let names = shown.entry(prefix.to_owned()).or_default();
            names.insert(name.to_ascii_lowercase());
        }
    }
    let verbs = shown.entry("apigateway".to_owned()).or_default();
    verbs.extend(VERBS_OF_API_GATEWAY.map(str::to_owned));
    written(packages, facts, &shown)
}

/// The prefix whose actions are called like most of the operations; the first of several.
fn most_alike<'a>(facts: &'a Facts, called: &BTreeSet<String>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for (prefix, service) in &facts.services {
        let is_action = |name: &&String| service.actions.contains_key(*name);
        let alike = called.iter().filter(is_action).count();
        if alike > best.map_or(0, |(most, _)| most) {
            best = Some((alike, prefix));
        }
    }
    best.map(|(_, prefix)| prefix)
}

fn written(
    packages: &Packages,
    facts: &Facts,
    shown: &BTreeMap<String, BTreeSet<String>>,
) -> anyhow::Result<String> {
    let source = packages.botocore_source()?;
    let mut text = format!(
        "# Actions that no API operation of {} {} ({}) is called like; made by `cargo xtask catalog`.\n# service\tactions\n",
        source.name, source.version, source.licence
    );
    for (prefix, service) in &facts.services {
        let shown = shown.get(prefix);
        let unseen = service
            .actions
            .iter()
            .filter(|(lower, _)| !shown.is_some_and(|shown| shown.contains(*lower)));
        let mut unseen: Vec<&str> = unseen.map(|(_, action)| action.name.as_str()).collect();
        unseen.sort_unstable();
        if !unseen.is_empty() {
            writeln!(text, "{prefix}\t{}", unseen.join(" "))?;
        }
    }
    Ok(text)
}
