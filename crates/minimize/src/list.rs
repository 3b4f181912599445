//! The entries of a new Action list: names first, shorter forms only where a quota asks for them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use leastgrant_catalog::{AccessLevel, ActionInfo, ActionSet, Catalog};
use leastgrant_policy::{ActionPattern, Statement};

use crate::glob;
use crate::narrow::Part;

/// How an action list is written, the most exact first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Form {
    /// Whether actions that read or list are put together under the beginnings of their names, where the catalogue has no other
    /// action of that beginning.
    pub(crate) puts_together: bool,
    /// Services of which the original pattern stays.
    pub(crate) given_up: BTreeSet<&'static str>,
}

/// The entries, in the order of the statement's own.
pub(crate) fn entries(statement: &Statement, part: &Part, form: &Form) -> Vec<String> {
    let mut written: Vec<String> = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    let mut push = |text: String| {
        if known.insert(text.to_ascii_lowercase()) {
            written.push(text);
        }
    };
    let element = &statement.action;
    let mut open = part.actions.clone();
    for place in &part.entries {
        if let Some(entry) = element.entries.get(*place) {
            open.subtract(&Catalog::get().expand(entry));
        }
    }
    if element.is_negated {
        let actions: Vec<ActionInfo> = Catalog::get().actions_of(&open).collect();
        names(None, statement, &actions, form)
            .into_iter()
            .for_each(&mut push);
    }
    for (place, entry) in element.entries.iter().enumerate() {
        if part.entries.contains(&place) {
            push(entry.as_str().to_owned());
            continue;
        }
        if element.is_negated {
            continue;
        }
        let mut own = Catalog::get().expand(entry);
        own.intersect_with(&open);
        open.subtract(&own);
        let actions: Vec<ActionInfo> = Catalog::get().actions_of(&own).collect();
        names(Some(entry), statement, &actions, form)
            .into_iter()
            .for_each(&mut push);
    }
    part.named.iter().cloned().for_each(&mut push);
    written
}

/// How many characters each service takes in a list, for choosing which to give up.
pub(crate) fn costs(parts: &[Part]) -> BTreeMap<&'static str, usize> {
    let mut costs = BTreeMap::new();
    for part in parts {
        for action in Catalog::get().actions_of(&part.actions) {
            let prefix = action.service().prefix();
            *costs.entry(prefix).or_default() += prefix.len() + action.name().len() + 4;
        }
    }
    costs
}

fn names(
    entry: Option<&ActionPattern>,
    statement: &Statement,
    actions: &[ActionInfo],
    form: &Form,
) -> Vec<String> {
    let mut texts = Vec::new();
    for own in actions.chunk_by(|one, other| one.service().prefix() == other.service().prefix()) {
        let prefix = own.first().map_or("", |action| action.service().prefix());
        let given_up = form
            .given_up
            .contains(prefix)
            .then(|| whole_service(entry, statement, prefix))
            .flatten();
        match given_up {
            Some(pattern) => texts.push(pattern),
            None if form.puts_together => texts.extend(together(entry, statement, own)),
            None => texts.extend(own.iter().map(|action| full_name(*action))),
        }
    }
    texts
}

fn full_name(action: ActionInfo) -> String {
    format!("{}:{}", action.service().prefix(), action.name())
}

/// As much of the service as the entry has.
fn whole_service(
    entry: Option<&ActionPattern>,
    statement: &Statement,
    prefix: &str,
) -> Option<String> {
    let pattern = format!("{prefix}:*");
    if is_within(entry, statement, &pattern) {
        return Some(pattern);
    }
    entry
        .filter(|entry| !entry.is_plain())
        .map(|entry| entry.as_str().to_owned())
}

/// Whether a pattern is within the entry, or touches none of the statement's exceptions.
fn is_within(entry: Option<&ActionPattern>, statement: &Statement, pattern: &str) -> bool {
    let new = ActionPattern::parse(pattern);
    let Some((service, name)) = new.service_and_name() else {
        return false;
    };
    match entry {
        Some(entry) if entry.is_every() => true,
        Some(entry) => entry
            .service_and_name()
            .is_some_and(|(own_service, own_name)| {
                glob::includes(own_service, service) && glob::includes(own_name, name)
            }),
        None => statement.action.entries.iter().all(|entry| {
            !entry.is_every()
                && entry
                    .service_and_name()
                    .is_none_or(|(own_service, own_name)| {
                        !(glob::may_overlap(own_service, service)
                            && glob::may_overlap(own_name, name))
                    })
        }),
    }
}

/// Actions of one service, those that read and list put together by whole words.
fn together(
    entry: Option<&ActionPattern>,
    statement: &Statement,
    actions: &[ActionInfo],
) -> Vec<String> {
    let mut wanted = ActionSet::new();
    for action in actions {
        wanted.insert(action.id());
    }
    let mut covered = ActionSet::new();
    let mut texts = Vec::new();
    for action in actions {
        if covered.contains(action.id()) {
            continue;
        }
        let found = beginnings(action.name()).into_iter().find_map(|beginning| {
            let pattern = format!("{}:{beginning}*", action.service().prefix());
            let lower = beginning.to_ascii_lowercase();
            let own = action.service().actions();
            let matched: Vec<ActionInfo> = own
                .filter(|own| own.lower_name().starts_with(&lower))
                .collect();
            let is_exact = matched.len() > 1
                && matched
                    .iter()
                    .all(|own| wanted.contains(own.id()) && only_reads(*own))
                && is_within(entry, statement, &pattern);
            is_exact.then_some((pattern, matched))
        });
        match found {
            Some((pattern, matched)) => {
                covered.extend(matched.iter().map(|own| own.id()));
                texts.push(pattern);
            }
            None => texts.push(full_name(*action)),
        }
    }
    texts
}

fn only_reads(action: ActionInfo) -> bool {
    let mut levels = action.levels().iter().peekable();
    levels.peek().is_some()
        && levels.all(|level| matches!(level, AccessLevel::Read | AccessLevel::List))
}

/// The beginnings of a name that end with a whole word, the shortest first.
fn beginnings(name: &str) -> Vec<&str> {
    let letters: Vec<(usize, char)> = name.char_indices().collect();
    letters
        .windows(2)
        .filter_map(|pair| match pair {
            [(_, before), (at, letter)]
                if letter.is_ascii_uppercase() && before.is_ascii_lowercase() =>
            {
                name.get(..*at)
            }
            _ => None,
        })
        .collect()
}
