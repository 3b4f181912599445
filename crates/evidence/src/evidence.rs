//! The evidence of an inventory, and the decision.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_catalog::{AccessLevel, ActionInfo, Catalog};
use leastgrant_inventory::tables::{TrailRow, UsageSourceRow};
use leastgrant_inventory::{DataKind, Error, Gap, Inventory, ShortText};

use crate::last_accessed::{self, LastAccessed};
use crate::seen::{AllSeen, Seen, TrailChange};
use crate::trails::{self, AllTrails, Trails};
use crate::window::{Covered, Window, covered, date};
use crate::{Reason, Unused, Verdict};

/// What is asked of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A window of fewer days proves nothing unused. What is done every quarter is not seen in a shorter one.
    pub least_days: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self { least_days: 90 }
    }
}

/// What an inventory tells of use.
pub struct Evidence {
    options: Options,
    accounts: BTreeMap<ShortText, Account>,
    seen: AllSeen,
    last_accessed: LastAccessed,
}

struct Account {
    covered: Covered,
    trails: Trails,
    /// What makes everything of the account unknown.
    reasons: Vec<Reason>,
}

/// What the logs of one account can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCoverage {
    /// Twelve digits.
    pub account_id: ShortText,
    /// The time that the logs cover without a break.
    pub window: Window,
    /// The Regions that events were seen of.
    pub regions: BTreeSet<ShortText>,
    /// How many actions of the catalogue would have been seen if they had been used.
    pub shown: usize,
    /// How many would not, for their first reason.
    pub not_shown: BTreeMap<Reason, usize>,
}

impl Evidence {
    /// Reads what the inventory has.
    ///
    /// # Errors
    /// A table that is missing or damaged.
    pub fn load(inventory: &Inventory, options: Options) -> Result<Self, Error> {
        let manifest = inventory.manifest();
        let trails = AllTrails::of(&inventory.read::<TrailRow>()?, manifest);
        let seen = AllSeen::of(inventory.read()?);
        let accounts = covered(&inventory.read::<UsageSourceRow>()?)
            .into_iter()
            .map(|(account, covered)| {
                let mut reasons = Vec::new();
                if covered.window.days() < options.least_days {
                    reasons.push(Reason::WindowTooShort {
                        days: covered.window.days(),
                        least_days: options.least_days,
                    });
                }
                reasons.extend(unreadable(&manifest.gaps, &account, covered.window));
                let trails = trails.of_account(&account);
                if matches!(trails, Trails::Known(_)) {
                    let changes = seen.trail_changes.get(&account);
                    reasons.extend(changed(changes.into_iter().flatten(), covered.window));
                }
                let account_of = Account {
                    covered,
                    trails,
                    reasons,
                };
                (account, account_of)
            })
            .collect();
        Ok(Self {
            options,
            accounts,
            seen,
            last_accessed: last_accessed::load(inventory)?,
        })
    }

    /// What was asked.
    #[must_use]
    pub fn options(&self) -> Options {
        self.options
    }

    /// What is known of a principal's use of an action, such as `s3:ListAllMyBuckets`, in any case.
    #[must_use]
    pub fn verdict(&self, principal_arn: &str, action: &str) -> Verdict {
        let action = action.to_lowercase();
        let nothing = Seen::default();
        let seen = self.seen.principals.get(principal_arn).unwrap_or(&nothing);
        if let Some(used) = seen.used.get(&*action) {
            return Verdict::Used(used.clone());
        }
        let account_id = principal_arn.split(':').nth(4).unwrap_or_default();
        let account = self.accounts.get(account_id);
        let mut reasons = match account {
            None => vec![Reason::NoEvents],
            Some(account) => self.against(account, account_id, principal_arn, &action, seen),
        };
        reasons.sort_unstable();
        reasons.dedup();
        match account {
            Some(account) if reasons.is_empty() => Verdict::Unused(Unused {
                window: account.covered.window,
                denied: seen.denied.get(&*action).copied().unwrap_or_default(),
                regions: account.covered.regions.clone(),
                logs_all_regions: matches!(account.trails, Trails::Known(_))
                    && !account.covered.is_history,
                service_last_accessed: self.service_access(principal_arn, &action),
            }),
            _ => Verdict::Unknown(reasons),
        }
    }

    /// Why a use of the action could have gone unseen.
    fn against(
        &self,
        account: &Account,
        account_id: &str,
        principal_arn: &str,
        action: &str,
        seen: &Seen,
    ) -> Vec<Reason> {
        let mut reasons = account.reasons.clone();
        let service = action.split(':').next().unwrap_or_default();
        match Catalog::get().action(action) {
            Some(known) => reasons.extend(self.not_shown(account, account_id, known)),
            None => reasons.push(Reason::ActionNotKnown),
        }
        if let Some(event) = seen.unmapped.get(service) {
            reasons.push(Reason::UnmappedEvents {
                event: event.clone(),
            });
        }
        let by_nobody = self.seen.by_nobody.get(account_id);
        if by_nobody.is_some_and(|actions| actions.contains(action)) {
            reasons.push(Reason::CallerNotTold);
        }
        reasons.extend(self.contradiction(account, principal_arn, service, seen));
        reasons
    }

