//! Which trails the files that were read are of, and of which days.
//!
//! Two trails of an account can log different events into different buckets, and files do not say whose they are. That a
//! trail logs an event proves nothing of files that are another trail's. A day's files of some trails were read where an event of
//! that day was read that none but these trails can have logged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use leastgrant_catalog::{ActionInfo, Catalog, Logging};

use crate::places::Place;
use crate::seen::SeenEvents;
use crate::trails::Trail;
use crate::window::{Covered, Days, Read, Window};

/// A set of an account's trails, by their places.
pub(crate) type TrailSet = BTreeSet<usize>;

/// The days of events, by the trails that can have logged them.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    management: BTreeMap<TrailSet, Days>,
    /// By resource type too.
    data: BTreeMap<&'static str, BTreeMap<TrailSet, Days>>,
    /// What was asked already, for thousands of actions ask the same.
    runs: Mutex<BTreeMap<(TrailSet, bool), Option<Window>>>,
}

impl Deliveries {
    /// `seen` are an account's events. Event history is of no trail.
    pub(crate) fn of(trails: &[Trail], seen: &SeenEvents, covered: &Covered) -> Self {
        let mut deliveries = Self::default();
        let catalog = Catalog::get();
        for (event, days) in seen {
            let Some(action) = catalog.action_of_id(event.action) else {
                continue;
            };
            let can_log = |resource_type: Option<&str>| -> TrailSet {
                let places = trails.iter().enumerate();
                places
                    .filter(|(_, trail)| {
                        trail.may_log(resource_type, action, &event.name, &event.region)
                    })
                    .map(|(place, _)| place)
                    .collect()
            };
            match &event.logging {
                Logging::Management => {
                    let of_history = covered.history.management.get(&event.region);
                    let is_of_files = |day: &&i64| of_history.is_none_or(|own| !own.contains(day));
                    let days = days.iter().filter(is_of_files);
                    let own = deliveries.management.entry(can_log(None)).or_default();
                    own.extend(days);
                }
                Logging::Data {
                    resource_types,
                    may_be_management: false,
                } => {
                    // Which of the types it was is not known, so any trail that logs one of them can have logged it.
                    let all = resource_types.iter().flat_map(|name| can_log(Some(name)));
                    let all: TrailSet = all.collect();
                    for name in resource_types {
                        let of_type = deliveries.data.entry(name).or_default();
                        of_type.entry(all.clone()).or_default().extend(days);
                    }
                }
                // Of an event that can be of either kind it is not known which it was.
                Logging::Data { .. } | Logging::Never => {}
            }
        }
        // Of trails none of which logs anything else, all management events are, whatever they are.
        let all = trails.iter().enumerate();
        let all: TrailSet = all
            .filter(|(_, trail)| trail.may_log_any(None))
            .map(|(place, _)| place)
            .collect();
        let own = deliveries.management.entry(all).or_default();
        own.extend(covered.files.management_days());
        deliveries
    }

    /// The latest days in a row that all have an event that none but these trails can have logged: a management event, or any.
    pub(crate) fn run(
        &self,
        whole: &TrailSet,
        only_management: bool,
        files: &Read,
    ) -> Option<Window> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let run = runs.entry((whole.clone(), only_management));
        *run.or_insert_with(|| {
            let mut days = days_of(&self.management, whole);
            for of_type in self.data.values().filter(|_| !only_management) {
                days.extend(days_of(of_type, whole));
            }
            files.latest(&days)
        })
    }

    /// Whether a data event of a type that none but these trails can have logged was read in a time.
    pub(crate) fn has_data(&self, resource_type: &str, whole: &TrailSet, window: Window) -> bool {
        let Some(of_type) = self.data.get(resource_type) else {
            return false;
        };
        let days = days_of(of_type, whole);
        days.iter().any(|day| window.all_days().contains(day))
    }
}

fn days_of(events: &BTreeMap<TrailSet, Days>, whole: &TrailSet) -> Days {
    let own = events.iter();
    own.filter(|(set, _)| !set.is_empty() && set.is_subset(whole))
        .flat_map(|(_, days)| days)
        .copied()
        .collect()
}

impl Trail {
    /// Whether an event could be in the trail's files: a data event of a type, or a management event. `name` is the event's, in
    /// lower case.
    fn may_log(
        &self,
        resource_type: Option<&str>,
        action: ActionInfo,
        name: &str,
        region: &str,
    ) -> bool {
        let service = action.service().prefix();
        let logs_region = self.is_multi_region
            || self
                .home_region
                .as_deref()
                .is_none_or(|home| home == region)
            || (self.has_global_services && Place::of(service).has_global_events());
        self.covered.is_some()
            && logs_region
            && self.selectors.as_ref().is_none_or(|selectors| {
                let mut selectors = selectors.iter();
                selectors.any(|one| {
                    one.resource_type.as_deref() == resource_type
                        && one.may_log_event(action, name)
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
