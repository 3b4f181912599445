//! Shortest paths: one search backwards, over lists of targets and not over pairs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Confidence, Gain, NodeId, Way};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Who goes.
    pub from: NodeId,
    /// By which way; none for an administrator, who can become whomever it likes in its account.
    pub way: Option<Way>,
    /// Whom it becomes; none for the administrator.
    pub to: Option<NodeId>,
}

/// A path to a principal or to the administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// At least one, but for a path of an administrator to the administrator, which has none.
    pub hops: Vec<Hop>,
}

impl Path {
    /// How sure the path is: as its least sure hop.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        let ways = self.hops.iter().filter_map(|hop| hop.way.as_ref());
        ways.map(|way| way.confidence)
            .min()
            .unwrap_or(Confidence::High)
    }
}

/// The first hop of a node's shortest path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    hops: usize,
    /// Which way of the node's; none where an administrator acts, and where nothing is left to do.
    way: Option<usize>,
    to: Option<NodeId>,
}

/// For each node the first hop of its shortest path to what was searched for.
#[derive(Debug)]
pub(super) struct Search {
    steps: Vec<Option<Step>>,
    /// Whom the administrator is to become, if the path does not end with him.
    target: Option<NodeId>,
}

/// Which ways go to which list, and which lists a node is in.
pub(super) struct Index {
    ways_to: Vec<Vec<(u32, usize)>>,
    lists_of: Vec<Vec<usize>>,
}

impl Index {
    pub(super) fn new(lists: &[Arc<[u32]>], ways: &[Vec<Way>]) -> Self {
        let mut index = Self {
            ways_to: vec![Vec::new(); lists.len()],
            lists_of: vec![Vec::new(); ways.len()],
        };
        for (node, own) in (0_u32..).zip(ways) {
            for (place, way) in own.iter().enumerate() {
                if way.gain == Gain::Becomes
                    && let Some(to) = index.ways_to.get_mut(way.targets.0)
                {
                    to.push((node, place));
                }
            }
        }
        for (number, list) in lists.iter().enumerate() {
            let is_used = index.ways_to.get(number).is_some_and(|own| !own.is_empty());
            for node in list.iter().filter(|_| is_used) {
                let own = usize::try_from(*node).ok();
                if let Some(own) = own.and_then(|place| index.lists_of.get_mut(place)) {
                    own.push(number);
                }
            }
        }
        index
    }

    /// Whether some way goes to a list in which a node is.
    pub(super) fn is_target(&self, node: NodeId) -> bool {
        let lists = self.lists_of.get(node.place());
        lists.is_some_and(|lists| !lists.is_empty())
    }
}

impl Search {
    /// Paths to the administrator, from all of them at once.
    pub(super) fn new(lists: &[Arc<[u32]>], ways: &[Vec<Way>], administrators: &[bool]) -> Self {
        let start = (0_u32..).zip(administrators).filter(|(_, is)| **is);
        let start = start.map(|(node, _)| {
            let step = Step {
                hops: 0,
                way: None,
                to: None,
            };
            (NodeId(node), step)
        });
        let start: Vec<_> = start.collect();
        let raised = |least| raised(ways, least, 1, |_| true);
        Self::over(&Index::new(lists, ways), ways, None, |least| {
            start.iter().copied().chain(raised(least)).collect()
        })
    }

    /// Paths to one principal. `administers`: whether a node is an administrator, and none where that is of no use.
    pub(super) fn to(
        target: NodeId,
        lists: &[Arc<[u32]>],
        ways: &[Vec<Way>],
        administers: impl Fn(NodeId) -> Option<bool>,
    ) -> Self {
        let nodes = (0_u32..).zip(ways).map(|(node, _)| NodeId(node));
        let by_itself: Vec<NodeId> = nodes
            .filter(|node| administers(*node) == Some(true))
            .collect();
        Self::over(&Index::new(lists, ways), ways, Some(target), |least| {
            let here = Step {
                hops: 0,
                way: None,
                to: None,
            };
            let acts = Step {
                hops: 1,
                way: None,
                to: Some(target),
            };
            let acting = by_itself.iter().map(|node| (*node, acts));
            let raised = raised(ways, least, 2, |node| administers(node).is_some());
            let all = std::iter::once((target, here));
            all.chain(acting).chain(raised).collect()
        })
    }

    /// Paths to any of some principals and groups.
    pub(super) fn to_any(targets: &[u32], index: &Index, ways: &[Vec<Way>]) -> Self {
        let here = Step {
            hops: 0,
            way: None,
            to: None,
        };
        Self::over(index, ways, None, |_| {
            targets.iter().map(|own| (NodeId(*own), here)).collect()
        })
    }

