//! On which resources to ask a principal about an action, where the question names none.
//!
//! A resource made up from the pattern of an Allow stands for all of the pattern: a Deny whose pattern matches the made-up
//! parts matches everything there, and a Deny of a part of it does not. What limits to a part (boundary, organisation, a Deny
//! with NotResource) is first brought into the pattern.

use leastgrant_policy::evaluate::Member;
use leastgrant_policy::resource::ARN_FIELDS;
use leastgrant_policy::{
    Action, Effect, Policy, Resource, ShortArn, Statement, Variable, Wildcard,
};

use super::Question;
use super::index::{Index, matches_action};
use super::shape::{Fill, Shape};
use crate::{Access, Assembled, PolicyId, Subject, SubjectKind, Unknown};

/// More patterns than these of one principal are not asked; whoever has them has the first of them too.
const MOST: usize = 4096;

/// Actions of KMS that are on no key, so that no key's policy decides (Service Authorization Reference, "AWS KMS").
const OF_NO_KEY: [&str; 10] = [
    "connectcustomkeystore",
    "createcustomkeystore",
    "createkey",
    "deletecustomkeystore",
    "describecustomkeystores",
    "disconnectcustomkeystore",
    "generaterandom",
    "listaliases",
    "listkeys",
    "updatecustomkeystore",
];

/// A pattern, and resources that stand for it.
#[derive(Debug)]
pub(super) struct Candidate {
    pub pattern: Box<str>,
    pub resources: Vec<Resource>,
}

impl Candidate {
    pub(super) fn of(resource: Resource) -> Self {
        Self {
            pattern: resource.as_str().into(),
            resources: vec![resource],
        }
    }

    /// Puts the pattern in the place of resources that were made up from it.
    pub(super) fn name_pattern(&self, unknowns: &mut [Unknown]) {
        let made_up = self
            .resources
            .iter()
            .filter(|resource| *resource.as_str() != *self.pattern);
        for resource in made_up {
            let name = format!("`{resource}`");
            for unknown in unknowns
                .iter_mut()
                .filter(|unknown| unknown.reason.contains(&name))
            {
                let pattern = format!("what `{}` matches", self.pattern);
                unknown.reason = unknown.reason.replace(&name, &pattern).into();
            }
        }
    }
}

pub(super) fn of(
    access: &Access,
    index: &Index,
    subject: &Subject,
    question: &Question,
) -> Vec<Candidate> {
    let mut finder = Finder {
        access,
        index,
        subject,
        action: &question.action,
        found: Vec::new(),
    };
    let may = index.may(access, subject);
    if may {
        finder.add_own();
    }
    let is_of_no_key =
        question.action.service() == "kms" && OF_NO_KEY.contains(&question.action.name());
    if is_of_no_key {
        return finder.found;
    }
    finder.add_named(index.naming(subject), false);
    finder.add_named(index.naming_everyone(), false);
    if may {
        finder.add_named(index.trusting(&subject.account_id), true);
    }
    finder.found
}

struct Finder<'a> {
    access: &'a Access,
    index: &'a Index,
    subject: &'a Subject,
    action: &'a Action,
    found: Vec<Candidate>,
}

impl<'a> Finder<'a> {
    /// The patterns of the principal's own Allows.
    fn add_own(&mut self) {
        let assembled = self.access.policies_of(self.subject);
        let limits = self.limits(&assembled);
        let everything = self.subject.kind == SubjectKind::Root
            || assembled
                .unknowns
                .iter()
                .any(|unknown| unknown.member == Member::Identity);
        if everything {
            self.add("*", &Shape::Every, &limits);
        }
        let own = self.subject.identity.iter().map(|own| own.policy);
        let allowing = own.filter(|policy| self.index.allows(self.access, *policy));
        for policy in allowing.filter_map(|policy| self.access.document(policy)) {
            for statement in self.matching(policy, Effect::Allow) {
                match &statement.resource {
                    Some(list) if !list.is_negated => {
                        for entry in &list.entries {
                            if let Some(shape) = self.shape(entry, ShortArn::Anything) {
                                self.add(entry.as_str(), &shape, &limits);
                            }
                        }
                    }
                    Some(list) => {
                        let names: Vec<&str> =
                            list.entries.iter().map(|entry| entry.as_str()).collect();
                        let label = format!("all but {}", names.join(", "));
                        self.add(&label, &Shape::Every, &limits);
                    }
                    None => self.add("*", &Shape::Every, &limits),
                }
            }
        }
    }

