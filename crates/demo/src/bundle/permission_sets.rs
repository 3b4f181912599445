//! `permission-sets.json`: what Identity Center gives to whom, in the management account's folder.

use serde::Serialize;

use super::Folder;
use super::wrapped::{Calls, NoParameters};
use crate::Error;
use crate::model::{Organisation, Place};
use crate::moment::{Moment, Zulu};
use crate::policy::{Document, ManagedPolicy, Statement, grants, managed};
use crate::randomness::{fork, hexadecimal, uuid};

/// A permission set.
struct PermissionSet {
    name: &'static str,
    description: &'static str,
    days_ago: i64,
    session: &'static str,
    managed: &'static ManagedPolicy,
    inline: &'static [&'static Statement],
    principal_type: &'static str,
}

/// The permission sets. The first two have roles in the accounts; the last is assigned nowhere.
static PERMISSION_SETS: &[PermissionSet] = &[
    PermissionSet {
        name: "EngineerAccess",
        description: "Daily work",
        days_ago: 900,
        session: "PT8H",
        managed: &managed::POWER_USER_ACCESS,
        inline: &[&grants::PLATFORM_STACKS],
        principal_type: "GROUP",
    },
    PermissionSet {
        name: "AuditorView",
        description: "Looking, not touching",
        days_ago: 900,
        session: "PT2H",
        managed: &managed::SECURITY_AUDIT,
        inline: &[&grants::CREDENTIAL_REPORT],
        principal_type: "USER",
    },
    PermissionSet {
        name: "EmergencyAdministrator",
        description: "Only in an emergency",
        days_ago: 700,
        session: "PT1H",
        managed: &managed::ADMINISTRATOR_ACCESS,
        inline: &[],
        principal_type: "GROUP",
    },
];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InstancesAnswer<'a> {
    instances: [Instance<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Instance<'a> {
    instance_arn: &'a str,
    identity_store_id: String,
    owner_account_id: &'a str,
    created_date: Moment,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OfInstance<'a> {
    instance_arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionSetsAnswer<'a> {
    permission_sets: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct OfPermissionSet<'a> {
    instance_arn: &'a str,
    permission_set_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionSetAnswer<'a> {
    permission_set: PermissionSetBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionSetBody<'a> {
    name: &'static str,
    permission_set_arn: &'a str,
    description: &'static str,
    created_date: Zulu,
    session_duration: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InlineAnswer {
    /// The document as text; empty where there is none.
    inline_policy: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedAnswer {
    attached_managed_policies: [AttachedManaged; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttachedManaged {
    name: &'static str,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountIdsAnswer<'a> {
    account_ids: &'a [&'a str],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssignmentsAnswer<'a> {
    account_assignments: Vec<Assignment<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Assignment<'a> {
    account_id: &'a str,
    permission_set_arn: &'a str,
    principal_type: &'static str,
    principal_id: String,
}

/// Writes the file.
pub(super) fn write(organisation: &Organisation, folder: &Folder) -> Result<(), Error> {
    let Some(management) = organisation.accounts.first() else {
        return Ok(());
    };
    let mut rng = fork(organisation.seed, "identity-center", 0);
    let (instance_id, arns) = arns(&mut rng);
    let instance_arn = format!("arn:aws:sso:::instance/ssoins-{instance_id}");
    let mut calls = Calls::default();
    calls.add(
        "sso-admin:ListInstances",
        &NoParameters {},
        &InstancesAnswer {
            instances: [Instance {
                instance_arn: &instance_arn,
                identity_store_id: format!("d-{}", hexadecimal(&mut rng, 10)),
                owner_account_id: &management.id,
                created_date: Moment::days_ago(1000).earlier(31_415),
                status: "ACTIVE",
            }],
        },
    )?;
    calls.add(
        "sso-admin:ListPermissionSets",
        &OfInstance {
            instance_arn: &instance_arn,
        },
        &PermissionSetsAnswer {
            permission_sets: &arns,
        },
    )?;
    let place = management.place(organisation);
    for (permission_set, arn) in PERMISSION_SETS.iter().zip(&arns) {
        let parameters = OfPermissionSet {
            instance_arn: &instance_arn,
            permission_set_arn: arn,
            account_id: None,
        };
        add_definition(&mut calls, permission_set, &parameters, &place)?;
        let accounts = accounts_with(organisation, permission_set.name);
        calls.add(
            "sso-admin:ListAccountsForProvisionedPermissionSet",
            &parameters,
            &AccountIdsAnswer {
                account_ids: &accounts,
            },
        )?;
        // One group or person is the same in every account.
        let principal_id = uuid(&mut rng);
        for account_id in accounts {
            calls.add(
                "sso-admin:ListAccountAssignments",
                &OfPermissionSet {
                    account_id: Some(account_id),
                    ..parameters
                },
                &AssignmentsAnswer {
                    account_assignments: vec![Assignment {
                        account_id,
                        permission_set_arn: arn,
                        principal_type: permission_set.principal_type,
                        principal_id: principal_id.clone(),
                    }],
                },
            )?;
        }
    }
    folder.write_json(&format!("{}/permission-sets.json", management.id), &calls)
}

/// The instance's id, and the ARNs of the permission sets.
fn arns(rng: &mut fastrand::Rng) -> (String, Vec<String>) {
    let instance_id = hexadecimal(rng, 16);
    let arns = PERMISSION_SETS
        .iter()
        .map(|_| {
            let id = hexadecimal(rng, 16);
            format!("arn:aws:sso:::permissionSet/ssoins-{instance_id}/ps-{id}")
        })
        .collect();
    (instance_id, arns)
}

/// The permission sets that are assigned in no account.
pub(crate) fn unassigned(organisation: &Organisation) -> Vec<String> {
    let mut rng = fork(organisation.seed, "identity-center", 0);
    let (_, arns) = arns(&mut rng);
    let sets = PERMISSION_SETS.iter().zip(arns);
    sets.filter(|(set, _)| accounts_with(organisation, set.name).is_empty())
        .map(|(_, arn)| arn)
        .collect()
}

/// The accounts that have a role made from a permission set.
fn accounts_with<'a>(organisation: &'a Organisation, permission_set: &str) -> Vec<&'a str> {
    organisation
        .accounts
        .iter()
        .filter(|account| {
            account
                .roles
                .iter()
                .any(|role| role.permission_set == Some(permission_set))
        })
        .map(|account| account.id.as_str())
        .collect()
}

fn add_definition(
    calls: &mut Calls,
    permission_set: &PermissionSet,
    parameters: &OfPermissionSet<'_>,
    place: &Place,
) -> Result<(), Error> {
    calls.add(
        "sso-admin:DescribePermissionSet",
        parameters,
        &PermissionSetAnswer {
            permission_set: PermissionSetBody {
                name: permission_set.name,
                permission_set_arn: parameters.permission_set_arn,
                description: permission_set.description,
                created_date: Zulu(Moment::days_ago(permission_set.days_ago)),
                session_duration: permission_set.session,
            },
        },
    )?;
    let call = "sso-admin:GetInlinePolicyForPermissionSet";
    let inline_policy = if permission_set.inline.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&Document::new(permission_set.inline, place))
            .map_err(|source| Error::Call { call, source })?
    };
    calls.add(call, parameters, &InlineAnswer { inline_policy })?;
    calls.add(
        "sso-admin:ListManagedPoliciesInPermissionSet",
        parameters,
        &ManagedAnswer {
            attached_managed_policies: [AttachedManaged {
                name: permission_set.managed.name,
                arn: permission_set.managed.arn(&place.account),
            }],
        },
    )
}
