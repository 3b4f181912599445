//! What the values of a file are: records, wrappers of records, or something else.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::LARGEST_RECORD;
use super::values::{Failure, Values};
use crate::{Record, RecordSink, SkipReason, Text};

/// The members of a wrapper, and those that tell what else it is.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wrapper<'a> {
    /// CloudTrail's own files.
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    /// LookupEvents.
    #[serde(borrow, rename = "Events")]
    events: Option<Vec<LookedUp<'a>>>,
    /// CloudWatch Logs.
    #[serde(borrow, rename = "logEvents")]
    log_events: Option<Vec<LogEvent<'a>>>,
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

#[derive(Deserialize)]
struct LogEvent<'a> {
    #[serde(borrow)]
    message: Option<Text<'a>>,
}

/// Arrays and wrappers within each other; the deepest that is known has four.
const DEEPEST: usize = 8;

/// Hands all records of a text to the sink; tells why it could not be read to its end.
pub(super) fn read(text: &str, sink: &mut impl RecordSink) -> Option<String> {
    let mut reader = Reader {
        sink,
        problem: None,
        patience: text.len().saturating_mul(8).saturating_add(1 << 20),
    };
    reader.values(text.trim_start_matches('\u{feff}'), DEEPEST);
    reader.problem
}

struct Reader<'s, S> {
    sink: &'s mut S,
    problem: Option<String>,
    /// How many bytes may still be read in vain: a text can be made so that each of its lines is damaged at its very end.
    patience: usize,
}

