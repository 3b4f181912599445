//! Credentials: the report joined with the lists of keys, devices and the rest.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use leastgrant_inventory::tables::{LongLivedCredentialRow, MfaDeviceRow, UserRow};
use leastgrant_inventory::{DataKind, Dataset, Gap};

use super::keys::{self, KnownKeys};
use super::principals::{Principals, User};
use super::{DatedPiece, Dating};
use crate::facts::{
    KeyUse, ListedKey, LoginProfileFacts, OwnedList, ReportUser, account_of, path_of,
};

/// The newest list of something of each user, by account and lower-case name.
type Lists<T> = HashMap<OwnerKey, DatedList<T>>;

/// An account and a name as IAM compares names: `ACCOUNT/lower-case name`.
type OwnerKey = String;

#[derive(Debug)]
struct DatedList<T> {
    dating: Dating,
    user_name: String,
    path: Arc<Path>,
    place: String,
    is_whole: bool,
    items: Vec<T>,
}

pub(super) fn assemble(
    dated: Vec<DatedPiece>,
    principals: &mut Principals,
    dataset: &mut Dataset,
    gaps: &mut Vec<Gap>,
) {
    let mut reports: BTreeMap<String, (Dating, ReportUser)> = BTreeMap::new();
    let mut key_lists: Lists<ListedKey> = HashMap::new();
    let mut key_uses: HashMap<String, KeyUse> = HashMap::new();
    let mut mfa_lists: Lists<MfaDeviceRow> = HashMap::new();
    let mut long_lived_lists: HashMap<DataKind, Lists<LongLivedCredentialRow>> = HashMap::new();
    let mut login_profiles: HashMap<OwnerKey, (Dating, LoginProfileFacts)> = HashMap::new();
    for mut piece in dated {
        let dating = piece.dating();
        for user in piece.piece.facts.report.take().into_iter().flatten() {
            reports.insert(user.arn.clone(), (dating, user));
        }
        if piece.account_id.is_empty() {
            // Already a gap: nothing can be said of whose they are.
            continue;
        }
        for mut list in std::mem::take(&mut piece.piece.facts.key_lists) {
            if list.user_name.is_empty() {
                // An empty list names nobody; the bundle's layout does, by the file's name.
                list.user_name = piece
                    .piece
                    .path
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
                    .unwrap_or_default();
            }
            keep_newest(&mut key_lists, &piece, list);
        }
        key_uses.extend(std::mem::take(&mut piece.piece.facts.key_uses));
        for list in std::mem::take(&mut piece.piece.facts.mfa_lists) {
            keep_newest(&mut mfa_lists, &piece, list);
        }
        for list in std::mem::take(&mut piece.piece.facts.long_lived_lists) {
            keep_newest(long_lived_lists.entry(list.kind).or_default(), &piece, list);
        }
        for profile in std::mem::take(&mut piece.piece.facts.login_profiles) {
            login_profiles.insert(
                owner_key(&piece.account_id, &profile.user_name),
                (dating, profile),
            );
        }
    }
    for list in key_lists.values_mut() {
        for key in &mut list.items {
            if let Some(last_use) = key_uses.get(&key.access_key_id) {
                key.last_use = Some(last_use.clone());
            }
        }
    }
    for (dating, report) in reports.values() {
        join_report(*dating, report, principals);
    }
    report_unknown_owners(&key_lists, principals, gaps);
    for user in principals.users.values_mut() {
        let key = owner_key(&user.row.account_id, &user.row.user_name);
        let report = reports
            .get(&user.row.arn)
            .filter(|(dating, report)| is_of(user, *dating, report))
            .map(|(dating, report)| (*dating, report));
        if user.row.is_root && report.is_none() {
            continue;
        }
        let list = key_lists.get(&key).filter(|_| !user.row.is_root);
        let known = KnownKeys {
            report: report.map(|(dating, report)| (dating, report.keys.as_slice())),
            list: list.map(|list| (list.dating, list.items.as_slice())),
        };
        dataset.access_keys.extend(keys::rows(&user.row, &known));
        user.row.access_keys_known = report
            .is_some_and(|(_, report)| report.additional_credentials_info.is_none())
            || list.is_some_and(|list| list.is_whole);
        fill_password(user, report, login_profiles.get(&key));
        fill_mfa(
            user,
            report.map(|(dating, _)| dating),
            mfa_lists.get(&key),
            dataset,
        );
        fill_long_lived(
            &user.row,
            report.map(|(_, report)| report),
            &key,
            &long_lived_lists,
            dataset,
        );
    }
    for device in &dataset.mfa_devices {
        if let Some(user) = principals.users.get_mut(&device.user_arn)
            && user.row.mfa_active.is_none()
        {
            user.row.mfa_active = Some(true);
        }
    }
}

