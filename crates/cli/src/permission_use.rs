//! What an inventory's logs show of the permissions that its users and roles are granted, for the reports.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_access::{Access, Subject, SubjectKind};
use leastgrant_audit::{Owners, Settings, granted_actions};
use leastgrant_catalog::Catalog;
use leastgrant_evidence::{AccountCoverage, Evidence, Options};
use leastgrant_inventory::tables::UsageSourceRow;
use leastgrant_inventory::{Inventory, Timestamp};
use leastgrant_report::permission_use::{LoggedAccount, PermissionUse, PrincipalUse};

/// Looks at all users and roles; nothing where the inventory has no logs.
pub(crate) fn permission_use(
    inventory: &Inventory,
    settings: &Settings,
) -> anyhow::Result<Option<PermissionUse>> {
    let sources = inventory.read::<UsageSourceRow>()?;
    if sources.is_empty() {
        return Ok(None);
    }
    let evidence = Evidence::load(inventory, Options::default())?;
    let access = Access::load(inventory)?;
    let owners = Owners::load(inventory, settings)?;
    let accounts = logged_accounts(&evidence, &sources);
    let logged: BTreeSet<&str> = accounts
        .iter()
        .map(|account| account.account_id.as_str())
        .collect();
    let without = inventory.manifest().accounts.iter();
    let accounts_without_logs = without
        .filter(|account| !logged.contains(account.as_str()))
        .cloned()
        .collect();
    let principals = access
        .principals()
        .filter(|(_, subject)| matches!(subject.kind, SubjectKind::User | SubjectKind::Role))
        .map(|(_, subject)| principal_use(subject, &access, &evidence, &owners))
        .filter(|principal| principal.granted > 0 || principal.has_unknown_policies)
        .collect();
    Ok(Some(PermissionUse {
        accounts,
        accounts_without_logs,
        principals,
    }))
}

/// What the logs of each account can show.
pub(crate) fn logged_accounts(
    evidence: &Evidence,
    sources: &[UsageSourceRow],
) -> Vec<LoggedAccount> {
    evidence
        .coverage()
        .map(|coverage| logged_account(coverage, sources))
        .collect()
}

fn logged_account(coverage: AccountCoverage, sources: &[UsageSourceRow]) -> LoggedAccount {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (reason, actions) in &coverage.not_shown {
        *reasons.entry(reason.in_general()).or_default() += actions;
    }
    let mut not_shown: Vec<(String, usize)> = reasons.into_iter().collect();
    not_shown.sort_by_key(|(_, actions)| std::cmp::Reverse(*actions));
    let own = sources
        .iter()
        .filter(|source| source.account_id == coverage.account_id && source.first_event.is_some());
    let engines: BTreeSet<&str> = own.map(|source| source.engine.as_str()).collect();
    LoggedAccount {
        account_id: coverage.account_id.to_string(),
        from: coverage.window.from,
        to: coverage.window.to,
        days: coverage.window.days(),
        engines: engines.into_iter().map(str::to_owned).collect(),
        regions: coverage.regions.iter().map(ToString::to_string).collect(),
        logs_all_regions: coverage.logs_all_regions,
        shown: coverage.shown,
        not_shown,
    }
}

fn principal_use(
    subject: &Subject,
    access: &Access,
    evidence: &Evidence,
    owners: &Owners,
) -> PrincipalUse {
    let granted = granted_actions(access, subject);
    let found = evidence.use_of(&subject.arn, &granted);
    let catalog = Catalog::get();
    let services: BTreeSet<&str> = catalog
        .actions_of(&found.used)
        .map(|action| action.service().prefix())
        .collect();
    let used = evidence.used_by(&subject.arn);
    let last_used_at: Option<Timestamp> = used.filter_map(|(_, used)| used.last_seen).max();
    PrincipalUse {
        account_id: subject.account_id.to_string(),
        principal_arn: subject.arn.to_string(),
        owner: owners.of(&subject.arn),
        granted: granted.len(),
        used: found.used.len(),
        unused: found.unused.len(),
        unknown: found.unknown.len(),
        services_used: services.len(),
        last_used_at,
        has_unknown_policies: !access.policies_of(subject).unknowns.is_empty(),
    }
}
