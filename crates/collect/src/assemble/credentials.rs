//! Credentials: the report joined with the lists of keys, devices and the rest.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use leastgrant_inventory::tables::{LongLivedCredentialRow, MfaDeviceRow, UserRow};
use leastgrant_inventory::{DataKind, Dataset, Gap, Timestamp};

use super::keys::{self, KnownKeys};
use super::lists::{DatedList, Lists, OwnerKey, keep_newest, owner_key};
use super::principals::{Principals, User};
use super::{DatedPiece, Dating};
use crate::facts::{KeyUse, ListedKey, LoginProfileFacts, ReportUser, account_of, path_of};

pub(super) fn assemble(
    dated: Vec<DatedPiece>,
    principals: &mut Principals,
    dataset: &mut Dataset,
    gaps: &mut Vec<Gap>,
) {
    let mut reports: BTreeMap<String, (Dating, ReportUser)> = BTreeMap::new();
    let mut whole_reports: HashMap<String, Timestamp> = HashMap::new();
    let mut key_lists: Lists<ListedKey> = HashMap::new();
    let mut key_uses: HashMap<String, (Dating, KeyUse)> = HashMap::new();
    let mut mfa_lists: Lists<MfaDeviceRow> = HashMap::new();
    let mut long_lived_lists: HashMap<DataKind, Lists<LongLivedCredentialRow>> = HashMap::new();
    let mut login_profiles: HashMap<OwnerKey, (Dating, LoginProfileFacts)> = HashMap::new();
    for mut piece in dated {
        let dating = piece.dating();
        let entities = piece.piece.facts.entities.get_mut();
        if let Some(report) = entities.and_then(|entities| entities.report.take()) {
            if !piece.piece.damaged && report.iter().any(|user| user.is_root) {
                whole_reports.insert(piece.account_id.clone(), dating.at);
            }
            for user in report {
                add_report(dating, user, &piece, &mut reports, principals, gaps);
            }
        }
        if piece.account_id.is_empty() {
            // Already a gap: nothing can be said of whose they are.
            continue;
        }
        let Some(facts) = piece.piece.facts.credentials.take() else {
            continue;
        };
        for mut list in facts.key_lists {
            if list.user_name.is_empty() {
                // An empty list names nobody; the bundle's layout does, by the file's name.
                list.user_name = name_of_file(&piece.piece.path);
            }
            keep_newest(&mut key_lists, &piece, list);
        }
        for (access_key_id, last_use) in facts.key_uses {
            key_uses.insert(access_key_id, (dating, last_use));
        }
        for list in facts.mfa_lists {
            keep_newest(&mut mfa_lists, &piece, list);
        }
        for list in facts.long_lived_lists {
            keep_newest(long_lived_lists.entry(list.kind).or_default(), &piece, list);
        }
        for profile in facts.login_profiles {
            login_profiles.insert(
                owner_key(&piece.account_id, &profile.user_name),
                (dating, profile),
            );
        }
    }
    for list in key_lists.values_mut() {
        for key in &mut list.items {
            let Some((_, called)) = key_uses.get(&key.access_key_id) else {
                continue;
            };
            // Uses are only ever added, so the later one is true whichever answer is newer.
            if key.last_use.as_ref().is_none_or(|own| called.at > own.at) {
                key.last_use = Some(called.clone());
            }
        }
    }
    report_unknown_owners(&key_lists, &whole_reports, principals, gaps);
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
            list: list.map(|list| keys::KnownList {
                dating: list.dating,
                is_whole: list.is_whole(),
                keys: list.items.as_slice(),
            }),
        };
        dataset.access_keys.extend(keys::rows(&user.row, &known));
        user.row.access_keys_known = report
            .is_some_and(|(_, report)| report.additional_credentials_info.is_none())
            || list.is_some_and(DatedList::is_whole);
        fill_password(user, report, login_profiles.get(&key));
        fill_mfa(
            user,
            report.map(|(dating, _)| dating),
            mfa_lists.get(&key),
            dataset,
        );
        fill_long_lived(
            &mut user.row,
            report.map(|(_, report)| report),
            &key,
            &long_lived_lists,
            dataset,
        );
    }
    for device in &dataset.mfa_devices {
        let Some(user) = principals.users.get_mut(&device.user_arn) else {
            continue;
        };
        // Devices are enabled before they are listed: one that was enabled after the report was made is news.
        let reported_at = reports.get(&device.user_arn).map(|(dating, _)| dating.at);
        let is_newer = reported_at.is_some() && device.enabled_at > reported_at;
        if user.row.mfa_active.is_none() || is_newer {
            user.row.mfa_active = Some(true);
        }
    }
}

