//! Records in every layout, and texts that are made to break the reader.

use std::cell::Cell;
use std::io::{BufReader, Read, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

use proptest::prelude::*;

use super::scan::KnownValues;
use super::unpack::Unpacking;
use super::{LARGEST_RECORD, read_bytes, read_logs, stream};
use crate::{Record, RecordSink, SkipReason, UnreadFiles};

#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    ids: Vec<String>,
    skipped: Vec<SkipReason>,
}

impl RecordSink for Seen {
    fn record(&mut self, record: &Record<'_>) {
        let id = record.event_id.as_deref();
        self.ids.push(id.unwrap_or_default().to_owned());
    }

    fn skipped(&mut self, reason: SkipReason) {
        self.skipped.push(reason);
    }
}

fn record(id: &str) -> String {
    format!(r#"{{"eventID":"{id}","eventName":"GetObject","eventTime":"2026-10-01T00:00:00Z"}}"#)
}

fn read_whole(text: &str) -> (Seen, Option<String>) {
    let mut seen = Seen::default();
    let read = read_bytes("x.json", text.into(), &mut seen);
    assert_eq!(read.bytes_json, text.len() as u64);
    (seen, read.problem)
}

fn read_in_pieces(text: &str) -> (Seen, Option<String>) {
    let mut seen = Seen::default();
    let bytes = Cell::new(0);
    let unpacking = Unpacking::new(text.as_bytes(), false, &bytes);
    let streamed = stream::read(unpacking, &mut KnownValues::default(), &mut seen);
    (seen, streamed.problem)
}

fn read(text: &str) -> (Seen, Option<String>) {
    let whole = read_whole(text);
    let begin = text.get(..999).unwrap_or(text);
    // Of a file without a byte only the whole one is known to be so.
    if !text.is_empty() {
        assert_eq!(read_in_pieces(text), whole, "{begin}");
    }
    whole
}

/// The ids of a text that has no fault.
fn ids(text: &str) -> Vec<String> {
    let (seen, problem) = read(text);
    assert_eq!(problem, None, "{text}");
    seen.ids
}

#[test]
fn records_are_found_in_every_layout() {
    let (a, b) = (record("a"), record("b"));
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let bridge =
        format!(r#"{{"detail-type":"AWS API Call via CloudTrail","resources":[],"detail":{a}}}"#);
    for text in [
        format!(r#"{{"Records":[{a},{b}]}}"#),
        format!("{{ \"Records\" : [ {a} ,\n {b} ]\n,\n \"more\" : [1]\n}}\n"),
        format!(r#"{{"before":{{"x":[1]}},"Records":[{a},{b}],"after":null}}"#),
        format!(r#"{{"Records":[{a}],"Records":[{b}]}}"#),
        format!("[{a},{b}]"),
        format!("[[{a}],[{b}]]"),
        format!("[{{\"Records\":[{a}]}},{{\"Records\":[{b}]}}]"),
        format!("{a}\n{b}"),
        format!("\u{feff}{a}{b}\n\n"),
        format!("{bridge}\n{b}"),
        format!("{a}\n{}", bridge.replace(&a, &b)),
        format!(
            r#"{{"Events":[{{"CloudTrailEvent":{}}},{{"CloudTrailEvent":{}}}]}}"#,
            quoted(&a),
            quoted(&b)
        ),
        format!(
            r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"message":{}}},{{"message":{}}}]}}"#,
            quoted(&bridge),
            quoted(&b)
        ),
    ] {
        assert_eq!(ids(&text), ["a", "b"], "{text}");
    }
}

