//! Observed ARNs to patterns that stay inside the original ones.
//!
//! Few names stay as they are; names that machines or calendars make become a beginning and `*`. Where new names still come, none is
//! written out: what is left is the last `/` before that. The first part of a name is never widened: a bucket, a table or a role is not
//! like another. What would be too much or too wide stays as it was written.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Resource, ResourcePattern, ShortArn, Version};

use crate::glob;
use crate::made_up::{is_dated, is_uuid, machine_made_from, time_or_number_from};
use crate::usage::new_names_still_come;

/// More literal names than this of one original pattern, and it stays as it is.
const MOST_NAMES: usize = 5;
/// More than this where wildcards are never right.
const MOST_EXACT_NAMES: usize = 20;
/// More places, of Region and account, than this, and the original pattern stays.
const MOST_PLACES: usize = 3;
/// A result is its own result after this many rounds, or the originals stay.
const MOST_ROUNDS: usize = 4;

/// Services and actions of which no name is widened.
fn is_exact_only(lower_action: &str) -> bool {
    ["iam:", "kms:", "secretsmanager:", "sts:"]
        .iter()
        .any(|prefix| lower_action.starts_with(prefix))
}

/// One action on the resources that it was seen on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// In lower case, with its service.
    pub(crate) lower_action: &'a str,
    /// Events by ARN, or by `*`.
    pub(crate) events: &'a BTreeMap<&'a str, i64>,
    /// Whether an original stays that none of these is matched by.
    pub(crate) keeps_unseen: bool,
}

/// The patterns for one action in the place of a statement's own; `None`: they stay as they are.
///
/// Each resource that was seen is matched by one of `originals`. Originals that none is matched by stay or go as is asked; one that
/// only matches what a narrower one matches too goes.
pub(crate) fn generalise(
    originals: &[&ResourcePattern],
    seen: Seen<'_>,
    version: Version,
) -> Option<Vec<String>> {
    let before: BTreeSet<String> = originals
        .iter()
        .map(|own| own.as_str().to_owned())
        .collect();
    let mut patterns = once(originals, seen, version)?;
    for _ in 0..MOST_ROUNDS {
        let parsed: Vec<ResourcePattern> = patterns
            .iter()
            .map(|text| ResourcePattern::parse(text, version))
            .collect();
        let again = once(&parsed.iter().collect::<Vec<_>>(), seen, version)?;
        if again == patterns {
            return (patterns != before && !patterns.is_empty())
                .then(|| patterns.into_iter().collect());
        }
        patterns = again;
    }
    None
}

fn once(
    originals: &[&ResourcePattern],
    seen: Seen<'_>,
    version: Version,
) -> Option<BTreeSet<String>> {
    let mut by_original: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut met = BTreeSet::new();
    for text in seen.events.keys() {
        let resource = Resource::parse(text);
        let own = originals.iter().enumerate();
        let homes = own.filter(|(_, original)| matches(original, &resource));
        // The narrowest one is the best home: the others can go.
        let home = homes
            .inspect(|(index, _)| _ = met.insert(*index))
            .min_by_key(|(index, original)| (wildness(original), *index))?;
        by_original.entry(home.0).or_default().insert(text);
    }
    let is_open = new_names_still_come(seen.events.values().copied());
    let mut patterns = BTreeSet::new();
    for (index, original) in originals.iter().enumerate() {
        let own = match by_original.get(&index) {
            Some(texts) if !is_plain(original) => {
                narrowed(seen.lower_action, original, texts, is_open, version)
            }
            None if met.contains(&index) || !seen.keeps_unseen => continue,
            _ => None,
        };
        patterns.extend(own.unwrap_or_else(|| BTreeSet::from([original.as_str().to_owned()])));
    }
    Some(patterns)
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
    is_open: bool,
    version: Version,
) -> Option<BTreeSet<String>> {
    let arns: Option<Vec<[&str; 6]>> = texts.iter().map(|text| arn_fields(text)).collect();
    let arns = arns?;
    // These would be read as wildcards or variables.
    if texts.iter().any(|text| text.contains(['*', '?', '$'])) {
        return None;
    }
    let patterns: BTreeSet<String> = if is_exact_only(lower_action) {
        (texts.len() <= MOST_EXACT_NAMES && !is_open)
            .then(|| texts.iter().map(|text| (*text).to_owned()).collect())?
    } else {
        let places: BTreeSet<(&str, &str)> = arns
            .iter()
            .map(|[_, _, _, region, account, _]| (*region, *account))
            .collect();
        if places.len() > MOST_PLACES {
            return None;
        }
        let patterns = match is_open {
            true => stable_beginnings(&arns)?,
            false => arns.iter().map(widened).collect::<Option<_>>()?,
        };
        if patterns.len() > MOST_NAMES {
            return None;
        }
        patterns
    };
    let are_within = patterns.iter().all(|text| {
        let new = ResourcePattern::parse(text, version);
        is_within(&new, original)
    });
    are_within.then_some(patterns)
}

