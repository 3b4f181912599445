//! Kept answers to what the readers of files make of them.

use std::path::PathBuf;

use leastgrant_inventory::DataKind;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::calls::{ASSUME_ROLE, GENERATE_SERVICE_LAST_ACCESSED_DETAILS, GET_CALLER_IDENTITY};
use super::store::{AnswerStore, StoreError};
use crate::facts::Piece;
use crate::file::{self, Outcome, SAME_ACCOUNT};

/// Kept for a run that goes on, and of no interest to an inventory.
const NOT_READ: [&str; 1] = [GENERATE_SERVICE_LAST_ACCESSED_DETAILS.name];
/// Who cannot be asked who he is cannot be asked anything.
const NOTHING_WITHOUT: [&str; 2] = [GET_CALLER_IDENTITY, ASSUME_ROLE];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    call: String,
    parameters: serde_json::Map<String, Value>,
}

/// A piece or a gap for each answer, as if each were a file `ACCOUNT/CALL(PARAMETERS)`.
pub(super) fn read(store: &AnswerStore) -> Result<Vec<Outcome>, StoreError> {
    let mut outcomes = Vec::new();
    for account in store.accounts()? {
        let lines = store.lines(&account)?;
        outcomes.par_extend(
            lines
                .into_par_iter()
                .filter_map(|line| read_line(&account, line)),
        );
    }
    Ok(outcomes)
}

/// Whether nothing can be read of an answer that is one by itself. A page that follows another one is not asked anew alone: the others may
/// not lead to it any more.
pub(super) fn is_of_no_use(text: &str) -> bool {
    let outcome = read_line("", text.to_owned()).unwrap_or_default();
    let is_page = |piece: &Piece| piece.pages.is_some();
    !outcome.gaps.is_empty() && !outcome.pieces.iter().any(is_page)
}

fn read_line(account: &str, text: String) -> Option<Outcome> {
    let Ok(line) = serde_json::from_str::<Line>(&text) else {
        // The reader of files says what is wrong with it.
        let path = PathBuf::from(account).join("answer");
        return Some(file::read_bytes(&path, text.into_bytes()));
    };
    if NOT_READ.contains(&&*line.call) {
        return None;
    }
    let parameters: Vec<String> = line
        .parameters
        .iter()
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name}={text}"),
            None => format!("{name}={value}"),
        })
        .collect();
    let name = match parameters.as_slice() {
        [] => line.call.clone(),
        parameters => format!("{}({})", line.call, parameters.join(",")),
    };
    let path = PathBuf::from(account).join(name);
    let mut outcome = file::read_bytes(&path, text.into_bytes());
    let is_account = account.bytes().all(|byte| byte.is_ascii_digit());
    for gap in &mut outcome.gaps {
        if is_account {
            gap.gap.account_id.get_or_insert_with(|| account.to_owned());
        }
        // A failure that belongs to no account hides whole accounts.
        if gap.gap.error_code.as_deref() == Some(SAME_ACCOUNT) {
            // It was asked, with another profile.
            gap.gap.unknowable.clear();
        } else if !is_account || NOTHING_WITHOUT.contains(&&*line.call) {
            gap.gap.unknowable = vec![DataKind::Anything];
        }
    }
    Some(outcome)
}
