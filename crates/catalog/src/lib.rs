//! What AWS offers: services, actions with their access levels, resource types, condition keys, dependent actions.
//!
//! The facts come from three packages, which [`Version::sources`] names; `cargo xtask catalog` makes the packed file of
//! them that is part of the binary. It is unpacked when it is first asked for, and a service's details when that service is.
//!
//! # What is not known
//!
//! AWS adds actions every week, and some it never documents. That an action is not here therefore says nothing of
//! whether it exists: a lookup answers `None`, and who asked keeps the action. Resource types of an action are those
//! that AWS documents; an action without any works on `*` only. Dependent actions are far from complete, and most of
//! them are needed only for some uses of their action. No prose is kept. What CloudTrail logs how
//! is from lists of our own, [`logging_of`].

mod action;
mod action_set;
mod calls;
mod catalog;
mod condition_key;
mod details;
mod error;
mod events;
mod expand;
mod format;
mod level;
mod logging;
mod names;
mod read;
mod sdk;
mod service;
mod suggest;
mod version;

#[cfg(test)]
mod tests;

pub use action::{ActionId, ActionInfo};
pub use action_set::{ActionSet, runs_of_bits, set_bits};
pub use catalog::Catalog;
pub use condition_key::{ConditionKey, TypeName, ValueType};
pub use details::{ActionDetails, ActionResource, ResourceType};
pub use error::Error;
pub use events::{
    ARN_BEGINNING, ESCAPED_SIGN, EventMapping, EventRequest, EventResource, MappingStatus,
    MemberUse, Need, OMITTED, PASSED_BY, ReadMembers, SOURCE_END, WRAPPER_END, WRAPPERS, narrowed,
    read_members,
};
pub use expand::Expansion;
pub use level::{AccessLevel, AccessLevels};
pub use logging::{DATA_EVENTS_DATE, Logging, logging_of, logging_of_event};
pub use sdk::SdkService;
pub use service::Service;
pub use suggest::is_condition_key;
pub use version::{Source, Version};
