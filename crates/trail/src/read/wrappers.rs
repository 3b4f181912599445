//! What records come wrapped in, other than CloudTrail's own files.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::members::{is_record, is_token};
use super::shapes::Reader;
use super::values::reason;
use crate::record::Shows;
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
    events: Option<&'a RawValue>,
    /// One of its events.
    #[serde(borrow, rename = "CloudTrailEvent")]
    looked_up: Option<Text<'a>>,
    /// Where an answer of LookupEvents goes on.
    #[serde(borrow, rename = "NextToken")]
    next_token: Option<&'a RawValue>,
    /// CloudWatch Logs.
    #[serde(borrow, rename = "logEvents")]
    log_events: Option<&'a RawValue>,
    /// The same in an answer of FilterLogEvents or GetLogEvents.
    #[serde(borrow, rename = "events")]
    answered: Option<&'a RawValue>,
    /// One of its events.
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow, rename = "messageType")]
    message_type: Option<Text<'a>>,
    /// SNS.
    #[serde(borrow, rename = "Message")]
    notification: Option<&'a RawValue>,
    #[serde(rename = "TopicArn")]
    topic: Option<IgnoredAny>,
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
            self.listed(records.get(), depth);
        } else if let Some(events) = wrapper
            .events
            .filter(|events| events.get().starts_with('['))
        {
            self.listed(events.get(), depth);
            self.has_more = wrapper
                .next_token
                .is_some_and(|token| is_token(token.get()));
        } else if let Some(record) = wrapper.looked_up {
            self.text(&record, depth, Shows::EventHistory);
        } else if is(&wrapper.message_type, "CONTROL_MESSAGE") {
            self.sink.skipped(SkipReason::NotCloudTrail);
        } else if let Some(events) = wrapper.log_events {
            self.listed(events.get(), depth);
        } else if let Some(events) = wrapper.answered.filter(lists_objects) {
            self.values(events.get(), depth);
        } else if let Some(detail) = wrapper.detail {
            let is_of_cloudtrail = wrapper
                .detail_type
                .is_some_and(|kind| kind.ends_with("via CloudTrail"));
            // Some pipelines write objects as texts.
            let text = serde_json::from_str::<Text<'_>>(detail.get()).ok();
            let detail = text.as_deref().unwrap_or(detail.get());
            match serde_json::from_str::<Record<'_>>(detail) {
                Ok(mut record) if is_record(&record) => self.showing(Shows::UseOnly, |reader| {
                    reader.record_or_wrapper(&mut record, detail, depth, false);
                }),
                Err(error) if is_of_cloudtrail => self.note_damage(0, &reason(&error)),
                _ => self.sink.skipped(SkipReason::NotCloudTrail),
            }
        } else if let Some(message) = wrapper.message.and_then(logged_object) {
            self.text(&message, depth, Shows::UseOnly);
        } else if let Some(message) = wrapper
            .topic
            .and_then(|_| logged_object(wrapper.notification?))
        {
            self.text(&message, depth, Shows::UseOnly);
        } else {
            return false;
        }
        true
    }

    fn text(&mut self, text: &str, depth: usize, shows: Shows) {
        self.showing(shows, |reader| reader.values(text, depth));
    }

    /// Reads what is within a wrapper, which shows no more than any wrapper around it.
    fn showing(&mut self, shows: Shows, read: impl FnOnce(&mut Self)) {
        let before = self.shows;
        self.shows = before.min(shows);
        read(self);
        self.shows = before;
    }
}

fn lists_objects(value: &&RawValue) -> bool {
    let first = value.get().strip_prefix('[').map(str::trim_start);
    first.is_some_and(|first| first.starts_with('{'))
}

/// What a log group holds besides CloudTrail's records begins with no bracket, such as the messages by which CloudWatch Logs tries
/// a subscription out.
fn logged_object(message: &RawValue) -> Option<Text<'_>> {
    let text: Text<'_> = serde_json::from_str(message.get()).ok()?;
    text.trim_start().starts_with('{').then_some(text)
}
