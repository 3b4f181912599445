//! What the principals of an inventory may do, over all their policies.
//!
//! Documents are read once and shared; a decision is [`leastgrant_policy::evaluate`]'s, asked with everything that the
//! inventory has of a principal: its own and its groups' policies, its permissions boundary, the organisation's service
//! and resource control policies, and the policy of the resource. What the inventory does not have, or has and cannot be
//! read, is an [`Unknown`], and never silently taken for "no".

mod administrator;
mod admission;
pub mod batch;
mod escalation;
mod graph;
mod load;
mod policy;
mod readings;
mod subject;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod twin;
mod unknown;
mod verdict;
mod who_can;
mod world;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_policy::{Policy, Principal, Resource};

pub use administrator::Administration;
pub use escalation::{Administrator, EscalationSet, EscalationTarget, escalation_sets};
pub use graph::{
    Confidence, Gain, Granted, Graph, GraphFacts, Hop, NodeId, Path, Way, WayEvidence, Worth,
};
pub use policy::{NamedPolicy, PolicyId, PolicyKind};
pub use subject::{Account, Attachment, Group, Level, Membership, Subject, SubjectId, SubjectKind};
pub use unknown::Unknown;
pub use verdict::{Answer, Explained, StatementRef, Verdict, context_of};
pub use who_can::{Grant, Outsider, Question, WhoCan, WhoCanRow};
pub use world::{Assembled, World};

use policy::Document;

/// An inventory's principals with their policies, ready to be asked.
#[derive(Debug, Default)]
pub struct Access {
    /// The distinct documents that could be read.
    documents: Vec<Policy>,
    policies: Vec<NamedPolicy>,
    /// Sorted by ARN.
    subjects: Vec<Subject>,
    subject_by_arn: HashMap<Box<str>, SubjectId>,
    /// Sorted by ARN.
    groups: Vec<Group>,
    accounts: BTreeMap<Box<str>, Account>,
    /// Trust policies are among them, under their roles' ARNs.
    resource_policies: HashMap<Box<str>, PolicyId>,
    /// Organisation policies of which it is not known what they are attached to.
    strays: Vec<PolicyId>,
    /// Sessions of roles that a resource's policy names.
    sessions: HashMap<PolicyId, Vec<Principal>>,
    /// The accounts of resources whose ARN does not name it.
    resource_owners: HashMap<Box<str>, Box<str>>,
    /// Accounts of which all roles were collected.
    accounts_with_roles: BTreeSet<Box<str>>,
    /// Accounts of the organisation of which nothing was collected.
    absent_accounts: BTreeSet<Box<str>>,
    /// Whose principals are missing in the inventory.
    missing_principals: Vec<PolicyGap>,
    /// Files and calls that failed, and may have held principals.
    hiding: Vec<PolicyGap>,
    /// For each account a resource policy that hands all decisions to it: the stand-in for one that is not known.
    delegates: HashMap<Box<str>, Policy>,
    /// What was collected in part only.
    gaps: Vec<PolicyGap>,
    /// What the whole inventory lacks, in words.
    notes: Vec<String>,
}

/// A file or call that failed, and may have held policies.
#[derive(Debug, Clone)]
struct PolicyGap {
    /// Of which account; none for any.
    account_id: Option<Box<str>>,
    unknown: Unknown,
    /// Of which service's resources alone it is, as ARNs name it.
    service: Option<Box<str>>,
}

impl Access {
    /// What was collected in part only of this account's policies, and may have held one that decides about the resource.
    fn gaps_of(&self, account_id: &str, resource: &Resource) -> impl Iterator<Item = Unknown> {
        let service = resource.as_str().split(':').nth(2);
        let has_policy = self.resource_policy(resource.as_str()).is_some();
        self.gaps
            .iter()
            .filter(move |gap| {
                let is_own = gap.account_id.as_deref();
                let is_own = is_own.is_none_or(|own| own == account_id);
                let of_another = match (gap.service.as_deref(), service) {
                    (Some(own), Some(service)) => own != service || has_policy,
                    _ => false,
                };
                is_own && !of_another
            })
            .map(|gap| gap.unknown.clone())
    }

    /// What was not collected of this account, and may hold principals that are not known.
    #[must_use]
    pub fn hiding_principals(&self, account_id: &str) -> Vec<&str> {
        let gaps = self.missing_principals.iter().chain(&self.hiding);
        let here = gaps.filter(|gap| {
            let own = gap.account_id.as_deref();
            own.is_none_or(|own| own == account_id)
        });
        here.map(|gap| &*gap.unknown.reason).collect()
    }

    /// Whether the account is one of the organisation of which nothing was collected.
    #[must_use]
    pub fn is_absent(&self, account_id: &str) -> bool {
        self.absent_accounts.contains(account_id)
    }

    /// All users, roles and root users, sorted by ARN.
    pub fn principals(&self) -> impl ExactSizeIterator<Item = (SubjectId, &Subject)> {
        self.subjects
            .iter()
            .enumerate()
            .map(|(index, subject)| (SubjectId(index), subject))
    }

    /// The principal of an ARN. A session's ARN gives its role.
    #[must_use]
    pub fn principal_of(&self, arn: &str) -> Option<SubjectId> {
        self.subject_by_arn.get(arn).copied().or_else(|| {
            let role = subject::role_of_session(arn)?;
            self.subject_by_arn.get(role.as_str()).copied().or_else(|| {
                // A session's ARN has no path, its role's may have one.
                let (account_id, name) = subject::role_name_of_session(arn)?;
                self.principals()
                    .find(|(_, subject)| {
                        subject.kind == SubjectKind::Role
                            && &*subject.account_id == account_id
                            && &*subject.name == name
                    })
                    .map(|(id, _)| id)
            })
        })
    }

    /// All groups, sorted by ARN.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// One principal.
    #[must_use]
    pub fn subject(&self, id: SubjectId) -> Option<&Subject> {
        self.subjects.get(id.0)
    }

    /// One policy with its name and owner.
    #[must_use]
    pub fn policy(&self, id: PolicyId) -> Option<&NamedPolicy> {
        self.policies.get(id.0)
    }

    /// What is written in a policy, if that is known.
    #[must_use]
    pub fn document(&self, id: PolicyId) -> Option<&Policy> {
        self.documents.get(self.document_number(id)?)
    }

    /// Which document a policy is, if that is known.
    fn document_number(&self, id: PolicyId) -> Option<usize> {
        match self.policy(id)?.document {
            Document::Known(number) => Some(number),
            Document::NotKnown(_) => None,
        }
    }

    /// An account of the inventory or of its organisation.
    #[must_use]
    pub fn account(&self, account_id: &str) -> Option<&Account> {
        self.accounts.get(account_id)
    }

    /// Whether the account's roles are known, each with its trust policy.
    fn has_roles(&self, account_id: &str) -> bool {
        self.accounts_with_roles.contains(account_id)
    }

    /// The policy of a resource: its own, and for an object of a bucket the bucket's.
    #[must_use]
    pub fn resource_policy(&self, resource_arn: &str) -> Option<PolicyId> {
        let own = self.resource_policies.get(resource_arn);
        let of_bucket = || {
            let rest = resource_arn.splitn(6, ':').nth(5)?;
            let is_bucket = resource_arn.split(':').nth(2) == Some("s3");
            let (bucket, _) = rest.split_once('/').filter(|_| is_bucket)?;
            let length = resource_arn.len() - rest.len() + bucket.len();
            self.resource_policies.get(resource_arn.get(..length)?)
        };
        own.or_else(of_bucket).copied()
    }

    /// What the whole inventory lacks, in words: a line each.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}
