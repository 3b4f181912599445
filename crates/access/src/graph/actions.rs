//! The actions of all escalation sets, each with its bit.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use leastgrant_policy::Action;

use crate::{EscalationSet, escalation_sets};

/// Actions as bits.
pub(super) type Mask = u128;

/// Which action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ActionId(pub usize);

impl ActionId {
    pub(super) fn bit(self) -> Mask {
        u32::try_from(self.0)
            .ok()
            .and_then(|place| Mask::checked_shl(1, place))
            .unwrap_or_default()
    }
}

/// A set with its actions as bits.
#[derive(Debug)]
pub(super) struct Plan {
    pub set: &'static EscalationSet,
    pub mask: Mask,
    /// In the set's order.
    pub actions: Vec<ActionId>,
}

#[derive(Debug)]
pub(super) struct Actions {
    pub all: Vec<&'static Action>,
    pub plans: Vec<Plan>,
    /// All of them.
    pub mask: Mask,
    by_name: BTreeMap<(&'static str, &'static str), ActionId>,
}

/// Actions that are in no set, and make what one needs.
const MAKING: [&str; 2] = ["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"];

pub(super) static ACTIONS: LazyLock<Actions> = LazyLock::new(|| {
    let mut all: Vec<&'static Action> = Vec::new();
    let mut by_name = BTreeMap::new();
    let sets = escalation_sets();
    static MADE: LazyLock<Vec<Action>> =
        LazyLock::new(|| MAKING.iter().filter_map(|own| Action::parse(own)).collect());
    for action in sets.iter().flat_map(|set| &set.actions).chain(MADE.iter()) {
        by_name
            .entry((action.service(), action.name()))
            .or_insert_with(|| {
                all.push(action);
                ActionId(all.len() - 1)
            });
    }
    let plans = sets.iter().map(|set| {
        let actions: Vec<ActionId> = set
            .actions
            .iter()
            .filter_map(|action| by_name.get(&(action.service(), action.name())).copied())
            .collect();
        Plan {
            set,
            mask: actions.iter().fold(0, |mask, action| mask | action.bit()),
            actions,
        }
    });
    let plans: Vec<Plan> = plans.collect();
    Actions {
        mask: (0..all.len()).fold(0, |mask, place| mask | ActionId(place).bit()),
        plans,
        all,
        by_name,
    }
});

impl Actions {
    /// An action of a set, by service and name in lower case.
    pub(super) fn id(&self, service: &'static str, name: &'static str) -> Option<ActionId> {
        self.by_name.get(&(service, name)).copied()
    }

    pub(super) fn action(&self, id: ActionId) -> Option<&'static Action> {
        self.all.get(id.0).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_bit_of_its_own() {
        assert!(ACTIONS.all.len() < 128, "{}", ACTIONS.all.len());
        let bits = (0..ACTIONS.all.len()).fold(0, |mask: Mask, place| mask | ActionId(place).bit());
        assert_eq!(bits.count_ones() as usize, ACTIONS.all.len());
        for plan in &ACTIONS.plans {
            assert_eq!(plan.mask.count_ones() as usize, plan.set.actions.len());
        }
        assert!(ACTIONS.id("sts", "assumerole").is_some());
    }
}
