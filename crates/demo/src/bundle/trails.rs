//! `trails.json`: the organisation's trail, which logs all management events and no data events.

use serde::Serialize;

use super::Folder;
use crate::Error;
use crate::model::{Account, Organisation};

#[derive(Serialize)]
struct Trails<'a> {
    #[serde(rename = "trailList")]
    trails: [Trail<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Trail<'a> {
    name: &'static str,
    #[serde(rename = "S3BucketName")]
    bucket: String,
    include_global_service_events: bool,
    is_multi_region_trail: bool,
    home_region: &'static str,
    #[serde(rename = "TrailARN")]
    arn: &'a str,
    log_file_validation_enabled: bool,
    has_custom_event_selectors: bool,
    has_insight_selectors: bool,
    is_organization_trail: bool,
    event_selectors: SelectorsAnswer<'a>,
    status: Status,
}

/// The answer of GetTrailStatus.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    is_logging: bool,
    start_logging_time: &'static str,
}

/// The whole answer of GetEventSelectors.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SelectorsAnswer<'a> {
    #[serde(rename = "TrailARN")]
    arn: &'a str,
    event_selectors: [Selector; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Selector {
    read_write_type: &'static str,
    include_management_events: bool,
    data_resources: [&'static str; 0],
    exclude_management_event_sources: [&'static str; 0],
}

/// Writes the file: every account sees the trail of the management account.
pub(super) fn write(
    organisation: &Organisation,
    account: &Account,
    folder: &Folder,
) -> Result<(), Error> {
    let management = organisation
        .accounts
        .first()
        .map_or("", |account| account.id.as_str());
    let arn = format!("arn:aws:cloudtrail:eu-central-1:{management}:trail/organisation");
    let trail = Trail {
        name: "organisation",
        bucket: format!("audit-{management}"),
        include_global_service_events: true,
        is_multi_region_trail: true,
        home_region: "eu-central-1",
        arn: &arn,
        log_file_validation_enabled: true,
        has_custom_event_selectors: false,
        has_insight_selectors: false,
        is_organization_trail: true,
        event_selectors: SelectorsAnswer {
            arn: &arn,
            event_selectors: [Selector {
                read_write_type: "All",
                include_management_events: true,
                data_resources: [],
                exclude_management_event_sources: [],
            }],
        },
        status: Status {
            is_logging: true,
            // Before anything that the organisation's logs hold.
            start_logging_time: "2021-03-01T09:00:00+00:00",
        },
    };
    folder.write_json(
        &format!("{}/trails.json", account.id),
        &Trails { trails: [trail] },
    )
}
