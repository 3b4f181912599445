//! What is read of a service only when that service is asked for.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::ConditionKey;

/// A kind of resource of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceType {
    /// AWS's name of it: `bucket`.
    pub name: &'static str,
    /// What its ARNs look like: `arn:${Partition}:s3:::${BucketName}`. What stands in `${…}` may hold slashes.
    pub arn_format: &'static str,
    /// Names of the condition keys that every action on it has, sorted.
    pub condition_keys: Arc<[&'static str]>,
}

/// What an action works on, what can be asked of it in conditions, and what it needs besides itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ActionDetails {
    /// The resource types that a policy can name for it, sorted. Without any, it works on `*` only.
    pub resources: Arc<[ActionResource]>,
    /// Names of the condition keys that it has whatever its resource, sorted; global keys are not among them.
    pub condition_keys: Arc<[&'static str]>,
    /// Actions that some uses of it need besides, as `iam:PassRole`. The list is not complete.
    pub dependent_actions: Vec<&'static str>,
}

impl ActionDetails {
    /// Names of all condition keys that it can have, on whatever resource, sorted.
    #[must_use]
    pub fn all_condition_keys(&self) -> BTreeSet<&'static str> {
        let of_resources = self.resources.iter().flat_map(|used| &*used.condition_keys);
        self.condition_keys
            .iter()
            .chain(of_resources)
            .copied()
            .collect()
    }
}

/// A resource type as an action uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionResource {
    /// The resource type's name.
    pub name: &'static str,
    /// What its ARNs look like.
    pub arn_format: &'static str,
    /// Whether every use of the action needs a resource of this type.
    pub is_required: bool,
    /// Names of the condition keys that the action has on this type besides its own, sorted.
    pub condition_keys: Arc<[&'static str]>,
}

/// A service's details.
#[derive(Debug, Default)]
pub(crate) struct Details {
    pub(crate) condition_keys: Vec<ConditionKey>,
    pub(crate) resource_types: Vec<ResourceType>,
    /// In the order of the index.
    pub(crate) actions: Vec<ActionDetails>,
}

impl Details {
    /// Reads the part of the text of a service with so many actions; `None` where a line is not understood.
    pub(crate) fn read(text: &'static str, actions: usize) -> Option<Self> {
        let mut details = Self {
            actions: Vec::with_capacity(actions),
            ..Self::default()
        };
        let mut sets: Vec<Arc<[&'static str]>> = Vec::new();
        // Most actions of a service work on the same few kinds of resources as others.
        let mut resources_of: HashMap<&'static str, Arc<[ActionResource]>> = HashMap::new();
        let none: Arc<[&'static str]> = Arc::from([]);
        for line in text.lines() {
            let mut members = line.split('\t');
            let kind = members.next()?;
            let mut member = || members.next().unwrap_or_default();
            let set_of = |number: &str| match number {
                "" => Some(Arc::clone(&none)),
                number => sets.get(number.parse::<usize>().ok()?).cloned(),
            };
            match kind {
                "key" => details
                    .condition_keys
                    .push(ConditionKey::read(member(), member())?),
                "set" => {
                    let names = member().split(' ').map(|number| {
                        let key = details.condition_keys.get(number.parse::<usize>().ok()?)?;
                        Some(key.name)
                    });
                    sets.push(names.collect::<Option<_>>()?);
                }
                "type" => details.resource_types.push(ResourceType {
                    name: member(),
                    arn_format: member(),
                    condition_keys: set_of(member())?,
                }),
                "action" => {
                    let condition_keys = set_of(member())?;
                    let used = member();
                    let resources = match resources_of.get(used) {
                        Some(known) => Arc::clone(known),
                        None => {
                            let read = words(used)
                                .map(|word| resource(word, &details.resource_types, set_of));
                            let resources: Arc<_> = read.collect::<Option<_>>()?;
                            resources_of.insert(used, Arc::clone(&resources));
                            resources
                        }
                    };
                    details.actions.push(ActionDetails {
                        resources,
                        condition_keys,
                        dependent_actions: words(member()).collect(),
                    });
                }
                _ => return None,
            }
        }
        Some(details)
    }
}

/// Reads a kind of resource as an action uses it: `number[!][:set]`.
fn resource(
    word: &'static str,
    types: &[ResourceType],
    set_of: impl Fn(&str) -> Option<Arc<[&'static str]>>,
) -> Option<ActionResource> {
    let (number, set) = word.split_once(':').unwrap_or((word, ""));
    let required = number.strip_suffix('!');
    let number: usize = required.unwrap_or(number).parse().ok()?;
    let resource_type = types.get(number)?;
    Some(ActionResource {
        name: resource_type.name,
        arn_format: resource_type.arn_format,
        is_required: required.is_some(),
        condition_keys: set_of(set)?,
    })
}

fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(' ').filter(|word| !word.is_empty())
}
