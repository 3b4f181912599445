//! What was called and allowed, by principal: actions with the resources they were about.

use std::collections::BTreeMap;
use std::sync::Arc;

use leastgrant_inventory::tables::UsageRow;
use leastgrant_inventory::{Days, Error, Inventory, ShortText, Timestamp};
use rustc_hash::FxHashMap;

/// A use of one action on one resource: an observed authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourceUse {
    /// When it was seen first, over all rows.
    pub(crate) first: Option<Timestamp>,
    pub(crate) events: i64,
}

/// Uses of one action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActionUse {
    /// As the usage table writes it.
    pub(crate) action: ShortText,
    /// By what they were about: an ARN, or `*` where the request names none.
    pub(crate) resources: BTreeMap<Arc<str>, ResourceUse>,
    /// Events about resources that could not be told, or that are too many to be told apart.
    pub(crate) untold: i64,
    /// The days on which it was used.
    pub(crate) days: Days,
}

/// Uses by action in lower case.
pub(crate) type Uses = BTreeMap<String, ActionUse>;

/// All principals' uses.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    by_principal: FxHashMap<Arc<str>, Uses>,
}

impl Usage {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut usage = Self::default();
        for row in inventory.read::<UsageRow>()? {
            usage.add(row);
        }
        Ok(usage)
    }

    fn add(&mut self, row: UsageRow) {
        let Some(action) = row.action.filter(|_| row.outcome == "allowed") else {
            return;
        };
        let uses = self.by_principal.entry(row.principal_arn).or_default();
        let own = uses
            .entry(action.to_ascii_lowercase().into_string())
            .or_default();
        own.action = action;
        own.days.add_all(&row.active_dates);
        match row.resource.filter(|_| !row.is_resource_folded) {
            None => own.untold = own.untold.saturating_add(row.count),
            Some(resource) => {
                let found = own.resources.entry(resource).or_insert(ResourceUse {
                    first: row.first_seen,
                    events: 0,
                });
                found.events = found.events.saturating_add(row.count);
                // A row without a time leaves it open when the use began.
                found.first = match (found.first, row.first_seen) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    _ => None,
                };
            }
        }
    }

    pub(crate) fn of(&self, principal_arn: &str) -> Option<&Uses> {
        self.by_principal.get(principal_arn)
    }
}

/// Days without a new name after which none is awaited, at least.
const SETTLED_AFTER_DAYS: i64 = 30;
/// Of so many events one may be of a name that was seen once, without a new name being awaited.
const EVENTS_A_NEW_NAME: i64 = 10;

/// Whether new names are to be awaited: the chance that the next event is of one, by Good and Turing's estimate, which is names seen once
/// by events, is more than a tenth.
pub(crate) fn new_names_still_come(events: impl Iterator<Item = i64> + Clone) -> bool {
    let all = events.clone().fold(0, i64::saturating_add);
    let once = i64::try_from(events.filter(|own| *own <= 1).count()).unwrap_or(i64::MAX);
    once.saturating_mul(EVENTS_A_NEW_NAME) > all
}

impl ActionUse {
    /// The latest time at which a resource was met for the first time; none where that is not known of all.
    pub(crate) fn last_new(&self) -> Option<Timestamp> {
        self.firsts()?.pop()
    }

    fn firsts(&self) -> Option<Vec<Timestamp>> {
        let firsts: Option<Vec<Timestamp>> = self.resources.values().map(|own| own.first).collect();
        let mut firsts = firsts?;
        firsts.sort_unstable();
        Some(firsts)
    }

    /// Whether new resources have stopped coming: none came in the last month, nor in twice the longest time between two of them.
    pub(crate) fn is_settled(&self, end: Timestamp) -> bool {
        let seconds: Vec<i64> = self
            .firsts()
            .into_iter()
            .flatten()
            .map(Timestamp::as_second)
            .collect();
        let longest = seconds
            .iter()
            .zip(seconds.iter().skip(1))
            .map(|(one, other)| other - one)
            .max();
        seconds.last().is_some_and(|last| {
            let since = end.as_second() - last;
            since > SETTLED_AFTER_DAYS * 86_400 && since >= longest.unwrap_or(0).saturating_mul(2)
        })
    }

    /// Whether what it is about cannot be foreseen from what was seen.
    pub(crate) fn is_open(&self, end: Timestamp) -> bool {
        let events = self.resources.values().map(|own| own.events);
        self.untold > 0 || !self.is_settled(end) || new_names_still_come(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(days: &[&str], events: i64) -> ActionUse {
        let resources = days.iter().map(|day| {
            let first = format!("2026-{day}T00:00:00Z").parse().ok();
            (Arc::from(*day), ResourceUse { first, events })
        });
        ActionUse {
            resources: resources.collect(),
            ..ActionUse::default()
        }
    }

    #[test]
    fn names_have_stopped_coming_after_a_month_and_twice_their_longest_pause() {
        let end = "2026-10-31T23:00:00Z".parse().unwrap();
        for (days, is_settled) in [
            (["01-01", "01-01"].as_slice(), true),
            (&["10-01"], true),
            (&["10-02"], false),
            // Monthly and quarterly ones, of which the last is more than a month ago.
            (&["07-01", "08-01", "09-01"], false),
            (&["07-01", "08-01", "08-29"], true),
            (&["03-01", "06-01", "09-01"], false),
            (&[], false),
        ] {
            assert_eq!(on(days, 9).is_settled(end), is_settled, "{days:?}");
        }
        let mut unknown = on(&["01-01"], 9);
        unknown
            .resources
            .values_mut()
            .for_each(|own| own.first = None);
        assert!(!unknown.is_settled(end));
    }

    #[test]
    fn names_that_are_seen_once_each_say_that_more_are_to_come() {
        let end = "2026-10-31T23:00:00Z".parse().unwrap();
        assert!(on(&["01-01", "01-02"], 1).is_open(end));
        assert!(!on(&["01-01", "01-02"], 20).is_open(end));
        assert!(new_names_still_come([1, 8].into_iter()));
        assert!(!new_names_still_come([1, 9].into_iter()));
    }
}
