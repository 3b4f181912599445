//! Which subjects a role lets in, told by subjects that are made up from the patterns of its trust policy.
//!
//! Each part of a subject is asked for by itself: with everything before it as the policy has it, and something that nobody has in
//! its place. What gets in is decided by evaluation, so that other conditions and Denies count.

use std::collections::BTreeSet;

use super::grammars::{Grammar, Part};
use super::identity_provider::{Chosen, IdentityProvider};
use super::values::{STRANGER, filled, has_wildcard, one};
use super::{Admission, TrustedRole, Way};
use crate::Severity;

/// More patterns than these are not looked at; the rule says so.
pub(crate) const MOST_PATTERNS: usize = 100;

/// A part of the subject that may be anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wide {
    pub severity: Severity,
    /// Who gets in, in words.
    pub words: String,
    /// Whether the subject goes on with something that is given.
    pub is_narrowed: bool,
}

/// What was found of a provider's subjects.
#[derive(Debug, Default)]
pub(crate) struct Breadth {
    /// The widest first, each once.
    pub wide: Vec<Wide>,
    pub way: Way,
    pub unknowns: Vec<String>,
    pub is_cut: bool,
    /// Patterns of forms that the grammar does not know.
    pub not_taken_apart: Vec<String>,
}

/// A part that gets in with anything in its place.
struct Found {
    level: usize,
    /// The parts before it.
    known: Vec<String>,
    /// The pattern that names have to match, where not every name does.
    pattern: Option<String>,
    /// What may be there.
    each: BTreeSet<usize>,
    /// What has to come after it; none: it may be anything.
    rests: Option<BTreeSet<String>>,
}

/// Which parts of the subjects of a provider may be anything, with the claims beside the subject that the caller chooses, or with these.
pub(crate) fn breadth(
    role: &TrustedRole<'_>,
    provider: &IdentityProvider<'_>,
    chosen: Option<Chosen>,
) -> Breadth {
    let mut breadth = Breadth::default();
    let mut subjects = provider.subjects(role);
    breadth.is_cut = subjects.len() > MOST_PATTERNS;
    subjects.truncate(MOST_PATTERNS);
    let not_known = subjects.iter().filter(|(text, is_pattern)| {
        *is_pattern
            && has_wildcard(text)
            && !provider
                .kind
                .grammar
                .is_some_and(|own| is_of_form(own, text))
    });
    breadth.not_taken_apart = not_known.map(|(text, _)| text.clone()).collect();
    let Some(grammar) = provider.kind.grammar else {
        return breadth;
    };
    let asker = Asker {
        role,
        provider,
        grammar,
        chosen,
    };
    let mut patterns: Vec<Vec<String>> = subjects
        .iter()
        .map(|(text, is_pattern)| parts_of(grammar, text, *is_pattern))
        .collect();
    // What a negated condition or none at all leaves open.
    patterns.push(vec!["*".to_owned(); grammar.parts.len()]);
    let mut found: Vec<Found> = Vec::new();
    for level in 0..grammar.parts.len() {
        for pattern in &patterns {
            let is_covered = found.iter().any(|own| {
                own.pattern.is_none() && own.level < level && pattern.starts_with(&own.known)
            });
            if !is_covered {
                asker.look(pattern, level, &mut found, &mut breadth);
            }
        }
    }
    breadth.wide = found
        .iter()
        .filter_map(|own| in_words(grammar, own, provider.kind.is_shared))
        .collect();
    breadth.wide.sort_by(|one, other| {
        let by_severity = other.severity.cmp(&one.severity);
        by_severity.then_with(|| one.words.cmp(&other.words))
    });
    breadth.wide.dedup();
    breadth
}

/// Asks a role about subjects of a provider.
struct Asker<'r, 'a> {
    role: &'r TrustedRole<'a>,
    provider: &'r IdentityProvider<'a>,
    grammar: &'static Grammar,
    chosen: Option<Chosen>,
}

impl Asker<'_, '_> {
    fn look(
        &self,
        pattern: &[String],
        level: usize,
        found: &mut Vec<Found>,
        breadth: &mut Breadth,
    ) {
        let (Some(known), Some(part)) = (pattern.get(..level), self.grammar.parts.get(level))
        else {
            return;
        };
        let is_open = |text: &String| has_wildcard(text) && !is_pinned(text);
        let rest = rest_of(self.grammar, pattern, level);
        let is_one_place = level > 0 && is_pinned_by(self.grammar, &rest);
        if part.severity.is_none() || known.iter().any(is_open) || is_one_place {
            return;
        }
        let mut each = BTreeSet::new();
        for (index, stranger) in part.strangers.iter().enumerate() {
            if self.is_admitted(pattern, level, stranger.value, breadth) {
                each.insert(index);
            }
        }
        let named = pattern.get(level).filter(|text| {
            let may_be_named = part.is_name || text.starts_with('*');
            each.is_empty() && may_be_named && has_wildcard(text) && !is_pinned(text)
        });
        let by_name =
            named.filter(|text| self.is_admitted(pattern, level, &filled(text, STRANGER), breadth));
        if each.is_empty() && by_name.is_none() {
            return;
        }
        let rests = Some(rest).filter(|rest| !rest.is_empty());
        let rests = rests.map(|rest| BTreeSet::from([rest]));
        let is_same = |own: &&mut Found| {
            own.level == level && own.known == known && own.pattern.as_ref() == by_name
        };
        match found.iter_mut().find(is_same) {
            Some(own) => {
                own.each.extend(each);
                own.rests = match (own.rests.take(), rests) {
                    (Some(mut one), Some(other)) => {
                        one.extend(other);
                        Some(one)
                    }
                    _ => None,
                };
            }
            None => found.push(Found {
                level,
                known: known.to_vec(),
                pattern: by_name.cloned(),
                each,
                rests,
            }),
        }
    }

