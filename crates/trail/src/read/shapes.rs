//! What the values of a file are: records, wrappers of records, or something else.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::LARGEST_RECORD;
use super::gathered::Gathered;
use super::members::{NEXT_TOKEN, holds_records, is_record, is_token, member_name, records_member};
use super::scan::KnownValues;
use super::surrogates::without_lone_surrogates;
use super::values::{Failure, Values};
use crate::record::Shows;
use crate::{Record, RecordSink, SkipReason, Text};

/// Arrays and wrappers within each other; the deepest that is known has four.
const DEEPEST: usize = 8;
/// How many bytes may be read in vain for each byte of a file, and how many beyond.
const PATIENCE: usize = 8;
const MORE_PATIENCE: usize = 1 << 20;
/// In bytes.
const LONGEST_REASON: usize = 200;

/// Hands all records of a text to the sink; tells why it could not be read to its end.
pub(super) fn read(
    text: &str,
    known: &mut KnownValues,
    sink: &mut impl RecordSink,
) -> Option<String> {
    let mut reader = Reader::new(known, sink);
    reader.add_patience(text.len());
    reader.values(text.trim_start_matches('\u{feff}'), DEEPEST);
    reader.into_problem()
}

/// What a place in a text is within.
#[derive(Debug, Clone, Copy)]
pub(super) enum Within {
    /// An array; so many more can be within each other there.
    Array(usize),
    /// An object whose `Records` come one by one.
    Records(usize),
}

/// Whether all that a text has was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    GoOn,
    /// The text ends within a value, which is not passed, and the file goes on.
    NeedsMore,
}

pub(super) struct Reader<'s, S> {
    pub(super) sink: &'s mut S,
    known: &'s mut KnownValues,
    pub(super) problem: Option<String>,
    /// How many bytes may still be read in vain: a text can be made so that each of its lines is damaged at its very end.
    patience: usize,
    /// Once there is no patience left, the rest of a file is left out.
    pub(super) has_lost_patience: bool,
    /// Whether the file ends with the text.
    is_last: bool,
    /// Whether the array that the text is should have nothing but records.
    is_list: bool,
    /// What the wrappers of the place show that is read.
    pub(super) shows: Shows,
    /// Whether the last answer of LookupEvents goes on elsewhere.
    pub(super) has_more: bool,
    /// How many objects were whole, and how many of them were records.
    pub(super) objects: u64,
    pub(super) records: u64,
}

impl<'s, S: RecordSink> Reader<'s, S> {
    pub(super) fn new(known: &'s mut KnownValues, sink: &'s mut S) -> Self {
        Self {
            sink,
            known,
            problem: None,
            patience: MORE_PATIENCE,
            has_lost_patience: false,
            is_last: true,
            is_list: false,
            shows: Shows::default(),
            has_more: false,
            objects: 0,
            records: 0,
        }
    }

    /// Why the file could not be read to its end.
    pub(super) fn into_problem(self) -> Option<String> {
        let more = || {
            "ends with a `NextToken`: the rest of the answer is missing or elsewhere; join all pages in one file, without `--max-items`"
                .to_owned()
        };
        self.problem.or_else(|| self.has_more.then(more))
    }

    pub(super) fn add_patience(&mut self, bytes: usize) {
        self.patience = self.patience.saturating_add(bytes.saturating_mul(PATIENCE));
    }

    /// One value after the other of a whole text: a document, JSON Lines, or documents without anything between them.
    pub(super) fn values(&mut self, text: &str, depth: usize) {
        self.whole(text, depth, false);
    }

    /// The same of an array that should have nothing but records.
    pub(super) fn listed(&mut self, text: &str, depth: usize) {
        self.whole(text, depth, true);
    }

    fn whole(&mut self, text: &str, depth: usize, is_list: bool) {
        let before = (self.is_last, self.is_list);
        (self.is_last, self.is_list) = (true, is_list);
        self.go_on(&mut Values::of(text), &mut Vec::new(), depth);
        (self.is_last, self.is_list) = before;
    }

    /// The values of a part of a file, up to what needs more of it.
    pub(super) fn part(
        &mut self,
        values: &mut Values<'_>,
        within: &mut Vec<Within>,
        is_last: bool,
    ) {
        self.is_last = is_last;
        self.go_on(values, within, DEEPEST);
    }

    fn go_on(&mut self, values: &mut Values<'_>, within: &mut Vec<Within>, depth: usize) {
        let mut gathered = Gathered::default();
        self.all_values(values, within, depth, &mut gathered);
        gathered.hand_over(self.sink);
    }

