//! What principals can do on any resource, for all principals and all actions: the ground of the rules on rights that are
//! too wide.
//!
//! A right is unscoped if it holds for a resource that nobody chose. So each kind of resource that AWS has is asked about by
//! one that no policy names: a wildcard that covers it covers any, however it is written, and a Deny that spares it leaves a
//! hole. Each distinct document is read once, to sets of bits; a principal's are then put together as AWS decides.

mod bits;
mod conditions;
mod document;
mod principal;
#[cfg(test)]
mod tests;
mod universe;

use std::collections::HashMap;

use leastgrant_access::{Access, PolicyId, Subject, SubjectId, SubjectKind};
use leastgrant_inventory::Timestamp;
use leastgrant_policy::evaluate::Member;
use leastgrant_policy::scalar::Instant;
use leastgrant_policy::{Context, Resource};
use rayon::prelude::*;

use document::DocumentReach;
use principal::Documents;

pub(crate) use conditions::{Scope, scope};
pub(crate) use document::{Reader, actions_of};
pub(crate) use principal::{Administrator, Reach, context_of};
pub(crate) use universe::Universe;

/// The reach of all users and roles of an inventory.
#[derive(Debug)]
pub(crate) struct AllReach {
    as_of: Option<Instant>,
    principals: Vec<(SubjectId, Reach)>,
    /// Where the principals of an account are.
    places: HashMap<Box<str>, Vec<usize>>,
    /// Who has a policy, by itself or through a group.
    holders: HashMap<PolicyId, Vec<usize>>,
}

/// A user or role with its reach.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PrincipalReach<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) reach: &'a Reach,
}

/// Documents by account, policy, and what they are in the decision.
struct Read<'a> {
    access: &'a Access,
    account_id: &'a str,
    documents: &'a HashMap<Key<'a>, DocumentReach<'a>>,
}

/// The account and the kind of the decision's member, and where the document lies: equal documents are one.
type Key<'a> = (&'a str, Member, usize);

impl Documents for Read<'_> {
    fn of(&self, policy: PolicyId, member: Member) -> Option<&DocumentReach<'_>> {
        let document = self.access.document(policy)?;
        self.documents
            .get(&(self.account_id, read_as(member), address(document)))
    }
}

fn address(policy: &leastgrant_policy::Policy) -> usize {
    std::ptr::from_ref(policy).addr()
}

/// A boundary is read as identity policies are.
fn read_as(member: Member) -> Member {
    match member {
        Member::Boundary => Member::Identity,
        other => other,
    }
}

impl AllReach {
    /// Reads all documents and puts the principals together. Root users and service-linked roles are left out.
    pub(crate) fn of(access: &Access, as_of: Timestamp) -> Self {
        let as_of = Instant::parse(&as_of.to_string());
        let subjects: Vec<(SubjectId, &Subject)> = access
            .principals()
            .filter(|(_, own)| matches!(own.kind, SubjectKind::User | SubjectKind::Role))
            .filter(|(_, own)| !own.caller.is_service_linked_role())
            .collect();
        let documents = read(access, &subjects);
        let principals = subjects
            .par_iter()
            .map(|(id, subject)| {
                let read = Read {
                    access,
                    account_id: &subject.account_id,
                    documents: &documents,
                };
                let context = context_of(access, subject, as_of);
                (*id, principal::reach(access, subject, &read, &context))
            })
            .collect();
        let mut places: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        let mut holders: HashMap<PolicyId, Vec<usize>> = HashMap::new();
        for (place, (_, subject)) in subjects.iter().enumerate() {
            match places.get_mut(&subject.account_id) {
                Some(own) => own.push(place),
                None => {
                    places.insert(subject.account_id.clone(), vec![place]);
                }
            }
            for own in &subject.identity {
                let holders = holders.entry(own.policy).or_default();
                if holders.last() != Some(&place) {
                    holders.push(place);
                }
            }
        }
        Self {
            as_of,
            principals,
            places,
            holders,
        }
    }

    /// The users and roles of an account, sorted by ARN.
    pub(crate) fn of_account<'a>(
        &'a self,
        access: &'a Access,
        account_id: &str,
    ) -> impl Iterator<Item = PrincipalReach<'a>> {
        let places = self.places.get(account_id).into_iter().flatten();
        places.filter_map(|place| self.at(access, *place))
    }

    /// The users and roles that have a policy, by themselves or through a group.
    pub(crate) fn holders<'a>(
        &'a self,
        access: &'a Access,
        policy: PolicyId,
    ) -> impl Iterator<Item = PrincipalReach<'a>> {
        let places = self.holders.get(&policy).into_iter().flatten();
        places.filter_map(|place| self.at(access, *place))
    }

    fn at<'a>(&'a self, access: &'a Access, place: usize) -> Option<PrincipalReach<'a>> {
        let (id, reach) = self.principals.get(place)?;
        let subject = access.subject(*id)?;
        Some(PrincipalReach { subject, reach })
    }

    /// What is known of any request of a principal on a resource that nobody chose.
    pub(crate) fn context_of(&self, access: &Access, subject: &Subject) -> Context {
        context_of(access, subject, self.as_of)
    }
}

/// Reads each distinct document once for each account and use.
fn read<'a>(
    access: &'a Access,
    subjects: &[(SubjectId, &'a Subject)],
) -> HashMap<Key<'a>, DocumentReach<'a>> {
    let universe = Universe::get();
    let mut resources: HashMap<&str, Vec<Resource>> = HashMap::new();
    let mut wanted = HashMap::new();
    let mut want = |account_id: &'a str, member: Member, policy: PolicyId| {
        if let Some(document) = access.document(policy) {
            wanted.insert((account_id, read_as(member), address(document)), document);
        }
    };
    for (_, subject) in subjects {
        let account_id = &*subject.account_id;
        for own in &subject.identity {
            want(account_id, Member::Identity, own.policy);
        }
        if let Some(boundary) = subject.boundary {
            want(account_id, Member::Boundary, boundary);
        }
        if resources.contains_key(account_id) {
            continue;
        }
        let partition = subject.arn.split(':').nth(1).unwrap_or("aws");
        resources.insert(account_id, universe.resources(partition, account_id));
        let Some(account) = access.account(account_id) else {
            continue;
        };
        for (levels, member) in [
            (&account.service_control, Member::ServiceControl),
            (&account.resource_control, Member::ResourceControl),
        ] {
            for policy in levels.iter().flat_map(|level| &level.policies) {
                want(account_id, member, *policy);
            }
        }
    }
    wanted
        .into_par_iter()
        .map(|(key, document)| {
            let (account_id, member, _) = key;
            let reader = Reader {
                resources: resources.get(account_id).map_or(&[], Vec::as_slice),
                short: member.short_arn(),
            };
            (key, reader.document(document))
        })
        .collect()
}