fn owner_key(account_id: &str, user_name: &str) -> OwnerKey {
    format!("{account_id}/{}", user_name.to_ascii_lowercase())
}

/// Pieces come oldest first. Pages of one moment are one list; a newer list replaces an older one.
fn keep_newest<T>(lists: &mut Lists<T>, piece: &DatedPiece, list: OwnedList<T>) {
    let new = DatedList {
        dating: piece.dating(),
        user_name: list.user_name,
        path: Arc::clone(&piece.piece.path),
        place: piece.piece.place.clone(),
        is_whole: !list.truncated && !piece.piece.damaged,
        items: list.items,
    };
    match lists.entry(owner_key(&piece.account_id, &new.user_name)) {
        std::collections::hash_map::Entry::Occupied(mut known)
            if known.get().dating.at == new.dating.at =>
        {
            let known = known.get_mut();
            known.is_whole |= new.is_whole;
            known.items.extend(new.items);
        }
        std::collections::hash_map::Entry::Occupied(mut known) => {
            known.insert(new);
        }
        std::collections::hash_map::Entry::Vacant(vacant) => {
            vacant.insert(new);
        }
    }
}

/// Adds users that only the report shows.
fn join_report(dating: Dating, report: &ReportUser, principals: &mut Principals) {
    let fresh = || UserRow {
        account_id: account_of(&report.arn).unwrap_or_default().to_owned(),
        arn: report.arn.clone(),
        user_name: report.user_name.clone(),
        path: if report.is_root {
            "/".to_owned()
        } else {
            path_of(&report.arn)
        },
        is_root: report.is_root,
        created_at: report.created_at,
        ..UserRow::default()
    };
    match principals.users.get(&report.arn) {
        None => principals.add_from_report(fresh()),
        // The user was deleted and made again after IAM was asked: what IAM showed is of the former one.
        Some(user)
            if !is_same_user(user, report)
                && user.shown.is_some_and(|shown| shown.at < dating.at) =>
        {
            principals.add_from_report(fresh())
        }
        Some(_) => {}
    }
}

/// The report has no ids; the creation time tells a user from its namesake.
fn is_same_user(user: &User, report: &ReportUser) -> bool {
    match (user.row.created_at, report.created_at) {
        (Some(shown), Some(reported)) => (shown.as_second() - reported.as_second()).abs() <= 1,
        _ => true,
    }
}

/// Whether the report's row is of this very user, and not of a former one of the same name.
fn is_of(user: &User, dating: Dating, report: &ReportUser) -> bool {
    is_same_user(user, report) || user.shown.is_none_or(|shown| shown.at <= dating.at)
}

