//! What records come wrapped in, other than CloudTrail's own files.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::shapes::{Reader, is_record};
use crate::{Record, RecordSink, SkipReason, Text};

/// The members of a wrapper, and those that tell what else it is.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wrapper<'a> {
    /// CloudTrail's own files.
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    /// LookupEvents, where other members stand before its events.
    #[serde(borrow, rename = "Events")]
    events: Option<Vec<LookedUp<'a>>>,
    /// One of its events.
    #[serde(borrow, rename = "CloudTrailEvent")]
    looked_up: Option<Text<'a>>,
    /// CloudWatch Logs.
    #[serde(borrow, rename = "logEvents")]
    log_events: Option<&'a RawValue>,
    /// One of its events.
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow, rename = "messageType")]
    message_type: Option<Text<'a>>,
    /// EventBridge.
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<Text<'a>>,
    #[serde(rename = "digestS3Object")]
    digest: Option<IgnoredAny>,
    #[serde(rename = "configurationItems")]
    configuration_items: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct LookedUp<'a> {
    #[serde(borrow, rename = "CloudTrailEvent")]
    record: Option<Text<'a>>,
}

impl<S: RecordSink> Reader<'_, S> {
    /// Whether the object is a wrapper, or a file of another kind.
    pub(super) fn wrapper(&mut self, text: &str, depth: usize) -> bool {
        let Ok(wrapper) = serde_json::from_str::<Wrapper<'_>>(text) else {
            return false;
        };
        let Some(depth) = depth.checked_sub(1) else {
            self.sink.skipped(SkipReason::NotCloudTrail);
            return true;
        };
        let is = |member: &Option<Text<'_>>, value: &str| member.as_deref() == Some(value);
        if wrapper.digest.is_some() {
            self.sink.skipped(SkipReason::Digest);
        } else if wrapper.configuration_items.is_some() {
            self.sink.skipped(SkipReason::Config);
        } else if let Some(records) = wrapper.records {
            self.values(records.get(), depth);
        } else if let Some(events) = wrapper.events {
            self.texts(events.into_iter().map(|event| event.record), depth);
        } else if let Some(record) = wrapper.looked_up {
            self.texts(std::iter::once(Some(record)), depth);
        } else if is(&wrapper.message_type, "CONTROL_MESSAGE") {
            self.sink.skipped(SkipReason::NotCloudTrail);
        } else if let Some(events) = wrapper.log_events {
            self.values(events.get(), depth);
        } else if let Some(detail) = wrapper.detail {
            let is_of_cloudtrail = wrapper
                .detail_type
                .is_some_and(|kind| kind.ends_with("via CloudTrail"));
            match serde_json::from_str::<Record<'_>>(detail.get()) {
                Ok(record) if is_record(&record) => {
                    self.record_or_wrapper(&record, detail.get(), depth)
                }
                Err(error) if is_of_cloudtrail => self.note_damage(0, &error.to_string()),
                _ => self.sink.skipped(SkipReason::NotCloudTrail),
            }
        } else if let Some(message) = wrapper.message.and_then(logged_object) {
            self.texts(std::iter::once(Some(message)), depth);
        } else {
            return false;
        }
        true
    }

    fn texts<'a>(&mut self, texts: impl Iterator<Item = Option<Text<'a>>>, depth: usize) {
        for text in texts {
            match text {
                Some(Text(Cow::Borrowed(text))) => self.values(text, depth),
                Some(Text(Cow::Owned(text))) => self.values(&text, depth),
                None => self.sink.skipped(SkipReason::NotCloudTrail),
            }
        }
    }
}

/// What a log group holds besides CloudTrail's records begins with no bracket, such as the messages by which CloudWatch Logs tries
/// a subscription out.
fn logged_object(message: &RawValue) -> Option<Text<'_>> {
    let text: Text<'_> = serde_json::from_str(message.get()).ok()?;
    text.trim_start().starts_with('{').then_some(text)
}
