//! Service last-accessed data at action level: a job for each principal and policy, and the pages of its result.
//!
//! Only the principal that started a job can read its result (IAM API Reference, `GetServiceLastAccessedDetails`), so a job of an
//! earlier run that cannot be read is started again.

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::AccessAdvisorUsageGranularityType::ActionLevel;
use futures::StreamExt as _;
use leastgrant_aws::{Failure, FailureKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::shapes;
use crate::file::JOB_FAILED;
use crate::live::asker::{Answered, Asker};
use crate::live::calls::{
    GENERATE_SERVICE_LAST_ACCESSED_DETAILS, GET_SERVICE_LAST_ACCESSED_DETAILS,
};
use crate::live::wire::shaped;

/// Jobs on their way at a time.
const JOBS_AT_A_TIME: usize = 20;
/// A job that fails is started again so often.
const MOST_JOBS: usize = 3;
/// Waits between looks at one job: two minutes in all. Most are done at the first look.
const WAITS: [u64; 10] = [0, 1, 2, 4, 8, 15, 20, 20, 25, 25];

pub(super) async fn collect(asker: &Asker<'_>, iam: &Client, arns: &[String]) {
    futures::stream::iter(arns)
        .for_each_concurrent(JOBS_AT_A_TIME, |arn| one(asker, iam, arn))
        .await;
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Job {
    job_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Following {
    marker: Option<String>,
}

async fn one(asker: &Asker<'_>, iam: &Client, arn: &str) {
    let parameters = json!({"Arn": arn});
    if let Some(first) = asker.kept(GET_SERVICE_LAST_ACCESSED_DETAILS.name, &parameters) {
        renew_what_has_expired(asker, iam, arn, &first).await;
    }
    let first = asker
        .ask(
            GET_SERVICE_LAST_ACCESSED_DETAILS,
            &parameters,
            first_page(asker, iam, arn, kept_job(asker, arn)),
        )
        .await;
    if first.is_none() {
        return;
    }
    let job = kept_job(asker, arn).unwrap_or_default();
    // The first page is kept, and its parameters are the listing's.
    asker
        .pages(
            GET_SERVICE_LAST_ACCESSED_DETAILS,
            &parameters,
            "Marker",
            |marker| fetch(iam, job.job_id.clone(), marker),
        )
        .await;
}

fn kept_job(asker: &Asker<'_>, arn: &str) -> Option<Job> {
    let job = asker.kept(
        GENERATE_SERVICE_LAST_ACCESSED_DETAILS.name,
        &json!({"Arn": arn}),
    );
    job?.try_read().ok()
}

/// Pages follow each other within one job, which AWS forgets after a while. Where a page of an earlier run's job cannot be had any more, the
/// first page is asked anew, of a new job, and those that followed the old one are forgotten.
async fn renew_what_has_expired(asker: &Asker<'_>, iam: &Client, arn: &str, first: &Answered) {
    let (parameters, job) = (json!({"Arn": arn}), kept_job(asker, arn));
    let call = GET_SERVICE_LAST_ACCESSED_DETAILS.name;
    let Some((following, marker)) = following_pages(asker, arn, first) else {
        return;
    };
    let job_id = job.unwrap_or_default().job_id;
    match asker
        .in_turn(fetch(iam, job_id, Some(marker.clone())))
        .await
    {
        Ok(answer) => asker.keep(call, &page_parameters(arn, &marker), &answer),
        // A process that was killed may have kept the new job and not yet its first page, which knows nothing of the old one's marker.
        Err(failure)
            if failure.code.is_some()
                && [FailureKind::NotFound, FailureKind::Other].contains(&failure.kind) =>
        {
            // Why there is no new one is told when the page of the old one is asked again.
            if let Ok(answer) = first_page(asker, iam, arn, None).await {
                for page in following {
                    asker.forget(call, &page);
                }
                asker.keep(call, &parameters, &answer);
            }
        }
        Err(_) => {}
    }
}

fn page_parameters(arn: &str, marker: &str) -> Value {
    json!({"Arn": arn, "Marker": marker})
}

/// The pages after the first one that are kept, and the marker of the one that follows them; none: all are kept.
fn following_pages(asker: &Asker<'_>, arn: &str, first: &Answered) -> Option<(Vec<Value>, String)> {
    let following = |page: &Answered| page.try_read().ok().and_then(|Following { marker }| marker);
    let mut marker = following(first)?;
    let mut kept = Vec::new();
    while let Some(page) = asker.kept(
        GET_SERVICE_LAST_ACCESSED_DETAILS.name,
        &page_parameters(arn, &marker),
    ) {
        let next = following(&page)?;
        let parameters = page_parameters(arn, &marker);
        // Pages in a circle are told when they are read.
        if kept.contains(&parameters) {
            return None;
        }
        kept.push(parameters);
        marker = next;
    }
    Some((kept, marker))
}

/// The first page of the result of a job: of an earlier one, or of a new one.
async fn first_page(
    asker: &Asker<'_>,
    iam: &Client,
    arn: &str,
    mut earlier: Option<Job>,
) -> Result<String, Failure> {
    let mut last = Failure {
        call: GET_SERVICE_LAST_ACCESSED_DETAILS.name,
        kind: FailureKind::Other,
        code: Some(JOB_FAILED.to_owned()),
        message: "AWS did not finish the job; collect again later with `--resume`".to_owned(),
    };
    for _ in 0..MOST_JOBS {
        let is_earlier = earlier.is_some();
        let job = match earlier.take() {
            Some(job) => job,
            None => start(asker, iam, arn).await?,
        };
        match finished(asker, iam, &job).await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => {}
            Err(failure) if is_earlier || failure.kind == FailureKind::NotFound => last = failure,
            Err(failure) => return Err(failure),
        }
    }
    Err(last)
}

async fn start(asker: &Asker<'_>, iam: &Client, arn: &str) -> Result<Job, Failure> {
    let started = asker.in_turn(shaped(
        GENERATE_SERVICE_LAST_ACCESSED_DETAILS,
        iam.generate_service_last_accessed_details()
            .arn(arn)
            .granularity(ActionLevel)
            .send(),
        |answer| json!({"JobId": answer.job_id}),
    ));
    let started = started.await?;
    asker.keep(
        GENERATE_SERVICE_LAST_ACCESSED_DETAILS.name,
        &json!({"Arn": arn}),
        &started,
    );
    serde_json::from_str(&started).map_err(|_| Failure {
        call: GENERATE_SERVICE_LAST_ACCESSED_DETAILS.name,
        kind: FailureKind::Other,
        code: None,
        message: "the answer names no job".to_owned(),
    })
}

/// The first page of a job's result; none if the job failed or takes too long.
async fn finished(asker: &Asker<'_>, iam: &Client, job: &Job) -> Result<Option<String>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Status {
        job_status: String,
    }
    for wait in WAITS {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        let answer = asker.in_turn(fetch(iam, job.job_id.clone(), None)).await?;
        let status = serde_json::from_str(&answer).map(|Status { job_status }| job_status);
        match status.as_deref() {
            Ok("IN_PROGRESS") => {}
            Ok("COMPLETED") => return Ok(Some(answer)),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

async fn fetch(iam: &Client, job_id: String, marker: Option<String>) -> Result<String, Failure> {
    let request = iam
        .get_service_last_accessed_details()
        .job_id(job_id)
        .max_items(1000)
        .set_marker(marker);
    shaped(
        GET_SERVICE_LAST_ACCESSED_DETAILS,
        request.send(),
        shapes::last_accessed,
    )
    .await
}
