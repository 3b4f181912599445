//! What a person can decide besides: policies that can go, and copies of shared ones.

use std::collections::BTreeMap;

use leastgrant_access::SubjectId;
use leastgrant_policy::Policy;
use rayon::prelude::*;

use super::{AllNeeds, Made, Minimizer, narrowed};
use crate::narrow::Narrowed;
use crate::needs::Needs;
use crate::outcome::{CloneGroup, PolicyOutcome, Suggestion};
use crate::replay::replay;
use crate::unit::{SourceKind, Unit};

/// What a policy is narrowed to, and for whom.
type Group<'n, 'u> = (Vec<Narrowed>, Vec<(SubjectId, &'n Needs<'u>)>);

impl<'a> Minimizer<'a> {
    pub(super) fn suggestions(
        &self,
        needs: &AllNeeds<'a>,
        made: &BTreeMap<usize, Made>,
        policies: &[PolicyOutcome],
    ) -> Vec<Suggestion> {
        let mut suggestions = Vec::new();
        for (number, (unit, policy)) in self.units.all.iter().zip(policies).enumerate() {
            if policy.new.is_empty() {
                suggestions.push(Suggestion::Delete { policy: number });
                continue;
            }
            if unit.source.kind != SourceKind::CustomerManaged || unit.members.len() < 2 {
                continue;
            }
            let mut groups: Vec<Group<'_, '_>> = Vec::new();
            let members = unit
                .members
                .iter()
                .filter_map(|id| Some((*id, needs.get(id)?)));
            for (id, own) in members.filter(|(_, own)| own.untouchable.is_none()) {
                let narrowed = narrowed(unit.document, &[own], self.sources.settings);
                match groups.iter_mut().find(|(known, _)| *known == narrowed) {
                    Some((_, members)) => members.push((id, own)),
                    None => groups.push((narrowed, vec![(id, own)])),
                }
            }
            if groups.len() > 1 {
                let groups = groups
                    .into_par_iter()
                    .map(|(narrowed, members)| CloneGroup {
                        documents: self.documents_for(number, unit, &narrowed, &members, made),
                        principals: members
                            .iter()
                            .map(|(_, own)| own.principal_arn.to_owned())
                            .collect(),
                    });
                suggestions.push(Suggestion::Clone {
                    policy: number,
                    groups: groups.collect(),
                });
            }
        }
        suggestions.extend(self.tables.unattached.iter().map(|(account_id, arn)| {
            Suggestion::DeleteUnattached {
                account_id: account_id.clone(),
                arn: arn.clone(),
            }
        }));
        suggestions
    }

    /// The documents of a copy for some who share a policy, with the same proof as all others; nothing without it.
    fn documents_for(
        &self,
        number: usize,
        unit: &Unit<'_>,
        narrowed: &[Narrowed],
        members: &[(SubjectId, &Needs<'_>)],
        made: &BTreeMap<usize, Made>,
    ) -> Option<Vec<String>> {
        let needs: Vec<&Needs<'_>> = members.iter().map(|(_, own)| *own).collect();
        let copy = match narrowed.iter().all(|own| *own == Narrowed::Keep) {
            true => return Some(vec![unit.document.text().to_owned()]),
            false => self.made_for(unit, narrowed, &needs, 0).ok()?,
        };
        let is_proved = members.iter().all(|(id, needs)| {
            let Some(subject) = self.access.subject(*id) else {
                return false;
            };
            let others = self.units_of(*id).filter(|(other, _)| *other != number);
            let policies: Vec<&Policy> = others
                .flat_map(|(other, unit)| match made.get(&other) {
                    Some(made) => made.policies.iter().collect(),
                    None => vec![unit.document],
                })
                .chain(&copy.policies)
                .collect();
            let replay = replay(self.access, subject, needs.uses, &policies);
            replay.broken.is_empty()
        });
        is_proved.then_some(copy.documents.texts)
    }
}