#[test]
fn reasons_repeat_nothing_of_what_the_file_holds() {
    let a = record("a").replace(
        r#""eventName":"GetObject""#,
        r#""eventName":{"sessionToken":"SECRET"}"#,
    );
    let quoted = serde_json::to_string(&a).unwrap();
    let detail = format!(
        r#"{{"detail-type":"AWS API Call via CloudTrail","detail":"{}"}}"#,
        "SECRET".repeat(99)
    );
    let typed = format!(
        r#"{{"eventID":1,"eventName":"SECRET{}","eventTime":2}}"#,
        "x".repeat(9999)
    );
    for text in [
        format!(r#"{{"Records":[{a}]}}"#),
        format!(r#"{{"Events":[{{"CloudTrailEvent":{quoted}}}]}}"#),
        detail,
        r#"{"Records":[{"eventID":"a","eventName":"b","eventSource":["SECRET"]}]}"#.to_owned(),
        typed,
    ] {
        let problem = read_whole(&text).1.unwrap();
        assert!(
            problem.len() < 300 && !problem.contains("SECRET"),
            "{problem}"
        );
    }
}

#[test]
fn what_is_missing_of_a_file_is_told() {
    let a = record("a");
    let quoted = serde_json::to_string(&a).unwrap();
    let page = |more: &str| format!(r#"{{"Events":[{{"CloudTrailEvent":{quoted}}}]{more}}}"#);
    for text in [
        page(r#","NextToken":"t""#),
        format!(r#"{{"NextToken":"t","Events":[{{"CloudTrailEvent":{quoted}}}]}}"#),
        format!("[{},{}]", page(""), page(r#","NextToken":"t""#)),
    ] {
        let problem = read(&text).1.unwrap();
        assert!(problem.starts_with("ends with a `NextToken`"), "{problem}");
    }
    for whole in [
        page(""),
        page(r#","NextToken":null"#),
        format!("[{},{}]", page(r#","NextToken":"t""#), page("")),
    ] {
        assert_eq!(read(&whole).1, None, "{whole}");
    }
    for (text, reason) in [
        (format!(r#"{{"Records":[{a},{{}}]}}"#), SkipReason::Damaged),
        (
            format!(r#"{{"v":1,"Records":[{a},{{ }}]}}"#),
            SkipReason::Damaged,
        ),
        (
            format!(r#"{{"Records":[{a},{{"eventID":"x"}}]}}"#),
            SkipReason::Damaged,
        ),
    ] {
        let (seen, problem) = read(&text);
        assert_eq!(
            (seen.ids, seen.skipped),
            (vec!["a".to_owned()], vec![reason])
        );
        assert!(
            problem
                .unwrap()
                .starts_with("has an object among its records")
        );
    }
    let (seen, problem) = read(&format!(r#"{{"Records":[{a},{{"hello":1}}]}}"#));
    assert_eq!(
        (seen.skipped, problem),
        (vec![SkipReason::NotCloudTrail], None)
    );
    let read = read_bytes("-", Vec::new(), &mut Seen::default());
    assert_eq!(
        read.problem.unwrap(),
        "(standard input) is empty; the command before the pipe failed, or had nothing to say"
    );
}

#[test]
fn files_with_other_names_are_counted_and_those_that_seem_to_be_logs_are_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let packed = {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(record("packed").as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    for (name, bytes) in [
        ("a.JSON", record("a").into_bytes()),
        ("b.Json.GZ", packed.clone()),
        ("c.gz.1", packed),
        ("d", format!("\n {}", record("d")).into_bytes()),
        ("1_CloudTrail_eu-west-1_2026.json.zst", b"zstd".to_vec()),
        ("README.txt", b"hello".to_vec()),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let paths = [folder.path().to_owned()];
    let (sinks, read) =
        read_logs(&paths, &UnreadFiles::default(), Seen::default, |_, _| {}).unwrap();
    let mut ids: Vec<String> = sinks.into_iter().flat_map(|seen| seen.ids).collect();
    ids.sort();
    assert_eq!(ids, ["a", "packed"]);
    assert_eq!((read.files, read.files_of_other_names), (2, 4));
    let names: Vec<&str> = read
        .files_unreadable
        .iter()
        .filter_map(|problem| problem.path.rsplit('/').next())
        .collect();
    assert_eq!(
        names,
        ["1_CloudTrail_eu-west-1_2026.json.zst", "c.gz.1", "d"]
    );
}

#[test]
fn what_is_no_record_is_left_out_by_its_kind() {
    use SkipReason::{Config, Digest, Insight, NotCloudTrail};
    for (text, reason) in [
        (r#"{"hello":1}"#, NotCloudTrail),
        (
            r#"{"eventName":"a person's birthday","hello":1}"#,
            NotCloudTrail,
        ),
        (
            r#"{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"running"}}"#,
            NotCloudTrail,
        ),
        (
            r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE: Checking health"}]}"#,
            NotCloudTrail,
        ),
        (r#"{"digestS3Object":"x","logFiles":[]}"#, Digest),
        (r#"{"fileVersion":"1.0","configurationItems":[]}"#, Config),
        (
            r#"{"eventID":"a","eventTime":"x","eventCategory":"Insight"}"#,
            Insight,
        ),
    ] {
        let (seen, problem) = read(text);
        assert_eq!((seen.skipped, problem), (vec![reason], None), "{text}");
    }
}

#[test]
fn damage_is_named_and_what_lies_around_it_is_read() {
    let (a, b, c) = (record("a"), record("b"), record("c"));
    for text in [
        format!("[null,{a},{b},{c}]"),
        format!("[{a},7,{b},\"x\",{c}]"),
        format!("{a}\n{{\"eventID\":\"x\n{b}\n{c}\n"),
        format!("{a}\n{{\"x\":[1,\n{b}\n{c}\n"),
        format!("[{a},{{\"eventID\" \"x\"}},{b},{c}]"),
        format!("[{a},{{\"eventName\":5,\"eventID\":\"x\"}},{b},{c}]"),
        format!("[{a},{b}]\njunk {c}"),
        format!(
            "{{\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{{\"eventName\":5}}}}{a}{b}{c}"
        ),
    ] {
        let (seen, problem) = read(&text);
        assert_eq!(seen.ids, ["a", "b", "c"], "{text}");
        assert!(seen.skipped.contains(&SkipReason::Damaged), "{text}");
        assert!(problem.unwrap().contains("is damaged at byte"), "{text}");
    }
}

#[test]
fn a_cut_wrapper_gives_what_is_whole_wherever_its_records_stand() {
    let (a, b) = (record("a"), record("b"));
    let (seen, problem) = read(&format!(
        r#"{{"version":1,"Records":[{a},{b},{{"eventID":"c","#
    ));
    assert_eq!(seen.ids, ["a", "b"]);
    assert!(problem.unwrap().contains("ends in the middle"));
}

#[test]
fn nesting_of_any_depth_ends() {
    for opening in [
        "{\"Records\":[",
        "[",
        "{\"x\":1,\"Records\":[",
        "{\"detail\":",
        "{\"a\":[\n",
        "{\"Records\":[\n",
    ] {
        let text = opening.repeat(100_000);
        // How much of it is damaged differs, since in pieces it can be no value at all at first.
        for (seen, problem) in [read_whole(&text), read_in_pieces(&text)] {
            assert!(seen.ids.is_empty());
            assert!(problem.is_some(), "{opening}");
        }
    }
    let deep = format!("{}{}{}", "[".repeat(50), record("a"), "]".repeat(50));
    let (seen, problem) = read(&deep);
    assert_eq!((seen.ids.len(), problem), (0, None));
    assert_eq!(seen.skipped, [SkipReason::NotCloudTrail]);
    let parameters = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!(
        r#"{{"eventID":"a","eventTime":"2026-10-01T10:00:00Z","eventName":"b","requestParameters":{parameters}}}"#
    );
    assert_eq!(ids(&text), ["a"]);
}

#[test]
fn a_record_is_too_large_but_a_wrapper_never() {
    let large = format!(
        r#"{{"eventID":"a","eventName":"b","userAgent":"{}"}}"#,
        "x".repeat(LARGEST_RECORD)
    );
    let (seen, problem) = read(&format!("[{large},{}]", record("b")));
    assert_eq!(seen.ids, ["b"]);
    assert_eq!(seen.skipped, [SkipReason::TooLarge]);
    assert!(problem.unwrap().contains("16 MB"));
    let event = format!(
        r#"{{"EventName":"{}","CloudTrailEvent":{}}}"#,
        "x".repeat(1 << 20),
        serde_json::to_string(&record("a")).unwrap()
    );
    let answer = format!(r#"{{"Events":[{}]}}"#, vec![event; 20].join(","));
    assert_eq!(ids(&answer).len(), 20);
}

/// Gives a text again and again.
struct Endless {
    begin: &'static [u8],
    rest: &'static [u8],
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.begin.is_empty() {
            return self.begin.read(buffer);
        }
        let count = buffer.len().min(self.left).min(self.rest.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.left -= count;
        Ok(count)
    }
}

#[test]
fn what_never_ends_is_passed_over_without_being_held() {
    for (begin, rest) in [
        (&br#"{"eventID":"a","userAgent":""#[..], &[b'x'; 4096][..]),
        (br#"{"eventID":"a","resources":["#, &[b'['; 4096]),
        (b"", &[b' '; 4096]),
    ] {
        let source = Endless {
            begin,
            rest,
            left: 40 << 20,
        };
        let bytes = Cell::new(0);
        let mut seen = Seen::default();
        let unpacking = Unpacking::new(BufReader::new(source), false, &bytes);
        let problem = stream::read(unpacking, &mut KnownValues::default(), &mut seen).problem;
        assert!(seen.ids.is_empty());
        match begin {
            b"" => assert_eq!((seen.skipped, problem), (vec![], None)),
            _ => {
                assert_eq!(seen.skipped, [SkipReason::TooLarge]);
                assert!(problem.unwrap().contains("more than 32 MB"));
            }
        }
    }
}

#[test]
fn a_bomb_ends_where_it_has_no_record_for_long() {
    for begin in ["", "{\"Records\":["] {
        let text = begin.to_owned() + &" ".repeat(6 << 20);
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(text.as_bytes()).unwrap();
        let mut seen = Seen::default();
        let read = read_bytes("x.json.gz", bomb.finish().unwrap(), &mut seen);
        assert!(read.bytes_json < 5 << 20, "{}", read.bytes_json);
        assert!(read.problem.unwrap().contains("4 MB without a record"));
    }
}

#[test]
fn bytes_that_are_no_text_stay_within_their_record() {
    let (a, b) = (record("a"), record("b"));
    let mut bytes = format!(
        "{a}\n{{\"eventTime\":\"2026-10-01T10:00:00Z\",\"eventID\":\"x\",\"eventName\":\"caf"
    )
    .into_bytes();
    bytes.extend(b"\xe9 \xf0\x9f\x98\"}\n");
    bytes.extend(b.as_bytes());
    let mut seen = Seen::default();
    let read = read_bytes("x.json", bytes.clone(), &mut seen);
    assert_eq!(seen.ids, ["a", "x", "b"]);
    assert_eq!((read.bytes_json, read.problem), (bytes.len() as u64, None));
}

proptest! {
    #[test]
    fn a_text_that_is_cut_anywhere_gives_the_records_before(cut in any::<prop::sample::Index>(), layout in 0..4) {
        let records: Vec<String> = (0..4).map(|id| record(&id.to_string())).collect();
        let all = records.join(",");
        let text = match layout {
            0 => format!(r#"{{"Records":[{all}]}}"#),
            1 => format!("[{all}]"),
            2 => records.join("\n"),
            _ => format!(r#"{{"x":0,"Records":[{all}]}}"#),
        };
        let part = text.get(..cut.index(text.len())).unwrap();
        let whole = part.matches("00Z\"}").count();
        let (seen, problem) = read(part);
        prop_assert_eq!(seen.ids, (0..whole).map(|id| id.to_string()).collect::<Vec<_>>());
        let is_between_lines = layout == 2 && part.trim_end().ends_with(['}']);
        prop_assert_eq!(problem.is_none(), is_between_lines, "{}", part);
    }

    #[test]
    fn any_pieces_of_json_end_and_no_whole_line_gets_lost(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", " ", "null", "{\"Records\":[", "{\"Events\":[", "{\"detail\":", "\"a\"", "{\"a\":1}",
        ]), 0..40),
    ) {
        let text = pieces.concat();
        let _ = read(&text);
        let (seen, _) = read(&format!("{text}\n{}", record("last")));
        // Unless the pieces opened something that swallows or wraps the line.
        let opens = ["{", "[", "\"", "\\"].iter().any(|opening| text.contains(opening));
        prop_assert!(opens || seen.ids == ["last"], "{}", text);
    }
}