    fn all_values<'a>(
        &mut self,
        values: &mut Values<'a>,
        within: &mut Vec<Within>,
        depth: usize,
        gathered: &mut Gathered<'a>,
    ) {
        loop {
            let before = *values;
            let flow = match within.last() {
                None => match values.peek(&[]) {
                    None => return,
                    Some(first) => self.value(first, values, within, depth, gathered),
                },
                Some(&Within::Array(depth)) => match values.peek(b",") {
                    None => break,
                    Some(b']') => {
                        values.pass();
                        within.pop();
                        Flow::GoOn
                    }
                    Some(first) => self.value(first, values, within, depth, gathered),
                },
                Some(&Within::Records(depth)) => match values.peek(&[]) {
                    None => break,
                    Some(b'}') => {
                        values.pass();
                        within.pop();
                        Flow::GoOn
                    }
                    Some(b',') => {
                        values.pass();
                        Flow::GoOn
                    }
                    Some(_) => self.other_member(values, within, depth),
                },
            };
            if flow == Flow::NeedsMore {
                *values = before;
                return;
            }
        }
        if self.is_last {
            self.cut(values);
        }
    }

    fn value<'a>(
        &mut self,
        first: u8,
        values: &mut Values<'a>,
        within: &mut Vec<Within>,
        depth: usize,
        gathered: &mut Gathered<'a>,
    ) -> Flow {
        match first {
            b'{' => self.object(values, within, depth, gathered),
            b'[' => self.array(values, within, depth),
            _ => self.damaged(values, "no JSON object begins there"),
        }
    }

    fn array(&mut self, values: &mut Values<'_>, within: &mut Vec<Within>, depth: usize) -> Flow {
        if let Some(depth) = depth.checked_sub(1) {
            values.pass();
            within.push(Within::Array(depth));
            return Flow::GoOn;
        }
        match values.read::<IgnoredAny>() {
            Ok(_) => {
                self.sink.skipped(SkipReason::NotCloudTrail);
                Flow::GoOn
            }
            Err(failure) => self.failed(values, &failure),
        }
    }

    /// Nearly all objects are records, so each is first read as one. The records of CloudTrail's own wrapper come one by one,
    /// since a file can be large.
    fn object<'a>(
        &mut self,
        values: &mut Values<'a>,
        within: &mut Vec<Within>,
        depth: usize,
        gathered: &mut Gathered<'a>,
    ) -> Flow {
        let is_listed = match within.as_slice() {
            [.., Within::Records(_), Within::Array(_)] => true,
            [Within::Array(_)] => self.is_list,
            _ => false,
        };
        let record = gathered.begin();
        if let Some(text) = values.record(self.known, record) {
            if !is_record(record) {
                let mut record = gathered.take_back();
                gathered.hand_over(self.sink);
                self.record_or_wrapper(&mut record, text, depth, is_listed);
            } else if !self.is_usable(record, text, depth, is_listed) {
                gathered.take_back();
            } else if gathered.is_full() {
                gathered.hand_over(self.sink);
            }
            return Flow::GoOn;
        }
        gathered.take_back();
        gathered.hand_over(self.sink);
        if let Some(records) = records_member(values, 1) {
            return self.records(records, values, within, depth);
        }
        match values.read::<Record<'_>>() {
            Ok((mut record, text)) => {
                self.record_or_wrapper(&mut record, text, depth, is_listed);
                Flow::GoOn
            }
            Err(failure) if failure.is_cut => match records_member(values, usize::MAX) {
                Some(records) => self.records(records, values, within, depth),
                None => self.failed(values, &failure),
            },
            Err(failure) => {
                let place = values.place();
                // A wrapper can have members that a record has with other types.
                match values.read::<&RawValue>() {
                    Ok((_, text)) if self.wrapper(text, depth) => Flow::GoOn,
                    Ok((_, text)) => {
                        if !self.mended(text, depth) {
                            self.note_damage(place, &failure.message);
                        }
                        Flow::GoOn
                    }
                    Err(cut) if cut.is_cut && !self.is_last => Flow::NeedsMore,
                    Err(_) => self.failed(values, &failure),
                }
            }
        }
    }

    /// Whether the object can be read without what no text can hold.
    fn mended(&mut self, text: &str, depth: usize) -> bool {
        let Some(mended) = without_lone_surrogates(text) else {
            return false;
        };
        let Ok(mut record) = serde_json::from_str::<Record<'_>>(&mended) else {
            return self.wrapper(&mended, depth);
        };
        self.record_or_wrapper(&mut record, &mended, depth, false);
        true
    }

    /// Goes into the array of `Records`.
    fn records<'a>(
        &mut self,
        (records, has_more): (Values<'a>, bool),
        values: &mut Values<'a>,
        within: &mut Vec<Within>,
        depth: usize,
    ) -> Flow {
        *values = records;
        self.has_more = has_more;
        let outside = within.len();
        within.push(Within::Records(depth));
        let flow = self.array(values, within, depth);
        if flow == Flow::NeedsMore {
            within.truncate(outside);
        }
        flow
    }

    /// What the object with `Records` has behind them.
    fn other_member(
        &mut self,
        values: &mut Values<'_>,
        within: &mut Vec<Within>,
        depth: usize,
    ) -> Flow {
        let before = *values;
        let Some(name) = member_name(values) else {
            if !self.is_last && values.peek(&[]).is_none() {
                return Flow::NeedsMore;
            }
            *values = before;
            let flow = self.damaged(values, "the object with `Records` does not go on as one");
            return leave(flow, within);
        };
        if holds_records(&name) && values.peek(&[]) == Some(b'[') {
            return self.array(values, within, depth);
        }
        match values.read::<IgnoredAny>() {
            Ok((_, text)) => {
                self.has_more |= name == NEXT_TOKEN && is_token(text.trim());
                Flow::GoOn
            }
            Err(failure) if failure.is_cut && !self.is_last => Flow::NeedsMore,
            Err(failure) => leave(self.failed(values, &failure), within),
        }
    }

    /// Of an object that is listed among records it is known that it should be one.
    pub(super) fn record_or_wrapper(
        &mut self,
        record: &mut Record<'_>,
        text: &str,
        depth: usize,
        is_listed: bool,
    ) {
        if self.is_usable(record, text, depth, is_listed) {
            self.sink.record(record);
        }
    }

    /// Whether an object is a record for the sink, as which it is completed; else all is done with it.
    fn is_usable(
        &mut self,
        record: &mut Record<'_>,
        text: &str,
        depth: usize,
        is_listed: bool,
    ) -> bool {
        self.objects += 1;
        let is = |member: &Option<Text<'_>>, value: &str| member.as_deref() == Some(value);
        if is(&record.event_category, "Insight") || is(&record.event_type, "AwsCloudTrailInsight") {
            self.sink.skipped(SkipReason::Insight);
        } else if !is_record(record) {
            if !self.wrapper(text, depth) {
                self.no_record(record, text, is_listed);
            }
        } else if text.len() > LARGEST_RECORD {
            self.sink.skipped(SkipReason::TooLarge);
            self.problem.get_or_insert_with(|| {
                format!("has a record of {} MB, which was left out; CloudTrail writes none of more than 1 MB", text.len() >> 20)
            });
        } else if record.time().is_none() {
            self.records += 1;
            self.sink.skipped(SkipReason::NoTime);
            self.problem.get_or_insert_with(|| {
                "has a record without an `eventTime` such as `2026-01-31T12:00:00Z`, which was left out"
                    .to_owned()
            });
        } else {
            self.records += 1;
            record.shows = self.shows;
            return true;
        }
        false
    }

    /// An object of another kind, unless it stands among records and has nothing else in it.
    fn no_record(&mut self, record: &Record<'_>, text: &str, is_listed: bool) {
        let members = text.trim().strip_prefix('{').map(str::trim_start);
        if !is_listed || (*record == Record::default() && members != Some("}")) {
            return self.sink.skipped(SkipReason::NotCloudTrail);
        }
        self.sink.skipped(SkipReason::Damaged);
        self.problem.get_or_insert_with(|| {
            "has an object among its records that has hardly any of a record's members, which was left out".to_owned()
        });
    }

    fn cut(&mut self, values: &Values<'_>) {
        let place = values.place();
        self.problem.get_or_insert_with(|| {
            format!("ends in the middle, at byte {place}; what was whole before was read")
        });
    }

    pub(super) fn note_damage(&mut self, place: usize, why: &str) {
        self.sink.skipped(SkipReason::Damaged);
        // No reason is longer than a line, whatever the file has there.
        let why = why.get(..why.floor_char_boundary(LONGEST_REASON));
        let why = why.unwrap_or_default();
        self.problem
            .get_or_insert_with(|| format!("is damaged at byte {place}: {why}; the rest was read"));
    }

    fn damaged(&mut self, values: &mut Values<'_>, why: &str) -> Flow {
        let place = values.place();
        if !values.pass_damaged() && !self.is_last {
            return Flow::NeedsMore;
        }
        self.note_damage(place, why);
        Flow::GoOn
    }

    /// Passes a value that could not be read. Nothing whole follows one that the text ends in, unless another line does.
    fn failed(&mut self, values: &mut Values<'_>, failure: &Failure) -> Flow {
        if failure.is_cut && !self.is_last {
            return Flow::NeedsMore;
        }
        let Some(patience) = self.patience.checked_sub(failure.bytes) else {
            let place = values.place();
            self.sink.skipped(SkipReason::Damaged);
            self.problem = Some(format!(
                "is damaged in too many places; from byte {place} on it was left out"
            ));
            self.has_lost_patience = true;
            values.pass_all();
            return Flow::GoOn;
        };
        self.patience = patience;
        let before = *values;
        let is_passed = values.pass_damaged();
        if !is_passed && !self.is_last {
            return Flow::NeedsMore;
        }
        if failure.is_cut && values.peek(&[]).is_none() {
            self.sink.skipped(SkipReason::Damaged);
            self.cut(&before);
        } else {
            self.note_damage(before.place(), &failure.message);
        }
        Flow::GoOn
    }
}

/// Whatever is damaged in an object with `Records`, what follows is taken to stand outside of it.
fn leave(flow: Flow, within: &mut Vec<Within>) -> Flow {
    if flow == Flow::GoOn {
        within.pop();
    }
    flow
}
