//! What could not be read, until a run has read it.

use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use leastgrant_inventory::{DataKind, Gap, Manifest, UsageRun};

use super::RunSource;
use crate::history::account_of_history;
use crate::unread::absolute;
use crate::{FileProblem, Usage, Window};
use leastgrant_inventory::delivered::{account_of, day_of, days_of_events};

/// The files that runs of `usage` could not read to their ends, each with the folder that a run began in.
pub(super) fn unread(manifest: &Manifest) -> impl Iterator<Item = (&str, Option<&str>)> {
    let gaps = manifest.gaps.iter().filter(|gap| is_of_usage(gap));
    gaps.map(|gap| {
        let met = runs_that_met(gap, &manifest.usage).next();
        (&*gap.source, met.and_then(|run| run.folder.as_deref()))
    })
}

fn runs_that_met<'a>(gap: &Gap, runs: &'a [UsageRun]) -> impl Iterator<Item = &'a UsageRun> {
    runs.iter()
        .filter(|run| run.unreadable.contains(&gap.source))
}

/// Names files by their absolute paths where an open gap is called alike and is another file.
pub(super) fn tell_apart(manifest: &Manifest, source: &RunSource, problems: &mut [FileProblem]) {
    let folder = source.folder.as_deref();
    for problem in problems {
        let Some(path) = absolute(&problem.path, folder) else {
            continue;
        };
        let is_another = |(name, folder): (&str, Option<&str>)| {
            name == problem.path && absolute(name, folder).is_none_or(|other| other != path)
        };
        if unread(manifest).any(is_another) {
            problem.path = path.display().to_string();
        }
    }
}

fn is_of_usage(gap: &Gap) -> bool {
    gap.unknowable == [DataKind::CloudTrail]
}

/// All gaps after another run, sorted. One is closed by a run that has read what is missing, of all the time that it is missing of.
pub(super) fn after(manifest: &Manifest, source: &RunSource, usage: &Usage) -> Vec<Gap> {
    let problems = &usage.summary.files_unreadable;
    let found: HashSet<&str> = problems.iter().map(|problem| &*problem.path).collect();
    let mended: HashSet<&str> = usage.files_mended.iter().map(|file| &**file).collect();
    let is_closed = |gap: &Gap| {
        let is_read = mended.contains(&*gap.source) || is_listed(gap, manifest, source, &found);
        is_read && includes(source.asked, missing(gap, &manifest.usage))
    };
    let is_open =
        |gap: &&Gap| !is_of_usage(gap) || !(found.contains(&*gap.source) || is_closed(gap));
    let mut gaps: Vec<Gap> = manifest.gaps.iter().filter(is_open).cloned().collect();
    gaps.extend(problems.iter().map(|problem| {
        Gap {
            account_id: account_of_history(&problem.path)
                .or_else(|| account_of(&problem.path))
                .map(str::to_owned),
            source: problem.path.clone(),
            reason: problem.reason.clone(),
            error_code: None,
            unknowable: vec![DataKind::CloudTrail],
        }
    }));
    gaps.sort();
    gaps
}

/// Whether the gap is a folder that could not be listed and now was; what cannot be read in it has gaps of its own.
fn is_listed(gap: &Gap, manifest: &Manifest, source: &RunSource, found: &HashSet<&str>) -> bool {
    match source.engine {
        "logs" => {
            let whole = |path: &Path| path.canonicalize().ok().filter(|path| path.is_dir());
            let met = runs_that_met(gap, &manifest.usage).next();
            let folder = met.and_then(|run| run.folder.as_deref());
            let Some(folder) = absolute(&gap.source, folder).and_then(|path| whole(&path)) else {
                return false;
            };
            let is_below = |root: &Path| folder.starts_with(root);
            let is_walked = source.paths.iter().filter_map(|path| whole(path));
            is_walked.into_iter().any(|root| is_below(&root))
                && !found
                    .iter()
                    .filter_map(|path| whole(Path::new(path)))
                    .any(|unlisted| is_below(&unlisted))
        }
        "s3" => {
            // Another location may leave the folder out.
            let is_same = |run: &&UsageRun| {
                run.engine == source.engine
                    && run.source.iter().map(Path::new).eq(&source.paths)
                    && run.unreadable.contains(&gap.source)
            };
            let is_unlisted = |path: &&str| path.ends_with('/') && gap.source.starts_with(path);
            gap.source.ends_with('/')
                && manifest.usage.iter().any(|run| is_same(&run))
                && !found.iter().any(is_unlisted)
        }
        _ => false,
    }
}

/// The time that a gap leaves unknown: that which was asked for when it was met, as far as the file can have events of it.
fn missing(gap: &Gap, runs: &[UsageRun]) -> Window {
    let of = |run: &UsageRun| Window {
        since: run.since,
        until: run.until,
    };
    let asked = runs_that_met(gap, runs).map(of).reduce(|one, two| Window {
        since: one.since.zip(two.since).map(|(one, two)| one.min(two)),
        until: one.until.zip(two.until).map(|(one, two)| one.max(two)),
    });
    // An inventory of an earlier version does not tell when it was met.
    let asked = asked.unwrap_or_default();
    let Some((first, end)) = day_of(&gap.source).and_then(around) else {
        return asked;
    };
    Window {
        since: Some(asked.since.map_or(first, |since| since.max(first))),
        until: Some(asked.until.map_or(end, |until| until.min(end))),
    }
}

/// The time of the events that are delivered on a day.
fn around(day: Date) -> Option<(Timestamp, Timestamp)> {
    let begin = |date: Date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
    let (first, last) = days_of_events(day);
    Some((begin(first)?, begin(last.tomorrow().ok()?)?))
}

fn includes(window: Window, other: Window) -> bool {
    let begins = window
        .since
        .is_none_or(|since| other.since.is_some_and(|other| since <= other));
    let ends = window
        .until
        .is_none_or(|until| other.until.is_some_and(|other| other <= until));
    let is_nothing = other
        .since
        .zip(other.until)
        .is_some_and(|(since, until)| until <= since);
    is_nothing || begins && ends
}
