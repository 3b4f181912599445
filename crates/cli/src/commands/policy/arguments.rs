//! What the options of `policy` and of a collection take, as AWS's references limit it.

use std::collections::BTreeSet;

use anyhow::bail;
use leastgrant_inventory::is_account;

/// The longest name of a role, and the longest path with its slashes (IAM API Reference, `CreateRole`).
const MOST_OF_A_NAME: usize = 64;
const MOST_OF_A_PATH: usize = 512;

fn has_only(text: &str, others: &[u8]) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

/// Letters, digits and `+=,.@_-` (IAM API Reference, `CreateRole`), with a path before it.
pub(in crate::commands) fn parse_role_name(text: &str) -> Result<String, &'static str> {
    let role = text.trim_start_matches('/');
    let (path, name) = role.rsplit_once('/').unwrap_or(("", role));
    if !has_only(role, b"+=,.@_-/") || name.is_empty() {
        Err(
            "letters, digits and `+=,.@_-` were expected, with a path such as `team/` before it or without",
        )
    } else if name.len() > MOST_OF_A_NAME || path.len() + "//".len() > MOST_OF_A_PATH {
        Err("a role's name has at most 64 characters, and its path at most 512")
    } else {
        Ok(role.to_owned())
    }
}

/// A key and a value of a session tag: at most 128 and 256 letters, digits, spaces and `_.:/=+-@` (STS API Reference, `Tag`).
pub(in crate::commands) fn parse_tag(text: &str) -> Result<(String, String), &'static str> {
    let is_allowed = |text: &str| {
        text.chars()
            .all(|character| character.is_alphanumeric() || " _.:/=+-@".contains(character))
    };
    match text.split_once('=') {
        Some((key, _)) if key.to_lowercase().starts_with("aws:") => {
            Err("keys that begin with `aws:` are AWS's own")
        }
        Some((key, value)) if !key.is_empty() => {
            let is_short = key.chars().count() <= 128 && value.chars().count() <= 256;
            if is_short && is_allowed(key) && is_allowed(value) {
                Ok((key.to_owned(), value.to_owned()))
            } else {
                Err(
                    "a tag has letters, digits, spaces and `_.:/=+-@`, 128 in its key and 256 in its value at most",
                )
            }
        }
        _ => Err("`KEY=VALUE` was expected"),
    }
}

/// STS takes keys that differ in their case for the same (STS API Reference, `AssumeRole`, `Tags`).
pub(in crate::commands) fn expect_each_key_once(tags: &[(String, String)]) -> anyhow::Result<()> {
    let keys: BTreeSet<String> = tags.iter().map(|(key, _)| key.to_lowercase()).collect();
    if keys.len() < tags.len() {
        bail!(
            "`--session-tag` gives a key twice, whatever its case; a session has one value of each"
        );
    }
    Ok(())
}

/// A principal that a trust policy can name and that does not end with a session: a user, a role, or an account for all of its own.
pub(super) fn parse_trusted(text: &str) -> Result<String, &'static str> {
    if is_account(text) || is_arn_of_a_principal(text) {
        Ok(text.to_owned())
    } else {
        Err(
            "the ARN of a user, of a role or of an account's root, such as `arn:aws:iam::111122223333:role/leastgrant`, or an account's twelve digits were expected; of a session, give its role",
        )
    }
}

fn is_arn_of_a_principal(text: &str) -> bool {
    let mut fields = text.splitn(6, ':');
    let mut field = || fields.next().unwrap_or_default();
    let (arn, partition, service, region, account, resource) =
        (field(), field(), field(), field(), field(), field());
    let is_partition = partition == "aws"
        || partition
            .strip_prefix("aws-")
            .is_some_and(|rest| has_only(rest, b"-"));
    let named = ["user/", "role/"]
        .iter()
        .find_map(|kind| resource.strip_prefix(kind));
    let is_principal = match named {
        Some(name) => has_only(name, b"+=,.@_-/") && !name.ends_with('/'),
        None => resource == "root",
    };
    arn == "arn"
        && is_partition
        && service == "iam"
        && region.is_empty()
        && is_account(account)
        && is_principal
}

/// `o-` and ten to 32 lower-case letters and digits (AWS Organizations API Reference, `Organization`).
pub(super) fn parse_organization_id(text: &str) -> Result<String, &'static str> {
    let is_id = text.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    if is_id {
        Ok(text.to_owned())
    } else {
        Err("the id of an organization, such as `o-a1b2c3d4e5`, was expected")
    }
}

/// Two to 1,224 letters, digits and `+=,.@:/-_` (STS API Reference, `AssumeRole`).
pub(in crate::commands) fn parse_external_id(text: &str) -> Result<String, &'static str> {
    if (2..=1224).contains(&text.len()) && has_only(text, b"+=,.@:/_-") {
        Ok(text.to_owned())
    } else {
        Err("two to 1,224 letters, digits and `+=,.@:/-_` were expected")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_principals_that_last_are_trusted() {
        for text in [
            "111122223333",
            "arn:aws:iam::111122223333:root",
            "arn:aws-us-gov:iam::111122223333:role/team/reader",
            "arn:aws-cn:iam::111122223333:user/jo@example.com",
        ] {
            assert_eq!(parse_trusted(text), Ok(text.to_owned()));
        }
        for text in [
            "11112222333",
            "*",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:root",
            "arn:aws:iam::111122223333:group/readers",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:s3:::bucket",
            "arn:aws:sts::111122223333:assumed-role/reader/session",
            "arn:aws\"}:iam::111122223333:root",
        ] {
            parse_trusted(text).unwrap_err();
        }
    }

    #[test]
    fn names_are_no_longer_than_iam_takes_them() {
        let longest = "r".repeat(64);
        assert_eq!(parse_role_name(&longest), Ok(longest.clone()));
        assert_eq!(
            parse_role_name(&format!("/team/{longest}")),
            Ok(format!("team/{longest}"))
        );
        for role in [
            "",
            "/",
            "team/",
            "a b",
            &format!("{longest}r"),
            &format!("{}/r", "p".repeat(511)),
        ] {
            parse_role_name(role).unwrap_err();
        }
    }

    #[test]
    fn organizations_and_tags_have_their_form() {
        assert!(parse_organization_id("o-a1b2c3d4e5").is_ok());
        for id in ["o-short", "a1b2c3d4e5", "o-A1b2c3d4e5", "o-*b2c3d4e5f"] {
            parse_organization_id(id).unwrap_err();
        }
        assert_eq!(
            parse_tag("team=a=b"),
            Ok(("team".to_owned(), "a=b".to_owned()))
        );
        for tag in ["team", "=a", "a=${b}", "a=*"] {
            parse_tag(tag).unwrap_err();
        }
    }
}
