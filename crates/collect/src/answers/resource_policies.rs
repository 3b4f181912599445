//! Policies of resources: always wrapped, since the answers do not name the resource.

use leastgrant_inventory::DataKind;
use leastgrant_inventory::tables::ResourcePolicyRow;
use serde_json::value::RawValue;

use super::shapes::document_or_problem;
use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::{Piece, account_of};

const KIND: DataKind = DataKind::ResourcePolicies;

/// Each call, and the member or members of its answer that lead to the document.
pub(crate) const READERS: &[Reader] = &[
    reader("s3:GetBucketPolicy"),
    reader("kms:GetKeyPolicy"),
    reader("lambda:GetPolicy"),
    reader("sns:GetTopicAttributes"),
    reader("sqs:GetQueueAttributes"),
    reader("secretsmanager:GetResourcePolicy"),
    reader("ecr:GetRepositoryPolicy"),
    listing("account:ListRegions"),
    listing("s3:ListBuckets"),
    listing("kms:ListKeys"),
    listing("lambda:ListFunctions"),
    // A function that was deleted meanwhile has none.
    listing("lambda:ListAliases").or_absent(|_, _| {}),
    listing("sns:ListTopics"),
    listing("sqs:ListQueues"),
    listing("secretsmanager:ListSecrets"),
    listing("ecr:DescribeRepositories"),
];

/// What says which resources there are: without it, which of them have policies is not known.
const fn listing(call: &'static str) -> Reader {
    Reader::new(call, KIND, "", |_, _, _| {})
}

const fn reader(call: &'static str) -> Reader {
    Reader::new(call, KIND, "", read).or_absent(|_, _| {})
}

fn read(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(resource_arn) = answer.parameter("ResourceArn") else {
        problems.push(Problem::at(
            "/Parameters/ResourceArn",
            "the resource's ARN is missing in the wrapped call",
        ));
        return;
    };
    // SNS and SQS answer with attributes, one of which is the policy; the others name the document themselves.
    let attributes = answer.members.object("Attributes");
    let members = attributes.as_ref().unwrap_or(&answer.members);
    let raw: Option<&RawValue> = ["Policy", "policyText", "ResourcePolicy"]
        .iter()
        .find_map(|member| members.get(member))
        .filter(|raw| raw.get() != "\"\"");
    // A resource without a policy is known by its answer, and has no row.
    let Some(document) =
        raw.and_then(|raw| document_or_problem(raw, || "/Answer".to_owned(), problems))
    else {
        return;
    };
    piece.account_id = account_of(&resource_arn).map(str::to_owned);
    piece.facts.rows.resource_policies.push(ResourcePolicyRow {
        account_id: piece.account_id.clone().unwrap_or_default(),
        resource_arn,
        call: answer.call.clone().unwrap_or_default(),
        document,
    });
}
