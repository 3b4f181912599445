//! What rules on policies as things ask: which managed policies there are, with their versions, and what they are attached to.

use std::collections::{BTreeMap, HashMap, HashSet};

use leastgrant_inventory::tables::{
    AccountRow, GroupMembershipRow, GroupRow, InlinePolicyNameRow, ManagedPolicyRow,
    OrganizationRow, PermissionSetAssignmentRow, PermissionSetPolicyRow, PermissionSetRow,
    PolicyAttachmentRow, PolicyVersionRow, RoleRow, UserRow,
};
use leastgrant_inventory::{DataKind, Error, Inventory};
use leastgrant_policy::{Effect, Policy};

/// A managed policy with what it is used for.
#[derive(Debug)]
pub(crate) struct ManagedPolicyFacts {
    pub row: ManagedPolicyRow,
    /// All versions that were collected, in the order of their numbers.
    pub versions: Vec<PolicyVersionRow>,
    /// Users, groups and roles of the account that it is attached to.
    pub attached_to: usize,
    /// Users and roles of the account whose boundary it is.
    pub bounds: usize,
    /// Whether a permission set refers to it by path and name.
    pub is_in_permission_set: bool,
}

/// A group with its members.
#[derive(Debug)]
pub(crate) struct GroupFacts {
    pub row: GroupRow,
    pub members: usize,
}

/// What is attached in one account.
#[derive(Debug, Default)]
pub(crate) struct AccountAttachments {
    /// Sorted by ARN.
    pub policies: Vec<ManagedPolicyFacts>,
    /// Sorted by ARN.
    pub groups: Vec<GroupFacts>,
    /// The names of inline policies, by the ARN of whom they are in.
    pub inline: HashMap<String, Vec<String>>,
    /// The ARNs of attached policies, by the ARN of whom they are attached to.
    pub attached: HashMap<String, Vec<String>>,
}

/// A permission set with the number of its assignments.
#[derive(Debug)]
pub(crate) struct PermissionSetFacts {
    pub row: PermissionSetRow,
    pub assignments: usize,
    /// Its managed policies.
    pub policies: Vec<PermissionSetPolicyRow>,
}

/// The attachments of all accounts.
#[derive(Debug, Default)]
pub(crate) struct AttachmentFacts {
    accounts: BTreeMap<String, AccountAttachments>,
    /// Sorted by ARN.
    pub permission_sets: Vec<PermissionSetFacts>,
    /// The account that findings about permission sets are of: the one whose Identity Center was collected.
    pub permission_sets_account: Option<String>,
    /// Whether permission sets were collected, of whatever account.
    pub permission_sets_collected: bool,
    /// What of the permission sets could not be read.
    pub permission_set_gaps: Vec<String>,
    none: AccountAttachments,
}

impl AttachmentFacts {
    /// A managed policy as an account has it.
    pub(crate) fn policy(&self, account_id: &str, arn: &str) -> Option<&ManagedPolicyFacts> {
        let policies = &self.accounts.get(account_id)?.policies;
        let place = policies
            .binary_search_by(|own| (*own.row.arn).cmp(arn))
            .ok()?;
        policies.get(place)
    }

    /// What is attached in an account.
    pub(crate) fn of_account(&self, account_id: &str) -> &AccountAttachments {
        self.accounts.get(account_id).unwrap_or(&self.none)
    }

    /// Whether no permission set refers to a customer managed policy that is not known.
    pub(crate) fn knows_references(&self) -> bool {
        let mut sets = self.permission_sets.iter();
        self.permission_set_gaps.is_empty()
            && sets.all(|set| set.row.references_known && set.row.boundary_known)
    }

    /// A permission set.
    pub(crate) fn permission_set(&self, arn: &str) -> Option<&PermissionSetFacts> {
        let sets = &self.permission_sets;
        let place = sets.binary_search_by(|own| (*own.row.arn).cmp(arn)).ok()?;
        sets.get(place)
    }
}

