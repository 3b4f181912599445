//! What the client's Region knows: IAM Access Analyzer's findings, and CloudTrail's trails with what they log.

use aws_sdk_accessanalyzer::Client as AccessAnalyzer;
use aws_sdk_cloudtrail::Client as CloudTrail;
use aws_sdk_cloudtrail::config::Region;
use serde::Deserialize;
use serde_json::json;

use super::asker::Asker;
use super::calls::{
    DESCRIBE_TRAILS, GET_EVENT_SELECTORS, GET_TRAIL_STATUS, LIST_ANALYZERS, LIST_FINDINGS,
};
use super::wire::raw;

pub(super) async fn analyzers(asker: &Asker<'_>, analyzer: &AccessAnalyzer) {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Page {
        analyzers: Vec<Analyzer>,
    }
    #[derive(Deserialize)]
    struct Analyzer {
        arn: String,
    }
    let listed = asker
        .pages(LIST_ANALYZERS, &json!({}), "nextToken", |token| {
            raw(
                LIST_ANALYZERS,
                analyzer.list_analyzers().set_next_token(token).send(),
            )
        })
        .await;
    for Analyzer { arn } in listed.items(asker, |page: Page| page.analyzers) {
        asker
            .pages(
                LIST_FINDINGS,
                &json!({"analyzerArn": arn}),
                "nextToken",
                |token| {
                    raw(
                        LIST_FINDINGS,
                        analyzer
                            .list_findings_v2()
                            .analyzer_arn(&arn)
                            .set_next_token(token)
                            .send(),
                    )
                },
            )
            .await;
    }
}

pub(super) async fn trails(asker: &Asker<'_>, cloudtrail: &CloudTrail) {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Page {
        #[serde(rename = "trailList")]
        trail_list: Vec<Trail>,
    }
    #[derive(Deserialize)]
    struct Trail {
        #[serde(rename = "TrailARN")]
        trail_arn: String,
        #[serde(rename = "HomeRegion")]
        home_region: Option<String>,
    }
    let attempt = asker.in_turn(raw(DESCRIBE_TRAILS, cloudtrail.describe_trails().send()));
    let described = asker.ask(DESCRIBE_TRAILS, &json!({}), attempt).await;
    let trails: Page = described
        .map(|trails| trails.read(asker))
        .unwrap_or_default();
    let each = trails.trail_list.iter().map(|trail| async move {
        // A trail of another Region is seen here, and answers only there.
        let mut there = aws_sdk_cloudtrail::config::Builder::new();
        there.set_region(trail.home_region.clone().map(Region::new));
        let arn = &trail.trail_arn;
        let selectors = cloudtrail
            .get_event_selectors()
            .trail_name(arn)
            .customize()
            .config_override(there.clone());
        let selectors = asker.in_turn(raw(GET_EVENT_SELECTORS, selectors.send()));
        let status = cloudtrail
            .get_trail_status()
            .name(arn)
            .customize()
            .config_override(there);
        let status = asker.in_turn(raw(GET_TRAIL_STATUS, status.send()));
        let (selected, named) = (json!({"TrailName": arn}), json!({"Name": arn}));
        futures::future::join(
            asker.ask(GET_EVENT_SELECTORS, &selected, selectors),
            asker.ask(GET_TRAIL_STATUS, &named, status),
        )
        .await;
    });
    futures::future::join_all(each).await;
}
