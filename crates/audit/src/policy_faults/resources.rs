//! Resources that are of no kind that an action works on, so that the statement does nothing of it.

use std::cell::RefCell;
use std::collections::HashMap;

use leastgrant_catalog::{ActionInfo, Catalog};
use leastgrant_policy::resource::ARN_FIELDS;
use leastgrant_policy::{Piece, ResourcePattern, ShortArn, Syntax, Wildcard};

use super::Found;
use crate::listing::{quoted, some_of};

/// Entries that match more actions than these are for whole services, of which some action will fit.
const MOST_ACTIONS: usize = 50;

pub(super) fn check(found: &mut Found<'_>) {
    let statement = found.statement;
    let Some(list) = statement.resource.as_ref().filter(|list| !list.is_negated) else {
        return;
    };
    if statement.action.is_negated || list.entries.iter().any(|entry| entry.is_every()) {
        return;
    }
    let catalog = Catalog::get();
    // Many write all of a service for `*`, as AWS's examples do.
    let names_whole_service = list.entries.iter().any(|entry| {
        let last = entry.fields().get(ARN_FIELDS - 1);
        last.is_none_or(Wildcard::is_any)
    });
    let patterns: Vec<Pattern<'_>> = list.entries.iter().map(|own| Pattern::of(own)).collect();
    for entry in &statement.action.entries {
        // Most entries are names, for which no set is needed.
        let kinds = match catalog.action(entry.as_str()) {
            Some(action) => kinds_of(std::iter::once(action)),
            None => {
                let actions = catalog.expand(entry);
                let count = actions.len();
                if count == 0 || count > MOST_ACTIONS {
                    continue;
                }
                kinds_of(catalog.actions_of(&actions))
            }
        };
        if patterns
            .iter()
            .any(|own| kinds.iter().any(|kind| own.overlaps(kind)))
        {
            continue;
        }
        // IAM checks lists of users and roles against their path, which AWS's lists of resource types leave out.
        let is_of_iam = entry.as_str().to_ascii_lowercase().starts_with("iam:");
        if kinds.is_empty() && (names_whole_service || is_of_iam) {
            continue;
        }
        let resources = some_of(list.entries.iter().map(|own| own.as_str()), 2);
        let words = match kinds.is_empty() {
            true => format!(
                "{} works on `*` only, and the resources are {resources}",
                quoted(entry.as_str())
            ),
            false => format!(
                "{} works on {}, and {resources} is none",
                quoted(entry.as_str()),
                some_of(kinds.iter().copied(), 3)
            ),
        };
        found.find(words, true);
    }
}

/// The forms of the resources that the actions work on, each once.
fn kinds_of(actions: impl Iterator<Item = ActionInfo>) -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = actions
        .flat_map(|action| &*action.details().resources)
        .map(|used| used.arn_format)
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// A resource of a statement.
struct Pattern<'a> {
    /// None for anything.
    fields: Vec<Option<Vec<Unit>>>,
    /// The service, where it is written out.
    service: Option<&'a str>,
    /// It is so short that it is no resource.
    is_cut: bool,
}

const SERVICE_FIELD: usize = 2;

impl<'a> Pattern<'a> {
    fn of(entry: &'a ResourcePattern) -> Self {
        let fields = entry.fields().iter().map(|field| {
            let field = field.loosened();
            (!field.is_any()).then(|| units(&field))
        });
        let service = entry.fields().get(SERVICE_FIELD);
        Self {
            fields: fields.collect(),
            service: service.and_then(|own| own.as_literal()),
            // A short ARN's missing fields are anything.
            is_cut: entry.fields().len() < ARN_FIELDS && !entry.may_be_short(ShortArn::Anything),
        }
    }

    /// Whether some ARN of this form is matched.
    fn overlaps(&self, arn_format: &'static str) -> bool {
        // Most forms are of another service, which is told without a look at anything else.
        let service = arn_format.split(':').nth(SERVICE_FIELD);
        let is_of_another =
            |own: &str| service.is_some_and(|service| !service.contains("${") && service != own);
        if self.service.is_some_and(is_of_another) {
            return false;
        }
        FORMS.with_borrow_mut(|forms| {
            let form = forms
                .entry(arn_format)
                .or_insert_with(|| Form::of(arn_format));
            let mut fields = self.fields.iter().zip(&form.fields);
            !self.is_cut
                && fields.all(|(own, form)| own.as_ref().is_none_or(|own| have_common(own, form)))
        })
    }
}

