//! The facts of all files joined into tables: accounts, dates, who is who, and which of two answers is newer.

mod accounts;
mod credentials;
mod keys;
mod lists;
mod principals;
mod rows;
mod sources;

use std::collections::BTreeSet;

use leastgrant_inventory::tables::AccountRow;
use leastgrant_inventory::{Dataset, DatedBy, Gap, Source, Timestamp};

use crate::Options;
use crate::facts::{Piece, PlacedGap};
use accounts::AccountsByFolder;

/// The tables with what the manifest says of them.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub dataset: Dataset,
    pub accounts: Vec<String>,
    pub sources: Vec<Source>,
    pub gaps: Vec<Gap>,
}

/// A piece whose account and date are settled.
#[derive(Debug)]
struct DatedPiece {
    at: Timestamp,
    dated_by: DatedBy,
    /// Empty for data of the organisation, and for what only names no account.
    account_id: String,
    piece: Piece,
}

/// When something was true, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dating {
    at: Timestamp,
    by: DatedBy,
}

impl DatedPiece {
    fn dating(&self) -> Dating {
        Dating {
            at: self.at,
            by: self.dated_by,
        }
    }
}

pub(crate) fn assemble(
    pieces: Vec<Piece>,
    placed_gaps: Vec<PlacedGap>,
    options: &Options,
) -> Assembled {
    let by_folder = AccountsByFolder::new(&pieces);
    let mut gaps: Vec<Gap> = placed_gaps
        .into_iter()
        .map(|placed| Gap {
            account_id: placed
                .gap
                .account_id
                .clone()
                .or_else(|| by_folder.account_of(&placed.path)),
            ..placed.gap
        })
        .collect();
    let mut dated: Vec<DatedPiece> = pieces
        .into_iter()
        .map(|piece| {
            let account_id = piece
                .account_id
                .clone()
                .or_else(|| by_folder.account_of(&piece.path))
                .unwrap_or_default();
            let dating = date(&piece, &account_id, &by_folder, options);
            DatedPiece {
                at: dating.at,
                dated_by: dating.by,
                account_id,
                piece,
            }
        })
        .collect();
    // Oldest first, so that whatever is written later is newer; the path breaks ties alike in every run.
    dated.sort_by(|left, right| {
        // Paths compare slowly, component by component; any fixed order will do.
        (left.at, left.piece.path.as_os_str(), &left.piece.place).cmp(&(
            right.at,
            right.piece.path.as_os_str(),
            &right.piece.place,
        ))
    });
    gaps.extend(sources::cut_listings(&mut dated));
    for piece in &mut dated {
        piece.piece.listing = String::new();
    }
    gaps.extend(accounts::pieces_without_account(&dated));

    let mut dataset = rows::assemble(&mut dated);
    let mut principals = principals::assemble(&mut dated);
    let mut sources = sources::sources(&dated);
    let met: BTreeSet<String> = dated.iter().map(|piece| piece.account_id.clone()).collect();
    // The last reader of the pieces frees each of them in turn.
    credentials::assemble(dated, &mut principals, &mut dataset, &mut gaps);
    principals.emit(&mut dataset);
    dataset.accounts = account_rows(&met, &dataset, &by_folder, options);
    dataset.sort();
    rows::join_last_accessed(&mut dataset);

    let accounts = dataset
        .accounts
        .iter()
        .map(|account| account.account_id.clone())
        .collect();
    sources::mark_incomplete(&mut sources, &gaps);
    gaps.sort();
    gaps.dedup();
    Assembled {
        dataset,
        accounts,
        sources,
        gaps,
    }
}

fn date(
    piece: &Piece,
    account_id: &str,
    by_folder: &AccountsByFolder,
    options: &Options,
) -> Dating {
    if let Some(at) = options.as_of {
        return Dating {
            at,
            by: DatedBy::Argument,
        };
    }
    if let Some(at) = piece.stated_at {
        return Dating {
            at,
            by: DatedBy::Source,
        };
    }
    if let Some(at) = by_folder.collected_at(&piece.path, account_id) {
        return Dating {
            at,
            by: DatedBy::AccountFile,
        };
    }
    Dating {
        at: options.run_time,
        by: DatedBy::Run,
    }
}

fn account_rows(
    met: &BTreeSet<String>,
    dataset: &Dataset,
    by_folder: &AccountsByFolder,
    options: &Options,
) -> Vec<AccountRow> {
    let mut accounts: std::collections::BTreeMap<String, AccountRow> =
        std::collections::BTreeMap::new();
    let mut meet = |account_id: &str, arn: Option<&str>| {
        if account_id.is_empty() {
            return;
        }
        let row = accounts.entry(account_id.to_owned()).or_default();
        if row.partition.is_empty()
            && let Some(partition) = arn.and_then(crate::facts::partition_of)
        {
            row.partition = partition.to_owned();
        }
    };
    for user in &dataset.users {
        meet(&user.account_id, Some(&user.arn));
    }
    for role in &dataset.roles {
        meet(&role.account_id, Some(&role.arn));
    }
    for group in &dataset.groups {
        meet(&group.account_id, Some(&group.arn));
    }
    for policy in &dataset.managed_policies {
        meet(&policy.account_id, Some(&policy.arn));
    }
    for account_id in met {
        meet(account_id, None);
    }
    for alias in &dataset.accounts {
        if let Some(row) = accounts.get_mut(&alias.account_id) {
            row.alias.clone_from(&alias.alias);
        }
    }
    for (account_id, row) in &mut accounts {
        row.account_id.clone_from(account_id);
        row.collected_at = options.as_of;
        if let Some(file) = by_folder.account_file(account_id) {
            row.caller_arn.clone_from(&file.caller_arn);
            row.collected_at = options.as_of.or(file.collected_at);
            if let Some(partition) = &file.partition {
                row.partition.clone_from(partition);
            }
        }
        if row.partition.is_empty() {
            "aws".clone_into(&mut row.partition);
        }
    }
    accounts.into_values().collect()
}
