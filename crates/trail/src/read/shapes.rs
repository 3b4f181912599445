//! What the values of a file are: records, wrappers of records, or something else.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::LARGEST_RECORD;
use super::values::Values;
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
    /// EventBridge.
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, rename = "digestS3Object")]
    digest: Option<&'a RawValue>,
    #[serde(borrow, rename = "configurationItems")]
    configuration_items: Option<&'a RawValue>,
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

/// Wrappers are at most this deep: an EventBridge event in a message of CloudWatch Logs in a line.
const DEEPEST: usize = 4;

/// Hands all records of a text to the sink; tells why it could not be read to its end.
pub(super) fn read(text: &str, sink: &mut impl RecordSink) -> Option<String> {
    let mut reader = Reader {
        sink,
        problem: None,
    };
    reader.values(text.trim_start_matches('\u{feff}'), DEEPEST);
    reader.problem
}

struct Reader<'s, S> {
    sink: &'s mut S,
    problem: Option<String>,
}

impl<S: RecordSink> Reader<'_, S> {
    /// One value after the other: a document, JSON Lines, or documents without anything between them.
    fn values(&mut self, text: &str, depth: usize) {
        let mut values = Values::of(text);
        while let Some(first) = values.peek(&[]) {
            match first {
                b'[' => self.array(&mut values, depth),
                b'{' => self.object(&mut values, depth),
                _ => self.damaged(&mut values, "no JSON object begins there"),
            }
        }
    }

    fn array(&mut self, values: &mut Values<'_>, depth: usize) {
        values.pass();
        loop {
            match values.peek(&[',']) {
                None => return self.cut(values),
                Some(b']') => return values.pass(),
                Some(b'{') => self.object(values, depth),
                Some(_) => self.damaged(values, "no JSON object begins there"),
            }
        }
    }

    fn cut(&mut self, values: &Values<'_>) {
        self.problem.get_or_insert_with(|| {
            format!(
                "ends in the middle, at byte {}; the records before were read",
                values.place()
            )
        });
    }

    fn damaged(&mut self, values: &mut Values<'_>, why: &str) {
        let place = values.place();
        self.problem
            .get_or_insert_with(|| format!("is damaged at byte {place}: {why}; the rest was read"));
        self.sink.skipped(SkipReason::Damaged);
        values.pass_damaged();
    }

    /// Nearly all objects are records, so each is first read as one.
    fn object(&mut self, values: &mut Values<'_>, depth: usize) {
        // The members of CloudTrail's own wrapper come one by one, since a file can be large.
        if let Some(records) = wrapped_records(values) {
            *values = records;
            return self.array_of_wrapper(values, depth);
        }
        let before = *values;
        match values.read::<Record<'_>>() {
            Ok((record, text)) => self.record_or_wrapper(&record, text, depth),
            // Nothing that is whole can follow, unless the next line begins a record.
            Err(error) if error.is_eof() => {
                values.pass_damaged();
                if values.peek(&[]).is_some() {
                    *values = before;
                    self.damaged(values, &message(&error));
                } else {
                    self.cut(&before);
                    self.sink.skipped(SkipReason::Damaged);
                }
            }
            Err(error) => {
                *values = before;
                // A wrapper can have members that a record has with other types.
                match values.read::<&RawValue>() {
                    Ok((_, text)) if self.wrapper(text, depth) => {}
                    _ => {
                        *values = before;
                        self.damaged(values, &message(&error));
                    }
                }
            }
        }
    }

    fn array_of_wrapper(&mut self, values: &mut Values<'_>, depth: usize) {
        self.array(values, depth);
        // What follows `Records` in the wrapper is not needed, only its end.
        match values.peek(&[]) {
            Some(b'}') => values.pass(),
            Some(b',') => values.pass_damaged(),
            None => self.cut(values),
            Some(_) => self.damaged(values, "the object with `Records` does not end"),
        }
    }

    fn record_or_wrapper(&mut self, record: &Record<'_>, text: &str, depth: usize) {
        let is = |member: &Option<Text<'_>>, value: &str| member.as_deref() == Some(value);
        if is(&record.event_category, "Insight") || is(&record.event_type, "AwsCloudTrailInsight") {
            self.sink.skipped(SkipReason::Insight);
        } else if text.len() > LARGEST_RECORD {
            self.sink.skipped(SkipReason::TooLarge);
        } else if is_record(record) {
            self.sink.record(record, text);
        } else if !self.wrapper(text, depth) {
            self.sink.skipped(SkipReason::NotCloudTrail);
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
        if wrapper.digest.is_some() {
            self.sink.skipped(SkipReason::Digest);
        } else if wrapper.configuration_items.is_some() {
            self.sink.skipped(SkipReason::Config);
        } else if let Some(records) = wrapper.records {
            self.values(records.get(), depth);
        } else if let Some(events) = wrapper.events {
            self.texts(events.into_iter().map(|event| event.record), depth);
        } else if let Some(events) = wrapper.log_events {
            self.texts(events.into_iter().map(|event| event.message), depth);
        } else if let Some(detail) = wrapper.detail {
            match serde_json::from_str::<Record<'_>>(detail.get()) {
                Ok(record) if is_record(&record) => {
                    self.record_or_wrapper(&record, detail.get(), 0);
                }
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
}

/// A bare record has no wrapper at all, so it is told by what only records have.
fn is_record(record: &Record<'_>) -> bool {
    record.event_source.is_some() || record.event_name.is_some() || record.event_id.is_some()
}

/// Goes into `{"Records":[` where the text begins so, up to the bracket.
fn wrapped_records<'a>(values: &Values<'a>) -> Option<Values<'a>> {
    let mut inside = *values;
    inside.pass();
    if inside.peek(&[])? != b'"' {
        return None;
    }
    let (name, _) = inside.read::<&str>().ok()?;
    if name != "Records" || inside.peek(&[':'])? != b'[' {
        return None;
    }
    Some(inside)
}

/// The parser's message without its line and column, which are those of a part of the file.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => text,
    }
}
