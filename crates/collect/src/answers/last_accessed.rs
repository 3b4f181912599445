//! iam:GetServiceLastAccessedDetails: use by service, and by action where the job asked for it.

use std::sync::Arc;

use leastgrant_inventory::tables::{
    LastAccessedActionRow, LastAccessedReportRow, LastAccessedServiceRow,
};
use leastgrant_inventory::{DataKind, ShortText, Timestamp};
use serde::Deserialize;

use super::account::stated_at;
use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::{LastAccessedFacts, Piece, account_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "iam:GetServiceLastAccessedDetails",
        DataKind::LastAccessed,
        "ServicesLastAccessed",
        read,
    ),
    // A job that is not finished, or failed, has no list.
    Reader::new(
        "iam:GetServiceLastAccessedDetails",
        DataKind::LastAccessed,
        "JobStatus",
        read,
    )
    .if_only(|members| members.has("JobCreationDate")),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    service_namespace: ShortText,
    #[serde(default, deserialize_with = "time::optional")]
    last_authenticated: Option<Timestamp>,
    last_authenticated_entity: Option<String>,
    last_authenticated_region: Option<ShortText>,
    total_authenticated_entities: Option<i64>,
    tracked_actions_last_accessed: Option<Vec<Action>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Action {
    action_name: ShortText,
    #[serde(default, deserialize_with = "time::optional")]
    last_accessed_time: Option<Timestamp>,
    last_accessed_entity: Option<String>,
    last_accessed_region: Option<ShortText>,
}

fn read(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let status = answer.members.text("JobStatus").unwrap_or_default();
    if !status.is_empty() && status != "COMPLETED" {
        problems.push(Problem::at("/JobStatus", &format!("the job is `{status}`; start it again, wait until it is `COMPLETED`, and export its result")));
        return;
    }
    let Some(principal_arn) = answer
        .members
        .text("Arn")
        .or_else(|| answer.parameter("Arn"))
    else {
        problems.push(Problem::at("/Arn", "the answer does not say whose it is; add `\"Arn\"` with the principal's ARN, as `leastgrant bundle-script` does"));
        return;
    };
    piece.listing = format!("iam:GetServiceLastAccessedDetails(Arn={principal_arn})");
    piece.account_id = account_of(&principal_arn).map(str::to_owned);
    let account_id = ShortText::new(piece.account_id.as_deref().unwrap_or_default());
    piece.stated_at = stated_at(answer, "JobCompletionDate", problems)
        .or_else(|| stated_at(answer, "JobCreationDate", problems));
    let services: Vec<Service> = elements::required_list(answer, "ServicesLastAccessed", problems);
    let is_by_action = answer
        .members
        .text("JobType")
        .is_some_and(|job_type| job_type == "ACTION_LEVEL")
        || services
            .iter()
            .any(|service| service.tracked_actions_last_accessed.is_some());
    let principal_arn: Arc<str> = principal_arn.into();
    // Of a user or role, the entity is the principal itself.
    let shared = |entity: Option<String>| match entity {
        Some(entity) if *entity == *principal_arn => Some(Arc::clone(&principal_arn)),
        entity => entity.map(Arc::from),
    };
    let facts: &mut LastAccessedFacts = &mut piece.facts.last_accessed;
    facts.report = Some(LastAccessedReportRow {
        account_id: account_id.clone(),
        principal_arn: Arc::clone(&principal_arn),
        granularity: if is_by_action { "action" } else { "service" }.into(),
        completed_at: piece.stated_at,
    });
    facts.services.reserve_exact(services.len());
    for service in services {
        for action in service.tracked_actions_last_accessed.unwrap_or_default() {
            facts.actions.push(LastAccessedActionRow {
                account_id: account_id.clone(),
                principal_arn: Arc::clone(&principal_arn),
                service_namespace: service.service_namespace.clone(),
                action_name: action.action_name,
                last_accessed_at: action.last_accessed_time,
                last_accessed_entity: shared(action.last_accessed_entity),
                last_accessed_region: action.last_accessed_region,
            });
        }
        facts.services.push(LastAccessedServiceRow {
            account_id: account_id.clone(),
            principal_arn: Arc::clone(&principal_arn),
            service_namespace: service.service_namespace,
            last_authenticated_at: service.last_authenticated,
            last_authenticated_entity: shared(service.last_authenticated_entity),
            last_authenticated_region: service.last_authenticated_region,
            total_authenticated_entities: service.total_authenticated_entities,
        });
    }
    facts.actions.shrink_to_fit();
}
