//! What the manifest says of the sources, and listings that end in the middle.

use std::collections::BTreeMap;

use leastgrant_inventory::{DataKind, Gap, Source};

use super::DatedPiece;

/// A listing whose pages all say that another one follows lacks its end.
pub(crate) fn cut_listings(dated: &[DatedPiece]) -> Vec<Gap> {
    let mut listings: BTreeMap<(&str, &str), Vec<&DatedPiece>> = BTreeMap::new();
    for piece in dated.iter().filter(|piece| !piece.piece.listing.is_empty()) {
        listings
            .entry((&piece.account_id, &piece.piece.listing))
            .or_default()
            .push(piece);
    }
    listings
        .into_values()
        .filter(|pages| pages.iter().all(|page| page.piece.truncated))
        .filter_map(|pages| {
            let last = pages.last()?;
            Some(Gap {
                account_id: Some(last.account_id.clone()).filter(|account_id| !account_id.is_empty()),
                source: last.piece.source(),
                reason: format!("the listing goes on after this page and the next one is missing (`{}`); export all pages", call_of(&last.piece.listing)),
                error_code: None,
                unknowable: last.piece.kind.into_iter().collect(),
            })
        })
        .collect()
}

fn call_of(listing: &str) -> &str {
    listing.split('(').next().unwrap_or(listing)
}

/// One line for each account and kind of data.
pub(crate) fn sources(dated: &[DatedPiece]) -> Vec<Source> {
    let mut sources: BTreeMap<(Option<String>, DataKind), Source> = BTreeMap::new();
    for piece in dated
        .iter()
        .filter(|piece| piece.piece.facts.account.is_none())
    {
        let Some(kind) = piece.piece.kind else {
            continue;
        };
        let account_id = Some(piece.account_id.clone()).filter(|account_id| !account_id.is_empty());
        let source = sources
            .entry((account_id.clone(), kind))
            .or_insert_with(|| Source {
                account_id,
                kind,
                answers: 0,
                collected_at: piece.at,
                earliest: piece.at,
                dated_by: piece.dated_by,
                complete: true,
            });
        source.answers += 1;
        if piece.at >= source.collected_at {
            source.collected_at = piece.at;
            source.dated_by = piece.dated_by;
        }
        source.earliest = source.earliest.min(piece.at);
        source.complete &= !piece.piece.damaged;
    }
    sources.into_values().collect()
}

/// A source is not complete if a gap makes something of its kind unknowable.
pub(crate) fn mark_incomplete(sources: &mut [Source], gaps: &[Gap]) {
    for source in sources {
        source.complete &= !gaps.iter().any(|gap| {
            gap.account_id == source.account_id && gap.unknowable.contains(&source.kind)
        });
    }
}
