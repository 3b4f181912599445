//! An inventory's rows grouped by account and principal, as rules ask for them.

use std::collections::{BTreeMap, HashMap};

use leastgrant_inventory::tables::{
    AccessKeyRow, AccountSummaryRow, IdentityProviderRow, LastAccessedTimeRow,
    LongLivedCredentialRow, PasswordPolicyRow, RoleRow, UserRow,
};
use leastgrant_inventory::{DataKind, Error, Gap, Inventory, Source, Timestamp};

use crate::logged_use::LoggedUse;
use crate::owner;

/// A user with its credentials.
#[derive(Debug, Default)]
pub(crate) struct UserFacts {
    pub user: UserRow,
    pub keys: Vec<AccessKeyRow>,
    pub long_lived: Vec<LongLivedCredentialRow>,
}

/// One account.
#[derive(Debug, Default)]
pub(crate) struct AccountFacts {
    pub account_id: String,
    pub partition: String,
    /// IAM users, sorted by ARN.
    pub users: Vec<UserFacts>,
    /// The root user, if the credential report showed it.
    pub root: Option<UserFacts>,
    pub roles: Vec<RoleRow>,
    pub identity_providers: Vec<IdentityProviderRow>,
    pub password_policy: Option<PasswordPolicyRow>,
    pub summary: HashMap<String, i64>,
    pub sources: Vec<Source>,
    pub gaps: Vec<Gap>,
}

/// All accounts, and what is asked by ARN.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub accounts: Vec<AccountFacts>,
    pub tags: HashMap<String, Vec<(String, String)>>,
    /// The latest use that last-accessed data show for a principal, of any service.
    pub last_accessed: HashMap<String, Timestamp>,
    pub logged_use: LoggedUse,
}

impl Facts {
    pub(crate) fn load(inventory: &Inventory, as_of: Timestamp) -> Result<Self, Error> {
        let manifest = inventory.manifest();
        let mut sources = group(manifest.sources.iter().cloned(), |own: &Source| {
            own.account_id.as_ref()
        });
        let mut gaps = group(manifest.gaps.iter().cloned(), |own: &Gap| {
            own.account_id.as_ref()
        });
        let mut accounts: BTreeMap<String, AccountFacts> = BTreeMap::new();
        for row in inventory.read::<leastgrant_inventory::tables::AccountRow>()? {
            let account = AccountFacts {
                sources: sources.remove(&row.account_id).unwrap_or_default(),
                gaps: gaps.remove(&row.account_id).unwrap_or_default(),
                account_id: row.account_id.clone(),
                partition: row.partition,
                ..AccountFacts::default()
            };
            accounts.insert(row.account_id, account);
        }
        let mut keys: HashMap<String, Vec<AccessKeyRow>> =
            group(inventory.read()?, |row: &AccessKeyRow| Some(&row.user_arn));
        let mut long_lived: HashMap<String, Vec<LongLivedCredentialRow>> =
            group(inventory.read()?, |row: &LongLivedCredentialRow| {
                Some(&row.user_arn)
            });
        for user in inventory.read::<UserRow>()? {
            let Some(account) = accounts.get_mut(&user.account_id) else {
                continue;
            };
            let facts = UserFacts {
                keys: keys.remove(&user.arn).unwrap_or_default(),
                long_lived: long_lived.remove(&user.arn).unwrap_or_default(),
                user,
            };
            if facts.user.is_root {
                account.root = Some(facts);
            } else {
                account.users.push(facts);
            }
        }
        for provider in inventory.read::<IdentityProviderRow>()? {
            if let Some(account) = accounts.get_mut(&provider.account_id) {
                account.identity_providers.push(provider);
            }
        }
        for role in inventory.read::<RoleRow>()? {
            if let Some(account) = accounts.get_mut(&role.account_id) {
                account.roles.push(role);
            }
        }
        for policy in inventory.read::<PasswordPolicyRow>()? {
            if let Some(account) = accounts.get_mut(&policy.account_id) {
                account.password_policy = Some(policy);
            }
        }
        for counter in inventory.read::<AccountSummaryRow>()? {
            if let Some(account) = accounts.get_mut(&counter.account_id) {
                account.summary.insert(counter.name, counter.value);
            }
        }
        let mut last_accessed: HashMap<String, Timestamp> = HashMap::new();
        for row in inventory.read::<LastAccessedTimeRow>()? {
            let Some(at) = row.last_authenticated_at else {
                continue;
            };
            last_accessed
                .entry(row.principal_arn)
                .and_modify(|latest| *latest = at.max(*latest))
                .or_insert(at);
        }
        Ok(Self {
            accounts: accounts.into_values().collect(),
            tags: owner::tags(inventory)?,
            last_accessed,
            logged_use: LoggedUse::load(inventory, as_of)?,
        })
    }
}

