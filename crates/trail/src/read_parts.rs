//! What of request parameters decides what a call needed: without ids of runs, tokens and times, the requests of most calls repeat.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use leastgrant_catalog::{MemberUse, ReadMembers};
use rustc_hash::FxHashMap;

use crate::keyed_hashes::KeyedHashes;
use crate::known_rows::Deciding;
use crate::read::for_each_member;

/// Names of members that are looked up before all are forgotten; few in tests.
const MOST_NAMES: usize = if cfg!(test) { 2 } else { 20_000 };

/// Tells requests apart by what the mapping reads of them.
#[derive(Debug, Default)]
pub(crate) struct ReadParts {
    hashes: KeyedHashes,
    /// By a hash of the event source's host and the member's name.
    uses: FxHashMap<u64, MemberUse>,
}

impl ReadParts {
    /// What of parameters decides, as far as it is known without reading them as the mapping does.
    pub(crate) fn deciding<'a>(
        &mut self,
        read: Option<&'static ReadMembers>,
        parameters: &'a str,
    ) -> Deciding<'a> {
        let parts = read.and_then(|read| self.of(read, parameters));
        parts.map_or(Deciding::Whole(parameters), Deciding::Parts)
    }

    /// A number that two requests share only if the mapping reads the same of both. None: all of the text counts.
    fn of(&mut self, read: &'static ReadMembers, parameters: &str) -> Option<u64> {
        // Texts with escapes can say anything.
        if memchr::memchr(b'\\', parameters.as_bytes()).is_some() {
            return None;
        }
        let mut hasher = self.hashes.build_hasher();
        let mut is_narrowed = false;
        let mut is_whole = false;
        for_each_member(parameters, |name, value| {
            let member_use = self.use_of(read, name);
            is_whole |= member_use == MemberUse::Wraps;
            match member_use.reads(value) {
                true => (name, value).hash(&mut hasher),
                false => is_narrowed = true,
            }
        })?;
        // Zero says that all of the text counts.
        (is_narrowed && !is_whole).then(|| hasher.finish().max(1))
    }

    fn use_of(&mut self, read: &'static ReadMembers, name: &str) -> MemberUse {
        let key = self.hashes.hash_one((read.host, name));
        if let Some(known) = self.uses.get(&key) {
            return *known;
        }
        if self.uses.len() >= MOST_NAMES {
            self.uses.clear();
        }
        let member_use = read.use_of(name);
        self.uses.insert(key, member_use);
        member_use
    }
}
