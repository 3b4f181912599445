//! The context keys that conditions ask for: which values can be told apart, and which conditions each value meets.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::automaton::{Track, classes};
use super::bits::Bits;
use super::tracks::Variables;
use super::values::{addresses, dates, numbers, texts, value_track};
use super::work::{Exhausted, Work};
use crate::condition::{Comparison, Context, Family, SetQualifier};
use crate::{ConditionEntry, ConditionValue, Operator, Truth};

/// Whether a request may hold several values of a key, given in lower case; `None` if nobody knows.
pub(super) type Multivalued<'a> = &'a dyn Fn(&str) -> Option<bool>;

/// Which keys may have several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// Those that are known to be multivalued, and those that a statement reads so.
    Known,
    /// Those too of which nobody knows.
    Possible,
}

/// The multivalued ones among the keys that every service has (IAM User Guide, "AWS global condition context keys").
const MULTIVALUED: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:sourcevpceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
];

/// What AWS documents of the keys that every service has; of services' own keys nothing is known here.
pub(super) fn is_multivalued(lower_key: &str) -> Option<bool> {
    lower_key
        .starts_with("aws:")
        .then(|| MULTIVALUED.contains(&lower_key))
}

/// A condition entry by its number; equal entries have one.
pub(super) type EntryId = usize;

/// All entries of a comparison, and the keys that they ask for.
pub(super) struct Keys<'a> {
    pub domains: Vec<Domain>,
    pub entries: Vec<KnownEntry<'a>>,
}

/// One entry and what it says of each value.
pub(super) struct KnownEntry<'a> {
    pub entry: &'a ConditionEntry,
    pub domain: usize,
    if_absent: bool,
    if_single: Bits,
    if_list: ListTest,
    /// Other entries that hold wherever this one does, of those whose values are not told apart.
    pub implies: Vec<EntryId>,
}

/// How an entry reads a multivalued key.
#[derive(Debug, Clone)]
enum ListTest {
    Always(bool),
    All(Bits),
    Any(Bits),
}

/// A key's values, as far as conditions can tell them apart.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub lower_key: Box<str>,
    /// The key as a policy writes it.
    pub key: Box<str>,
    /// One text for each class of values; empty if values cannot be told apart and conditions are taken as they come.
    pub texts: Vec<String>,
    size: usize,
    /// `None`: nobody knows.
    may_be_list: Option<bool>,
}

/// What a key may still be.
#[derive(Debug, Clone)]
pub(super) struct KeyState {
    pub may_be_absent: bool,
    pub single: Bits,
    pub list: Option<ListState>,
}

/// What a multivalued key's values may still be.
#[derive(Debug, Clone)]
pub(super) struct ListState {
    pub allowed: Bits,
    pub needed: Vec<Bits>,
}

/// Values that are fixed beforehand, by key in lower case.
pub(super) type Pinned = HashMap<Box<str>, String>;

impl<'a> Keys<'a> {
    /// Tells the values of all keys apart. Also says which number each entry of `all` got, in their order.
    pub(super) fn new(
        all: impl Iterator<Item = &'a ConditionEntry>,
        pinned: &Pinned,
        multivalued: Multivalued<'_>,
        work: &mut Work,
    ) -> Result<(Self, Vec<EntryId>), Exhausted> {
        let mut distinct: Vec<&ConditionEntry> = Vec::new();
        let mut known: HashMap<(Operator, &str, Vec<&ConditionValue>), EntryId> = HashMap::new();
        let mut ids = Vec::new();
        for entry in all {
            let values = entry.values.iter().map(|value| &value.value).collect();
            let id = *known
                .entry((entry.operator, &entry.lower_key, values))
                .or_insert_with(|| {
                    distinct.push(entry);
                    distinct.len() - 1
                });
            ids.push(id);
        }
        // Entries of one key and family share a domain; those of two families are taken as if of two keys.
        let mut groups: BTreeMap<Group<'a>, Vec<EntryId>> = BTreeMap::new();
        for (id, entry) in distinct.iter().enumerate() {
            groups.entry(Group::of(entry, id)).or_default().push(id);
        }
        let groups = merge_existence(groups);
        // What one statement reads as a set may be one for all others too, whatever they compare it with.
        let read_as_sets: HashSet<&str> = distinct
            .iter()
            .filter(|entry| entry.operator.set.is_some())
            .map(|entry| &*entry.lower_key)
            .collect();
        let mut domains = Vec::with_capacity(groups.len());
        let mut entries: Vec<Option<KnownEntry<'a>>> = distinct.iter().map(|_| None).collect();
        for (group, members) in groups {
            let of_group: Vec<&ConditionEntry> = members
                .iter()
                .filter_map(|id| distinct.get(*id).copied())
                .collect();
            let is_multivalued = if read_as_sets.contains(group.lower_key) {
                Some(true)
            } else {
                multivalued(group.lower_key)
            };
            let domain = Domain::new(group, &of_group, is_multivalued, pinned, work)?;
            for (id, entry) in members.iter().zip(&of_group) {
                work.spend(4 * (domain.size + 1) * (entry.values.len() + 1))?;
                if let Some(place) = entries.get_mut(*id) {
                    *place = Some(KnownEntry::new(entry, domains.len(), &domain));
                }
            }
            domains.push(domain);
        }
        let mut keys = Self {
            domains,
            entries: entries.into_iter().flatten().collect(),
        };
        keys.find_implications(work)?;
        Ok((keys, ids))
    }

