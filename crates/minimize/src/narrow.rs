//! One Allow statement to what its users need of it.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_catalog::{ActionId, ActionSet, Catalog};
use leastgrant_policy::{
    Action, ActionPattern, Effect, Resource, ResourcePattern, Statement, Version,
};

use crate::generalise::{Seen, generalise, matches};
use crate::glob;
use crate::needs::Needs;
use crate::settings::{Keep, Settings};

/// A statement's actions on one list of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// In the place of the statement's resources; none: they stay as they are.
    pub(crate) resources: Option<Vec<String>>,
    /// Which entries of the statement stay as they are written, by their place.
    pub(crate) entries: BTreeSet<usize>,
    /// The actions that stay.
    pub(crate) actions: ActionSet,
    /// Actions that the catalogue does not know.
    pub(crate) named: Vec<String>,
}

/// What becomes of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Narrowed {
    /// It stays as it is.
    Keep,
    /// These stand in its place; none: it goes.
    Parts(Vec<Part>),
}

/// What a statement's action element means, over the catalogue.
pub(crate) struct Granted {
    /// What each entry matches; empty for the form with `Not`.
    pub(crate) by_entry: Vec<ActionSet>,
    /// All of it.
    pub(crate) all: ActionSet,
}

impl Granted {
    pub(crate) fn of(statement: &Statement) -> Self {
        let catalog = Catalog::get();
        let entries = &statement.action.entries;
        let by_entry: Vec<ActionSet> = entries.iter().map(|entry| catalog.expand(entry)).collect();
        let mut listed = ActionSet::new();
        for set in &by_entry {
            listed.union_with(set);
        }
        if statement.action.is_negated {
            let mut all = ActionSet::all();
            all.subtract(&listed);
            return Self {
                by_entry: Vec::new(),
                all,
            };
        }
        Self {
            by_entry,
            all: listed,
        }
    }
}

/// How a principal needs an action of a statement.
enum Need<'a> {
    Not,
    /// On whatever the statement has.
    Whole,
    /// On these, with events.
    On(BTreeMap<&'a str, i64>),
}

pub(crate) fn narrow(
    statement: &Statement,
    version: Version,
    members: &[&Needs<'_>],
    settings: &Settings,
) -> Narrowed {
    let sid = statement.sid.as_ref().map_or("", |sid| sid);
    if statement.effect == Effect::Deny
        || statement.principal.is_some()
        || statement.resource.is_none()
        || settings.keeps_sid(sid)
    {
        return Narrowed::Keep;
    }
    let granted = Granted::of(statement);
    let mut whole = ActionSet::new();
    let mut used: BTreeMap<ActionId, BTreeMap<&str, i64>> = BTreeMap::new();
    let keeps_unseen = members.iter().any(|needs| !needs.spares_unseen);
    for needs in members {
        let mut stays = granted.all.clone();
        stays.intersect_with(&needs.stays);
        whole.union_with(&listed(statement, &granted, needs));
        for action in stays.iter() {
            match need(statement, action, needs) {
                Need::Not => {}
                Need::Whole => {
                    whole.insert(action);
                }
                Need::On(resources) => {
                    let own = used.entry(action).or_default();
                    for (text, events) in resources {
                        let all = own.entry(text).or_default();
                        *all = all.saturating_add(events);
                    }
                }
            }
        }
    }
    let mut groups: BTreeMap<Option<Vec<String>>, ActionSet> = BTreeMap::new();
    let originals = originals(statement);
    for (action, resources) in used {
        if whole.contains(action) {
            continue;
        }
        let narrower = Catalog::get().action_of_id(action).and_then(|known| {
            let seen = Seen {
                lower_action: &format!("{}:{}", known.service().prefix(), known.lower_name()),
                events: &resources,
                keeps_unseen,
            };
            generalise(&originals, seen, version)
        });
        match narrower {
            None => {
                whole.insert(action);
            }
            Some(_) => {
                groups.entry(narrower).or_default().insert(action);
            }
        }
    }
    parts(statement, &granted, whole, groups, members)
}

fn originals(statement: &Statement) -> Vec<&ResourcePattern> {
    let entries = statement.resource.iter().flat_map(|list| &list.entries);
    entries.map(|entry| &entry.value).collect()
}

/// What entries of the settings keep of a statement, because of the resources that it has.
fn listed(statement: &Statement, granted: &Granted, needs: &Needs<'_>) -> ActionSet {
    let mut listed = ActionSet::new();
    for (set, keep) in &needs.listed {
        if may_have(statement, keep) {
            listed.union_with(set);
        }
    }
    listed.intersect_with(&granted.all);
    listed
}

fn may_have(statement: &Statement, keep: &Keep) -> bool {
    let is_negated = statement
        .resource
        .as_ref()
        .is_some_and(|list| list.is_negated);
    let overlaps = |resource: &ResourcePattern| {
        let mut wanted = keep.resources.iter();
        is_negated || wanted.any(|own| glob::may_overlap(own, resource.whole()))
    };
    keep.resources.is_empty() || originals(statement).into_iter().any(overlaps)
}

/// What the settings keep of a statement, whoever needs it, with why.
pub(crate) fn held(
    statement: &Statement,
    granted: &ActionSet,
    needs: &Needs<'_>,
    settings: &Settings,
) -> Vec<(ActionSet, String)> {
    let sid = statement.sid.as_ref().map_or("", |sid| sid);
    if settings.keeps_sid(sid) {
        let why = format!("kept by the settings: they protect the statement `{sid}`");
        return vec![(granted.clone(), why)];
    }
    let own = needs
        .listed
        .iter()
        .filter(|(_, keep)| may_have(statement, keep));
    own.map(|(set, keep)| {
        let mut set = set.clone();
        set.intersect_with(granted);
        (set, crate::explain::kept_by_settings(&keep.reason))
    })
    .filter(|(set, _)| !set.is_empty())
    .collect()
}

fn need<'a>(statement: &Statement, action: ActionId, needs: &Needs<'a>) -> Need<'a> {
    if needs.untouchable.is_some()
        || needs.unknown.contains(action)
        || needs.kept.contains_key(&action)
    {
        return Need::Whole;
    }
    let found = Catalog::get().action_of_id(action);
    let (Some(known), Some(window)) = (found, needs.window) else {
        return Need::Whole;
    };
    let (Some(own), Some(element)) = (needs.use_of(known), &statement.resource) else {
        return Need::Whole;
    };
    let can_be_told =
        needs.complete.contains(action) && own.untold == 0 && !statement.has_resource_variables();
    if !can_be_told || !own.is_settled(window.to) {
        return Need::Whole;
    }
    let here: BTreeMap<&str, i64> = own
        .resources
        .iter()
        .map(|(text, own)| (&**text, own.events))
        .filter(|(text, _)| {
            let resource = Resource::parse(text);
            let mut entries = element.entries.iter();
            entries.any(|entry| matches(entry, &resource)) != element.is_negated
        })
        .collect();
    if here.is_empty() && needs.spares_unseen {
        return Need::Not;
    }
    let service = known.service().prefix();
    if here.is_empty() || element.is_negated || needs.makes_in.contains(service) {
        return Need::Whole;
    }
    Need::On(here)
}

