//! Where each key was used from, by what, when and for what: the usage table by access key.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use leastgrant_inventory::tables::{UsageOriginRow, UsageSourceRow};
use leastgrant_inventory::{Days, Error, Inventory, ShortText, Timestamp};

use super::calls_without_effect::{has_effect, proves_identity};

/// What the logs show of one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeyOrigin {
    pub addresses: Bounded<Arc<str>>,
    pub user_agents: Bounded<Arc<str>>,
    pub vpc_endpoints: Bounded<Arc<str>>,
    pub regions: Bounded<ShortText>,
    /// Hosts of services.
    pub services: Bounded<ShortText>,
    pub calls: i64,
    /// Of those: denied, or made by somebody who could not prove to hold the key.
    pub refused: i64,
    /// Of those: allowed, and of a kind that neither changes nor tells anything.
    pub without_effect: i64,
    /// Of those: allowed, and of a kind by which a client proves to somebody else who it is.
    pub proofs: i64,
    pub days: Days,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    /// Hours in UTC of the first and the last event of each row, as bits.
    pub hours: u32,
    /// Of how many times.
    pub times: u32,
    by_kind: HashMap<EventKind, Counted>,
}

/// What calls are told apart by: source, name, Region and outcome.
type EventKind = [ShortText; 4];

/// What was counted of events of one kind, of which each has a row for each action that it needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counted {
    by_action: HashMap<Option<ShortText>, i64>,
    most: i64,
    times: BTreeSet<Timestamp>,
}

/// The keys of an inventory's logs.
#[derive(Debug, Default)]
pub(crate) struct KeyOrigins {
    by_key: HashMap<ShortText, KeyOrigin>,
    days_by_account: HashMap<ShortText, Days>,
}

/// The days that there are logs of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogDays {
    /// Days with an event of the account.
    pub days: u32,
    /// Those of them that follow each other without a gap, up to the last: a day without any event looks like missing logs.
    pub unbroken: u32,
    /// The last of them, in days since 1970.
    pub last: i64,
}

/// The smallest of some values, whatever their order, and whether there were more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bounded<T> {
    values: BTreeSet<T>,
    has_more: bool,
}

/// A key that is used from more addresses or by more clients than this is told as well by them.
const MOST_VALUES: usize = 64;

/// What a row's list ends with that leaves some out.
const MORE: &str = "…";

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self {
            values: BTreeSet::new(),
            has_more: false,
        }
    }
}

impl<T: Ord + AsRef<str>> Bounded<T> {
    pub(crate) fn add(&mut self, value: T) {
        if value.as_ref() == MORE {
            self.has_more = true;
            return;
        }
        self.values.insert(value);
        if self.values.len() > MOST_VALUES {
            self.values.pop_last();
            self.has_more = true;
        }
    }

    /// In byte order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(AsRef::as_ref)
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether some were left out.
    pub(crate) fn has_more(&self) -> bool {
        self.has_more
    }

    /// How many, in words.
    pub(crate) fn count(&self) -> String {
        if self.has_more {
            format!("more than {}", self.len())
        } else {
            self.len().to_string()
        }
    }
}

impl KeyOrigins {
    /// Reads the rows that have a key. Times after `as_of` are no times that records can have.
    pub(crate) fn load(inventory: &Inventory, as_of: Timestamp) -> Result<Self, Error> {
        let mut origins = Self::default();
        for row in inventory.read_where_present::<UsageOriginRow>("access_key_id")? {
            if row.first_seen.is_some_and(|at| at > as_of) {
                continue;
            }
            if let Some(key) = row.access_key_id.clone() {
                origins.by_key.entry(key).or_default().add(row);
            }
        }
        for row in inventory.read::<UsageSourceRow>()? {
            let days = origins.days_by_account.entry(row.account_id).or_default();
            days.add_all(&row.active_dates);
        }
        Ok(origins)
    }