    /// Why calls of an action could be missing in an account's logs, whoever made them.
    fn not_shown(&self, account: &Account, account_id: &str, action: ActionInfo) -> Vec<Reason> {
        let seen = self.seen.by_anybody.get(account_id);
        let mut reasons = trails::reasons(action, &account.trails, &account.covered, seen);
        if action.levels().contains(AccessLevel::Tagging) {
            reasons.push(Reason::NeededWithinOtherCalls);
        }
        reasons
    }

    /// Last-accessed data that show what the logs do not.
    fn contradiction(
        &self,
        account: &Account,
        principal_arn: &str,
        service: &str,
        seen: &Seen,
    ) -> Option<Reason> {
        let access = self.last_accessed.get(principal_arn)?.get(service)?;
        let window = account.covered.window;
        let is_inside = |at: &leastgrant_inventory::Timestamp| window.contains(*at);
        if !seen.services.contains(service)
            && let Some(at) = access.at.filter(is_inside)
        {
            return Some(Reason::LastAccessedNotInLogs {
                what: service.into(),
                at,
            });
        }
        let is_missing = |name: &str| {
            let action = format!("{service}:{name}");
            !seen.used.contains_key(&*action) && !seen.denied.contains_key(&*action)
        };
        let actions = access.actions.iter();
        actions
            .filter(|(name, at)| is_inside(at) && is_missing(name))
            .min()
            .map(|(name, at)| Reason::LastAccessedNotInLogs {
                what: format!("{service}:{name}").into(),
                at: *at,
            })
    }

    fn service_access(
        &self,
        principal_arn: &str,
        action: &str,
    ) -> Option<leastgrant_inventory::Timestamp> {
        let service = action.split(':').next()?;
        self.last_accessed.get(principal_arn)?.get(service)?.at
    }

    /// How many accounts have logs.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// What the logs of each account can show, over all actions of the catalogue. Each takes some milliseconds.
    pub fn coverage(&self) -> impl Iterator<Item = AccountCoverage> + '_ {
        self.accounts
            .iter()
            .map(|(account_id, account)| self.coverage_of(account_id, account))
    }

    fn coverage_of(&self, account_id: &ShortText, account: &Account) -> AccountCoverage {
        let mut coverage = AccountCoverage {
            account_id: account_id.clone(),
            window: account.covered.window,
            regions: account.covered.regions.clone(),
            shown: 0,
            not_shown: BTreeMap::new(),
        };
        for action in Catalog::get().actions() {
            let mut reasons = account.reasons.clone();
            reasons.extend(self.not_shown(account, account_id, action));
            match reasons.into_iter().min() {
                None => coverage.shown += 1,
                Some(reason) => *coverage.not_shown.entry(reason).or_default() += 1,
            }
        }
        coverage
    }
}

/// The first call that changed what is logged, if one can have been inside the window.
fn changed<'a>(changes: impl Iterator<Item = &'a TrailChange>, window: Window) -> Option<Reason> {
    let inside = changes.filter(|change| {
        let is_before = change.last.is_some_and(|last| last < window.from);
        let is_after = change.first.is_some_and(|first| first > window.to);
        !is_before && !is_after
    });
    let event = inside.map(|change| change.event.to_string()).min()?;
    Some(Reason::TrailsChanged { event })
}

/// The files of an account and time that could not be read. What does not tell its account or day can be of any.
fn unreadable(gaps: &[Gap], account: &str, window: Window) -> Option<Reason> {
    let gaps = gaps.iter().filter(|gap| {
        gap.unknowable.contains(&DataKind::CloudTrail)
            && gap.account_id.as_deref().is_none_or(|own| own == account)
            && day_of_file(&gap.source)
                .is_none_or(|day| date(window.from) <= day && day <= date(window.to))
    });
    let mut files: Vec<&str> = gaps.map(|gap| &*gap.source).collect();
    files.sort_unstable();
    let first = files.first()?;
    Some(Reason::UnreadableFiles {
        files: files.len(),
        first: (*first).to_owned(),
    })
}

/// The day of a delivered file, `…/CloudTrail/REGION/YYYY/MM/DD/FILE`, as `yyyy-mm-dd`.
fn day_of_file(path: &str) -> Option<String> {
    let (_, after) = path.rsplit_once("/CloudTrail/")?;
    let parts: Vec<&str> = after.split('/').collect();
    let [_, year, month, day, _] = parts.as_slice() else {
        return None;
    };
    let is_date = [*year, month, day]
        .into_iter()
        .zip([4, 2, 2])
        .all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    is_date.then(|| format!("{year}-{month}-{day}"))
}
