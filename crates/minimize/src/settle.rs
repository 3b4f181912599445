//! Documents that minimizing again does not change, though a quota made them wider than by names.

use leastgrant_policy::Policy;

use crate::fit::{Documents, Room, fit};
use crate::narrow::Narrowed;

/// Documents that are parted have more room each for themselves, and what a wider form leaves out leaves room too.
const MOST_ROUNDS: usize = 4;

/// The documents in the place of one, or why there are none. `again` narrows one of them as the old one was.
pub(crate) fn fitted(
    policy: &Policy,
    narrowed: &[Narrowed],
    room: Room,
    again: impl Fn(&Policy) -> Vec<Narrowed>,
) -> Result<Documents, String> {
    let mut documents = fit(policy, narrowed, room)?;
    let alone = Room {
        documents: 1,
        ..room
    };
    for _ in 0..MOST_ROUNDS {
        let Some(next) = documents
            .is_shortened
            .then(|| each_by_itself(&documents, alone, &again))
            .flatten()
        else {
            break;
        };
        documents = next;
    }
    Ok(documents)
}

/// Each document minimized by itself; nothing if that changes none.
fn each_by_itself(
    documents: &Documents,
    room: Room,
    again: &impl Fn(&Policy) -> Vec<Narrowed>,
) -> Option<Documents> {
    let mut made = Documents {
        is_shortened: true,
        ..Documents::default()
    };
    let mut is_changed = false;
    for (number, text) in documents.texts.iter().enumerate() {
        // What cannot be read gets no certificate.
        let policy = Policy::parse(text).ok()?;
        let narrowed = again(&policy);
        let own = match narrowed.iter().all(|own| *own == Narrowed::Keep) {
            true => None,
            false => fit(&policy, &narrowed, room).ok(),
        };
        let refined = |statement: usize| {
            let mut rows = documents.refinements.iter();
            let row = rows.find(|(document, own, _)| (*document, *own) == (number, statement));
            row.map(|(_, _, old)| *old)
        };
        let place = made.texts.len();
        match own {
            Some(own) if own.texts.len() == 1 => {
                is_changed |= own.texts.first() != Some(text);
                for (_, statement, between) in own.refinements {
                    made.refinements.push((place, statement, refined(between)?));
                }
                made.texts.extend(own.texts);
            }
            _ => {
                let rows = documents
                    .refinements
                    .iter()
                    .filter(|(own, _, _)| *own == number);
                made.refinements
                    .extend(rows.map(|(_, statement, old)| (place, *statement, *old)));
                made.texts.push(text.clone());
            }
        }
    }
    is_changed.then_some(made)
}
