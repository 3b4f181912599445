//! One principal, one action, one resource: yes, no, it depends, or not known.

use leastgrant_policy::condition::Found;
use leastgrant_policy::evaluate::{Decision, Member, Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, ContextValue, Principal, Resource, Statement};

use crate::{Access, Assembled, PolicyId, Subject, Unknown, World};

/// Whether a principal may do something, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// In no context.
    No,
    /// Something that was not collected, or cannot be read, decides.
    Unknown,
    /// In some contexts, and perhaps not in others.
    Depends,
    /// In every context.
    Yes,
}

impl Answer {
    /// The name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Depends => "depends",
            Self::Yes => "yes",
        }
    }
}

/// A statement of a policy of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementRef {
    /// As what the policy bears on the request.
    pub member: Member,
    /// For organisation policies: the level from the root down.
    pub level: usize,
    /// The policy.
    pub policy: PolicyId,
    /// Which statement of it, from 0.
    pub index: usize,
    /// The group through which the principal has it.
    pub group: Option<Box<str>>,
}

/// An answer with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub answer: Answer,
    /// What decides in the context that grants the most; for "yes", in every one.
    pub outcome: Outcome,
    /// Whose policies decide.
    pub decided_by: Member,
    /// The statements that grant it, or deny it; of an answer that depends on the context, both.
    pub statements: Vec<StatementRef>,
    /// The context keys that it depends on, in lower case.
    pub keys: Vec<String>,
    /// What is not known and bears on it.
    pub unknowns: Vec<Unknown>,
}

/// A decision in one context that is told in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What becomes of the request, of what is known.
    pub outcome: Outcome,
    /// Whose policies decide.
    pub decided_by: Member,
    /// The statements that decide.
    pub statements: Vec<StatementRef>,
    /// Context keys that were not given and with which the decision could be another one.
    pub missing_keys: Vec<String>,
    /// What is not known and could change the decision.
    pub unknowns: Vec<Unknown>,
}

impl Access {
    /// Whether a principal may do something, in any context that has at least these keys.
    ///
    /// `context` is open, as [`Context::open`] makes it: keys that are not in it may have any value.
    #[must_use]
    pub fn decide(
        &self,
        subject: &Subject,
        action: &Action,
        resource: &Resource,
        context: &Context,
    ) -> Verdict {
        let request = self.request(subject, action, resource, context);
        self.decide_request(subject, &request)
    }

    /// The same of a request that [`Self::request`] made, in an open context.
    #[must_use]
    pub fn decide_request(&self, subject: &Subject, request: &Request) -> Verdict {
        let generous = self.policies_for(subject, request, World::Generous);
        self.decide_over(subject, request, &generous)
    }

    /// Over policies that were put together in the generous world, in all readings of what is left open.
    pub(crate) fn decide_over(
        &self,
        subject: &Subject,
        request: &Request,
        generous: &Assembled<'_>,
    ) -> Verdict {
        let mut verdict = self.decide_reading(subject, request, generous, &generous.policies);
        for session in generous.named_sessions(request) {
            let mut own = request.clone();
            own.principal = session.clone();
            verdict.put_session(self.decide_reading(subject, &own, generous, &generous.policies));
        }
        let known = verdict.answer;
        for reading in generous.other_readings(&request.action) {
            let other = self.decide_reading(subject, request, generous, &reading.policies);
            if other.answer != known && known != Answer::Unknown {
                verdict.answer = Answer::Unknown;
                verdict.keys.clear();
                verdict.unknowns.push(reading.unknown);
                verdict.unknowns.extend(other.unknowns);
            }
        }
        verdict.unknowns = sorted(verdict.unknowns);
        verdict
    }

    fn decide_reading(
        &self,
        subject: &Subject,
        request: &Request,
        generous: &Assembled<'_>,
        policies: &Policies<'_>,
    ) -> Verdict {
        let is_known = generous.unknowns.is_empty() || is_about_oneself(&request.action);
        let can_call = !is_root_assuming(subject, request);
        let least = decide(request, policies, Untold::Refuse);
        // What the least allows the most allows too.
        if least.outcome == Outcome::Allowed && is_known && can_call {
            return verdict(Answer::Yes, &least, generous, &[], request);
        }
        let most = decide(request, policies, Untold::Grant);
        if most.outcome != Outcome::Allowed || !can_call {
            return verdict(Answer::No, &most, generous, &[], request);
        }
        // Where something is not known the strictest reading of it denies.
        if !is_known {
            return verdict(Answer::Unknown, &most, generous, &[], request);
        }
        verdict(Answer::Depends, &most, generous, &[&least], request)
    }

