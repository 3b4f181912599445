//! Weighing marks: which holder they tell, how surely, and whether there are several.

use std::collections::BTreeSet;

use super::mark::{Mark, MarkSource, Weight};
use super::{ALL, HolderKind};
use crate::Confidence;

/// A holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holder {
    pub kind: HolderKind,
    /// Which one of that kind, where it is told.
    pub name: Option<&'static str>,
}

/// Who holds a key, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// None: nothing tells.
    pub holder: Option<Holder>,
    /// Others that the logs show beside it: the key is shared.
    pub others: Vec<Holder>,
    pub confidence: Confidence,
    /// Sorted; those against a holder for which nothing speaks are left out.
    pub marks: Vec<Mark>,
}

impl Holder {
    /// With its article, as sentences have it: `a CI system, GitHub Actions`.
    pub(crate) fn words(self) -> String {
        let words = self.kind.holder_type().words;
        match self.name {
            Some(name) => format!("{words} ({name})"),
            None => words.to_owned(),
        }
    }
}

impl Verdict {
    /// Whether the logs show more than one holder.
    pub(crate) fn is_shared(&self) -> bool {
        !self.others.is_empty()
    }
}

/// What speaks for a kind and what against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    kind: HolderKind,
    points_for: u32,
    points_against: u32,
    /// How many sources speak for it.
    sources: usize,
    /// Whether the logs say something of weight for it.
    is_of_logs: bool,
}

impl Sum {
    fn of(kind: HolderKind, marks: &[Mark]) -> Self {
        let mut sum = Self {
            kind,
            points_for: 0,
            points_against: 0,
            sources: 0,
            is_of_logs: false,
        };
        for source in MarkSource::ALL {
            let most = |is_for| {
                let own = marks.iter().filter(|mark| {
                    mark.kind == kind && mark.source == source && mark.is_for == is_for
                });
                own.map(|mark| mark.weight).max()
            };
            if let Some(weight) = most(true) {
                sum.points_for += weight.points();
                sum.sources += 1;
                sum.is_of_logs |= source.is_of_logs() && weight >= Weight::Medium;
            }
            sum.points_against += most(false).map_or(0, Weight::points);
        }
        sum
    }

    fn points(&self) -> u32 {
        self.points_for.saturating_sub(self.points_against)
    }
}

/// Weighs the marks, in whatever order they are.
pub(crate) fn weigh(mut marks: Vec<Mark>) -> Verdict {
    marks.sort_unstable();
    marks.dedup();
    let sums: Vec<Sum> = ALL
        .iter()
        .map(|holder| Sum::of(holder.kind, &marks))
        .collect();
    let spoken_for = |kind: HolderKind| {
        sums.iter()
            .any(|sum| sum.kind == kind && sum.points_for > 0)
    };
    marks.retain(|mark| mark.is_for || spoken_for(mark.kind));
    let Some(best) = best_of(&sums) else {
        return Verdict {
            holder: None,
            others: Vec::new(),
            confidence: Confidence::Low,
            marks,
        };
    };
    let holder = Holder {
        kind: best.kind,
        name: name_of(best.kind, &marks),
    };
    let others = others(holder, &marks);
    let is_rivalled = sums.iter().any(|sum| {
        sum.kind != best.kind
            && sum.kind != HolderKind::Program
            && sum.points() > 0
            && sum.points() >= best.points()
    });
    let is_doubtful = best.points_against > 0 || is_rivalled || !others.is_empty();
    Verdict {
        holder: Some(holder),
        confidence: confidence(best, is_doubtful),
        others,
        marks,
    }
}

/// The kind with the most points, the first of several. A program whose place is not told stands back behind all others.
fn best_of(sums: &[Sum]) -> Option<&Sum> {
    let told = sums.iter().filter(|sum| sum.points() > 0);
    // `max_by_key` would take the last of several.
    let best = told
        .clone()
        .filter(|sum| sum.kind != HolderKind::Program)
        .rev()
        .max_by_key(|sum| sum.points());
    best.or_else(|| told.clone().next())
}

/// High needs two sources, one of them the logs; and whatever is in doubt is one step less sure.
fn confidence(best: &Sum, is_doubtful: bool) -> Confidence {
    let points = best.points_for;
    let undoubted = if points >= 5 && best.sources >= 2 && best.is_of_logs {
        Confidence::High
    } else if points >= 3 && best.is_of_logs {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    match (undoubted, is_doubtful) {
        (Confidence::High, true) => Confidence::Medium,
        (_, true) => Confidence::Low,
        (confidence, false) => confidence,
    }
}

/// The name that the heaviest mark of the kind gives, the first of several.
fn name_of(kind: HolderKind, marks: &[Mark]) -> Option<&'static str> {
    let named = marks
        .iter()
        .filter(|mark| mark.kind == kind && mark.is_for && mark.name.is_some());
    let heaviest = named.rev().max_by_key(|mark| {
        // What was seen counts more than what something is called.
        (mark.weight, mark.source.is_of_logs())
    });
    heaviest.and_then(|mark| mark.name)
}

