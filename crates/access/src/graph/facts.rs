//! What the graph needs of an inventory beside policies: keys, passwords, instance profiles, older versions of policies.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use leastgrant_inventory::tables::{
    AccessKeyRow, InstanceProfileRow, ManagedPolicyRow, PolicyVersionRow, UserRow,
};
use leastgrant_inventory::{DataKind, Error, Inventory};
use leastgrant_policy::Policy;
use rayon::prelude::*;

use super::attached::ManagedPolicies;
use super::told::Traits;

/// By account and ARN the documents of versions that are not in force.
type OlderVersions = HashMap<(Box<str>, Box<str>), Vec<Policy>>;

/// What exists that an escalation needs or that stands in its way.
#[derive(Debug, Default)]
pub struct GraphFacts {
    pub(super) logins: HashMap<Box<str>, Login>,
    pub(super) roles_in_profiles: HashSet<Box<str>>,
    /// Accounts of which all instance profiles are known.
    pub(super) accounts_with_profiles: HashSet<Box<str>>,
    pub(super) older_versions: OlderVersions,
    pub(super) managed: Arc<ManagedPolicies>,
    pub(super) traits: Arc<Traits>,
}

/// How a user can sign in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Login {
    /// How many access keys it has, active or not; none if not all are known.
    pub keys: Option<usize>,
    /// Whether it has a password; none if that is not known.
    pub has_password: Option<bool>,
}

impl GraphFacts {
    /// Reads them.
    ///
    /// # Errors
    /// A table that is missing or damaged.
    pub fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut facts = Self::default();
        let mut keys: HashMap<String, usize> = HashMap::new();
        for row in inventory.read::<AccessKeyRow>()? {
            *keys.entry(row.user_arn).or_default() += 1;
        }
        let users = inventory.read::<UserRow>()?;
        for row in &users {
            let known = keys.get(&row.arn).copied().unwrap_or_default();
            let login = Login {
                // Two are the most that a user can have.
                keys: (row.access_keys_known || known >= 2).then_some(known),
                has_password: row.password_enabled,
            };
            facts.logins.insert(row.arn.as_str().into(), login);
        }
        for row in inventory.read::<InstanceProfileRow>()? {
            facts
                .roles_in_profiles
                .extend(row.role_arn.map(String::into_boxed_str));
        }
        for source in &inventory.manifest().sources {
            let shows_profiles = matches!(
                source.kind,
                DataKind::AuthorizationDetails | DataKind::InstanceProfiles
            );
            if let Some(account_id) = source.account_id.as_deref()
                && shows_profiles
                && source.complete
            {
                facts.accounts_with_profiles.insert(account_id.into());
            }
        }
        let policies = inventory.read::<ManagedPolicyRow>()?;
        let versions = inventory.read::<PolicyVersionRow>()?;
        facts.older_versions = older_versions(&policies, &versions);
        facts.managed = Arc::new(ManagedPolicies::of(
            &policies,
            &versions,
            inventory.manifest(),
        ));
        facts.traits = Arc::new(Traits::load(inventory, users)?);
        Ok(facts)
    }
}

/// Those of AWS's policies are left out, since nobody can make them the default.
fn older_versions(policies: &[ManagedPolicyRow], versions: &[PolicyVersionRow]) -> OlderVersions {
    let own = policies.iter().filter(|row| !row.is_aws_managed);
    let defaults: HashMap<(&str, &str), &str> = own
        .filter_map(|row| {
            let version = row.default_version_id.as_deref()?;
            Some(((&*row.account_id, &*row.arn), version))
        })
        .collect();
    let older = versions.iter().filter(|row| {
        let default = defaults.get(&(&*row.account_id, &*row.policy_arn));
        default.is_some_and(|default| *default != row.version_id)
    });
    let read: Vec<(_, Policy)> = older
        .collect::<Vec<_>>()
        .into_par_iter()
        .filter_map(|row| {
            let policy = Policy::parse(row.document.as_deref()?).ok()?;
            let key = (
                row.account_id.as_str().into(),
                row.policy_arn.as_str().into(),
            );
            Some((key, policy))
        })
        .collect();
    let mut all = OlderVersions::new();
    for (key, policy) in read {
        all.entry(key).or_default().push(policy);
    }
    all
}
