//! Made-up logs of any size, in the layout of a trail's bucket: the same bytes whenever they are made.
//!
//! The corpus's real trail (2,900 events of one day, nearly all by one user from one host) has 1,250 bytes of JSON an event, and
//! packed 134 in its 55 small files, 108 in one large file. These logs have 1,348 bytes an event, and packed 149: more
//! principals, agents and addresses, and three quarters of the calls by roles, whose records are longer. Of the corpus's records 24 %
//! list resources, 11 % have an answer, 11 % additional data, 10 % an error; of these 30 %, 10 %, 8 % and 7 %. Of distinct
//! parameters there are 76 and 60 in 100 records of a file, of distinct identities 11 and 4.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use rayon::prelude::*;

use super::calls::{Call, OF_PRINCIPALS, OF_SERVICES, USER_AGENTS};

/// How many events the files have, in turns: a trail writes one every few minutes for each Region, whatever happened there.
const EVENTS_OF_FILES: [u64; 8] = [150, 400, 900, 1_600, 2_500, 4_000, 6_450, 9_000];
const ROLES: u64 = 640;
const USERS: u64 = 160;
const REGIONS: [&str; 8] = [
    "us-east-1",
    "eu-central-1",
    "eu-west-1",
    "ap-southeast-2",
    "us-west-2",
    "us-east-2",
    "ap-northeast-1",
    "sa-east-1",
];
const ACCOUNT: &str = "111122223333";
/// Programs make several calls in a row.
const EVENTS_OF_A_BURST: u64 = 4;
/// So many of all kinds of calls each principal makes.
const CALLS_OF_ONE: u64 = 10;

/// A file, and which events are in it.
struct LogFile {
    path: PathBuf,
    region: u64,
    day: u64,
    /// Minutes since midnight.
    minute: u64,
    first_event: u64,
    events: u64,
}

fn files(folder: &Path, events: u64) -> Vec<LogFile> {
    let mut files = Vec::new();
    let mut first_event = 0;
    for (number, count) in (0_u64..).zip(EVENTS_OF_FILES.into_iter().cycle()) {
        if first_event >= events {
            break;
        }
        // Other Regions have the large files the next time.
        let region = (number + number / 8) % 8;
        let (day, minute) = (number / 8 % 28 + 1, number / 224 * 5 % 1_435);
        let (name, hour, minutes) = (pick(&REGIONS, region), minute / 60, minute % 60);
        let path = folder.join(format!(
            "AWSLogs/{ACCOUNT}/CloudTrail/{name}/2026/10/{day:02}/{ACCOUNT}_CloudTrail_{name}_202610{day:02}T{hour:02}{minutes:02}Z_{number:016x}.json.gz"
        ));
        let events = count.min(events - first_event);
        files.push(LogFile {
            path,
            region,
            day,
            minute,
            first_event,
            events,
        });
        first_event += events;
    }
    files
}

/// The files with the first events, in order.
pub(super) fn paths(folder: &Path, events: u64) -> Vec<PathBuf> {
    files(folder, events)
        .into_iter()
        .map(|file| file.path)
        .collect()
}

/// Writes the files that are missing.
pub(super) fn write(folder: &Path, events: u64) -> anyhow::Result<()> {
    files(folder, events).into_par_iter().try_for_each(|file| {
        if file.path.exists() {
            return Ok(());
        }
        if let Some(parent) = file.path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(records(&file).as_bytes())?;
        let unfinished = file.path.with_extension("part");
        std::fs::write(&unfinished, encoder.finish()?)?;
        Ok(std::fs::rename(&unfinished, &file.path)?)
    })
}

fn records(file: &LogFile) -> String {
    let mut text = String::from("{\"Records\":[");
    for number in 0..file.events {
        if number > 0 {
            text.push(',');
        }
        let event = file.first_event + number;
        let mut event = Event {
            random: Random(mix(event)),
            caller: Random(mix(!(event / EVENTS_OF_A_BURST))),
            file,
            who: 0,
            thing: 0,
        };
        event.write(&mut text);
    }
    text.push_str("]}");
    text
}

