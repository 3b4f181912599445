//! The organisation's tree: which service and resource control policies bind an account, level by level.
//!
//! AWS Organizations User Guide, "SCP evaluation" and "Resource control policies (RCPs)".

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_inventory::tables::{
    OrganizationAccountRow, OrganizationPolicyRow, OrganizationPolicyTargetRow, OrganizationRow,
    OrganizationalUnitRow,
};
use leastgrant_inventory::{Error, Inventory};
use leastgrant_policy::evaluate::Member;
use leastgrant_policy::principal::is_account_id;
use leastgrant_policy::resource::arn_fields;

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
    /// Policies of which it is not known what they are attached to.
    pub strays: Vec<PolicyId>,
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
    let management = management_account(organization, &rows);
    let mut by_id = BTreeMap::new();
    for row in rows {
        let is_management = management.as_deref() == Some(row.account_id.as_str());
        let mut account = Account {
            organization_id: organization
                .map(|organization| organization.organization_id.as_str().into()),
            membership: match is_management {
                true => Membership::Management,
                false => Membership::Member,
            },
            may_be_management: management.is_none(),
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
        policies_collected: tree.has_service_control,
        strays: tree.strays,
        membership_of_strangers: Membership::Outside,
    })
}

/// The management account: told by itself, or as the owner of the organisation in ARNs.
fn management_account(
    organization: Option<&OrganizationRow>,
    rows: &[OrganizationAccountRow],
) -> Option<String> {
    let told = organization.and_then(|own| own.management_account_id.clone());
    told.or_else(|| {
        let own = organization.map(|own| own.arn.as_str());
        let of_accounts = rows.iter().filter_map(|row| row.arn.as_deref());
        own.into_iter().chain(of_accounts).find_map(|arn| {
            let [_, _, service, _, account_id, _] = arn_fields(arn)?;
            let is_owner = service == "organizations" && is_account_id(account_id);
            is_owner.then(|| account_id.to_owned())
        })
    })
}

/// Units with what is above them, and what is attached where.
struct Tree {
    parents: HashMap<String, Option<String>>,
    service_control: HashMap<String, Vec<PolicyId>>,
    resource_control: HashMap<String, Vec<PolicyId>>,
    has_service_control: bool,
    strays: Vec<PolicyId>,
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
        let kind_of = |id: PolicyId| policies.named.get(id.0).map(|policy| policy.kind);
        let mut strays: BTreeSet<PolicyId> = ids.values().copied().collect();
        // Resources lie below AWS's own resource control policy, which limits nothing, whether it is listed or not.
        if let Some(full) = ids.get("p-RCPFullAWSAccess") {
            strays.remove(full);
        }
        for row in inventory.read::<OrganizationPolicyTargetRow>()? {
            let Some(id) = ids.get(&row.policy_id).copied() else {
                continue;
            };
            strays.remove(&id);
            let kind = kind_of(id);
            // A policy that is attached to nothing.
            if row.target_id.is_empty() {
                continue;
            }
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
            has_service_control: ids
                .values()
                .any(|id| kind_of(*id) == Some(PolicyKind::ServiceControl)),
            service_control,
            resource_control,
            strays: strays.into_iter().collect(),
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
