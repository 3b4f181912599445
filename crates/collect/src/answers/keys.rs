//! Access keys and their last use.

use leastgrant_inventory::{DataKind, Timestamp};
use serde::Deserialize;

use super::{Problem, Problems, Reader};
use crate::answer::Answer;
use crate::facts::{KeyUse, ListedKey, OwnedList, Piece};
use crate::{elements, time};

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "iam:ListAccessKeys",
        DataKind::AccessKeys,
        "AccessKeyMetadata",
        list,
    ),
    Reader::new(
        "iam:GetAccessKeyLastUsed",
        DataKind::AccessKeyLastUsed,
        "",
        last_used,
    ),
];

/// What stands in the place of a service or Region that is not known or does not exist.
const NOT_AVAILABLE: &str = "N/A";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyMetadata {
    user_name: Option<String>,
    access_key_id: String,
    status: String,
    #[serde(default, deserialize_with = "time::optional")]
    create_date: Option<Timestamp>,
    /// Added by the bundle: the whole answer of GetAccessKeyLastUsed, or its inner part.
    last_used: Option<LastUsedAdded>,
}

/// Both the answer and its inner part are met, since people write this member by hand.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LastUsedAdded {
    access_key_last_used: Option<LastUsed>,
    #[serde(default, deserialize_with = "time::optional")]
    last_used_date: Option<Timestamp>,
    service_name: Option<String>,
    region: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct LastUsed {
    #[serde(default, deserialize_with = "time::optional")]
    last_used_date: Option<Timestamp>,
    service_name: Option<String>,
    region: Option<String>,
}

impl From<LastUsed> for KeyUse {
    fn from(last_used: LastUsed) -> Self {
        let known =
            |text: Option<String>| text.filter(|text| text != NOT_AVAILABLE && !text.is_empty());
        Self {
            at: last_used.last_used_date,
            service: known(last_used.service_name),
            region: known(last_used.region),
        }
    }
}

impl From<LastUsedAdded> for KeyUse {
    fn from(added: LastUsedAdded) -> Self {
        added
            .access_key_last_used
            .unwrap_or(LastUsed {
                last_used_date: added.last_used_date,
                service_name: added.service_name,
                region: added.region,
            })
            .into()
    }
}

fn list(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let before = problems.len();
    let keys: Vec<KeyMetadata> = elements::required_list(answer, "AccessKeyMetadata", problems);
    let is_damaged = problems.len() > before;
    let user_name = keys
        .iter()
        .find_map(|key| key.user_name.clone())
        .or_else(|| answer.parameter("UserName"));
    let Some(user_name) = user_name else {
        // The list of a user without keys is empty, and then only the wrapping or the file's name says whose it is.
        piece.facts.credentials.key_lists.push(OwnedList {
            user_name: String::new(),
            truncated: piece.truncated,
            kind: DataKind::AccessKeys,
            items: Vec::new(),
        });
        return;
    };
    if answer.call.is_none() {
        piece.listing = format!("iam:ListAccessKeys(UserName={user_name})");
    }
    let mut lists: Vec<OwnedList<ListedKey>> = Vec::new();
    for key in keys {
        let owner = key.user_name.clone().unwrap_or_else(|| user_name.clone());
        let listed = ListedKey {
            access_key_id: key.access_key_id,
            is_active: !key.status.eq_ignore_ascii_case("Inactive"),
            created_at: key.create_date,
            last_use: key.last_used.map(KeyUse::from),
        };
        match lists.iter_mut().find(|list| list.user_name == owner) {
            Some(list) => list.items.push(listed),
            None => lists.push(OwnedList {
                user_name: owner,
                truncated: piece.truncated || is_damaged,
                kind: DataKind::AccessKeys,
                items: vec![listed],
            }),
        }
    }
    if lists.is_empty() {
        lists.push(OwnedList {
            user_name,
            truncated: piece.truncated || is_damaged,
            kind: DataKind::AccessKeys,
            items: Vec::new(),
        });
    }
    piece.facts.credentials.key_lists = lists;
}

fn last_used(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let Some(access_key_id) = answer.parameter("AccessKeyId") else {
        problems.push(Problem::at(
            "/Parameters/AccessKeyId",
            "the key's id is missing in the wrapped call",
        ));
        return;
    };
    if let Some(last_used) = elements::one::<LastUsed>(answer, "AccessKeyLastUsed", problems) {
        piece
            .facts
            .credentials
            .key_uses
            .push((access_key_id, last_used.into()));
    }
}