    /// Whether no logs were read.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_key.is_empty() && self.days_by_account.is_empty()
    }

    /// What the logs show of a key.
    pub(crate) fn of_key(&self, access_key_id: Option<&str>) -> Option<&KeyOrigin> {
        self.by_key.get(access_key_id?)
    }

    /// Which days there are logs of an account of; none without logs.
    pub(crate) fn log_days(&self, account_id: &str) -> Option<LogDays> {
        let days = self.days_by_account.get(account_id)?;
        Some(LogDays::of(days)).filter(|own| own.days > 0)
    }
}

impl LogDays {
    fn of(days: &Days) -> Self {
        let mut unbroken = 0;
        let mut before = None;
        for day in days.iter() {
            let follows = before == Some(day.saturating_sub(1));
            unbroken = if follows { unbroken + 1 } else { 1 };
            before = Some(day);
        }
        Self {
            days: days.len(),
            unbroken,
            last: before.unwrap_or(0),
        }
    }

    /// How many of the days without a gap are of the time since something was made.
    pub(crate) fn unbroken_since(&self, made_at: Option<Timestamp>) -> u32 {
        let Some(made_at) = made_at else {
            return self.unbroken;
        };
        let days = self.last.saturating_sub(day_of(made_at)).saturating_add(1);
        u32::try_from(days.max(0)).map_or(self.unbroken, |days| days.min(self.unbroken))
    }

    /// Whether the logs end a week before the time or later.
    pub(crate) fn reach(&self, time: Timestamp) -> bool {
        const MOST_DAYS: i64 = 7;
        day_of(time).saturating_sub(self.last) <= MOST_DAYS
    }
}

impl KeyOrigin {
    pub(crate) fn add(&mut self, row: UsageOriginRow) {
        let kind = [
            row.event_source.clone(),
            row.event_name.clone(),
            row.region.clone(),
            row.outcome.clone(),
        ];
        let counted = self.by_kind.entry(kind).or_default();
        let of_action = counted.by_action.entry(row.action).or_default();
        *of_action = of_action.saturating_add(row.count);
        let more = of_action.saturating_sub(counted.most).max(0);
        counted.most = counted.most.saturating_add(more);
        for at in [row.first_seen, row.last_seen].into_iter().flatten() {
            if counted.times.insert(at) {
                self.hours |= hour_bit(at);
                self.times = self.times.saturating_add(1);
            }
        }
        self.calls = self.calls.saturating_add(more);
        if row.outcome != "allowed" {
            self.refused = self.refused.saturating_add(more);
        } else if proves_identity(&row.event_source, &row.event_name) {
            self.proofs = self.proofs.saturating_add(more);
        } else if !has_effect(&row.event_source, &row.event_name) {
            self.without_effect = self.without_effect.saturating_add(more);
        }
        self.first_seen = [self.first_seen, row.first_seen]
            .into_iter()
            .flatten()
            .min();
        self.last_seen = self.last_seen.max(row.last_seen);
        self.days.add_all(&row.active_dates);
        row.source_ips
            .into_iter()
            .for_each(|own| self.addresses.add(own));
        row.user_agents
            .into_iter()
            .for_each(|own| self.user_agents.add(own));
        row.vpc_endpoints
            .into_iter()
            .for_each(|own| self.vpc_endpoints.add(own));
        self.regions.add(row.region);
        self.services.add(row.event_source);
    }

    /// Calls that did something, as far as the logs tell.
    pub(crate) fn effective(&self) -> i64 {
        self.calls
            .saturating_sub(self.refused)
            .saturating_sub(self.without_effect)
            .saturating_sub(self.proofs)
    }
}

fn day_of(at: Timestamp) -> i64 {
    const SECONDS_OF_DAY: i64 = 24 * 3600;
    at.as_second().div_euclid(SECONDS_OF_DAY)
}

