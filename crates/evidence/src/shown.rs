//! Which actions' calls must be in what was read of an account, and for which time.

use leastgrant_catalog::{AccessLevel, ActionInfo};

use crate::delivery::{Deliveries, TrailSet};
use crate::logging::{Logging, is_global, logging_of};
use crate::status::latest_union;
use crate::trails::{Trail, Trails};
use crate::window::Covered;
use crate::{Reason, Window};

/// What was read of an account, and the trails that it is of.
pub(crate) struct Logs<'a> {
    pub(crate) covered: &'a Covered,
    /// The part of the window for which the trails' settings hold.
    pub(crate) window: Window,
    pub(crate) trails: &'a Trails,
    pub(crate) deliveries: &'a Deliveries,
    /// How many days prove something.
    pub(crate) least_days: i64,
}

/// Where global services log to, in each partition.
const GLOBAL_REGIONS: [&str; 3] = ["us-east-1", "cn-north-1", "us-gov-west-1"];

/// The time for which every call of an action must be in the logs, and why calls could be missing. Without reasons, it is
/// long enough.
pub(crate) fn shown(action: ActionInfo, logs: &Logs<'_>) -> (Window, Vec<Reason>) {
    let service = action.service().prefix();
    let mut window = logs.window;
    let mut reasons = Vec::new();
    let mut take = |part: Result<Window, Reason>| match part {
        // Of two kinds of events, what both show. A time of none is too short, and its reason is one of the two's.
        Ok(part) => {
            window.from = window.from.max(part.from);
            window.to = window.to.min(part.to);
        }
        Err(reason) => reasons.push(reason),
    };
    match logging_of(service, action.lower_name()) {
        Logging::Never => take(Err(Reason::NoEventShows)),
        Logging::Management => take(management(action, logs)),
        Logging::Data {
            resource_types,
            may_be_management,
        } => {
            take(data(action, &resource_types, logs));
            if may_be_management {
                take(management(action, logs));
            }
        }
    }
    if reasons.is_empty() {
        reasons.extend(too_short(window, logs));
    }
    if action.levels().contains(AccessLevel::Tagging) {
        reasons.push(Reason::NeededWithinOtherCalls);
    }
    (window, reasons)
}

/// Trails that logged for a part of the window only. A window that is too short by itself is told of the whole account.
fn too_short(window: Window, logs: &Logs<'_>) -> Option<Reason> {
    let days = window.days();
    (days < logs.least_days && window != logs.window).then_some(Reason::LoggedForATime {
        days: days.max(0),
        least_days: logs.least_days,
    })
}

fn management(action: ActionInfo, logs: &Logs<'_>) -> Result<Window, Reason> {
    let is_global = is_global(action.service().prefix());
    let mut regions = GLOBAL_REGIONS.iter();
    let has_its_region = !is_global || regions.any(|name| logs.covered.regions.contains(*name));
    let trails = match logs.trails {
        Trails::NotRead if !logs.covered.is_history => return Err(Reason::TrailsNotRead),
        // Whatever the trails log, its files were not read.
        _ if !has_its_region => return Err(Reason::GlobalRegionNotCovered),
        _ if logs.covered.is_history && !is_global => return Err(Reason::OneRegionAsked),
        Trails::Known(trails) if !logs.covered.is_history => trails,
        _ => return Ok(logs.window),
    };
    // One trail has to log them all: the least lacking one tells what is missing.
    let lacks: Vec<Option<Reason>> = trails.iter().map(|trail| trail.lacks(action)).collect();
    let whole: TrailSet = places(&lacks, Option::is_none);
    let lesser: TrailSet = places(&lacks, Option::is_some)
        .into_iter()
        .filter(|place| {
            let trail = trails.get(*place);
            trail.is_some_and(|trail| trail.may_log_any(None))
        })
        .collect();
    if whole.is_empty() {
        let least = lacks.into_iter().flatten().min_by_key(rank);
        return Err(least.unwrap_or(Reason::RegionsNotLogged));
    }
    if !lesser.is_empty() && !logs.deliveries.has_management(&whole, &lesser) {
        return Err(Reason::FilesOfLesserTrail);
    }
    covered_by(trails, &whole, logs.window).ok_or(Reason::TrailsNotLogging)
}

fn places(lacks: &[Option<Reason>], is_wanted: fn(&Option<Reason>) -> bool) -> TrailSet {
    let places = lacks.iter().enumerate();
    places
        .filter(|(_, lack)| is_wanted(lack))
        .map(|(place, _)| place)
        .collect()
}