thread_local! {
    /// Forms that were read; few of the catalogue's are asked for.
    static FORMS: RefCell<HashMap<&'static str, Form>> = RefCell::default();
}

/// What ARNs look like.
struct Form {
    fields: Vec<Vec<Unit>>,
}

/// What no name of has a slash (S3 User Guide, "General purpose bucket naming rules"; DynamoDB Developer Guide, "Naming rules").
const WITHOUT_SLASH: [&str; 2] = ["BucketName", "TableName"];

impl Form {
    fn of(arn_format: &str) -> Self {
        let fields = arn_format.splitn(ARN_FIELDS, ':').map(|field| {
            let mut own = Vec::new();
            let mut rest = field;
            while let Some((before, after)) = rest.split_once("${") {
                own.extend(units(&Wildcard::parse(before, Syntax::WILDCARDS)));
                let (name, after) = after.split_once('}').unwrap_or((after, ""));
                own.push(match WITHOUT_SLASH.contains(&name) {
                    true => Unit::ManyButSlash,
                    false => Unit::Many,
                });
                rest = after;
            }
            own.extend(units(&Wildcard::parse(rest, Syntax::WILDCARDS)));
            own
        });
        Self {
            fields: fields.collect(),
        }
    }
}

/// One character of a pattern, or a run of any.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Character(char),
    One,
    Many,
    ManyButSlash,
}

impl Unit {
    fn is_run(self) -> bool {
        matches!(self, Self::Many | Self::ManyButSlash)
    }
}

fn units(pattern: &Wildcard) -> Vec<Unit> {
    let mut units = Vec::new();
    for piece in pattern.pieces() {
        match piece {
            Piece::Text(text) => units.extend(text.chars().map(Unit::Character)),
            Piece::One => units.push(Unit::One),
            Piece::Many | Piece::Variable(_) => units.push(Unit::Many),
        }
    }
    units
}

/// Whether some text is matched by both: the places in `other` that can be reached after each unit of `one`.
fn have_common(one: &[Unit], other: &[Unit]) -> bool {
    if other == [Unit::Many] || one == other {
        return true;
    }
    let mut reached = vec![false; other.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    pass_runs(&mut reached, other);
    for unit in one.iter().copied() {
        let mut next = vec![false; reached.len()];
        for (place, _) in reached.iter().enumerate().filter(|(_, is)| **is) {
            match unit {
                // It can take in everything from here on, or nothing.
                Unit::Many | Unit::ManyButSlash => {
                    next.iter_mut().skip(place).for_each(|is| *is = true)
                }
                Unit::One | Unit::Character(_) => {
                    let (stays, steps) = match other.get(place) {
                        Some(Unit::Many) => (true, false),
                        Some(Unit::ManyButSlash) => (unit != Unit::Character('/'), false),
                        Some(Unit::One) => (false, true),
                        Some(own) => (false, unit == Unit::One || *own == unit),
                        None => (false, false),
                    };
                    if stays && let Some(is) = next.get_mut(place) {
                        *is = true;
                    }
                    if steps && let Some(is) = next.get_mut(place + 1) {
                        *is = true;
                    }
                }
            }
        }
        pass_runs(&mut next, other);
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// A run of any characters may be empty.
fn pass_runs(reached: &mut [bool], other: &[Unit]) {
    for (place, unit) in other.iter().enumerate() {
        if unit.is_run()
            && reached.get(place) == Some(&true)
            && let Some(is) = reached.get_mut(place + 1)
        {
            *is = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Wildcard {
        Wildcard::parse(text, Syntax::WILDCARDS)
    }

    /// The obvious twin: every text of up to so many letters.
    fn by_asking_each(one: &Wildcard, other: &Wildcard, longest: usize) -> bool {
        let mut texts = vec![String::new()];
        for _ in 0..longest {
            let longer: Vec<String> = texts
                .iter()
                .flat_map(|text| ["a", "b"].map(|letter| format!("{text}{letter}")))
                .collect();
            texts.extend(longer);
            texts.sort();
            texts.dedup();
        }
        texts
            .iter()
            .any(|text| one.matches(text) && other.matches(text))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
        #[test]
        fn patterns_have_a_text_in_common_if_one_is_found(one in "[ab*?]{0,4}", other in "[ab*?]{0,4}") {
            let (one, other) = (pattern(&one), pattern(&other));
            prop_assert_eq!(have_common(&units(&one), &units(&other)), by_asking_each(&one, &other, 8));
        }
    }
}
