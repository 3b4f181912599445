//! On which resources to ask a principal about an action, where the question names none.
//!
//! A resource made up from the pattern of an Allow stands for all of the pattern: a Deny whose pattern matches the made-up
//! parts matches everything there, and a Deny of a part of it does not. What limits to a part (boundary, organisation, a Deny
//! with NotResource) is first brought into the pattern.

use leastgrant_policy::evaluate::Member;
use leastgrant_policy::{
    Action, Effect, Policy, Resource, ResourcePattern, ShortArn, Statement, Variable, Version,
};

use super::Question;
use super::index::{Index, matches_action};
use super::shape::Shape;
use crate::{Access, PolicyId, PolicyKind, Subject, SubjectKind, Unknown, World};

/// More patterns than these of one principal are not asked; whoever has them has the first of them too.
const MOST: usize = 4096;

/// A pattern as the policies have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub resource: Box<str>,
    /// The entries of a NotResource.
    pub except: Vec<Box<str>>,
}

impl Pattern {
    fn of(resource: &str) -> Self {
        Self {
            resource: resource.into(),
            except: Vec::new(),
        }
    }

    fn words(&self) -> String {
        let words = format!("what `{}` matches", self.resource);
        match self.except.is_empty() {
            true => words,
            false => format!("{words} but `{}`", self.except.join("`, `")),
        }
    }
}

/// A pattern, and resources that stand for it.
#[derive(Debug)]
pub(super) struct Candidate {
    pub pattern: Pattern,
    pub resources: Vec<Resource>,
}

impl Candidate {
    pub(super) fn of(resource: Resource) -> Self {
        Self {
            pattern: Pattern::of(resource.as_str()),
            resources: vec![resource],
        }
    }

