//! The organisation's tree: which service and resource control policies bind an account, level by level.
//!
//! AWS Organizations User Guide, "SCP evaluation" and "Resource control policies (RCPs)".

use std::collections::{BTreeMap, HashMap};

use leastgrant_inventory::tables::{
    OrganizationAccountRow, OrganizationPolicyRow, OrganizationPolicyTargetRow, OrganizationRow,
    OrganizationalUnitRow,
};
use leastgrant_inventory::{Error, Inventory};
use leastgrant_policy::evaluate::Member;

use super::Policies;
use crate::subject::{Account, Level, Membership};
use crate::{PolicyId, PolicyKind, Unknown};

/// A chain of units longer than this one is a circle; AWS allows five levels below the root.
const DEEPEST: usize = 16;

/// What AWS's own two policies say; a listing has their names and not their documents.
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const ALLOW_ALL_RESOURCE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// The accounts of the organisation.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    pub by_id: BTreeMap<Box<str>, Account>,
    pub organization_collected: bool,
    /// Whether service control policies were listed.
    pub policies_collected: bool,
    pub membership_of_strangers: Membership,
}

pub(super) fn load(inventory: &Inventory, policies: &mut Policies) -> Result<Accounts, Error> {
    let organizations: Vec<OrganizationRow> = inventory.read()?;
    let rows: Vec<OrganizationAccountRow> = inventory.read()?;
    if rows.is_empty() {
        return Ok(Accounts::default());
    }
    let tree = Tree::load(inventory, policies)?;
    let organization = organizations.first();
    let mut by_id = BTreeMap::new();
    for row in rows {
        let is_management = organization
            .and_then(|organization| organization.management_account_id.as_deref())
            == Some(row.account_id.as_str());
        let mut account = Account {
            organization_id: organization
                .map(|organization| organization.organization_id.as_str().into()),
            membership: match is_management {
                true => Membership::Management,
                false => Membership::Member,
            },
            ..Account::default()
        };
        if !is_management {
            tree.bind(&mut account, &row);
        }
        by_id.insert(row.account_id.into_boxed_str(), account);
    }
    Ok(Accounts {
        by_id,
        organization_collected: true,
        policies_collected: !tree.service_control.is_empty(),
        membership_of_strangers: Membership::Outside,
    })
}

/// Units with what is above them, and what is attached where.
struct Tree {
    parents: HashMap<String, Option<String>>,
    service_control: HashMap<String, Vec<PolicyId>>,
    resource_control: HashMap<String, Vec<PolicyId>>,
}

impl Tree {
    fn load(inventory: &Inventory, policies: &mut Policies) -> Result<Self, Error> {
        let units: Vec<OrganizationalUnitRow> = inventory.read()?;
        let mut ids: HashMap<String, PolicyId> = HashMap::new();
        for row in inventory.read::<OrganizationPolicyRow>()? {
            let (kind, allow_all) = match row.policy_type.as_deref() {
                Some("SERVICE_CONTROL_POLICY") => (PolicyKind::ServiceControl, ALLOW_ALL),
                Some("RESOURCE_CONTROL_POLICY") => {
                    (PolicyKind::ResourceControl, ALLOW_ALL_RESOURCE)
                }
                _ => continue,
            };
            let is_full = matches!(
                row.policy_id.as_str(),
                "p-FullAWSAccess" | "p-RCPFullAWSAccess"
            );
            let document = match row.document {
                Some(document) => Ok(document),
                None if is_full => Ok(allow_all.into()),
                None => Err(
                    "has no document in the inventory; collect organizations:DescribePolicy"
                        .to_owned(),
                ),
            };
            let name = row.name.as_deref().unwrap_or(&row.policy_id);
            let arn = row.arn.as_deref().unwrap_or(&row.policy_id);
            let id = policies.add(kind, name, arn, document);
            ids.insert(row.policy_id, id);
        }
        let mut service_control: HashMap<String, Vec<PolicyId>> = HashMap::new();
        let mut resource_control: HashMap<String, Vec<PolicyId>> = HashMap::new();
        for row in inventory.read::<OrganizationPolicyTargetRow>()? {
            let Some(id) = ids.get(&row.policy_id).copied() else {
                continue;
            };
            let kind = policies.named.get(id.0).map(|policy| policy.kind);
            let attached = match kind {
                Some(PolicyKind::ServiceControl) => &mut service_control,
                _ => &mut resource_control,
            };
            attached.entry(row.target_id).or_default().push(id);
        }
        Ok(Self {
            parents: units
                .into_iter()
                .map(|unit| (unit.id, unit.parent_id))
                .collect(),
            service_control,
            resource_control,
        })
    }

    /// Gives the account its levels, and says what is missing in them.
    fn bind(&self, account: &mut Account, row: &OrganizationAccountRow) {
        let mut chain = vec![row.account_id.as_str()];
        let mut above = row.parent_id.as_deref();
        let mut reaches_root = false;
        while let Some(unit) = above {
            if chain.len() > DEEPEST {
                break;
            }
            chain.push(unit);
            let parent = self.parents.get(unit);
            reaches_root = matches!(parent, Some(None)) || unit.starts_with("r-");
            above = parent.and_then(Option::as_deref);
        }
        chain.reverse();
        let has_policies = !self.service_control.is_empty() || !self.resource_control.is_empty();
        if has_policies && !reaches_root {
            account.unknowns.push(Unknown::new(
                Member::ServiceControl,
                format!(
                    "the units above the account {} are not known up to the root, and policies attached to them bind it",
                    row.account_id
                ),
            ));
        }
        let levels = |attached: &HashMap<String, Vec<PolicyId>>| -> Vec<Level> {
            chain
                .iter()
                .map(|target| Level {
                    target_id: (*target).into(),
                    policies: attached.get(*target).cloned().unwrap_or_default(),
                })
                .collect()
        };
        if !self.service_control.is_empty() {
            account.service_control = levels(&self.service_control);
            // Every root, unit and account has at least one, where the organisation uses them at all.
            for level in &account.service_control {
                if level.policies.is_empty() {
                    account.unknowns.push(Unknown::new(
                        Member::ServiceControl,
                        format!(
                            "no service control policy is known of `{}`, and there always is one",
                            level.target_id
                        ),
                    ));
                }
            }
        }
        // `RCPFullAWSAccess` is attached everywhere and cannot be detached: a level without one is a level with that one.
        account.resource_control = levels(&self.resource_control)
            .into_iter()
            .filter(|level| !level.policies.is_empty())
            .collect();
    }
}