    /// The decision in this very context, in which keys that are not given are missing.
    #[must_use]
    pub fn explain(
        &self,
        subject: &Subject,
        action: &Action,
        resource: &Resource,
        context: &Context,
    ) -> Explained {
        let request = self.request(subject, action, resource, context);
        let known = self.policies_for(subject, &request, World::Known);
        let decision = decide(&request, &known.policies, Untold::MatchNothing);
        let mut open = request.clone();
        open.context = Context::open();
        for (key, value) in request.context.iter() {
            open.context.insert(key, value.clone());
        }
        let readings = [Untold::Grant, Untold::Refuse];
        let others = readings.map(|untold| decide(&open, &known.policies, untold));
        let changing: Vec<&Decision> = others
            .iter()
            .filter(|other| other.outcome != decision.outcome)
            .collect();
        let missing_keys = keys(changing.iter().copied().chain([&decision]), &known, &open);
        // What is not known is of no matter where it can only be denied anyway.
        let generous = self.policies_for(subject, &request, World::Generous);
        let most = decide(&request, &generous.policies, Untold::MatchNothing);
        let has_gap = self.gaps_of(&subject.account_id, resource).next().is_some();
        let is_certain = decision.outcome == Outcome::ExplicitlyDenied
            || is_about_oneself(&request.action)
            || most.outcome != Outcome::Allowed && !has_gap;
        Explained {
            outcome: decision.outcome,
            decided_by: decision.decided_by,
            statements: references(&decision, &known),
            missing_keys: match changing.is_empty() {
                true => Vec::new(),
                false => missing_keys,
            },
            unknowns: {
                let mut unknowns: Vec<Unknown> = known
                    .other_readings(action)
                    .into_iter()
                    .filter(|reading| {
                        let other = decide(&request, &reading.policies, Untold::MatchNothing);
                        other.outcome != decision.outcome
                    })
                    .map(|reading| reading.unknown)
                    .collect();
                let is_other = |session: &Principal| {
                    let mut own = request.clone();
                    own.principal = session.clone();
                    let other = decide(&own, &known.policies, Untold::MatchNothing);
                    other.outcome != decision.outcome
                };
                let sessions = known.named_sessions(&request).into_iter();
                unknowns.extend(sessions.filter(|own| is_other(own)).map(|session| {
                    Unknown::new(
                        Member::Resource,
                        format!("which session of the role calls is not told, and the policy of `{resource}` names `{session}`; give a session's ARN as the principal"),
                    )
                }));
                if !is_certain {
                    unknowns.extend(generous.unknowns);
                    unknowns.extend(self.gaps_of(&subject.account_id, resource));
                }
                sorted(unknowns)
            },
        }
    }

    /// The request, with what the inventory tells of its context.
    #[must_use]
    pub fn request(
        &self,
        subject: &Subject,
        action: &Action,
        resource: &Resource,
        context: &Context,
    ) -> Request {
        let owner = self.owner_of(resource);
        Request::new(
            subject.caller.clone(),
            action.clone(),
            resource.clone(),
            owner,
            self.context_of(subject, context),
        )
    }

    /// The context, with what the inventory tells of its caller.
    pub(crate) fn context_of(&self, subject: &Subject, context: &Context) -> Context {
        let mut context = context.clone();
        let account = self.account(&subject.account_id);
        if let Some(id) = account.and_then(|account| account.organization_id.as_deref()) {
            context.insert_if_missing("aws:principalorgid", id);
        }
        // A session's ARN has no path, and its role's may have one, which the key has too.
        if subject.kind == crate::SubjectKind::Role {
            context.insert_if_missing("aws:principalarn", &*subject.arn);
        }
        for (key, value) in subject.caller.implied_keys() {
            context.insert_if_missing(key, value);
        }
        context
    }

    /// The account of a resource whose ARN does not name it.
    pub(crate) fn owner_of(&self, resource: &Resource) -> Option<&str> {
        let own = self.resource_owners.get(resource.as_str());
        let of_policy = || {
            let policy = self.policy(self.resource_policy(resource.as_str())?)?;
            self.resource_owners.get(&policy.arn)
        };
        own.or_else(of_policy).map(|owner| &**owner)
    }

