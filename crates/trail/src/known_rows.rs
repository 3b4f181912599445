//! Where calls went, so that the next one of the same caller, kind and request goes there without being read.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;

/// Of so many calls it is known; few in tests, so that one takes the place of another.
const SLOTS: usize = if cfg!(test) { 4 } else { 1 << 14 };
/// Larger requests are not remembered, in bytes.
const LARGEST_REQUEST: usize = 2 << 10;

/// What decides where a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Default)]
pub(crate) struct KnownRows {
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    caller: (u32, u32, u32),
    principal_type: &'static str,
    kind: u32,
    parameters: String,
    resources: String,
    rows: Option<u32>,
    /// What the rows have taken in last.
    day: i64,
    origin: [String; 4],
}

impl KnownRows {
    /// The slot of a request; none: it is not remembered.
    pub(crate) fn slot(&mut self, request: &Request<'_>) -> Option<&mut Slot> {
        if request.parameters.len() + request.resources.len() > LARGEST_REQUEST {
            return None;
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); SLOTS];
        }
        let mut hasher = FxHasher::default();
        request.hash(&mut hasher);
        let hash = usize::try_from(hasher.finish() >> 32).unwrap_or_default();
        self.slots.get_mut(hash % SLOTS)
    }
}

impl Slot {
    /// The set of rows of a request, if it is the one that is known here.
    pub(crate) fn rows(&self, request: &Request<'_>) -> Option<u32> {
        let own = Request {
            caller: self.caller,
            principal_type: self.principal_type,
            kind: self.kind,
            parameters: &self.parameters,
            resources: &self.resources,
        };
        self.rows.filter(|_| own == *request)
    }

    /// Takes the place of what is known here.
    pub(crate) fn put(&mut self, request: &Request<'_>, rows: u32) {
        self.caller = request.caller;
        self.principal_type = request.principal_type;
        self.kind = request.kind;
        for (own, text) in [
            (&mut self.parameters, request.parameters),
            (&mut self.resources, request.resources),
        ] {
            own.clear();
            own.push_str(text);
        }
        self.rows = Some(rows);
        self.day = i64::MIN;
    }

    /// What of this the rows have not taken in just before: whether the day, and which parts of the origin. From now on they have.
    pub(crate) fn news(&mut self, day: i64, origin: Origin<'_>) -> News {
        let is_first = self.day == i64::MIN;
        let is_new_day = self.day != day;
        self.day = day;
        let mut parts = [false; 4];
        for ((own, text), is_new) in self.origin.iter_mut().zip(origin).zip(&mut parts) {
            *is_new = is_first || own != text;
            if *is_new {
                own.clear();
                own.push_str(text);
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
