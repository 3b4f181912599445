//! Services of the catalogue.

use std::ops::Range;
use std::sync::OnceLock;

use crate::details::Details;
use crate::{ActionInfo, Catalog, ConditionKey, ResourceType};

/// A service, by the prefix that its actions have.
///
/// AWS documents some products under one prefix; their actions are one service here.
#[derive(Debug)]
pub struct Service {
    pub(crate) prefix: &'static str,
    pub(crate) name: &'static str,
    /// Numbers of its actions.
    pub(crate) actions: Range<usize>,
    /// Where its details are in their text, in bytes.
    pub(crate) place: Range<usize>,
    pub(crate) details: OnceLock<Details>,
}

impl Service {
    /// What its actions begin with, in lower case: `s3`.
    #[must_use]
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// What AWS calls it: `Amazon S3`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its actions, sorted by name, case ignored.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = ActionInfo> + use<> {
        Catalog::get().actions_between(&self.actions)
    }

    /// Its resource types, sorted by name. The first call reads the service's details.
    #[must_use]
    pub fn resource_types(&'static self) -> &'static [ResourceType] {
        &Catalog::get().read_details(self).resource_types
    }

    /// The condition keys that its actions and resource types name, sorted. The first call reads the service's details.
    #[must_use]
    pub fn condition_keys(&'static self) -> &'static [ConditionKey] {
        &Catalog::get().read_details(self).condition_keys
    }
}
