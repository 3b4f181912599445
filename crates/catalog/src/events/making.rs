//! How a resource type is told by the events of a kind: by the table of our own, else by the packed catalogue.

use crate::{ActionInfo, ActionResource};

use super::condition::Conditions;
use super::ec2;
use super::event::Event;
use super::parameters::Path;
use super::reading::Reading;
use super::rule::{Source, TypeRule, Untold, Variable};
use super::tables::{self, ResourceRow};
use super::template::Template;
use super::whole::Whole;

/// Required types that are alternatives, though their documentation does not say so: a call is about one of them.
const ALTERNATIVES: [(&str, &[&str]); 5] = [
    (
        "bedrock",
        &[
            "application-inference-profile",
            "custom-model-deployment",
            "foundation-model",
            "imported-model",
            "inference-profile",
            "prompt-router",
            "provisioned-model",
        ],
    ),
    ("dynamodb", &["stream", "table"]),
    ("redshift-data", &["cluster", "workgroup"]),
    ("ssm", &["instance", "managed-instance"]),
    ("states", &["execution", "express"]),
];

/// Types that a call of Bedrock's run time can be about, and needs not be where a model is told.
const OF_MODELS: [&str; 2] = ["InvokeModel", "InvokeModelWithResponseStream"];

/// Services that keep names in small letters, however a request writes them; their ARNs hold what they keep.
const SMALL: [&str; 7] = [
    "dax",
    "elasticache",
    "imagebuilder",
    "memorydb",
    "rds",
    "redshift",
    "sagemaker",
];

/// How names of calls begin that make something new.
const MAKING: [&str; 6] = [
    "Create", "Copy", "Import", "Register", "Restore", "Allocate",
];

/// How a resource type of an action is told by events of this kind.
pub(super) fn rule(
    action: ActionInfo,
    used: &ActionResource,
    event: &Event<'_>,
) -> Option<TypeRule> {
    let template = Template::of(used.arn_format)?;
    let is_own = action.service().prefix() == event.prefix;
    let rows = own_rows(action, used.name, event);
    let source = if is_own {
        source(&template, used.name, &rows, event)
    } else {
        Source::Arns
    };
    let untold = untold(action, used, &template, &source, event);
    let alternatives = ALTERNATIVES.iter().find(|(service, types)| {
        let is_of_model = *service == "bedrock" && OF_MODELS.contains(&action.name());
        *service == action.service().prefix() && (is_of_model || types.contains(&used.name))
    });
    Some(TypeRule {
        name: used.name,
        template,
        source,
        untold,
        alternatives: alternatives.map_or(&[], |(_, types)| *types),
    })
}

/// The rows of the table for a type, those for single events before those for all.
fn own_rows(action: ActionInfo, name: &str, event: &Event<'_>) -> Vec<ResourceRow> {
    let action = action.to_string();
    let mut rows: Vec<(usize, ResourceRow)> = tables::resources(Some(event.prefix))
        .filter(|row| row.resource_type == name)
        .map(|row| (row.rank(event.name, &action), row))
        .filter(|(rank, row)| *rank > 0 && row.variable != "+")
        .collect();
    let best = rows.iter().map(|(rank, _)| *rank).max();
    rows.retain(|(rank, _)| Some(*rank) == best);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn source(template: &Template, name: &str, rows: &[ResourceRow], event: &Event<'_>) -> Source {
    if let [row] = rows
        && row.variable == "*"
    {
        let paths = row.parameters.split('|').map(Path::of);
        return match (row.reading, Whole::of(row.reading)) {
            ("below-path", _) => {
                let (path, name) = row.parameters.split_once('|').unwrap_or_default();
                Source::BelowPath(Path::of(path), Path::of(name))
            }
            (_, Some(whole)) => Source::Whole(whole, paths.collect()),
            _ => Source::Never,
        };
    }
    let mut conditions = Conditions::default();
    let by_rows: Option<Vec<Variable>> = template
        .variables()
        .iter()
        .map(|variable| {
            let row = rows.iter().find(|row| row.variable == *variable)?;
            let (paths, condition) = match row.parameters.split_once('&') {
                Some((paths, condition)) => (paths, condition),
                None => (row.parameters, "-"),
            };
            if condition != "-" {
                conditions = Conditions::of(condition);
            }
            let (paths, default) = match paths.split_once('?') {
                Some((paths, default)) => (paths, Some(default)),
                None => (paths, None),
            };
            Some(Variable {
                paths: paths.split('|').map(Path::of).collect(),
                reading: Reading::of(row.reading)?,
                default,
            })
        })
        .collect();
    if let Some(variables) = by_rows.filter(|_| !rows.is_empty()) {
        return Source::Variables(variables, conditions);
    }
    let known = event.call.types.iter().find(|(known, _)| *known == name);
    let by_call: Option<Vec<Variable>> = known.and_then(|(_, known)| {
        template
            .variables()
            .iter()
            .map(|variable| {
                let (_, paths) = known.iter().find(|(name, _)| name == variable)?;
                let is_small = SMALL.contains(&event.prefix);
                Some(Variable {
                    paths: paths.iter().copied().map(Path::of).collect(),
                    reading: if is_small {
                        Reading::Small
                    } else {
                        Reading::Id
                    },
                    default: None,
                })
            })
            .collect()
    });
    match by_call {
        Some(variables) => Source::Variables(variables, Conditions::default()),
        None if event.prefix == "ec2" && ec2::has_type(name) => Source::Ec2Ids,
        None => Source::Arns,
    }
}

fn untold(
    action: ActionInfo,
    used: &ActionResource,
    template: &Template,
    source: &Source,
    event: &Event<'_>,
) -> Untold {
    // What is tagged is one of the types, all of which can be required.
    if letters(action.name()).contains("tag") {
        return Untold::None;
    }
    let full_name = action.to_string();
    let row = tables::resources(Some(event.prefix)).find(|row| {
        row.resource_type == used.name
            && row.variable == "+"
            && row.rank(event.name, &full_name) > 0
    });
    let makes = |beginning: &str| {
        let rest = event.name.get(beginning.len()..).unwrap_or_default();
        event.name.starts_with(beginning)
            && letters(rest).trim_end_matches('s') == letters(used.name)
    };
    let is_made = event.prefix == "ec2"
        && *source == Source::Ec2Ids
        && MAKING.iter().any(|beginning| makes(beginning));
    match row {
        _ if is_made => return Untold::Always,
        Some(row) if row.reading == "untold" => {
            return Untold::Any(Conditions::of(row.parameters));
        }
        Some(_) if event.name.starts_with("Create") => return Untold::AnyBesides,
        // Groups of parameters and the like, of which each database has one, named or not.
        Some(row)
            if row.reading == "besides"
                && ["Restore", "Modify"]
                    .iter()
                    .any(|beginning| event.name.starts_with(beginning)) =>
        {
            return Untold::AnyBesides;
        }
        _ => {}
    }
    if !used.is_required {
        Untold::None
    } else if template.variables().is_empty() {
        Untold::TheOnly
    } else if event.prefix == "ec2" {
        Untold::AnyBesides
    } else {
        Untold::Unclear
    }
}

/// A name without case and signs.
fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|one| one.to_ascii_lowercase())
        .collect()
}