/// Rows by whom they are of; those of nobody are left out.
fn group<R>(
    rows: impl IntoIterator<Item = R>,
    owner: impl Fn(&R) -> Option<&String>,
) -> HashMap<String, Vec<R>> {
    let mut groups: HashMap<String, Vec<R>> = HashMap::new();
    for row in rows {
        let Some(own) = owner(&row) else {
            continue;
        };
        match groups.get_mut(own) {
            Some(group) => group.push(row),
            None => {
                groups.insert(own.clone(), vec![row]);
            }
        }
    }
    groups
}

impl AccountFacts {
    /// The ARN that findings about the account or its root user carry.
    pub(crate) fn root_arn(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.account_id)
    }

    pub(crate) fn source(&self, kind: DataKind) -> Option<&Source> {
        self.sources.iter().find(|source| source.kind == kind)
    }

    /// A counter of the account summary.
    pub(crate) fn counter(&self, name: &str) -> Option<i64> {
        self.summary.get(name).copied()
    }

    /// The root user as a credential report showed it; other answers show no credentials of it.
    pub(crate) fn reported_root(&self) -> Option<&UserFacts> {
        self.root
            .as_ref()
            .filter(|root| root.user.access_keys_known)
    }

    /// Why it cannot be said that all users of the account are known; none if it can.
    pub(crate) fn users_missing(&self) -> Option<String> {
        // Keys of a user whom no list shows: the lists are not whole, whatever they say of themselves.
        let of_a_stranger = |gap: &&Gap| {
            gap.unknowable.contains(&DataKind::Users)
                && gap.unknowable.contains(&DataKind::AccessKeys)
        };
        if let Some(gap) = self.gaps.iter().find(of_a_stranger) {
            return Some(format!(
                "not all users are known (`{}` {})",
                gap.source, gap.reason
            ));
        }
        let known = i64::try_from(self.users.len()).unwrap_or(i64::MAX);
        if let Some(counted) = self.counter("Users").filter(|counted| *counted > known) {
            return Some(format!(
                "the account summary counts {counted} users, and {known} are known"
            ));
        }
        let is_whole = |kind| self.source(kind).is_some_and(|source| source.complete);
        // A whole report always has the root user's row; without it the file is a part of one.
        if self.reported_root().is_some() && is_whole(DataKind::CredentialReport) {
            return None;
        }
        let is_none = self.counter("Users") == Some(0);
        let details_show_users = is_none || self.users.iter().any(|user| user.user.details_known);
        if is_whole(DataKind::AuthorizationDetails) && details_show_users
            || is_whole(DataKind::Users)
        {
            return None;
        }
        if is_whole(DataKind::AuthorizationDetails) {
            // `get-account-authorization-details --filter Role` has an empty list of users as well.
            return Some("authorization details show no user, which a filter does too; add the credential report or the account summary".to_owned());
        }
        if is_whole(DataKind::CredentialReport) {
            return Some(
                "the credential report has no row of the root user, so it is only a part of one"
                    .to_owned(),
            );
        }
        let damaged = [
            DataKind::CredentialReport,
            DataKind::AuthorizationDetails,
            DataKind::Users,
        ]
        .into_iter()
        .any(|kind| self.source(kind).is_some());
        Some(if damaged {
            "not all users are known, since the lists of users could not be read whole".to_owned()
        } else {
            "no list of users was collected (credential report, authorization details)".to_owned()
        })
    }
}

impl UserFacts {
    /// The keys that can be used.
    pub(crate) fn active_keys(&self) -> impl Iterator<Item = &AccessKeyRow> {
        self.keys.iter().filter(|key| key.is_active)
    }
}
