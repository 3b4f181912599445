//! The organisation: accounts, units, service and resource control policies, and what they are attached to.

use leastgrant_inventory::tables::{
    OrganizationAccountRow, OrganizationPolicyRow, OrganizationPolicyTargetRow, OrganizationRow,
    OrganizationalUnitRow,
};
use leastgrant_inventory::{DataKind, Text, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shapes::document_or_problem;
use super::{Problem, Problems, Reader};
use crate::answer::{Answer, Members};
use crate::facts::Piece;
use crate::{elements, time};

const KIND: DataKind = DataKind::Organization;

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "organizations:DescribeOrganization",
        KIND,
        "Organization",
        organization,
    )
    .or_absent(|_, _| {}),
    Reader::new("organizations:ListAccounts", KIND, "Accounts", accounts).if_only(|members| {
        members
            .get("Accounts")
            .is_some_and(|accounts| accounts.get() == "[]" || accounts.get().contains("\"Id\""))
    }),
    Reader::new("organizations:ListAccountsForParent", KIND, "", accounts),
    Reader::new("organizations:ListRoots", KIND, "Roots", roots),
    Reader::new(
        "organizations:ListOrganizationalUnitsForParent",
        KIND,
        "OrganizationalUnits",
        units,
    ),
    Reader::new(
        "organizations:DescribeOrganizationalUnit",
        KIND,
        "OrganizationalUnit",
        unit,
    ),
    Reader::new("organizations:ListParents", KIND, "", parents),
    Reader::new("organizations:ListChildren", KIND, "", children),
    Reader::new("organizations:ListPolicies", KIND, "Policies", policies).if_only(|members| {
        members
            .get("Policies")
            .is_some_and(|policies| policies.get().contains("\"AwsManaged\""))
    }),
    Reader::new(
        "organizations:ListPoliciesForTarget",
        KIND,
        "",
        policies_of_target,
    ),
    Reader::new("organizations:DescribePolicy", KIND, "Policy", policy).if_only(
        |members: &Members<'_>| {
            members
                .object("Policy")
                .is_some_and(|policy| policy.has("PolicySummary"))
        },
    ),
    Reader::new("organizations:ListTargetsForPolicy", KIND, "", targets),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Organization {
    id: String,
    #[serde(default)]
    arn: String,
    master_account_id: Option<String>,
    feature_set: Option<String>,
}

fn organization(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let organization: Option<Organization> = elements::one(answer, "Organization", problems);
    piece
        .facts
        .rows
        .organizations
        .extend(organization.map(|organization| OrganizationRow {
            organization_id: organization.id,
            arn: organization.arn,
            management_account_id: organization.master_account_id,
            feature_set: organization.feature_set,
        }));
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    id: String,
    arn: Option<String>,
    name: Option<String>,
    status: Option<String>,
    /// Replaces `Status` since 2025.
    state: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    joined_timestamp: Option<Timestamp>,
}

fn accounts(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let accounts: Vec<Account> = elements::list(answer, "Accounts", problems);
    let parent_id = answer.parameter("ParentId");
    piece.facts.rows.organization_accounts = accounts
        .into_iter()
        .map(|account| OrganizationAccountRow {
            account_id: account.id,
            arn: account.arn,
            name: account.name,
            status: account.state.or(account.status),
            joined_at: account.joined_timestamp,
            parent_id: parent_id.clone(),
        })
        .collect();
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    id: String,
    arn: Option<String>,
    name: Option<String>,
}

impl Node {
    fn into_unit(self, parent_id: Option<String>) -> OrganizationalUnitRow {
        OrganizationalUnitRow {
            id: self.id,
            arn: self.arn,
            name: self.name,
            parent_id,
        }
    }
}

fn roots(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let roots: Vec<Node> = elements::list(answer, "Roots", problems);
    piece.facts.rows.organizational_units =
        roots.into_iter().map(|root| root.into_unit(None)).collect();
}

fn units(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let units: Vec<Node> = elements::list(answer, "OrganizationalUnits", problems);
    let parent_id = answer.parameter("ParentId");
    piece.facts.rows.organizational_units = units
        .into_iter()
        .map(|unit| unit.into_unit(parent_id.clone()))
        .collect();
}

