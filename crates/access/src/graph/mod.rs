//! Who can become whom: a directed graph of principals, of groups that can be joined, and of the administrator.
//!
//! An edge is a way: an escalation set whose actions a principal may do over all its policies, less Denies and within boundary
//! and organisation policies, on targets that exist and are in the state that the set needs. Conditions on what only a request
//! tells count as met where they allow, and as not met where they deny; what can no longer be met, such as a date that has
//! passed, does not. Whoever can raise its own rights without a limit, or those of another that it can become, has an edge to the
//! administrator. Only policies that are known count, and nothing is said of what is not: those who ask say it.
//!
//! There is no walk over pairs of principals. Principals of which the policies say the same about an action are asked once, by
//! the distinct statements that bear on it; targets are lists that are kept once each, so "can become every role" is one list
//! for all who can; shortest paths are one search backwards from all administrators over those lists. How a way is granted is
//! told when it is asked for.

mod actions;
mod after;
mod ask;
mod asked;
mod attached;
mod covered;
mod evidence;
mod facts;
mod kinds;
mod node;
mod places;
mod raised;
mod reduced;
mod requests;
mod search;
mod sets;
mod statements;
#[cfg(test)]
mod tests;
mod told;
mod trusts;
#[cfg(test)]
mod twin;
mod universe;
mod versions;
mod ways;
mod worth;

use std::sync::Arc;

use leastgrant_policy::Context;
use rayon::prelude::*;

use crate::{Access, EscalationSet, Subject, SubjectId, SubjectKind};
use ask::Asker;
pub use evidence::{Granted, WayEvidence};
pub use facts::GraphFacts;
use node::Node;
use requests::Indexes;
use search::Search;
pub use search::{Hop, Path};
use sets::SetId;
use told::Told;
use worth::Best;
pub use worth::Worth;

/// A principal or a group of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// How sure a way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It rests on something that an inventory does not hold, or does not give the rights to whoever goes it.
    Low,
    /// It rests on what the inventory holds.
    High,
}

/// What a way gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gain {
    /// Any right: of its own, or of the targets, which it can become.
    Administrator,
    /// The rights of the targets.
    Becomes,
    /// More rights of its own, within a limit: its permissions boundary, or what an older version of a policy grants.
    OwnRights,
    /// More rights of the targets, which it cannot become.
    OthersRights,
    /// The rights of a role that a service makes.
    ServiceRole,
}

/// A way to more rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The set of actions.
    pub set: &'static EscalationSet,
    /// What it gives.
    pub gain: Gain,
    /// How sure it is.
    pub confidence: Confidence,
    targets: SetId,
}

/// Who can become whom.
#[derive(Debug)]
pub struct Graph {
    principals: usize,
    administrators: Vec<bool>,
    ways: Vec<Vec<Way>>,
    lists: Vec<Arc<[u32]>>,
    context: Context,
    indexes: Indexes,
    told: Told,
    search: Search,
    best: Best,
}

impl Graph {
    /// Makes the graph.
    ///
    /// `context` is open, as [`Context::open`] makes it; it should tell the earliest time, so that what is over gives no way.
    #[must_use]
    pub fn new(access: &Access, facts: &GraphFacts, context: &Context) -> Self {
        let of_callers = &requests::of_callers(context);
        let asker = Asker::new(access, facts, context, of_callers);
        let context = of_callers;
        let joiners = access.groups.iter().map(|group| &group.joiner);
        let subjects: Vec<(u32, &Subject)> = (0_u32..)
            .zip(access.subjects.iter().chain(joiners))
            .collect();
        let (administrators, mut ways): (Vec<bool>, Vec<Vec<Way>>) = subjects
            .par_iter()
            .map(|(number, subject)| {
                let node = Node::new(*number, subject);
                let is_administrator = access.is_administrator(subject, context);
                (is_administrator, ways::of(&asker, &node))
            })
            .unzip();
        raised::join(access, &asker.sets, asker.unlimited_nodes(), &mut ways);
        let Asker {
            sets,
            indexes,
            told,
            ..
        } = asker;
        let lists = sets.into_lists();
        let search = Search::new(&lists, &ways, &administrators);
        Self {
            principals: access.subjects.len(),
            best: Best::of(&lists, &administrators, &search),
            search,
            administrators,
            ways,
            lists,
            context: context.clone(),
            indexes,
            told,
        }
    }

