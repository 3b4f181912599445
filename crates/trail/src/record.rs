//! One CloudTrail record, borrowed from the text that it was read from.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::num::NonZeroU64;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::event_time::event_time;

/// A text that is borrowed where it has no escapes. A bare `Option<Cow<str>>` would always be copied.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A JSON value that is not read further; never `null`, which is as good as missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonText<'a>(pub(crate) &'a str);

impl<'a> JsonText<'a> {
    /// The text as it stands in the record.
    #[must_use]
    pub fn get(self) -> &'a str {
        self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(<&'a RawValue>::deserialize(deserializer)?.get()))
    }
}

/// What records show by the place that they were read from, besides the calls themselves; what shows more is greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Shows {
    /// Nothing: somebody's filter may have left others out, or nobody knows whose log it is.
    UseOnly,
    /// What an account's event history has of a Region.
    EventHistory,
    /// What a trail delivers.
    #[default]
    Files,
}

/// The members that usage is made of; all others are skipped while parsing. Any may be missing or null.
///
/// Source: CloudTrail User Guide, "CloudTrail record contents".
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Record<'a> {
    /// Unique in each account that receives it; two trails deliver the same record twice.
    #[serde(borrow, rename = "eventID")]
    pub event_id: Option<Text<'a>>,
    /// The same for the records that several accounts receive of one call.
    #[serde(borrow, rename = "sharedEventID")]
    pub shared_event_id: Option<Text<'a>>,
    /// RFC 3339 in UTC.
    #[serde(borrow)]
    pub event_time: Option<Text<'a>>,
    /// The time as log pipelines name it, which stands in for a missing `eventTime`.
    #[serde(borrow, rename = "@timestamp")]
    pub timestamp: Option<Text<'a>>,
    /// The service's host.
    #[serde(borrow)]
    pub event_source: Option<Text<'a>>,
    /// The call.
    #[serde(borrow)]
    pub event_name: Option<Text<'a>>,
    /// `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleSignIn` and so on.
    #[serde(borrow)]
    pub event_type: Option<Text<'a>>,
    /// `Management`, `Data`, `NetworkActivity` or `Insight`.
    #[serde(borrow)]
    pub event_category: Option<Text<'a>>,
    /// The Region.
    #[serde(borrow)]
    pub aws_region: Option<Text<'a>>,
    /// An address or a service's host.
    #[serde(borrow, rename = "sourceIPAddress")]
    pub source_ip_address: Option<Text<'a>>,
    /// The client, as it calls itself.
    #[serde(borrow)]
    pub user_agent: Option<Text<'a>>,
    /// Set where the call failed.
    #[serde(borrow)]
    pub error_code: Option<Text<'a>>,
    /// What the service said of it.
    #[serde(borrow)]
    pub error_message: Option<Text<'a>>,
    /// The account that received the record.
    #[serde(borrow)]
    pub recipient_account_id: Option<Text<'a>>,
    /// The request, which several records can be of.
    #[serde(borrow, rename = "requestID")]
    pub request_id: Option<Text<'a>>,
    /// The VPC endpoint that the call came through.
    #[serde(borrow)]
    pub vpc_endpoint_id: Option<Text<'a>>,
    /// Who it was, unread.
    #[serde(borrow)]
    pub user_identity: Option<JsonText<'a>>,
    /// The same in records whose `userIdentity` is the same text, if the reader knows; no other text ever has it.
    #[serde(skip)]
    pub(crate) identity_number: Option<NonZeroU64>,
    /// What it is wrapped in tells it, and not the record.
    #[serde(skip)]
    pub(crate) shows: Shows,
    /// Once somebody has asked.
    #[serde(skip)]
    pub(crate) read_time: OnceCell<Option<Timestamp>>,
    /// What was asked, unread.
    #[serde(borrow)]
    pub request_parameters: Option<JsonText<'a>>,
    /// What was answered, unread.
    #[serde(borrow)]
    pub response_elements: Option<JsonText<'a>>,
    /// The resources that the record lists, unread.
    #[serde(borrow)]
    pub resources: Option<JsonText<'a>>,
}

impl Record<'_> {
    /// When the call was made. Log pipelines put the time where they keep it. None where neither place has one that can be read.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        *self.read_time.get_or_init(|| {
            let mut times = [&self.event_time, &self.timestamp].into_iter();
            times.find_map(|time| event_time(time.as_deref()?))
        })
    }
}
