//! IAM Identity Center: permission sets, their policies and their assignments.

use leastgrant_inventory::tables::{
    PermissionSetAssignmentRow, PermissionSetPolicyRow, PermissionSetRow,
};
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;

use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::Piece;
use crate::{elements, time};

const KIND: DataKind = DataKind::PermissionSets;

pub(crate) const READERS: &[Reader] = &[
    // Instances have no row of their own: each permission set names its instance.
    Reader::new("sso-admin:ListInstances", KIND, "", |_, _, _| {}),
    Reader::new("sso-admin:ListPermissionSets", KIND, "", permission_sets),
    Reader::new("sso-admin:DescribePermissionSet", KIND, "", permission_set),
    Reader::new(
        "sso-admin:GetInlinePolicyForPermissionSet",
        KIND,
        "",
        inline_policy,
    ),
    Reader::new(
        "sso-admin:GetPermissionsBoundaryForPermissionSet",
        KIND,
        "",
        permissions_boundary,
    )
    .or_absent(no_permissions_boundary),
    Reader::new(
        "sso-admin:ListManagedPoliciesInPermissionSet",
        KIND,
        "",
        managed_policies,
    ),
    Reader::new(
        "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet",
        KIND,
        "",
        customer_managed_policies,
    ),
    Reader::new(
        "sso-admin:ListAccountsForProvisionedPermissionSet",
        KIND,
        "",
        provisioned_accounts,
    ),
    Reader::new(
        "sso-admin:ListAccountAssignments",
        KIND,
        "AccountAssignments",
        assignments,
    ),
];

/// The instance and permission set that a call asked about.
fn asked(answer: &Answer<'_>, problems: &mut Problems) -> Option<PermissionSetRow> {
    let Some(arn) = answer.parameter("PermissionSetArn") else {
        problems.push(Problem::at(
            "/Parameters/PermissionSetArn",
            "the parameter `PermissionSetArn` is missing in the wrapped call",
        ));
        return None;
    };
    Some(PermissionSetRow {
        instance_arn: answer.parameter("InstanceArn").unwrap_or_default(),
        arn,
        ..PermissionSetRow::default()
    })
}

fn permission_sets(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let arns: Vec<String> = elements::list(answer, "PermissionSets", problems);
    let instance_arn = answer.parameter("InstanceArn").unwrap_or_default();
    piece.facts.rows.permission_sets = arns
        .into_iter()
        .map(|arn| PermissionSetRow {
            instance_arn: instance_arn.clone(),
            arn,
            ..PermissionSetRow::default()
        })
        .collect();
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionSet {
    permission_set_arn: String,
    name: Option<String>,
    description: Option<String>,
    session_duration: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    created_date: Option<Timestamp>,
}

fn permission_set(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let described: Option<PermissionSet> = elements::one(answer, "PermissionSet", problems);
    piece
        .facts
        .rows
        .permission_sets
        .extend(described.map(|described| PermissionSetRow {
            instance_arn: answer.parameter("InstanceArn").unwrap_or_default(),
            arn: described.permission_set_arn,
            name: described.name,
            description: described.description,
            session_duration: described.session_duration,
            created_at: described.created_date,
            ..PermissionSetRow::default()
        }));
}

fn inline_policy(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(mut row) = asked(answer, problems) else {
        return;
    };
    // The answer is an empty text where there is no inline policy.
    let raw = answer
        .members
        .get("InlinePolicy")
        .filter(|raw| raw.get() != "\"\"");
    row.inline_policy = raw.and_then(|raw| {
        super::shapes::document_or_problem(raw, || "/InlinePolicy".to_owned(), problems)
    });
    piece.facts.rows.permission_sets.push(row);
}

fn permissions_boundary(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Boundary {
        managed_policy_arn: Option<String>,
        customer_managed_policy_reference: Option<CustomerManagedPolicy>,
    }
    let Some(mut row) = asked(answer, problems) else {
        return;
    };
    if let Some(boundary) = elements::one::<Boundary>(answer, "PermissionsBoundary", problems) {
        row.boundary_known = true;
        let customer = boundary.customer_managed_policy_reference;
        row.permissions_boundary = boundary.managed_policy_arn.or_else(|| {
            customer.map(|policy| {
                format!(
                    "{}{}",
                    policy.path.unwrap_or_else(|| "/".to_owned()),
                    policy.name
                )
            })
        });
        piece.facts.rows.permission_sets.push(row);
    }
}

fn no_permissions_boundary(answer: &Answer<'_>, piece: &mut Piece) {
    let rows = &mut piece.facts.rows.permission_sets;
    rows.extend(
        answer
            .parameter("PermissionSetArn")
            .map(|arn| PermissionSetRow {
                instance_arn: answer.parameter("InstanceArn").unwrap_or_default(),
                arn,
                boundary_known: true,
                ..PermissionSetRow::default()
            }),
    );
}

/// Whether no page is left to be asked for.
fn is_last_page(answer: &Answer<'_>) -> bool {
    let token = answer.members.get("NextToken");
    token.is_none_or(|token| token.get() == "null")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedPolicy {
    name: String,
    arn: String,
}

fn managed_policies(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(row) = asked(answer, problems) else {
        return;
    };
    let policies: Vec<ManagedPolicy> = elements::list(answer, "AttachedManagedPolicies", problems);
    piece.facts.rows.permission_set_policies = policies
        .into_iter()
        .map(|policy| PermissionSetPolicyRow {
            permission_set_arn: row.arn.clone(),
            policy_arn: Some(policy.arn),
            policy_name: policy.name,
            policy_path: None,
        })
        .collect();
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CustomerManagedPolicy {
    name: String,
    path: Option<String>,
}

fn customer_managed_policies(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(mut row) = asked(answer, problems) else {
        return;
    };
    let before = problems.len();
    let policies: Vec<CustomerManagedPolicy> =
        elements::list(answer, "CustomerManagedPolicyReferences", problems);
    // An empty list leaves nothing else behind.
    row.references_known = problems.len() == before && is_last_page(answer);
    piece.facts.rows.permission_sets.push(row.clone());
    piece.facts.rows.permission_set_policies = policies
        .into_iter()
        .map(|policy| PermissionSetPolicyRow {
            permission_set_arn: row.arn.clone(),
            policy_arn: None,
            policy_name: policy.name,
            policy_path: Some(policy.path.unwrap_or_else(|| "/".to_owned())),
        })
        .collect();
}

fn provisioned_accounts(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(mut row) = asked(answer, problems) else {
        return;
    };
    let before = problems.len();
    let accounts: Vec<String> = elements::list(answer, "AccountIds", problems);
    // An empty list leaves nothing else behind.
    row.accounts_known = problems.len() == before && is_last_page(answer);
    piece.facts.rows.permission_sets.push(row.clone());
    piece.facts.rows.permission_set_assignments = accounts
        .into_iter()
        .map(|account_id| PermissionSetAssignmentRow {
            permission_set_arn: row.arn.clone(),
            account_id,
            principal_type: None,
            principal_id: None,
        })
        .collect();
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assignment {
    account_id: String,
    permission_set_arn: String,
    principal_type: Option<String>,
    principal_id: Option<String>,
}

fn assignments(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let assignments: Vec<Assignment> = elements::list(answer, "AccountAssignments", problems);
    piece.facts.rows.permission_set_assignments = assignments
        .into_iter()
        .map(|assignment| PermissionSetAssignmentRow {
            permission_set_arn: assignment.permission_set_arn,
            account_id: assignment.account_id,
            principal_type: assignment.principal_type,
            principal_id: assignment.principal_id,
        })
        .collect();
}
