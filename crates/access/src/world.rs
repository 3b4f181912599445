//! A principal's policies put together for a decision, with stand-ins for what is not known.

use std::sync::LazyLock;

use leastgrant_policy::evaluate::{Member, Policies, Request, StatementPlace};
use leastgrant_policy::{Policy, SyntaxError};

use crate::subject::{Account, Level};
use crate::{Access, PolicyId, Subject, SubjectKind, Unknown};

static ALLOW_ALL: LazyLock<Result<Policy, SyntaxError>> = LazyLock::new(|| {
    Policy::parse(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#)
});

/// What is taken for a document that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// Nothing: the documents that are known, alone.
    Known,
    /// One that allows everything, and denies nothing: the most that could be allowed.
    Generous,
}

/// The policies that bear on one request of one principal.
#[derive(Debug)]
pub struct Assembled<'a> {
    /// As the evaluation takes them.
    pub policies: Policies<'a>,
    /// What is not known of them.
    pub unknowns: Vec<Unknown>,
    /// How many of them are of the principal's side.
    own_unknowns: usize,
    pub(crate) access: &'a Access,
    subject: &'a Subject,
    pub(crate) account: Option<&'a Account>,
    pub(crate) resource_account: Option<&'a Account>,
    pub(crate) resource_policy: Option<PolicyId>,
}

impl Access {
    /// The policies that bear on any request of a principal: all but the resource's side.
    #[must_use]
    pub fn policies_of<'a>(&'a self, subject: &'a Subject) -> Assembled<'a> {
        self.assemble(subject, None, World::Known)
    }

    /// The policies that bear on this request of a principal.
    #[must_use]
    pub fn policies_for<'a>(
        &'a self,
        subject: &'a Subject,
        request: &Request,
        world: World,
    ) -> Assembled<'a> {
        self.assemble(subject, Some(request), world)
    }

    pub(crate) fn assemble<'a>(
        &'a self,
        subject: &'a Subject,
        request: Option<&Request>,
        world: World,
    ) -> Assembled<'a> {
        let mut assembled = Assembled {
            policies: Policies::default(),
            unknowns: Vec::new(),
            own_unknowns: 0,
            access: self,
            subject,
            account: self.account(&subject.account_id),
            resource_account: None,
            resource_policy: None,
        };
        assembled.put_identity_side(world);
        assembled.put_service_control(world);
        assembled.own_unknowns = assembled.unknowns.len();
        if let Some(request) = request {
            assembled.put_resource(request, world);
        }
        assembled
    }

    /// The documents of these policies that are known; the others are said.
    fn known<'a>(
        &'a self,
        policies: impl Iterator<Item = PolicyId>,
        member: Member,
        world: World,
        unknowns: &mut Vec<Unknown>,
    ) -> Vec<&'a Policy> {
        let mut documents = Vec::new();
        let mut has_unknown = false;
        for id in policies {
            match self.document(id) {
                Some(document) => documents.push(document),
                None => {
                    has_unknown = true;
                    unknowns.extend(self.unknown_document(id, member));
                }
            }
        }
        // Stand-ins come last, so that places of statements count known documents only.
        if has_unknown && world == World::Generous {
            documents.extend(stand_in());
        }
        documents
    }

    fn unknown_document(&self, id: PolicyId, member: Member) -> Option<Unknown> {
        let policy = self.policy(id)?;
        let reason = policy.not_known()?;
        Some(Unknown::new(member, format!("{} {reason}", policy.words())))
    }
}

pub(crate) fn stand_in() -> Option<&'static Policy> {
    ALLOW_ALL.as_ref().ok()
}

impl<'a> Assembled<'a> {
    fn put_identity_side(&mut self, world: World) {
        let subject = self.subject;
        if subject.kind == SubjectKind::Root {
            return;
        }
        let own = subject.identity.iter().map(|attachment| attachment.policy);
        self.policies.identity =
            self.access
                .known(own, Member::Identity, world, &mut self.unknowns);
        if !subject.unknowns.is_empty() && world == World::Generous {
            self.policies.identity.extend(stand_in());
        }
        self.unknowns.extend(subject.unknowns.iter().cloned());
        self.policies.boundary = self.access.known(
            subject.boundary.into_iter(),
            Member::Boundary,
            world,
            &mut self.unknowns,
        );
    }