/// Whether a mark tells a holder whatever the others are. An address or a kernel tells where a program runs, and any holder's may.
fn is_by_itself(mark: &Mark) -> bool {
    let is_of_kernel = mark.weight <= Weight::Medium
        && matches!(mark.kind, HolderKind::Workload | HolderKind::OtherCloud);
    mark.source == MarkSource::UserAgents && !is_of_kernel
}

/// Other holders that the logs show with some weight. One person may have several computers.
fn others(holder: Holder, marks: &[Mark]) -> Vec<Holder> {
    let mut others = BTreeSet::new();
    let mut own = marks
        .iter()
        .filter(|mark| mark.kind == holder.kind && mark.is_for && mark.source.is_of_logs());
    let is_told_by_place = own.clone().next().is_some() && own.all(|mark| !is_by_itself(mark));
    for mark in marks {
        let is_shown =
            mark.is_for && mark.weight >= Weight::Medium && !is_told_by_place && is_by_itself(mark);
        let is_a_place = mark.kind != HolderKind::Program;
        let is_same = mark.kind == holder.kind
            && (mark.kind == HolderKind::Person
                || mark.name.is_none()
                || holder.name.is_none()
                || mark.name == holder.name);
        if is_shown && is_a_place && !is_same {
            let name = mark.name.filter(|_| mark.kind != HolderKind::Person);
            others.insert(Holder {
                kind: mark.kind,
                name,
            });
        }
    }
    // A kind with and without a name is one.
    let named: BTreeSet<HolderKind> = others
        .iter()
        .filter(|other| other.name.is_some())
        .map(|other| other.kind)
        .collect();
    others.retain(|other| other.name.is_some() || !named.contains(&other.kind));
    others.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn mark() -> impl Strategy<Value = Mark> {
        (
            select(ALL.iter().map(|holder| holder.kind).collect::<Vec<_>>()),
            select(vec![None, Some("a"), Some("b")]),
            select(MarkSource::ALL.to_vec()),
            select(vec![Weight::Weak, Weight::Medium, Weight::Strong]),
            prop::bool::weighted(0.8),
        )
            .prop_map(|(kind, name, source, weight, is_for)| Mark {
                kind,
                name,
                source,
                weight,
                is_for,
                fact: String::new(),
            })
    }

    /// The slow twin: points of each kind by a map of its sources.
    fn points(kind: HolderKind, marks: &[Mark]) -> u32 {
        let mut most: BTreeMap<(bool, MarkSource), u32> = BTreeMap::new();
        for mark in marks.iter().filter(|mark| mark.kind == kind) {
            let own = most.entry((mark.is_for, mark.source)).or_default();
            *own = mark.weight.points().max(*own);
        }
        let sum = |wanted| {
            most.iter()
                .filter(|((is_for, _), _)| *is_for == wanted)
                .map(|(_, points)| points)
                .sum::<u32>()
        };
        sum(true).saturating_sub(sum(false))
    }

    proptest! {
        #[test]
        fn the_holder_has_the_most_points_and_is_told_as_surely_as_they_allow(marks in prop::collection::vec(mark(), 0..12)) {
            let verdict = weigh(marks.clone());
            let places = ALL.iter().map(|holder| holder.kind).filter(|kind| *kind != HolderKind::Program);
            let most = places.map(|kind| points(kind, &marks)).max().unwrap_or(0);
            match verdict.holder {
                Some(holder) if holder.kind == HolderKind::Program => {
                    prop_assert_eq!(most, 0);
                    prop_assert!(points(HolderKind::Program, &marks) > 0);
                }
                Some(holder) => prop_assert_eq!(points(holder.kind, &marks), most),
                None => prop_assert!(most == 0 && points(HolderKind::Program, &marks) == 0),
            }
            if verdict.confidence == Confidence::High {
                let kind = verdict.holder.unwrap().kind;
                let own = || marks.iter().filter(|mark| mark.kind == kind);
                let sources: BTreeSet<MarkSource> = own().filter(|mark| mark.is_for).map(|mark| mark.source).collect();
                prop_assert!(sources.len() >= 2 && sources.iter().any(|source| source.is_of_logs()));
                prop_assert!(own().all(|mark| mark.is_for), "something speaks against it");
                prop_assert!(verdict.others.is_empty());
            }
            if !marks.iter().any(|mark| mark.source.is_of_logs()) {
                prop_assert_eq!(verdict.confidence, Confidence::Low);
            }
        }

        #[test]
        fn the_order_of_marks_and_their_repetition_change_nothing(marks in prop::collection::vec(mark(), 0..10)) {
            let mut turned = marks.clone();
            turned.reverse();
            turned.extend(marks.clone());
            prop_assert_eq!(weigh(turned), weigh(marks));
        }

        #[test]
        fn what_speaks_against_a_holder_never_makes_it_surer(marks in prop::collection::vec(mark(), 1..8), against in mark()) {
            let before = weigh(marks.clone());
            let mut more = marks;
            more.push(Mark { is_for: false, ..against });
            let after = weigh(more);
            if before.holder.map(|holder| holder.kind) == after.holder.map(|holder| holder.kind)
                && after.holder.is_some_and(|holder| holder.kind == against.kind)
            {
                prop_assert!(after.confidence <= before.confidence);
            }
        }
    }
}
