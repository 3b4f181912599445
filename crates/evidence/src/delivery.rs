//! Which trails the files that were read can be of.
//!
//! Two trails of an account can log different events into different buckets, and files do not say whose they are. That a
//! trail logs an event proves nothing of files that are another trail's. An event that was read and that a lesser trail
//! cannot have logged shows that the files of a fuller one are among those that were read.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use leastgrant_catalog::{ActionInfo, Catalog};
use leastgrant_inventory::ShortText;

use crate::logging::{Logging, is_global, logging_of};
use crate::trails::Trail;

/// A set of an account's trails, by their places.
pub(crate) type TrailSet = BTreeSet<usize>;

/// Of each kind of event, the sets of trails that can have logged those that were read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deliveries {
    management: BTreeSet<TrailSet>,
    /// By resource type.
    data: BTreeMap<&'static str, BTreeSet<TrailSet>>,
}

impl Deliveries {
    /// `seen` are the actions and Regions of an account's events, in lower case.
    pub(crate) fn of(trails: &[Trail], seen: &HashSet<(ShortText, ShortText)>) -> Self {
        let mut deliveries = Self::default();
        for (text, region) in seen {
            let Some((service, name)) = text.split_once(':') else {
                continue;
            };
            let action = Catalog::get().action_of_lower(service, name);
            let can_log = |resource_type: Option<&str>| -> TrailSet {
                let trails = trails.iter().enumerate();
                trails
                    .filter(|(_, trail)| trail.may_log(resource_type, service, action, region))
                    .map(|(place, _)| place)
                    .collect()
            };
            match logging_of(service, name) {
                Logging::Never => {}
                Logging::Management => {
                    deliveries.management.insert(can_log(None));
                }
                // Of an event that can be of either kind it is not known which it was.
                Logging::Data {
                    may_be_management: true,
                    ..
                } => {}
                Logging::Data { resource_types, .. } => {
                    // Which of the types it was is not known, so any trail that logs one of them can have logged it.
                    let all = resource_types.iter().flat_map(|name| can_log(Some(name)));
                    let all: TrailSet = all.collect();
                    for name in resource_types {
                        deliveries.data.entry(name).or_default().insert(all.clone());
                    }
                }
            }
        }
        deliveries
    }

    /// Whether a management event was read that some of the `whole` trails can have logged and none of the `lesser` ones.
    pub(crate) fn has_management(&self, whole: &TrailSet, lesser: &TrailSet) -> bool {
        is_any_of(&self.management, whole, lesser)
    }

    /// The same of a data event of a type.
    pub(crate) fn has_data(
        &self,
        resource_type: &str,
        whole: &TrailSet,
        lesser: &TrailSet,
    ) -> bool {
        let sets = self.data.get(resource_type);
        sets.is_some_and(|sets| is_any_of(sets, whole, lesser))
    }
}

fn is_any_of(sets: &BTreeSet<TrailSet>, whole: &TrailSet, lesser: &TrailSet) -> bool {
    sets.iter()
        .any(|set| set.is_disjoint(lesser) && !set.is_disjoint(whole))
}

impl Trail {
    /// Whether an event could be in the trail's files: a data event of a type, or a management event.
    fn may_log(
        &self,
        resource_type: Option<&str>,
        service: &str,
        action: Option<ActionInfo>,
        region: &str,
    ) -> bool {
        let logs_region = self.is_multi_region
            || self
                .home_region
                .as_deref()
                .is_none_or(|home| home == region)
            || (self.has_global_services && is_global(service));
        self.covered.is_some()
            && logs_region
            && self.selectors.as_ref().is_none_or(|selectors| {
                let mut selectors = selectors.iter();
                selectors.any(|one| {
                    one.resource_type.as_deref() == resource_type
                        && action.is_none_or(|action| one.may_log_kind_of(action))
                        && !one.surely_leaves_out(service)
                })
            })
    }

    /// Whether the trail logs any events of a type of data events, or any management events.
    pub(crate) fn may_log_any(&self, resource_type: Option<&str>) -> bool {
        self.covered.is_some()
            && self.selectors.as_ref().is_none_or(|selectors| {
                let mut selectors = selectors.iter();
                selectors.any(|one| one.resource_type.as_deref() == resource_type)
            })
    }
}
