//! Rows of the inventory beside policies and usage: ages, groups, attachments, permission sets.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use leastgrant_inventory::tables::{
    GroupRow, ManagedPolicyRow, PermissionSetAssignmentRow, PermissionSetRow, PolicyAttachmentRow,
    PolicyVersionRow, RoleRow, UserRow,
};
use leastgrant_inventory::{Error, Inventory, Text, Timestamp};

/// A permission set that Identity Center made roles of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PermissionSet {
    pub(crate) arn: String,
    pub(crate) name: String,
    accounts: BTreeSet<String>,
    /// Whether these are all that it is in.
    accounts_known: bool,
}

/// A stored version of a managed policy.
#[derive(Debug, Clone)]
pub(crate) struct StoredVersion {
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) document: Option<Text>,
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    created: HashMap<String, Option<Timestamp>>,
    service_linked: HashSet<String>,
    /// Names of Identity Center's roles, by ARN: the permission set's name.
    of_identity_center: HashMap<String, String>,
    groups: HashMap<(String, String), String>,
    attachments: HashMap<(String, String), i64>,
    attachment_counts: HashMap<(String, String), i64>,
    /// The versions of customer-managed policies, the oldest first; those whose time is not known come last.
    versions: HashMap<(String, String), Vec<StoredVersion>>,
    permission_sets: BTreeMap<String, Vec<PermissionSet>>,
    /// Accounts in which a permission set's role was met, by its name.
    provisioned: BTreeMap<String, BTreeSet<String>>,
    /// Policies that are attached to nothing and bound nobody.
    pub(crate) unattached: BTreeSet<(String, String)>,
}

const RESERVED: &str = "AWSReservedSSO_";
const PATH: &str = "/aws-reserved/sso.amazonaws.com/";

