//! Where calls went, so that the next one of the same caller, kind and request goes there without being read.
//!
//! What is told by a hash is told by a keyed one whose key differs from process to process, so that nobody can write logs in which
//! two calls are alike. When and on which days calls came is gathered here, and told to their rows only now and then: there are
//! more rows than a processor's caches hold.

use std::hash::{BuildHasher as _, Hash};

use crate::keyed_hashes::KeyedHashes;
use leastgrant_inventory::span_and_bit;

/// Of so many calls it is known, all threads together, each of which has tables of its own: 16 MB of them.
const SLOTS_OF_ALL: usize = 1 << 18;
/// So many are one thread's at least, however many threads there are.
const LEAST_SLOTS: usize = 1 << 14;
/// So many origins of each call are remembered.
const ORIGINS: usize = 3;
const SECONDS_OF_A_DAY: i64 = 86_400;

/// What decides where a call goes.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct Request<'a> {
    /// The numbers of the principal, its type, its access key and its account.
    pub(crate) caller: [u32; 4],
    /// The number of the kind of call.
    pub(crate) kind: u32,
    pub(crate) deciding: Deciding<'a>,
    /// Empty where nobody reads them.
    pub(crate) resources: &'a str,
}

/// What of the parameters decides where a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Deciding<'a> {
    /// All of them.
    Whole(&'a str),
    /// Some members, as a number.
    Parts(u64),
    /// Nothing: the resources that the record lists say all.
    Nothing,
}

/// What the lists of a row take in of a record: an address, an agent, an endpoint and a service.
pub(crate) type Origin<'a> = [&'a str; 4];

/// Each call at the place of its hash, over the one that was there.
#[derive(Debug, Default)]
pub(crate) struct KnownRows {
    hashes: KeyedHashes,
    slots: Vec<Slot>,
}

/// A request as one number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Call(u64);

/// One line of a processor's cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Slot {
    call: Call,
    /// Hashes of what the rows have taken in.
    origins: [u64; ORIGINS],
    times: Times,
}

/// When calls of a set of rows came, which the rows have not been told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// The number of the set of rows.
    pub(crate) rows: u32,
    /// In seconds since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// A span of days, and which of it; none: there were no calls.
    span: i32,
    pub(crate) days: u64,
}

impl Times {
    const NEVER: Self = Self {
        rows: 0,
        first: i64::MAX,
        last: i64::MIN,
        span: 0,
        days: 0,
    };

    /// The span of days.
    pub(crate) fn span(&self) -> i64 {
        i64::from(self.span)
    }

    /// What there is to be told.
    fn untold(self) -> Option<Self> {
        (self.days != 0).then_some(self)
    }
}

/// What became of a call that was seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Whether the rows may not have taken in its origin.
    pub(crate) is_new_origin: bool,
    /// What must be told to the rows now, since there is no room for it here.
    pub(crate) displaced: Option<Times>,
}

/// Of how many calls a thread knows; few in tests, so that one takes the place of another.
fn slots() -> usize {
    if cfg!(test) {
        return 4;
    }
    let own = SLOTS_OF_ALL / rayon::current_num_threads().max(1);
    own.next_power_of_two().max(LEAST_SLOTS)
}

impl KnownRows {
    /// What a request is known by.
    pub(crate) fn call(&self, request: &Request<'_>) -> Call {
        // Zero is the call of an empty slot.
        Call(self.hashes.hash_one(request).max(1))
    }

    fn slot(&mut self, call: Call) -> Option<&mut Slot> {
        if self.slots.is_empty() {
            let empty = Slot {
                call: Call(0),
                origins: [0; ORIGINS],
                times: Times::NEVER,
            };
            self.slots = vec![empty; slots()];
        }
        // Their number is a power of two.
        let place = usize::try_from(call.0 >> 32).unwrap_or_default();
        let place = place & self.slots.len().saturating_sub(1);
        self.slots.get_mut(place)
    }

    /// The set of rows of a call.
    pub(crate) fn rows(&mut self, call: Call) -> Option<u32> {
        let slot = self.slot(call)?;
        (slot.call == call).then_some(slot.times.rows)
    }

    /// Remembers the set of rows of a call, over another call's, of which it gives back what is untold.
    pub(crate) fn put(&mut self, call: Call, rows: u32) -> Option<Times> {
        let slot = self.slot(call)?;
        let before = std::mem::replace(
            slot,
            Slot {
                call,
                origins: [0; ORIGINS],
                times: Times {
                    rows,
                    ..Times::NEVER
                },
            },
        );
        before.times.untold()
    }

    /// Takes in a call with its set of rows. One that is not known here is given back at once.
    pub(crate) fn see(&mut self, call: Call, rows: u32, second: i64, origin: &Origin<'_>) -> Seen {
        let origin = self.hashes.hash_one(origin).max(1);
        let (span, bit) = span_and_bit(second.div_euclid(SECONDS_OF_A_DAY));
        // Times reach from year -9999 to 9999.
        let span = i32::try_from(span).unwrap_or_default();
        let Some(slot) = self.slot(call).filter(|slot| slot.call == call) else {
            return Seen {
                is_new_origin: true,
                displaced: Some(Times {
                    rows,
                    first: second,
                    last: second,
                    span,
                    days: bit,
                }),
            };
        };
        let is_new_origin = !slot.origins.contains(&origin);
        if is_new_origin {
            slot.origins.rotate_right(1);
            let [first, ..] = &mut slot.origins;
            *first = origin;
        }
        let times = &mut slot.times;
        let mut displaced = None;
        if times.span != span {
            let now = Times {
                rows,
                span,
                ..Times::NEVER
            };
            displaced = std::mem::replace(times, now).untold();
        }
        times.days |= bit;
        times.first = times.first.min(second);
        times.last = times.last.max(second);
        Seen {
            is_new_origin,
            displaced,
        }
    }

    /// All that is untold, in the order of the rows, which is that of their places in memory. Nothing is known afterwards.
    pub(crate) fn take_untold(&mut self) -> Vec<Times> {
        let slots = std::mem::take(&mut self.slots);
        let untold = slots.into_iter().filter_map(|slot| slot.times.untold());
        let mut untold: Vec<Times> = untold.collect();
        untold.sort_unstable_by_key(|times| times.rows);
        untold
    }
}
