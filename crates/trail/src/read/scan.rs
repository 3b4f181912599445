//! A record read in one pass over its bytes, for the records that CloudTrail writes.
//!
//! Whatever is unusual is left to the general parser: what is read here is read by that with the same result. It is the twin in
//! the tests and in the fuzz target.

use std::borrow::Cow;
use std::num::NonZeroU64;

use super::LARGEST_RECORD;
use super::known::KnownObjects;
use super::names::{KnownNames, Member};
use super::strings::first_special;
use crate::{JsonText, Record, Text};

/// Brackets within each other; parameters with more go the general way.
const DEEPEST: u32 = 64;

/// Where identities differ, after `{"type":"AssumedRole","principalId":"`, and where connections do, in the host's name; in bytes.
const OF_IDENTITIES: (usize, usize) = (32, 80);
const OF_CONNECTIONS: (usize, usize) = (88, 120);

/// What was read of records before.
#[derive(Debug, Default)]
pub(crate) struct KnownValues {
    identities: KnownObjects,
    connections: KnownObjects,
    names: KnownNames,
}

/// Reads the record that a text begins with into an empty one, and tells its length. None: ask the general parser, and what is in the
/// record by then is of no use.
pub(super) fn record<'a>(
    text: &'a str,
    known: &mut KnownValues,
    record: &mut Record<'a>,
) -> Option<usize> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        place: 0,
    };
    let mut members = Members(0);
    let mut before = Member::Other;
    scanner.expect(b'{')?;
    scanner.pass_white();
    loop {
        let left = scanner.bytes.get(scanner.place..)?;
        let member = if let Some((member, length)) = known.names.expected(before, left) {
            scanner.place += length;
            scanner.pass_white();
            member
        } else {
            known.names.learn(before, scanner.plain_name()?)
        };
        before = member;
        let text = match member {
            Member::AwsRegion => &mut record.aws_region,
            Member::ErrorCode => &mut record.error_code,
            Member::ErrorMessage => &mut record.error_message,
            Member::EventCategory => &mut record.event_category,
            Member::EventId => &mut record.event_id,
            Member::EventName => &mut record.event_name,
            Member::EventSource => &mut record.event_source,
            Member::EventTime => &mut record.event_time,
            Member::EventType => &mut record.event_type,
            Member::RecipientAccountId => &mut record.recipient_account_id,
            Member::RequestId => &mut record.request_id,
            Member::SharedEventId => &mut record.shared_event_id,
            Member::SourceIpAddress => &mut record.source_ip_address,
            Member::Timestamp => &mut record.timestamp,
            Member::UserAgent => &mut record.user_agent,
            Member::VpcEndpointId => &mut record.vpc_endpoint_id,
            _ => {
                match member {
                    Member::RequestParameters => record.request_parameters = scanner.json()?,
                    Member::Resources => record.resources = scanner.json()?,
                    Member::ResponseElements => record.response_elements = scanner.json()?,
                    Member::UserIdentity => {
                        let identities = &mut known.identities;
                        (record.user_identity, record.identity_number) =
                            scanner.object(identities, OF_IDENTITIES)?;
                    }
                    Member::TlsDetails => {
                        scanner.object(&mut known.connections, OF_CONNECTIONS)?;
                    }
                    Member::Records | Member::Events | Member::LogEvents => return None,
                    _ => scanner.value()?,
                }
                let is_read = matches!(
                    member,
                    Member::RequestParameters
                        | Member::Resources
                        | Member::ResponseElements
                        | Member::UserIdentity
                );
                if is_read {
                    members.is_first(member)?;
                }
                if scanner.is_last()? {
                    break;
                }
                continue;
            }
        };
        members.is_first(member)?;
        *text = scanner.text()?;
        if scanner.is_last()? {
            break;
        }
    }
    (scanner.place <= LARGEST_RECORD).then_some(scanner.place)
}

/// The members of an object that is read before as JSON, with their values as they stand. None: it is no object, something follows it, or
/// it has names with escapes.
pub(crate) fn for_each_member<'a>(
    text: &'a str,
    mut each: impl FnMut(&'a str, &'a str),
) -> Option<()> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        place: 0,
    };
    scanner.expect(b'{')?;
    scanner.pass_white();
    if scanner.byte()? == b'}' {
        scanner.place += 1;
        return scanner.is_at_end();
    }
    loop {
        let begin = scanner.place + 1;
        let length = scanner.plain_name()?.len();
        let name = text.get(begin..begin + length)?;
        let begin = scanner.place;
        scanner.value()?;
        each(name, text.get(begin..scanner.place)?);
        if scanner.is_last()? {
            return scanner.is_at_end();
        }
    }
}