    /// The node of a principal.
    #[must_use]
    pub fn node_of(&self, principal: SubjectId) -> NodeId {
        NodeId(u32::try_from(principal.0).unwrap_or(u32::MAX))
    }

    /// All nodes: principals by their ARN, then groups by theirs.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        let count = u32::try_from(self.ways.len()).unwrap_or(u32::MAX);
        (0..count).map(NodeId)
    }

    /// The principal of a node, if it is one.
    #[must_use]
    pub fn principal(&self, node: NodeId) -> Option<SubjectId> {
        let place = node.place();
        (place < self.principals).then_some(SubjectId(place))
    }

    /// The ARN of a principal or a group.
    #[must_use]
    pub fn arn<'a>(&self, access: &'a Access, node: NodeId) -> &'a str {
        let place = node.place();
        let group = || access.groups.get(place.checked_sub(self.principals)?);
        match access.subjects.get(place) {
            Some(subject) => &subject.arn,
            None => group().map_or("", |group| &group.arn),
        }
    }

    /// Whether a principal, or a member of a group, is an effective administrator.
    #[must_use]
    pub fn is_administrator(&self, node: NodeId) -> bool {
        self.administrators.get(node.place()).copied() == Some(true)
    }

    /// The ways of a principal or of a group's members, in the order of the sets' names.
    #[must_use]
    pub fn ways(&self, node: NodeId) -> &[Way] {
        self.ways.get(node.place()).map_or(&[], Vec::as_slice)
    }

    /// The targets of a way of a node, but for the node itself; none where it goes to the administrator without one.
    pub fn targets(&self, node: NodeId, way: &Way) -> impl Iterator<Item = NodeId> {
        let list = self.lists.get(way.targets.0).into_iter();
        list.flat_map(|list| list.iter().copied())
            .map(NodeId)
            .filter(move |target| *target != node)
    }

    /// Which list of targets a way has, the same for all ways that have the same, with the node itself where it is in it.
    pub fn target_list(&self, way: &Way) -> (usize, impl ExactSizeIterator<Item = NodeId>) {
        let list: &[u32] = self.lists.get(way.targets.0).map_or(&[], |list| list);
        (way.targets.0, list.iter().copied().map(NodeId))
    }

    /// The shortest path of a node to the administrator, over ways that are sure where there is such a path.
    #[must_use]
    pub fn path_to_administrator(&self, node: NodeId) -> Option<Path> {
        self.search.path(node, &self.ways)
    }

    /// All that can become a principal, directly or over hops, each with a shortest path, sorted by node.
    ///
    /// An administrator of the account, and whoever can become one, can become all its users and roles but service-linked ones.
    #[must_use]
    pub fn paths_to(&self, access: &Access, principal: SubjectId) -> Vec<(NodeId, Path)> {
        let account_of = |node: NodeId| {
            self.subject(access, node)
                .map(|subject| &*subject.account_id)
        };
        let target = self.node_of(principal);
        let search = Search::to(target, &self.lists, &self.ways, |node| {
            let is_here = account_of(node) == account_of(target);
            let is_open = access.subject(principal).is_some_and(|subject| {
                matches!(subject.kind, SubjectKind::User | SubjectKind::Role)
                    && !subject.caller.is_service_linked_role()
            });
            (is_here && is_open).then(|| self.is_administrator(node))
        });
        self.nodes()
            .filter(|node| *node != target)
            .filter_map(|node| Some((node, search.path(node, &self.ways)?)))
            .collect()
    }

    /// Who a node is: for a group what stands for a member of it.
    fn subject<'a>(&self, access: &'a Access, node: NodeId) -> Option<&'a Subject> {
        let place = node.place();
        let group = || access.groups.get(place.checked_sub(self.principals)?);
        let joiner = || group().map(|group| &group.joiner);
        access.subjects.get(place).or_else(joiner)
    }
}

impl NodeId {
    fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}
