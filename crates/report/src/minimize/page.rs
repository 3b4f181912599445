//! `review.md`: what becomes of one principal's policies, for whoever has to agree.

use std::collections::BTreeMap;
use std::fmt::Write;

use leastgrant_inventory::counted;
use leastgrant_minimize::{ActionVerdict, Outcome, PrincipalOutcome, Removed, Rhythm, Status};

use crate::markdown_text::{code, prose};

/// Rows of a table before it is cut; `minimize.json` has all.
const MOST_ROWS: usize = 200;
/// Entries of a list in a cell before it is cut.
const MOST_IN_A_CELL: usize = 10;

/// The page. `paths` are the files of changed policies, without extension.
pub(super) fn render(
    outcome: &Outcome,
    principal: &PrincipalOutcome,
    paths: &BTreeMap<usize, String>,
) -> String {
    let mut page = format!("# {}\n\n", code(&principal.arn));
    match (principal.status, &principal.reason) {
        (Status::Skipped, reason) => {
            let reason = reason.as_deref().unwrap_or("no reason is known");
            let _ = writeln!(page, "Skipped: {}.\n", prose(reason));
            return page;
        }
        (_, Some(reason)) => {
            let _ = writeln!(page, "Note: {}.\n", prose(reason));
        }
        _ => {}
    }
    sizes(&mut page, principal);
    policies(&mut page, outcome, principal, paths);
    removed(&mut page, outcome, principal);
    proof(&mut page, principal);
    actions(&mut page, principal);
    page
}

fn sizes(page: &mut String, principal: &PrincipalOutcome) {
    let own = principal.metrics;
    page.push_str("| | before | after |\n| --- | --- | --- |\n");
    for (what, before, after) in [
        (
            super::COUNTED_ACTIONS,
            own.actions_before,
            own.actions_after,
        ),
        (
            "resource entries with a wildcard",
            own.resources_wildcard_before,
            own.resources_wildcard_after,
        ),
        (
            "ways to more rights",
            own.escalation_paths_before,
            own.escalation_paths_after,
        ),
    ] {
        let _ = writeln!(page, "| {what} | {before} | {after} |");
    }
    page.push('\n');
}

fn policies(
    page: &mut String,
    outcome: &Outcome,
    principal: &PrincipalOutcome,
    paths: &BTreeMap<usize, String>,
) {
    page.push_str("## Policies\n\n");
    for number in &principal.policies {
        let Some(policy) = outcome.policies.get(*number) else {
            continue;
        };
        let _ = write!(page, "- {}: ", code(&policy.source.name));
        match (paths.get(number), policy.new.len()) {
            (None, _) => page.push_str("stays as it is"),
            (Some(path), 0) => {
                let _ = write!(page, "can go; see [the diff]({path}.diff)");
            }
            (Some(path), 1) => {
                let _ = write!(
                    page,
                    "[the new document]({path}.json), [the diff]({path}.diff)"
                );
            }
            (Some(path), count) => {
                let _ = write!(
                    page,
                    "{count} documents in its place, [the first]({path}.json); [the diff]({path}.diff)"
                );
            }
        }
        if let Some(note) = &policy.note {
            let _ = write!(page, "; {}", prose(note));
        }
        if policy.attached_to.len() > 1 {
            let _ = write!(page, "; shared by {}", policy.attached_to.len());
        }
        page.push_str(".\n");
    }
    page.push('\n');
}

