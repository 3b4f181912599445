//! Repositories of ECR.

use aws_sdk_ecr::Client;
use serde::Deserialize;

use super::Place;
use crate::live::calls::{DESCRIBE_REPOSITORIES, GET_REPOSITORY_POLICY};
use crate::live::wire::raw;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Page {
    repositories: Vec<Repository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    repository_arn: String,
    repository_name: String,
}

pub(super) async fn collect(place: &Place<'_>, ecr: &Client) {
    let policies = place.policies_of(
        DESCRIBE_REPOSITORIES,
        "nextToken",
        |token| {
            let request = ecr
                .describe_repositories()
                .max_results(1000)
                .set_next_token(token);
            raw(DESCRIBE_REPOSITORIES, request.send())
        },
        |page: Page| page.repositories,
        GET_REPOSITORY_POLICY,
        |repository| {
            let request = ecr
                .get_repository_policy()
                .repository_name(&repository.repository_name);
            let sent = raw(GET_REPOSITORY_POLICY, request.send());
            (repository.repository_arn.clone(), sent)
        },
    );
    policies.await;
}
