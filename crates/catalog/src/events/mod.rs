//! From CloudTrail events to the permissions that they needed.
//!
//! An event is told by its source (`s3.amazonaws.com`) and its name (`GetObject`). [`Catalog::event`] finds once for
//! such a pair what its calls need; [`EventMapping::needs`] then tells it of one request, with the resources that its
//! parameters name.

mod listed;
mod name;
mod parameters;
mod request;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use crate::Catalog;
use name::Needed;
pub use parameters::{EMPTY_VALUES, RequestParameter};

/// What the calls of one event source and name need. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMapping {
    status: MappingStatus,
    needed: Arc<[Needed]>,
}

/// How much is known of the permissions of a kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingStatus {
    /// Calls need the actions that [`EventMapping::needs`] tells.
    Mapped,
    /// Calls need no permission of the caller.
    NeedsNothing,
    /// Nobody knows: no action is called so, in this service or in just one other.
    Unmapped,
}

/// The parts of a record that tell which resources a call was about.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventRequest<'a> {
    /// `awsRegion`.
    pub region: &'a str,
    /// `requestParameters` as JSON text.
    pub parameters: Option<&'a str>,
    /// `resources`.
    pub resources: &'a [EventResource<'a>],
}

/// A resource that a record lists itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventResource<'a> {
    /// Its ARN.
    pub arn: Cow<'a, str>,
}

/// One permission that a call needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The action, such as `s3:ListAllMyBuckets`.
    pub action: Cow<'static, str>,
    /// A full ARN, `*` for an action without resource types, or empty where it could not be told.
    pub resource: String,
}

impl Catalog {
    /// What events of this source and name need. Case of the name is ignored.
    #[must_use]
    pub fn event(&self, event_source: &str, event_name: &str) -> EventMapping {
        let (status, needed) = name::needed(self, event_source, event_name);
        EventMapping {
            status,
            needed: needed.into(),
        }
    }
}

impl EventMapping {
    /// How much is known.
    #[must_use]
    pub fn status(&self) -> MappingStatus {
        self.status
    }

    /// Whether [`Self::needs`] looks at parameters or resources, so that two requests of one Region and account can differ.
    #[must_use]
    pub fn reads_request(&self) -> bool {
        self.needed
            .iter()
            .any(|needed| !needed.resource_types.is_empty() || !needed.when.is_empty())
    }

    /// The permissions that a call needed, sorted, each once. Empty where it needs none or nobody knows.
    ///
    /// Resources are told by the parameters for S3 buckets and objects and for roles that are passed or assumed, else by what the
    /// record lists itself; those of other actions are empty.
    #[must_use]
    pub fn needs(&self, request: &EventRequest<'_>) -> Vec<Need> {
        let parameters = request::Parameters::of(request);
        let mut needs = Vec::with_capacity(self.needed.len());
        for needed in self
            .needed
            .iter()
            .filter(|needed| parameters.hold(needed.when))
        {
            let need = |resource: String| Need {
                action: needed.action.clone().into(),
                resource,
            };
            let told = parameters.resource(needed, request.region);
            let before = needs.len();
            if told.is_empty() {
                let listed = request
                    .resources
                    .iter()
                    .filter(|resource| listed::fits(&resource.arn, needed.resource_types));
                needs.extend(listed.map(|resource| need(resource.arn.clone().into_owned())));
            }
            if needs.len() == before {
                needs.push(need(told));
            }
        }
        needs.sort();
        needs.dedup();
        needs
    }
}