/// Resources and statements that go: no last-accessed data speak of resources, so that somebody has to say that they are not needed.
fn removed(page: &mut String, outcome: &Outcome, principal: &PrincipalOutcome) {
    let policies = principal.policies.iter();
    let policies = policies.filter_map(|number| outcome.policies.get(*number));
    let rows: Vec<(&str, &Removed)> = policies
        .flat_map(|policy| {
            policy
                .removed
                .iter()
                .map(|row| (policy.source.name.as_str(), row))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.push_str("## Resources and statements that go\n\nOf which resources an action is needed on only the logs tell. The chance is that of a need in the 30 days after them, at most, of what was needed at random and just before them.\n\n| policy | statement | actions | resources | in their place | chance | why |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for (name, row) in rows.iter().take(MOST_ROWS) {
        let statement = row
            .sid
            .as_deref()
            .map_or_else(|| format!("number {}", row.statement + 1), code);
        let chance = row
            .chance_needed
            .map(|chance| format!("{:.0} %", chance * 100.0));
        let _ = writeln!(
            page,
            "| {} | {statement} | {} | {} | {} | {} | {} |",
            code(name),
            some(&row.actions),
            some(&row.resources),
            some(&row.in_their_place),
            chance.unwrap_or_default(),
            prose(&row.reason)
        );
    }
    if let Some(more @ 1..) = rows.len().checked_sub(MOST_ROWS) {
        let _ = writeln!(page, "\nand {more} more, in `minimize.json`.");
    }
    page.push('\n');
}

/// The first entries of a list.
fn some(texts: &[String]) -> String {
    let mut shown: Vec<String> = texts
        .iter()
        .take(MOST_IN_A_CELL)
        .map(|text| code(text))
        .collect();
    if let Some(more @ 1..) = texts.len().checked_sub(MOST_IN_A_CELL) {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}

fn proof(page: &mut String, principal: &PrincipalOutcome) {
    let own = &principal.observed;
    page.push_str("## Proof\n\nEvery request that the new policies allow the old ones allow: each new statement refines an old one, as the certificate in `minimize.json` names them.\n\n");
    let _ = writeln!(
        page,
        "Of {} observed pairs of action and resource the old policies allow {} and the new ones {}; {} of these under conditions that the logs do not show.\n",
        own.tuples, own.allowed_before, own.allowed_after, own.conditional
    );
    if !own.not_explained.is_empty() {
        page.push_str("Observed, and not allowed by the policies as they are: a resource's own policy, a change of the policies since, or a wrong mapping. Nothing was added for them.\n\n");
        for (action, resource) in own.not_explained.iter().take(MOST_ROWS) {
            let _ = writeln!(page, "- {} {}", code(action), code(resource));
        }
        page.push('\n');
    }
    if let Some(confidence) = &principal.confidence {
        let _ = writeln!(
            page,
            "{} days were observed, with {} events{}. An action that is needed four times a year at random was missed with a chance of {:.0} %, one that is needed once a year of {:.0} %.\n",
            confidence.days_observed,
            confidence.events,
            at_work(confidence.rhythm),
            confidence.chance_quarterly_unseen * 100.0,
            confidence.chance_yearly_unseen * 100.0
        );
    }
}

fn at_work(rhythm: Option<Rhythm>) -> String {
    let Some(own) = rhythm else {
        return String::new();
    };
    let days = counted(own.days_used, "day");
    match own.longest_pause_days {
        Some(pause) if pause > 1 => {
            format!(" on {days}, at most {pause} days apart")
        }
        _ => format!(" on {days}"),
    }
}

fn actions(page: &mut String, principal: &PrincipalOutcome) {
    for (verdict, title) in [
        (ActionVerdict::Used, "Used"),
        (ActionVerdict::Kept, "Kept, though not used in the window"),
        (
            ActionVerdict::Unknown,
            "Kept, since a use could have gone unseen",
        ),
        (ActionVerdict::Unused, "Unused"),
    ] {
        let rows: Vec<_> = principal
            .actions
            .iter()
            .filter(|row| row.verdict == verdict)
            .collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(page, "## {title}\n\n| action | why |\n| --- | --- |");
        for row in rows.iter().take(MOST_ROWS) {
            let why: Vec<String> = row.evidence.iter().map(|text| prose(text)).collect();
            let _ = writeln!(page, "| {} | {} |", code(&row.action), why.join("; "));
        }
        if let Some(more @ 1..) = rows.len().checked_sub(MOST_ROWS) {
            let _ = writeln!(page, "\nand {more} more, in `minimize.json`.");
        }
        page.push('\n');
    }
}
