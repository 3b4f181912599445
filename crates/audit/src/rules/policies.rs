//! What rules on policies share: which policies there are, who has them, and what a statement really grants.
//!
//! A fault of a policy is said once, with how many principals have it. Policies of AWS cannot be edited: there the principals
//! that have them are what can be changed.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_access::{NamedPolicy, PolicyId, PolicyKind, SubjectKind};
use leastgrant_catalog::ActionSet;
use leastgrant_policy::evaluate::Member;
use leastgrant_policy::{Effect, Policy, Resource, Statement};
use rayon::prelude::*;

use super::Rule;
use super::principals::{self, statement_words};
use crate::context::{Draft, Output};
use crate::contexts::PolicyContext;
use crate::reach::{PrincipalReach, Reader, Scope, Universe, scope};
use crate::{Confidence, Evidence, ResourceType, listing};

/// More statements of a policy than these are counted only.
const SHOWN_STATEMENTS: usize = 5;

/// A policy that users or roles of the account have, and that can be read.
pub(super) struct HeldPolicy<'a> {
    pub(super) named: &'a NamedPolicy,
    pub(super) document: &'a Policy,
    pub(super) holders: Vec<PrincipalReach<'a>>,
}

/// The policies of the account's users and roles, by ARN and name.
pub(super) fn held<'a>(context: &'a PolicyContext<'_>) -> Vec<HeldPolicy<'a>> {
    let access = &context.policies.access;
    let principals = context.principals();
    let ids: BTreeSet<PolicyId> = principals
        .flat_map(|own| own.subject.identity.iter().map(|own| own.policy))
        .collect();
    let mut policies: Vec<HeldPolicy<'a>> = ids
        .into_iter()
        .filter_map(|id| {
            Some(HeldPolicy {
                named: access.policy(id)?,
                document: access.document(id)?,
                holders: context.reach().holders(access, id).collect(),
            })
        })
        .collect();
    policies.sort_by(|one, other| {
        (&one.named.arn, &one.named.name).cmp(&(&other.named.arn, &other.named.name))
    });
    policies
}

impl HeldPolicy<'_> {
    /// Whether it is one of AWS's, which nobody else can edit.
    pub(super) fn is_of_aws(&self) -> bool {
        self.named.kind == PolicyKind::Managed && self.named.arn.split(':').nth(4) == Some("aws")
    }

    /// A finding about the policy, or about what it is inside of.
    pub(super) fn draft(&self, rule: &Rule) -> Draft {
        let arn = &*self.named.arn;
        let title = rule.metadata.summary;
        if self.named.kind == PolicyKind::Managed {
            return Draft::new(arn, ResourceType::Policy, title);
        }
        let kind = match arn
            .split(':')
            .nth(5)
            .and_then(|rest| rest.split('/').next())
        {
            Some("role") => ResourceType::Role,
            Some("group") => ResourceType::Group,
            _ => ResourceType::User,
        };
        let mut draft = Draft::new(arn, kind, title);
        draft.discriminator = self.named.name.to_string();
        draft
    }

    /// The policy's name where it is inside of something, and how many have it.
    pub(super) fn words(&self) -> String {
        let holders = listing::counted(self.holders.len(), "principal");
        let have = if self.holders.len() == 1 {
            "has"
        } else {
            "have"
        };
        match self.named.kind {
            PolicyKind::Managed => format!("the policy, which {holders} {have},"),
            _ => format!(
                "the inline policy {}, which {holders} {have},",
                listing::quoted(&self.named.name)
            ),
        }
    }
}

/// What a rule looks for in statements.
pub(super) struct WantedStatements {
    pub(super) rule: &'static Rule,
    /// Whether an Allow is written so.
    pub(super) is_fault: fn(&Statement) -> bool,
    /// What of what it grants matters.
    pub(super) actions: &'static ActionSet,
    /// What the policy does, before the list of actions.
    pub(super) words: &'static str,
    /// Whether who has an AWS managed policy that is written so is reported.
    pub(super) with_policies_of_aws: bool,
}

/// A statement that is written so, and what it grants to somebody.
struct Fault {
    fact: String,
    actions: ActionSet,
    /// Whether it is granted to somebody without circumstances such as MFA.
    is_always: bool,
}

