//! The catalogue's answers as `leastgrant.catalog/1`.

use leastgrant_catalog::{ActionInfo, Catalog, ConditionKey, Service};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{Answer, Expansion};
use crate::Error;
use crate::access::written;

/// The `schema` of `catalog … --format json`.
pub(crate) const SCHEMA: &str = "leastgrant.catalog/1";

/// The answer as JSON.
///
/// # Errors
/// [`Error::Render`] if the JSON writer refuses, which it has no reason to.
pub fn json(answer: Answer<'_>) -> Result<String, Error> {
    written(&Document {
        schema: SCHEMA,
        date: Catalog::get().version().date,
        answer: match answer {
            Answer::Version => AnswerObject::Version(VersionObject::new()),
            Answer::Service(service) => AnswerObject::Service(ServiceObject::new(service)),
            Answer::Action(action) => AnswerObject::Action(ActionObject::new(action)),
            Answer::Expansion(expansion) => {
                AnswerObject::Expansion(ExpansionObject::new(expansion))
            }
        },
    })
}

/// The JSON Schema of [`json`].
#[must_use]
pub fn schema() -> Option<String> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    written(&generator.into_root_schema_for::<Document<'_>>()).ok()
}

/// What the built-in catalogue knows. What it does not know may exist all the same.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "catalog")]
struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The day that the catalogue's actions are of.
    #[schemars(extend("format" = "date"))]
    date: &'static str,
    #[serde(flatten)]
    answer: AnswerObject<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AnswerObject<'a> {
    /// `catalog version`.
    Version(VersionObject),
    /// `catalog show SERVICE`.
    Service(ServiceObject),
    /// `catalog show ACTION`.
    Action(ActionObject),
    /// `catalog expand PATTERN`.
    Expansion(ExpansionObject<'a>),
}

/// Where the catalogue comes from, and how much there is of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "version")]
struct VersionObject {
    /// The packages that it is made from.
    sources: Vec<SourceObject>,
    /// How many services.
    services: usize,
    /// How many actions.
    actions: usize,
    /// How many resource types.
    resource_types: usize,
    /// How many condition keys, counted for each service that has them.
    condition_keys: usize,
    /// How many condition keys that no service owns.
    global_condition_keys: usize,
}

/// A package.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "source")]
struct SourceObject {
    /// Where it is published.
    registry: &'static str,
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// Its licence, as an SPDX expression.
    licence: &'static str,
    /// The day it was made on; null where it does not say.
    date: Option<&'static str>,
    /// What was taken from it.
    gives: &'static str,
}

/// A service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "service")]
struct ServiceObject {
    /// What its actions begin with.
    prefix: &'static str,
    /// What AWS calls it.
    name: &'static str,
    /// Its actions, sorted.
    actions: Vec<ServiceActionObject>,
    /// Its resource types, sorted.
    resource_types: Vec<ResourceTypeObject>,
    /// Its condition keys, sorted.
    condition_keys: Vec<ConditionKeyObject>,
}

/// An action of a service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "service_action")]
struct ServiceActionObject {
    /// Its whole name.
    action: String,
    /// One or two.
    access_levels: Vec<&'static str>,
    /// The resource types that a policy can name for it; without any, it works on `*` only.
    resource_types: Vec<&'static str>,
}

/// A resource type.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "resource_type")]
struct ResourceTypeObject {
    /// Its name.
    name: &'static str,
    /// What its ARNs look like.
    arn_format: &'static str,
    /// The condition keys that every action on it has.
    condition_keys: &'static [&'static str],
}

/// A condition key.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "condition_key")]
struct ConditionKeyObject {
    /// Its name.
    name: &'static str,
    /// The type of its value, such as `String` or `ArrayOfARN`.
    #[serde(rename = "type")]
    value_type: String,
}

