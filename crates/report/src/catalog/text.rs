//! The catalogue's answers for people.

use std::fmt::Write;

use leastgrant_catalog::{ActionInfo, Catalog, ConditionKey, Service};
use leastgrant_inventory::counted;

use super::{Answer, marked_resource_types};
use crate::table::{columns_of, fitted};
use crate::wrap::wrapped;

/// The answer for people; tables are as wide as the terminal, or 120 columns where there is none.
#[must_use]
pub fn text(answer: Answer<'_>, width: Option<usize>) -> String {
    match answer {
        Answer::Version => version(),
        Answer::Service(service) => of_service(service, width),
        Answer::Action(action) => of_action(action, width),
        Answer::Expansion(expansion) => {
            let actions = Catalog::get().actions_of(expansion.actions);
            actions.map(|action| format!("{action}\n")).collect()
        }
    }
}

fn version() -> String {
    let version = Catalog::get().version();
    let mut text = format!(
        "catalogue of {}\n{}, {}, {}\n{} of services, {} global\n",
        version.date,
        counted(version.services, "service"),
        counted(version.actions, "action"),
        counted(version.resource_types, "resource type"),
        counted(version.condition_keys, "condition key"),
        version.global_condition_keys
    );
    for source in &version.sources {
        let date = match source.date {
            Some(date) => format!("made on {date}"),
            None => "no date stated".to_owned(),
        };
        let _ = write!(
            text,
            "\n{} {} ({}, {date}, {})\n  {}\n",
            source.name, source.version, source.registry, source.licence, source.gives
        );
    }
    text
}

fn of_service(service: &'static Service, width: Option<usize>) -> String {
    let actions: Vec<Vec<String>> = service
        .actions()
        .map(|action| {
            vec![
                action.name().to_owned(),
                action.levels().to_string(),
                marked_resource_types(action),
            ]
        })
        .collect();
    let types = service.resource_types();
    let type_rows: Vec<Vec<String>> = types
        .iter()
        .map(|known| vec![known.name.to_owned(), known.arn_format.to_owned()])
        .collect();
    let legend = match types {
        [] => "",
        _ => "; * is required",
    };
    let keys = service.condition_keys();
    let key_rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| vec![key.name.to_owned(), key.type_name().to_string()])
        .collect();
    let head = format!(
        "{}: {}\n{}, {}, {}{legend}",
        service.prefix(),
        service.name(),
        counted(actions.len(), "action"),
        counted(types.len(), "resource type"),
        counted(keys.len(), "condition key")
    );
    let mut text = wrapped(&head, columns_of(width)).join("\n");
    text.push('\n');
    push_table(
        &mut text,
        &["action", "access level", "resource types"],
        &actions,
        width,
    );
    push_table(
        &mut text,
        &["resource type", "ARN format"],
        &type_rows,
        width,
    );
    push_table(&mut text, &["condition key", "type"], &key_rows, width);
    text
}

fn of_action(action: ActionInfo, width: Option<usize>) -> String {
    let details = action.details();
    let head = format!("{action}: {}\n{}", action.levels(), action.service().name());
    let mut text = wrapped(&head, columns_of(width)).join("\n");
    text.push('\n');
    if !details.dependent_actions.is_empty() {
        let needed = format!("may also need: {}", details.dependent_actions.join(", "));
        for line in wrapped(&needed, columns_of(width)) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    if details.resources.is_empty() {
        text.push_str("works on `*` only: it has no resource types\n");
    }
    let resources: Vec<Vec<String>> = details
        .resources
        .iter()
        .map(|used| {
            vec![
                used.name.to_owned(),
                if used.is_required { "yes" } else { "no" }.to_owned(),
                used.arn_format.to_owned(),
            ]
        })
        .collect();
    push_table(
        &mut text,
        &["resource type", "required", "ARN format"],
        &resources,
        width,
    );
    let keys: Vec<Vec<String>> = key_uses(action)
        .into_iter()
        .map(|(key, whose)| vec![key.name.to_owned(), key.type_name().to_string(), whose])
        .collect();
    push_table(&mut text, &["condition key", "type", "of"], &keys, width);
    text
}

/// The condition keys that an action can have, and whether by itself or by its resource types.
fn key_uses(action: ActionInfo) -> Vec<(ConditionKey, String)> {
    let details = action.details();
    let types = action.service().resource_types();
    let mut uses = Vec::new();
    for key in action.service().condition_keys() {
        let mut whose: Vec<&str> = Vec::new();
        if details.condition_keys.contains(&key.name) {
            whose.push("the action");
        }
        for used in &*details.resources {
            let of_type = types
                .iter()
                .find(|known| known.name == used.name)
                .is_some_and(|known| known.condition_keys.contains(&key.name));
            if of_type || used.condition_keys.contains(&key.name) {
                whose.push(used.name);
            }
        }
        if !whose.is_empty() {
            uses.push((*key, whose.join(", ")));
        }
    }
    uses
}

/// A blank line and a table; nothing where there are no rows.
fn push_table(text: &mut String, headers: &[&str], rows: &[Vec<String>], width: Option<usize>) {
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&fitted(headers, rows, width));
    }
}
