//! Tables whose rows need only their account and, where two answers show one thing, the newer of the two.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use leastgrant_inventory::tables::{
    IdentityProviderRow, OrganizationAccountRow, OrganizationPolicyRow, OrganizationalUnitRow,
    PermissionSetRow, TrailRow,
};
use leastgrant_inventory::{Dataset, Timestamp};

use super::DatedPiece;
use crate::answers::shapes::tag_rows;
use crate::facts::{LastAccessedFacts, PolicyFacts, account_of};

/// Takes the rows out of the pieces, which come oldest first.
pub(super) fn assemble(dated: &mut [DatedPiece]) -> Dataset {
    let mut dataset = with_room(dated);
    let latest_report = latest_last_accessed(dated);
    let mut policies: HashMap<(String, String), PolicyFacts> = HashMap::new();
    for piece in dated.iter_mut() {
        let account_id = piece.account_id.clone();
        if let Some(entities) = piece.piece.facts.entities.get_mut() {
            for policy in std::mem::take(&mut entities.policies) {
                keep_policy(&mut policies, &account_id, policy);
            }
        }
        if let Some(facts) = piece.piece.facts.last_accessed.take() {
            add_last_accessed(*facts, &account_id, piece.at, &latest_report, &mut dataset);
        }
        let Some(mut rows) = piece.piece.facts.rows.take() else {
            continue;
        };
        if !account_id.is_empty() {
            // Counters of two moments must not be mixed.
            if !rows.account_summary.is_empty() {
                dataset
                    .account_summary
                    .retain(|row| row.account_id != account_id);
            }
            fill_account(&mut rows, &account_id);
        } else {
            drop_without_account(&mut rows);
        }
        dataset.append(*rows);
    }
    for ((account_id, arn), policy) in policies {
        dataset
            .tags
            .extend(tag_rows(&account_id, &arn, policy.tags));
        dataset.policy_versions.extend(policy.versions);
        dataset.managed_policies.push(policy.row);
    }
    keep_latest_rows(&mut dataset);
    dataset
}

/// A dataset that takes the many rows of last-accessed data without growing step by step.
fn with_room(dated: &[DatedPiece]) -> Dataset {
    let rows = |count: fn(&LastAccessedFacts) -> usize| {
        dated
            .iter()
            .map(|piece| count(&piece.piece.facts.last_accessed))
            .sum()
    };
    Dataset {
        last_accessed_services: Vec::with_capacity(rows(|facts| facts.services.len())),
        last_accessed_actions: Vec::with_capacity(rows(|facts| facts.actions.len())),
        ..Dataset::default()
    }
}

/// Two jobs of one moment about one principal: one row, with the later access. The rows are sorted.
pub(super) fn join_last_accessed(dataset: &mut Dataset) {
    dataset.last_accessed_services.dedup_by(|later, kept| {
        let is_same = later.principal_arn == kept.principal_arn
            && later.service_namespace == kept.service_namespace;
        if is_same && later.last_authenticated_at > kept.last_authenticated_at {
            std::mem::swap(later, kept);
        }
        is_same
    });
    dataset.last_accessed_actions.dedup_by(|later, kept| {
        let is_same = later.principal_arn == kept.principal_arn
            && later.service_namespace == kept.service_namespace
            && later.action_name == kept.action_name;
        if is_same && later.last_accessed_at > kept.last_accessed_at {
            std::mem::swap(later, kept);
        }
        is_same
    });
}

fn latest_last_accessed(dated: &[DatedPiece]) -> HashMap<Arc<str>, Timestamp> {
    let mut latest = HashMap::new();
    for piece in dated {
        if let Some(row) = &piece.piece.facts.last_accessed.report {
            latest.insert(Arc::clone(&row.principal_arn), piece.at);
        }
    }
    latest
}

/// Adds one answer's rows, unless it cannot be told whose they are or a later answer is of the same principal.
fn add_last_accessed(
    mut facts: LastAccessedFacts,
    account_id: &str,
    at: Timestamp,
    latest: &HashMap<Arc<str>, Timestamp>,
    dataset: &mut Dataset,
) {
    let Some(mut report) = facts.report else {
        return;
    };
    let is_outdated = latest
        .get(&report.principal_arn)
        .is_some_and(|latest| *latest > at);
    if is_outdated || account_id.is_empty() {
        return;
    }
    // The ARN of a policy that AWS owns names no account.
    if report.account_id.is_empty() {
        report.account_id = account_id.into();
        for row in &mut facts.services {
            row.account_id = account_id.into();
        }
        for row in &mut facts.actions {
            row.account_id = account_id.into();
        }
    }
    dataset.last_accessed_reports.push(report);
    dataset.last_accessed_services.append(&mut facts.services);
    dataset.last_accessed_actions.append(&mut facts.actions);
}