impl<S: RecordSink> Reader<'_, S> {
    /// One value after the other: a document, JSON Lines, or documents without anything between them.
    fn values(&mut self, text: &str, depth: usize) {
        let mut values = Values::of(text);
        while values.peek(&[]).is_some() {
            self.value(&mut values, depth);
        }
    }

    fn value(&mut self, values: &mut Values<'_>, depth: usize) {
        match values.peek(&[]) {
            Some(b'{') => self.object(values, depth),
            Some(b'[') => self.array(values, depth),
            _ => self.damaged(values, "no JSON object begins there"),
        }
    }

    fn array(&mut self, values: &mut Values<'_>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            match values.read::<IgnoredAny>() {
                Ok(_) => self.sink.skipped(SkipReason::NotCloudTrail),
                Err(failure) => self.failed(values, &failure),
            }
            return;
        };
        values.pass();
        loop {
            match values.peek(&[',']) {
                None => return self.cut(values),
                Some(b']') => return values.pass(),
                Some(_) => self.value(values, depth),
            }
        }
    }

    /// Nearly all objects are records, so each is first read as one. The records of CloudTrail's own wrapper come one by one,
    /// since a file can be large.
    fn object(&mut self, values: &mut Values<'_>, depth: usize) {
        if let Some(records) = records_member(values, 1) {
            *values = records;
            return self.records(values, depth);
        }
        match values.read::<Record<'_>>() {
            Ok((record, text)) => self.record_or_wrapper(&record, text, depth),
            Err(failure) if failure.is_cut => match records_member(values, usize::MAX) {
                Some(records) => {
                    *values = records;
                    self.records(values, depth);
                }
                None => self.failed(values, &failure),
            },
            Err(failure) => {
                let place = values.place();
                // A wrapper can have members that a record has with other types.
                match values.read::<&RawValue>() {
                    Ok((_, text)) if self.wrapper(text, depth) => {}
                    Ok(_) => self.note_damage(place, &failure.message),
                    Err(_) => self.failed(values, &failure),
                }
            }
        }
    }

    /// The array of `Records`, and what the wrapper has behind it.
    fn records(&mut self, values: &mut Values<'_>, depth: usize) {
        self.array(values, depth);
        loop {
            match values.peek(&[]) {
                None => return self.cut(values),
                Some(b'}') => return values.pass(),
                Some(b',') => values.pass(),
                Some(_) => {
                    let Some(name) = member_name(values) else {
                        return self
                            .damaged(values, "the object with `Records` does not go on as one");
                    };
                    if name == "Records" && values.peek(&[]) == Some(b'[') {
                        self.array(values, depth);
                    } else if let Err(failure) = values.read::<IgnoredAny>() {
                        return self.failed(values, &failure);
                    }
                }
            }
        }
    }

    fn record_or_wrapper(&mut self, record: &Record<'_>, text: &str, depth: usize) {
        let is = |member: &Option<Text<'_>>, value: &str| member.as_deref() == Some(value);
        if is(&record.event_category, "Insight") || is(&record.event_type, "AwsCloudTrailInsight") {
            self.sink.skipped(SkipReason::Insight);
        } else if !is_record(record) {
            if !self.wrapper(text, depth) {
                self.sink.skipped(SkipReason::NotCloudTrail);
            }
        } else if text.len() > LARGEST_RECORD {
            self.sink.skipped(SkipReason::TooLarge);
            self.problem.get_or_insert_with(|| {
                format!("has a record of {} MB, which was left out; CloudTrail writes none of more than 1 MB", text.len() >> 20)
            });
        } else {
            self.sink.record(record, text);
        }
    }

    /// Whether the object is a wrapper, or a file of another kind.
    fn wrapper(&mut self, text: &str, depth: usize) -> bool {
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
        } else if is(&wrapper.message_type, "CONTROL_MESSAGE") {
            self.sink.skipped(SkipReason::NotCloudTrail);
        } else if let Some(events) = wrapper.log_events {
            self.texts(events.into_iter().map(|event| event.message), depth);
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

    fn cut(&mut self, values: &Values<'_>) {
        let place = values.place();
        self.problem.get_or_insert_with(|| {
            format!("ends in the middle, at byte {place}; what was whole before was read")
        });
    }

    fn note_damage(&mut self, place: usize, why: &str) {
        self.sink.skipped(SkipReason::Damaged);
        self.problem
            .get_or_insert_with(|| format!("is damaged at byte {place}: {why}; the rest was read"));
    }

    fn damaged(&mut self, values: &mut Values<'_>, why: &str) {
        self.note_damage(values.place(), why);
        values.pass_damaged();
    }

    /// Passes a value that could not be read. Nothing whole follows one that the text ends in, unless another line does.
    fn failed(&mut self, values: &mut Values<'_>, failure: &Failure) {
        let Some(patience) = self.patience.checked_sub(failure.bytes) else {
            let place = values.place();
            self.sink.skipped(SkipReason::Damaged);
            self.problem = Some(format!(
                "is damaged in too many places; from byte {place} on it was left out"
            ));
            return values.pass_all();
        };
        self.patience = patience;
        let before = *values;
        values.pass_damaged();
        if failure.is_cut && values.peek(&[]).is_none() {
            self.sink.skipped(SkipReason::Damaged);
            self.cut(&before);
        } else {
            self.note_damage(before.place(), &failure.message);
        }
    }
}

/// A bare record has no wrapper at all, so it is told by members that only records have. Any one of them may be missing.
fn is_record(record: &Record<'_>) -> bool {
    let members = [
        record.event_source.is_some(),
        record.event_name.is_some(),
        record.event_id.is_some(),
        record.event_time.is_some(),
        record.user_identity.is_some(),
    ];
    members.into_iter().filter(|is_there| *is_there).count() >= 2
}

/// Goes to the bracket of `"Records":[`, if it is among the first members of the object that begins here.
fn records_member<'a>(values: &Values<'a>, among: usize) -> Option<Values<'a>> {
    let mut inside = *values;
    inside.pass();
    for _ in 0..among {
        let name = member_name(&mut inside)?;
        if name == "Records" {
            return (inside.peek(&[])? == b'[').then_some(inside);
        }
        inside.read::<IgnoredAny>().ok()?;
        if inside.peek(&[])? != b',' {
            return None;
        }
        inside.pass();
    }
    None
}

/// Reads a member's name and the colon behind it.
fn member_name<'a>(values: &mut Values<'a>) -> Option<Cow<'a, str>> {
    if values.peek(&[])? != b'"' {
        return None;
    }
    let (Text(name), _) = values.read::<Text<'a>>().ok()?;
    if values.peek(&[])? != b':' {
        return None;
    }
    values.pass();
    Some(name)
}
