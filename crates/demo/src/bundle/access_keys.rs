//! `access-keys/USER.json`: the answer of ListAccessKeys, with each key's last use added.

use serde::Serialize;

use super::Folder;
use super::folder::file_name;
use crate::Error;
use crate::model::{Account, Key, User};
use crate::moment::Moment;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccessKeys<'a> {
    access_key_metadata: Vec<Metadata<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    user_name: &'a str,
    access_key_id: &'a str,
    status: &'static str,
    create_date: Moment,
    last_used: LastUsedAnswer<'a>,
}

/// The whole answer of GetAccessKeyLastUsed.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LastUsedAnswer<'a> {
    user_name: &'a str,
    access_key_last_used: AccessKeyLastUsed,
}

/// Of a key that was never used, the API gives no date and `N/A` for the rest.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccessKeyLastUsed {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_date: Option<Moment>,
    service_name: &'static str,
    region: &'static str,
}

/// Writes a file for each user, also for those without keys: their list is empty.
pub(super) fn write(account: &Account, folder: &Folder) -> Result<(), Error> {
    account.users.iter().try_for_each(|user| {
        let path = format!("{}/access-keys/{}.json", account.id, file_name(&user.name));
        let mut keys: Vec<_> = user.keys.iter().map(|key| metadata(user, key)).collect();
        // The list's order is that of nothing in particular: here the newer key comes first, while
        // the slots of the credential report follow the ids.
        keys.sort_by_key(|key| std::cmp::Reverse(key.create_date));
        folder.write_json(
            &path,
            &AccessKeys {
                access_key_metadata: keys,
            },
        )
    })
}

fn metadata<'a>(user: &'a User, key: &'a Key) -> Metadata<'a> {
    Metadata {
        user_name: &user.name,
        access_key_id: &key.id,
        status: if key.active { "Active" } else { "Inactive" },
        create_date: key.created,
        last_used: LastUsedAnswer {
            user_name: &user.name,
            access_key_last_used: AccessKeyLastUsed {
                last_used_date: key.last_used.map(|used| used.at),
                service_name: key.last_used.map_or("N/A", |used| used.service),
                region: key.last_used.map_or("N/A", |used| used.region),
            },
        },
    }
}