    /// First over sure ways only; then what these do not reach, over all.
    fn over(
        index: &Index,
        ways: &[Vec<Way>],
        target: Option<NodeId>,
        seeds: impl Fn(Confidence) -> Vec<(NodeId, Step)>,
    ) -> Self {
        let mut steps = vec![None; ways.len()];
        for least in [Confidence::High, Confidence::Low] {
            spread(&mut steps, index, ways, least, &seeds(least));
        }
        Self { steps, target }
    }

    /// Whether a node has a path.
    pub(super) fn reaches(&self, node: NodeId) -> bool {
        self.steps.get(node.place()).is_some_and(Option::is_some)
    }

    pub(super) fn path(&self, node: NodeId, ways: &[Vec<Way>]) -> Option<Path> {
        let mut hops = Vec::new();
        let mut at = node;
        loop {
            let step = (*self.steps.get(at.place())?)?;
            if step.hops == 0 {
                return Some(Path { hops });
            }
            let way = step
                .way
                .and_then(|place| ways.get(at.place())?.get(place))
                .cloned();
            hops.push(Hop {
                from: at,
                way,
                to: step.to,
            });
            match step.to {
                Some(next) => at = next,
                None => {
                    if let Some(target) = self.target {
                        hops.push(Hop {
                            from: at,
                            way: None,
                            to: Some(target),
                        });
                    }
                    return Some(Path { hops });
                }
            }
        }
    }
}

/// The nodes with a way to the administrator, by their first such way.
fn raised(
    ways: &[Vec<Way>],
    least: Confidence,
    hops: usize,
    is_wanted: impl Fn(NodeId) -> bool,
) -> Vec<(NodeId, Step)> {
    let nodes = (0_u32..).zip(ways);
    nodes
        .filter(|(node, _)| is_wanted(NodeId(*node)))
        .filter_map(|(node, own)| {
            let is_it = |way: &Way| way.gain == Gain::Administrator && way.confidence >= least;
            let way = own.iter().position(is_it)?;
            let step = Step {
                hops,
                way: Some(way),
                to: None,
            };
            Some((NodeId(node), step))
        })
        .collect()
}

/// Level by level: who has a way to a list in which a node of the last level is.
fn spread(
    steps: &mut [Option<Step>],
    index: &Index,
    ways: &[Vec<Way>],
    least: Confidence,
    seeds: &[(NodeId, Step)],
) {
    let mut levels: Vec<Vec<NodeId>> = Vec::new();
    let put = |levels: &mut Vec<Vec<NodeId>>, node: NodeId, hops: usize| {
        if levels.len() <= hops {
            levels.resize(hops + 1, Vec::new());
        }
        if let Some(level) = levels.get_mut(hops) {
            level.push(node);
        }
    };
    for (node, step) in (0_u32..).zip(steps.iter()) {
        if let Some(step) = step {
            put(&mut levels, NodeId(node), step.hops);
        }
    }
    let deepest = seeds.iter().map(|(_, step)| step.hops).max();
    let mut is_done = vec![false; index.ways_to.len()];
    let mut hops = 0;
    while hops < levels.len() || Some(hops) <= deepest {
        for (node, step) in seeds.iter().filter(|(_, step)| step.hops == hops) {
            if let Some(own) = steps.get_mut(node.place())
                && own.is_none()
            {
                *own = Some(*step);
                put(&mut levels, *node, hops);
            }
        }
        let mut level = levels.get(hops).cloned().unwrap_or_default();
        level.sort_unstable();
        let mut next: BTreeMap<NodeId, (usize, NodeId)> = BTreeMap::new();
        for node in level {
            for list in index.lists_of.get(node.place()).into_iter().flatten() {
                match is_done.get_mut(*list) {
                    Some(is_done) if !*is_done => *is_done = true,
                    _ => continue,
                }
                for (from, place) in index.ways_to.get(*list).into_iter().flatten() {
                    let from = NodeId(*from);
                    let way = ways.get(from.place()).and_then(|own| own.get(*place));
                    let is_sure = way.is_some_and(|way| way.confidence >= least);
                    let is_reached = steps.get(from.place()).is_none_or(Option::is_some);
                    if !is_sure || is_reached {
                        continue;
                    }
                    let own = next.entry(from).or_insert((*place, node));
                    *own = (*own).min((*place, node));
                }
            }
        }
        for (node, (place, to)) in next {
            if let Some(own) = steps.get_mut(node.place()) {
                *own = Some(Step {
                    hops: hops + 1,
                    way: Some(place),
                    to: Some(to),
                });
                put(&mut levels, node, hops + 1);
            }
        }
        hops += 1;
    }
}
