//! Ages, and how long something has been unused as far as the sources can tell.
//!
//! Ages are differences of instants. Use is known only up to the moment at which a source was true, and only to
//! the source's granularity: the time shown is the first use within a span, so the last one may be later by that span.
//! Source: "Get credential reports for your AWS account" in the IAM User Guide.

use jiff::SignedDuration;
use leastgrant_inventory::tables::{AccessKeyRow, UserRow};
use leastgrant_inventory::{Inventory, Timestamp, counted};

use crate::NotChecked;

/// The report shows the first use of a key within this span.
const KEY_SPAN: SignedDuration = SignedDuration::from_mins(15);
/// The report shows the first sign-in within this span.
const PASSWORD_SPAN: SignedDuration = SignedDuration::from_mins(5);
/// Sign-ins between these moments were not recorded (IAM User Guide, on `password_last_used`).
const PASSWORD_HOLE: (&str, &str) = ("2018-05-03T22:50:00-07:00", "2018-05-23T14:08:00-07:00");

/// Whether something is unused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unused {
    /// For longer than the limit.
    Yes {
        /// The last use that was seen.
        last_used_at: Option<Timestamp>,
        /// What the time without use is counted from.
        since: Timestamp,
        /// What it is counted to: uses after this moment cannot be known.
        until: Timestamp,
    },
    /// It was used within the limit, or is too young to say.
    No,
    /// The data do not tell.
    Unknown,
}

/// How much time passed, never less than none: some dates lie in the future.
pub(crate) fn age(since: Timestamp, until: Timestamp) -> SignedDuration {
    until.duration_since(since).max(SignedDuration::ZERO)
}

/// What nobody can judge at a time before the data: what is younger has no age then, and nothing is too old.
pub(crate) fn before_the_data(inventory: &Inventory, as_of: Timestamp) -> Option<NotChecked> {
    let collected_at = inventory.manifest().collected_at?;
    (as_of < collected_at).then(|| NotChecked {
        rule: "as-of",
        account_id: String::new(),
        reason: format!("ages are counted to {as_of}, before the data were collected ({collected_at}): what is younger has no age yet; give a later `--as-of`, or none"),
    })
}

/// Strictly more than so many days.
pub(crate) fn exceeds(age: SignedDuration, limit_days: u32) -> bool {
    age > days(limit_days)
}

pub(crate) fn days(count: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(count))
}

/// An age in words: whole days, and never the bare limit for what exceeds it by hours.
pub(crate) fn in_words(age: SignedDuration) -> String {
    let whole = age.as_hours() / 24;
    let rest = age - SignedDuration::from_hours(24 * whole);
    match (whole, rest.is_zero()) {
        (1, true) => "1 day".to_owned(),
        (whole, true) => format!("{whole} days"),
        (1, false) => "1 day and some hours".to_owned(),
        (whole, false) => format!("over {whole} days"),
    }
}

/// A limit in words.
pub(crate) fn days_in_words(count: u32) -> String {
    counted(count, "day")
}

/// Whether a key is unused for more than `limit_days`. A call of `logged_at` in CloudTrail logs is a use of it.
pub(crate) fn key_unused(
    key: &AccessKeyRow,
    logged_at: Option<Timestamp>,
    as_of: Timestamp,
    limit_days: u32,
) -> Unused {
    let Some(created_at) = key.created_at else {
        return Unused::Unknown;
    };
    if !exceeds(age(created_at, as_of), limit_days) {
        return Unused::No;
    }
    if logged_at.is_some_and(|at| !exceeds(age(at, as_of), limit_days)) {
        return Unused::No;
    }
    if !key.last_used_known {
        return Unused::Unknown;
    }
    let until = key
        .last_used_as_of
        .map_or(as_of, |known_until| known_until.min(as_of));
    let last_used_at = key.last_used_at.max(logged_at);
    judge(created_at, last_used_at, KEY_SPAN, until, limit_days)
}

/// Whether a password is unused for more than `limit_days`. It must be enabled.
pub(crate) fn password_unused(user: &UserRow, as_of: Timestamp, limit_days: u32) -> Unused {
    let Some(set_at) = user.password_last_changed_at.or(user.created_at) else {
        return Unused::Unknown;
    };
    if !exceeds(age(set_at, as_of), limit_days) {
        return Unused::No;
    }
    if !user.password_last_used_known {
        return Unused::Unknown;
    }
    let until = user
        .credentials_as_of
        .map_or(as_of, |known_until| known_until.min(as_of));
    // What was not recorded may have happened at the hole's end.
    let hole = PASSWORD_HOLE
        .0
        .parse::<Timestamp>()
        .ok()
        .zip(PASSWORD_HOLE.1.parse::<Timestamp>().ok());
    let unrecorded = hole
        .filter(|(start, end)| {
            until > *start && set_at < *end && user.password_last_used_at.is_none_or(|at| at < *end)
        })
        .map(|(_, end)| end.min(until));
    match judge(
        set_at,
        user.password_last_used_at,
        PASSWORD_SPAN,
        until,
        limit_days,
    ) {
        Unused::Yes { .. } if unrecorded.is_some_and(|at| !exceeds(age(at, until), limit_days)) => {
            Unused::No
        }
        verdict => verdict,
    }
}

