//! Whether becoming a target is worth it, and which target is worth the most.

use std::sync::Arc;

use leastgrant_policy::Policy;

use super::covered::is_covered;
use super::search::Search;
use super::statements::is_of_caller;
use super::{Graph, NodeId, Way};
use crate::{Access, PolicyId};

/// What a target is worth, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worth {
    /// It is an administrator.
    Administrator,
    /// It can become one.
    BecomesAdministrator,
    /// It has policies that grant what those of the node do not, is of another account or within another boundary, or has ways of its own.
    Rights,
}

/// For each list of targets the first two administrators and the first two that can become one: one of two is not the node.
#[derive(Debug)]
pub(super) struct Best(Vec<[[Option<NodeId>; 2]; 2]>);

impl Best {
    pub(super) fn of(lists: &[Arc<[u32]>], administrators: &[bool], search: &Search) -> Self {
        let first_two = |list: &[u32], is_it: &dyn Fn(NodeId) -> bool| {
            let mut found = list.iter().copied().map(NodeId).filter(|own| is_it(*own));
            [found.next(), found.next()]
        };
        let is_administrator =
            |node: NodeId| administrators.get(node.place()).copied() == Some(true);
        let best = lists.iter().map(|list| {
            [
                first_two(list, &is_administrator),
                first_two(list, &|node| search.reaches(node)),
            ]
        });
        Self(best.collect())
    }
}

impl Graph {
    /// The target of a way that is worth the most to a node; none if all of them have no more rights than itself.
    #[must_use]
    pub fn best_target(&self, access: &Access, node: NodeId, way: &Way) -> Option<(Worth, NodeId)> {
        let best = self.best.0.get(way.targets.0)?;
        let worths = [Worth::Administrator, Worth::BecomesAdministrator];
        for (worth, found) in worths.into_iter().zip(best) {
            let mut others = found.iter().flatten().filter(|target| **target != node);
            if let Some(target) = others.next() {
                return Some((worth, *target));
            }
        }
        self.targets(node, way)
            .find(|target| self.has_more(access, node, *target))
            .map(|target| (Worth::Rights, target))
    }

    /// Whether a target has ways of its own, policies that grant what those of the node do not, another account's resources, or another
    /// boundary.
    #[must_use]
    pub fn has_more(&self, access: &Access, node: NodeId, target: NodeId) -> bool {
        if !self.ways(target).is_empty() {
            return true;
        }
        let (Some(own), Some(other)) = (self.subject(access, node), self.subject(access, target))
        else {
            return false;
        };
        // Equal policies grant in another account what is there.
        if own.account_id != other.account_id {
            return true;
        }
        // Documents are kept once each, whatever policies they are of.
        let same = |one, other| match (access.document(one), access.document(other)) {
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            _ => one == other,
        };
        let is_limited = own.boundary.is_some_and(|boundary| {
            let mut limits = other.boundary.into_iter();
            self.principal(target).is_some() && !limits.any(|limit| same(boundary, limit))
        });
        let documents: Vec<&Policy> = own
            .identity
            .iter()
            .filter_map(|own| access.document(own.policy))
            .collect();
        // What is said of all of an account may spare the target.
        let spares = || {
            let account = access.account(&own.account_id).into_iter();
            let mut statements = account
                .flat_map(|own| own.service_control.iter().chain(&own.resource_control))
                .flat_map(|level| &level.policies)
                .filter_map(|policy| access.document(*policy))
                .flat_map(|document| &document.statements);
            statements.any(is_of_caller)
        };
        let has = |policy: PolicyId| match access.document(policy) {
            Some(document) => {
                let mut same = documents.iter();
                same.any(|own| std::ptr::eq(*own, document))
                    || !spares() && is_covered(document, &documents)
            }
            None => own.identity.iter().any(|own| own.policy == policy),
        };
        is_limited || !other.identity.iter().all(|own| has(own.policy))
    }
}
