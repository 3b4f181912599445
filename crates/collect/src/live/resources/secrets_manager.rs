//! Secrets of Secrets Manager. Their values are not asked for.

use aws_sdk_secretsmanager::Client;
use serde::Deserialize;
use serde_json::json;

use super::Place;
use crate::live::calls::{GET_RESOURCE_POLICY, LIST_SECRETS};
use crate::live::wire::{picked, raw};

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    secret_list: Vec<Secret>,
}

#[derive(Deserialize)]
struct Secret {
    #[serde(rename = "ARN")]
    arn: String,
}

pub(super) async fn collect(place: &Place<'_>, secrets_manager: &Client) {
    let policies = place.policies_of(
        LIST_SECRETS,
        "NextToken",
        |token| {
            let request = secrets_manager
                .list_secrets()
                .max_results(100)
                .set_next_token(token);
            picked(LIST_SECRETS, request.send(), |answer| {
                let secrets = answer.secret_list().iter();
                let secrets: Vec<_> = secrets.map(|secret| json!({"ARN": secret.arn})).collect();
                json!({"SecretList": secrets, "NextToken": answer.next_token})
            })
        },
        |page: Page| page.secret_list,
        GET_RESOURCE_POLICY,
        |Secret { arn }| {
            let request = secrets_manager.get_resource_policy().secret_id(arn);
            (arn.clone(), raw(GET_RESOURCE_POLICY, request.send()))
        },
    );
    policies.await;
}