/// Listings show a policy without its versions; the newest answer with versions keeps them.
fn keep_policy(
    policies: &mut HashMap<(String, String), PolicyFacts>,
    account_id: &str,
    mut policy: PolicyFacts,
) {
    if policy.row.account_id.is_empty() {
        account_id.clone_into(&mut policy.row.account_id);
    }
    for version in &mut policy.versions {
        version.account_id.clone_from(&policy.row.account_id);
    }
    if policy.row.account_id.is_empty() {
        return;
    }
    let key = (policy.row.account_id.clone(), policy.row.arn.clone());
    match policies.get_mut(&key) {
        Some(known) => {
            if policy.versions.is_empty() {
                policy.versions = std::mem::take(&mut known.versions);
            }
            if policy.tags.is_empty() && !policy.has_counts {
                policy.tags = std::mem::take(&mut known.tags);
            }
            *known = policy;
        }
        None => {
            policies.insert(key, policy);
        }
    }
}

/// Gives rows their account where their own ARN did not.
fn fill_account(rows: &mut Dataset, account_id: &str) {
    macro_rules! fill {
        ($($member:ident),+) => {$(
            for row in &mut rows.$member {
                if row.account_id.is_empty() {
                    account_id.clone_into(&mut row.account_id);
                }
            }
        )+};
    }
    fill!(
        accounts,
        account_summary,
        password_policies,
        group_memberships,
        instance_profiles,
        policy_versions,
        resource_policies,
        identity_providers,
        server_certificates,
        analyzer_findings,
        trails,
        event_data_stores,
        mfa_devices
    );
}

/// What has no account is a gap already; a row without one would be a wrong row.
fn drop_without_account(rows: &mut Dataset) {
    rows.accounts.clear();
    rows.account_summary.clear();
    rows.password_policies.clear();
    rows.resource_policies
        .retain(|row| !row.account_id.is_empty());
    rows.analyzer_findings
        .retain(|row| !row.account_id.is_empty());
    for row in &mut rows.trails {
        // A trail logs at least the account that it lies in.
        if let Some(owner) = account_of(&row.arn).filter(|_| row.account_id.is_empty()) {
            row.account_id = owner.to_owned();
        }
    }
    rows.trails.retain(|row| !row.account_id.is_empty());
    rows.event_data_stores
        .retain(|row| !row.account_id.is_empty());
}

