//! Which actions' calls must be in what was read of an account, and for which time.

use leastgrant_catalog::{AccessLevel, ActionInfo, Logging, logging_of};
use leastgrant_inventory::Timestamp;

use crate::delivery::{Deliveries, TrailSet};
use crate::places::Place;
use crate::status::latest_union;
use crate::trails::{Trail, Trails};
use crate::window::{Covered, Read, day};
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
    /// When the inventory was collected.
    pub(crate) collected_at: Option<Timestamp>,
}

/// Logs that end more days before the inventory was collected prove nothing: CloudTrail delivers within minutes, and a week is
/// enough to copy files.
const LATEST_DAYS: i64 = 7;

/// The time for which every call of an action must be in the logs, and why calls could be missing. Without reasons, it is
/// long enough.
pub(crate) fn shown(action: ActionInfo, logs: &Logs<'_>) -> (Window, Vec<Reason>) {
    let service = action.service().prefix();
    let mut window: Option<Window> = None;
    let mut reasons = Vec::new();
    let mut take = |part: Result<Window, Reason>| match part {
        // Of two kinds of events, what both show.
        Ok(part) => window = Some(window.map_or(part, |window| window.and(part))),
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
    let window = window.unwrap_or(logs.window);
    if reasons.is_empty() {
        reasons.extend(logs.long(window, logged_for_a_time).err());
    }
    if reasons.is_empty() {
        reasons.extend(logs.end_early(window));
    }
    if action.levels().contains(AccessLevel::Tagging) {
        reasons.push(Reason::NeededWithinOtherCalls);
    }
    (window, reasons)
}

fn logged_for_a_time(days: i64, least_days: i64) -> Reason {
    Reason::LoggedForATime { days, least_days }
}

fn too_short(days: i64, least_days: i64) -> Reason {
    Reason::WindowTooShort { days, least_days }
}

impl Logs<'_> {
    /// A window that proves something; else the reason why it does not.
    fn long(
        &self,
        window: Window,
        short: impl FnOnce(i64, i64) -> Reason,
    ) -> Result<Window, Reason> {
        let days = window.days().max(0);
        match days < self.least_days {
            true => Err(short(days, self.least_days)),
            false => Ok(window),
        }
    }

    /// Between the end of the logs and the time of the inventory anything could have been done.
    fn end_early(&self, window: Window) -> Option<Reason> {
        let days = day(self.collected_at?) - day(window.to);
        (days > LATEST_DAYS).then_some(Reason::LogsEndEarly { days })
    }

    /// The part of a window in which a Region's management events were read.
    fn of_region(&self, read: &Read, region: &str, window: Window) -> Result<Window, Reason> {
        let part = read.management_of(region, window);
        let part = part.ok_or(Reason::GlobalRegionNotCovered)?;
        self.long(part, |days, least_days| Reason::RegionReadForATime {
            region: region.into(),
            days,
            least_days,
        })
    }

    /// The part of a window in which the Region of global services was read; the whole window of a service that has none.
    fn of_place(&self, read: &Read, place: Place, window: Window) -> Result<Window, Reason> {
        let mut regions = place.regions().iter();
        let has = |region: &&&str| read.management_of(region, window).is_some();
        match (place, regions.find(has)) {
            (Place::Regional, _) => Ok(window),
            (_, Some(region)) => self.of_region(read, region, window),
            (_, None) => Err(Reason::GlobalRegionNotCovered),
        }
    }
}

/// What files show of management events, or event history where they show nothing: whatever trails there are, it is not theirs.
fn management(action: ActionInfo, logs: &Logs<'_>) -> Result<Window, Reason> {
    let place = Place::of(action.service().prefix());
    let history = &logs.covered.history;
    let by_history = || {
        let run = history.management_run.ok_or(Reason::NoManagementEvents)?;
        let part = match place.is_global() {
            true => logs.of_place(history, place, run)?,
            false => return Err(Reason::OneRegionAsked),
        };
        logs.long(part, too_short)
    };
    if logs.covered.is_history() {
        return by_history();
    }
    by_files(action, place, logs).or_else(|reason| by_history().map_err(|_| reason))
}

fn by_files(action: ActionInfo, place: Place, logs: &Logs<'_>) -> Result<Window, Reason> {
    let files = &logs.covered.files;
    let run = files.management_run;
    match logs.trails {
        Trails::NotRead => Err(Reason::TrailsNotRead),
        Trails::NotGiven => {
            let run = logs.long(run.ok_or(Reason::NoManagementEvents)?, too_short)?;
            let mut window = logs.of_place(files, place, run)?;
            // Nothing but its own events says that a Region was logged and read.
            for region in files.management.keys().filter(|_| !place.is_global()) {
                if files.management_of(region, run).is_some() {
                    window = window.and(logs.of_region(files, region, run)?);
                }
            }
            Ok(window)
        }
        Trails::Known(trails) => {
            // What the trails log says more than what was read, so that it is told first.
            let whole = whole_of_management(action, trails)?;
            let run = logs.long(run.ok_or(Reason::NoManagementEvents)?, too_short)?;
            let own = logs.deliveries.run(&whole, true, files);
            let own = logs.long(own.ok_or(Reason::FilesOfLesserTrail)?, |_, _| {
                Reason::FilesOfLesserTrail
            })?;
            let read = logs.of_place(files, place, run.and(own))?;
            let logged = covered_by(trails, &whole, logs.window);
            let logged = logged.ok_or(Reason::TrailsNotLogging)?;
            logs.long(read.and(logged), logged_for_a_time)
        }
    }
}

/// The trails that log all calls of an action. One trail has to: the least lacking one tells what is missing.
fn whole_of_management(action: ActionInfo, trails: &[Trail]) -> Result<TrailSet, Reason> {
    let lacks: Vec<Option<Reason>> = trails.iter().map(|trail| trail.lacks(action)).collect();
    let whole: TrailSet = lacks
        .iter()
        .enumerate()
        .filter(|(_, lack)| lack.is_none())
        .map(|(place, _)| place)
        .collect();
    if whole.is_empty() {
        let least = lacks.into_iter().flatten().min_by_key(rank);
        return Err(least.unwrap_or(Reason::RegionsNotLogged));
    }
    Ok(whole)
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
        _ if logs.covered.is_history() => &[],
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
        let read = logs.deliveries.run(&whole, false, &logs.covered.files);
        let read = read.ok_or(Reason::DataEventsNotRead)?;
        // That a trail logs them does not say that its files were read whole: data events can be filtered out of them.
        if !logs.deliveries.has_data(name, &whole, read) {
            return Err(Reason::DataEventsNotRead);
        }
        let read = logs.long(read, |days, least_days| Reason::DataEventsReadForATime {
            days,
            least_days,
        })?;
        let logged = covered_by(trails, &whole, logs.window);
        window = window
            .and(read)
            .and(logged.ok_or(Reason::TrailsNotLogging)?);
    }
    logs.long(window, logged_for_a_time)
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
        if Place::of(service).has_global_events() && !self.has_global_services {
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
