//! CloudTrail trails, what they log, and whether they do; and the event data stores of CloudTrail Lake.

use leastgrant_inventory::tables::{EventDataStoreRow, TrailRow};
use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::account::stated_at;
use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::{Piece, account_of, name_of};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "cloudtrail:DescribeTrails",
        DataKind::Trails,
        "trailList",
        trails,
    ),
    Reader::new("cloudtrail:ListTrails", DataKind::Trails, "", listed_trails),
    // Member accounts see their organisation's trail and not its selectors: to them AWS says that there is none.
    Reader::new(
        "cloudtrail:GetEventSelectors",
        DataKind::Trails,
        "",
        event_selectors,
    )
    .or_absent(|_, _| {}),
    Reader::new("cloudtrail:GetTrailStatus", DataKind::Trails, "", status).or_absent(|_, _| {}),
    // A listing has no more than the store's own answer, which follows it.
    Reader::new(
        "cloudtrail:ListEventDataStores",
        DataKind::Trails,
        "",
        |_, _, _| {},
    ),
    Reader::new(
        "cloudtrail:GetEventDataStore",
        DataKind::Trails,
        "",
        event_data_store,
    ),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Trail<'a> {
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    name: Option<String>,
    home_region: Option<String>,
    is_multi_region_trail: Option<bool>,
    is_organization_trail: Option<bool>,
    include_global_service_events: Option<bool>,
    s3_bucket_name: Option<String>,
    s3_key_prefix: Option<String>,
    has_custom_event_selectors: Option<bool>,
    /// Added by the bundle: the whole answer of GetEventSelectors.
    #[serde(borrow)]
    event_selectors: Option<&'a RawValue>,
    /// Added by the bundle: the whole answer of GetTrailStatus.
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

/// The answer of GetTrailStatus.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    is_logging: Option<bool>,
    #[serde(default, deserialize_with = "time::optional")]
    start_logging_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    stop_logging_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "time::optional")]
    latest_delivery_time: Option<Timestamp>,
    latest_delivery_error: Option<String>,
}

impl Status {
    fn put_into(self, row: &mut TrailRow) {
        row.is_logging = self.is_logging;
        row.started_logging_at = self.start_logging_time;
        row.stopped_logging_at = self.stop_logging_time;
        row.last_delivered_at = self.latest_delivery_time;
        row.delivery_error = self.latest_delivery_error.filter(|text| !text.is_empty());
    }
}

fn trails(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let trails: Vec<Trail<'_>> = elements::list(answer, "trailList", problems);
    for (index, trail) in trails.into_iter().enumerate() {
        // A trail of the organisation is seen by the accounts that it logs, under the ARN of the management account.
        let account_id = match trail.is_organization_trail {
            Some(true) => String::new(),
            _ => account_of(&trail.trail_arn).unwrap_or_default().to_owned(),
        };
        let mut row = TrailRow {
            account_id,
            name: trail
                .name
                .unwrap_or_else(|| name_of(&trail.trail_arn).to_owned()),
            home_region: trail.home_region,
            is_multi_region: trail.is_multi_region_trail,
            is_organization_trail: trail.is_organization_trail,
            include_global_service_events: trail.include_global_service_events,
            s3_bucket_name: trail.s3_bucket_name,
            s3_key_prefix: trail.s3_key_prefix,
            has_custom_event_selectors: trail.has_custom_event_selectors,
            event_selectors: trail.event_selectors.map(|raw| raw.get().to_owned()),
            arn: trail.trail_arn,
            ..TrailRow::default()
        };
        let place = format!("/trailList/{index}/Status");
        if let Some(status) = trail
            .status
            .and_then(|raw| elements::read::<Status>(raw, &place, problems))
        {
            status.put_into(&mut row);
        }
        piece.facts.rows.trails.push(row);
    }
}

/// ListTrails names the trails of all Regions, and says no more of them.
fn listed_trails(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let trails: Vec<Trail<'_>> = elements::list(answer, "Trails", problems);
    piece
        .facts
        .rows
        .trails
        .extend(trails.into_iter().map(|trail| {
            TrailRow {
                name: trail
                    .name
                    .unwrap_or_else(|| name_of(&trail.trail_arn).to_owned()),
                home_region: trail.home_region,
                arn: trail.trail_arn,
                ..TrailRow::default()
            }
        }));
}

/// A row of the trail that a call named by its ARN.
fn row_of(answer: &Answer<'_>, parameter: &str, problems: &mut Problems) -> Option<TrailRow> {
    let arn = answer
        .members
        .text("TrailARN")
        .or_else(|| answer.parameter(parameter))
        .filter(|arn| arn.starts_with("arn:"));
    let Some(arn) = arn else {
        problems.push(Problem::at("/TrailARN", "the trail's ARN is missing"));
        return None;
    };
    Some(TrailRow {
        name: name_of(&arn).to_owned(),
        arn,
        ..TrailRow::default()
    })
}

fn event_selectors(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(row) = row_of(answer, "TrailName", problems) else {
        return;
    };
    let selectors: Vec<String> = ["AdvancedEventSelectors", "EventSelectors"]
        .iter()
        .filter_map(|member| {
            answer
                .members
                .get(member)
                .map(|raw| format!("\"{member}\":{}", raw.get()))
        })
        .collect();
    piece.facts.rows.trails.push(TrailRow {
        event_selectors: Some(format!("{{{}}}", selectors.join(","))),
        ..row
    });
}

fn status(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(mut row) = row_of(answer, "Name", problems) else {
        return;
    };
    let status = Status {
        is_logging: elements::one(answer, "IsLogging", problems),
        start_logging_time: stated_at(answer, "StartLoggingTime", problems),
        stop_logging_time: stated_at(answer, "StopLoggingTime", problems),
        latest_delivery_time: stated_at(answer, "LatestDeliveryTime", problems),
        latest_delivery_error: answer.members.text("LatestDeliveryError"),
    };
    status.put_into(&mut row);
    piece.facts.rows.trails.push(row);
}

fn event_data_store(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let arn = answer.members.text("EventDataStoreArn");
    let Some(arn) = arn.filter(|arn| arn.starts_with("arn:")) else {
        problems.push(Problem::at(
            "/EventDataStoreArn",
            "the event data store's ARN is missing",
        ));
        return;
    };
    let selectors = answer.members.get("AdvancedEventSelectors");
    piece.facts.rows.event_data_stores.push(EventDataStoreRow {
        // The organisation's store is in its management account, and nobody else is asked about it.
        account_id: account_of(&arn).unwrap_or_default().to_owned(),
        name: answer.members.text("Name"),
        status: answer.members.text("Status"),
        is_multi_region: elements::one(answer, "MultiRegionEnabled", problems),
        is_organization_store: elements::one(answer, "OrganizationEnabled", problems),
        retention_days: elements::one(answer, "RetentionPeriod", problems),
        created_at: stated_at(answer, "CreatedTimestamp", problems),
        event_selectors: selectors.map(|raw| raw.get().to_owned()),
        arn,
    });
}
