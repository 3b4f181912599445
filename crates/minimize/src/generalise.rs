//! Observed ARNs to patterns that stay inside the original ones.
//!
//! Few names stay as they are; names that machines make become a beginning and `*`. The first part of a name is never widened: a
//! bucket, a table or a role is not like another. What would be too much or too wide stays as it was written.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Resource, ResourcePattern, ShortArn, Version};

use crate::glob;

/// More literal names than this of one original pattern, and it stays as it is.
const MOST_NAMES: usize = 5;
/// More than this where wildcards are never right.
const MOST_EXACT_NAMES: usize = 20;
/// More places, of Region and account, than this, and the original pattern stays.
const MOST_PLACES: usize = 3;

/// Services and actions of which no name is widened.
fn is_exact_only(lower_action: &str) -> bool {
    ["iam:", "kms:", "secretsmanager:", "sts:"]
        .iter()
        .any(|prefix| lower_action.starts_with(prefix))
}

/// The patterns for one action in the place of a statement's own; `None`: they stay as they are.
///
/// `observed` are ARNs, or `*`, each matched by one of `originals`. What no observed one is matched by goes.
pub(crate) fn generalise(
    lower_action: &str,
    originals: &[&ResourcePattern],
    observed: &BTreeSet<&str>,
    version: Version,
) -> Option<Vec<String>> {
    let mut by_original: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for text in observed {
        let resource = Resource::parse(text);
        // The narrowest one is the best home: the others can go.
        let home = originals
            .iter()
            .enumerate()
            .filter(|(_, original)| matches(original, &resource))
            .min_by_key(|(index, original)| (wildness(original), *index))?;
        by_original.entry(home.0).or_default().insert(text);
    }
    let mut patterns = Vec::new();
    for (index, texts) in by_original {
        let original = originals.get(index)?;
        let own = match is_plain(original) {
            true => None,
            false => narrowed(lower_action, original, &texts, version),
        };
        patterns.extend(own.unwrap_or_else(|| vec![original.as_str().to_owned()]));
    }
    patterns.sort();
    patterns.dedup();
    let before: BTreeSet<&str> = originals.iter().map(|own| own.as_str()).collect();
    let after: BTreeSet<&str> = patterns.iter().map(String::as_str).collect();
    (before != after && !patterns.is_empty()).then_some(patterns)
}

pub(crate) fn matches(pattern: &ResourcePattern, resource: &Resource) -> bool {
    // Where a variable has no value, what the pattern matches is not known.
    pattern.matches(resource, ShortArn::Anything, |_| None) == Some(true)
}

fn is_plain(pattern: &ResourcePattern) -> bool {
    pattern.whole().as_literal().is_some()
}

/// How much is left open.
fn wildness(pattern: &ResourcePattern) -> usize {
    usize::MAX - pattern.as_str().trim_matches(['*', '?']).len()
}

fn narrowed(
    lower_action: &str,
    original: &ResourcePattern,
    texts: &BTreeSet<&str>,
    version: Version,
) -> Option<Vec<String>> {
    let arns: Option<Vec<[&str; 6]>> = texts.iter().map(|text| arn_fields(text)).collect();
    let arns = arns?;
    // These would be read as wildcards or variables.
    if texts.iter().any(|text| text.contains(['*', '?', '$'])) {
        return None;
    }
    let patterns = if is_exact_only(lower_action) {
        (texts.len() <= MOST_EXACT_NAMES)
            .then(|| texts.iter().map(|text| (*text).to_owned()).collect())?
    } else {
        let places: BTreeSet<(&str, &str)> = arns
            .iter()
            .map(|[_, _, _, region, account, _]| (*region, *account))
            .collect();
        if places.len() > MOST_PLACES {
            return None;
        }
        let patterns: BTreeSet<String> = arns.iter().map(widened).collect();
        if patterns.len() > MOST_NAMES {
            return None;
        }
        patterns
    };
    let are_within = patterns.iter().all(|text| {
        let new = ResourcePattern::parse(text, version);
        is_within(&new, original)
    });
    are_within.then(|| patterns.into_iter().collect())
}

/// Under both readings of `*`.
fn is_within(new: &ResourcePattern, original: &ResourcePattern) -> bool {
    let mut fields = original.fields().iter().zip(new.fields());
    original.is_every()
        || original.fields().len() == new.fields().len()
            && fields.all(|(outer, inner)| glob::includes(outer, inner))
            && glob::includes(original.whole(), new.whole())
}