/// The user that a file of the bundle's layout is named after: `USER.json` or `USER.json.gz`.
fn name_of_file(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.strip_suffix(".json").unwrap_or(name).to_owned()
}

/// Keeps a row of a report for the user that it is of, by ARN, else by name and creation time: a path can be changed.
fn add_report(
    dating: Dating,
    mut user: ReportUser,
    piece: &DatedPiece,
    reports: &mut BTreeMap<String, (Dating, ReportUser)>,
    principals: &mut Principals,
    gaps: &mut Vec<Gap>,
) {
    let account_id = account_of(&user.arn)
        .unwrap_or(&piece.account_id)
        .to_owned();
    if account_id.is_empty() {
        gaps.push(Gap {
            account_id: None,
            source: format!("{}:{}", piece.piece.path.display(), user.line),
            reason: format!(
                "the ARN `{}` names no account, and no other file does",
                user.arn
            ),
            error_code: None,
            unknowable: vec![DataKind::CredentialReport],
        });
        return;
    }
    if !principals.users.contains_key(&user.arn)
        && let Some(known) = principals.user_by_name(&account_id, &user.user_name)
        && known.shown.is_some()
        && is_same_user(known, &user)
    {
        user.arn.clone_from(&known.row.arn);
    }
    join_report(dating, &user, account_id, principals);
    reports.insert(user.arn.clone(), (dating, user));
}

/// Adds users that only the report shows.
fn join_report(
    dating: Dating,
    report: &ReportUser,
    account_id: String,
    principals: &mut Principals,
) {
    let fresh = || UserRow {
        account_id,
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
    let mut sources = Vec::new();
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
        sources.push("credential report");
    }
    if let Some((dating, profile)) = profile
        && report.is_none_or(|(reported, _)| dating.at > reported.at)
    {
        row.password_enabled = Some(profile.exists);
        // GetLoginProfile shows when the password was first made; a later change shows only in the report.
        row.password_last_changed_at = row.password_last_changed_at.max(profile.created_at);
        row.credentials_as_of = row.credentials_as_of.or(Some(dating.at));
        sources.push("iam:GetLoginProfile");
    }
    if let Some((dating, last_used)) = user.password_last_used {
        row.password_last_used_known = true;
        row.password_last_used_at = row.password_last_used_at.max(last_used);
        row.credentials_as_of = row.credentials_as_of.max(Some(dating.at));
        sources.push("iam:ListUsers or iam:GetUser");
    }
    row.credentials_source = (!sources.is_empty()).then(|| sources.join(" and "));
}

fn fill_mfa(
    user: &mut User,
    report: Option<Dating>,
    list: Option<&DatedList<MfaDeviceRow>>,
    dataset: &mut Dataset,
) {
    let Some(list) = list else { return };
    if report.is_none_or(|report| list.dating.at >= report.at)
        && (list.is_whole() || !list.items.is_empty())
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
    user: &mut UserRow,
    report: Option<&ReportUser>,
    key: &str,
    lists: &HashMap<DataKind, Lists<LongLivedCredentialRow>>,
    dataset: &mut Dataset,
) {
    let is_whole = |kind: DataKind| {
        lists
            .get(&kind)
            .and_then(|lists| lists.get(key))
            .is_some_and(DatedList::is_whole)
    };
    user.ssh_public_keys_known = is_whole(DataKind::SshPublicKeys);
    user.service_specific_credentials_known = is_whole(DataKind::ServiceSpecificCredentials);
    user.signing_certificates_known = is_whole(DataKind::SigningCertificates)
        || report.is_some_and(|report| report.additional_credentials_info.is_none());
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
    whole_reports: &HashMap<String, Timestamp>,
    principals: &mut Principals,
    gaps: &mut Vec<Gap>,
) {
    for (key, list) in lists {
        let account_id = key.split('/').next().unwrap_or_default();
        // A whole report of a later time that lacks the user says that it was deleted.
        let is_deleted = whole_reports
            .get(account_id)
            .is_some_and(|at| *at > list.dating.at);
        if !is_deleted
            && !list.items.is_empty()
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
