//! What is called, where, and with which outcome: what records have in common, looked up once.

use std::collections::hash_map::Entry;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use leastgrant_catalog::{Catalog, EventMapping, MappingStatus, ReadMembers};
use rustc_hash::FxHashMap;

use crate::Record;
use crate::collector::cut;
use crate::interner::{EMPTY, Interner};
use crate::keyed_hashes::KeyedHashes;
use crate::outcome::{Outcome, error_code};
use crate::record::Shows;

/// Past this many the oldest are of no use. Few in tests, so that they are forgotten.
const MOST_KINDS: usize = if cfg!(test) { 2 } else { 20_000 };

/// A kind of call.
#[derive(Debug)]
pub(crate) struct CallKind {
    /// The numbers of its texts; that of the account is none's where the record does not tell it.
    pub(crate) source: u32,
    pub(crate) name: u32,
    pub(crate) region: u32,
    pub(crate) recipient: Option<u32>,
    pub(crate) outcome: Outcome,
    pub(crate) shows: Shows,
    /// What the call needs; none: the record is of no call.
    pub(crate) mapping: Option<EventMapping>,
    pub(crate) is_unmapped: bool,
    /// Whether what it needs is told by the request.
    pub(crate) reads_request: bool,
    /// What of the request's parameters is read, if that is known.
    pub(crate) read_members: Option<&'static ReadMembers>,
    /// Differs from that of all other kinds that were ever met.
    pub(crate) number: u32,
}

/// Kinds of calls by a hash of what makes them, whose key nobody outside of this process knows.
#[derive(Debug, Default)]
pub(crate) struct CallKinds {
    hashes: KeyedHashes,
    kinds: FxHashMap<u64, Arc<CallKind>>,
    mappings: FxHashMap<(u32, u32), EventMapping>,
    met: u32,
}

impl CallKinds {
    pub(crate) fn kind(&mut self, record: &Record<'_>, texts: &mut Interner) -> &Arc<CallKind> {
        let error_code = error_code(record);
        let members = [
            record.event_source.as_deref(),
            record.event_name.as_deref(),
            record.aws_region.as_deref(),
            record.recipient_account_id.as_deref(),
            error_code.as_deref(),
            record.event_type.as_deref(),
        ]
        .map(cut);
        let hash = self.hashes.hash_one((members, record.shows));
        if self.kinds.len() >= MOST_KINDS && !self.kinds.contains_key(&hash) {
            self.kinds.clear();
        }
        match self.kinds.entry(hash) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let number = self.met;
                self.met = self.met.saturating_add(1);
                let kind = new_kind(members, record.shows, number, &mut self.mappings, texts);
                place.insert(Arc::new(kind))
            }
        }
    }
}

fn new_kind(
    members: [&str; 6],
    shows: Shows,
    number: u32,
    mappings: &mut FxHashMap<(u32, u32), EventMapping>,
    texts: &mut Interner,
) -> CallKind {
    let [source, name, region, recipient, error, event_type] = members;
    let numbers = (texts.number(source), texts.number(name));
    let is_call = matches!(event_type, "" | "AwsApiCall");
    // Some of what consoles do is called like the call that they make, and some like none.
    let may_be_call = is_call || event_type == "AwsConsoleAction";
    let mapping = may_be_call.then(|| {
        let mapping = mappings.entry(numbers);
        mapping
            .or_insert_with(|| Catalog::get().event(source, name))
            .clone()
    });
    let is_told = |mapping: &EventMapping| is_call || mapping.status() == MappingStatus::Mapped;
    let mapping = mapping.filter(is_told);
    CallKind {
        source: numbers.0,
        name: numbers.1,
        region: texts.number(region),
        recipient: Some(texts.number(recipient)).filter(|number| *number != EMPTY),
        // The caller's account has received it, or another one.
        shows: match recipient {
            "" => Shows::UseOnly,
            _ => shows,
        },
        outcome: Outcome::of(Some(error)),
        is_unmapped: mapping
            .as_ref()
            .is_some_and(|mapping| mapping.status() == MappingStatus::Unmapped),
        reads_request: mapping.as_ref().is_some_and(EventMapping::reads_request),
        mapping,
        read_members: ReadMembers::of(source),
        number,
    }
}
