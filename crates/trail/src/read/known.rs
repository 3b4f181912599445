//! Values that repeat from record to record: who calls, and over which connection.

use std::hash::{BuildHasher as _, Hasher as _};
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHasher;

use crate::keyed_hashes::KeyedHashes;

const SLOTS: usize = 1 << 11;
/// Of values that begin alike, so many are remembered.
const OF_ONE_SLOT: usize = 2;
/// Shorter values are read as fast as they are found, larger ones do not repeat, in bytes.
const SHORTEST: usize = 64;
const LARGEST: usize = 4 << 10;

/// Texts of whole JSON objects that were read before. What begins with one has the same object there, since an object ends where
/// its bracket is closed, whatever follows.
///
/// A text is told by its length and a keyed hash, whose key nobody outside of this process knows.
#[derive(Debug, Default)]
pub(crate) struct KnownObjects {
    hashes: KeyedHashes,
    slots: Vec<[Known; OF_ONE_SLOT]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    length: usize,
    hash: u64,
    number: Option<NonZeroU64>,
}

/// The last number that an object was given by any reader.
static LAST: AtomicU64 = AtomicU64::new(0);

impl KnownObjects {
    /// The length of the object that a text begins with, if it is known, and a number that no other text has. The bytes between two
    /// places tell objects apart best.
    pub(super) fn find(
        &self,
        text: &[u8],
        between: (usize, usize),
    ) -> Option<(usize, Option<NonZeroU64>)> {
        let slot = self.slots.get(slot(text, between)?)?;
        let known = slot.iter().find(|known| {
            let object = text.get(..known.length).filter(|object| !object.is_empty());
            object.is_some_and(|object| self.hash(object) == known.hash)
        })?;
        Some((known.length, known.number))
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
        let hash = self.hash(object.as_bytes());
        if let Some(known) = self.slots.get_mut(slot) {
            known.rotate_right(1);
            let [first, ..] = known;
            *first = Known {
                length: object.len(),
                hash,
                number: NonZeroU64::new(LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1)),
            };
        }
    }

    fn hash(&self, object: &[u8]) -> u64 {
        let mut hasher = self.hashes.build_hasher();
        hasher.write(object);
        hasher.finish()
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
