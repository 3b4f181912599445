//! The evidence of an inventory, and the decision.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use leastgrant_catalog::{ActionInfo, Catalog};
use leastgrant_inventory::tables::UsageSourceRow;
use leastgrant_inventory::{
    DataKind, Error, Inventory, Manifest, ShortText, Timestamp, account_of_arn,
};

use crate::changes::{settled, watched};
use crate::delivery::Deliveries;
use crate::gaps::unreadable;
use crate::grants::Shown;
use crate::last_accessed::{self, Access, LastAccessed};
use crate::organization::Members;
use crate::principals::{Principals, is_user};
use crate::seen::{AllSeen, Seen, SeenEvents};
use crate::shown::{Logs, shown};
use crate::trails::{AllTrails, Trails};
use crate::window::{Covered, Window, covered};
use crate::{Reason, Unused, Use, Verdict};

/// By so many seconds last-accessed data may be later than the call that they are of, which delays of their own make.
const CLEARLY_LATER: i64 = 86_400;

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
    pub(crate) options: Options,
    pub(crate) accounts: BTreeMap<ShortText, Account>,
    pub(crate) seen: AllSeen,
    pub(crate) last_accessed: LastAccessed,
    pub(crate) principals: Principals,
    /// Actions that users used who are not there any more, by accounts in which users were renamed; in lower case.
    by_renamed: HashMap<ShortText, HashSet<ShortText>>,
    /// Accounts of which events were read that somebody passed on.
    passed_on: HashSet<ShortText>,
}

/// What was read of an account.
pub(crate) struct Account {
    pub(crate) covered: Covered,
    /// The part of the time for which the trails' settings hold.
    window: Window,
    trails: Trails,
    deliveries: Deliveries,
    /// What makes everything of the account unknown.
    reasons: Vec<Reason>,
    /// When the inventory's answers of the account were collected.
    collected_at: Option<Timestamp>,
    /// Which actions' calls would have been seen, once somebody asked.
    pub(crate) shown: OnceLock<Shown>,
}

/// What the logs of one account can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCoverage {
    /// Twelve digits.
    pub account_id: ShortText,
    /// The time that the logs cover without a break.
    pub window: Window,
    /// The Regions that events were seen of in that time.
    pub regions: BTreeSet<ShortText>,
    /// Whether a trail logs the other Regions too: then nothing was done there, or files are missing, which nothing tells. If not, what was done in them is not known, and `shown` is of `regions` only.
    pub logs_all_regions: bool,
    /// How many actions of the catalogue would have been seen if they had been used.
    pub shown: usize,
    /// How many would not, for their first reason.
    pub not_shown: BTreeMap<Reason, usize>,
}

/// What all accounts share.
struct Loading<'a> {
    manifest: &'a Manifest,
    covered: &'a BTreeMap<ShortText, Covered>,
    trails: &'a AllTrails,
    seen: &'a AllSeen,
    options: Options,
}

impl Account {
    fn load(account: &ShortText, covered: &Covered, loading: &Loading<'_>) -> Self {
        let Loading {
            manifest,
            trails,
            seen,
            options,
            ..
        } = loading;
        let window = covered.files_window.unwrap_or(covered.window);
        let sources = manifest.sources.iter().filter(|source| {
            source.kind != DataKind::CloudTrail
                && source
                    .account_id
                    .as_deref()
                    .is_none_or(|own| own == account.as_str())
        });
        let mut account_of = Self {
            window,
            trails: trails.of_account(account, window),
            covered: covered.clone(),
            deliveries: Deliveries::default(),
            reasons: unreadable(&manifest.gaps, account, covered.window)
                .into_iter()
                .collect(),
            collected_at: sources.map(|source| source.collected_at).max(),
            shown: OnceLock::new(),
        };
        let least_days = options.least_days;
        // Event history is not a trail's, whatever trails there are.
        if let Trails::Known(known) = &account_of.trails
            && !covered.is_history()
        {
            let nothing = SeenEvents::default();
            let events = seen.by_anybody.get(account).unwrap_or(&nothing);
            account_of.deliveries = Deliveries::of(known, events, covered);
            match watched(window, account, known, loading.covered) {
                (watched, Some(reason)) if watched.days() < least_days => {
                    account_of.reasons.push(reason);
                }
                (watched, _) => account_of.window = watched,
            }
            let changes = &seen.trail_changes;
            match settled(account_of.window, account, known, trails, changes) {
                Ok((window, None)) => account_of.window = window,
                Ok((window, Some(_))) if window.days() >= least_days => {
                    account_of.window = window;
                }
                Ok((_, Some(reason))) | Err(reason) => account_of.reasons.push(reason),
            }
        }
        account_of
    }

