//! Sessions whose records do not tell their role: the answer to the AssumeRole call that began one does, by its temporary key.
//!
//! `sessionIssuer` can be absent or empty. The session's own ARN tells the role's name, but not its path; `requestParameters` of
//! AssumeRole hold the whole ARN, and `responseElements` the id of the key (CloudTrail User Guide, "Logging IAM and AWS STS API
//! calls"). Of the credentials nothing but that id is read.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use xxhash_rust::xxh64::xxh64;

use crate::interner::Interner;
use crate::read::for_each_member;
use crate::{Record, Text};

/// Keys beyond these are forgotten; their sessions stay with what their records tell.
const MOST_KEYS: usize = 1 << 20;
/// AWS's limit of an ARN's length.
const LONGEST_ARN: usize = 2048;

/// Which temporary key belongs to which role, and which principals wait to be told so. Texts are numbers of an [`Interner`].
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    /// The role by a hash of the temporary key.
    roles: FxHashMap<u64, u32>,
    /// By the number of the text that stands in for the principal.
    waiting: FxHashMap<u32, Waiting>,
}

/// A session whose role may be told by another record.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    key: u64,
    /// The principal as far as its own records tell it.
    told: u32,
}

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow, rename = "roleArn")]
    role_arn: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(borrow)]
    credentials: Option<Credentials<'a>>,
}

#[derive(Deserialize)]
struct Credentials<'a> {
    #[serde(borrow, rename = "accessKeyId")]
    access_key_id: Option<Text<'a>>,
}

impl Sessions {
    /// Remembers the role of the session that a call began.
    pub(crate) fn learn(&mut self, record: &Record<'_>, texts: &mut Interner) {
        let name = record.event_name.as_deref().unwrap_or_default();
        if !name.starts_with("AssumeRole") || self.roles.len() >= MOST_KEYS {
            return;
        }
        if let Some((key, role)) = session_begun(record) {
            let role = texts.number(&role);
            let known = self.roles.entry(key).or_insert(role);
            if texts.text(role) < texts.text(*known) {
                *known = role;
            }
        }
    }

    /// The number of a text that stands in for the principal of a session until [`Self::resolve`].
    pub(crate) fn wait(&mut self, key: &str, told: &str, texts: &mut Interner) -> u32 {
        let key = hash(key);
        // No name holds a control character.
        let number = texts.number(&format!("\0{key:x}\0{told}"));
        if let Entry::Vacant(entry) = self.waiting.entry(number) {
            entry.insert(Waiting {
                key,
                told: texts.number(told),
            });
        }
        number
    }

    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Adds the roles of sessions that are known here. Where two records differ, the smaller text decides, whatever the order.
    pub(crate) fn tell(&self, texts: &Interner, roles: &mut FxHashMap<u64, Arc<str>>) {
        for (key, role) in &self.roles {
            let role = texts.text(*role);
            let known = roles.entry(*key).or_insert_with(|| Arc::clone(role));
            if role < known {
                *known = Arc::clone(role);
            }
        }
    }

    /// Puts principals in the place of what stands in for them: `numbers` are those in `texts` of the texts here.
    pub(crate) fn resolve(
        &self,
        roles: &FxHashMap<u64, Arc<str>>,
        texts: &mut Interner,
        numbers: &mut [u32],
    ) {
        for (stand_in, waiting) in &self.waiting {
            let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
            let principal = match roles.get(&waiting.key) {
                Some(role) => texts.number(role),
                None => numbers
                    .get(place(waiting.told))
                    .copied()
                    .unwrap_or_default(),
            };
            if let Some(number) = numbers.get_mut(place(*stand_in)) {
                *number = principal;
            }
        }
    }
}

fn hash(key: &str) -> u64 {
    xxh64(key.as_bytes(), 0)
}

/// The temporary key's hash, and the role.
fn session_begun<'a>(record: &Record<'a>) -> Option<(u64, Cow<'a, str>)> {
    let (answer, asked) = (
        record.response_elements?.get(),
        record.request_parameters?.get(),
    );
    let (key, role) = match told_plainly(answer, asked) {
        Some((key, role)) => (Cow::Borrowed(key), Cow::Borrowed(role)),
        None => told(answer, asked)?,
    };
    let is_role = role.starts_with("arn:") && role.contains(":role/");
    let is_plain = role.len() <= LONGEST_ARN && !role.chars().any(char::is_control);
    (is_role && is_plain && key.starts_with("ASIA")).then(|| (hash(&key), role))
}

/// The temporary key and the role.
fn told<'a>(answer: &'a str, asked: &'a str) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    let Answered { credentials } = serde_json::from_str(answer).ok()?;
    let Asked { role_arn } = serde_json::from_str(asked).ok()?;
    Some((credentials?.access_key_id?.0, role_arn?.0))
}

/// The key and the role as nearly all records have them, without the general parser, which reads more of the answer than that.
fn told_plainly<'a>(answer: &'a str, asked: &'a str) -> Option<(&'a str, &'a str)> {
    let credentials = the_only(answer, "credentials")?;
    let key = plain_text(the_only(credentials, "accessKeyId")?)?;
    Some((key, plain_text(the_only(asked, "roleArn")?)?))
}

/// The value of a member that an object has once.
fn the_only<'a>(object: &'a str, member: &str) -> Option<&'a str> {
    let (mut only, mut count) = (None, 0);
    for_each_member(object, |name, value| {
        if name == member {
            (only, count) = (Some(value), count + 1);
        }
    })?;
    only.filter(|_| count == 1)
}

/// A text without escapes.
fn plain_text(value: &str) -> Option<&str> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            r#""ASIA1""#,
            r#""arn:aws:iam::111122223333:role/r""#,
            r#""a\u0062c""#,
            r#""""#,
            "null",
            "7",
            "{}",
            "[{\"accessKeyId\":\"ASIA2\"}]",
        ])
    }

    /// An object of members of these names, each of which can come twice.
    fn object(
        name: &'static str,
        value: impl Strategy<Value = String>,
    ) -> impl Strategy<Value = String> {
        let (first, rest) = name.split_at(1);
        let escaped = format!("\\u{:04x}{rest}", first.as_bytes()[0]);
        let names = vec![
            name.to_owned(),
            name.to_owned(),
            "other".to_owned(),
            escaped,
        ];
        let name = prop::sample::select(names);
        let member = (name, value).prop_map(|(name, value)| format!("\"{name}\" : {value}"));
        let members = prop::collection::vec(member, 0..4);
        members.prop_map(|members| format!("{{{}}}", members.join(",")))
    }

    proptest! {
        #[test]
        fn what_is_told_plainly_is_what_the_general_parser_reads(
            answer in object("credentials", prop_oneof![
                3 => object("accessKeyId", value().prop_map(str::to_owned)),
                1 => value().prop_map(str::to_owned),
            ]),
            asked in object("roleArn", value().prop_map(str::to_owned)),
        ) {
            if let Some((key, role)) = told_plainly(&answer, &asked) {
                prop_assert_eq!(told(&answer, &asked), Some((key.into(), role.into())));
            }
        }
    }

    #[test]
    fn an_answer_of_aws_is_read_plainly() {
        let answer = r#"{"credentials":{"accessKeyId":"ASIA1","sessionToken":"x","expiration":"y"},"assumedRoleUser":{}}"#;
        let asked = r#"{"roleArn":"arn:aws:iam::1:role/r","roleSessionName":"s"}"#;
        let told = told_plainly(answer, asked);
        assert_eq!(told, Some(("ASIA1", "arn:aws:iam::1:role/r")));
    }
}
