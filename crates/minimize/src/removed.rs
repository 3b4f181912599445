//! What goes of a statement besides actions that nobody needs: resources, and whole statements.

use std::collections::BTreeSet;

use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::{Policy, Statement};

use crate::narrow::{Granted, Narrowed};
use crate::needs::Needs;

/// Resources of a statement, or all of it, that go.
#[derive(Debug, Clone, PartialEq)]
pub struct Removed {
    /// The statement's place in the old document.
    pub statement: usize,
    /// Its Sid, if it has one.
    pub sid: Option<String>,
    /// Of which actions: of a statement that goes its entries as they are written.
    pub actions: Vec<String>,
    /// Its resources as they are written, or what they are an exception of.
    pub resources: Vec<String>,
    /// In their place; none where the statement grants these actions no more.
    pub in_their_place: Vec<String>,
    /// The chance at most, of 1, that one of these actions is needed in the 30 days after the window on a resource that goes; none where
    /// the actions themselves are not needed.
    pub chance_needed: Option<f64>,
    /// Why.
    pub reason: String,
}

/// What goes of each statement, in order.
pub(crate) fn removed(
    document: &Policy,
    narrowed: &[Narrowed],
    members: &[&Needs<'_>],
) -> Vec<Removed> {
    let statements = document.statements.iter().zip(narrowed).enumerate();
    statements
        .flat_map(|(place, (statement, narrowed))| {
            of_statement(place, statement, narrowed, members)
        })
        .collect()
}

fn of_statement(
    place: usize,
    statement: &Statement,
    narrowed: &Narrowed,
    members: &[&Needs<'_>],
) -> Vec<Removed> {
    let Narrowed::Parts(parts) = narrowed else {
        return Vec::new();
    };
    let resources: Vec<String> = statement
        .resource
        .iter()
        .flat_map(|own| &own.entries)
        .map(|own| own.as_str().to_owned())
        .collect();
    let chance_needed = members
        .iter()
        .filter_map(|own| own.chance_unseen)
        .max_by(f64::total_cmp);
    let days = members
        .iter()
        .filter_map(|own| own.window)
        .map(|own| own.days())
        .min();
    let days = days.unwrap_or_default();
    let row = |actions: Vec<String>, in_their_place: Vec<String>, chance_needed, reason: String| {
        Removed {
            statement: place,
            sid: statement.sid.as_ref().map(|sid| sid.to_string()),
            actions,
            resources: resources.clone(),
            in_their_place,
            chance_needed,
            reason,
        }
    };
    // Of those that are used or kept, which the statement has no more.
    let mut elsewhere = ActionSet::new();
    for needs in members {
        elsewhere.union_with(&needs.stays);
    }
    elsewhere.intersect_with(&Granted::of(statement).all);
    for part in parts {
        elsewhere.subtract(&part.actions);
    }
    if parts.is_empty() {
        let entries = statement.action.entries.iter();
        let entries = entries.map(|own| own.as_str().to_owned()).collect();
        return vec![match elsewhere.is_empty() {
            true => row(
                entries,
                Vec::new(),
                None,
                "nobody who has it needs any of its actions".to_owned(),
            ),
            false => row(
                entries,
                Vec::new(),
                chance_needed,
                format!(
                    "in {days} days its actions were used on other resources only, or are not needed"
                ),
            ),
        }];
    }
    let mut rows = Vec::new();
    for part in parts {
        let Some(new) = &part.resources else {
            continue;
        };
        let kept: BTreeSet<&String> = new.iter().collect();
        if resources.iter().all(|own| kept.contains(own)) {
            continue;
        }
        let reason = format!("in {days} days the actions were used on these only");
        rows.push(row(
            names(&part.actions),
            new.clone(),
            chance_needed,
            reason,
        ));
    }
    if !elsewhere.is_empty() {
        let reason =
            format!("in {days} days the actions were used on resources of other statements only");
        rows.push(row(names(&elsewhere), Vec::new(), chance_needed, reason));
    }
    rows
}

fn names(actions: &ActionSet) -> Vec<String> {
    let actions = Catalog::get().actions_of(actions);
    actions
        .map(|own| format!("{}:{}", own.service().prefix(), own.name()))
        .collect()
}
