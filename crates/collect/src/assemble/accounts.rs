//! Which account a file belongs to: the nearest folder above it that is one account's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use leastgrant_inventory::{DataKind, Gap, Timestamp};

use super::DatedPiece;
use crate::facts::{AccountFile, Piece};

/// Accounts by the folder of their files.
#[derive(Debug, Default)]
pub(crate) struct AccountsByFolder {
    /// Folders that hold an `account.json`, or answers whose ARNs name accounts. Several accounts in one folder tell nothing.
    folders: BTreeMap<PathBuf, BTreeSet<String>>,
    all: BTreeSet<String>,
    files: BTreeMap<String, AccountFile>,
}

impl AccountsByFolder {
    pub(crate) fn new(pieces: &[Piece]) -> Self {
        let mut accounts = Self::default();
        let mut with_account_file = BTreeSet::new();
        for piece in pieces {
            let folder = folder_of(&piece.path);
            if let Some(file) = &piece.facts.account {
                // What a person or script says of a folder counts more than what its files mention.
                if with_account_file.insert(folder.clone()) {
                    accounts.folders.remove(&folder);
                }
                accounts
                    .folders
                    .entry(folder)
                    .or_default()
                    .insert(file.account_id.clone());
                accounts.all.insert(file.account_id.clone());
                let known = accounts
                    .files
                    .entry(file.account_id.clone())
                    .or_insert_with(|| file.clone());
                if file.collected_at > known.collected_at {
                    *known = file.clone();
                }
            } else if let Some(account_id) = &piece.account_id {
                accounts.all.insert(account_id.clone());
                if !with_account_file.contains(&folder) {
                    accounts
                        .folders
                        .entry(folder)
                        .or_default()
                        .insert(account_id.clone());
                }
            }
        }
        accounts
    }

    /// The account of a file.
    pub(crate) fn account_of(&self, path: &Path) -> Option<String> {
        let mut folder = Some(folder_of(path));
        while let Some(current) = folder {
            if let Some(accounts) = self.folders.get(&current) {
                return only(accounts);
            }
            folder = current
                .parent()
                .map(Path::to_owned)
                .filter(|parent| *parent != current);
        }
        only(&self.all)
    }

    pub(crate) fn account_file(&self, account_id: &str) -> Option<&AccountFile> {
        self.files.get(account_id)
    }

    /// When `account.json` says that an account's data were collected.
    pub(crate) fn collected_at(&self, account_id: &str) -> Option<Timestamp> {
        self.files
            .get(account_id)
            .and_then(|file| file.collected_at)
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

fn only(accounts: &BTreeSet<String>) -> Option<String> {
    let mut accounts = accounts.iter();
    accounts
        .next()
        .filter(|_| accounts.next().is_none())
        .cloned()
}

/// Answers that need an account and have none are gaps, and nothing of them is kept.
pub(crate) fn pieces_without_account(dated: &[DatedPiece]) -> Vec<Gap> {
    dated
        .iter()
        .filter(|piece| piece.account_id.is_empty() && needs_account(&piece.piece))
        .map(|piece| Gap {
            account_id: None,
            source: piece.piece.source(),
            reason: "it cannot be told which account this is of; put the file into a folder with the account's `account.json` (the answer of `aws sts get-caller-identity`)"
                .to_owned(),
            error_code: None,
            unknowable: piece.piece.kind.into_iter().collect(),
        })
        .collect()
}

fn needs_account(piece: &Piece) -> bool {
    let facts = &piece.facts;
    let rows = &facts.rows;
    let of_the_organization = matches!(
        piece.kind,
        Some(DataKind::Organization | DataKind::PermissionSets)
    );
    let is_empty_report = facts.report.as_ref().is_some_and(Vec::is_empty);
    !of_the_organization
        && (is_empty_report
            || !facts.key_lists.is_empty()
            || !facts.key_uses.is_empty()
            || !facts.mfa_lists.is_empty()
            || !facts.long_lived_lists.is_empty()
            || !facts.login_profiles.is_empty()
            || facts
                .policies
                .iter()
                .any(|policy| policy.row.account_id.is_empty())
            || facts
                .users
                .iter()
                .any(|user| user.principal.row.account_id.is_empty())
            || facts
                .groups
                .iter()
                .any(|group| group.row.account_id.is_empty())
            || facts
                .roles
                .iter()
                .any(|role| role.row.account_id.is_empty())
            || !rows.account_summary.is_empty()
            || !rows.password_policies.is_empty()
            || !rows.accounts.is_empty()
            || rows
                .resource_policies
                .iter()
                .any(|row| row.account_id.is_empty())
            || rows.trails.iter().any(|row| row.account_id.is_empty())
            || rows
                .analyzer_findings
                .iter()
                .any(|row| row.account_id.is_empty()))
}
