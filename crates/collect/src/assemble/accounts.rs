//! Which account a file belongs to: the nearest folder above it that is one account's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use leastgrant_inventory::{DataKind, Gap, Timestamp};

use super::DatedPiece;
use crate::facts::{AccountFile, Piece, account_of};

/// Accounts by the folder of their files.
#[derive(Debug, Default)]
pub(crate) struct AccountsByFolder {
    /// What `account.json` says of its folder.
    stated: BTreeMap<PathBuf, BTreeMap<String, AccountFile>>,
    /// Accounts whose principals a folder's own answers show. Several in one folder tell nothing.
    shown: BTreeMap<PathBuf, BTreeSet<String>>,
    newest: BTreeMap<String, AccountFile>,
}

impl AccountsByFolder {
    pub(crate) fn new(pieces: &[Piece]) -> Self {
        let mut accounts = Self::default();
        for piece in pieces {
            let folder = folder_of(&piece.path);
            if let Some(file) = &piece.facts.entities.account {
                let newest = accounts
                    .newest
                    .entry(file.account_id.clone())
                    .or_insert_with(|| file.clone());
                if file.collected_at > newest.collected_at {
                    *newest = file.clone();
                }
                accounts
                    .stated
                    .entry(folder)
                    .or_default()
                    .insert(file.account_id.clone(), file.clone());
            } else if let Some(account_id) = piece
                .account_id
                .as_ref()
                .filter(|_| shows_principals(piece.kind))
            {
                accounts
                    .shown
                    .entry(folder)
                    .or_default()
                    .insert(account_id.clone());
            }
        }
        accounts
    }

    /// The account of a file: what the nearest `account.json` above it says, else the one account that the nearest folder
    /// above it, or all folders below its own, show.
    pub(crate) fn account_of(&self, path: &Path) -> Option<String> {
        let own = folder_of(path);
        if let Some(files) = own.ancestors().find_map(|folder| self.stated.get(folder)) {
            return only(files.keys());
        }
        if let Some(accounts) = own.ancestors().find_map(|folder| self.shown.get(folder)) {
            return only(accounts.iter());
        }
        let below = |folder: &PathBuf| folder.starts_with(&own);
        let stated = self
            .stated
            .iter()
            .filter(|(folder, _)| below(folder))
            .flat_map(|(_, files)| files.keys());
        let shown = self
            .shown
            .iter()
            .filter(|(folder, _)| below(folder))
            .flat_map(|(_, accounts)| accounts);
        let all: BTreeSet<&String> = stated.chain(shown).collect();
        only(all.into_iter())
    }

    pub(crate) fn account_file(&self, account_id: &str) -> Option<&AccountFile> {
        self.newest.get(account_id)
    }

    /// When the `account.json` of a file's own bundle, else the account's newest one, says that it was collected.
    pub(crate) fn collected_at(&self, path: &Path, account_id: &str) -> Option<Timestamp> {
        let own = folder_of(path);
        let nearest = own.ancestors().find_map(|folder| self.stated.get(folder));
        nearest
            .and_then(|files| files.get(account_id))
            .or_else(|| self.newest.get(account_id))
            .and_then(|file| file.collected_at)
    }
}

/// Answers about an account's own principals; policies of resources and findings may name other accounts.
fn shows_principals(kind: Option<DataKind>) -> bool {
    !matches!(
        kind,
        None | Some(
            DataKind::ResourcePolicies
                | DataKind::AccessAnalyzer
                | DataKind::Trails
                | DataKind::Organization
                | DataKind::PermissionSets
        )
    )
}

fn only<'a>(mut accounts: impl Iterator<Item = &'a String>) -> Option<String> {
    let first = accounts.next()?;
    accounts.next().is_none().then(|| first.clone())
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
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
    let is_empty_report = facts.entities.report.as_ref().is_some_and(Vec::is_empty);
    !of_the_organization
        && (is_empty_report
            || !facts.credentials.key_lists.is_empty()
            || !facts.credentials.key_uses.is_empty()
            || !facts.credentials.mfa_lists.is_empty()
            || !facts.credentials.long_lived_lists.is_empty()
            || !facts.credentials.login_profiles.is_empty()
            || facts
                .entities
                .policies
                .iter()
                .any(|policy| policy.row.account_id.is_empty())
            || facts
                .entities
                .users
                .iter()
                .any(|user| user.principal.row.account_id.is_empty())
            || facts
                .entities
                .groups
                .iter()
                .any(|group| group.row.account_id.is_empty())
            || facts
                .entities
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
            || rows
                .trails
                .iter()
                .any(|row| row.account_id.is_empty() && account_of(&row.arn).is_none())
            || rows
                .analyzer_findings
                .iter()
                .any(|row| row.account_id.is_empty()))
}