    /// The resources whose policies name the principal, everyone, or (`only_own`) its account.
    fn add_named(&mut self, policies: &[PolicyId], only_own: bool) {
        for id in policies {
            let (Some(named), Some(policy)) = (self.access.policy(*id), self.access.document(*id))
            else {
                continue;
            };
            let is_role = named.kind == crate::PolicyKind::Trust;
            if is_role {
                if !only_own || self.has_own_for(&named.arn) {
                    self.push(&named.arn, vec![Resource::parse(&named.arn)]);
                }
                continue;
            }
            let mut patterns: Vec<(String, Shape)> = Vec::new();
            for statement in self.matching(policy, Effect::Allow) {
                let entries = statement.resource.iter().filter(|list| !list.is_negated);
                for entry in entries.flat_map(|list| &list.entries) {
                    // Key policies say `*` for the key itself.
                    let own = match entry.is_every() {
                        true => None,
                        false => self.shape(entry, Member::Resource.short_arn()),
                    };
                    match own {
                        Some(shape) => patterns.push((entry.as_str().to_owned(), shape)),
                        None => self.push(&named.arn, vec![Resource::parse(&named.arn)]),
                    }
                }
            }
            for (pattern, shape) in patterns {
                let resources = self.made_up(&shape);
                self.push(&pattern, resources);
            }
        }
    }

    /// Whether an Allow of the principal's own matches this role, or its policies are not known.
    fn has_own_for(&self, role_arn: &str) -> bool {
        self.found
            .iter()
            .any(|candidate| &*candidate.pattern == role_arn)
            || {
                let resource = Resource::parse(role_arn);
                self.subject.kind == SubjectKind::Root
                    || !self.subject.unknowns.is_empty()
                    || self.subject.identity.iter().any(|own| {
                        let Some(policy) = self.access.document(own.policy) else {
                            return true;
                        };
                        self.index.allows(self.access, own.policy)
                            && self.matching(policy, Effect::Allow).any(|statement| {
                                statement.resource.as_ref().is_none_or(|list| {
                                    list.is_negated
                                        || list.entries.iter().any(|entry| {
                                            entry
                                                .matches(&resource, ShortArn::Anything, |_| None)
                                                .unwrap_or(true)
                                        })
                                })
                            })
                    })
            }
    }

    fn matching(
        &self,
        policy: &'a Policy,
        effect: Effect,
    ) -> impl Iterator<Item = &'a Statement> + use<'a> {
        let action = self.action;
        policy.statements.iter().filter(move |statement| {
            statement.effect == effect && matches_action(statement, action)
        })
    }

    /// What the resource must lie in besides: one list of patterns for each limit.
    fn limits(&self, assembled: &Assembled<'a>) -> Vec<Vec<Shape>> {
        let mut limits = Vec::new();
        let policies = &assembled.policies;
        let service_control = policies.service_control.iter();
        let levels = [(&policies.boundary, Member::Boundary)]
            .into_iter()
            .chain(service_control.map(|level| (level, Member::ServiceControl)));
        for (level, member) in levels.filter(|(level, _)| !level.is_empty()) {
            let mut shapes = Vec::new();
            let allows = level
                .iter()
                .flat_map(|policy| self.matching(policy, Effect::Allow));
            for statement in allows {
                match &statement.resource {
                    Some(list) if !list.is_negated => shapes.extend(
                        list.entries
                            .iter()
                            .filter_map(|entry| self.shape(entry, member.short_arn())),
                    ),
                    _ => shapes.push(Shape::Every),
                }
            }
            limits.push(shapes);
        }
        let all = policies.identity.iter().chain(&policies.boundary);
        let denying = all.chain(policies.service_control.iter().flatten());
        for statement in denying.flat_map(|policy| self.matching(policy, Effect::Deny)) {
            if let Some(list) = statement.resource.as_ref().filter(|list| list.is_negated)
                && statement.conditions.is_empty()
            {
                let entries = list.entries.iter();
                limits.push(
                    entries
                        .filter_map(|entry| self.shape(entry, ShortArn::Anything))
                        .collect(),
                );
            }
        }
        limits.retain(|shapes| !shapes.contains(&Shape::Every));
        limits
    }

