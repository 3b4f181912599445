//! The catalogue itself: unpacked at its first use, then lookups only.

use std::sync::OnceLock;

use leastgrant_policy::Action;

use crate::action::Row;
use crate::calls::Calls;
use crate::format::Parts;
use crate::names::Names;
use crate::{ActionId, ActionInfo, ActionSet, ConditionKey, SdkService, Service, Version};

pub(crate) static PACKED: &[u8] = include_bytes!("../data/catalog.bin");

/// What is known of AWS. There is one, and it never changes: [`Catalog::get`].
#[derive(Debug, Default)]
pub struct Catalog {
    pub(crate) version: Version,
    pub(crate) global_condition_keys: Vec<ConditionKey>,
    pub(crate) sdk_services: Vec<SdkService>,
    /// Sorted by prefix.
    pub(crate) services: &'static [Service],
    /// Sorted by prefix and name in lower case; a service's are side by side.
    pub(crate) actions: &'static [Row],
    /// The beginnings of the actions' names, in the same order.
    pub(crate) beginnings: Vec<u64>,
    names: OnceLock<Names>,
    prefixes: OnceLock<Names>,
    pub(crate) parts: Option<Parts<'static>>,
    pub(crate) details: OnceLock<&'static str>,
    pub(crate) calls: OnceLock<Calls>,
}

impl Catalog {
    /// The catalogue. The first call takes some milliseconds to unpack it.
    ///
    /// It is part of the binary, and a test reads all of it, so that a damaged one cannot leave the house; it would be
    /// an empty one.
    #[must_use]
    pub fn get() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(|| Self::read(PACKED).unwrap_or_default())
    }

    /// Its date, sources and size.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// How many actions it has; their [`ActionId`]s are below.
    #[must_use]
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether it has no actions, which it has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// The services, sorted by prefix.
    #[must_use]
    pub fn services(&self) -> &'static [Service] {
        self.services
    }

    /// The service with this prefix, case ignored.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<&'static Service> {
        let prefixes = self.prefixes.get_or_init(|| {
            let services = self.services.iter();
            Names::of(services.map(|service| [service.prefix, "", ""]))
        });
        self.services.get(prefixes.find(prefix)?)
    }

    /// The action `prefix:Name`, case ignored. `None` says that the catalogue does not know it, not that there is none.
    #[must_use]
    pub fn action(&self, text: &str) -> Option<ActionInfo> {
        self.action_of_id(ActionId::of_number(self.number(text)?))
    }

    /// The number of the action `prefix:Name`, case ignored.
    pub(crate) fn number(&self, text: &str) -> Option<usize> {
        self.names().find(text)
    }

    /// The numbers of some actions.
    pub(crate) fn numbers<const COUNT: usize>(
        &self,
        texts: [Option<&str>; COUNT],
    ) -> [Option<usize>; COUNT] {
        self.names().find_all(texts)
    }

    pub(crate) fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let actions = self.actions.iter();
            Names::of(actions.map(|row| [row.service.prefix(), ":", row.lower]))
        })
    }

    /// The action of this prefix and name, both in lower case, as [`Action::service`] and [`Action::name`] are.
    #[must_use]
    pub fn action_of_lower(&self, prefix: &str, name: &str) -> Option<ActionInfo> {
        let service = self.service(prefix)?;
        let rows = self.actions.get(service.actions.clone())?;
        let place = rows.binary_search_by(|row| row.lower.cmp(name)).ok()?;
        let row = rows.get(place)?;
        Some(ActionInfo {
            id: ActionId::of_number(service.actions.start + place),
            row,
        })
    }

    /// The action of a request; see [`Self::action`].
    #[must_use]
    pub fn known(&self, action: &Action) -> Option<ActionInfo> {
        self.action_of_lower(action.service(), action.name())
    }

    /// The action of this number; `None` only for a number of another build.
    #[must_use]
    pub fn action_of_id(&self, id: ActionId) -> Option<ActionInfo> {
        let row = self.actions.get(id.number())?;
        Some(ActionInfo { id, row })
    }

    /// The actions of a set, sorted by prefix and name.
    pub fn actions_of(&self, set: &ActionSet) -> impl Iterator<Item = ActionInfo> {
        set.iter().filter_map(|id| self.action_of_id(id))
    }

    /// All actions, sorted by prefix and name.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = ActionInfo> + use<> {
        self.actions_between(&(0..self.len()))
    }

    /// Condition keys that no service owns, such as `aws:SourceIp`, sorted. A service's own list can name some of them too.
    #[must_use]
    pub fn global_condition_keys(&self) -> &[ConditionKey] {
        &self.global_condition_keys
    }

    /// The names that SDKs and endpoints have for services, sorted by botocore's.
    #[must_use]
    pub fn sdk_services(&self) -> &[SdkService] {
        &self.sdk_services
    }
}
