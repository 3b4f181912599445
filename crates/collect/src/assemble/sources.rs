//! What the manifest says of the sources, and listings that end in the middle.

use std::collections::BTreeMap;

use leastgrant_inventory::{DataKind, Gap, Source, Timestamp};

use super::DatedPiece;

/// A listing whose pages all say that another one follows lacks its end; one whose wrapped pages do not follow each other
/// lacks a part. Its pages are marked as damaged: what is not in them may exist.
pub(crate) fn cut_listings(dated: &mut [DatedPiece]) -> Vec<Gap> {
    let mut listings: BTreeMap<(Timestamp, &str, &str), Vec<usize>> = BTreeMap::new();
    for (place, piece) in dated
        .iter()
        .enumerate()
        .filter(|(_, piece)| !piece.piece.listing.is_empty())
    {
        listings
            .entry((piece.at, &piece.account_id, &piece.piece.listing))
            .or_default()
            .push(place);
    }
    let mut gaps = Vec::new();
    let mut cut = Vec::new();
    for places in listings.into_values() {
        let pages: Vec<&DatedPiece> = places
            .iter()
            .filter_map(|place| dated.get(*place))
            .collect();
        let Some((page, missing)) = missing_page(&pages) else {
            continue;
        };
        gaps.push(Gap {
            account_id: Some(page.account_id.clone()).filter(|account_id| !account_id.is_empty()),
            source: page.piece.source(),
            reason: format!(
                "{missing} (`{}`); export all pages",
                call_of(&page.piece.listing)
            ),
            error_code: None,
            unknowable: page.piece.kind.into_iter().collect(),
        });
        cut.extend(places);
    }
    for place in cut {
        if let Some(piece) = dated.get_mut(place) {
            piece.piece.damaged = true;
        }
    }
    gaps
}

/// The page that shows that another one is missing, and which.
fn missing_page<'a>(pages: &[&'a DatedPiece]) -> Option<(&'a DatedPiece, &'static str)> {
    if pages.iter().all(|page| page.piece.truncated) {
        return pages.last().map(|page| {
            (
                *page,
                "the listing goes on after this page and the next one is missing",
            )
        });
    }
    let follows = |token: &str| {
        pages.iter().any(|page| {
            page.piece
                .pages
                .as_ref()
                .is_some_and(|tokens| tokens.next.as_deref() == Some(token))
        })
    };
    let orphan = pages.iter().find(|page| {
        let this = page
            .piece
            .pages
            .as_ref()
            .and_then(|tokens| tokens.this.as_deref());
        this.is_some_and(|token| !follows(token))
    });
    orphan.map(|page| (*page, "the page before this one is missing"))
}

fn call_of(listing: &str) -> &str {
    listing.split('(').next().unwrap_or(listing)
}

/// One line for each account and kind of data.
pub(crate) fn sources(dated: &[DatedPiece]) -> Vec<Source> {
    let mut sources: BTreeMap<(Option<String>, DataKind), Source> = BTreeMap::new();
    for piece in dated
        .iter()
        .filter(|piece| piece.piece.facts.entities.account.is_none())
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