fn hour_bit(at: Timestamp) -> u32 {
    const SECONDS_OF_HOUR: i64 = 3600;
    const SECONDS_OF_DAY: i64 = 24 * SECONDS_OF_HOUR;
    let hour = at.as_second().rem_euclid(SECONDS_OF_DAY) / SECONDS_OF_HOUR;
    u32::try_from(hour).map_or(0, |hour| 1 << hour)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(name: &str, outcome: &str, count: i64, at: &str) -> UsageOriginRow {
        UsageOriginRow {
            event_source: "sts.amazonaws.com".into(),
            event_name: name.into(),
            outcome: outcome.into(),
            count,
            first_seen: at.parse().ok(),
            last_seen: at.parse().ok(),
            active_dates: [20_000].into_iter().collect(),
            ..UsageOriginRow::default()
        }
    }

    #[test]
    fn calls_are_counted_by_what_came_of_them() {
        let mut origin = KeyOrigin::default();
        origin.add(row(
            "GetCallerIdentity",
            "allowed",
            5,
            "2026-01-01T23:59:59Z",
        ));
        origin.add(row(
            "GetAccessKeyInfo",
            "allowed",
            5,
            "2026-01-01T23:59:59Z",
        ));
        origin.add(row("AssumeRole", "allowed", 2, "2026-01-02T00:00:00Z"));
        origin.add(row("AssumeRole", "denied", 3, "2026-01-03T07:00:00Z"));
        origin.add(row(
            "AssumeRole",
            "authentication_failed",
            1,
            "2026-01-01T07:00:00Z",
        ));
        assert_eq!(
            (
                origin.calls,
                origin.refused,
                origin.without_effect,
                origin.effective()
            ),
            (16, 4, 5, 2)
        );
        assert_eq!(origin.proofs, 5);
        assert_eq!((origin.hours, origin.times), (1 << 23 | 1 | 1 << 7, 5));
        assert_eq!(
            origin.first_seen.unwrap().to_string(),
            "2026-01-01T07:00:00Z"
        );
        assert_eq!(origin.days.len(), 1);
    }

    #[test]
    fn a_call_that_needs_several_actions_is_one_call() {
        let mut origin = KeyOrigin::default();
        let mut add = |action: &str, count| {
            origin.add(UsageOriginRow {
                action: Some(action.into()),
                ..row("RunInstances", "allowed", count, "2026-01-01T07:00:00Z")
            });
        };
        // Two calls, of which one passes a role, and of which each makes two kinds of things.
        add("ec2:RunInstances", 1);
        add("iam:PassRole", 1);
        add("ec2:CreateTags", 2);
        add("ec2:RunInstances", 1);
        assert_eq!((origin.calls, origin.effective(), origin.times), (2, 2, 1));
    }

    #[test]
    fn a_day_without_events_breaks_the_logs() {
        let of = |days: &[i64]| {
            let own = LogDays::of(&days.iter().copied().collect());
            (own.days, own.unbroken)
        };
        assert_eq!(of(&[]), (0, 0));
        assert_eq!(of(&[5]), (1, 1));
        assert_eq!(of(&[1, 2, 3, 5, 6]), (5, 2));
        assert_eq!(of(&[-1, 0, 1]), (3, 3));
        let logs = LogDays::of(&(0..100).collect());
        let at = |day: i64| Timestamp::from_second(day * 24 * 3600).ok();
        assert_eq!(logs.unbroken_since(None), 100);
        assert_eq!(logs.unbroken_since(at(-5)), 100);
        assert_eq!(logs.unbroken_since(at(98)), 2);
        assert_eq!(logs.unbroken_since(at(120)), 0);
        assert!(logs.reach(at(106).unwrap()) && !logs.reach(at(107).unwrap()));
    }

    proptest! {
        /// The slow twin sorts all of them.
        #[test]
        fn the_smallest_values_are_kept_in_any_order(values in prop::collection::vec("[a-c…]{0,3}", 0..120)) {
            let mut bounded = Bounded::default();
            values.iter().for_each(|value| bounded.add(value.clone()));
            let mut sorted: Vec<&String> = values.iter().filter(|value| *value != "…").collect();
            sorted.sort();
            sorted.dedup();
            let has_more = sorted.len() > 64 || values.iter().any(|value| value == "…");
            sorted.truncate(64);
            prop_assert_eq!(bounded.iter().collect::<Vec<_>>(), sorted);
            prop_assert_eq!(bounded.has_more(), has_more);
        }
    }
}