    /// The account of a resource, which is the caller's where nothing tells.
    pub(crate) fn owner_for<'a>(&'a self, subject: &'a Subject, resource: &'a Resource) -> &'a str {
        self.owner_of(resource)
            .or_else(|| resource.account_id())
            .unwrap_or(&subject.account_id)
    }

    /// Puts another resource into a request that [`Self::request`] made.
    pub fn put_resource(&self, subject: &Subject, request: &mut Request, resource: &Resource) {
        request.resource_account = Some(self.owner_for(subject, resource).into());
        request.resource = resource.clone();
    }

    /// The statement itself, and the policy that it is in.
    #[must_use]
    pub fn statement(
        &self,
        reference: &StatementRef,
    ) -> Option<(&leastgrant_policy::Policy, &Statement)> {
        let policy = self.document(reference.policy)?;
        Some((policy, policy.statements.get(reference.index)?))
    }
}

/// `sts:GetCallerIdentity`, which nothing can deny.
pub(crate) fn is_about_oneself(action: &Action) -> bool {
    action.service() == "sts" && action.name() == "getcalleridentity"
}

/// Root users cannot call it (STS API Reference, "AssumeRole").
fn is_root_assuming(subject: &Subject, request: &Request) -> bool {
    subject.kind == crate::SubjectKind::Root
        && request.action.service() == "sts"
        && request.action.name() == "assumerole"
}

fn verdict(
    answer: Answer,
    decision: &Decision,
    assembled: &Assembled<'_>,
    others: &[&Decision],
    request: &Request,
) -> Verdict {
    let mut statements = references(decision, assembled);
    for other in others {
        statements.extend(references(other, assembled));
    }
    statements.sort();
    statements.dedup();
    Verdict {
        answer,
        outcome: decision.outcome,
        decided_by: decision.decided_by,
        statements,
        keys: match answer {
            Answer::Depends => keys(others.iter().copied().chain([decision]), assembled, request),
            _ => Vec::new(),
        },
        unknowns: match answer {
            Answer::Unknown => sorted(assembled.unknowns.clone()),
            _ => Vec::new(),
        },
    }
}

fn sorted(mut unknowns: Vec<Unknown>) -> Vec<Unknown> {
    unknowns.sort();
    unknowns.dedup();
    unknowns
}

pub(crate) fn references(decision: &Decision, assembled: &Assembled<'_>) -> Vec<StatementRef> {
    let places = decision.statements.iter();
    places
        .filter_map(|place| {
            Some(StatementRef {
                member: place.member,
                level: place.level,
                policy: assembled.policy_at(place)?,
                index: place.statement,
                group: assembled.group_at(place).map(Into::into),
            })
        })
        .collect()
}

/// The keys of these decisions' statements that the context does not tell.
pub(crate) fn keys<'d>(
    decisions: impl Iterator<Item = &'d Decision>,
    assembled: &Assembled<'_>,
    request: &Request,
) -> Vec<String> {
    let is_untold = |key: &str| matches!(request.context.find(key), Found::NotTold);
    let mut keys = Vec::new();
    for place in decisions.flat_map(|decision| &decision.statements) {
        let Some((_, statement)) = place.find(&assembled.policies) else {
            continue;
        };
        // A condition that is met or missed whatever is not told changes nothing.
        for condition in &statement.conditions {
            if condition.evaluate(&request.context) == leastgrant_policy::Truth::Unknown {
                keys.push(condition.lower_key.to_string());
            }
        }
        let entries = statement.resource.iter().flat_map(|list| &list.entries);
        for variable in entries.flat_map(|entry| entry.whole().variables()) {
            if is_untold(&variable.key) {
                keys.push(variable.key.to_string());
            }
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

/// A context of `KEY=VALUE` pairs; a key that comes more than once, in any case, is multivalued.
#[must_use]
pub fn context_of<'p>(
    pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    mut context: Context,
) -> Context {
    let mut values: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in pairs {
        let key = key.to_ascii_lowercase();
        match values.iter_mut().find(|(own, _)| *own == key) {
            Some((_, own)) => own.push(value.to_owned()),
            None => values.push((key, vec![value.to_owned()])),
        }
    }
    for (key, mut values) in values {
        let value = match (values.len(), values.pop()) {
            (1, Some(value)) => ContextValue::One(value),
            (_, last) => {
                values.extend(last);
                ContextValue::Many(values)
            }
        };
        context.insert(&key, value);
    }
    context
}