/// The ARN with `*` in the place of what a machine made up.
fn widened([arn, partition, service, region, account, rest]: &[&str; 6]) -> String {
    // Buckets, queues and topics have no type before their name.
    let first_name = match *service {
        "s3" | "sns" | "sqs" | "execute-api" => 0,
        _ => 1,
    };
    let mut parts = String::new();
    let mut place = 0;
    let mut is_cut = false;
    for segment in rest.split_inclusive(['/', ':']) {
        let name = segment.trim_end_matches(['/', ':']);
        let separator = segment.get(name.len()..).unwrap_or_default();
        // An empty name, as before the first slash of a path, is no name.
        match machine_made_from(name).filter(|_| place >= first_name) {
            None => parts.push_str(name),
            Some(start) => {
                let kept = name.get(..start).unwrap_or_default();
                // Of the first name something must stay.
                if place == first_name && kept.is_empty() && !is_id(name) {
                    parts.push_str(name);
                } else {
                    parts.push_str(kept);
                    parts.push('*');
                    is_cut = true;
                }
            }
        }
        parts.push_str(separator);
        place += usize::from(!name.is_empty());
    }
    let text = format!("{arn}:{partition}:{service}:{region}:{account}:{parts}");
    match is_cut {
        // `*` at the end stands for the segments after it too.
        true => text.replace("**", "*"),
        false => text,
    }
}

/// Whether the whole of a name is an id, such as a key's or a distribution's.
fn is_id(name: &str) -> bool {
    is_uuid(name)
}

/// Where in a name what a machine made begins.
fn machine_made_from(name: &str) -> Option<usize> {
    let mut start = 0;
    if is_uuid(name) {
        return Some(0);
    }
    for token in name.split_inclusive(['-', '_', '.', '=', ',', '@', '[', ']', '$']) {
        let own = token.trim_end_matches(['-', '_', '.', '=', ',', '@', '[', ']', '$']);
        let rest = name.get(start..).unwrap_or_default();
        let uuid = rest.get(..36).is_some_and(is_uuid);
        if uuid || is_machine_made(own) || is_date(rest) {
            return Some(start);
        }
        start += token.len();
    }
    None
}

fn is_machine_made(token: &str) -> bool {
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = token
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_upper = token
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    // Account ids are twelve digits that people choose to put into names.
    let is_account = digits == 12 && token.len() == 12;
    let is_number = digits == token.len() && digits >= 6 && !is_account;
    // CloudFormation's suffixes have twelve or thirteen, ULIDs have 26.
    let is_suffix = is_upper && (token.len() == 12 || token.len() == 13 || token.len() == 26);
    is_number
        || is_hex && token.len() >= 8 && digits > 0 && !is_account
        || is_suffix && digits > 0 && !is_account
}