    /// Puts the pattern in the place of resources that were made up from it.
    pub(super) fn name_pattern(&self, unknowns: &mut [Unknown]) {
        let made_up = self
            .resources
            .iter()
            .filter(|resource| *resource.as_str() != *self.pattern.resource);
        for resource in made_up {
            let name = format!("`{resource}`");
            for unknown in unknowns
                .iter_mut()
                .filter(|unknown| unknown.reason.contains(&name))
            {
                unknown.reason = unknown.reason.replace(&name, &self.pattern.words()).into();
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
        limits: Vec::new(),
        organization: Vec::new(),
        boundary: None,
        own: Vec::new(),
        found: Vec::new(),
    };
    finder.put_limits();
    let may = index.may(access, subject);
    if may {
        finder.add_own();
    }
    if is_of_no_key(&question.action) {
        return finder.found;
    }
    finder.add_named(index.naming(subject), false);
    finder.add_named(index.naming_sessions(subject), false);
    finder.add_named(index.naming_everyone(), false);
    if may {
        finder.add_named(index.trusting(&subject.account_id), true);
        finder.add_not_known(index.not_known());
    }
    finder.found
}

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

pub(super) fn is_of_no_key(action: &Action) -> bool {
    action.service() == "kms" && OF_NO_KEY.contains(&action.name())
}

pub(super) struct Finder<'a> {
    pub access: &'a Access,
    pub index: &'a Index,
    pub subject: &'a Subject,
    pub action: &'a Action,
    /// What a resource must lie in besides: one list of patterns for each limit.
    limits: Vec<Vec<Shape>>,
    /// The same of the organisation.
    organization: Vec<Vec<Shape>>,
    /// What the permissions boundary leaves; it does not limit what a resource's policy grants to a user.
    boundary: Option<Vec<Shape>>,
    /// The patterns of the principal's own Allows.
    own: Vec<Shape>,
    found: Vec<Candidate>,
}

impl<'a> Finder<'a> {
    /// The patterns of the principal's own Allows.
    fn add_own(&mut self) {
        let assembled = self.access.policies_of(self.subject);
        let everything = self.subject.kind == SubjectKind::Root
            || assembled
                .unknowns
                .iter()
                .any(|unknown| unknown.member == Member::Identity);
        if everything {
            self.add_one(&Pattern::of("*"), Shape::Every);
        }
        let own = self.subject.identity.iter().map(|own| own.policy);
        let allowing = own.filter(|policy| self.index.allows(self.access, *policy));
        for policy in allowing.filter_map(|policy| self.access.document(policy)) {
            for statement in self.matching(policy, Effect::Allow) {
                match &statement.resource {
                    Some(list) if !list.is_negated => {
                        for entry in &list.entries {
                            if let Some(shape) = self.shape(entry, ShortArn::Anything) {
                                self.add_one(&Pattern::of(entry.as_str()), shape);
                            }
                        }
                    }
                    Some(list) => {
                        let pattern = Pattern {
                            except: list.entries.iter().map(|own| own.as_str().into()).collect(),
                            ..Pattern::of("*")
                        };
                        self.add_one(&pattern, Shape::Every);
                    }
                    None => self.add_one(&Pattern::of("*"), Shape::Every),
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
            let is_role = named.kind == PolicyKind::Trust;
            if is_role {
                if !only_own || self.has_own_for(&named.arn) {
                    self.push(&Pattern::of(&named.arn), vec![Resource::parse(&named.arn)]);
                }
                continue;
            }
            let mut limits = self.limits.clone();
            for statement in self.matching(policy, Effect::Deny) {
                let limit = self.limit_of_deny(statement, Member::Resource.short_arn());
                // It may be about others than the principal: then it limits to nothing.
                limits.extend(limit.map(|mut shapes| {
                    shapes.push(Shape::Every);
                    shapes
                }));
            }
            for statement in self.matching(policy, Effect::Allow) {
                for (pattern, shape) in self.of_resource(&named.arn, statement) {
                    let pattern = Pattern::of(&pattern);
                    // Across accounts the principal's own policies must allow the same.
                    let narrowed = self.own.iter().filter_map(|own| shape.within(own));
                    let shapes: Vec<Shape> = narrowed.chain([shape.clone()]).take(MOST).collect();
                    for shape in shapes {
                        self.add(&pattern, &shape, &limits);
                        if let Some(boundary) = &self.boundary {
                            let within: Vec<_> = limits.iter().chain([boundary]).cloned().collect();
                            self.add(&pattern, &shape, &within);
                        }
                    }
                }
            }
        }
    }

    /// Resources of which it is not known whom their policies name, where the principal's own allow the action on them.
    fn add_not_known(&mut self, policies: &[PolicyId]) {
        for named in policies.iter().filter_map(|id| self.access.policy(*id)) {
            if named.kind == PolicyKind::Trust {
                if self.has_own_for(&named.arn) {
                    self.push(&Pattern::of(&named.arn), vec![Resource::parse(&named.arn)]);
                }
                continue;
            }
            for bound in self.bounds(&named.arn) {
                let within = self.own.iter().filter_map(|own| bound.within(own));
                for shape in within.take(MOST).collect::<Vec<_>>() {
                    let limits: Vec<_> =
                        self.limits.iter().chain(&self.boundary).cloned().collect();
                    self.add(&Pattern::of(&named.arn), &shape, &limits);
                }
            }
        }
    }

    /// A resource, and for a bucket what is in it.
    fn bounds(&self, arn: &str) -> Vec<Shape> {
        let is_bucket = arn.split(':').nth(2) == Some("s3");
        let inside = is_bucket.then(|| format!("{arn}/*"));
        let texts = [Some(arn), inside.as_deref()].into_iter().flatten();
        texts
            .filter_map(|text| {
                let entry = ResourcePattern::parse(text, Version::V2008);
                self.shape(&entry, Member::Resource.short_arn())
            })
            .collect()
    }

    /// The patterns of a statement of a resource's policy, within the resource and, for a bucket, what is in it.
    fn of_resource(&self, arn: &str, statement: &Statement) -> Vec<(String, Shape)> {
        let short = Member::Resource.short_arn();
        let bounds = self.bounds(arn);
        let list = statement.resource.as_ref().filter(|list| !list.is_negated);
        let mut patterns = Vec::new();
        for entry in list.into_iter().flat_map(|list| &list.entries) {
            // Key policies say `*` for the key itself.
            let name = if entry.is_every() {
                arn
            } else {
                entry.as_str()
            };
            let Some(shape) = self.shape(entry, short) else {
                continue;
            };
            let within = bounds.iter().filter_map(|bound| shape.within(bound));
            patterns.extend(within.map(|shape| (name.to_owned(), shape)));
        }
        if list.is_none() {
            patterns.extend(bounds.into_iter().map(|shape| (arn.to_owned(), shape)));
        }
        patterns
    }

    /// Whether an Allow of the principal's own matches this role, or its policies are not known.
    fn has_own_for(&self, role_arn: &str) -> bool {
        self.found
            .iter()
            .any(|candidate| &*candidate.pattern.resource == role_arn)
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
    fn put_limits(&mut self) {
        // Where a document is not known its stand-in allows everything, and limits nothing.
        let assembled = self.access.assemble(self.subject, None, World::Generous);
        let policies = &assembled.policies;
        let levels = policies.service_control.iter();
        let mut organization: Vec<Vec<Shape>> = levels
            .filter_map(|level| self.limit_of_level(level, Member::ServiceControl))
            .collect();
        let limits_of = |policy: &&'a Policy| -> Vec<Vec<Shape>> {
            let denying = self.matching(policy, Effect::Deny);
            denying
                .filter_map(|statement| self.limit_of_deny(statement, ShortArn::Anything))
                .collect()
        };
        let of_organization = policies.service_control.iter().flatten();
        organization.extend(of_organization.flat_map(limits_of));
        let own = policies.identity.iter().chain(&policies.boundary);
        let limits = own.flat_map(limits_of).collect();
        self.boundary = self.limit_of_level(&policies.boundary, Member::Boundary);
        self.organization = organization;
        self.limits = limits;
    }

    /// What the policies of a level allow; none if that is everything, or there are none.
    fn limit_of_level(&self, level: &[&'a Policy], member: Member) -> Option<Vec<Shape>> {
        let mut shapes = Vec::new();
        let mut all_but = false;
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
                // All but some: what lies outside of them, beside what the other statements have.
                Some(list) if list.entries.iter().any(|entry| entry.is_every()) => {}
                Some(_) => all_but = true,
                None => shapes.push(Shape::Every),
            }
        }
        if level.is_empty() || shapes.contains(&Shape::Every) {
            return None;
        }
        if all_but {
            shapes.push(Shape::Every);
        }
        Some(shapes)
    }

    /// A Deny of all but some resources leaves those.
    fn limit_of_deny(&self, statement: &Statement, short: ShortArn) -> Option<Vec<Shape>> {
        let list = statement.resource.as_ref().filter(|list| list.is_negated)?;
        // Under a condition it may leave the others too.
        statement.conditions.is_empty().then(|| {
            let entries = list.entries.iter();
            entries
                .filter_map(|entry| self.shape(entry, short))
                .collect()
        })
    }

    fn shape(&self, entry: &ResourcePattern, short: ShortArn) -> Option<Shape> {
        let implied = self.subject.caller.implied_keys();
        Shape::of(entry, short, |variable: &Variable| {
            let found = implied.iter().find(|(key, _)| *key == &*variable.key)?;
            // The values live as long as this call only, which is as long as the shape is made.
            Some(found.1.as_str())
        })
    }

    /// Adds a pattern of the principal's own.
    fn add_one(&mut self, pattern: &Pattern, shape: Shape) {
        let limits: Vec<_> = self.limits.iter().chain(&self.boundary).cloned().collect();
        self.add(pattern, &shape, &limits);
        self.own.push(shape);
    }

    /// Adds a pattern in all the ways in which it fits the limits.
    fn add(&mut self, pattern: &Pattern, shape: &Shape, limits: &[Vec<Shape>]) {
        let own = within(vec![shape.clone()], limits);
        let mut shapes = within(own.clone(), &self.organization);
        // What may not bind the account, or stands beside others, limits to nothing in one reading.
        if self.access.is_organization_in_doubt(self.subject) {
            shapes.extend(own);
        }
        let resources = shapes
            .iter()
            .flat_map(|shape| self.made_up(shape))
            .collect();
        self.push(pattern, resources);
    }

    /// Adds resources to those that stand for a pattern.
    fn push(&mut self, pattern: &Pattern, resources: Vec<Resource>) {
        if resources.is_empty() || self.found.len() >= MOST {
            return;
        }
        let known = self
            .found
            .iter_mut()
            .find(|known| known.pattern == *pattern);
        match known {
            Some(known) => {
                for resource in resources {
                    if !known.resources.contains(&resource) {
                        known.resources.push(resource);
                    }
                }
            }
            None => self.found.push(Candidate {
                pattern: pattern.clone(),
                resources,
            }),
        }
    }
}

/// What of the shapes lies in all limits.
fn within(mut shapes: Vec<Shape>, limits: &[Vec<Shape>]) -> Vec<Shape> {
    for limit in limits {
        shapes = shapes
            .iter()
            .flat_map(|shape| limit.iter().filter_map(|limit| shape.within(limit)))
            .take(MOST)
            .collect();
    }
    shapes
}
