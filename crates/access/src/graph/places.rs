//! What each account has that an escalation acts on: users, roles, groups, its own policies, and what state they are in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_policy::principal::PrincipalKind;
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{ConditionEntry, Context, ContextValue, Effect, Truth};

use super::actions::ACTIONS;
use super::facts::{GraphFacts, Login};
use super::sets::{SetId, Sets};
use super::universe::{Item, Universe};
use crate::who_can::matches_action;
use crate::{Access, PolicyKind, Subject, SubjectKind};

/// One account.
#[derive(Debug)]
pub(super) struct Places {
    pub users: Universe,
    /// But service-linked ones, which nobody can pass, assume or change.
    pub roles: Universe,
    /// But those of Identity Center too, which IAM does not let anybody change.
    pub editable_roles: Universe,
    /// Numbered as nodes.
    pub groups: Universe,
    /// Customer-managed policies that somebody has, by their own numbers.
    pub policies: Universe,
    /// Users in some state of their keys and password.
    logins: HashMap<LoginState, SetId>,
    /// Roles that a service may assume.
    trusting: HashMap<&'static str, SetId>,
    /// Roles in an instance profile; none if profiles are not known.
    pub in_profile: Option<SetId>,
}

/// What a user's keys and password allow to be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum LoginState {
    FewKeys,
    TwoKeys,
    UnknownKeys,
    NoPassword,
    Password,
    UnknownPassword,
}

impl LoginState {
    fn all_of(login: Login) -> [Self; 2] {
        let keys = match login.keys {
            None => Self::UnknownKeys,
            Some(0 | 1) => Self::FewKeys,
            Some(_) => Self::TwoKeys,
        };
        let password = match login.has_password {
            None => Self::UnknownPassword,
            Some(true) => Self::Password,
            Some(false) => Self::NoPassword,
        };
        [keys, password]
    }
}

/// Service-linked roles and those of Identity Center can only be changed by AWS (IAM User Guide, "Service-linked roles";
/// IAM Identity Center User Guide, "Referencing permission sets").
pub(super) fn is_protected(subject: &Subject) -> bool {
    subject.caller.is_service_linked_role() || subject.arn.contains(":role/aws-reserved/")
}

impl Places {
    pub(super) fn logins(&self, state: LoginState) -> Option<SetId> {
        self.logins.get(&state).copied()
    }

    pub(super) fn trusting(&self, service: &str) -> Option<SetId> {
        self.trusting.get(service).copied()
    }
}

/// What was met of one account.
#[derive(Default)]
struct Met {
    users: Vec<Item>,
    roles: Vec<Item>,
    editable_roles: Vec<Item>,
    groups: Vec<Item>,
    policies: Vec<Item>,
    logins: HashMap<LoginState, Vec<u32>>,
    trusting: HashMap<&'static str, Vec<u32>>,
    in_profile: Vec<u32>,
}

/// All accounts. Nodes are numbered: principals first, groups after them.
pub(super) fn all(
    access: &Access,
    facts: &GraphFacts,
    context: &Context,
    sets: &Sets,
) -> BTreeMap<Box<str>, Places> {
    let services: BTreeSet<&'static str> = ACTIONS
        .plans
        .iter()
        .flat_map(|plan| &plan.set.trusted_services)
        .copied()
        .collect();
    let mut met: BTreeMap<Box<str>, Met> = BTreeMap::new();
    for (number, subject) in (0_u32..).zip(&access.subjects) {
        let own = met.entry(subject.account_id.clone()).or_default();
        let item = Item::new(access, number, &subject.arn);
        match subject.kind {
            SubjectKind::User => {
                let login = facts.logins.get(&subject.arn).copied().unwrap_or_default();
                for state in LoginState::all_of(login) {
                    own.logins.entry(state).or_default().push(number);
                }
                own.users.push(item);
            }
            SubjectKind::Role if !subject.caller.is_service_linked_role() => {
                for service in trusted(access, subject, context, &services) {
                    own.trusting.entry(service).or_default().push(number);
                }
                if facts.roles_in_profiles.contains(&subject.arn) {
                    own.in_profile.push(number);
                }
                if !is_protected(subject) {
                    own.editable_roles.push(item.clone());
                }
                own.roles.push(item);
            }
            SubjectKind::Role | SubjectKind::Root | SubjectKind::Other => {}
        }
    }
    for (number, group) in (0_u32..).skip(access.subjects.len()).zip(&access.groups) {
        let own = met.entry(group.account_id.clone()).or_default();
        own.groups.push(Item::new(access, number, &group.arn));
    }
    let mut seen = BTreeSet::new();
    for (number, policy) in (0_u32..).zip(&access.policies) {
        if policy.kind == PolicyKind::Managed
            && let Some(account_id) = policy.arn.split(':').nth(4)
            && let Some(own) = met.get_mut(account_id)
            && seen.insert(&policy.arn)
        {
            own.policies.push(Item::new(access, number, &policy.arn));
        }
    }
    let places = met.into_iter().map(|(account_id, met)| {
        let profiles_known = facts.accounts_with_profiles.contains(&account_id);
        let places = Places {
            users: Universe::new(met.users, sets),
            roles: Universe::new(met.roles, sets),
            editable_roles: Universe::new(met.editable_roles, sets),
            groups: Universe::new(met.groups, sets),
            policies: Universe::new(met.policies, sets),
            logins: met
                .logins
                .into_iter()
                .map(|(state, users)| (state, sets.of(users)))
                .collect(),
            trusting: met
                .trusting
                .into_iter()
                .map(|(service, roles)| (service, sets.of(roles)))
                .collect(),
            in_profile: profiles_known.then(|| sets.of(met.in_profile)),
        };
        (account_id, places)
    });
    places.collect()
}