/// The latest part of a window that some of the trails cover without a break.
fn covered_by(trails: &[Trail], some: &TrailSet, window: Window) -> Option<Window> {
    let windows = some.iter().filter_map(|place| {
        let covered = trails.get(*place)?.covered?;
        let part = Window {
            from: covered.from.max(window.from),
            to: covered.to.min(window.to),
        };
        (part.from <= part.to).then_some(part)
    });
    latest_union(windows.collect())
}

/// The order in which a trail lacks least.
fn rank(lack: &Reason) -> u8 {
    match lack {
        Reason::TrailsNotLogging => 0,
        Reason::SelectorsNotCollected => 1,
        Reason::ManagementEventsLeftOut => 2,
        Reason::GlobalServicesNotLogged => 3,
        _ => 4,
    }
}

fn data(action: ActionInfo, types: &[&'static str], logs: &Logs<'_>) -> Result<Window, Reason> {
    let trails = match logs.trails {
        _ if logs.covered.is_history => &[],
        Trails::NotRead => return Err(Reason::TrailsNotRead),
        Trails::NotGiven => &[],
        Trails::Known(trails) => trails.as_slice(),
    };
    let wholes = |name: &str| -> TrailSet {
        let all = trails.iter().enumerate();
        all.filter(|(_, trail)| trail.logs_data(action, name))
            .map(|(place, _)| place)
            .collect()
    };
    let missing: Vec<&'static str> = types
        .iter()
        .copied()
        .filter(|name| wholes(name).is_empty())
        .collect();
    if !missing.is_empty() {
        return Err(not_logged(trails, types, missing));
    }
    let mut window = logs.window;
    for name in types {
        let whole = wholes(name);
        let all = trails.iter().enumerate();
        let lesser: TrailSet = all
            .filter(|(place, trail)| !whole.contains(place) && trail.may_log_any(Some(name)))
            .map(|(place, _)| place)
            .collect();
        // That a trail logs them does not say that its files were read: they can be filtered, or of another trail's bucket.
        if !logs.deliveries.has_data(name, &whole, &lesser) {
            return Err(Reason::DataEventsNotRead);
        }
        window = covered_by(trails, &whole, window).ok_or(Reason::TrailsNotLogging)?;
    }
    Ok(window)
}

fn not_logged(trails: &[Trail], types: &[&str], missing: Vec<&'static str>) -> Reason {
    let selects = |trail: &Trail, name: &str| {
        let mut selectors = trail.selectors.iter().flatten();
        selectors.any(|one| one.resource_type.as_deref() == Some(name))
    };
    if trails.iter().any(|trail| trail.selectors.is_none()) {
        Reason::SelectorsNotCollected
    } else if types
        .iter()
        .any(|name| trails.iter().any(|trail| selects(trail, name)))
    {
        Reason::DataEventsLoggedInPart {
            resource_types: missing,
        }
    } else {
        Reason::DataEventsNotLogged {
            resource_types: missing,
        }
    }
}

impl Trail {
    /// Why it does not log all calls of an action that are management events; nothing if it does.
    fn lacks(&self, action: ActionInfo) -> Option<Reason> {
        let service = action.service().prefix();
        if !self.is_multi_region {
            return Some(Reason::RegionsNotLogged);
        }
        if is_global(service) && !self.has_global_services {
            return Some(Reason::GlobalServicesNotLogged);
        }
        let Some(selectors) = &self.selectors else {
            return Some(Reason::SelectorsNotCollected);
        };
        let mut whole = selectors
            .iter()
            .filter(|one| one.resource_type.is_none() && !one.is_partial);
        if !whole.any(|one| one.logs_kind_of(action) && !one.may_leave_out(service)) {
            return Some(Reason::ManagementEventsLeftOut);
        }
        self.covered.is_none().then_some(Reason::TrailsNotLogging)
    }

    fn logs_data(&self, action: ActionInfo, resource_type: &str) -> bool {
        let service = action.service().prefix();
        let mut selectors = self.selectors.iter().flatten();
        self.is_multi_region
            && self.covered.is_some()
            && selectors.any(|one| {
                one.resource_type.as_deref() == Some(resource_type)
                    && !one.is_partial
                    && one.logs_kind_of(action)
                    && !one.may_leave_out(service)
            })
    }
}