    /// How much one state of all keys holds.
    pub(super) fn size(&self) -> usize {
        let words = |domain: &Domain| 8 + domain.size.div_ceil(64);
        self.domains.iter().map(words).sum()
    }

    /// What each key may be before any condition. `always_there` are keys, in lower case, that the request cannot lack.
    pub(super) fn start(
        &self,
        always_there: &[&str],
        pinned: &Pinned,
        lists: Lists,
    ) -> Vec<KeyState> {
        self.domains
            .iter()
            .map(|domain| {
                let is_pinned = pinned.contains_key(&domain.lower_key);
                let may_be_list = domain.may_be_list.unwrap_or(lists == Lists::Possible);
                KeyState {
                    may_be_absent: !is_pinned && !always_there.contains(&&*domain.lower_key),
                    single: Bits::all(domain.size),
                    list: (may_be_list && !is_pinned).then(|| ListState {
                        allowed: Bits::all(domain.size),
                        needed: Vec::new(),
                    }),
                }
            })
            .collect()
    }

    /// Whether there are keys of which nobody knows if they are multivalued.
    pub(super) fn has_unknown_lists(&self) -> bool {
        let mut domains = self.domains.iter();
        domains.any(|domain| domain.may_be_list.is_none())
    }

    /// Entries with variables are taken as they come; but where one's values lie in another's, the one implies the other.
    fn find_implications(&mut self, work: &mut Work) -> Result<(), Exhausted> {
        let mut by_key: HashMap<&str, Vec<EntryId>> = HashMap::new();
        for (id, entry) in self.entries.iter().enumerate() {
            by_key.entry(&entry.entry.lower_key).or_default().push(id);
        }
        let mut implications = Vec::new();
        for (id, entry) in self.entries.iter().enumerate() {
            if !entry.entry.has_variables() {
                continue;
            }
            let others = by_key.get(&*entry.entry.lower_key).into_iter().flatten();
            for other_id in others {
                work.spend(4)?;
                let other = self.entries.get(*other_id);
                if let Some(other) = other.filter(|_| *other_id != id)
                    && implies(entry.entry, other.entry, work)?
                {
                    implications.push((id, *other_id));
                }
            }
        }
        for (id, implied) in implications {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.implies.push(implied);
            }
        }
        Ok(())
    }
}

