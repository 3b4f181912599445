//! Values that repeat from record to record: who calls, and over which connection.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

const SLOTS: usize = 512;
/// Of values that begin alike, so many are remembered.
const OF_ONE_SLOT: usize = 2;
/// Shorter values are read as fast as they are found, larger ones do not repeat, in bytes.
const SHORTEST: usize = 64;
const LARGEST: usize = 4 << 10;

/// Texts of whole JSON objects that were read before. What begins with one has the same object there, since an object ends where
/// its bracket is closed, whatever follows.
#[derive(Debug, Default)]
pub(crate) struct KnownObjects {
    slots: Vec<[String; OF_ONE_SLOT]>,
}

impl KnownObjects {
    /// The length of the object that a text begins with, if it is known. The bytes between two places tell objects apart best.
    pub(super) fn length(&self, text: &[u8], between: (usize, usize)) -> Option<usize> {
        let slot = self.slots.get(slot(text, between)?)?;
        let known = slot
            .iter()
            .find(|known| !known.is_empty() && text.starts_with(known.as_bytes()))?;
        Some(known.len())
    }

    /// Remembers an object instead of the one of its slot that was remembered first.
    pub(super) fn put(&mut self, object: &str, between: (usize, usize)) {
        if !(SHORTEST..=LARGEST).contains(&object.len()) || !object.starts_with('{') {
            return;
        }
        let Some(slot) = slot(object.as_bytes(), between) else {
            return;
        };
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Default::default);
        }
        if let Some(known) = self.slots.get_mut(slot) {
            known.rotate_right(1);
            let [first, ..] = known;
            first.clear();
            first.push_str(object);
        }
    }
}

fn slot(text: &[u8], (from, to): (usize, usize)) -> Option<usize> {
    let (words, _) = text.get(from..to)?.as_chunks::<8>();
    let mut hasher = FxHasher::default();
    for word in words {
        hasher.write_u64(u64::from_le_bytes(*word));
    }
    Some(usize::try_from(hasher.finish() >> 32).ok()? % SLOTS)
}