fn judge(
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    span: SignedDuration,
    until: Timestamp,
    limit_days: u32,
) -> Unused {
    let latest_use = last_used_at.map(|at| at.saturating_add(span).unwrap_or(Timestamp::MAX));
    let since = latest_use.map_or(created_at, |at| at.max(created_at));
    if exceeds(age(since, until), limit_days) {
        Unused::Yes {
            last_used_at,
            since: last_used_at.map_or(created_at, |at| at.max(created_at)),
            until,
        }
    } else {
        Unused::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-06-30T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn key(created_at: &str, last_used_at: Option<&str>, known_until: &str) -> AccessKeyRow {
        AccessKeyRow {
            created_at: Some(at(created_at)),
            last_used_at: last_used_at.map(at),
            last_used_known: true,
            last_used_as_of: Some(at(known_until)),
            ..AccessKeyRow::default()
        }
    }

    fn is_unused(key: &AccessKeyRow) -> bool {
        matches!(key_unused(key, None, at(NOW), 90), Unused::Yes { .. })
    }

    #[test]
    fn exactly_the_limit_passes_and_a_second_more_does_not() {
        assert!(!exceeds(age(at("2026-04-01T12:00:00Z"), at(NOW)), 90));
        assert!(exceeds(age(at("2026-04-01T11:59:59Z"), at(NOW)), 90));
    }

    #[test]
    fn a_date_in_the_future_has_no_age() {
        assert_eq!(
            age(at("2099-01-01T00:00:00Z"), at(NOW)),
            SignedDuration::ZERO
        );
        assert!(!is_unused(&key("2099-01-01T00:00:00Z", None, NOW)));
    }

    #[test]
    fn never_used_counts_from_creation() {
        assert!(is_unused(&key("2026-04-01T11:59:59Z", None, NOW)));
        assert!(!is_unused(&key("2026-04-01T12:00:00Z", None, NOW)));
    }

    #[test]
    fn a_use_may_be_later_than_shown_by_the_reports_span() {
        assert!(!is_unused(&key(
            "2020-01-01T00:00:00Z",
            Some("2026-04-01T11:50:00Z"),
            NOW
        )));
        assert!(is_unused(&key(
            "2020-01-01T00:00:00Z",
            Some("2026-04-01T11:44:59Z"),
            NOW
        )));
    }

    #[test]
    fn uses_after_the_report_cannot_be_known() {
        // The report is of 1 May: at that time the key had been unused for 60 days only.
        assert!(!is_unused(&key(
            "2020-01-01T00:00:00Z",
            Some("2026-03-02T00:00:00Z"),
            "2026-05-01T00:00:00Z"
        )));
    }

    #[test]
    fn a_use_older_than_the_key_is_none_of_its_own() {
        assert!(!is_unused(&key(
            "2026-05-01T00:00:00Z",
            Some("2018-11-21T06:54:00Z"),
            NOW
        )));
    }

    #[test]
    fn nothing_is_said_where_the_use_was_not_collected() {
        let key = AccessKeyRow {
            last_used_known: false,
            ..key("2020-01-01T00:00:00Z", None, NOW)
        };
        assert_eq!(key_unused(&key, None, at(NOW), 90), Unused::Unknown);
        let logged_at = Some(at("2026-04-01T12:00:00Z"));
        assert_eq!(key_unused(&key, logged_at, at(NOW), 90), Unused::No);
    }

    #[test]
    fn a_call_in_the_logs_is_a_use_whatever_the_report_says() {
        let key = key("2020-01-01T00:00:00Z", None, NOW);
        let judged = |logged_at: &str| key_unused(&key, Some(at(logged_at)), at(NOW), 90);
        assert_eq!(judged("2026-04-01T12:00:00Z"), Unused::No);
        let last = "2026-03-01T00:00:00Z";
        assert_eq!(
            judged(last),
            Unused::Yes {
                last_used_at: Some(at(last)),
                since: at(last),
                until: at(NOW)
            }
        );
    }

    fn password(changed_at: &str, last_used_at: Option<&str>, known_until: &str) -> UserRow {
        UserRow {
            password_last_changed_at: Some(at(changed_at)),
            password_last_used_at: last_used_at.map(at),
            password_last_used_known: true,
            credentials_as_of: Some(at(known_until)),
            ..UserRow::default()
        }
    }

    #[test]
    fn a_password_that_was_changed_lately_is_not_unused() {
        let user = password("2026-06-01T00:00:00Z", Some("2020-01-01T00:00:00Z"), NOW);
        assert_eq!(password_unused(&user, at(NOW), 90), Unused::No);
    }

    #[test]
    fn sign_ins_in_may_2018_were_not_recorded() {
        let then = "2018-08-01T00:00:00Z";
        let user = password("2017-01-01T00:00:00Z", Some("2018-04-01T00:00:00Z"), then);
        assert_eq!(password_unused(&user, at(then), 90), Unused::No);
        let later = "2018-09-01T00:00:00Z";
        let user = password("2017-01-01T00:00:00Z", Some("2018-04-01T00:00:00Z"), later);
        assert!(matches!(
            password_unused(&user, at(later), 90),
            Unused::Yes { .. }
        ));
    }
}
