//! Buckets of S3. One listing names those of all Regions, and each answers in its own.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Place, is_region};
use crate::live::asker::Asker;
use crate::live::calls::{GET_BUCKET_POLICY, LIST_BUCKETS};
use crate::live::wire::{Clients, shaped};

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    buckets: Vec<Bucket>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bucket {
    name: String,
    /// There in the answers to requests for pages.
    bucket_region: Option<String>,
}

pub(super) async fn collect(asker: &Asker<'_>, clients: &Clients, partition: &str) {
    let home = clients.region();
    let s3 = clients.of_resources(home).s3;
    let page = |token: Option<String>| {
        let request = s3.list_buckets().max_buckets(1000);
        shaped(
            LIST_BUCKETS,
            request.set_continuation_token(token).send(),
            |answer| {
                let buckets = answer.buckets().iter();
                let buckets: Vec<_> = buckets
                    .map(
                        |bucket| json!({"Name": bucket.name, "BucketRegion": bucket.bucket_region}),
                    )
                    .collect();
                json!({"Buckets": buckets, "ContinuationToken": answer.continuation_token})
            },
        )
    };
    let listed = asker
        .pages(LIST_BUCKETS, &json!({}), "ContinuationToken", page)
        .await;
    let buckets = listed.items(asker, |page: Page| page.buckets);
    let mut by_region: BTreeMap<String, Vec<Bucket>> = BTreeMap::new();
    for bucket in buckets {
        let region = bucket.bucket_region.as_deref();
        let region = region.filter(|region| is_region(region)).unwrap_or(home);
        by_region.entry(region.to_owned()).or_default().push(bucket);
    }
    let each = by_region.iter().map(|(region, buckets)| async move {
        let place = Place {
            asker,
            partition,
            region,
        };
        let s3 = clients.of_resources(region).s3;
        let policies = place.policies(GET_BUCKET_POLICY, buckets, |Bucket { name, .. }| {
            let request = s3.get_bucket_policy().bucket(name);
            let sent = shaped(
                GET_BUCKET_POLICY,
                request.send(),
                |answer| json!({"Policy": answer.policy}),
            );
            (format!("arn:{partition}:s3:::{name}"), sent)
        });
        policies.await;
    });
    futures::future::join_all(each).await;
}
