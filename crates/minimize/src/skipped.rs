//! What cannot be judged, and why.

use leastgrant_access::Subject;
use leastgrant_evidence::Window;
use leastgrant_policy::Policy;
use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare_knowing};

use crate::needs::Sources;
use crate::tables::Tables;
use crate::unit::{SourceKind, Unit};

/// Why all of a principal's policies stay, whatever was seen of it.
pub(crate) fn why(
    subject: &Subject,
    window: Option<Window>,
    sources: &Sources<'_>,
    tables: &Tables,
) -> Option<String> {
    if tables.is_service_linked(&subject.arn) {
        return Some("a service-linked role: AWS alone changes its policies".to_owned());
    }
    if sources.settings.is_break_glass(&subject.arn) {
        return Some("break-glass by the settings: no log foretells an emergency".to_owned());
    }
    let set = tables.permission_set_of(&subject.arn);
    if tables.is_of_identity_center(&subject.arn) && set.is_none() {
        return Some(
            "Identity Center made the role, and its permission set was not collected: the role itself cannot be edited"
                .to_owned(),
        );
    }
    let Some(window) = window else {
        return Some("no CloudTrail events of its account were read".to_owned());
    };
    let least = sources.evidence.options().least_days;
    if window.days() < least {
        return Some(format!(
            "the logs cover {} days, and it takes {least}",
            window.days()
        ));
    }
    match tables.created_at(&subject.arn) {
        None => Some("when it was made is not known".to_owned()),
        Some(created) if created > window.from => Some(format!(
            "younger than the window: made at {created}, and the logs begin at {}",
            window.from
        )),
        Some(_) => None,
    }
}

/// Whether a customer-managed policy grants something so newly that it says little that it was not used yet.
///
/// What is in force may be a version that was made long ago and that another one had replaced in between. So it must be within each
/// version that was made since, and within the one before these.
pub(crate) fn grown(
    unit: &Unit<'_>,
    window: Window,
    sources: &Sources<'_>,
    tables: &Tables,
) -> Option<String> {
    if unit.source.kind != SourceKind::CustomerManaged {
        return None;
    }
    let least = sources.evidence.options().least_days;
    let limit = window.to.as_second() - least * 86_400;
    let versions = tables.versions(&unit.source.account_id, &unit.source.arn);
    let is_old = |place: &usize| {
        let made = versions.get(*place).and_then(|version| version.created_at);
        made.is_some_and(|at| at.as_second() <= limit)
    };
    let newest_old = (0..versions.len()).rev().find(is_old);
    let has_new = versions
        .iter()
        .any(|version| version.created_at.is_none_or(|at| at.as_second() > limit));
    if !has_new {
        return None;
    }
    let reason = || {
        Some(format!(
            "a version of it was made in the last {least} days of the logs, and what it newly grants could not be used for long"
        ))
    };
    let Some(newest_old) = newest_old else {
        return reason();
    };
    let since = versions.get(newest_old..).unwrap_or_default();
    let is_within_all = since.iter().all(|version| {
        let policy = version.document.as_deref().map(Policy::parse);
        let Some(Ok(policy)) = policy else {
            return false;
        };
        let verdict = compare_knowing(
            &[&policy],
            &[unit.document],
            Kind::Identity,
            DEFAULT_WORK,
            &|_| None,
        );
        matches!(verdict, Verdict::Subset)
    });
    if is_within_all { None } else { reason() }
}