/// The members that were met; the general parser says that one of them must not come twice.
struct Members(u32);

impl Members {
    fn is_first(&mut self, member: Member) -> Option<()> {
        let before = self.0;
        self.0 |= 1 << u32::from(member as u8);
        (self.0 != before).then_some(())
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Scanner<'a> {
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.place).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let is_there = self.byte()? == byte;
        self.place += 1;
        is_there.then_some(())
    }

    /// Whether nothing but white space follows.
    fn is_at_end(&mut self) -> Option<()> {
        self.pass_white();
        (self.place == self.bytes.len()).then_some(())
    }

    fn pass_white(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.place += 1;
        }
    }

    /// Passes what stands behind a member's value of the outermost object, up to the next name.
    fn is_last(&mut self) -> Option<bool> {
        self.pass_white();
        let byte = self.byte()?;
        self.place += 1;
        match byte {
            b',' => {
                self.pass_white();
                Some(false)
            }
            b'}' => Some(true),
            _ => None,
        }
    }

    /// A name without escapes, and what stands before the value.
    fn plain_name(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let begin = self.place;
        let end = first_special(self.bytes, begin)?;
        self.place = end;
        self.expect(b'"')?;
        self.pass_colon()?;
        self.bytes.get(begin..end)
    }

    fn pass_colon(&mut self) -> Option<()> {
        self.pass_white();
        self.expect(b':')?;
        self.pass_white();
        Some(())
    }

    /// A text or `null`.
    fn text(&mut self) -> Option<Option<Text<'a>>> {
        if self.byte()? == b'n' {
            self.literal(b"null")?;
            return Some(None);
        }
        let begin = self.place;
        let has_escapes = self.string()?;
        let text = if has_escapes {
            let quoted = self.text.get(begin..self.place)?;
            Cow::Owned(serde_json::from_str(quoted).ok()?)
        } else {
            Cow::Borrowed(self.text.get(begin + 1..self.place - 1)?)
        };
        Some(Some(Text(text)))
    }

    /// An object, and its number if it is known.
    fn object(
        &mut self,
        known: &mut KnownObjects,
        between: (usize, usize),
    ) -> Option<(Option<JsonText<'a>>, Option<NonZeroU64>)> {
        if let Some((length, number)) = known.find(self.bytes.get(self.place..)?, between) {
            let begin = self.place;
            self.place += length;
            return Some((Some(JsonText(self.text.get(begin..self.place)?)), number));
        }
        let value = self.json()?;
        if let Some(JsonText(text)) = value {
            known.put(text, between);
        }
        Some((value, None))
    }

    /// Any value; none within for `null`.
    fn json(&mut self) -> Option<Option<JsonText<'a>>> {
        let begin = self.place;
        self.value()?;
        let text = self.text.get(begin..self.place)?;
        Some((text != "null").then_some(JsonText(text)))
    }

    /// Passes a string, and tells whether it has escapes.
    fn string(&mut self) -> Option<bool> {
        self.expect(b'"')?;
        let mut has_escapes = false;
        loop {
            self.place = first_special(self.bytes, self.place)?;
            match self.byte()? {
                b'"' => {
                    self.place += 1;
                    return Some(has_escapes);
                }
                b'\\' => {
                    has_escapes = true;
                    self.place += 1;
                    match self.byte()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.place += 1,
                        b'u' => {
                            let digits = self.bytes.get(self.place + 1..self.place + 5)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return None;
                            }
                            self.place += 5;
                        }
                        _ => return None,
                    }
                }
                // Control characters.
                _ => return None,
            }
        }
    }

    /// Passes a value with all that is in it.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        // The innermost bracket is the lowest bit: one for an object.
        let mut objects = 0_u64;
        loop {
            match self.byte()? {
                b'"' => {
                    self.string()?;
                }
                bracket @ (b'{' | b'[') => {
                    depth += 1;
                    if depth > DEEPEST {
                        return None;
                    }
                    let is_object = bracket == b'{';
                    objects = objects << 1 | u64::from(is_object);
                    self.place += 1;
                    self.pass_white();
                    let end = if is_object { b'}' } else { b']' };
                    if self.byte()? != end {
                        if is_object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => self.number()?,
            }
            // Behind a value: brackets are closed, or the next one begins.
            loop {
                if depth == 0 {
                    return Some(());
                }
                self.pass_white();
                let is_object = objects & 1 == 1;
                let byte = self.byte()?;
                self.place += 1;
                match byte {
                    b',' => {
                        self.pass_white();
                        if is_object {
                            self.name()?;
                        }
                        break;
                    }
                    b'}' if is_object => {}
                    b']' if !is_object => {}
                    _ => return None,
                }
                depth -= 1;
                objects >>= 1;
            }
        }
    }

    fn name(&mut self) -> Option<()> {
        self.string()?;
        self.pass_colon()
    }

    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        let is_there = self.bytes.get(self.place..)?.starts_with(literal);
        self.place += literal.len();
        is_there.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.byte()? == b'-' {
            self.place += 1;
        }
        if self.byte()? == b'0' {
            self.place += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.place += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.place += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.place += 1;
            }
            self.digits()?;
        }
        // Another digit, as behind a leading zero, is nothing that can follow a value, so that the caller gives up.
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let begin = self.place;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.place += 1;
        }
        (self.place > begin).then_some(())
    }
}