/// One event while it is written.
struct Event<'f> {
    random: Random,
    /// The same for the events of a burst.
    caller: Random,
    file: &'f LogFile,
    who: u64,
    thing: u64,
}

impl Event<'_> {
    fn write(&mut self, text: &mut String) {
        let is_of_service = self.random.below(100) < 10;
        // Most work in their own Region, some in the next one too.
        let region = self.file.region + u64::from(self.caller.below(100) < 15);
        // Some do much more than others.
        let share = (ROLES + USERS) / 8;
        let rank = self.caller.below(share).min(self.caller.below(share));
        // Users come between roles.
        let rank = rank * 7 % share;
        self.who = region % 8 + 8 * rank;
        self.thing = self.who * 4 + self.random.below(3);
        let kind = self.random.below(CALLS_OF_ONE);
        let call = match is_of_service {
            true => of(OF_SERVICES, kind),
            false => of(OF_PRINCIPALS, mix(self.who * CALLS_OF_ONE + kind)),
        };
        let Some(call) = call else { return };
        let second = self.file.minute * 60 + self.random.below(300);
        text.push_str("{\"eventVersion\":\"1.11\",\"userIdentity\":");
        let is_of_role = self.who < ROLES;
        let identity = match (is_of_service, is_of_role) {
            (true, _) => r#"{"type":"AWSService","invokedBy":"%v"}"#,
            (_, true) => {
                r#"{"type":"AssumedRole","principalId":"AROA%p:%o","arn":"arn:aws:sts::%a:assumed-role/worker-%w/%o","accountId":"%a","accessKeyId":"%q","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA%p","arn":"arn:aws:iam::%a:role/service/worker-%w","accountId":"%a","userName":"worker-%w"},"attributes":{"creationDate":"%d","mfaAuthenticated":"false"}}}"#
            }
            _ => {
                r#"{"type":"IAMUser","principalId":"AIDA%p","arn":"arn:aws:iam::%a:user/ci/user-%w","accountId":"%a","accessKeyId":"AKIA%p","userName":"user-%w"}"#
            }
        };
        self.fill(text, identity, call);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let day = self.file.day;
        text.push_str(&format!(
            ",\"eventTime\":\"2026-10-{day:02}T{hour:02}:{minute:02}:{second:02}Z\",\"eventSource\":\"{}.amazonaws.com\",\"eventName\":\"{}\",\"awsRegion\":\"%r\"",
            call.source, call.name
        ).replace("%r", self.region()));
        let agent = match is_of_service {
            true => "%v",
            false => of(USER_AGENTS, mix(self.who)).copied().unwrap_or_default(),
        };
        let address = match is_of_service {
            true => "%v",
            false => "10.%l",
        };
        self.fill(
            text,
            &format!(",\"sourceIPAddress\":\"{address}\",\"userAgent\":\"{agent}\""),
            call,
        );
        if self.random.below(100) < 8 && !is_of_service {
            self.fill(text, r#","errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::%a:assumed-role/worker-%w/%o is not authorized to perform: %e:%f because no identity-based policy allows the %e:%f action""#, call);
        }
        text.push_str(",\"requestParameters\":");
        self.fill(text, call.parameters, call);
        text.push_str(",\"responseElements\":");
        self.fill(text, call.response, call);
        if !call.additional.is_empty() {
            text.push_str(",\"additionalEventData\":");
            self.fill(text, call.additional, call);
        }
        self.fill(text, r#","requestID":"%u","eventID":"%u""#, call);
        text.push_str(match call.reads {
            true => ",\"readOnly\":true",
            false => ",\"readOnly\":false",
        });
        if !call.resources.is_empty() {
            text.push_str(",\"resources\":");
            self.fill(text, call.resources, call);
        }
        self.fill(
            text,
            r#","eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"%a""#,
            call,
        );
        if is_of_service && call.source == "sts" {
            self.fill(text, r#","sharedEventID":"%u""#, call);
        }
        text.push_str(",\"eventCategory\":\"Management\"");
        if !is_of_service {
            self.fill(text, r#","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"%e.%r.amazonaws.com"}"#, call);
        }
        text.push('}');
    }

    fn region(&self) -> &'static str {
        pick(&REGIONS, self.file.region)
    }

    /// A template with what differs filled in: the letters of the calls, and those that only records have.
    fn fill(&mut self, text: &mut String, template: &str, call: &Call) {
        const SERVICES: [&str; 4] = ["ec2", "lambda", "ecs-tasks", "config"];
        let mut parts = template.split('%');
        text.push_str(parts.next().unwrap_or_default());
        let (who, hour) = (self.who, self.file.minute / 60);
        // Roles open a session an hour.
        let session = mix(who << 20 | self.file.day << 8 | hour);
        for part in parts {
            let mut rest = part.chars();
            match rest.next() {
                Some('n') => text.push_str(&self.thing.to_string()),
                Some('h') => hexadecimal(text, mix(self.thing)),
                Some('k') => uuid(text, mix(self.thing), mix(!self.thing)),
                Some('u') => uuid(text, self.random.next(), self.random.next()),
                Some('U') => {
                    let mut small = String::new();
                    uuid(&mut small, self.random.next(), self.random.next());
                    text.push_str(&small.to_ascii_uppercase());
                }
                Some('i') => hexadecimal(text, self.random.next()),
                Some('x') => letters(text, &mut self.random, 75, "="),
                // As short as in the corpus, which hides them.
                Some('s') => letters(text, &mut self.random, 8, ""),
                Some('c') => key(text, self.random.next()),
                Some('q') => key(text, session),
                Some('r') => text.push_str(self.region()),
                Some('a') => text.push_str(ACCOUNT),
                Some('e') => text.push_str(call.source),
                Some('f') => text.push_str(call.name),
                Some('v') => {
                    let service = pick(&SERVICES, mix(self.thing) >> 3);
                    text.push_str(service);
                    text.push_str(".amazonaws.com");
                }
                Some('w') => text.push_str(&who.to_string()),
                Some('p') => capitals(text, mix(who)),
                Some('o') => {
                    text.push_str("i-");
                    hexadecimal(text, mix(who << 20 | self.file.day));
                }
                Some('d') => {
                    text.push_str(&format!("2026-10-{:02}T{hour:02}:", self.file.day));
                    let minute = session % 60;
                    text.push_str(&format!("{minute:02}:{:02}Z", session >> 8 & 31));
                }
                Some('l') => {
                    let host = mix(who << 2 | self.random.below(3));
                    text.push_str(&format!(
                        "{}.{}.{}",
                        host & 15,
                        host >> 8 & 255,
                        host >> 16 & 255
                    ));
                }
                _ => {}
            }
            text.push_str(rest.as_str());
        }
    }
}

fn hexadecimal(text: &mut String, number: u64) {
    text.push_str(&format!("0{number:016x}"));
}

fn uuid(text: &mut String, high: u64, low: u64) {
    text.push_str(&format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    ));
}

/// A session's key id.
fn key(text: &mut String, number: u64) {
    text.push_str("ASIA");
    capitals(text, number);
}

/// The end of a key's or principal's id.
fn capitals(text: &mut String, number: u64) {
    const SIGNS: &[char] = &[
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R',
        'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7',
    ];
    let mut random = Random(number);
    text.extend((0..16).filter_map(|_| of(SIGNS, random.next())));
}

/// Letters as of base64.
fn letters(text: &mut String, random: &mut Random, count: usize, end: &str) {
    let signs: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['+', '/'])
        .collect();
    text.extend((0..count).filter_map(|_| of(&signs, random.next())));
    text.push_str(end);
}

fn of<T>(list: &[T], number: u64) -> Option<&T> {
    let count = u64::try_from(list.len()).ok()?;
    list.get(usize::try_from(number.checked_rem(count)?).ok()?)
}

fn pick(list: &[&'static str], number: u64) -> &'static str {
    of(list, number).copied().unwrap_or_default()
}

/// Numbers that look random and are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

/// Splitmix64.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
