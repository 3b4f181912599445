//! File names made of hostile names, such as an owner's tag.
//!
//! Two names never share a file, also not on a file system that ignores case. `~` marks a hash
//! suffix; it is free for that because a `~` in a name is encoded.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const LONGEST: usize = 200;
const HASH_DIGITS: usize = 16;
/// An empty name: no other file name is only this.
const EMPTY: &str = "~";
/// Windows takes these for devices, whatever the extension.
const DEVICES: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// The file name, without extension, of one name that has no like among its fellows.
///
/// `[A-Za-z0-9._-]` stay, other bytes become `%XX`; so does a leading dot and the first letter of a
/// device name of Windows. What is longer than 200 bytes is cut and gets a hash.
#[must_use]
pub fn file_name(name: &str) -> String {
    let encoded = encode(name);
    if encoded.len() > LONGEST {
        with_hash(&encoded, name)
    } else {
        encoded
    }
}

/// The file name, without extension, of each of `names`. Those that differ only in case get a hash suffix.
#[must_use]
pub fn file_names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let mut sharing: BTreeMap<String, usize> = BTreeMap::new();
    for name in &names {
        *sharing
            .entry(file_name(name).to_ascii_lowercase())
            .or_default() += 1;
    }
    names
        .into_iter()
        .map(|name| {
            let plain = file_name(name);
            let alone = sharing.get(&plain.to_ascii_lowercase()) == Some(&1);
            let unique = if alone {
                plain
            } else {
                with_hash(&encode(name), name)
            };
            (name, unique)
        })
        .collect()
}

fn encode(name: &str) -> String {
    if name.is_empty() {
        return EMPTY.to_owned();
    }
    let stem = name.split('.').next().unwrap_or_default();
    let is_device = DEVICES.contains(&stem.to_ascii_lowercase().as_str());
    let mut encoded = String::with_capacity(name.len());
    for (position, byte) in name.bytes().enumerate() {
        let kept = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let first_is_special = position == 0 && (byte == b'.' || is_device);
        if kept && !first_is_special {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// As much of the encoded name as fits, and a hash of the whole name.
fn with_hash(encoded: &str, name: &str) -> String {
    let room = LONGEST - HASH_DIGITS - 1;
    let mut kept: String = encoded.chars().take(room).collect();
    // A byte that was cut in two is no longer an encoded byte.
    if encoded.len() > room {
        let last_whole = kept.len().saturating_sub(2);
        if let Some(percent) = kept.rfind('%').filter(|at| *at >= last_whole) {
            kept.truncate(percent);
        }
    }
    let hash: String = blake3::hash(name.as_bytes())
        .to_hex()
        .chars()
        .take(HASH_DIGITS)
        .collect();
    format!("{kept}~{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_names_stay_and_others_are_encoded() {
        assert_eq!(file_name("Team_A-1.eu"), "Team_A-1.eu");
        assert_eq!(file_name("alice@example.com"), "alice%40example.com");
        assert_eq!(file_name("../../etc/x"), "%2E.%2F..%2Fetc%2Fx");
        assert_eq!(file_name(".."), "%2E.");
        assert_eq!(file_name("é\n\\"), "%C3%A9%0A%5C");
        assert_eq!(file_name("CON.txt"), "%43ON.txt");
        assert_eq!(file_name("console"), "console");
        assert_eq!(file_name(""), "~");
    }

    #[test]
    fn names_that_differ_only_in_case_get_a_hash() {
        let names = file_names(["Platform", "platform", "payments"]);
        assert_eq!(names["payments"], "payments");
        assert!(names["Platform"].starts_with("Platform~"), "{names:?}");
        assert!(names["platform"].starts_with("platform~"), "{names:?}");
        assert_ne!(
            names["Platform"].to_lowercase(),
            names["platform"].to_lowercase()
        );
    }

    #[test]
    fn long_names_are_cut_between_encoded_bytes() {
        let long = "é".repeat(100);
        let name = file_name(&long);
        assert!(name.len() <= LONGEST);
        let (kept, hash) = name.split_once('~').unwrap();
        assert_eq!((kept.len() % 3, hash.len()), (0, HASH_DIGITS), "{name}");
        assert_ne!(name, file_name(&"é".repeat(101)));
    }

    fn any_name() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[aA.~%/\\\\-]{0,6}",
            "[cC][oO][nN]([.]x)?",
            "[aAé]{195,205}",
        ]
    }

    proptest! {
        #[test]
        fn no_two_names_share_a_file(names in prop::collection::btree_set(any_name(), 1..12)) {
            let files = file_names(names.iter().map(String::as_str));
            prop_assert_eq!(files.len(), names.len());
            let distinct: BTreeSet<String> =
                files.values().map(|file| file.to_ascii_lowercase()).collect();
            prop_assert_eq!(distinct.len(), names.len(), "{:?}", files);
            for file in files.values() {
                prop_assert!(!file.contains(['/', '\\', '\0']), "{}", file);
                prop_assert!(!file.is_empty() && !file.starts_with('.'), "{}", file);
                prop_assert!(file.len() <= LONGEST, "{}", file);
                prop_assert!(file.bytes().all(|byte| byte.is_ascii_graphic()), "{}", file);
            }
        }
    }
}
