//! The trails that log an account: its own, and those of its organisation.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_inventory::tables::TrailRow;
use leastgrant_inventory::{DataKind, Manifest, Timestamp};

use crate::Window;
use crate::organization::Members;
use crate::selectors::{self, Selector};
use crate::status::Logged;

/// A trail that logs an account, as far as it matters here.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    /// The account that it lies in, which alone can change it.
    pub(crate) owner: String,
    pub(crate) is_multi_region: bool,
    pub(crate) home_region: Option<String>,
    pub(crate) has_global_services: bool,
    /// What it logs; nothing if that was not collected.
    pub(crate) selectors: Option<Vec<Selector>>,
    /// What of the account's window it covers.
    pub(crate) covered: Option<Window>,
    /// Whether its status was collected.
    pub(crate) has_status: bool,
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

/// The trails of an inventory, by the accounts that see them.
pub(crate) struct AllTrails {
    by_account: BTreeMap<String, Vec<TrailRow>>,
    members: Members,
    /// When each account's trails were collected.
    given: BTreeMap<String, Timestamp>,
    not_read: BTreeSet<String>,
    is_any_not_read: bool,
}

impl AllTrails {
    pub(crate) fn of(mut rows: Vec<TrailRow>, members: Members, manifest: &Manifest) -> Self {
        share_facts(&mut rows);
        let mut by_account: BTreeMap<String, Vec<TrailRow>> = BTreeMap::new();
        for row in rows {
            by_account
                .entry(row.account_id.clone())
                .or_default()
                .push(row);
        }
        let sources = manifest.sources.iter();
        let given = sources
            .filter(|source| source.kind == DataKind::Trails)
            .filter_map(|source| Some((source.account_id.clone()?, source.earliest)))
            .collect();
        let mut all = Self {
            by_account,
            members,
            given,
            not_read: BTreeSet::new(),
            is_any_not_read: false,
        };
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

    /// The trails that log an account, with what each covers of its window.
    pub(crate) fn of_account(&self, account: &str, window: Window) -> Trails {
        // One that could not be read may leave out what is in the files, whatever the others log.
        if self.is_any_not_read || self.not_read.contains(account) {
            return Trails::NotRead;
        }
        let own = self.by_account.get(account);
        if own.is_some() || self.given.contains_key(account) {
            // A trail of the organisation that logs the account is among those that the account sees.
            let rows = own.into_iter().flatten();
            return Trails::Known(rows.map(|row| self.trail(row, account, window)).collect());
        }
        let all = self.by_account.values().flatten();
        let of_organization: BTreeMap<&str, &TrailRow> = all
            .filter(|row| row.is_organization_trail == Some(true))
            .filter(|row| self.members.has(account, owner_of(&row.arn)))
            .map(|row| (row.arn.as_str(), row))
            .collect();
        if of_organization.is_empty() {
            return Trails::NotGiven;
        }
        let rows = of_organization.into_values();
        Trails::Known(rows.map(|row| self.trail(row, account, window)).collect())
    }

    fn trail(&self, row: &TrailRow, account: &str, window: Window) -> Trail {
        let owner = owner_of(&row.arn);
        let joined_at = (owner != account)
            .then(|| self.members.joined_at(account))
            .flatten();
        let logged = Logged::of(row).map(|logged| logged.since(joined_at));
        Trail {
            owner: owner.to_owned(),
            is_multi_region: row.is_multi_region == Some(true),
            home_region: row.home_region.clone(),
            has_global_services: row.include_global_service_events != Some(false),
            selectors: match (&row.event_selectors, row.has_custom_event_selectors) {
                // What cannot be understood is not known.
                (Some(text), _) => selectors::of_json(text),
                (None, Some(false)) => Some(selectors::by_default()),
                (None, _) => None,
            },
            covered: logged.and_then(|logged| logged.within(window)),
            has_status: row.is_logging.is_some(),
        }
    }

    /// When the settings of the account's trails were collected, by the oldest answer of those that they are from.
    pub(crate) fn collected_at<'a>(
        &self,
        accounts: impl Iterator<Item = &'a str>,
    ) -> Option<Timestamp> {
        accounts
            .filter_map(|account| self.given.get(account))
            .min()
            .copied()
    }
}

/// A member account does not see what its organisation's trail selects; the management account does.
fn share_facts(rows: &mut [TrailRow]) {
    let mut whole: HashMap<String, TrailRow> = HashMap::new();
    for row in rows.iter() {
        if row.event_selectors.is_some() || row.is_logging.is_some() {
            let is_of_the_owner = row.account_id == owner_of(&row.arn);
            if is_of_the_owner || !whole.contains_key(&row.arn) {
                whole.insert(row.arn.clone(), row.clone());
            }
        }
    }
    for row in rows {
        let Some(known) = whole.get(&row.arn) else {
            continue;
        };
        if row.event_selectors.is_none() {
            row.event_selectors.clone_from(&known.event_selectors);
        }
        if row.is_logging.is_none() {
            row.is_logging = known.is_logging;
            row.started_logging_at = known.started_logging_at;
            row.stopped_logging_at = known.stopped_logging_at;
            row.last_delivered_at = known.last_delivered_at;
            row.delivery_error.clone_from(&known.delivery_error);
        }
    }
}

/// The account that a trail lies in, by its ARN.
fn owner_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
