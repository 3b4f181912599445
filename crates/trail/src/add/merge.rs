//! Rows of several runs to the rows that one run over everything would have made.

use std::mem::take;

use leastgrant_inventory::tables::UsageRow;

use crate::groups::{MOST_RESOURCES, folded_resource, shorten};
use crate::smallest::Smallest;

/// Sorted, and each key once.
pub(crate) fn merged(mut rows: Vec<UsageRow>) -> Vec<UsageRow> {
    rows.sort_unstable_by(|one, two| {
        group_of(one)
            .cmp(&group_of(two))
            .then_with(|| own_place(one).cmp(&own_place(two)))
    });
    let mut all = Vec::with_capacity(rows.len());
    let mut group: Vec<UsageRow> = Vec::new();
    for row in rows {
        if group
            .first()
            .is_some_and(|first| group_of(first) != group_of(&row))
        {
            all.extend(folded_if_many(take(&mut group)));
        }
        match group.last_mut() {
            Some(last) if own_place(last) == own_place(&row) => add(last, row),
            _ => group.push(row),
        }
    }
    all.extend(folded_if_many(group));
    all.sort_unstable();
    all
}

/// What the rows have in common whose resources are counted together.
fn group_of(row: &UsageRow) -> [&str; 9] {
    [
        &row.account_id,
        &row.principal_arn,
        &row.principal_type,
        row.access_key_id.as_deref().unwrap_or_default(),
        &row.event_source,
        &row.event_name,
        row.action.as_deref().unwrap_or_default(),
        &row.region,
        &row.outcome,
    ]
}

/// What tells a row from the others of its group. All rows that are folded are one.
fn own_place(row: &UsageRow) -> (bool, Option<&str>) {
    match row.is_resource_folded {
        true => (true, None),
        false => (false, row.resource.as_deref()),
    }
}

/// The rows of a group, each resource once; those with a resource as one row if they are too many, or if that was done before.
fn folded_if_many(group: Vec<UsageRow>) -> Vec<UsageRow> {
    let resources = group.iter().filter(|row| row.resource.is_some()).count();
    let is_folded = group.iter().any(|row| row.is_resource_folded);
    if !is_folded && resources <= MOST_RESOURCES {
        return group;
    }
    let is_told = |row: &UsageRow| row.is_resource_folded || row.resource.is_some();
    let (told, mut rest): (Vec<_>, Vec<_>) = group.into_iter().partition(is_told);
    let mut told = told.into_iter();
    if let Some(mut row) = told.next() {
        let mut prefix = prefix_of(&row).to_owned();
        for other in told {
            shorten(&mut prefix, prefix_of(&other));
            add(&mut row, other);
        }
        row.resource = folded_resource(&prefix).map(Into::into);
        row.is_resource_folded = true;
        rest.push(row);
    }
    rest
}

/// What the resources of a row begin with; nothing where they have nothing in common.
fn prefix_of(row: &UsageRow) -> &str {
    let resource = row.resource.as_deref().unwrap_or_default();
    match row.is_resource_folded {
        true => resource.strip_suffix('*').unwrap_or(resource),
        false => resource,
    }
}

fn add(row: &mut UsageRow, other: UsageRow) {
    // Folded rows of different prefixes meet only here.
    if row.is_resource_folded && other.is_resource_folded {
        let mut prefix = prefix_of(row).to_owned();
        shorten(&mut prefix, prefix_of(&other));
        row.resource = folded_resource(&prefix).map(Into::into);
    }
    row.count = row.count.saturating_add(other.count);
    row.first_seen = [row.first_seen, other.first_seen]
        .into_iter()
        .flatten()
        .min();
    row.last_seen = row.last_seen.max(other.last_seen);
    for (own, others) in [
        (&mut row.source_ips, other.source_ips),
        (&mut row.user_agents, other.user_agents),
        (&mut row.vpc_endpoints, other.vpc_endpoints),
        (&mut row.invoked_by, other.invoked_by),
    ] {
        let mut smallest = Smallest::default();
        smallest.add_list(own);
        smallest.add_list(&others);
        *own = smallest.into_list();
    }
    row.active_dates.add_all(&other.active_dates);
    row.active_days = i64::from(row.active_dates.len());
}
