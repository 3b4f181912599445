//! Keys of KMS. Each has a policy.

use aws_sdk_kms::Client;
use serde::Deserialize;

use super::Place;
use crate::live::calls::{GET_KEY_POLICY, LIST_KEYS};
use crate::live::wire::raw;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    key_arn: String,
}

pub(super) async fn collect(place: &Place<'_>, kms: &Client) {
    let policies = place.policies_of(
        LIST_KEYS,
        "Marker",
        |marker| {
            let request = kms.list_keys().limit(1000).set_marker(marker);
            raw(LIST_KEYS, request.send())
        },
        |page: Page| page.keys,
        GET_KEY_POLICY,
        |Key { key_arn }| {
            let request = kms.get_key_policy().key_id(key_arn).policy_name("default");
            (key_arn.clone(), raw(GET_KEY_POLICY, request.send()))
        },
    );
    policies.await;
}
