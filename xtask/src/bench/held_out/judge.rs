//! What the new policies deny of what the old ones allow.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use leastgrant_catalog::{AccessLevel, ActionSet, Catalog};
use leastgrant_policy::evaluate::{Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, Effect, Policy, Principal, Resource};
use serde_json::Value;

use super::bundle::Row;

/// Of the actions that a role may be called broad with: fewer are none, more are an administrator's, of whom last-accessed data that
/// list only some services prove little.
const BROAD: std::ops::Range<u64> = 50..5_000;

/// A principal's policies before and after.
struct Pair {
    caller: Principal,
    delegate: Policy,
    old: Vec<Policy>,
    new: Vec<Policy>,
    is_minimized: bool,
}

/// Uses that the old policies allow, and those of them that the new ones deny.
#[derive(Default)]
struct Count {
    events: u64,
    denied_events: u64,
    needs: BTreeSet<(String, String)>,
    denied: BTreeSet<(String, String)>,
}

impl Count {
    /// Those that miss most, so that it can be seen why.
    fn worst(&self) -> Vec<(&str, usize)> {
        const SHOWN: usize = 3;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (principal, _) in &self.denied {
            *counts.entry(principal).or_default() += 1;
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.truncate(SHOWN);
        counts
    }
}

/// What came of one window.
pub(super) struct Verdict {
    minimized: usize,
    observed_denied: usize,
    later: Count,
    unlogged_denied: usize,
    broad: (u64, u64),
    escalations: (u64, u64),
    levels: BTreeMap<&'static str, (usize, usize)>,
}

impl Verdict {
    pub(super) fn of(
        document: &Path,
        [before, after]: [&[Row]; 2],
        bundle: &Path,
    ) -> anyhow::Result<Self> {
        let document: Value = serde_json::from_str(&std::fs::read_to_string(document)?)?;
        let principals = list(&document, "principals")?;
        let mut pairs = BTreeMap::new();
        let (mut broad, mut escalations) = ((0, 0), (0, 0));
        let mut levels: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
        for own in principals {
            let pair = Pair::read(own)?;
            let number = |member: &str| {
                let metric = own.get("metrics").and_then(|metrics| metrics.get(member));
                metric.and_then(Value::as_u64).unwrap_or_default()
            };
            if pair.is_minimized {
                escalations.0 += number("escalation_paths_before");
                escalations.1 += number("escalation_paths_after");
                let (old, new) = (granted(&pair.old), granted(&pair.new));
                for level in AccessLevel::ALL {
                    let count = |set: &ActionSet| {
                        let actions = Catalog::get().actions_of(set);
                        actions
                            .filter(|action| action.levels().contains(level))
                            .count()
                    };
                    let counts = levels.entry(level.name()).or_default();
                    counts.0 += count(&old);
                    counts.1 += count(&new);
                }
                if pair.caller.as_str().contains(":role/")
                    && BROAD.contains(&number("actions_before"))
                {
                    broad.0 += number("actions_before");
                    broad.1 += number("actions_after");
                }
            }
            pairs.insert(pair.caller.as_str().to_owned(), pair);
        }
        let truth = std::fs::read_to_string(bundle.join("truth.json"))?;
        let truth: Value = serde_json::from_str(&truth)?;
        let unlogged = list(&truth, "evidence")?.iter().filter(|row| {
            let text = |member: &str| row.get(member).and_then(Value::as_str).unwrap_or_default();
            let pair = pairs.get(text("principal_arn"));
            text("verdict") == "unknown"
                && pair.is_some_and(|pair| {
                    has(&pair.old, text("action")) && !has(&pair.new, text("action"))
                })
        });
        Ok(Self {
            minimized: pairs.values().filter(|pair| pair.is_minimized).count(),
            observed_denied: count(&pairs, before).denied.len(),
            unlogged_denied: unlogged.count(),
            later: count(&pairs, after),
            broad,
            escalations,
            levels,
        })
    }

