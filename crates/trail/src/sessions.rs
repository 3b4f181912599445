//! Sessions whose records do not tell their role: the answer to the AssumeRole call that began one does, by its temporary key.
//!
//! `sessionIssuer` can be absent or empty. The session's own ARN tells the role's name, but not its path; `requestParameters` of
//! AssumeRole hold the whole ARN, and `responseElements` the id of the key (CloudTrail User Guide, "Logging IAM and AWS STS API
//! calls"). Of the credentials nothing but that id is read.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use xxhash_rust::xxh64::xxh64;

use crate::interner::Interner;
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
fn session_begun(record: &Record<'_>) -> Option<(u64, String)> {
    let answer = record.response_elements?.get();
    let Answered { credentials } = serde_json::from_str(answer).ok()?;
    let key = credentials?.access_key_id?;
    let asked: Asked<'_> = serde_json::from_str(record.request_parameters?.get()).ok()?;
    let role = asked.role_arn?;
    let is_role = role.starts_with("arn:") && role.contains(":role/");
    let is_plain = role.len() <= LONGEST_ARN && !role.chars().any(char::is_control);
    (is_role && is_plain && key.starts_with("ASIA")).then(|| (hash(&key), role.to_string()))
}
