//! What older versions of a node's own policies give back.

use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare};
use leastgrant_policy::{Effect, Policy};

use super::actions::Plan;
use super::ways::Finder;
use super::{Confidence, Gain};
use crate::PolicyId;

impl Finder<'_, '_> {
    /// Whether an older version makes an administrator can be told; of the others only that there are some.
    pub(super) fn put_older_versions(&mut self, plan: &'static Plan, own: &[PolicyId]) {
        let subject = self.node.subject;
        let older: Vec<&Policy> = own
            .iter()
            .filter_map(|id| {
                let policy = self.asker.access.policy(*id)?;
                let key = (subject.account_id.clone(), policy.arn.clone());
                let older = self.asker.facts.older_versions.get(&key)?.iter();
                let current = self.asker.access.document(*id);
                Some(older.filter(move |older| !is_within(older, current)))
            })
            .flatten()
            .collect();
        let has_older = |id: &PolicyId| {
            let policy = self.asker.access.policy(*id);
            policy.is_some_and(|policy| {
                let key = (subject.account_id.clone(), policy.arn.clone());
                self.asker.facts.older_versions.contains_key(&key)
            })
        };
        if older.is_empty() && own.iter().all(has_older) {
            return;
        }
        let none = self.asker.sets.of(Vec::new());
        let makes = |policy: &&Policy| self.asker.is_administrator_with(subject, policy);
        let (gain, confidence) = if older.iter().any(makes) {
            (Gain::Administrator, Confidence::High)
        } else if older.is_empty() {
            (Gain::OwnRights, Confidence::Low)
        } else {
            (Gain::OwnRights, Confidence::High)
        };
        self.add(plan, gain, none, confidence);
    }
}

/// Whether an older version cannot give more than the current one.
fn is_within(older: &Policy, current: Option<&Policy>) -> bool {
    current.is_some_and(|current| {
        let mut statements = current.statements.iter();
        // Of two versions with the same grants the one may lack what the other denies.
        statements.all(|own| own.effect == Effect::Allow)
            && matches!(
                compare(&[current], &[older], Kind::Identity, DEFAULT_WORK),
                Verdict::Subset
            )
    })
}
