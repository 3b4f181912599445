//! Whoever can raise the rights of a principal and become it is an administrator by both together.
//!
//! The sets of the table give rights to the one who acts. Held over somebody else they only raise the rights of others, unless
//! there is a way, perhaps over several principals, to become one of these: then the rights can be raised first.

use std::collections::BTreeMap;

use super::search::{Index, Search};
use super::sets::{SetId, Sets};
use super::{Confidence, Gain, NodeId, Way};
use crate::{Access, Administrator};

/// Turns ways that raise the rights of others into ways to the administrator, where one of the others can be become.
///
/// `unlimited`: whom no permissions boundary limits.
pub(super) fn join(access: &Access, sets: &Sets, unlimited: SetId, ways: &mut [Vec<Way>]) {
    let index = Index::new(&sets.lists(), ways);
    // By those who are raised: whoever raises the same is asked in one search.
    let mut raising: BTreeMap<SetId, Vec<(NodeId, usize)>> = BTreeMap::new();
    for (node, own) in (0_u32..).zip(&*ways) {
        // Who gives itself any right needs nobody else for it.
        let is_raised = |way: &Way| {
            way.gain == Gain::Administrator
                && way.confidence == Confidence::High
                && sets.is_empty(way.targets)
        };
        if own.iter().any(is_raised) {
            continue;
        }
        for (place, way) in own.iter().enumerate().filter(|(_, way)| raises(way)) {
            let all = raising.entry(way.targets).or_default();
            all.push((NodeId(node), place));
        }
    }
    let mut joined: BTreeMap<(NodeId, usize), Joined> = BTreeMap::new();
    for (targets, all) in raising {
        let raised = Raised::of(access, sets, targets, unlimited);
        if !raised.who.keys().any(|own| index.is_target(NodeId(*own))) {
            continue;
        }
        let who = sets.of(raised.who.keys().copied().collect());
        let search = Search::to_any(&sets.list(who), &index, ways);
        // Thousands have the same ways.
        let mut known: BTreeMap<[Vec<SetId>; 2], (SetId, SetId)> = BTreeMap::new();
        for (node, place) in all {
            let Some(path) = search.path(node, ways) else {
                continue;
            };
            let own = ways.get(node.place());
            let Some((own, end)) = own.zip(path.hops.last().and_then(|hop| hop.to)) else {
                continue;
            };
            let confidence = path.confidence();
            let next = own
                .iter()
                .filter(|way| way.gain == Gain::Becomes && way.confidence == confidence)
                .map(|way| sets.common(who, way.targets));
            let next: Vec<SetId> = next.chain([sets.of(vec![end.0])]).collect();
            // Sets of both actions together have told it.
            let told = own.iter().filter(|way| way.gain == Gain::Administrator);
            let told: Vec<SetId> = told.map(|way| way.targets).collect();
            let (through, new) = *known
                .entry([next, told])
                .or_insert_with_key(|[next, told]| {
                    let next = sets.union(next.iter().copied());
                    let through = sets.list(next);
                    let through = through.iter().filter_map(|own| raised.who.get(own));
                    let through = sets.of(through.flatten().copied().collect());
                    let told = sets.union(told.iter().copied());
                    (through, sets.without(through, told))
                });
            let own = Joined {
                through,
                new,
                confidence,
            };
            joined.insert((node, place), own);
        }
    }
    // From the back, so that the places before stay.
    let mut left: BTreeMap<(SetId, SetId), SetId> = BTreeMap::new();
    for ((node, place), joined) in joined.into_iter().rev() {
        let Some(own) = ways.get_mut(node.place()) else {
            continue;
        };
        if place >= own.len() {
            continue;
        }
        let before = own.remove(place);
        let pair = (before.targets, joined.through);
        let left = left.entry(pair);
        let left = *left.or_insert_with(|| sets.without(before.targets, joined.through));
        let others = Way {
            targets: left,
            ..before.clone()
        };
        let administrator = Way {
            gain: Gain::Administrator,
            confidence: joined.confidence,
            targets: joined.new,
            ..before
        };
        let both = [administrator, others].into_iter();
        let both = both.filter(|way| !sets.is_empty(way.targets));
        own.splice(place..place, both);
    }
}

/// What raising the rights of others gives together with becoming them.
struct Joined {
    /// Those others.
    through: SetId,
    /// Of them those of which no other way tells it.
    new: SetId,
    confidence: Confidence,
}

/// Who gets more rights.
struct Raised {
    /// Each user, role or group that has them then, with the targets through which it does: itself, or its groups.
    who: BTreeMap<u32, Vec<u32>>,
}

impl Raised {
    fn of(access: &Access, sets: &Sets, targets: SetId, unlimited: SetId) -> Self {
        let unlimited = sets.list(unlimited);
        let mut who: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for target in sets.list(targets).iter().copied() {
            let place = usize::try_from(target).unwrap_or(usize::MAX);
            let group = place.checked_sub(access.subjects.len());
            let group = group.and_then(|place| access.groups().get(place));
            // Whether a boundary limits those who join the group is told by their way to it.
            if group.is_some() || unlimited.binary_search(&target).is_ok() {
                who.entry(target).or_default().push(target);
            }
            let members = group.into_iter().flat_map(|group| &group.members);
            for member in members.filter_map(|arn| access.principal_of(arn)) {
                if let Ok(member) = u32::try_from(member.0)
                    && unlimited.binary_search(&member).is_ok()
                {
                    who.entry(member).or_default().push(target);
                }
            }
        }
        Self { who }
    }
}

/// Whether a way gives others any right.
fn raises(way: &Way) -> bool {
    way.gain == Gain::OthersRights
        && matches!(
            way.set.administrator,
            Administrator::Always | Administrator::IfAttachable
        )
}