    fn put_service_control(&mut self, world: World) {
        if let Some(account) = self.account.filter(|_| self.is_bound()) {
            self.policies.service_control =
                self.levels(&account.service_control, Member::ServiceControl, world);
            let own = account.unknowns.iter();
            self.unknowns.extend(
                own.filter(|unknown| unknown.member == Member::ServiceControl)
                    .cloned(),
            );
        }
    }

    /// Neither kind of organisation policies binds service-linked roles.
    pub(crate) fn is_bound(&self) -> bool {
        !self.subject.caller.is_service_linked_role()
    }

    fn levels(&mut self, levels: &[Level], member: Member, world: World) -> Vec<Vec<&'a Policy>> {
        let levels = levels.iter().map(|level| {
            let ids = level.policies.iter().copied();
            self.access.known(ids, member, world, &mut self.unknowns)
        });
        levels.collect()
    }

    /// Puts the side of a request's resource in, in the place of another one's.
    pub(crate) fn put_resource(&mut self, request: &Request, world: World) {
        self.unknowns.truncate(self.own_unknowns);
        self.policies.resource = None;
        self.policies.resource_control.clear();
        let owner = request.resource_account.as_deref();
        self.resource_account = owner.and_then(|owner| self.access.account(owner));
        self.resource_policy = self.access.resource_policy(request.resource.as_str());
        if let Some(account) = self.resource_account.filter(|_| self.is_bound()) {
            self.policies.resource_control =
                self.levels(&account.resource_control, Member::ResourceControl, world);
            let own = account.unknowns.iter();
            self.unknowns.extend(
                own.filter(|unknown| unknown.member == Member::ResourceControl)
                    .cloned(),
            );
        }
        self.put_resource_side(request, world);
    }

    fn put_resource_side(&mut self, request: &Request, world: World) {
        if let Some(id) = self.resource_policy {
            match self.access.document(id) {
                Some(document) => {
                    self.policies.resource = Some(document);
                    return;
                }
                None => self
                    .unknowns
                    .extend(self.access.unknown_document(id, Member::Resource)),
            }
        } else if request.is_cross_account() || request.is_decided_by_resource() {
            let resource = request.resource.as_str();
            let kind = match resource.contains(":role/") {
                true => "trust policy",
                false => "policy",
            };
            self.unknowns.push(Unknown::new(
                Member::Resource,
                format!(
                    "the {kind} of `{resource}`, which must allow the request too, is not in the inventory"
                ),
            ));
        } else {
            return;
        }
        // It is taken to hand the decision to the caller's account: whom it may name besides is not known.
        if world == World::Generous {
            self.policies.resource = self.access.delegates.get(&self.subject.account_id);
        }
    }

    /// Which policy a place is in; none for a stand-in.
    #[must_use]
    pub(crate) fn policy_at(&self, place: &StatementPlace) -> Option<PolicyId> {
        let subject = self.subject;
        let nth = |ids: &mut dyn Iterator<Item = PolicyId>| {
            ids.filter(|id| self.access.document(*id).is_some())
                .nth(place.policy)
        };
        let of_level = |levels: &[Level]| {
            let level = levels.get(place.level)?;
            nth(&mut level.policies.iter().copied())
        };
        match place.member {
            Member::Identity => nth(&mut subject.identity.iter().map(|own| own.policy)),
            Member::Boundary => nth(&mut subject.boundary.into_iter()),
            Member::Resource => {
                let id = self.resource_policy?;
                self.access.document(id).map(|_| id)
            }
            Member::ServiceControl => of_level(&self.account?.service_control),
            Member::ResourceControl => of_level(&self.resource_account?.resource_control),
            Member::Session | Member::VpcEndpoint => None,
        }
    }

    /// The group through which the principal has the policy at a place.
    #[must_use]
    pub(crate) fn group_at(&self, place: &StatementPlace) -> Option<&'a str> {
        if place.member != Member::Identity {
            return None;
        }
        let mut known = self
            .subject
            .identity
            .iter()
            .filter(|own| self.access.document(own.policy).is_some());
        known.nth(place.policy).and_then(|own| own.group.as_deref())
    }
}
