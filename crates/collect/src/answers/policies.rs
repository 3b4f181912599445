//! Managed policies and their versions.

use leastgrant_inventory::tables::{ManagedPolicyRow, PolicyVersionRow};
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shapes::{Tag, common_account, document_or_problem, tag_pairs};
use super::{Problem, Problems, Reader};
use crate::answer::{Answer, Members};
use crate::facts::{Piece, PolicyFacts, account_of, name_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new("iam:ListPolicies", DataKind::Policies, "Policies", list).if_only(
        |members: &Members<'_>| {
            // Organizations has a ListPolicies too; its policies have an `Id` and a `Type`.
            members.get("Policies").is_some_and(|policies| {
                policies.get() == "[]" || policies.get().contains("\"PolicyName\"")
            })
        },
    ),
    Reader::new("iam:GetPolicy", DataKind::Policies, "Policy", one).if_only(
        |members: &Members<'_>| {
            members
                .object("Policy")
                .is_some_and(|policy| policy.has("PolicyName"))
        },
    ),
    Reader::new("iam:GetPolicyVersion", DataKind::Policies, "", version),
];

/// All members that any answer shows of a managed policy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyDetail<'a> {
    arn: String,
    policy_name: Option<String>,
    policy_id: Option<String>,
    path: Option<String>,
    default_version_id: Option<String>,
    attachment_count: Option<i64>,
    permissions_boundary_usage_count: Option<i64>,
    is_attachable: Option<bool>,
    description: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    update_date: Option<Timestamp>,
    #[serde(borrow, default)]
    policy_version_list: Vec<PolicyVersion<'a>>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyVersion<'a> {
    version_id: String,
    #[serde(default)]
    is_default_version: bool,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    #[serde(borrow)]
    document: Option<&'a RawValue>,
}

impl PolicyVersion<'_> {
    fn into_row(
        self,
        policy_arn: &str,
        pointer: &str,
        problems: &mut Problems,
    ) -> PolicyVersionRow {
        PolicyVersionRow {
            account_id: account_of(policy_arn).unwrap_or_default().to_owned(),
            policy_arn: policy_arn.to_owned(),
            version_id: self.version_id,
            is_default: self.is_default_version,
            created_at: self.create_date,
            document: self.document.and_then(|raw| {
                document_or_problem(raw, || format!("{pointer}/Document"), problems)
            }),
        }
    }
}

impl PolicyDetail<'_> {
    pub(crate) fn into_facts(
        self,
        has_counts: bool,
        pointer: &str,
        problems: &mut Problems,
    ) -> PolicyFacts {
        let versions = self
            .policy_version_list
            .into_iter()
            .enumerate()
            .map(|(index, version)| {
                version.into_row(
                    &self.arn,
                    &format!("{pointer}/PolicyVersionList/{index}"),
                    problems,
                )
            })
            .collect();
        let account_id = account_of(&self.arn).unwrap_or_default().to_owned();
        PolicyFacts {
            row: ManagedPolicyRow {
                is_aws_managed: account_id.is_empty(),
                account_id,
                policy_name: self
                    .policy_name
                    .unwrap_or_else(|| name_of(&self.arn).to_owned()),
                policy_id: self.policy_id,
                path: self.path.unwrap_or_else(|| "/".to_owned()),
                default_version_id: self.default_version_id,
                attachment_count: self.attachment_count,
                permissions_boundary_usage_count: self.permissions_boundary_usage_count,
                is_attachable: self.is_attachable,
                description: self.description,
                created_at: self.create_date,
                updated_at: self.update_date,
                arn: self.arn,
            },
            has_counts,
            tags: tag_pairs(self.tags),
            versions,
        }
    }
}

fn list(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let policies: Vec<PolicyDetail<'_>> = elements::list(answer, "Policies", problems);
    for (index, policy) in policies.into_iter().enumerate() {
        piece.facts.entities.policies.push(policy.into_facts(
            false,
            &format!("/Policies/{index}"),
            problems,
        ));
    }
    piece.account_id = common_account(
        piece
            .facts
            .entities
            .policies
            .iter()
            .map(|policy| policy.row.arn.as_str()),
    );
}

fn one(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    if let Some(policy) = elements::one::<PolicyDetail<'_>>(answer, "Policy", problems) {
        piece.account_id = account_of(&policy.arn).map(str::to_owned);
        piece
            .facts
            .entities
            .policies
            .push(policy.into_facts(false, "/Policy", problems));
    }
}

fn version(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(policy_arn) = answer.parameter("PolicyArn") else {
        problems.push(Problem::at(
            "/Parameters/PolicyArn",
            "the ARN of the policy is missing in the wrapped call",
        ));
        return;
    };
    if let Some(version) = elements::one::<PolicyVersion<'_>>(answer, "PolicyVersion", problems) {
        piece.account_id = account_of(&policy_arn).map(str::to_owned);
        piece.facts.rows.policy_versions.push(version.into_row(
            &policy_arn,
            "/PolicyVersion",
            problems,
        ));
    }
}
