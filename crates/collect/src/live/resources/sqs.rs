//! Queues of SQS, whose policy is one of their attributes. A listing names them by URL.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use serde::Deserialize;

use super::Place;
use crate::live::calls::{GET_QUEUE_ATTRIBUTES, LIST_QUEUES};
use crate::live::wire::raw;

/// Without queues there is no list in the answer.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    queue_urls: Vec<String>,
}

pub(super) async fn collect(place: &Place<'_>, sqs: &Client) {
    let policies = place.policies_of(
        LIST_QUEUES,
        "NextToken",
        |token| {
            // Without a number there are no pages, and a thousand queues are all (SQS API Reference, `ListQueues`).
            let request = sqs.list_queues().max_results(1000).set_next_token(token);
            raw(LIST_QUEUES, request.send())
        },
        |page: Page| page.queue_urls,
        GET_QUEUE_ATTRIBUTES,
        |url| {
            let request = sqs
                .get_queue_attributes()
                .queue_url(url)
                .attribute_names(QueueAttributeName::Policy);
            (
                arn_of(url, place),
                raw(GET_QUEUE_ATTRIBUTES, request.send()),
            )
        },
    );
    policies.await;
}

/// A queue's URL ends with its account and its name (SQS Developer Guide, queue and message identifiers).
fn arn_of(url: &str, place: &Place<'_>) -> String {
    let mut ends = url.rsplitn(3, '/');
    let (name, account_id) = (ends.next(), ends.next());
    format!(
        "arn:{}:sqs:{}:{}:{}",
        place.partition,
        place.region,
        account_id.unwrap_or_default(),
        name.unwrap_or_default()
    )
}