/// Under both readings of `*`.
fn is_within(new: &ResourcePattern, original: &ResourcePattern) -> bool {
    let mut fields = original.fields().iter().zip(new.fields());
    original.is_every()
        || original.fields().len() == new.fields().len()
            && fields.all(|(outer, inner)| glob::includes(outer, inner))
            && glob::includes(original.whole(), new.whole())
}

/// How many names stand before that of the resource: buckets, queues and topics have no type.
fn first_name(service: &str) -> usize {
    match service {
        "s3" | "sns" | "sqs" | "execute-api" => 0,
        _ => 1,
    }
}

/// The names of an ARN's last field, each with its separator.
fn segments(rest: &str) -> impl Iterator<Item = (&str, &str)> {
    rest.split_inclusive(['/', ':']).map(|segment| {
        let name = segment.trim_end_matches(['/', ':']);
        (name, segment.get(name.len()..).unwrap_or_default())
    })
}

fn made_up_from(name: &str) -> Option<usize> {
    let both = [machine_made_from(name), time_or_number_from(name)];
    both.into_iter().flatten().min()
}

/// What does not change of the names of each resource, up to a separator, and `*`; nothing if that is not even the first name.
fn stable_beginnings(arns: &[[&str; 6]]) -> Option<BTreeSet<String>> {
    let mut beginnings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut cut = BTreeSet::new();
    for own in arns {
        let [arn, partition, service, region, account, rest] = own;
        // Where an id is the first name, as an instance's, its beginning is what does not change.
        let widened = widened(own);
        if let Some((beginning, _)) = widened.as_ref().and_then(|text| text.split_once('*'))
            && segments(beginning.splitn(6, ':').nth(5).unwrap_or_default())
                .filter(|(name, separator)| !name.is_empty() && !separator.is_empty())
                .count()
                == first_name(service)
        {
            cut.insert(format!("{beginning}*"));
            continue;
        }
        let mut first = format!("{arn}:{partition}:{service}:{region}:{account}:");
        let mut later = Vec::new();
        let mut place = 0;
        let mut is_whole = false;
        for (name, separator) in segments(rest) {
            if separator.is_empty() {
                break;
            }
            if place > first_name(service) {
                if made_up_from(name).is_some() {
                    break;
                }
                later.push(format!("{name}{separator}"));
            } else {
                first.push_str(name);
                first.push_str(separator);
                is_whole = place == first_name(service) && !name.is_empty() && !is_dated(name);
            }
            // An empty name, as before the first slash of a path, is no name.
            place += usize::from(!name.is_empty());
        }
        if !is_whole {
            return None;
        }
        match beginnings.entry(first) {
            std::collections::btree_map::Entry::Vacant(new) => _ = new.insert(later),
            std::collections::btree_map::Entry::Occupied(mut known) => {
                let both = known.get().iter().zip(&later);
                let common = both.take_while(|(one, other)| one == other).count();
                known.get_mut().truncate(common);
            }
        }
    }
    let beginnings = beginnings.into_iter();
    cut.extend(beginnings.map(|(first, later)| format!("{first}{}*", later.concat())));
    Some(cut)
}

/// The ARN with `*` in the place of what a machine or the calendar made up; nothing where the first name is of a time.
fn widened([arn, partition, service, region, account, rest]: &[&str; 6]) -> Option<String> {
    let mut parts = String::new();
    let mut place = 0;
    let mut is_cut = false;
    for (name, separator) in segments(rest) {
        let is_first = place == first_name(service);
        let made_up = match place.cmp(&first_name(service)) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => machine_made_from(name),
            std::cmp::Ordering::Greater => made_up_from(name),
        };
        match made_up {
            None if is_first && is_dated(name) => return None,
            None => parts.push_str(name),
            Some(start) => {
                let kept = name.get(..start).unwrap_or_default();
                // Of the first name something must stay.
                if is_first && kept.is_empty() && !is_uuid(name) {
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
    Some(match is_cut {
        // `*` at the end stands for the segments after it too.
        true => text.replace("**", "*"),
        false => text,
    })
}

#[cfg(test)]
mod tests;
