//! What else may be so, where the inventory leaves it open: each reading is decided by itself, and an answer stands only if
//! all of them give it.

use std::sync::LazyLock;

use leastgrant_policy::evaluate::{Member, Policies, Request};
use leastgrant_policy::principal::CallerKind;
use leastgrant_policy::{Action, Effect, Policy, Principal, SyntaxError};

use crate::subject::{Account, role_name_of_session};
use crate::who_can::matches_action;
use crate::world::stand_in;
use crate::{
    Access, Answer, Assembled, Membership, PolicyId, PolicyKind, Subject, Unknown, Verdict,
};

static DENY_ALL: LazyLock<Result<Policy, SyntaxError>> = LazyLock::new(|| {
    Policy::parse(r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#)
});

/// The key that tells a role's sessions apart: its value ends in the session's name.
const SESSION_KEY: &str = "aws:userid";

/// The policies as they may be instead, and what is not known that leaves it open.
pub(crate) struct Reading<'a> {
    pub policies: Policies<'a>,
    pub unknown: Unknown,
}

impl<'a> Assembled<'a> {
    /// All readings of the organisation's side beside that of what is known.
    pub(crate) fn other_readings(&self, action: &Action) -> Vec<Reading<'a>> {
        if !self.is_bound() {
            return Vec::new();
        }
        let mut readings = Vec::new();
        readings.extend(self.of_management());
        for member in [Member::ServiceControl, Member::ResourceControl] {
            self.put_strays(member, action, &mut readings);
        }
        readings
    }

    /// That the account is the management account, which no organisation policy binds.
    fn of_management(&self) -> Option<Reading<'a>> {
        let may_be = |account: Option<&Account>| account.is_some_and(|own| own.may_be_management);
        let mut policies = self.policies.clone();
        if may_be(self.account) {
            policies.service_control.clear();
        }
        if may_be(self.resource_account) {
            policies.resource_control.clear();
        }
        let is_other = policies.service_control.len() < self.policies.service_control.len()
            || policies.resource_control.len() < self.policies.resource_control.len();
        is_other.then(|| Reading {
            policies,
            unknown: Unknown::new(
                Member::ServiceControl,
                "the organisation's management account is not known, and service and resource control policies do not bind it; collect organizations:DescribeOrganization",
            ),
        })
    }

    /// Policies that may be attached above the account, or not: each as strictly as it can be, and as generously.
    fn put_strays(&self, member: Member, action: &Action, readings: &mut Vec<Reading<'a>>) {
        let (kind, account) = match member {
            Member::ServiceControl => (PolicyKind::ServiceControl, self.account),
            _ => (PolicyKind::ResourceControl, self.resource_account),
        };
        if account.is_none_or(|own| own.membership != Membership::Member) {
            return;
        }
        let mut has_allow = None;
        for id in &self.access.strays {
            let Some(named) = self.access.policy(*id).filter(|own| own.kind == kind) else {
                continue;
            };
            let document = self.access.document(*id);
            let has = |effect: Effect, is_of_action: bool| {
                document.is_none_or(|policy| {
                    policy.statements.iter().any(|own| {
                        own.effect == effect && (!is_of_action || matches_action(own, action))
                    })
                })
            };
            let allows = has(Effect::Allow, false);
            if !allows && !has(Effect::Deny, true) {
                continue;
            }
            let unknown = Unknown::new(
                member,
                format!(
                    "what {} is attached to is not in the inventory; collect organizations:ListTargetsForPolicy",
                    named.words()
                ),
            );
            let level: Vec<&Policy> = match document {
                Some(document) if allows => vec![document],
                // A level of Denies alone would allow nothing: others that allow stand beside them.
                Some(document) => [Some(document), stand_in()].into_iter().flatten().collect(),
                None => DENY_ALL.as_ref().ok().into_iter().collect(),
            };
            let mut policies = self.policies.clone();
            levels(&mut policies, member).push(level);
            readings.push(Reading {
                policies,
                unknown: unknown.clone(),
            });
            if allows {
                has_allow.get_or_insert(unknown);
            }
        }
        if let Some(unknown) = has_allow {
            let mut policies = self.policies.clone();
            for level in levels(&mut policies, member) {
                level.extend(stand_in());
            }
            readings.push(Reading { policies, unknown });
        }
    }

    /// The sessions of the caller's role that the resource's policy names, where the caller is the role in any session.
    pub(crate) fn named_sessions(&self, request: &Request) -> Vec<&'a Principal> {
        let CallerKind::Role { account_id, name } = request.principal.kind() else {
            return Vec::new();
        };
        let named = self
            .resource_policy
            .and_then(|id| self.access.sessions.get(&id));
        named
            .into_iter()
            .flatten()
            .filter(|session| role_name_of_session(session.as_str()) == Some((account_id, name)))
            .collect()
    }
}

fn levels<'p, 'a>(policies: &'p mut Policies<'a>, member: Member) -> &'p mut Vec<Vec<&'a Policy>> {
    match member {
        Member::ServiceControl => &mut policies.service_control,
        _ => &mut policies.resource_control,
    }
}

impl Access {
    /// Whether it is open which organisation policies bind the principal.
    pub(crate) fn is_organization_in_doubt(&self, subject: &Subject) -> bool {
        let account = self.account(&subject.account_id);
        account.is_some_and(|own| {
            own.may_be_management || own.membership == Membership::Member && !self.strays.is_empty()
        })
    }

    /// Notes which policies of resources name sessions.
    pub(crate) fn put_sessions(&mut self) {
        let ids: Vec<PolicyId> = self.resource_policies.values().copied().collect();
        for id in ids {
            let statements = self.document(id).map(|policy| &policy.statements);
            let mut named: Vec<Principal> = statements
                .into_iter()
                .flatten()
                .filter_map(|statement| statement.principal.as_ref())
                .flat_map(|element| &element.entries)
                .filter(|entry| role_name_of_session(&entry.text).is_some())
                .filter_map(|entry| Principal::parse(&entry.text))
                .collect();
            named.sort();
            named.dedup();
            if !named.is_empty() {
                self.sessions.insert(id, named);
            }
        }
    }
}

impl Verdict {
    /// Takes in what one session of the role gets.
    pub(crate) fn put_session(&mut self, session: Self) {
        if session.answer == self.answer {
            return;
        }
        if session.answer > self.answer {
            self.outcome = session.outcome;
            self.decided_by = session.decided_by;
        }
        self.statements.extend(session.statements);
        self.statements.sort();
        self.statements.dedup();
        self.unknowns.extend(session.unknowns);
        if self.answer == Answer::Unknown || session.answer == Answer::Unknown {
            self.answer = Answer::Unknown;
            self.keys.clear();
            return;
        }
        self.answer = Answer::Depends;
        self.keys.extend(session.keys);
        self.keys.push(SESSION_KEY.to_owned());
        self.keys.sort();
        self.keys.dedup();
    }
}