    /// Promises that do not hold.
    pub(super) fn broken(&self) -> impl Iterator<Item = &'static str> {
        let later = &self.later;
        let broken = [
            (self.observed_denied > 0, "what was observed is denied"),
            (
                later.denied_events * 1_000 > later.events,
                "too many events are denied",
            ),
            (
                later.denied.len() * 50 > later.needs.len(),
                "too many needs are denied",
            ),
            (
                self.unlogged_denied > 0,
                "needs that are not logged are denied",
            ),
            (
                self.broad.1 * 100 > self.broad.0 * 30,
                "broad roles keep too much",
            ),
        ];
        broken
            .into_iter()
            .filter(|(is_broken, _)| *is_broken)
            .map(|(_, what)| what)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let later = &self.later;
        let percent =
            |part: u64, whole: u64| super::super::ratio(u128::from(part) * 100, u128::from(whole));
        let length = |set: &BTreeSet<_>| u64::try_from(set.len()).unwrap_or(u64::MAX);
        write!(
            formatter,
            "{} principals smaller; afterwards denied: {} of {} events ({} %), {} of {} needs ({} %), {} not logged; observed and denied: {}; broad roles: {} to {} actions; escalation sets: {} to {};",
            self.minimized,
            later.denied_events,
            later.events,
            percent(later.denied_events, later.events),
            later.denied.len(),
            later.needs.len(),
            percent(length(&later.denied), length(&later.needs)),
            self.unlogged_denied,
            self.observed_denied,
            self.broad.0,
            self.broad.1,
            self.escalations.0,
            self.escalations.1,
        )?;
        for (level, (old, new)) in &self.levels {
            write!(formatter, " {level} {old} to {new};")?;
        }
        for (principal, denied) in later.worst() {
            write!(formatter, "\n  {denied} needs denied of {principal}")?;
        }
        Ok(())
    }
}

fn list<'v>(value: &'v Value, member: &str) -> anyhow::Result<&'v [Value]> {
    let list = value.get(member).and_then(Value::as_array);
    Ok(list.with_context(|| format!("no `{member}`"))?)
}

impl Pair {
    fn read(own: &Value) -> anyhow::Result<Self> {
        let arn = own
            .get("principal_arn")
            .and_then(Value::as_str)
            .context("no ARN")?;
        let caller = Principal::parse(arn).with_context(|| format!("`{arn}` is no principal"))?;
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for policy in list(own, "policies")? {
            old.push(Policy::parse(
                &policy.get("old").context("no old document")?.to_string(),
            )?);
            for document in list(policy, "new")? {
                new.push(Policy::parse(&document.to_string())?);
            }
        }
        let account = caller.account_id().context("no account")?;
        // What a resource's own policy decides is not in question.
        let delegate = Policy::parse(&format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"*","Resource":"*"}}}}"#
        ))?;
        Ok(Self {
            is_minimized: own
                .get("status")
                .is_some_and(|status| status == "minimized"),
            caller,
            delegate,
            old,
            new,
        })
    }

    fn allows(&self, policies: &[Policy], action: &Action, resource: &str) -> bool {
        let request = Request::new(
            self.caller.clone(),
            action.clone(),
            Resource::parse(resource),
            self.caller.account_id(),
            Context::open(),
        );
        let policies = Policies {
            identity: policies.iter().collect(),
            resource: Some(&self.delegate),
            ..Policies::default()
        };
        decide(&request, &policies, Untold::Grant).outcome == Outcome::Allowed
    }
}

/// Whether some Allow has the action, on whatever.
fn has(policies: &[Policy], action: &str) -> bool {
    let Some(action) = Action::parse(action) else {
        return false;
    };
    let mut statements = policies.iter().flat_map(|policy| &policy.statements);
    statements.any(|own| {
        let mut entries = own.action.entries.iter();
        own.effect == Effect::Allow
            && entries.any(|entry| entry.matches(&action)) != own.action.is_negated
    })
}

fn granted(policies: &[Policy]) -> ActionSet {
    let mut granted = ActionSet::new();
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    for own in statements.filter(|own| own.effect == Effect::Allow) {
        let mut actions = ActionSet::new();
        for entry in &own.action.entries {
            Catalog::get().expand_into(entry, &mut actions);
        }
        if own.action.is_negated {
            let mut others = ActionSet::all();
            others.subtract(&actions);
            actions = others;
        }
        granted.union_with(&actions);
    }
    granted
}

fn count(pairs: &BTreeMap<String, Pair>, rows: &[Row]) -> Count {
    let mut count = Count::default();
    for row in rows
        .iter()
        .filter(|row| row.outcome == "allowed" && !row.resource.is_empty())
    {
        let (Some(pair), Some(action)) =
            (pairs.get(&row.principal_arn), Action::parse(&row.action))
        else {
            continue;
        };
        if !pair.allows(&pair.old, &action, &row.resource) {
            continue;
        }
        let need = (row.principal_arn.clone(), row.action.clone());
        count.events += row.count;
        if !pair.allows(&pair.new, &action, &row.resource) {
            count.denied_events += row.count;
            count.denied.insert(need.clone());
        }
        count.needs.insert(need);
    }
    count
}