impl Tables {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut tables = Self::default();
        for row in inventory.read::<UserRow>()? {
            tables.created.insert(row.arn, row.created_at);
        }
        for row in inventory.read::<RoleRow>()? {
            if row.is_service_linked {
                tables.service_linked.insert(row.arn.clone());
            }
            if let Some(set) = set_of_role(&row.path, &row.role_name) {
                let accounts = tables.provisioned.entry(set.to_owned()).or_default();
                accounts.insert(row.account_id);
                tables
                    .of_identity_center
                    .insert(row.arn.clone(), set.to_owned());
            }
            tables.created.insert(row.arn, row.created_at);
        }
        for row in inventory.read::<GroupRow>()? {
            tables
                .groups
                .insert((row.account_id, row.group_name), row.arn);
        }
        for row in inventory.read::<PolicyAttachmentRow>()? {
            let key = (row.account_id, row.policy_arn);
            *tables.attachments.entry(key).or_default() += 1;
        }
        for row in inventory.read::<ManagedPolicyRow>()? {
            let key = (row.account_id, row.arn);
            if row.attachment_count == Some(0)
                && row.permissions_boundary_usage_count == Some(0)
                && !row.is_aws_managed
                && !tables.attachments.contains_key(&key)
            {
                tables.unattached.insert(key.clone());
            }
            if let Some(count) = row.attachment_count {
                tables.attachment_counts.insert(key, count);
            }
        }
        tables.load_versions(inventory)?;
        tables.load_permission_sets(inventory)?;
        Ok(tables)
    }

    fn load_versions(&mut self, inventory: &Inventory) -> Result<(), Error> {
        for row in inventory.read::<PolicyVersionRow>()? {
            if crate::unit::is_of_aws(&row.policy_arn) {
                continue;
            }
            let key = (row.account_id, row.policy_arn);
            self.versions.entry(key).or_default().push(StoredVersion {
                created_at: row.created_at,
                document: row.document,
            });
        }
        for versions in self.versions.values_mut() {
            versions.sort_by_key(|own| (own.created_at.is_none(), own.created_at));
        }
        Ok(())
    }

    pub(crate) fn versions(&self, account_id: &str, arn: &str) -> &[StoredVersion] {
        let key = (account_id.to_owned(), arn.to_owned());
        self.versions.get(&key).map_or(&[], Vec::as_slice)
    }

    fn load_permission_sets(&mut self, inventory: &Inventory) -> Result<(), Error> {
        let mut accounts: HashMap<String, BTreeSet<String>> = HashMap::new();
        for row in inventory.read::<PermissionSetAssignmentRow>()? {
            let own = accounts.entry(row.permission_set_arn).or_default();
            own.insert(row.account_id);
        }
        for row in inventory.read::<PermissionSetRow>()? {
            if let Some(name) = row.name {
                let set = PermissionSet {
                    accounts: accounts.remove(&row.arn).unwrap_or_default(),
                    accounts_known: row.accounts_known,
                    arn: row.arn,
                    name: name.clone(),
                };
                self.permission_sets.entry(name).or_default().push(set);
            }
        }
        Ok(())
    }

    pub(crate) fn created_at(&self, principal_arn: &str) -> Option<Timestamp> {
        self.created.get(principal_arn).copied().flatten()
    }

    pub(crate) fn is_service_linked(&self, principal_arn: &str) -> bool {
        self.service_linked.contains(principal_arn)
    }

    /// Whether Identity Center made the role.
    pub(crate) fn is_of_identity_center(&self, role_arn: &str) -> bool {
        self.of_identity_center.contains_key(role_arn)
    }

    pub(crate) fn group_arn(&self, account_id: &str, name: &str) -> Option<&str> {
        let key = (account_id.to_owned(), name.to_owned());
        self.groups.get(&key).map(String::as_str)
    }

    /// How many attachments the inventory has of a policy, and how many AWS counts.
    pub(crate) fn attachments(&self, account_id: &str, policy_arn: &str) -> (i64, Option<i64>) {
        let key = (account_id.to_owned(), policy_arn.to_owned());
        let known = self.attachments.get(&key).copied().unwrap_or_default();
        (known, self.attachment_counts.get(&key).copied())
    }

    /// The permission set that a role was made from, where one of that name was collected.
    pub(crate) fn permission_set_of(&self, role_arn: &str) -> Option<&PermissionSet> {
        let name = self.of_identity_center.get(role_arn)?;
        match self.permission_sets.get(name)?.as_slice() {
            [set] => Some(set),
            _ => None,
        }
    }

    /// What is missing for knowing who uses a permission set, if something is.
    pub(crate) fn why_not_known(&self, set: &PermissionSet) -> Option<String> {
        if !set.accounts_known {
            return Some(
                "in which accounts the permission set is was not collected: who else has it is not known"
                    .to_owned(),
            );
        }
        let met = self.provisioned.get(&set.name);
        let is_met = |account: &&String| met.is_some_and(|met| met.contains(*account));
        let missing = set.accounts.iter().find(|account| !is_met(account))?;
        Some(format!(
            "the permission set is assigned in the account {missing}, whose role was not collected"
        ))
    }
}

/// The permission set's name in `AWSReservedSSO_NAME_0123456789abcdef`.
fn set_of_role<'a>(path: &str, role_name: &'a str) -> Option<&'a str> {
    let rest = role_name.strip_prefix(RESERVED)?;
    let (name, suffix) = rest.rsplit_once('_')?;
    let is_suffix = suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
    (path.starts_with(PATH) && is_suffix).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_permission_set_is_known_only_if_its_accounts_are_and_their_roles_were_met() {
        let set = |accounts: &[&str], accounts_known| PermissionSet {
            arn: String::new(),
            name: "Dev".to_owned(),
            accounts: accounts.iter().map(|own| (*own).to_owned()).collect(),
            accounts_known,
        };
        let met = BTreeSet::from(["111122223333".to_owned()]);
        let tables = Tables {
            provisioned: BTreeMap::from([("Dev".to_owned(), met)]),
            ..Tables::default()
        };
        let why = |accounts: &[&str], known| tables.why_not_known(&set(accounts, known));
        assert_eq!(why(&["111122223333"], true), None);
        assert!(
            why(&["111122223333"], false)
                .unwrap()
                .contains("not collected")
        );
        assert!(
            why(&["444455556666"], true)
                .unwrap()
                .contains("444455556666")
        );
    }
}
