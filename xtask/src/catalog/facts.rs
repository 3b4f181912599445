//! What the catalogue holds, before it is written: names, kinds and relations, no prose.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;

/// All of it.
#[derive(Default)]
pub(super) struct Facts {
    /// The day that the source of actions was made on.
    pub date: String,
    pub sources: Vec<Source>,
    /// Condition keys that no service owns, with their types.
    pub global_keys: BTreeMap<String, String>,
    /// By prefix.
    pub services: BTreeMap<String, ServiceFacts>,
    pub sdk_services: Vec<SdkService>,
    /// Which parameters of calls name resources, as the catalogue holds it.
    pub calls: String,
}

/// A package that facts come from.
pub(super) struct Source {
    pub registry: &'static str,
    pub name: &'static str,
    pub version: &'static str,
    pub licence: &'static str,
    /// The day it was built on, where it says so.
    pub date: Option<String>,
    pub gives: &'static str,
}

#[derive(Default)]
pub(super) struct ServiceFacts {
    pub name: String,
    /// By name in lower case.
    pub actions: BTreeMap<String, ActionFacts>,
    pub resources: BTreeMap<String, ResourceFacts>,
    /// Condition keys with their types.
    pub keys: BTreeMap<String, String>,
}

#[derive(Default)]
pub(super) struct ActionFacts {
    pub name: String,
    /// Letters, as [`levels`] gives them.
    pub levels: String,
    pub keys: BTreeSet<String>,
    pub resources: BTreeMap<String, UsedResource>,
    pub dependent_actions: BTreeSet<String>,
}

/// A resource type as an action uses it.
#[derive(Default)]
pub(super) struct UsedResource {
    pub required: bool,
    pub keys: BTreeSet<String>,
}

#[derive(Default)]
pub(super) struct ResourceFacts {
    pub arn_format: String,
    pub keys: BTreeSet<String>,
}

/// A service under the names that SDKs and endpoints have for it.
pub(super) struct SdkService {
    pub name: String,
    pub service_id: String,
    pub endpoint_prefix: String,
    pub signing_name: String,
    /// The prefix of its actions, where they could be told.
    pub prefix: Option<String>,
}

impl Facts {
    pub(super) fn actions(&self) -> usize {
        self.services
            .values()
            .map(|service| service.actions.len())
            .sum()
    }

    pub(super) fn resource_types(&self) -> usize {
        self.services
            .values()
            .map(|service| service.resources.len())
            .sum()
    }

    /// Counted once for every service that has it.
    pub(super) fn condition_keys(&self) -> usize {
        self.services
            .values()
            .map(|service| service.keys.len())
            .sum()
    }

    /// An action under its canonical name; `None` if it is not known.
    pub(super) fn canonical(&self, action: &str) -> Option<String> {
        let (prefix, name) = action.split_once(':')?;
        let prefix = prefix.to_ascii_lowercase();
        let known = self
            .services
            .get(&prefix)?
            .actions
            .get(&name.to_ascii_lowercase())?;
        Some(format!("{prefix}:{}", known.name))
    }
}

/// `Tagging, Write` to `TW`: the initials, sorted.
pub(super) fn levels(text: &str) -> anyhow::Result<String> {
    let mut letters = BTreeSet::new();
    for level in text.split(',') {
        letters.insert(match level.trim() {
            "List" => 'L',
            "Permissions management" => 'P',
            "Read" => 'R',
            "Tagging" => 'T',
            "Write" => 'W',
            other => bail!("`{other}` is no access level"),
        });
    }
    Ok(letters.into_iter().collect())
}