fn parts(
    statement: &Statement,
    granted: &Granted,
    whole: ActionSet,
    groups: BTreeMap<Option<Vec<String>>, ActionSet>,
    members: &[&Needs<'_>],
) -> Narrowed {
    let element = &statement.action;
    let mut entries = BTreeSet::new();
    let mut named = Vec::new();
    if !element.is_negated {
        for (place, (entry, set)) in element.entries.iter().zip(&granted.by_entry).enumerate() {
            // What the catalogue knows nothing of stays.
            if set.is_subset(&whole) {
                entries.insert(place);
            } else if !entry.is_plain() {
                named.extend(unlisted(members, |action| entry.matches(action)));
            }
        }
    } else if whole != granted.all {
        named.extend(unlisted(members, |action| {
            let mut entries = element.entries.iter();
            !entries.any(|entry| entry.matches(action))
        }));
    }
    named.sort();
    named.dedup();
    let is_kept = |name: &String| {
        let kept = entries
            .iter()
            .filter_map(|place| element.entries.get(*place));
        Action::parse(name).is_some_and(|action| {
            kept.into_iter()
                .any(|entry: &leastgrant_policy::Spanned<ActionPattern>| entry.matches(&action))
        })
    };
    named.retain(|name| !is_kept(name));
    let is_all = match element.is_negated {
        true => whole == granted.all,
        false => entries.len() == element.entries.len(),
    };
    if is_all && groups.is_empty() {
        return Narrowed::Keep;
    }
    let mut parts = Vec::new();
    if !whole.is_empty() || !entries.is_empty() || !named.is_empty() {
        parts.push(Part {
            resources: None,
            entries,
            actions: whole,
            named,
        });
    }
    parts.extend(groups.into_iter().map(|(resources, actions)| Part {
        resources,
        entries: BTreeSet::new(),
        actions,
        named: Vec::new(),
    }));
    Narrowed::Parts(parts)
}

/// Used actions that the catalogue does not know.
fn unlisted(members: &[&Needs<'_>], is_granted: impl Fn(&Action) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for needs in members {
        for (lower, own) in needs.uses.into_iter().flatten() {
            let action = Action::parse(&own.action);
            if Catalog::get().action(lower).is_none() && action.is_some_and(|own| is_granted(&own))
            {
                found.push(own.action.to_string());
            }
        }
    }
    found
}
