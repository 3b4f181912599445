//! What exists of one kind, sorted by ARN, so that a pattern's matches need not be looked for in all of it.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;
use std::sync::OnceLock;

use leastgrant_policy::resource::ARN_FIELDS;
use leastgrant_policy::{Effect, Piece, Resource, ResourcePattern, Statement};

use super::sets::{SetId, Sets};
use crate::Access;

/// One thing.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub number: u32,
    pub resource: Resource,
    /// The account that owns it, if that can be told.
    pub owner: Option<Box<str>>,
}

impl Item {
    pub(super) fn new(access: &Access, number: u32, arn: &str) -> Self {
        let resource = Resource::parse(arn);
        let owner = access.owner_of(&resource).or(resource.account_id());
        Self {
            number,
            owner: owner.map(Box::from),
            resource,
        }
    }
}

/// Things with their numbers.
#[derive(Debug)]
pub(super) struct Universe {
    /// Sorted by ARN.
    items: Vec<Item>,
    /// Runs of items whose first five fields are the same, with these fields.
    blocks: Vec<([String; ARN_FIELDS - 1], Range<usize>)>,
    pub all: SetId,
    alike: OnceLock<Alike>,
}

/// Which items the same can be told of.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// For each item which of the sorts it is of.
    sorts: Vec<u32>,
    pub count: usize,
}

impl Alike {
    pub(super) fn sort_of(&self, place: usize) -> Option<usize> {
        usize::try_from(*self.sorts.get(place)?).ok()
    }
}

impl Universe {
    pub(super) fn new(mut items: Vec<Item>, sets: &Sets) -> Self {
        items.sort_by(|one, other| one.resource.as_str().cmp(other.resource.as_str()));
        let mut blocks: Vec<([String; ARN_FIELDS - 1], Range<usize>)> = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let Some([first, second, third, fourth, fifth, _]) = item.resource.fields() else {
                continue;
            };
            let fields = [first, second, third, fourth, fifth];
            match blocks.last_mut() {
                Some((known, range)) if *known == fields => range.end = place + 1,
                _ => blocks.push((fields.map(str::to_owned), place..place + 1)),
            }
        }
        Self {
            all: sets.of(items.iter().map(|item| item.number).collect()),
            items,
            blocks,
            alike: OnceLock::new(),
        }
    }

    /// Which items the same can be told of; `told` is asked for each once.
    pub(super) fn alike<T: Eq + Hash>(&self, told: impl Fn(&Item) -> T) -> &Alike {
        self.alike.get_or_init(|| {
            let mut known: HashMap<T, u32> = HashMap::new();
            let sorts = self.items.iter().map(|item| {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                *known.entry(told(item)).or_insert(next)
            });
            Alike {
                sorts: sorts.collect(),
                count: known.len(),
            }
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// The places of all that these statements may allow, and perhaps more, each once and in order.
    pub(super) fn candidates<'s>(
        &self,
        statements: impl Iterator<Item = &'s Statement>,
    ) -> impl Iterator<Item = usize> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for statement in statements.filter(|own| own.effect == Effect::Allow) {
            match &statement.resource {
                Some(element) if !element.is_negated => {
                    ranges.extend(element.entries.iter().flat_map(|entry| self.ranges(entry)));
                }
                _ => ranges.push(0..self.items.len()),
            }
        }
        ranges.sort_by_key(|range| range.start);
        let mut from = 0;
        ranges.into_iter().flat_map(move |range| {
            let rest = range.start.max(from)..range.end;
            from = from.max(range.end);
            rest
        })
    }

    /// Where the matches of a pattern lie.
    fn ranges(&self, pattern: &ResourcePattern) -> Vec<Range<usize>> {
        let fields = pattern.fields();
        let Some(last) = fields.get(ARN_FIELDS - 1) else {
            return std::iter::once(0..self.items.len()).collect();
        };
        let lead = match last.pieces().first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        };
        let blocks = self.blocks.iter().filter(|(own, _)| {
            let mut pairs = fields.iter().zip(own);
            pairs.all(|(field, text)| field.matches(text))
        });
        blocks
            .filter_map(|(own, range)| {
                let from = format!("{}:{lead}", own.join(":"));
                let items = self.items.get(range.clone())?;
                let start = items.partition_point(|item| item.resource.as_str() < &*from);
                let length = items
                    .get(start..)?
                    .partition_point(|item| item.resource.as_str().starts_with(&from));
                let start = range.start + start;
                Some(start..start + length)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leastgrant_policy::{Policy, ShortArn, Version};

    #[test]
    fn every_match_of_a_pattern_is_a_candidate() {
        let names = [
            "arn:aws:iam::1:role/a",
            "arn:aws:iam::1:role/a/b",
            "arn:aws:iam::1:role/ab",
            "arn:aws:iam::1:role/b",
            "arn:aws:iam::1:role/z",
            "arn:aws:iam::22:role/a",
            "arn:aws-cn:iam::1:role/a",
        ];
        let sets = Sets::default();
        let item = |(number, name): (u32, &str)| Item {
            number,
            resource: Resource::parse(name),
            owner: None,
        };
        let items = (0..).zip(names).map(item).collect();
        let universe = Universe::new(items, &sets);
        let patterns = [
            "*",
            "arn:aws:iam::1:role/a",
            "arn:aws:iam::1:role/a*",
            "arn:aws:iam::*:role/a",
            "arn:*:iam::1:role/?",
            "arn:aws:iam::1:*",
            "arn:aws:iam",
            "arn:aws:iam::1:role/${aws:username}",
            "arn:aws:iam::1:role/*b",
            "arn:aws:s3:::*",
        ];
        for text in patterns {
            let policy = Policy::parse(&format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":["{text}","arn:aws:iam::1:role/z"]}}]}}"#
            ))
            .unwrap();
            let pattern = ResourcePattern::parse(text, Version::V2012);
            let found: Vec<u32> = universe
                .candidates(policy.statements.iter())
                .map(|place| universe.items()[place].number)
                .collect();
            let mut once = found.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), found.len(), "{text}");
            for Item {
                number, resource, ..
            } in universe.items()
            {
                let matches =
                    pattern.matches(resource, ShortArn::Anything, |_| Some("a")) == Some(true);
                assert!(!matches || found.contains(number), "{text} {resource}");
            }
        }
        let policy =
            Policy::parse(r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::1:role/ab"}]}"#)
                .unwrap();
        assert_eq!(universe.candidates(policy.statements.iter()).count(), 1);
    }
}
