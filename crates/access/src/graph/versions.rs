//! What older versions of a node's own policies give back.

use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare};
use leastgrant_policy::{Effect, Policy, Resource};

use super::actions::{ACTIONS, Plan};
use super::places::is_protected;
use super::requests::{self, Extra};
use super::ways::Finder;
use super::{Confidence, Gain};
use crate::{PolicyId, PolicyKind, SubjectKind, World};

impl Finder<'_, '_> {
    /// Whether an older version makes an administrator can be told; of the others only that there are some.
    pub(super) fn put_older_versions(&mut self, plan: &'static Plan, own: &[PolicyId]) {
        let subject = self.node.subject;
        let older: Vec<(&Policy, Option<&Policy>)> = own
            .iter()
            .filter_map(|id| {
                let policy = self.asker.access.policy(*id)?;
                let key = (subject.account_id.clone(), policy.arn.clone());
                let older = self.asker.facts.older_versions.get(&key)?.iter();
                let current = self.asker.access.document(*id);
                let more = older.filter(move |older| !is_within(older, current));
                Some(more.map(move |older| (older, current)))
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
        let is_unlimited = self.asker.is_unlimited(subject);
        let makes = |(older, current): &(&Policy, Option<&Policy>)| {
            self.asker.is_administrator_with(subject, older)
                || is_unlimited && self.raises_itself_with(older, *current)
        };
        let (gain, confidence) = if older.iter().any(makes) {
            (Gain::Administrator, Confidence::High)
        } else if older.is_empty() {
            (Gain::OwnRights, Confidence::Low)
        } else {
            (Gain::OwnRights, Confidence::High)
        };
        self.add(plan, gain, none, confidence);
    }

    /// Whether the node may give itself any right, whatever the context, once an older version is in force in place of the current one.
    fn raises_itself_with(&self, older: &Policy, current: Option<&Policy>) -> bool {
        let (asker, subject) = (self.asker, self.node.subject);
        if is_protected(subject) {
            return false;
        }
        let mut assembled = asker.access.assemble(subject, None, World::Known);
        let identity = &mut assembled.policies.identity;
        // Another policy can have the same text.
        let place = identity
            .iter()
            .position(|own| current.is_some_and(|current| std::ptr::eq(*own, current)));
        if let Some(place) = place {
            identity.swap_remove(place);
        }
        identity.push(older);
        let may = |name: &'static str, resource: &str, extra: Extra| {
            let action = ACTIONS.id("iam", name).and_then(|id| ACTIONS.action(id));
            let context = asker.context(subject, extra);
            let resource = Resource::parse(resource);
            action.is_some_and(|action| {
                requests::always_may(
                    &asker.told,
                    &assembled,
                    subject,
                    action,
                    &resource,
                    &context,
                )
            })
        };
        let [put, attach] = match subject.kind {
            SubjectKind::User => ["putuserpolicy", "attachuserpolicy"],
            _ => ["putrolepolicy", "attachrolepolicy"],
        };
        let mut administrators = asker.told.managed.administrators(&subject.account_id);
        let mut policies = subject
            .identity
            .iter()
            .filter_map(|own| asker.access.policy(own.policy))
            .filter(|own| {
                own.kind == PolicyKind::Managed
                    && own.arn.split(':').nth(4) == Some(&*subject.account_id)
            });
        may(put, &subject.arn, Extra::Nothing)
            || administrators
                .any(|policy| may(attach, &subject.arn, Extra::AdministratorPolicy(policy)))
            || policies.any(|own| may("createpolicyversion", &own.arn, Extra::Nothing))
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
