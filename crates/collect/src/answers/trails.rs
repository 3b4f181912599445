//! CloudTrail trails and what they log.

use leastgrant_inventory::DataKind;
use leastgrant_inventory::tables::TrailRow;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::elements;
use crate::facts::{Piece, account_of, name_of};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "cloudtrail:DescribeTrails",
        DataKind::Trails,
        "trailList",
        trails,
    ),
    Reader::new(
        "cloudtrail:GetEventSelectors",
        DataKind::Trails,
        "",
        event_selectors,
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
    /// Added by the bundle: the whole answer of GetEventSelectors.
    #[serde(borrow)]
    event_selectors: Option<&'a RawValue>,
}

fn trails(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let trails: Vec<Trail<'_>> = elements::list(answer, "trailList", problems);
    piece.facts.rows.trails = trails
        .into_iter()
        .map(|trail| TrailRow {
            account_id: account_of(&trail.trail_arn).unwrap_or_default().to_owned(),
            name: trail
                .name
                .unwrap_or_else(|| name_of(&trail.trail_arn).to_owned()),
            home_region: trail.home_region,
            is_multi_region: trail.is_multi_region_trail,
            is_organization_trail: trail.is_organization_trail,
            include_global_service_events: trail.include_global_service_events,
            s3_bucket_name: trail.s3_bucket_name,
            s3_key_prefix: trail.s3_key_prefix,
            event_selectors: trail.event_selectors.map(|raw| raw.get().to_owned()),
            arn: trail.trail_arn,
        })
        .collect();
}

fn event_selectors(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(arn) = answer
        .members
        .text("TrailARN")
        .or_else(|| answer.parameter("TrailName"))
        .filter(|arn| arn.starts_with("arn:"))
    else {
        problems.push(Problem::at("/TrailARN", "the trail's ARN is missing"));
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
        account_id: account_of(&arn).unwrap_or_default().to_owned(),
        name: name_of(&arn).to_owned(),
        arn,
        event_selectors: Some(format!("{{{}}}", selectors.join(","))),
        ..TrailRow::default()
    });
}