    /// Whether a subject with this value in the place of a part gets in, whatever comes after it.
    fn is_admitted(
        &self,
        pattern: &[String],
        level: usize,
        value: &str,
        breadth: &mut Breadth,
    ) -> bool {
        let mut texts = vec![String::new()];
        for (index, part) in self.grammar.parts.iter().enumerate() {
            let own = pattern.get(index).map_or("*", String::as_str);
            let values = match index.cmp(&level) {
                // Of a name that is pinned by its id any will do.
                std::cmp::Ordering::Less => vec![filled(own, STRANGER)],
                std::cmp::Ordering::Equal => vec![value.to_owned()],
                std::cmp::Ordering::Greater => values_of(part, own),
            };
            texts = texts
                .iter()
                .flat_map(|text| {
                    let label = part.label;
                    values
                        .iter()
                        .map(move |value| format!("{text}{label}{value}"))
                })
                .collect();
        }
        // Who has a place of their own chooses the branch and the like there; within one place that is what narrows it.
        let chosen = self
            .chosen
            .unwrap_or(match level + 1 < self.grammar.parts.len() {
                true => Chosen::Everything,
                false => Chosen::Audience,
            });
        for text in texts {
            match self
                .provider
                .admits(self.role, &[("sub", one(&text))], chosen)
            {
                Admission::Admitted(way) => {
                    breadth.way.statements.extend(way.statements);
                    breadth.way.keys.extend(way.keys);
                    return true;
                }
                Admission::Unknown(unknowns) => breadth.unknowns.extend(unknowns),
                Admission::Refused => {}
            }
        }
        false
    }
}

/// What a pattern asks for after a part, without what may be anything at either end.
fn rest_of(grammar: &Grammar, pattern: &[String], level: usize) -> String {
    let parts = grammar.parts.iter().zip(pattern).skip(level + 1);
    let is_told = |(_, text): &(&Part, &String)| !text.bytes().all(|byte| byte == b'*');
    let parts: Vec<(&Part, &String)> = parts.skip_while(|own| !is_told(own)).collect();
    let told = parts.iter().rposition(is_told).map_or(0, |last| last + 1);
    let parts = parts.into_iter().take(told);
    parts
        .map(|(part, text)| format!("{}{text}", part.label))
        .collect()
}

/// Whether what comes after a part says of which place the subject is.
fn is_pinned_by(grammar: &Grammar, rest: &str) -> bool {
    grammar.pins.iter().any(|(label, end)| {
        let name = rest.split_once(label).map(|(_, name)| name);
        let name = name.map(|name| name.split_once(end).map_or(name, |(name, _)| name));
        name.is_some_and(|name| !name.is_empty() && !has_wildcard(name))
    })
}

/// Whether a pattern begins as the provider's subjects do.
fn is_of_form(grammar: &Grammar, text: &str) -> bool {
    let first = grammar.parts.first().map_or("", |part| part.label);
    let literal = text.split(['*', '?']).next().unwrap_or_default();
    literal.starts_with(first) || first.starts_with(literal)
}

/// What can stand in the place of a part that a pattern has so.
fn values_of(part: &Part, own: &str) -> Vec<String> {
    if !has_wildcard(own) {
        return vec![own.to_owned()];
    }
    let strangers = part.strangers.iter().map(|known| known.value.to_owned());
    let mut values: Vec<String> = strangers.collect();
    values.push(filled(own, STRANGER));
    values
}

/// The parts of a pattern. A wildcard that runs over labels is in all parts that it covers.
fn parts_of(grammar: &Grammar, text: &str, is_pattern: bool) -> Vec<String> {
    let every = || "*".to_owned();
    let mut parts = Vec::with_capacity(grammar.parts.len());
    let first = grammar.parts.first().map_or("", |part| part.label);
    let mut rest = match text.strip_prefix(first) {
        Some(rest) => rest,
        // `*:environment:prod` has room for any beginning.
        None if is_pattern && has_wildcard(text) => match text.find('*') {
            Some(place) => text.get(place..).unwrap_or("*"),
            None => text,
        },
        // A subject of another form, such as one of a repository's own template: it is what it is.
        None => return vec![text.to_owned(); grammar.parts.len()],
    };
    let mut index = 0;
    loop {
        let later = grammar.parts.iter().enumerate().skip(index + 1);
        let labels =
            later.filter_map(|(number, part)| Some((number, rest.find(part.label)?, part.label)));
        // The label that comes first in the text: those of the parts between are covered by a wildcard.
        let Some((number, place, label)) = labels.min_by_key(|(_, place, _)| *place) else {
            break;
        };
        parts.push(name(grammar, index, rest.get(..place).unwrap_or_default()));
        parts.resize_with(number, every);
        rest = rest.get(place + label.len()..).unwrap_or_default();
        index = number;
    }
    parts.push(name(grammar, index, rest));
    parts.resize_with(grammar.parts.len(), every);
    parts
}

