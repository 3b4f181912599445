//! Topics of SNS, whose policy is one of their attributes.

use aws_sdk_sns::Client;
use serde::Deserialize;
use serde_json::json;

use super::Place;
use crate::live::calls::{GET_TOPIC_ATTRIBUTES, LIST_TOPICS};
use crate::live::wire::shaped;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    topics: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Topic {
    topic_arn: String,
}

pub(super) async fn collect(place: &Place<'_>, sns: &Client) {
    let policies = place.policies_of(
        LIST_TOPICS,
        "NextToken",
        |token| {
            let request = sns.list_topics().set_next_token(token);
            shaped(LIST_TOPICS, request.send(), |answer| {
                let topics = answer.topics().iter();
                let topics: Vec<_> = topics
                    .map(|topic| json!({"TopicArn": topic.topic_arn}))
                    .collect();
                json!({"Topics": topics, "NextToken": answer.next_token})
            })
        },
        |page: Page| page.topics,
        GET_TOPIC_ATTRIBUTES,
        |Topic { topic_arn }| {
            let request = sns.get_topic_attributes().topic_arn(topic_arn);
            let sent = shaped(GET_TOPIC_ATTRIBUTES, request.send(), |answer| {
                let policy = answer.attributes.as_ref().and_then(|own| own.get("Policy"));
                json!({"Attributes": {"Policy": policy}})
            });
            (topic_arn.clone(), sent)
        },
    );
    policies.await;
}
