//! Which principals can do something.
//!
//! An index over the distinct documents rejects most principals before any decision is made: one without a document that
//! has an Allow for the action, and that no resource's policy names, cannot. Without a resource, "can" means "on some
//! resource": each resource pattern of an Allow that matches the action is asked with a resource made up from it, narrowed
//! to what boundary and organisation allow.

mod candidates;
mod index;
mod outsiders;
mod samples;
mod shape;

use leastgrant_policy::evaluate::Member;
use leastgrant_policy::{Action, Context, Effect, Resource};
use rayon::prelude::*;

use crate::verdict::is_about_oneself;
use crate::{
    Access, Answer, PolicyId, StatementRef, Subject, SubjectId, SubjectKind, Unknown, Verdict,
    World,
};
use candidates::Candidate;
pub(crate) use index::Index;
pub(crate) use index::matches_action;
pub use outsiders::Outsider;
pub(crate) use shape::{FRESH, Fill, Shape, filled};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The action.
    pub action: Action,
    /// On what; none for "on some resource".
    pub resource: Option<Resource>,
    /// What is told of the context. It is open: keys that are not in it may have any value.
    pub context: Context,
}

/// The principals that can, or may be able to.
#[derive(Debug, Clone, Default)]
pub struct WhoCan {
    /// Sorted by ARN; none of them is "no".
    pub rows: Vec<WhoCanRow>,
    /// What is not known and bears on an answer, each once.
    pub unknowns: Vec<Unknown>,
    /// How many principals were asked about.
    pub asked: usize,
    /// Whom the policy of the resource that was asked about lets in besides: none of them is a principal of the inventory.
    pub outsiders: Vec<Outsider>,
}

/// A principal that can, or may be able to.
#[derive(Debug, Clone)]
pub struct WhoCanRow {
    /// The principal.
    pub subject: SubjectId,
    /// The answer on the resource of which it can the most.
    pub answer: Answer,
    /// On which resources.
    pub grants: Vec<Grant>,
    /// The permissions boundary that was taken into account.
    pub boundary: Option<PolicyId>,
    /// How many levels of service control policies were taken into account.
    pub service_control_levels: usize,
}

/// What a principal can do on which resource.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The resource, or the pattern that the policies have it in.
    pub resource: Box<str>,
    /// What of it is excepted: the entries of a NotResource.
    pub except: Vec<Box<str>>,
    /// The answer.
    pub answer: Answer,
    /// The statements that grant it, and those that may deny it; not those of limits that allow it too.
    pub statements: Vec<StatementRef>,
    /// The context keys that it depends on, in lower case.
    pub keys: Vec<String>,
    /// What is not known and bears on it.
    pub unknowns: Vec<Unknown>,
}

impl Access {
    /// The principals that can, or may be able to, do something.
    #[must_use]
    pub fn who_can(&self, question: &Question) -> WhoCan {
        self.who_can_among(question, |_| true)
    }

    /// The same of some principals; the others are left out.
    #[must_use]
    pub fn who_can_among(
        &self,
        question: &Question,
        is_asked: impl Fn(SubjectId) -> bool + Sync,
    ) -> WhoCan {
        let index = Index::new(self, &question.action);
        self.collected(question, is_asked, |subject| match &question.resource {
            // Nothing can deny it, and nothing need allow it.
            _ if is_about_oneself(&question.action) => {
                let resource = question.resource.clone();
                vec![Candidate::of(
                    resource.unwrap_or_else(|| Resource::parse("*")),
                )]
            }
            Some(resource) => {
                let may = index.may(self, subject)
                    || index.is_named_by(subject, self.resource_policy(resource.as_str()));
                let candidate = Candidate::of(resource.clone());
                match may {
                    true => vec![candidate],
                    false => Vec::new(),
                }
            }
            None => candidates::of(self, &index, subject, question),
        })
    }

    /// Resources that stand for all on which a principal may be able to do what the index is of.
    pub(crate) fn resources_of(
        &self,
        index: &Index,
        subject: &Subject,
        question: &Question,
    ) -> Vec<Resource> {
        let candidates = candidates::of(self, index, subject, question).into_iter();
        candidates
            .flat_map(|candidate| candidate.resources)
            .collect()
    }