/// The general parser's answer.
fn by_serde(text: &str) -> Option<(Record<'_>, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Record<'_>>();
    let record = values.next()?.ok()?;
    Some((record, values.byte_offset()))
}

/// Whether what is read here, if anything, is what the general parser reads; for the fuzz target.
pub(crate) fn agrees_with_the_general_parser(text: &str) -> bool {
    let mut known = KnownValues::default();
    // The second time, all that repeats is known.
    (0..2).all(|_| {
        let mut own = Record::default();
        record(text, &mut known, &mut own).is_none_or(|length| {
            own.identity_number = None;
            by_serde(text) == Some((own, length))
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// With what was read of all records before, in whatever tests.
    fn record(text: &str) -> Option<(Record<'_>, usize)> {
        use std::sync::{Mutex, OnceLock};
        static KNOWN: OnceLock<Mutex<KnownValues>> = OnceLock::new();
        let known = &mut KNOWN.get_or_init(Mutex::default).lock().unwrap();
        let mut record = Record::default();
        let length = super::record(text, known, &mut record)?;
        record.identity_number = None;
        Some((record, length))
    }

    #[test]
    fn what_is_known_of_an_object_is_not_taken_for_another() {
        let object = |end: &str| format!("{{\"type\":\"{}\",\"x\":\"{end}\"}}", "x".repeat(90));
        for name in ["userIdentity", "tlsDetails"] {
            for end in ["a", "b", "a", "ab", "a\"},{", "", "a", "c", "b"] {
                let text = format!("{{\"eventID\":\"a\",\"{name}\":{}}}", object(end));
                assert_eq!(record(&text), by_serde(&text), "{text}");
            }
        }
    }

    #[test]
    fn the_records_of_cloudtrail_are_read_here() {
        for text in [
            r#"{"eventVersion":"1.11","userIdentity":{"type":"Root","x":[{},[],-1.5e+3,0,true,false,null,"\u00e9\n"]},"eventID":"a"}"#,
            "{ \"eventID\" : null , \"errorMessage\" : \"say \\\"no\\\"\" }\n",
        ] {
            assert!(record(text).is_some(), "{text}");
            assert_eq!(record(text), by_serde(text), "{text}");
        }
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\n",
            " ",
            "null",
            "true",
            "fals",
            "-",
            "0",
            "1.5e3",
            "01",
            "2",
            ".",
            "\u{1}",
            "\"eventID\":",
            "\"eventName\":",
            "\"userIdentity\":",
            "\"resources\":",
            "\"x\":",
            "\"a\"",
            "\"\\ud800\"",
            "\"\\u00e9\"",
            "\"ein längerer Text über sechzehn Zeichen\"",
            "{\"eventID\":\"a\"",
            "{\"a\":1}",
            "[1,[]]",
        ])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn what_is_read_here_is_what_the_general_parser_reads(pieces in prop::collection::vec(piece(), 0..14), begins in any::<bool>()) {
            let mut text = pieces.concat();
            if begins {
                text.insert_str(0, "{\"eventID\":\"a\",");
            }
            if let Some(read) = record(&text) {
                prop_assert_eq!(Some(read), by_serde(&text), "{}", text);
            }
        }

        #[test]
        fn any_value_of_a_member_is_passed_as_a_whole(value in value(), name in prop::sample::select(vec!["x", "userIdentity", "eventName", "resources"])) {
            let text = serde_json::json!({ "eventID": "a", name: value, "z": 1 }).to_string();
            let expected = by_serde(&text);
            let is_short = text.len() < LARGEST_RECORD;
            prop_assert_eq!(record(&text), expected.filter(|_| is_short), "{}", text);
        }
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        use serde_json::Value;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(".{0,9}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }
}
