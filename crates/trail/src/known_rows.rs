//! Where calls went, so that the next one of the same caller, kind and request goes there without being read.
//!
//! Texts are told by hashes whose seed differs from process to process, so that nobody can write logs in which two are alike.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use xxhash_rust::xxh64::xxh64;

/// Of so many calls it is known; few in tests, so that one takes the place of another.
const SLOTS: usize = if cfg!(test) { 4 } else { 1 << 14 };
/// So many values of each part of the origin are remembered.
const OF_ONE_PART: usize = 4;

/// What decides where a call goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// The numbers of the principal, its access key and its account.
    pub(crate) caller: (u32, u32, u32),
    pub(crate) principal_type: &'static str,
    /// The number of the kind of call.
    pub(crate) kind: u32,
    /// Both empty where nobody reads them.
    pub(crate) parameters: &'a str,
    pub(crate) resources: &'a str,
}

/// What the lists of a row take in of a record.
pub(crate) type Origin<'a> = [&'a str; 4];

/// Each call at the place of its hash, over the one that was there.
#[derive(Debug)]
pub(crate) struct KnownRows {
    seed: u64,
    slots: Vec<Slot>,
}

impl Default for KnownRows {
    fn default() -> Self {
        Self {
            seed: RandomState::new().build_hasher().finish(),
            slots: Vec::new(),
        }
    }
}

/// A request's texts as one number, and the rest as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Call {
    caller: (u32, u32, u32),
    principal_type: &'static str,
    kind: u32,
    request: u64,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    call: Call,
    rows: Option<u32>,
    /// What the rows have taken in last.
    day: Option<i64>,
    origin: [[u64; OF_ONE_PART]; 4],
}

impl KnownRows {
    /// What a request is known by.
    pub(crate) fn call(&self, request: &Request<'_>) -> Call {
        // Both texts are whole JSON values or none, so that no two pairs are alike behind one another; most calls list nothing.
        let parameters = xxh64(request.parameters.as_bytes(), self.seed);
        Call {
            caller: request.caller,
            principal_type: request.principal_type,
            kind: request.kind,
            request: match request.resources {
                "" => parameters,
                resources => xxh64(resources.as_bytes(), parameters),
            },
        }
    }

    fn slot(&mut self, call: &Call) -> Option<&mut Slot> {
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); SLOTS];
        }
        let (principal, access_key, account) = call.caller;
        let numbers = [principal, access_key, account, call.kind];
        let mixed = numbers.iter().fold(call.request, |mixed, number| {
            (mixed ^ u64::from(*number))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(29)
        });
        let place = usize::try_from(mixed >> 32).unwrap_or_default() % SLOTS;
        self.slots.get_mut(place)
    }

    /// The set of rows of a call.
    pub(crate) fn rows(&mut self, call: &Call) -> Option<u32> {
        let slot = self.slot(call)?;
        slot.rows.filter(|_| slot.call == *call)
    }

    /// Remembers the set of rows of a call, over another call's.
    pub(crate) fn put(&mut self, call: &Call, rows: u32) {
        if let Some(slot) = self.slot(call) {
            *slot = Slot {
                call: *call,
                rows: Some(rows),
                ..Slot::default()
            };
        }
    }

    /// What the rows of a call have not taken in just before. From now on they have.
    pub(crate) fn news(&mut self, call: &Call, day: i64, origin: Origin<'_>) -> News {
        let seed = self.seed;
        let Some(slot) = self.slot(call).filter(|slot| slot.call == *call) else {
            return News::ALL;
        };
        let is_new_day = slot.day != Some(day);
        slot.day = Some(day);
        let mut parts = [false; 4];
        for ((known, text), is_new) in slot.origin.iter_mut().zip(origin).zip(&mut parts) {
            // An empty text is never news. Zero says that nothing is known.
            let hash = match text {
                "" => continue,
                text => xxh64(text.as_bytes(), seed).max(1),
            };
            *is_new = !known.contains(&hash);
            if *is_new {
                known.rotate_right(1);
                let [first, ..] = known;
                *first = hash;
            }
        }
        News { is_new_day, parts }
    }
}

/// What rows may not have taken in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct News {
    pub(crate) is_new_day: bool,
    /// Of the origin.
    pub(crate) parts: [bool; 4],
}

impl News {
    /// Nothing is known of what the rows have taken in.
    pub(crate) const ALL: Self = Self {
        is_new_day: true,
        parts: [true; 4],
    };
}