/// Whether the second entry holds wherever the first does, by their values alone: the operators are alike, the key is the
/// same, and every value of the first lies in one of the second. A variable stands for itself.
fn implies(
    entry: &ConditionEntry,
    other: &ConditionEntry,
    work: &mut Work,
) -> Result<bool, Exhausted> {
    let is_alike = entry.lower_key == other.lower_key
        && entry.operator.set == other.operator.set
        && entry.operator.if_exists == other.operator.if_exists
        && entry.operator.comparison.family() == other.operator.comparison.family()
        && !entry.operator.comparison.is_negated()
        && !other.operator.comparison.is_negated();
    if !is_alike {
        return Ok(false);
    }
    let mut variables = Variables::default();
    let wider: Vec<Track> = other
        .values
        .iter()
        .filter_map(|value| value_track(value, &mut variables))
        .collect();
    for value in &entry.values {
        let Some(track) = value_track(value, &mut variables) else {
            return Ok(false);
        };
        let others: Vec<&Track> = wider.iter().collect();
        let found = classes(&[&track], &others, work)?;
        if found.iter().any(|class| class.matched.is_empty()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Which entries' values are told apart together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    lower_key: &'a str,
    family: Option<Family>,
    /// An entry with variables is alone.
    opaque: Option<EntryId>,
}

impl<'a> Group<'a> {
    fn of(entry: &'a ConditionEntry, id: EntryId) -> Self {
        Self {
            lower_key: &entry.lower_key,
            family: match entry.operator.comparison.family() {
                Family::Text | Family::Arn => Some(Family::Text),
                Family::Existence => None,
                family => Some(family),
            },
            opaque: entry.has_variables().then_some(id),
        }
    }
}

/// Null asks for no value, so it joins other entries of its key where there are some.
fn merge_existence(
    mut groups: BTreeMap<Group<'_>, Vec<EntryId>>,
) -> BTreeMap<Group<'_>, Vec<EntryId>> {
    let existence: Vec<Group<'_>> = groups
        .keys()
        .filter(|group| group.family.is_none())
        .cloned()
        .collect();
    for group in existence {
        let of_key = groups.range(group.clone()..);
        let joined = of_key
            .take_while(|(other, _)| other.lower_key == group.lower_key)
            .map(|(other, _)| other)
            .find(|other| other.family.is_some() && other.opaque.is_none())
            .cloned();
        if let Some(joined) = joined {
            let members = groups.remove(&group).unwrap_or_default();
            groups.entry(joined).or_default().extend(members);
        }
    }
    groups
}

impl Domain {
    fn new(
        group: Group<'_>,
        entries: &[&ConditionEntry],
        is_multivalued: Option<bool>,
        pinned: &Pinned,
        work: &mut Work,
    ) -> Result<Self, Exhausted> {
        let texts = match (pinned.get(group.lower_key), group.opaque, group.family) {
            (Some(value), None, _) => vec![value.clone()],
            (_, Some(_), _) => Vec::new(),
            (_, _, Some(Family::Number)) => numbers(entries),
            (_, _, Some(Family::Date)) => dates(entries),
            (_, _, Some(Family::Address)) => addresses(entries),
            (_, _, None) => vec!["x".to_owned()],
            (_, _, Some(_)) => texts(entries, work)?,
        };
        Ok(Self {
            lower_key: group.lower_key.into(),
            key: entries
                .first()
                .map_or_else(|| group.lower_key.into(), |entry| entry.key.value.clone()),
            // Two classes of which nothing is known but whether the one entry holds.
            size: if group.opaque.is_some() {
                2
            } else {
                texts.len()
            },
            // An entry that is taken as it comes may hold or not, whatever the key's values are.
            may_be_list: if group.opaque.is_some() {
                Some(false)
            } else {
                is_multivalued
            },
            texts,
        })
    }
}

impl<'a> KnownEntry<'a> {
    fn new(entry: &'a ConditionEntry, domain_index: usize, domain: &Domain) -> Self {
        let operator = entry.operator;
        let nothing = Context::default();
        let mut met = Bits::none(domain.size);
        let is_opaque = domain.texts.is_empty();
        if is_opaque {
            met.insert(0);
        }
        for (index, text) in domain.texts.iter().enumerate() {
            if entry.is_met_by(text, &nothing) == Truth::Yes {
                met.insert(index);
            }
        }
        let (if_absent, if_list) = if operator.comparison == Comparison::Null {
            let if_there = entry.evaluate(&there(entry)) == Truth::Yes;
            met = if if_there {
                Bits::all(domain.size)
            } else {
                Bits::none(domain.size)
            };
            let if_absent = entry.evaluate(&nothing) == Truth::Yes;
            (if_absent, ListTest::Always(if_there))
        } else {
            let if_list = match operator.set {
                None => ListTest::Always(false),
                Some(SetQualifier::ForAllValues) => ListTest::All(met.clone()),
                Some(SetQualifier::ForAnyValue) => ListTest::Any(met.clone()),
            };
            (operator.is_met_without_key(), if_list)
        };
        Self {
            entry,
            domain: domain_index,
            if_absent,
            if_single: met,
            if_list,
            implies: Vec::new(),
        }
    }

    /// Leaves of a key's state what makes the entry hold, or not hold.
    pub(super) fn narrow(&self, state: &mut KeyState, wanted: bool) {
        state.may_be_absent &= self.if_absent == wanted;
        if wanted {
            state.single.intersect(&self.if_single);
        } else {
            state.single.subtract(&self.if_single);
        }
        let Some(list) = &mut state.list else {
            return;
        };
        let is_possible = match &self.if_list {
            ListTest::Always(holds) => *holds == wanted,
            ListTest::All(met) if wanted => {
                list.allowed.intersect(met);
                true
            }
            ListTest::All(met) => {
                let mut missed = list.allowed.clone();
                missed.subtract(met);
                list.needed.push(missed);
                true
            }
            ListTest::Any(met) if wanted => {
                list.needed.push(met.clone());
                true
            }
            ListTest::Any(met) => {
                list.allowed.subtract(met);
                true
            }
        };
        let is_possible = is_possible
            && !list.allowed.is_empty()
            && list.needed.iter().all(|needed| needed.meets(&list.allowed));
        if !is_possible {
            state.list = None;
        }
    }
}

impl KeyState {
    /// How much it holds, in words.
    pub(super) fn size(&self) -> usize {
        let needed = self.list.as_ref().map_or(0, |list| list.needed.len() + 1);
        (1 + needed) * self.single.words()
    }

    pub(super) fn is_possible(&self) -> bool {
        self.may_be_absent || !self.single.is_empty() || self.list.is_some()
    }
}

fn there(entry: &ConditionEntry) -> Context {
    let mut context = Context::default();
    context.insert_if_missing(&entry.lower_key, "x");
    context
}
