//! Which events of an account its trails log.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use leastgrant_catalog::{AccessLevel, ActionInfo};
use leastgrant_inventory::tables::TrailRow;
use leastgrant_inventory::{DataKind, Manifest, ShortText};

use crate::Reason;
use crate::logging::{Logging, is_global, logging_of};
use crate::selectors::{self, Selector};
use crate::window::Covered;

/// A trail of an account or of its organisation, as far as it matters here.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    is_multi_region: bool,
    has_global_services: bool,
    selectors: Vec<Selector>,
}

/// What is known of an account's trails.
#[derive(Debug, Clone)]
pub(crate) enum Trails {
    /// Nothing: there was no `trails.json`.
    NotGiven,
    /// They were given and could not be read.
    NotRead,
    /// These.
    Known(Vec<Trail>),
}

/// The trails of each account of an inventory, and of the organisation.
pub(crate) struct AllTrails {
    own: BTreeMap<String, Vec<Trail>>,
    of_organization: Vec<Trail>,
    given: BTreeSet<String>,
    not_read: BTreeSet<String>,
    is_any_not_read: bool,
}

impl AllTrails {
    pub(crate) fn of(rows: &[TrailRow], manifest: &Manifest) -> Self {
        let mut all = Self {
            own: BTreeMap::new(),
            of_organization: Vec::new(),
            given: BTreeSet::new(),
            not_read: BTreeSet::new(),
            is_any_not_read: false,
        };
        for row in rows {
            let trail = Trail {
                is_multi_region: row.is_multi_region == Some(true),
                has_global_services: row.include_global_service_events != Some(false),
                selectors: match &row.event_selectors {
                    // What cannot be understood selects nothing that is known.
                    Some(text) => selectors::of_json(text).unwrap_or_default(),
                    None => selectors::by_default(),
                },
            };
            if row.is_organization_trail == Some(true) {
                all.of_organization.push(trail);
            } else {
                all.own
                    .entry(row.account_id.clone())
                    .or_default()
                    .push(trail);
            }
        }
        let sources = manifest.sources.iter();
        all.given = sources
            .filter(|source| source.kind == DataKind::Trails)
            .filter_map(|source| source.account_id.clone())
            .collect();
        let gaps = manifest.gaps.iter();
        for gap in gaps.filter(|gap| gap.unknowable.contains(&DataKind::Trails)) {
            match &gap.account_id {
                Some(account) => {
                    all.not_read.insert(account.clone());
                }
                None => all.is_any_not_read = true,
            }
        }
        all
    }

    pub(crate) fn of_account(&self, account: &str) -> Trails {
        let own = self.own.get(account).map(Vec::as_slice).unwrap_or_default();
        let trails: Vec<Trail> = own.iter().chain(&self.of_organization).cloned().collect();
        if !trails.is_empty() || self.given.contains(account) {
            Trails::Known(trails)
        } else if self.is_any_not_read || self.not_read.contains(account) {
            Trails::NotRead
        } else {
            Trails::NotGiven
        }
    }
}

/// Where global services log to, in each partition.
const GLOBAL_REGIONS: [&str; 3] = ["us-east-1", "cn-north-1", "us-gov-west-1"];

/// Why the calls of an action could be missing in the logs of an account; nothing if they could not.
pub(crate) fn reasons(
    action: ActionInfo,
    trails: &Trails,
    covered: &Covered,
    seen: Option<&HashSet<ShortText>>,
) -> Vec<Reason> {
    let service = action.service().prefix();
    let trails = if covered.is_history {
        &Trails::NotGiven
    } else {
        trails
    };
    match logging_of(service, action.lower_name()) {
        Logging::Never => vec![Reason::NoEventShows],
        Logging::Management => management(action, trails, covered).into_iter().collect(),
        Logging::Data {
            resource_types,
            may_be_management,
        } => {
            let mut reasons: Vec<Reason> = data(action, &resource_types, trails, seen)
                .into_iter()
                .collect();
            if may_be_management {
                reasons.extend(management(action, trails, covered));
            }
            reasons
        }
    }
}

fn management(action: ActionInfo, trails: &Trails, covered: &Covered) -> Option<Reason> {
    let is_global = is_global(action.service().prefix());
    let mut regions = GLOBAL_REGIONS.iter();
    let misses_its_region = is_global && !regions.any(|name| covered.regions.contains(*name));
    match trails {
        Trails::NotRead => Some(Reason::TrailsNotRead),
        // Whatever the trails log, its files were not read.
        _ if misses_its_region => Some(Reason::GlobalRegionNotCovered),
        Trails::NotGiven if covered.is_history && !is_global => Some(Reason::OneRegionAsked),
        Trails::NotGiven => None,
        Trails::Known(trails) => {
            // One trail has to log them all: the least lacking one tells what is missing.
            let lacks = trails.iter().map(|trail| {
                if !trail.is_multi_region {
                    Some(Reason::RegionsNotLogged)
                } else if is_global && !trail.has_global_services {
                    Some(Reason::GlobalServicesNotLogged)
                } else if !trail.logs_management(action) {
                    Some(Reason::ManagementEventsLeftOut)
                } else {
                    None
                }
            });
            lacks
                .min_by_key(rank)
                .unwrap_or(Some(Reason::RegionsNotLogged))
        }
    }
}

