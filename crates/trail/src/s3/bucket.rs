//! A bucket in whichever Region it is, and its two calls.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::types::EncodingType;
use leastgrant_aws::{Connection, Failure, causes};
use percent_encoding::percent_decode_str;

use super::error::S3Error;
use super::fetch::NotFetched;
use super::list::Object;
use super::location::S3Location;

/// S3 says here where a bucket is, even to those who may not read it.
const REGION_HEADER: &str = "x-amz-bucket-region";
/// Nobody waits half a minute to be told of a wrong endpoint.
const FIRST_ATTEMPTS: u32 = 3;
/// The SDK retries a call, but not an answer that breaks off.
const MOST_FETCHES: u32 = 3;

/// A bucket that has answered.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    client: Client,
    name: String,
    pub(super) region: String,
}

/// A part of a listing.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) objects: Vec<Object>,
    /// With the `/` at their ends.
    pub(super) folders: Vec<String>,
    pub(super) next: Option<String>,
}

/// What a page of a listing is asked for by.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing<'a> {
    pub(super) prefix: &'a str,
    /// Whether folders are listed as such, without what is in them.
    pub(super) by_folder: bool,
    pub(super) start_after: Option<&'a str>,
    pub(super) next: Option<String>,
}

impl Bucket {
    /// Finds the bucket's Region, by a listing that is needed in any case to be allowed.
    pub(super) async fn open(
        connection: &Connection,
        location: &S3Location,
    ) -> Result<Self, S3Error> {
        let config = connection.config().await;
        let client = |region: Option<&str>, retry: Option<RetryConfig>| {
            let mut builder = aws_sdk_s3::config::Builder::from(&config)
                .force_path_style(config.endpoint_url().is_some());
            if let Some(region) = region {
                builder = builder.region(Region::new(region.to_owned()));
            }
            if let Some(retry) = retry {
                builder = builder.retry_config(retry);
            }
            Client::from_conf(builder.build())
        };
        let first_retries = || Some(RetryConfig::standard().with_max_attempts(FIRST_ATTEMPTS));
        let mut bucket = Self {
            client: client(None, first_retries()),
            name: location.bucket.clone(),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
        };
        let probe = Listing {
            prefix: &location.prefix,
            by_folder: true,
            ..Listing::default()
        };
        let failed = |failure: Failure| S3Error::List {
            location: location.to_string(),
            failure,
        };
        if let Err((failure, elsewhere)) = bucket.list(&probe).await {
            let Some(region) = elsewhere.filter(|region| *region != bucket.region) else {
                return Err(failed(failure));
            };
            bucket.client = client(Some(&region), first_retries());
            bucket.region = region;
            match (bucket.list(&probe).await, config.endpoint_url()) {
                (Ok(_), _) => {}
                (Err((_, Some(region))), Some(endpoint)) => {
                    return Err(S3Error::OtherRegion {
                        location: location.to_string(),
                        region,
                        endpoint: endpoint.to_owned(),
                    });
                }
                (Err((failure, _)), _) => return Err(failed(failure)),
            }
        }
        bucket.client = client(Some(&bucket.region), None);
        Ok(bucket)
    }

    /// A page of a listing, of at most a thousand keys. A failure comes with the Region that S3 says the bucket is in.
    pub(super) async fn list(
        &self,
        listing: &Listing<'_>,
    ) -> Result<Page, (Failure, Option<String>)> {
        let answer = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(listing.prefix)
            .set_delimiter(listing.by_folder.then(|| "/".to_owned()))
            .set_start_after(listing.start_after.map(str::to_owned))
            .set_continuation_token(listing.next.clone())
            // A key can have characters that XML cannot.
            .encoding_type(EncodingType::Url)
            .send()
            .await;
        let answer = answer.map_err(|error| {
            let header = error
                .raw_response()
                .and_then(|response| response.headers().get(REGION_HEADER));
            let region = header.map(str::to_owned);
            (Failure::of("s3:ListObjectsV2", &error), region)
        })?;
        let objects = answer.contents.unwrap_or_default().into_iter();
        let folders = answer.common_prefixes.unwrap_or_default().into_iter();
        Ok(Page {
            objects: objects
                .filter_map(|object| {
                    Some(Object {
                        key: decoded(&object.key?),
                        etag: object.e_tag.unwrap_or_default(),
                        size: u64::try_from(object.size.unwrap_or_default()).ok()?,
                    })
                })
                .collect(),
            folders: folders
                .filter_map(|folder| Some(decoded(&folder.prefix?)))
                .collect(),
            next: answer
                .next_continuation_token
                .filter(|_| answer.is_truncated == Some(true)),
        })
    }

    /// An object's bytes, at most as many as were listed; fetched again where the answer breaks off.
    pub(super) async fn get(&self, object: &Object) -> Result<Vec<u8>, NotFetched> {
        let mut left = MOST_FETCHES;
        loop {
            left -= 1;
            match self.get_once(object).await {
                Err(NotFetched::BrokeOff(_)) if left > 0 => {}
                answer => return answer,
            }
        }
    }

    async fn get_once(&self, object: &Object) -> Result<Vec<u8>, NotFetched> {
        let request = self.client.get_object().bucket(&self.name);
        let answer = request.key(&object.key).send().await;
        let mut body = match answer {
            Ok(answer) => answer.body,
            Err(error) => {
                return Err(match error.as_service_error() {
                    Some(GetObjectError::NoSuchKey(_)) => NotFetched::Deleted,
                    Some(GetObjectError::InvalidObjectState(_)) => NotFetched::Archived,
                    _ => NotFetched::Failed {
                        failure: Failure::of("s3:GetObject", &error),
                    },
                });
            }
        };
        let mut bytes = Vec::new();
        while let Some(part) = body.next().await {
            let part = part.map_err(|error| NotFetched::BrokeOff(causes(&error)))?;
            bytes.extend_from_slice(&part);
            if len(&bytes) > object.size {
                break;
            }
        }
        if len(&bytes) == object.size {
            Ok(bytes)
        } else {
            Err(NotFetched::Changed)
        }
    }
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A key as `encoding-type=url` writes it: with `+` for a space.
fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_s3_encodes_them() {
        assert_eq!(decoded("a/b+c%2Bd%0A%C3%A9%25"), "a/b c+d\né%");
    }
}