fn fill_password(
    user: &mut User,
    report: Option<(Dating, &ReportUser)>,
    profile: Option<&(Dating, LoginProfileFacts)>,
) {
    let row = &mut user.row;
    if let Some((dating, report)) = report {
        row.password_enabled = report.password_enabled;
        row.password_last_used_at = report.password_last_used_at;
        row.password_last_used_known = true;
        row.password_last_changed_at = report.password_last_changed_at;
        row.password_next_rotation_at = report.password_next_rotation_at;
        row.mfa_active = report.mfa_active;
        row.credentials_as_of = Some(dating.at);
        row.additional_credentials_info
            .clone_from(&report.additional_credentials_info);
    }
    if let Some((dating, last_used)) = user.password_last_used {
        row.password_last_used_known = true;
        row.password_last_used_at = row.password_last_used_at.max(last_used);
        row.credentials_as_of = row.credentials_as_of.max(Some(dating.at));
    }
    if let Some((dating, profile)) = profile
        && row
            .credentials_as_of
            .is_none_or(|as_of| report.is_none() || dating.at > as_of)
    {
        row.password_enabled = Some(profile.exists);
        // GetLoginProfile shows when the password was first made; a later change shows only in the report.
        row.password_last_changed_at = row.password_last_changed_at.max(profile.created_at);
        if report.is_none() && row.credentials_as_of.is_none() {
            row.credentials_as_of = Some(dating.at);
        }
    }
}

fn fill_mfa(
    user: &mut User,
    report: Option<Dating>,
    list: Option<&DatedList<MfaDeviceRow>>,
    dataset: &mut Dataset,
) {
    let Some(list) = list else { return };
    if report.is_none_or(|report| list.dating.at >= report.at)
        && (list.is_whole || !list.items.is_empty())
    {
        user.row.mfa_active = Some(!list.items.is_empty());
    }
    dataset
        .mfa_devices
        .extend(list.items.iter().map(|device| MfaDeviceRow {
            account_id: user.row.account_id.clone(),
            user_arn: user.row.arn.clone(),
            ..device.clone()
        }));
}

fn fill_long_lived(
    user: &UserRow,
    report: Option<&ReportUser>,
    key: &str,
    lists: &HashMap<DataKind, Lists<LongLivedCredentialRow>>,
    dataset: &mut Dataset,
) {
    let owned = |row: LongLivedCredentialRow| LongLivedCredentialRow {
        account_id: user.account_id.clone(),
        user_arn: user.arn.clone(),
        user_name: user.user_name.clone(),
        ..row
    };
    for list in lists.values().filter_map(|lists| lists.get(key)) {
        dataset
            .long_lived_credentials
            .extend(list.items.iter().cloned().map(owned));
    }
    let certificates_are_listed = lists
        .get(&DataKind::SigningCertificates)
        .is_some_and(|lists| lists.contains_key(key));
    if certificates_are_listed {
        return;
    }
    dataset.long_lived_credentials.extend(
        report
            .into_iter()
            .flat_map(|report| &report.certificates)
            .map(|certificate| {
                owned(LongLivedCredentialRow {
                    kind: "signing_certificate".to_owned(),
                    slot: Some(certificate.slot),
                    is_active: certificate.is_active,
                    created_at: certificate.created_at,
                    ..LongLivedCredentialRow::default()
                })
            }),
    );
}

/// Keys of a user that no list of users shows: without an ARN there is no row to give them.
fn report_unknown_owners(
    lists: &Lists<ListedKey>,
    principals: &mut Principals,
    gaps: &mut Vec<Gap>,
) {
    for (key, list) in lists {
        let account_id = key.split('/').next().unwrap_or_default();
        if !list.items.is_empty()
            && principals
                .user_by_name(account_id, &list.user_name)
                .is_none()
        {
            gaps.push(Gap {
                account_id: Some(account_id.to_owned()),
                source: format!("{}{}", list.path.display(), list.place),
                reason: format!(
                    "holds access keys of `{}`, who is in no list of users of account {account_id}; add authorization details or a credential report of the same time",
                    list.user_name
                ),
                error_code: None,
                unknowable: vec![DataKind::Users, DataKind::AccessKeys],
            });
        }
    }
}
