//! A query's result: the object that Athena wrote, or pages where that cannot be read.

use aws_sdk_athena::Client;
use aws_types::SdkConfig;
use leastgrant_aws::Failure;

use super::csv::{CsvReader, Line};
use super::error::AthenaError;
use super::execution::Finished;
use super::rows::{ResultError, ResultRows};
use crate::{UsageCollector, Window};

/// What was read.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) collector: UsageCollector,
    /// Why the object could not be read, so that pages were.
    pub(super) object_failure: Option<Failure>,
}

/// Reads the whole result.
pub(super) async fn fetch(
    config: &SdkConfig,
    client: &Client,
    finished: &Finished,
) -> Result<Fetched, AthenaError> {
    // The events outside were left out at Athena.
    let rows = || ResultRows::new(UsageCollector::new(Window::default()));
    let object = finished.output.as_deref().and_then(bucket_and_key);
    let mut object_failure = None;
    if let Some((bucket, key)) = object {
        let mut from_object = rows();
        match object_lines(config, bucket, key, &mut from_object).await {
            Ok(()) => {
                return Ok(Fetched {
                    collector: from_object.collector,
                    object_failure,
                });
            }
            Err(AthenaError::Call(failure)) => object_failure = Some(failure),
            Err(error) => return Err(error),
        }
    }
    let mut from_pages = rows();
    pages(client, &finished.id, &mut from_pages).await?;
    Ok(Fetched {
        collector: from_pages.collector,
        object_failure,
    })
}

fn bucket_and_key(location: &str) -> Option<(&str, &str)> {
    location.strip_prefix("s3://")?.split_once('/')
}

async fn object_lines(
    config: &SdkConfig,
    bucket: &str,
    key: &str,
    rows: &mut ResultRows,
) -> Result<(), AthenaError> {
    // Servers other than AWS's have no host name for each bucket.
    let settings = aws_sdk_s3::config::Builder::from(config)
        .force_path_style(config.endpoint_url().is_some())
        .build();
    let client = aws_sdk_s3::Client::from_conf(settings);
    let request = client.get_object().bucket(bucket).key(key);
    let answer = request
        .send()
        .await
        .map_err(|error| Failure::of("s3:GetObject", &error))?;
    let mut body = answer.body;
    let mut reader = CsvReader::default();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| Failure {
            call: "s3:GetObject",
            kind: leastgrant_aws::FailureKind::Other,
            code: None,
            message: error.to_string(),
        })?;
        reader.read(&piece, |line| rows.line(line))?;
    }
    if reader.finish(|line| rows.line(line))? && rows.is_begun() {
        Ok(())
    } else {
        Err(ResultError::new("it ends in the middle").into())
    }
}

async fn pages(client: &Client, id: &str, rows: &mut ResultRows) -> Result<(), AthenaError> {
    let mut token = None;
    loop {
        let request = client
            .get_query_results()
            .query_execution_id(id)
            .set_next_token(token);
        let answer = request
            .send()
            .await
            .map_err(|error| Failure::of("athena:GetQueryResults", &error))?;
        let set = answer.result_set.as_ref();
        for row in set.map(|set| set.rows()).unwrap_or_default() {
            let value =
                |datum: &aws_sdk_athena::types::Datum| datum.var_char_value().map(str::to_owned);
            let line: Line = row.data().iter().map(value).collect();
            rows.line(line)?;
        }
        token = answer.next_token;
        if token.is_none() {
            return Ok(());
        }
    }
}