fn is_date(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().take(10).collect();
    let is_like = |pattern: &[u8]| {
        bytes.len() == pattern.len()
            && bytes.iter().zip(pattern).all(|(byte, own)| match own {
                b'9' => byte.is_ascii_digit(),
                own => byte == own,
            })
    };
    is_like(b"9999-99-99")
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(action: &str, originals: &[&str], observed: &[&str]) -> Option<Vec<String>> {
        let patterns: Vec<ResourcePattern> = originals
            .iter()
            .map(|text| ResourcePattern::parse(text, Version::V2012))
            .collect();
        let patterns: Vec<&ResourcePattern> = patterns.iter().collect();
        let observed = observed.iter().copied().collect();
        generalise(action, &patterns, &observed, Version::V2012)
    }

    fn texts(texts: &[&str]) -> Option<Vec<String>> {
        Some(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn few_names_stay_as_they_are() {
        let original = "arn:aws:sqs:eu-west-1:111122223333:*";
        let seen = [
            "arn:aws:sqs:eu-west-1:111122223333:in",
            "arn:aws:sqs:eu-west-1:111122223333:out",
        ];
        assert_eq!(of("sqs:sendmessage", &[original], &seen), texts(&seen));
        assert_eq!(of("sqs:sendmessage", &["*"], &seen), texts(&seen));
    }

    #[test]
    fn names_of_machines_become_a_beginning() {
        for (seen, expected) in [
            (
                "arn:aws:ec2:eu-west-1:1:instance/i-0abc123def4567890",
                "arn:aws:ec2:eu-west-1:1:instance/i-*",
            ),
            (
                "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/app:log-stream:2026/10/31/[$x]",
                "*",
            ),
            (
                "arn:aws:s3:::data/year/2026-10-31/part.gz",
                "arn:aws:s3:::data/year/*/part.gz",
            ),
            (
                "arn:aws:cloudformation:eu-west-1:1:stack/app/8d9f0a12-1111-2222-3333-444455556666",
                "arn:aws:cloudformation:eu-west-1:1:stack/app/*",
            ),
            (
                "arn:aws:lambda:eu-west-1:1:function:stack-Fn-1ABCDEF2GHIJ3",
                "arn:aws:lambda:eu-west-1:1:function:stack-Fn-*",
            ),
        ] {
            let found = of("x:y", &["*"], &[seen]);
            let expected = (expected != "*").then(|| vec![expected.to_owned()]);
            assert_eq!(found, expected, "{seen}");
        }
    }

    #[test]
    fn the_first_name_is_never_widened() {
        let seen = "arn:aws:s3:::1234567890abcdef/key";
        assert_eq!(of("s3:getobject", &["*"], &[seen]), texts(&[seen]));
        // An account's id in a name is no machine's doing.
        let seen = "arn:aws:s3:::lake-111122223333/key";
        assert_eq!(of("s3:getobject", &["*"], &[seen]), texts(&[seen]));
    }

    #[test]
    fn keys_secrets_and_roles_are_exact_or_stay() {
        let key = "arn:aws:kms:eu-west-1:1:key/8d9f0a12-1111-2222-3333-444455556666";
        assert_eq!(of("kms:decrypt", &["*"], &[key]), texts(&[key]));
        let many: Vec<String> = (0..21)
            .map(|number| format!("arn:aws:iam::1:role/r{number}"))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(of("iam:passrole", &["*"], &many), None);
    }

    #[test]
    fn what_nothing_was_seen_on_goes_and_what_cannot_be_told_stays() {
        let (a, b) = ("arn:aws:s3:::a/*", "arn:aws:s3:::b/*");
        let seen = "arn:aws:s3:::a/1";
        assert_eq!(of("s3:getobject", &[a, b], &[seen]), texts(&[seen]));
        // A literal `*` in a key.
        assert_eq!(
            of("s3:getobject", &[a, b], &["arn:aws:s3:::a/*"]),
            texts(&[a])
        );
        let six: Vec<String> = ["u", "v", "w", "x", "y", "z"]
            .map(|name| format!("arn:aws:s3:::a/{name}"))
            .into();
        let six: Vec<&str> = six.iter().map(String::as_str).collect();
        assert_eq!(of("s3:getobject", &[a], &six), None);
        assert_eq!(of("s3:listallmybuckets", &["*"], &["*"]), None);
    }

    proptest! {
        #[test]
        fn the_result_stays_within_the_original_matches_what_was_seen_and_is_its_own_result(
            original in "arn:aws:(s3|logs|ec2):[*]?:[*]?:[ab/*]{0,3}[*]",
            names in prop::collection::btree_set("[ab/]{1,3}(-[0-9]{6}|/[0-9a-f]{8}|)", 1..4),
        ) {
            let seen: Vec<String> = names.iter().map(|name| {
                let head: Vec<&str> = original.splitn(6, ':').take(5).collect();
                format!("{}:{name}", head.join(":").replace('*', "x"))
            }).collect();
            let pattern = ResourcePattern::parse(&original, Version::V2012);
            let seen: BTreeSet<&str> = seen.iter().map(String::as_str)
                .filter(|text| matches(&pattern, &Resource::parse(text))).collect();
            prop_assume!(!seen.is_empty());
            if let Some(new) = generalise("x:y", &[&pattern], &seen, Version::V2012) {
                let new: Vec<ResourcePattern> = new.iter().map(|text| ResourcePattern::parse(text, Version::V2012)).collect();
                for own in &new {
                    prop_assert!(is_within(own, &pattern));
                }
                for text in &seen {
                    let resource = Resource::parse(text);
                    prop_assert!(new.iter().any(|own| matches(own, &resource)));
                }
                let again: Vec<&ResourcePattern> = new.iter().collect();
                prop_assert_eq!(generalise("x:y", &again, &seen, Version::V2012), None);
            }
        }
    }
}