/// One finding for each policy with such statements, if they grant something to somebody who has it.
pub(super) fn report(context: &PolicyContext<'_>, wanted: &WantedStatements, output: &mut Output) {
    context.report_missing_policies(output);
    let account = context.account.account;
    let resources = Universe::get().resources(&account.partition, &account.account_id);
    let mut of_principals: BTreeMap<&str, (PrincipalReach<'_>, Vec<Evidence>)> = BTreeMap::new();
    let policies = held(context);
    let drafts: Vec<Draft> = policies
        .par_iter()
        .filter(|policy| !policy.is_of_aws())
        .filter_map(|policy| {
            let faults = faults(context, wanted, policy, &policy.holders, &resources);
            of_policy(wanted, policy, &faults)
        })
        .collect();
    drafts.into_iter().for_each(|draft| output.find(draft));
    for policy in policies.iter().filter(|policy| policy.is_of_aws()) {
        if !wanted.with_policies_of_aws || !has_fault(wanted, policy) {
            continue;
        }
        for holder in &policy.holders {
            let arn = &*holder.subject.arn;
            if holder.reach.is_administrator() || context.is_break_glass(arn) {
                continue;
            }
            let faults = faults(
                context,
                wanted,
                policy,
                std::slice::from_ref(holder),
                &resources,
            );
            let evidence = faults.into_iter().map(|fault| Evidence {
                source: policy.named.words(),
                fact: fault.fact,
            });
            let (_, own) = of_principals
                .entry(arn)
                .or_insert_with(|| (*holder, Vec::new()));
            own.extend(evidence);
        }
    }
    for (holder, evidence) in of_principals.into_values() {
        if evidence.is_empty() {
            continue;
        }
        let sources: BTreeSet<&str> = evidence.iter().map(|own| own.source.as_str()).collect();
        let what = match holder.subject.kind {
            SubjectKind::User => "user",
            _ => "role",
        };
        let mut draft = principals::draft(holder.subject, wanted.rule)
            .detail(format!(
                "the {what} has {}, which is written so and cannot be edited",
                listing::and(sources.into_iter().map(str::to_owned).collect())
            ))
            .remediation(wanted.rule.metadata.remediation);
        draft.evidence = evidence;
        output.find(draft);
    }
}

fn of_policy(
    wanted: &WantedStatements,
    policy: &HeldPolicy<'_>,
    faults: &[Fault],
) -> Option<Draft> {
    let mut actions = ActionSet::new();
    for fault in faults {
        actions.union_with(&fault.actions);
    }
    if actions.is_empty() {
        return None;
    }
    let mut draft = policy
        .draft(wanted.rule)
        .detail(format!(
            "{} {}: {}",
            policy.words(),
            wanted.words,
            listing::in_words(&actions)
        ))
        .remediation(wanted.rule.metadata.remediation)
        .confidence(match faults.iter().any(|fault| fault.is_always) {
            true => Confidence::High,
            false => Confidence::Medium,
        });
    for fault in faults.iter().take(SHOWN_STATEMENTS) {
        draft = draft.evidence(policy.named.words(), fault.fact.clone());
    }
    if faults.len() > SHOWN_STATEMENTS {
        let more = listing::counted(faults.len() - SHOWN_STATEMENTS, "more statement");
        draft = draft.evidence(policy.named.words(), format!("and {more}"));
    }
    Some(draft)
}

fn has_fault(wanted: &WantedStatements, policy: &HeldPolicy<'_>) -> bool {
    let mut statements = policy.document.statements.iter();
    statements.any(|own| own.effect == Effect::Allow && (wanted.is_fault)(own))
}

/// The statements that are written so and grant something to one of these holders on any resource.
fn faults(
    context: &PolicyContext<'_>,
    wanted: &WantedStatements,
    policy: &HeldPolicy<'_>,
    holders: &[PrincipalReach<'_>],
    resources: &[Resource],
) -> Vec<Fault> {
    let access = &context.policies.access;
    let reader = Reader {
        resources,
        short: Member::Identity.short_arn(),
    };
    let mut faults = Vec::new();
    for (index, statement) in policy.document.statements.iter().enumerate() {
        if statement.effect != Effect::Allow || !(wanted.is_fault)(statement) {
            continue;
        }
        let universe = Universe::get();
        let mut granted = universe.actions_within(&reader.targets(statement));
        granted.intersect_with(wanted.actions);
        let mut fault = Fault {
            fact: statement_words(statement, index),
            actions: ActionSet::new(),
            is_always: false,
        };
        for holder in holders {
            let scope = match statement.conditions.is_empty() {
                true => Scope::Always,
                false => {
                    let told = context.reach().context_of(access, holder.subject);
                    scope(&statement.conditions, Effect::Allow, &told)
                }
            };
            if matches!(scope, Scope::Nothing | Scope::Part) {
                continue;
            }
            let mut left = granted.clone();
            left.intersect_with(&holder.reach.anywhere);
            fault.is_always |= scope == Scope::Always
                && !left.is_empty()
                && !left.is_subset(&holder.reach.sometimes)
                && !holder.reach.may_be_closed;
            fault.actions.union_with(&left);
        }
        if !fault.actions.is_empty() {
            faults.push(fault);
        }
    }
    faults
}

/// Whether the resources of a statement are of more services than one.
pub(super) fn is_of_several_services(statement: &Statement) -> bool {
    let Some(list) = statement.resource.as_ref().filter(|list| !list.is_negated) else {
        return true;
    };
    let mut services = BTreeSet::new();
    for entry in &list.entries {
        match entry
            .fields()
            .get(2)
            .and_then(|service| service.as_literal())
        {
            Some(service) => services.insert(service),
            None => return true,
        };
    }
    services.len() > 1
}