/// The order in which a trail lacks least.
fn rank(lack: &Option<Reason>) -> u8 {
    match lack {
        None => 0,
        Some(Reason::ManagementEventsLeftOut) => 1,
        Some(Reason::GlobalServicesNotLogged) => 2,
        Some(_) => 3,
    }
}

fn data(
    action: ActionInfo,
    types: &[&'static str],
    trails: &Trails,
    seen: Option<&HashSet<ShortText>>,
) -> Option<Reason> {
    let trails = match trails {
        Trails::NotRead => return Some(Reason::TrailsNotRead),
        Trails::NotGiven => &[],
        Trails::Known(trails) => trails.as_slice(),
    };
    let of_type = |name: &str| {
        let name = name.to_owned();
        trails.iter().filter(move |trail| {
            let mut selectors = trail.selectors.iter();
            selectors.any(|one| one.resource_type.as_deref() == Some(&name))
        })
    };
    let is_whole = |name: &str| of_type(name).any(|trail| trail.logs_data(action, name));
    let missing: Vec<&'static str> = types
        .iter()
        .copied()
        .filter(|name| !is_whole(name))
        .collect();
    if !missing.is_empty() {
        let is_partly = types.iter().any(|name| of_type(name).next().is_some());
        return Some(if is_partly {
            Reason::DataEventsLoggedInPart {
                resource_types: missing,
            }
        } else {
            Reason::DataEventsNotLogged {
                resource_types: missing,
            }
        });
    }
    // That a trail logs them does not say that its files were read: they can be filtered, or of another trail's bucket.
    let is_read = |name: &&str| seen.is_some_and(|seen| is_any_of(seen, name));
    (!types.iter().all(is_read)).then_some(Reason::DataEventsNotRead)
}

/// Whether there was a data event of a resource type.
fn is_any_of(seen: &HashSet<ShortText>, resource_type: &str) -> bool {
    seen.iter().any(|action| {
        let Some((service, name)) = action.split_once(':') else {
            return false;
        };
        matches!(
            logging_of(service, name),
            Logging::Data { resource_types, may_be_management: false } if resource_types.contains(&resource_type)
        )
    })
}

impl Trail {
    fn logs_management(&self, action: ActionInfo) -> bool {
        let service = action.service().prefix();
        let selectors = self.selectors.iter();
        selectors
            .filter(|one| one.resource_type.is_none() && !one.is_partial)
            .any(|one| one.logs_kind_of(action) && !one.leaves_out(service))
    }

    fn logs_data(&self, action: ActionInfo, resource_type: &str) -> bool {
        let service = action.service().prefix();
        let selectors = self.selectors.iter();
        self.is_multi_region
            && selectors
                .filter(|one| one.resource_type.as_deref() == Some(resource_type))
                .any(|one| !one.is_partial && one.logs_kind_of(action) && !one.leaves_out(service))
    }
}

impl Selector {
    /// Whether it logs an action's calls, as reads or writes. An event's `readOnly` is not the action's access level
    /// (`AssumeRole` and `kms:Decrypt` are reads), so both the level and the name have to say which it is.
    fn logs_kind_of(&self, action: ActionInfo) -> bool {
        let begins = |verbs: &[&str]| {
            verbs
                .iter()
                .any(|verb| action.lower_name().starts_with(verb))
        };
        let levels = action.levels();
        let is_read = levels
            .iter()
            .all(|level| matches!(level, AccessLevel::List | AccessLevel::Read))
            && begins(&["get", "list", "describe", "head"]);
        let is_write = !levels
            .iter()
            .any(|level| matches!(level, AccessLevel::List | AccessLevel::Read))
            && begins(&[
                "create",
                "delete",
                "put",
                "update",
                "modify",
                "attach",
                "detach",
                "remove",
                "add",
                "set",
                "tag",
                "untag",
                "start",
                "stop",
                "run",
                "terminate",
            ]);
        match (self.reads, self.writes) {
            (true, true) => true,
            (true, false) => is_read,
            (false, true) => is_write,
            (false, false) => false,
        }
    }

    /// Whether a service's events may be among those that are left out. The sources have names of their own.
    fn leaves_out(&self, service: &str) -> bool {
        let mut sources = self.without_sources.iter();
        sources.any(|source| match source.strip_suffix(".amazonaws.com") {
            Some("rdsdata") => service == "rds-data",
            Some(host) => {
                host == service || leastgrant_catalog::Catalog::get().service(host).is_none()
            }
            None => true,
        })
    }
}