impl ManagedPolicyFacts {
    /// The version in force, if it was collected.
    pub(crate) fn default_version(&self) -> Option<&PolicyVersionRow> {
        let stated = self.row.default_version_id.as_deref();
        self.versions.iter().find(|version| match stated {
            Some(id) => version.version_id == id,
            None => version.is_default,
        })
    }

    /// Whether anything has it, by what was collected and by what AWS counts.
    pub(crate) fn is_used(&self) -> bool {
        self.attachments() > 0 || self.boundaries() > 0 || self.is_in_permission_set
    }

    /// How many users, groups and roles have it: the more of what was collected and of what AWS counts.
    pub(crate) fn attachments(&self) -> usize {
        self.attached_to.max(counted(self.row.attachment_count))
    }

    /// How many users and roles have it as their boundary: the more of what was collected and of what AWS counts.
    pub(crate) fn boundaries(&self) -> usize {
        self.bounds
            .max(counted(self.row.permissions_boundary_usage_count))
    }
}

/// A policy that allows what this one denies, so that what policies deny can be compared.
pub(crate) fn denied_half(policy: &Policy) -> Policy {
    let mut denied = policy.clone();
    denied
        .statements
        .retain(|statement| statement.effect == Effect::Deny);
    for statement in &mut denied.statements {
        statement.effect = Effect::Allow;
    }
    denied
}

/// A count that AWS tells; none and what is below none are nothing.
fn counted(count: Option<i64>) -> usize {
    count
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or_default()
}