/// An action.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "action")]
struct ActionObject {
    /// Its whole name.
    action: String,
    /// The prefix of its service.
    service: &'static str,
    /// One or two.
    access_levels: Vec<&'static str>,
    /// The resource types that a policy can name for it; without any, it works on `*` only.
    resource_types: Vec<UsedTypeObject>,
    /// The condition keys that it has whatever its resource.
    condition_keys: Vec<ConditionKeyObject>,
    /// Actions that some uses of it need besides; not all of them are known.
    dependent_actions: &'static [&'static str],
}

/// A resource type as an action uses it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "used_resource_type")]
struct UsedTypeObject {
    /// Its name.
    name: &'static str,
    /// What its ARNs look like.
    arn_format: &'static str,
    /// Whether every use of the action needs one.
    required: bool,
    /// The condition keys that the action has on it: those of the type and the action's own ones for it.
    condition_keys: Vec<ConditionKeyObject>,
}

/// What patterns match.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "expansion")]
struct ExpansionObject<'a> {
    /// The patterns as they were written.
    patterns: &'a [String],
    /// Those that match no action of the catalogue.
    unmatched: &'a [String],
    /// What all of them match together, sorted.
    actions: Vec<String>,
}

impl VersionObject {
    fn new() -> Self {
        let version = Catalog::get().version();
        let sources = version.sources.iter().map(|source| SourceObject {
            registry: source.registry,
            name: source.name,
            version: source.version,
            licence: source.licence,
            date: source.date,
            gives: source.gives,
        });
        Self {
            sources: sources.collect(),
            services: version.services,
            actions: version.actions,
            resource_types: version.resource_types,
            condition_keys: version.condition_keys,
            global_condition_keys: version.global_condition_keys,
        }
    }
}

impl ServiceObject {
    fn new(service: &'static Service) -> Self {
        let actions = service.actions().map(|action| ServiceActionObject {
            action: action.to_string(),
            access_levels: levels(action),
            resource_types: action
                .details()
                .resources
                .iter()
                .map(|used| used.name)
                .collect(),
        });
        let types = service.resource_types().iter();
        Self {
            prefix: service.prefix(),
            name: service.name(),
            actions: actions.collect(),
            resource_types: types
                .map(|known| ResourceTypeObject {
                    name: known.name,
                    arn_format: known.arn_format,
                    condition_keys: &known.condition_keys,
                })
                .collect(),
            condition_keys: keys(service, |_| true),
        }
    }
}

impl ActionObject {
    fn new(action: ActionInfo) -> Self {
        let service = action.service();
        let details = action.details();
        let types = details.resources.iter().map(|used| {
            let of_type = service
                .resource_types()
                .iter()
                .find(|known| known.name == used.name);
            UsedTypeObject {
                name: used.name,
                arn_format: used.arn_format,
                required: used.is_required,
                condition_keys: keys(service, |name| {
                    used.condition_keys.contains(&name)
                        || of_type.is_some_and(|known| known.condition_keys.contains(&name))
                }),
            }
        });
        Self {
            action: action.to_string(),
            service: service.prefix(),
            access_levels: levels(action),
            resource_types: types.collect(),
            condition_keys: keys(service, |name| details.condition_keys.contains(&name)),
            dependent_actions: &details.dependent_actions,
        }
    }
}

impl<'a> ExpansionObject<'a> {
    fn new(expansion: Expansion<'a>) -> Self {
        let actions = Catalog::get().actions_of(expansion.actions);
        Self {
            patterns: expansion.patterns,
            unmatched: expansion.unmatched,
            actions: actions.map(|action| action.to_string()).collect(),
        }
    }
}

fn levels(action: ActionInfo) -> Vec<&'static str> {
    action.levels().iter().map(|level| level.name()).collect()
}

fn keys(
    service: &'static Service,
    is_wanted: impl Fn(&'static str) -> bool,
) -> Vec<ConditionKeyObject> {
    let keys = service.condition_keys().iter();
    keys.filter(|key| is_wanted(key.name))
        .map(|key: &ConditionKey| ConditionKeyObject {
            name: key.name,
            value_type: key.type_name().to_string(),
        })
        .collect()
}