    fn logs(&self, options: Options) -> Logs<'_> {
        Logs {
            covered: &self.covered,
            window: self.window,
            trails: &self.trails,
            deliveries: &self.deliveries,
            least_days: options.least_days,
            collected_at: self.collected_at,
        }
    }

    /// The time for which all calls of an action must be in the logs, whoever made them, and why calls could be missing.
    pub(crate) fn shown(&self, action: ActionInfo, options: Options) -> (Window, Vec<Reason>) {
        let (window, mut reasons) = shown(action, &self.logs(options));
        reasons.extend(self.reasons.iter().cloned());
        (window, reasons)
    }

    /// Whether a user that was renamed would have been seen, whenever it was.
    fn shows_renaming(&self, options: Options) -> bool {
        let action = Catalog::get().action("iam:UpdateUser");
        action.is_some_and(|action| {
            let (window, reasons) = self.shown(action, options);
            reasons.is_empty() && window.from <= self.window.from
        })
    }

    fn logs_all_regions(&self) -> bool {
        matches!(self.trails, Trails::Known(_)) && !self.covered.is_history()
    }
}

impl Evidence {
    /// Reads what the inventory has.
    ///
    /// # Errors
    /// A table that is missing or damaged.
    pub fn load(inventory: &Inventory, options: Options) -> Result<Self, Error> {
        let manifest = inventory.manifest();
        let members = Members::load(inventory)?;
        let trails = AllTrails::of(inventory.read()?, members, manifest);
        let principals = Principals::load(inventory)?;
        let seen = AllSeen::of(inventory.read()?, &principals);
        let sources = inventory.read::<UsageSourceRow>()?;
        let passed_on = sources.iter().filter(|row| &*row.engine == "use_only");
        let passed_on = passed_on.map(|row| row.account_id.clone());
        let covered = covered(&sources);
        let loading = Loading {
            manifest,
            covered: &covered,
            trails: &trails,
            seen: &seen,
            options,
        };
        let accounts: BTreeMap<ShortText, Account> = covered
            .iter()
            .map(|(account, covered)| {
                let read = Account::load(account, covered, &loading);
                (account.clone(), read)
            })
            .collect();
        let may_rename = |account: &str| {
            seen.with_renamed_users.contains(account)
                || accounts
                    .get(account)
                    .is_some_and(|own| !own.shows_renaming(options))
        };
        let by_renamed = by_renamed(&seen, &principals, may_rename);
        Ok(Self {
            principals,
            by_renamed,
            passed_on: passed_on.collect(),
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
        let account_id = account_of(principal_arn);
        let Some(account) = self.accounts.get(account_id) else {
            return Verdict::Unknown(vec![match self.passed_on.contains(account_id) {
                true => Reason::OnlyPassedOn,
                false => Reason::NoEvents,
            }]);
        };
        let (window, mut reasons) = self.against(account, account_id, principal_arn, &action, seen);
        reasons.sort_unstable();
        reasons.dedup();
        if !reasons.is_empty() {
            return Verdict::Unknown(reasons);
        }
        Verdict::Unused(Unused {
            window,
            denied: seen.denied.get(&*action).copied().unwrap_or_default(),
            regions: account.covered.regions.clone(),
            logs_all_regions: account.logs_all_regions(),
            service_last_accessed: self.service_access(principal_arn, &action),
        })
    }

    /// The actions that a principal used, in lower case and in no order.
    pub fn used_by(&self, principal_arn: &str) -> impl Iterator<Item = (&str, &Use)> {
        let seen = self.seen.principals.get(principal_arn);
        let used = seen.into_iter().flat_map(|seen| &seen.used);
        used.map(|(action, used)| (&**action, used))
    }

    /// The time of an action's unused verdict, and why a use could have gone unseen.
    fn against(
        &self,
        account: &Account,
        account_id: &str,
        principal_arn: &str,
        action: &str,
        seen: &Seen,
    ) -> (Window, Vec<Reason>) {
        let service = action.split(':').next().unwrap_or_default();
        let (mut window, mut reasons) = match Catalog::get().action(action) {
            Some(known) => account.shown(known, self.options),
            None => {
                let mut reasons = account.reasons.clone();
                reasons.push(Reason::ActionNotKnown);
                (account.window, reasons)
            }
        };
        match self.telling_part(principal_arn, window) {
            Ok(since) => window = since,
            Err(reason) if reasons.is_empty() => reasons.push(reason),
            Err(_) => {}
        }
        if let Some(event) = seen.unmapped.get(service) {
            reasons.push(Reason::UnmappedEvents {
                event: event.clone(),
            });
        }
        let any = format!("{service}:*");
        let by_nobody = self.seen.by_nobody.get(account_id);
        if by_nobody.is_some_and(|actions| actions.contains(action) || actions.contains(&*any)) {
            reasons.push(Reason::CallerNotTold);
        }
        let by_renamed = self.by_renamed_users(account_id, principal_arn);
        if by_renamed.is_some_and(|actions| actions.contains(action) || actions.contains(&*any)) {
            reasons.push(Reason::CallerMayBeRenamed);
        }
        reasons.extend(self.contradiction(account, principal_arn, service, seen));
        (window, reasons)
    }

    /// Last-accessed data that show what the logs do not.
    pub(crate) fn contradiction(
        &self,
        account: &Account,
        principal_arn: &str,
        service: &str,
        seen: &Seen,
    ) -> Option<Reason> {
        let access = self.last_accessed.get(principal_arn)?.get(service)?;
        let window = account.covered.window;
        let is_missing = |access: &Access, seen: Option<Timestamp>| {
            let is_later = |least: i64| {
                seen.is_none_or(|seen| access.at.as_second() - seen.as_second() > least)
            };
            let is_elsewhere = access
                .region
                .as_ref()
                .is_some_and(|region| !account.covered.regions.contains(region));
            access.at >= window.from
                && (is_elsewhere
                    || is_later(CLEARLY_LATER)
                    || (access.at > window.to && is_later(0)))
        };
        let last = seen.services.get(service).copied().flatten();
        if let Some(access) = access.last.as_ref().filter(|one| is_missing(one, last)) {
            return Some(Reason::LastAccessedNotInLogs {
                what: service.into(),
                at: access.at,
            });
        }
        let actions = access.actions.iter();
        actions
            .filter(|(name, access)| {
                let last = seen.actions.get(&*format!("{service}:{name}"));
                is_missing(access, last.copied().flatten())
            })
            .min()
            .map(|(name, access)| Reason::LastAccessedNotInLogs {
                what: format!("{service}:{name}").into(),
                at: access.at,
            })
    }

    /// Actions that a user may have used by another name.
    pub(crate) fn by_renamed_users(
        &self,
        account_id: &str,
        principal_arn: &str,
    ) -> Option<&HashSet<ShortText>> {
        self.by_renamed
            .get(account_id)
            .filter(|_| is_user(principal_arn))
    }

    fn service_access(&self, principal_arn: &str, action: &str) -> Option<Timestamp> {
        let service = action.split(':').next()?;
        let service = self.last_accessed.get(principal_arn)?.get(service)?;
        service.last.as_ref().map(|access| access.at)
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
            logs_all_regions: account.logs_all_regions(),
            shown: 0,
            not_shown: BTreeMap::new(),
        };
        for action in Catalog::get().actions() {
            let (_, reasons) = account.shown(action, self.options);
            match reasons.into_iter().min() {
                None => coverage.shown += 1,
                Some(reason) => *coverage.not_shown.entry(reason).or_default() += 1,
            }
        }
        coverage
    }
}

/// What users used who are not there any more, where some were renamed, or may have been.
fn by_renamed(
    seen: &AllSeen,
    principals: &Principals,
    may_rename: impl Fn(&str) -> bool,
) -> HashMap<ShortText, HashSet<ShortText>> {
    let mut by_renamed: HashMap<ShortText, HashSet<ShortText>> = HashMap::new();
    for (arn, own) in &seen.principals {
        let account = account_of(arn);
        if principals.is_user_that_went(arn) && may_rename(account) {
            let actions = by_renamed.entry(account.into()).or_default();
            actions.extend(own.used.keys().cloned());
            actions.extend(
                own.unmapped
                    .keys()
                    .map(|service| format!("{service}:*").into()),
            );
        }
    }
    by_renamed
}

/// The account in a principal's ARN.
pub(crate) fn account_of(principal_arn: &str) -> &str {
    account_of_arn(principal_arn).unwrap_or_default()
}