    /// The same without the index, and for a question with a resource only: every principal is asked.
    ///
    /// The obvious twin of [`Self::who_can`], for tests.
    #[cfg(test)]
    pub(crate) fn who_can_slowly(&self, question: &Question) -> WhoCan {
        self.collected(
            question,
            |_| true,
            |_| {
                question
                    .resource
                    .iter()
                    .map(|resource| Candidate::of(resource.clone()))
                    .collect()
            },
        )
    }

    fn collected(
        &self,
        question: &Question,
        is_asked: impl Fn(SubjectId) -> bool + Sync,
        candidates: impl Fn(&Subject) -> Vec<Candidate> + Sync,
    ) -> WhoCan {
        let rows: Vec<WhoCanRow> = self
            .subjects
            .par_iter()
            .enumerate()
            .filter(|(number, _)| is_asked(SubjectId(*number)))
            .filter_map(|(number, subject)| {
                let grants = self.grants(subject, question, candidates(subject));
                self.row(SubjectId(number), subject, grants)
            })
            .collect();
        let mut unknowns: Vec<Unknown> = rows
            .iter()
            .flat_map(|row| &row.grants)
            .flat_map(|grant| grant.unknowns.iter().cloned())
            .chain(self.gaps.iter().map(|gap| gap.unknown.clone()))
            .chain(
                self.missing_principals
                    .iter()
                    .map(|gap| gap.unknown.clone()),
            )
            .chain(self.absent_owner(question))
            .collect();
        unknowns.sort();
        unknowns.dedup();
        WhoCan {
            rows,
            unknowns,
            asked: self.subjects.len(),
            outsiders: self.outsiders(question),
        }
    }

    /// That nothing was collected of the account in which the resource lies: who is there would be asked first.
    fn absent_owner(&self, question: &Question) -> Option<Unknown> {
        let resource = question.resource.as_ref()?;
        let owner = self.owner_of(resource).or_else(|| resource.account_id())?;
        self.absent_accounts.contains(owner).then(|| {
            Unknown::new(
                Member::Identity,
                format!("users and roles of the account {owner}, in which `{resource}` lies, were not collected; collect authorization details of it"),
            )
        })
    }

    fn row(&self, id: SubjectId, subject: &Subject, grants: Vec<Grant>) -> Option<WhoCanRow> {
        let answer = grants.iter().map(|grant| grant.answer).max()?;
        let account = self.account(&subject.account_id);
        let is_bound = !subject.caller.is_service_linked_role();
        Some(WhoCanRow {
            subject: id,
            answer,
            grants,
            boundary: subject
                .boundary
                .filter(|_| subject.kind != SubjectKind::Root),
            service_control_levels: account
                .filter(|_| is_bound)
                .map_or(0, |account| account.service_control.len()),
        })
    }

    /// The answers that are not "no", one for each pattern: that of the resource on which the principal can the most.
    fn grants(
        &self,
        subject: &Subject,
        question: &Question,
        candidates: Vec<Candidate>,
    ) -> Vec<Grant> {
        let mut grants = Vec::new();
        let Some(first) = candidates.first().and_then(|first| first.resources.first()) else {
            return grants;
        };
        // Only the resource's side differs from one resource to the next.
        let mut request = self.request(subject, &question.action, first, &question.context);
        let mut assembled = self.policies_for(subject, &request, World::Generous);
        for candidate in candidates {
            let verdicts = candidate.resources.iter().map(|resource| {
                self.put_resource(subject, &mut request, resource);
                assembled.put_resource(&request, World::Generous);
                self.decide_over(subject, &request, &assembled)
            });
            let best: Option<Verdict> = verdicts.max_by_key(|verdict| verdict.answer);
            let Some(mut verdict) = best.filter(|verdict| verdict.answer != Answer::No) else {
                continue;
            };
            candidate.name_pattern(&mut verdict.unknowns);
            // What limits must allow as well; they are the same for all resources, and are said of the principal.
            verdict.statements.retain(|reference| {
                matches!(reference.member, Member::Identity | Member::Resource)
                    || self
                        .statement(reference)
                        .is_some_and(|(_, statement)| statement.effect == Effect::Deny)
            });
            grants.push(Grant {
                resource: candidate.pattern.resource,
                except: candidate.pattern.except,
                answer: verdict.answer,
                statements: verdict.statements,
                keys: verdict.keys,
                unknowns: verdict.unknowns,
            });
        }
        grants
    }
}
