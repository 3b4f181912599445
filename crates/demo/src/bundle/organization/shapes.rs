//! The answers of Organizations.

use serde::Serialize;

use crate::moment::Moment;
use crate::policy::organisation::{RESOURCE_CONTROL, SERVICE_CONTROL};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OrganizationAnswer<'a> {
    pub(super) organization: OrganizationBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OrganizationBody<'a> {
    pub(super) id: &'a str,
    pub(super) arn: String,
    pub(super) feature_set: &'static str,
    pub(super) master_account_arn: String,
    pub(super) master_account_id: &'a str,
    pub(super) master_account_email: String,
    pub(super) available_policy_types: [PolicyType; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyType {
    pub(super) r#type: &'static str,
    pub(super) status: &'static str,
}

pub(super) const POLICY_TYPES: [PolicyType; 2] = [
    PolicyType {
        r#type: SERVICE_CONTROL,
        status: "ENABLED",
    },
    PolicyType {
        r#type: RESOURCE_CONTROL,
        status: "ENABLED",
    },
];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RootsAnswer<'a> {
    pub(super) roots: [RootBody<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RootBody<'a> {
    pub(super) id: &'a str,
    pub(super) arn: String,
    pub(super) name: &'static str,
    pub(super) policy_types: [PolicyType; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UnitsAnswer {
    pub(super) organizational_units: Vec<UnitBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UnitBody {
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountsAnswer<'a> {
    pub(super) accounts: Vec<AccountBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountBody<'a> {
    pub(super) id: &'a str,
    pub(super) arn: String,
    pub(super) email: String,
    pub(super) name: &'a str,
    pub(super) status: &'static str,
    pub(super) joined_method: &'static str,
    pub(super) joined_timestamp: Moment,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfParent<'a> {
    pub(super) parent_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfChild<'a> {
    pub(super) child_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ParentsAnswer {
    pub(super) parents: [Parent; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parent {
    pub(super) id: String,
    pub(super) r#type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfKind {
    pub(super) filter: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PoliciesAnswer {
    pub(super) policies: Vec<PolicySummary>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicySummary {
    pub(super) id: &'static str,
    pub(super) arn: String,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) r#type: &'static str,
    pub(super) aws_managed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfPolicy {
    pub(super) policy_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyAnswer {
    pub(super) policy: PolicyBody,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyBody {
    pub(super) policy_summary: PolicySummary,
    /// The document as text, as Organizations gives it.
    pub(super) content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TargetsAnswer {
    pub(super) targets: Vec<TargetBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TargetBody {
    pub(super) target_id: String,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) r#type: &'static str,
}
