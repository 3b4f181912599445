//! Policies that make whoever gets them attached an administrator, and what else can be attached.
//!
//! A condition on `iam:PolicyARN` (Service Authorization Reference, IAM) may leave some of them and not others, so each is asked about:
//! AWS's two, which every account has, and those of the inventory that grant everything or let their holder grant it.

use std::collections::{HashMap, HashSet};

use leastgrant_inventory::tables::{ManagedPolicyRow, PolicyVersionRow};
use leastgrant_inventory::{DataKind, Manifest};
use leastgrant_policy::evaluate::Policies;
use leastgrant_policy::{Action, ContextValue, Effect, Policy, Resource};
use rayon::prelude::*;

use super::ask::Asker;
use super::requests::{self, Extra};
use crate::who_can::{FRESH, matches_action};
use crate::{Assembled, Subject};

/// The key of the policy that is attached.
pub(super) const POLICY_ARN: &str = "iam:policyarn";

/// A policy that makes an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Attached {
    /// AWS's `AdministratorAccess`.
    Everything,
    /// AWS's `IAMFullAccess`.
    AllOfIam,
    /// One of those of the inventory.
    Own(usize),
}

/// The managed policies of an inventory, attached or not.
#[derive(Debug, Default)]
pub(super) struct ManagedPolicies {
    /// ARNs of those that make administrators, each once.
    administrator: Vec<Box<str>>,
    /// Which of them an account has.
    by_account: HashMap<Box<str>, Vec<usize>>,
    /// The ARNs of an account's own, those of AWS left out.
    own: HashMap<Box<str>, Vec<Box<str>>>,
    /// Accounts of which all are known.
    complete: HashSet<Box<str>>,
}

impl ManagedPolicies {
    pub(super) fn of(
        policies: &[ManagedPolicyRow],
        versions: &[PolicyVersionRow],
        manifest: &Manifest,
    ) -> Self {
        let mut all = Self::default();
        let mut defaults: HashMap<(&str, &str), Option<&str>> = HashMap::new();
        for row in policies {
            if !row.is_aws_managed {
                let own = all.own.entry(row.account_id.as_str().into()).or_default();
                own.push(row.arn.as_str().into());
            }
            let default = row.default_version_id.as_deref();
            defaults.insert((&row.account_id, &row.arn), default);
        }
        let of_administrators = |row: &&PolicyVersionRow| {
            let is_default = match defaults.get(&(&*row.account_id, &*row.policy_arn)) {
                Some(Some(version)) => *version == row.version_id,
                _ => row.is_default,
            };
            let document = row.document.as_deref().filter(|_| is_default);
            let policy = document.and_then(|text| Policy::parse(text).ok());
            policy.is_some_and(|policy| grants_everything(&policy))
        };
        let found: Vec<&PolicyVersionRow> = versions.par_iter().filter(of_administrators).collect();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        for row in found {
            let number = *numbers.entry(&row.policy_arn).or_insert_with_key(|arn| {
                all.administrator.push((*arn).into());
                all.administrator.len() - 1
            });
            let own = all.by_account.entry(row.account_id.as_str().into());
            own.or_default().push(number);
        }
        let sources = manifest.sources.iter();
        let details =
            sources.filter(|own| own.kind == DataKind::AuthorizationDetails && own.complete);
        all.complete = details
            .filter_map(|own| Some(own.account_id.as_deref()?.into()))
            .collect();
        all
    }

    /// What principals of an account can be given that makes administrators, AWS's first.
    pub(super) fn administrators(&self, account_id: &str) -> impl Iterator<Item = Attached> {
        let own = self.by_account.get(account_id).into_iter().flatten();
        [Attached::Everything, Attached::AllOfIam]
            .into_iter()
            .chain(own.map(|number| Attached::Own(*number)))
    }

    pub(super) fn arn(&self, attached: Attached, subject: &Subject) -> String {
        let partition = partition_of(subject);
        match attached {
            Attached::Everything => format!("arn:{partition}:iam::aws:policy/AdministratorAccess"),
            Attached::AllOfIam => format!("arn:{partition}:iam::aws:policy/IAMFullAccess"),
            Attached::Own(number) => self
                .administrator
                .get(number)
                .map_or_else(String::new, |arn| arn.to_string()),
        }
    }
}

fn partition_of(subject: &Subject) -> &str {
    subject.arn.split(':').nth(1).unwrap_or("aws")
}

/// Whether a policy lets users and roles that have it give themselves any right: on everything, without conditions.
fn grants_everything(policy: &Policy) -> bool {
    const PAIRS: [[&str; 2]; 2] = [
        ["iam:PutUserPolicy", "iam:PutRolePolicy"],
        ["iam:AttachUserPolicy", "iam:AttachRolePolicy"],
    ];
    let is_granted = |action: &Action| {
        let statements = || policy.statements.iter();
        let mut allowing = statements().filter(|own| own.effect == Effect::Allow);
        let mut denying = statements().filter(|own| own.effect == Effect::Deny);
        allowing.any(|own| {
            let is_every = own.resource.as_ref().is_some_and(|list| {
                !list.is_negated && list.entries.iter().any(|entry| entry.is_every())
            });
            is_every && own.conditions.is_empty() && matches_action(own, action)
        }) && !denying.any(|own| matches_action(own, action))
    };
    PAIRS.iter().any(|pair| {
        let mut actions = pair.iter().filter_map(|name| Action::parse(name));
        actions.all(|action| is_granted(&action))
    })
}

impl Asker<'_> {
    /// Whether some policy that there is, and that the subject does not have yet, may be attached to it by itself: one of the
    /// account's, or one of AWS's. Where not all of the account's are known, any may be there.
    pub(super) fn may_attach_some(
        &self,
        assembled: &Assembled<'_>,
        subject: &Subject,
        action: &Action,
    ) -> bool {
        let policies = &self.told.managed;
        if !policies.complete.contains(&subject.account_id) {
            return true;
        }
        let mut context = self.context(subject, Extra::Nothing);
        let resource = Resource::parse(&subject.arn);
        let may = |arn: &str| {
            context.insert(POLICY_ARN, ContextValue::One(arn.to_owned()));
            requests::may(&self.told, assembled, subject, action, &resource, &context)
        };
        let any_of_aws = format!("arn:{}:iam::aws:policy/{FRESH}", partition_of(subject));
        let has = |arn: &str| {
            let mut own = subject.identity.iter();
            own.any(|own| {
                let policy = self.access.policy(own.policy);
                policy.is_some_and(|policy| &*policy.arn == arn)
            })
        };
        let own = policies.own.get(&subject.account_id).into_iter().flatten();
        own.map(|arn| &**arn)
            .chain([&*any_of_aws])
            .chain(named_of_aws(&assembled.policies))
            .filter(|arn| !has(arn))
            .any(may)
    }
}

/// AWS's policies that conditions name: every account has them.
fn named_of_aws<'p>(policies: &'p Policies<'p>) -> impl Iterator<Item = &'p str> {
    let statements = policies.identity.iter().flat_map(|own| &own.statements);
    let conditions = statements.flat_map(|own| &own.conditions);
    let own = conditions.filter(|own| &*own.lower_key == POLICY_ARN);
    own.flat_map(|own| &own.values)
        .map(|value| value.as_str())
        .filter(|arn| arn.split(':').nth(4) == Some("aws") && !arn.contains(['*', '?', '$']))
}