/// The services that may assume a role, conditions on what only a request tells taken as met.
fn trusted(
    access: &Access,
    role: &Subject,
    context: &Context,
    services: &BTreeSet<&'static str>,
) -> Vec<&'static str> {
    let assume = ACTIONS
        .id("sts", "assumerole")
        .and_then(|id| ACTIONS.action(id));
    let trust = access.resource_policy(&role.arn);
    let (Some(assume), Some(policy)) = (assume, trust.and_then(|id| access.document(id))) else {
        return Vec::new();
    };
    let is_met = |condition: &ConditionEntry, effect: Effect, service: &str| {
        if !may_be_source(condition, role) {
            return false;
        }
        let context = of_service(context, role, service);
        match (condition.evaluate(&context), effect) {
            (truth, Effect::Allow) => truth != Truth::No,
            (truth, Effect::Deny) => truth == Truth::Yes,
        }
    };
    let is_named = |effect: Effect, service: &str| {
        policy.statements.iter().any(|statement| {
            let principals = statement.principal.iter().filter(|own| !own.is_negated);
            let mut entries = principals.flat_map(|own| &own.entries);
            statement.effect == effect
                && matches_action(statement, assume)
                && (statement.conditions.iter()).all(|own| is_met(own, effect, service))
                && entries.any(|entry| match entry.kind {
                    PrincipalKind::Everyone => true,
                    PrincipalKind::Service => {
                        &*entry.text == "*" || is_same_service(&entry.text, service)
                    }
                    _ => false,
                })
        })
    };
    let named = services
        .iter()
        .copied()
        .filter(|service| is_named(Effect::Allow, service) && !is_named(Effect::Deny, service));
    named.collect()
}

/// Whether a condition leaves a resource of the role's own account in the place of that for which a service calls. Resources of S3
/// have no account in their ARNs, and not all services tell for what they call.
fn may_be_source(condition: &ConditionEntry, role: &Subject) -> bool {
    let operator = &condition.operator;
    if &*condition.lower_key != "aws:sourcearn"
        || operator.comparison.is_negated()
        || operator.if_exists
        || operator.set.is_some()
    {
        return true;
    }
    condition.values.iter().any(|value| {
        let Some([_, _, _, _, account_id, _]) = arn_fields(value.as_str()) else {
            return true;
        };
        let is_open = account_id.is_empty() || account_id.contains(['*', '?', '$']);
        is_open || *account_id == *role.account_id
    })
}

/// What a service tells when it assumes a role for a resource of the role's account. It is no principal of an account or of an
/// organisation (IAM User Guide, "AWS global condition context keys").
fn of_service(context: &Context, role: &Subject, service: &str) -> Context {
    const OF_PRINCIPALS: [&str; 6] = [
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:username",
    ];
    let mut context = context.clone();
    let mut one = |key: &str, value: &str| {
        context.insert(key, ContextValue::One(value.to_owned()));
    };
    one("aws:principalisawsservice", "true");
    one("aws:principalservicename", service);
    one("aws:sourceaccount", &role.account_id);
    for key in OF_PRINCIPALS {
        context.insert(key, ContextValue::Many(Vec::new()));
    }
    context
}

/// Whether a host is the service's, in one Region, or in China.
fn is_same_service(host: &str, service: &str) -> bool {
    let host = host.strip_suffix(".cn").unwrap_or(host);
    if host.eq_ignore_ascii_case(service) {
        return true;
    }
    let parts = |text: &str| -> Option<(String, String)> {
        let (name, domain) = text.split_once(".amazonaws.com")?;
        domain.is_empty().then(|| {
            let (first, region) = name.rsplit_once('.').unwrap_or((name, ""));
            (first.to_ascii_lowercase(), region.to_ascii_lowercase())
        })
    };
    let own = service.strip_suffix(".amazonaws.com");
    // A Region has hyphens, a part of a service's name such as `tasks.apprunner` has none after the dot.
    parts(host).is_some_and(|(first, region)| Some(&*first) == own && region.contains('-'))
}

#[cfg(test)]
mod tests {
    use super::is_same_service;

    #[test]
    fn a_service_is_known_in_every_region_and_partition() {
        for (host, expected) in [
            ("lambda.amazonaws.com", true),
            ("lambda.eu-west-1.amazonaws.com", true),
            ("lambda.amazonaws.com.cn", true),
            ("Lambda.amazonaws.com", true),
            ("edgelambda.amazonaws.com", false),
            ("lambda.amazonaws.com.example", false),
            ("lambda", false),
        ] {
            assert_eq!(
                is_same_service(host, "lambda.amazonaws.com"),
                expected,
                "{host}"
            );
        }
        assert!(!is_same_service(
            "ecs.amazonaws.com",
            "ecs-tasks.amazonaws.com"
        ));
    }
}