impl AttachmentFacts {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut facts = Self::default();
        facts.put_permission_sets(inventory)?;
        facts.put_groups(inventory)?;
        for row in inventory.read::<InlinePolicyNameRow>()? {
            let account = facts.accounts.entry(row.account_id).or_default();
            let names = account.inline.entry(row.principal_arn).or_default();
            names.push(row.policy_name);
        }
        let mut attached: HashMap<(String, String), usize> = HashMap::new();
        for row in inventory.read::<PolicyAttachmentRow>()? {
            let key = (row.account_id.clone(), row.policy_arn.clone());
            *attached.entry(key).or_default() += 1;
            let account = facts.accounts.entry(row.account_id).or_default();
            let arns = account.attached.entry(row.principal_arn).or_default();
            arns.push(row.policy_arn);
        }
        let mut bounds: HashMap<(String, String), usize> = HashMap::new();
        let of_users = inventory.read::<UserRow>()?.into_iter();
        let of_roles = inventory.read::<RoleRow>()?.into_iter();
        let boundaries = of_users
            .map(|row| (row.account_id, row.permissions_boundary_arn))
            .chain(of_roles.map(|row| (row.account_id, row.permissions_boundary_arn)));
        for (account_id, boundary) in boundaries {
            if let Some(arn) = boundary {
                *bounds.entry((account_id, arn)).or_default() += 1;
            }
        }
        facts.put_policies(inventory, &attached, &bounds)?;
        Ok(facts)
    }

    fn put_groups(&mut self, inventory: &Inventory) -> Result<(), Error> {
        let mut members: HashMap<(String, String), usize> = HashMap::new();
        for row in inventory.read::<GroupMembershipRow>()? {
            let key = (row.account_id, row.group_name);
            *members.entry(key).or_default() += 1;
        }
        let mut groups: Vec<GroupRow> = inventory.read()?;
        groups.sort_by(|one, other| one.arn.cmp(&other.arn));
        for row in groups {
            let key = (row.account_id.clone(), row.group_name.clone());
            let account = self.accounts.entry(row.account_id.clone()).or_default();
            account.groups.push(GroupFacts {
                members: members.get(&key).copied().unwrap_or_default(),
                row,
            });
        }
        Ok(())
    }

    fn put_policies(
        &mut self,
        inventory: &Inventory,
        attached: &HashMap<(String, String), usize>,
        bounds: &HashMap<(String, String), usize>,
    ) -> Result<(), Error> {
        let references = permission_set_references(inventory)?;
        let mut versions: HashMap<(String, String), Vec<PolicyVersionRow>> = HashMap::new();
        for row in inventory.read::<PolicyVersionRow>()? {
            let key = (row.account_id.clone(), row.policy_arn.clone());
            versions.entry(key).or_default().push(row);
        }
        let mut policies: Vec<ManagedPolicyRow> = inventory.read()?;
        policies.sort_by(|one, other| one.arn.cmp(&other.arn));
        for row in policies {
            let key = (row.account_id.clone(), row.arn.clone());
            let mut own = versions.remove(&key).unwrap_or_default();
            own.sort_by_key(|version| number(&version.version_id));
            let reference = (row.path.clone(), row.policy_name.clone());
            let account = self.accounts.entry(row.account_id.clone()).or_default();
            account.policies.push(ManagedPolicyFacts {
                versions: own,
                attached_to: attached.get(&key).copied().unwrap_or_default(),
                bounds: bounds.get(&key).copied().unwrap_or_default(),
                is_in_permission_set: !row.is_aws_managed && references.contains(&reference),
                row,
            });
        }
        Ok(())
    }

    fn put_permission_sets(&mut self, inventory: &Inventory) -> Result<(), Error> {
        let mut assignments: HashMap<String, usize> = HashMap::new();
        for row in inventory.read::<PermissionSetAssignmentRow>()? {
            *assignments.entry(row.permission_set_arn).or_default() += 1;
        }
        let mut rows: Vec<PermissionSetRow> = inventory.read()?;
        rows.sort_by(|one, other| one.arn.cmp(&other.arn));
        let mut policies: HashMap<String, Vec<PermissionSetPolicyRow>> = HashMap::new();
        for row in inventory.read::<PermissionSetPolicyRow>()? {
            policies
                .entry(row.permission_set_arn.clone())
                .or_default()
                .push(row);
        }
        let sets = rows.into_iter().map(|row| PermissionSetFacts {
            assignments: assignments.get(&row.arn).copied().unwrap_or_default(),
            policies: policies.remove(&row.arn).unwrap_or_default(),
            row,
        });
        self.permission_sets = sets.collect();
        let manifest = inventory.manifest();
        let sources = manifest.sources.iter();
        let mut own = sources.filter(|source| source.kind == DataKind::PermissionSets);
        let first = own.next();
        self.permission_sets_collected = first.is_some();
        let accounts: Vec<String> = inventory
            .read::<AccountRow>()?
            .into_iter()
            .map(|row| row.account_id)
            .collect();
        let of_source = first.and_then(|source| source.account_id.clone());
        let organizations: Vec<OrganizationRow> = inventory.read()?;
        let mut homes = of_source.into_iter().chain(
            organizations
                .into_iter()
                .filter_map(|row| row.management_account_id),
        );
        self.permission_sets_account = homes
            .find(|id| accounts.contains(id))
            .or_else(|| accounts.first().cloned());
        let gaps = manifest.gaps.iter();
        self.permission_set_gaps = gaps
            .filter(|gap| gap.unknowable.contains(&DataKind::PermissionSets))
            .map(|gap| format!("`{}` {}", gap.source, gap.reason))
            .collect();
        Ok(())
    }
}

/// Path and name of each customer managed policy that a permission set has, or has as its boundary.
fn permission_set_references(inventory: &Inventory) -> Result<HashSet<(String, String)>, Error> {
    let mut references = HashSet::new();
    for row in inventory.read::<PermissionSetPolicyRow>()? {
        if row.policy_arn.is_none() {
            let path = row.policy_path.unwrap_or_else(|| "/".to_owned());
            references.insert((path, row.policy_name));
        }
    }
    for row in inventory.read::<PermissionSetRow>()? {
        let boundary = row
            .permissions_boundary
            .filter(|own| !own.starts_with("arn:"));
        if let Some((path, name)) = boundary.as_deref().and_then(|own| own.rsplit_once('/')) {
            references.insert((format!("{path}/"), name.to_owned()));
        }
    }
    Ok(references)
}

/// 12 of `v12`.
fn number(version_id: &str) -> u32 {
    version_id
        .strip_prefix('v')
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}
