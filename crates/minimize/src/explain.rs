//! What is known of each granted action, in words.

use std::collections::BTreeMap;

use leastgrant_catalog::{ActionInfo, Catalog};
use leastgrant_evidence::{Evidence, Verdict};
use leastgrant_inventory::{Days, counted};

use crate::confidence::ActionConfidence;
use crate::needs::{Kept, Needs, actions_in, services};
use crate::outcome::{ActionRow, ActionVerdict};
use crate::rhythm::Rhythm;

/// More actions of a service of which the same is known are one row.
const MOST_ROWS_OF_A_KIND: usize = 20;

/// A row for each action that is used or kept, and for the others as long as a list of them can be read: many of one service of
/// which the same is known are one row.
pub(crate) fn rows(needs: &Needs<'_>, evidence: &Evidence) -> Vec<ActionRow> {
    let mut rows = Vec::new();
    for service in services(&needs.granted) {
        let mut kinds: [Vec<ActionInfo>; 3] = [Vec::new(), Vec::new(), Vec::new()];
        let mut held: BTreeMap<&str, Vec<ActionInfo>> = BTreeMap::new();
        for action in actions_in(&needs.granted, service) {
            let id = action.id();
            let [unknown, unused, spared] = &mut kinds;
            if needs.used.contains(id) || needs.kept.contains_key(&id) {
                rows.push(row(needs, evidence, action));
            } else if needs.unknown.contains(id) {
                unknown.push(action);
            } else if let Some(why) = needs.held(id) {
                held.entry(why).or_default().push(action);
            } else if needs.complete.contains(id) {
                unused.push(action);
            } else {
                spared.push(action);
            }
        }
        for kind in held.into_values().chain(kinds) {
            if kind.len() > MOST_ROWS_OF_A_KIND {
                rows.extend(together(needs, evidence, &kind));
            } else {
                rows.extend(kind.into_iter().map(|action| row(needs, evidence, action)));
            }
        }
    }
    rows
}

fn together(needs: &Needs<'_>, evidence: &Evidence, actions: &[ActionInfo]) -> Option<ActionRow> {
    let first = actions.first()?;
    let mut own = row(needs, evidence, *first);
    if actions.len() > 1 {
        let note = format!(
            "{} actions of the service that its policies allow, such as `{}`",
            actions.len(),
            own.action
        );
        own.evidence.insert(0, note);
        own.action = format!("{}:*", first.service().prefix());
    }
    Some(own)
}

fn full_name(action: ActionInfo) -> String {
    format!("{}:{}", action.service().prefix(), action.name())
}

fn row(needs: &Needs<'_>, evidence: &Evidence, action: ActionInfo) -> ActionRow {
    let name = full_name(action);
    let found = evidence.verdict(needs.principal_arn, &name);
    let id = action.id();
    let kept = needs.kept.get(&id).map(kept_in_words);
    let kept = kept.or_else(|| needs.held(id).map(str::to_owned));
    let verdict = if needs.used.contains(id) {
        ActionVerdict::Used
    } else if kept.is_some() {
        ActionVerdict::Kept
    } else if needs.unknown.contains(id) {
        ActionVerdict::Unknown
    } else {
        match (&needs.untouchable, &found) {
            (Some(_), Verdict::Unknown(_)) => ActionVerdict::Unknown,
            _ => ActionVerdict::Unused,
        }
    };
    let mut said = Vec::new();
    said.extend(kept);
    said.extend(found_in_words(&found));
    if verdict == ActionVerdict::Unused && matches!(found, Verdict::Unknown(_)) {
        let reason = match crate::companions::is_pass_role(action)
            || needs.stays.is_empty()
            || !needs.complete.contains(id)
                && actions_in(&needs.stays, action.service().prefix()).is_empty()
        {
            true => "nothing that stays needs it",
            false => "no call of the service that stays needs it",
        };
        let is_never = needs.never_accessed.contains(id);
        let evidence = match (is_never, crate::companions::is_pass_role(action)) {
            (true, _) => "last-accessed data have no access to the service in 400 days",
            (false, true) => "it is used only within calls that hand a role over",
            (false, false) => "its own calls would have been seen",
        };
        said = vec![reason.to_owned(), evidence.to_owned()];
    }
    ActionRow {
        confidence: confidence(needs, &name, &found),
        action: name,
        verdict,
        evidence: said,
    }
}

fn confidence(needs: &Needs<'_>, name: &str, found: &Verdict) -> Option<ActionConfidence> {
    match found {
        Verdict::Used(used) => {
            let own = needs
                .uses
                .and_then(|uses| uses.get(&name.to_ascii_lowercase()));
            Some(ActionConfidence::of_used(needs.window?, &used.days, own))
        }
        Verdict::Unused(unused) => Some(ActionConfidence::of_unused(unused.window)),
        Verdict::Unknown(_) => None,
    }
}

fn kept_in_words(kept: &Kept) -> String {
    match kept {
        Kept::Seldom {
            at,
            is_of_action: true,
        } => {
            format!("seldom used: last accessed at {at}, before the window")
        }
        Kept::Seldom {
            at,
            is_of_action: false,
        } => {
            format!("its service is seldom used: last accessed at {at}, before the window")
        }
        Kept::Later {
            at,
            is_of_action: true,
        } => format!("last accessed at {at}, after the logs end"),
        Kept::Later {
            at,
            is_of_action: false,
        } => format!(
            "its service was last accessed at {at}, after the logs end, and they show no use of it"
        ),
        Kept::Listed(reason) => kept_by_settings(reason),
        Kept::Rare(why) => format!("needed seldom and then at once: {why}"),
        Kept::Beside { action, why } => {
            let other = Catalog::get().action_of_id(*action);
            let name = other.map(full_name).unwrap_or_default();
            // The other one is the subject, or what is undone.
            match *why {
                "undoes it, or is asked before it" => format!("goes with `{name}`: {why}"),
                _ => format!("`{name}` {why}"),
            }
        }
    }
}

pub(crate) fn kept_by_settings(reason: &str) -> String {
    format!("kept by the settings: {reason}")
}

fn found_in_words(found: &Verdict) -> Vec<String> {
    match found {
        Verdict::Used(own) => {
            let mut said = format!(
                "{} on {}",
                counted(own.events, "event"),
                counted(own.days.len(), "day")
            );
            said.push_str(&rhythm_in_words(&own.days));
            if let Some(last) = own.last_seen {
                said.push_str(&format!(", the last at {last}"));
            }
            vec![said]
        }
        Verdict::Unused(own) => {
            let mut said = vec![format!(
                "no allowed call in {} days, from {} to {}",
                own.window.days(),
                own.window.from,
                own.window.to
            )];
            if own.denied > 0 {
                said.push(counted(own.denied, "denied call"));
            }
            said
        }
        Verdict::Unknown(reasons) => reasons.iter().map(|own| own.in_general()).collect(),
    }
}

/// How often, where there was more than one day.
fn rhythm_in_words(days: &Days) -> String {
    match Rhythm::of(days) {
        Some(Rhythm {
            often,
            longest_pause_days: Some(pause),
            ..
        }) if pause > 1 => {
            format!(", {} with at most {pause} days between", often.name())
        }
        _ => String::new(),
    }
}
