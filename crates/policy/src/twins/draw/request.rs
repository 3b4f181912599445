//! Requests that statements may match.

use super::policy::{ACCOUNTS, CALLERS, KEYS, OTHER_CALLERS};
use super::{Asked, Bytes, Condition, Statement};

/// A request that some of the statements may match.
pub(crate) fn request(
    bytes: &mut Bytes<'_>,
    statements: &[&Statement],
    is_resource: bool,
) -> Asked {
    let pick = |bytes: &mut Bytes<'_>| {
        let index = bytes.below(statements.len());
        statements.get(index).copied()
    };
    let action = match pick(bytes).filter(|_| !bytes.chance(2)) {
        Some(own) => {
            let pattern = bytes.pick(&own.actions);
            let pattern = if pattern == "*" {
                "?:?".to_owned()
            } else {
                pattern
            };
            instantiated(bytes, &pattern, &["x", "y", "z", "a", "b"])
        }
        None => format!(
            "{}:{}",
            bytes.pick(&["a", "b", "c"]),
            bytes.text(&["x", "y", "z"], 1, 4)
        ),
    };
    let resource = match pick(bytes).filter(|_| !bytes.chance(2)) {
        Some(own) => {
            let all = own.resources.clone().unwrap_or_default();
            let mut pattern = bytes.pick(&all);
            if pattern == "*" && !bytes.chance(4) {
                pattern = "arn:aws:s3:::*".to_owned();
            }
            let missing = 5_usize.saturating_sub(pattern.matches(':').count());
            if pattern.starts_with("arn:") {
                pattern.extend(std::iter::repeat_n(":*", missing));
            }
            instantiated(bytes, &pattern, &["a", "b", "/", ":", "", "", "ab"])
        }
        None => format!(
            "arn:aws:s3:::{}",
            bytes.text(&["a", "b", "/", ":", "*"], 0, 5)
        ),
    };
    let resource = if is_arn(&resource) {
        resource
    } else {
        "*".to_owned()
    };
    let mut named: Vec<String> = statements
        .iter()
        .flat_map(|own| &own.principals)
        .map(|(_, text)| text.clone())
        .filter(|text| text.contains([':', '.', '*']))
        .collect();
    named.extend(CALLERS.iter().map(|text| (*text).to_owned()));
    let principal = if is_resource {
        named.extend(OTHER_CALLERS.iter().map(|text| (*text).to_owned()));
        named.extend(
            ACCOUNTS
                .iter()
                .map(|account| format!("arn:aws:iam::{account}:root")),
        );
        bytes.pick(&named)
    } else {
        // The policies decide alone for these.
        bytes
            .pick(&[
                "arn:aws:iam::111122223333:user/someone",
                "arn:aws:sts::111122223333:assumed-role/x/s",
            ])
            .to_owned()
    };
    let conditions: Vec<&Condition> = statements.iter().flat_map(|own| &own.conditions).collect();
    let mut context = Vec::new();
    for (key, family) in KEYS {
        if bytes.chance(5) {
            continue;
        }
        let own: Vec<&Condition> = conditions
            .iter()
            .copied()
            .filter(|own| own.key == *key && own.operator != "Null")
            .collect();
        let has_set = own.iter().any(|own| own.operator.starts_with("For"));
        let value = |bytes: &mut Bytes<'_>| {
            let values: Vec<String> = own.iter().flat_map(|own| own.values.clone()).collect();
            if values.is_empty() || bytes.chance(4) {
                return bytes.pick(family.plain()).to_owned();
            }
            let value = bytes.pick(&values);
            let value = value
                .split('/')
                .next()
                .filter(|_| value.contains(['.']) || value.contains("::/"));
            match value {
                Some(address) => address.to_owned(),
                None => {
                    let value = bytes.pick(&values);
                    instantiated(bytes, &value, &["a", "b", "", "/"])
                }
            }
        };
        // Keys that no service shares may be multivalued, whether statements read them as sets or not.
        let may_be_list = has_set || *key == "aws:TagKeys" || !key.starts_with("aws:");
        if may_be_list && bytes.chance(if has_set { 9 } else { 4 }) {
            let count = bytes.below(3);
            context.push((*key, Err((0..count).map(|_| value(bytes)).collect())));
        } else {
            context.push((*key, Ok(value(bytes))));
        }
    }
    Asked {
        principal,
        action,
        resource,
        context,
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.matches(':').count() >= 5
}

/// Letters in the place of wildcards and variables.
fn instantiated(bytes: &mut Bytes<'_>, pattern: &str, letters: &[&str]) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match first {
            '*' => text.push_str(&bytes.text(letters, 0, 3)),
            '?' => text.push_str(bytes.pick(letters)),
            '$' => {
                length = rest.find('}').map_or(rest.len(), |end| end + 1);
                text.push_str(bytes.pick(letters));
            }
            _ => text.push(first),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    text
}