fn unit(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let unit: Option<Node> = elements::one(answer, "OrganizationalUnit", problems);
    piece
        .facts
        .rows
        .organizational_units
        .extend(unit.map(|unit| unit.into_unit(None)));
}

/// Puts a child into its parent: an account or a unit, by the form of its id.
fn add_child(child_id: String, parent_id: String, piece: &mut Piece) {
    if child_id.starts_with("ou-") {
        piece
            .facts
            .rows
            .organizational_units
            .push(OrganizationalUnitRow {
                id: child_id,
                parent_id: Some(parent_id),
                ..OrganizationalUnitRow::default()
            });
    } else {
        piece
            .facts
            .rows
            .organization_accounts
            .push(OrganizationAccountRow {
                account_id: child_id,
                parent_id: Some(parent_id),
                ..OrganizationAccountRow::default()
            });
    }
}

fn parents(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let parents: Vec<Node> = elements::list(answer, "Parents", problems);
    match (answer.parameter("ChildId"), parents.into_iter().next()) {
        (Some(child_id), Some(parent)) => add_child(child_id, parent.id, piece),
        (None, _) => problems.push(missing("ChildId")),
        (Some(_), None) => {}
    }
}

fn children(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let children: Vec<Node> = elements::list(answer, "Children", problems);
    let Some(parent_id) = answer.parameter("ParentId") else {
        problems.push(missing("ParentId"));
        return;
    };
    for child in children {
        add_child(child.id, parent_id.clone(), piece);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicySummary {
    id: String,
    arn: Option<String>,
    name: Option<String>,
    r#type: Option<String>,
    #[serde(default)]
    aws_managed: bool,
}

impl PolicySummary {
    fn into_row(self, document: Option<Text>) -> OrganizationPolicyRow {
        OrganizationPolicyRow {
            policy_id: self.id,
            arn: self.arn,
            name: self.name,
            policy_type: self.r#type,
            is_aws_managed: self.aws_managed,
            document,
        }
    }
}

fn policies(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let policies: Vec<PolicySummary> = elements::list(answer, "Policies", problems);
    piece.facts.rows.organization_policies = policies
        .into_iter()
        .map(|policy| policy.into_row(None))
        .collect();
}

fn policies_of_target(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    policies(answer, piece, problems);
    let Some(target_id) = answer.parameter("TargetId") else {
        problems.push(missing("TargetId"));
        return;
    };
    let rows = &mut piece.facts.rows;
    rows.organization_policy_targets = rows
        .organization_policies
        .iter()
        .map(|policy| OrganizationPolicyTargetRow {
            policy_id: policy.policy_id.clone(),
            target_id: target_id.clone(),
            target_type: None,
        })
        .collect();
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy<'a> {
    policy_summary: PolicySummary,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

fn policy(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(policy) = elements::one::<Policy<'_>>(answer, "Policy", problems) else {
        return;
    };
    let document = policy
        .content
        .and_then(|raw| document_or_problem(raw, || "/Policy/Content".to_owned(), problems));
    piece
        .facts
        .rows
        .organization_policies
        .push(policy.policy_summary.into_row(document));
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    target_id: String,
    r#type: Option<String>,
}

fn targets(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let targets: Vec<Target> = elements::list(answer, "Targets", problems);
    let Some(policy_id) = answer.parameter("PolicyId") else {
        problems.push(missing("PolicyId"));
        return;
    };
    let rows = &mut piece.facts.rows.organization_policy_targets;
    *rows = targets
        .into_iter()
        .map(|target| OrganizationPolicyTargetRow {
            policy_id: policy_id.clone(),
            target_id: target.target_id,
            target_type: target.r#type,
        })
        .collect();
    // That a policy is attached to nothing is known too, and not the same as not having asked.
    if rows.is_empty() && problems.found.is_empty() {
        rows.push(OrganizationPolicyTargetRow {
            policy_id,
            ..OrganizationPolicyTargetRow::default()
        });
    }
}

fn missing(parameter: &str) -> Problem {
    Problem::at(
        &format!("/Parameters/{parameter}"),
        &format!("the parameter `{parameter}` is missing in the wrapped call"),
    )
}