    fn shape(&self, entry: &leastgrant_policy::ResourcePattern, short: ShortArn) -> Option<Shape> {
        let implied = self.subject.caller.implied_keys();
        Shape::of(entry, short, |variable: &Variable| {
            let found = implied.iter().find(|(key, _)| *key == &*variable.key)?;
            // The values live as long as this call only, which is as long as the shape is made.
            Some(found.1.as_str())
        })
    }

    /// Adds a pattern in all the ways in which it fits the limits.
    fn add(&mut self, pattern: &str, shape: &Shape, limits: &[Vec<Shape>]) {
        let mut shapes = vec![shape.clone()];
        for limit in limits {
            shapes = shapes
                .iter()
                .flat_map(|shape| limit.iter().filter_map(|limit| shape.within(limit)))
                .take(MOST)
                .collect();
        }
        let resources = shapes
            .iter()
            .flat_map(|shape| self.made_up(shape))
            .collect();
        self.push(pattern, resources);
    }

    /// Adds resources to those that stand for a pattern.
    fn push(&mut self, pattern: &str, resources: Vec<Resource>) {
        if resources.is_empty() || self.found.len() >= MOST {
            return;
        }
        let known = self
            .found
            .iter_mut()
            .find(|known| &*known.pattern == pattern);
        match known {
            Some(known) => {
                for resource in resources {
                    if !known.resources.contains(&resource) {
                        known.resources.push(resource);
                    }
                }
            }
            None => self.found.push(Candidate {
                pattern: pattern.into(),
                resources,
            }),
        }
    }

    fn made_up(&self, shape: &Shape) -> Vec<Resource> {
        let service = self.action.service();
        let fill = Fill {
            partition: self.subject.arn.split(':').nth(1).unwrap_or("aws"),
            service,
            account_id: &self.subject.account_id,
        };
        let is_of_key = service == "kms" && !OF_NO_KEY.contains(&self.action.name());
        let is_of_role = service == "sts" && self.action.name().starts_with("assumerole");
        match shape {
            // Which keys and roles there are is known by their policies; what lies in other accounts is not asked.
            Shape::Every if is_of_role => Vec::new(),
            Shape::Every if is_of_key && self.index.has_keys(&self.subject.account_id) => {
                Vec::new()
            }
            Shape::Every if is_of_key => {
                vec![Resource::parse(&format!(
                    "arn:{}:kms:any-region:{}:key/of-which-no-policy-is-known",
                    fill.partition, fill.account_id
                ))]
            }
            Shape::Fields(fields)
                if (is_of_role || is_of_key && self.has_keys_of(fields))
                    && fields.iter().any(|field| field.as_literal().is_none()) =>
            {
                Vec::new()
            }
            shape => shape
                .resources(&fill)
                .iter()
                .map(|text| Resource::parse(text))
                .collect(),
        }
    }

    /// Whether keys of the account in these fields are known one by one.
    fn has_keys_of(&self, fields: &[Wildcard; ARN_FIELDS]) -> bool {
        let [_, _, _, _, account, _] = fields;
        let own = &*self.subject.account_id;
        let account_id = account.as_literal().unwrap_or(own);
        self.index.has_keys(account_id)
    }
}