fn keep_latest_rows(dataset: &mut Dataset) {
    let replace = |known: &mut _, new| *known = new;
    latest(&mut dataset.accounts, |row| row.account_id.clone(), replace);
    latest(
        &mut dataset.password_policies,
        |row| row.account_id.clone(),
        |known, new| *known = new,
    );
    latest(
        &mut dataset.instance_profiles,
        |row| row.arn.clone(),
        |known, new| *known = new,
    );
    latest(
        &mut dataset.server_certificates,
        |row| row.arn.clone(),
        |known, new| *known = new,
    );
    latest(
        &mut dataset.policy_versions,
        |row| {
            (
                row.account_id.clone(),
                row.policy_arn.clone(),
                row.version_id.clone(),
            )
        },
        |known, new| {
            // GetPolicyVersion shows the document, a listing of versions may not.
            let document = new.document.or(known.document.take());
            *known = leastgrant_inventory::tables::PolicyVersionRow { document, ..new };
        },
    );
    latest(
        &mut dataset.resource_policies,
        |row| (row.resource_arn.clone(), row.call.clone()),
        |known, new| *known = new,
    );
    latest(
        &mut dataset.analyzer_findings,
        |row| (row.account_id.clone(), row.finding_id.clone()),
        |known, new| *known = new,
    );
    latest(
        &mut dataset.event_data_stores,
        |row| row.arn.clone(),
        |known, new| *known = new,
    );
    latest(
        &mut dataset.organizations,
        |row| row.organization_id.clone(),
        |known, new| *known = new,
    );
    latest(
        &mut dataset.identity_providers,
        |row| row.arn.clone(),
        |known, new| {
            *known = IdentityProviderRow {
                url: new.url.or(known.url.take()),
                client_ids: if new.client_ids.is_empty() {
                    std::mem::take(&mut known.client_ids)
                } else {
                    new.client_ids
                },
                created_at: new.created_at.or(known.created_at),
                valid_until: new.valid_until.or(known.valid_until),
                ..new
            }
        },
    );
    latest(
        &mut dataset.organization_accounts,
        |row| row.account_id.clone(),
        |known, new| {
            *known = OrganizationAccountRow {
                arn: new.arn.or(known.arn.take()),
                name: new.name.or(known.name.take()),
                status: new.status.or(known.status.take()),
                joined_at: new.joined_at.or(known.joined_at),
                parent_id: new.parent_id.or(known.parent_id.take()),
                account_id: new.account_id,
            }
        },
    );
    latest(
        &mut dataset.organizational_units,
        |row| row.id.clone(),
        |known, new| {
            *known = OrganizationalUnitRow {
                arn: new.arn.or(known.arn.take()),
                name: new.name.or(known.name.take()),
                parent_id: new.parent_id.or(known.parent_id.take()),
                id: new.id,
            }
        },
    );
    latest(
        &mut dataset.organization_policies,
        |row| row.policy_id.clone(),
        |known, new| {
            *known = OrganizationPolicyRow {
                document: new.document.or(known.document.take()),
                ..new
            }
        },
    );
    latest(
        &mut dataset.organization_policy_targets,
        |row| (row.policy_id.clone(), row.target_id.clone()),
        |known, new| {
            known.target_type = new.target_type.or(known.target_type.take());
        },
    );
    latest(
        &mut dataset.permission_sets,
        |row| row.arn.clone(),
        |known, new| {
            *known = PermissionSetRow {
                instance_arn: if new.instance_arn.is_empty() {
                    std::mem::take(&mut known.instance_arn)
                } else {
                    new.instance_arn
                },
                name: new.name.or(known.name.take()),
                description: new.description.or(known.description.take()),
                session_duration: new.session_duration.or(known.session_duration.take()),
                created_at: new.created_at.or(known.created_at),
                inline_policy: new.inline_policy.or(known.inline_policy.take()),
                permissions_boundary: new
                    .permissions_boundary
                    .or(known.permissions_boundary.take()),
                accounts_known: new.accounts_known || known.accounts_known,
                references_known: new.references_known || known.references_known,
                boundary_known: new.boundary_known || known.boundary_known,
                arn: new.arn,
            }
        },
    );
    latest(
        &mut dataset.trails,
        |row| (row.account_id.clone(), row.arn.clone()),
        |known, new| {
            let new = with_status(new, known);
            *known = TrailRow {
                home_region: new.home_region.or(known.home_region.take()),
                is_multi_region: new.is_multi_region.or(known.is_multi_region),
                is_organization_trail: new.is_organization_trail.or(known.is_organization_trail),
                include_global_service_events: new
                    .include_global_service_events
                    .or(known.include_global_service_events),
                s3_bucket_name: new.s3_bucket_name.or(known.s3_bucket_name.take()),
                s3_key_prefix: new.s3_key_prefix.or(known.s3_key_prefix.take()),
                has_custom_event_selectors: new
                    .has_custom_event_selectors
                    .or(known.has_custom_event_selectors),
                event_selectors: new.event_selectors.or(known.event_selectors.take()),
                ..new
            }
        },
    );
}

/// A trail's status is of one answer: the newer one where it has any.
fn with_status(new: TrailRow, known: &TrailRow) -> TrailRow {
    if new.is_logging.is_some() {
        return new;
    }
    TrailRow {
        is_logging: known.is_logging,
        started_logging_at: known.started_logging_at,
        stopped_logging_at: known.stopped_logging_at,
        last_delivered_at: known.last_delivered_at,
        delivery_error: known.delivery_error.clone(),
        ..new
    }
}

/// Keeps one row for each key. Rows come oldest first; `merge` puts a newer one into the place of an older one.
fn latest<R, K: Eq + Hash>(rows: &mut Vec<R>, key: impl Fn(&R) -> K, merge: impl Fn(&mut R, R)) {
    let mut places: HashMap<K, usize> = HashMap::with_capacity(rows.len());
    let mut kept: Vec<R> = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        match places.entry(key(&row)) {
            std::collections::hash_map::Entry::Occupied(place) => {
                if let Some(known) = kept.get_mut(*place.get()) {
                    merge(known, row);
                }
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(row);
            }
        }
    }
    *rows = kept;
}