/// A name ends where the next label could begin, even if a wildcard hides the label.
fn name(grammar: &Grammar, index: usize, text: &str) -> String {
    let next = grammar.parts.get(index + 1).map_or("", |part| part.label);
    let end = next.chars().next().and_then(|first| text.find(first));
    let name = end.and_then(|end| text.get(..end));
    name.filter(|name| !has_wildcard(name))
        .unwrap_or(text)
        .to_owned()
}

/// `NAME@ID`: the id is never given again, so nobody else can have what is left of the name; and with the name written out nobody
/// has it but who has it now.
fn is_pinned(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, id)| !has_wildcard(name) || !has_wildcard(id))
}

fn in_words(grammar: &Grammar, found: &Found, is_shared: bool) -> Option<Wide> {
    let part = grammar.parts.get(found.level)?;
    let severity = part.severity?;
    let each: Vec<&str> = found
        .each
        .iter()
        .filter_map(|index| part.strangers.get(*index))
        .map(|stranger| stranger.words)
        .collect();
    let of_any_kind = found
        .pattern
        .as_ref()
        .filter(|_| part.words.contains("{each}"));
    let each = match of_any_kind {
        Some(pattern) => format!("every branch, tag or environment like `{pattern}`"),
        None => each.join(", "),
    };
    let mut words = part.words.replace("{each}", &each);
    for (index, known) in found.known.iter().enumerate() {
        words = words.replace(&format!("{{{index}}}"), known);
    }
    let folder = found
        .pattern
        .as_deref()
        .and_then(|pattern| pattern.strip_suffix("/*"));
    let folder = folder.filter(|folder| found.level > 0 && !has_wildcard(folder));
    if let (Some(folder), Some(group)) = (folder, found.known.last()) {
        // All of a subgroup is as all of a group.
        words = words.replace(&format!("`{group}`"), &format!("`{group}/{folder}`"));
    } else if let Some(pattern) = found.pattern.as_ref().filter(|_| of_any_kind.is_none()) {
        words.push_str(&format!(" with a name like `{pattern}`"));
    }
    if let Some(rests) = &found.rests {
        let rests = rests.iter().take(MOST_RESTS);
        let rests = rests.map(|rest| format!("`{}`", rest.trim_start_matches([':', '/'])));
        let rests: Vec<String> = rests.collect();
        words.push_str(&format!(" with {} in the subject", rests.join(" or ")));
    }
    Some(Wide {
        is_narrowed: found.rests.is_some(),
        severity: match (found.level, &found.pattern) {
            // Of an issuer of one's own nobody is quite a stranger.
            (0, _) if !is_shared => severity.min(Severity::Medium),
            (0, _) | (_, None) => severity,
            (_, Some(_)) if folder.is_some() => severity,
            (_, Some(_)) => Severity::Low,
        },
        words,
    })
}

/// More than these are not told of what has to come after a part.
const MOST_RESTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::super::grammars::{GITHUB, TERRAFORM};
    use super::*;

    #[test]
    fn patterns_are_cut_at_their_labels() {
        for (text, parts) in [
            (
                "repo:o/r:ref:refs/heads/main",
                ["o", "r", "ref:refs/heads/main"],
            ),
            ("repo:o/*", ["o", "*", "*"]),
            ("repo:o*", ["o*", "*", "*"]),
            (
                "repo:*:ref:refs/heads/main",
                ["*", "*", "ref:refs/heads/main"],
            ),
            ("repo:o/r:*", ["o", "r", "*"]),
            ("*:environment:prod", ["*", "*", "environment:prod"]),
            ("repo:o@1/r@2:pull_request", ["o@1", "r@2", "pull_request"]),
        ] {
            assert_eq!(parts_of(&GITHUB, text, true), parts, "{text}");
        }
        assert_eq!(
            parts_of(&TERRAFORM, "organization:*:workspace:w:run_phase:*", true),
            ["*", "*", "w", "*"]
        );
        assert_eq!(
            parts_of(&TERRAFORM, "organization:o:*:run_phase:apply", true),
            ["o", "*", "*", "apply"]
        );
    }

    #[test]
    fn an_id_pins_a_name_and_a_name_an_id() {
        for (text, expected) in [("*@1", true), ("o@*", true), ("*@*", false), ("*", false)] {
            assert_eq!(is_pinned(text), expected, "{text}");
        }
    }
}
