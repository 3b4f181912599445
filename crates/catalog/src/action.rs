//! Actions of the catalogue.

use std::fmt;

use crate::level::AccessLevels;
use crate::service::Service;
use crate::{ActionDetails, Catalog};

/// The number of an action in the catalogue. They are numbered by prefix and name, so their order is the alphabet's.
///
/// It holds within one build only: store names, not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(pub(crate) u32);

impl ActionId {
    /// The number itself, below [`Catalog::len`].
    #[must_use]
    pub fn number(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    pub(crate) fn of_number(number: usize) -> Self {
        Self(u32::try_from(number).unwrap_or(u32::MAX))
    }
}

/// What the index has of an action.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) lower: &'static str,
    pub(crate) levels: AccessLevels,
    pub(crate) service: &'static Service,
}

/// An action that the catalogue knows. Written out, it is `s3:GetObject`.
#[derive(Debug, Clone, Copy)]
pub struct ActionInfo {
    pub(crate) id: ActionId,
    pub(crate) row: &'static Row,
}

impl ActionInfo {
    /// Its number.
    #[must_use]
    pub fn id(self) -> ActionId {
        self.id
    }

    /// The name after the colon, in AWS's own case: `GetObject`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row.name
    }

    /// The name in lower case.
    #[must_use]
    pub fn lower_name(self) -> &'static str {
        self.row.lower
    }

    /// The service that it belongs to.
    #[must_use]
    pub fn service(self) -> &'static Service {
        self.row.service
    }

    /// What kind of thing it does.
    #[must_use]
    pub fn levels(self) -> AccessLevels {
        self.row.levels
    }

    /// Its resource types, condition keys and dependent actions. The first call for a service reads that service.
    #[must_use]
    pub fn details(self) -> &'static ActionDetails {
        Catalog::get().details_of(self)
    }
}

impl PartialEq for ActionInfo {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ActionInfo {}

impl fmt::Display for ActionInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.row.service.prefix(), self.row.name)
    }
}
