//! What is regional: the findings of IAM Access Analyzer in the client's Region, CloudTrail's trails of all Regions, and the event data
//! stores of CloudTrail Lake in the client's Region and those that have trails.

use std::collections::BTreeSet;
use std::future::Future;

use aws_sdk_accessanalyzer::Client as AccessAnalyzer;
use aws_sdk_cloudtrail::Client as CloudTrail;
use aws_sdk_cloudtrail::config::Region;
use leastgrant_aws::{Failure, FailureKind};
use serde::Deserialize;
use serde_json::json;

use super::asker::{Asker, has_expired};
use super::calls::{
    DESCRIBE_TRAILS, GET_EVENT_DATA_STORE, GET_EVENT_SELECTORS, GET_TRAIL_STATUS, LIST_ANALYZERS,
    LIST_EVENT_DATA_STORES, LIST_FINDINGS, LIST_TRAILS,
};
use super::resources::is_region;
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

#[derive(Deserialize, Default)]
#[serde(default)]
struct Trails {
    #[serde(rename = "trailList")]
    described: Vec<Trail>,
    #[serde(rename = "Trails")]
    listed: Vec<Trail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Trail {
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    home_region: Option<String>,
}

impl Trail {
    /// Where it answers.
    fn region(&self) -> Option<&str> {
        self.home_region
            .as_deref()
            .filter(|region| is_region(region))
    }
}

/// Trails of all Regions. A Region describes its own ones and those that log everywhere; which others there are, ListTrails says.
pub(super) async fn trails(asker: &Asker<'_>, cloudtrail: &CloudTrail) {
    let attempt = asker.in_turn(raw(DESCRIBE_TRAILS, cloudtrail.describe_trails().send()));
    let described = asker.ask(DESCRIBE_TRAILS, &json!({}), attempt).await;
    let mut trails = described
        .map(|trails| trails.read::<Trails>(asker).described)
        .unwrap_or_default();
    let listed = asker
        .pages(LIST_TRAILS, &json!({}), "NextToken", |token| {
            raw(
                LIST_TRAILS,
                cloudtrail.list_trails().set_next_token(token).send(),
            )
        })
        .await
        .items(asker, |page: Trails| page.listed);
    let elsewhere: Vec<Trail> = listed
        .into_iter()
        .filter(|listed| {
            trails
                .iter()
                .all(|described| described.trail_arn != listed.trail_arn)
        })
        .collect();
    let regions: BTreeSet<&str> = elsewhere.iter().filter_map(Trail::region).collect();
    let regions = regions
        .into_iter()
        .map(|region| trails_of(asker, cloudtrail, region));
    let others = futures::future::join_all(regions).await;
    for other in others.into_iter().flatten().chain(elsewhere) {
        if trails
            .iter()
            .all(|trail| trail.trail_arn != other.trail_arn)
        {
            trails.push(other);
        }
    }
    let regions: BTreeSet<&str> = trails.iter().filter_map(Trail::region).collect();
    let home = cloudtrail.config().region().map(Region::as_ref);
    let elsewhere = regions.into_iter().filter(|region| Some(*region) != home);
    let stores = std::iter::once(None).chain(elsewhere.map(Some));
    let stores = stores.map(|region| event_data_stores(asker, cloudtrail, region));
    let each = trails
        .iter()
        .map(|trail| selectors_and_status(asker, cloudtrail, trail));
    futures::future::join(
        futures::future::join_all(each),
        futures::future::join_all(stores),
    )
    .await;
}

/// The event data stores of a Region, and what each of them keeps.
async fn event_data_stores(asker: &Asker<'_>, cloudtrail: &CloudTrail, region: Option<&str>) {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "PascalCase", default)]
    struct Page {
        event_data_stores: Vec<Store>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Store {
        event_data_store_arn: String,
    }
    let parameters = region.map_or_else(|| json!({}), |region| json!({"Region": region}));
    let listed = asker
        .pages(LIST_EVENT_DATA_STORES, &parameters, "NextToken", |token| {
            let request = cloudtrail.list_event_data_stores().set_next_token(token);
            let request = request.customize().config_override(there(region));
            in_region(region, raw(LIST_EVENT_DATA_STORES, request.send()))
        })
        .await;
    let stores = listed.items(asker, |page: Page| page.event_data_stores);
    let each = stores.iter().map(|store| async move {
        let arn = &store.event_data_store_arn;
        let request = cloudtrail.get_event_data_store().event_data_store(arn);
        let request = request.customize().config_override(there(region));
        let sent = in_region(
            region,
            asker.in_turn(raw(GET_EVENT_DATA_STORE, request.send())),
        );
        let parameters = json!({"EventDataStore": arn});
        asker.ask(GET_EVENT_DATA_STORE, &parameters, sent).await;
    });
    futures::future::join_all(each).await;
}

/// The trails that another Region describes.
async fn trails_of(asker: &Asker<'_>, cloudtrail: &CloudTrail, region: &str) -> Vec<Trail> {
    let described = cloudtrail
        .describe_trails()
        .customize()
        .config_override(there(Some(region)));
    let attempt = in_region(
        Some(region),
        asker.in_turn(raw(DESCRIBE_TRAILS, described.send())),
    );
    let parameters = json!({"Region": region});
    match asker.ask(DESCRIBE_TRAILS, &parameters, attempt).await {
        Some(answer) => answer.read::<Trails>(asker).described,
        None => Vec::new(),
    }
}

async fn selectors_and_status(asker: &Asker<'_>, cloudtrail: &CloudTrail, trail: &Trail) {
    // A trail of another Region is seen here, and answers only there.
    let (arn, region) = (&trail.trail_arn, trail.region());
    let selectors = cloudtrail
        .get_event_selectors()
        .trail_name(arn)
        .customize()
        .config_override(there(region));
    let selectors = in_region(
        region,
        asker.in_turn(raw(GET_EVENT_SELECTORS, selectors.send())),
    );
    let status = cloudtrail
        .get_trail_status()
        .name(arn)
        .customize()
        .config_override(there(region));
    let status = in_region(region, asker.in_turn(raw(GET_TRAIL_STATUS, status.send())));
    let (selected, named) = (json!({"TrailName": arn}), json!({"Name": arn}));
    futures::future::join(
        asker.ask(GET_EVENT_SELECTORS, &selected, selectors),
        asker.ask(GET_TRAIL_STATUS, &named, status),
    )
    .await;
}

fn there(region: Option<&str>) -> aws_sdk_cloudtrail::config::Builder {
    let mut there = aws_sdk_cloudtrail::config::Builder::new();
    // To set none would take away the client's own one.
    if let Some(region) = region {
        there.set_region(Some(Region::new(region.to_owned())));
    }
    there
}

/// A failure that names its Region. A Region that the account has not opted in to takes no credentials of the account for valid
/// (AWS General Reference, managing Regions), which says nothing of the credentials.
pub(super) async fn in_region(
    region: Option<&str>,
    attempt: impl Future<Output = Result<String, Failure>>,
) -> Result<String, Failure> {
    attempt.await.map_err(|failure| {
        let Some(region) = region else {
            return failure;
        };
        let (kind, hint) = match failure.kind {
            FailureKind::Credentials if !has_expired(&failure) => (
                FailureKind::Other,
                ", which the account may not have opted in to",
            ),
            kind => (kind, ""),
        };
        Failure {
            kind,
            message: format!("{} (in the Region `{region}`{hint})", failure.message),
            ..failure
        }
    })
}
