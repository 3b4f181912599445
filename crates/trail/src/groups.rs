//! The rows while they are counted: by everything but the resource, and then by resource.

use rustc_hash::FxHashMap;

use crate::interner::Interner;
use crate::outcome::Outcome;
use crate::smallest::Smallest;

/// More resources than these in one group become one row.
pub(crate) const MOST_RESOURCES: usize = 1000;

/// What a group's rows have in common; texts are numbers of an [`Interner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    pub(crate) account: u32,
    pub(crate) principal: u32,
    pub(crate) principal_type: &'static str,
    pub(crate) access_key: u32,
    pub(crate) source: u32,
    pub(crate) name: u32,
    pub(crate) action: u32,
    pub(crate) region: u32,
    pub(crate) outcome: Outcome,
}

impl GroupKey {
    pub(crate) fn renumbered(self, numbers: &[u32]) -> Self {
        let of = |number: u32| renumber(numbers, number);
        Self {
            account: of(self.account),
            principal: of(self.principal),
            access_key: of(self.access_key),
            source: of(self.source),
            name: of(self.name),
            action: of(self.action),
            region: of(self.region),
            ..self
        }
    }
}

pub(crate) fn renumber(numbers: &[u32], number: u32) -> u32 {
    usize::try_from(number)
        .ok()
        .and_then(|number| numbers.get(number))
        .copied()
        .unwrap_or(number)
}

/// What is counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) count: u64,
    /// In seconds since 1970.
    pub(crate) first_seen: i64,
    pub(crate) last_seen: i64,
    pub(crate) source_ips: Smallest,
    pub(crate) user_agents: Smallest,
    pub(crate) vpc_endpoints: Smallest,
    pub(crate) invoked_by: Smallest,
    /// Days since 1970, sorted.
    pub(crate) days: Vec<i64>,
}

impl Counts {
    pub(crate) fn see(&mut self, second: i64) {
        if self.count == 0 {
            (self.first_seen, self.last_seen) = (second, second);
        }
        self.count += 1;
        self.first_seen = self.first_seen.min(second);
        self.last_seen = self.last_seen.max(second);
        self.see_day(second.div_euclid(86_400));
    }

    fn see_day(&mut self, day: i64) {
        if self.days.last() == Some(&day) {
            return;
        }
        if let Err(place) = self.days.binary_search(&day) {
            self.days.insert(place, day);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if self.count == 0 {
            (self.first_seen, self.last_seen) = (other.first_seen, other.last_seen);
        }
        self.count += other.count;
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.source_ips.add_all(&other.source_ips);
        self.user_agents.add_all(&other.user_agents);
        self.vpc_endpoints.add_all(&other.vpc_endpoints);
        self.invoked_by.add_all(&other.invoked_by);
        for day in &other.days {
            self.see_day(*day);
        }
    }
}

/// A group's rows.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// By resource; empty once they are folded.
    pub(crate) rows: FxHashMap<u32, Counts>,
    pub(crate) folded: Option<Folded>,
}

/// The one row of a group with too many resources.
#[derive(Debug)]
pub(crate) struct Folded {
    /// What all resources begin with.
    pub(crate) prefix: String,
    pub(crate) counts: Counts,
}

impl Group {
    pub(crate) fn counts(&mut self, resource: u32, texts: &Interner) -> &mut Counts {
        if self.folded.is_none()
            && self.rows.len() >= MOST_RESOURCES
            && !self.rows.contains_key(&resource)
        {
            self.fold(texts);
        }
        match &mut self.folded {
            Some(folded) => {
                shorten(&mut folded.prefix, texts.text(resource));
                &mut folded.counts
            }
            None => self.rows.entry(resource).or_default(),
        }
    }

    pub(crate) fn fold(&mut self, texts: &Interner) {
        for (resource, counts) in self.rows.drain() {
            let text = texts.text(resource);
            match &mut self.folded {
                Some(folded) => {
                    shorten(&mut folded.prefix, text);
                    folded.counts.add(&counts);
                }
                None => {
                    self.folded = Some(Folded {
                        prefix: text.to_string(),
                        counts,
                    });
                }
            }
        }
    }
}

pub(crate) fn shorten(prefix: &mut String, text: &str) {
    let same = prefix
        .bytes()
        .zip(text.bytes())
        .take_while(|(own, other)| own == other)
        .count();
    prefix.truncate(prefix.floor_char_boundary(same));
}

/// The common prefix up to its last `/` or `:`, with `*`; none if that is shorter than the sixth field of an ARN.
pub(crate) fn folded_resource(prefix: &str) -> Option<String> {
    let end = prefix.rfind(['/', ':'])?;
    let whole = prefix.get(..=end)?;
    (whole.matches(':').count() >= 5).then(|| format!("{whole}*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_resources_become_one_row_in_any_order() {
        let names: Vec<String> = (0..1500)
            .map(|number| format!("arn:aws:s3:::logs/2026/{number}"))
            .collect();
        for order in [names.clone(), names.iter().rev().cloned().collect()] {
            let mut texts = Interner::default();
            let mut group = Group::default();
            for name in &order {
                let number = texts.number(name);
                group.counts(number, &texts).see(7);
            }
            let folded = group.folded.unwrap();
            assert_eq!(folded.counts.count, 1500);
            assert_eq!(
                folded_resource(&folded.prefix).unwrap(),
                "arn:aws:s3:::logs/2026/*"
            );
        }
    }

    #[test]
    fn a_prefix_without_a_resource_part_tells_nothing() {
        assert_eq!(
            folded_resource("arn:aws:s3:::a").as_deref(),
            Some("arn:aws:s3:::*")
        );
        assert_eq!(folded_resource("arn:aws:sqs:eu-west-1:1111"), None);
        assert_eq!(folded_resource(""), None);
    }
}
