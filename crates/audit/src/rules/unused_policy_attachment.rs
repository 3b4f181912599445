//! `unused-policy-attachment`: principal has a policy of which it uses nothing.

use leastgrant_access::{NamedPolicy, PolicyKind};
use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::{Effect, Policy};

use super::unused_permission::{first_proof, only_these_regions};
use super::{Check, Rule, principals};
use crate::context::{Draft, Output};
use crate::contexts::EvidenceContext;
use crate::reach::PrincipalReach;
use crate::{Confidence, RuleMetadata, Severity, granted, listing};

/// The rule's id.
pub const ID: &str = "unused-policy-attachment";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Principal has a policy of which it uses nothing",
        what_it_does: "Reports users and roles with a managed policy that is attached to them, of which no action was used, and of each of which that is proved: by CloudTrail logs of at least 90 days that would have shown it. A policy with `iam:List*` and `s3:GetObject` is not reported where no trail logs data events: a use of the second could have gone unseen.",
        why_it_is_bad: "What is not needed helps only who gets hold of the principal, and the policy cannot be read as what the principal does.",
        evidence_needed: "Policies (authorization details), CloudTrail logs of at least 90 days and, better, the trails' settings.",
        limits: "Policies of groups, and inline policies, are not judged. A policy with an action that the catalogue does not know is not reported. Policies with Denies are not reported: these may be what it is for. A job of once a year looks unused. Principals in `minimize.break_glass` and service-linked roles are not reported.",
        remediation: "Detach the policy. Where another policy grants the same, nothing is lost.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
        ],
    },
    check: Check::Evidence(check),
};

fn check(context: &EvidenceContext<'_>, output: &mut Output) {
    let policy = &context.policy;
    policy.report_missing_policies(output);
    context.report_missing_logs(output);
    if context.evidence.accounts() == 0 {
        return;
    }
    for principal in policy.principals() {
        if !policy.is_break_glass(&principal.subject.arn) {
            output.drafts.extend(unused(context, principal));
        }
    }
}

fn unused(context: &EvidenceContext<'_>, principal: PrincipalReach<'_>) -> Option<Draft> {
    let access = &context.policy.policies.access;
    let subject = principal.subject;
    let attached = subject.identity.iter().filter(|own| own.group.is_none());
    let mut names = Vec::new();
    let mut limit = None;
    let mut draft = principals::draft(subject, &RULE).remediation(RULE.metadata.remediation);
    for id in attached.map(|own| own.policy) {
        let (Some(named), Some(document)) = (access.policy(id), access.document(id)) else {
            continue;
        };
        let Some(granted) = managed(named).and_then(|()| granted_by(document)) else {
            continue;
        };
        let found = context.evidence.use_of(&subject.arn, &granted);
        if found.unused != granted {
            continue;
        }
        let Some(proof) = first_proof(context, &subject.arn, &granted) else {
            continue;
        };
        names.push(listing::quoted(&named.arn));
        if !proof.logs_all_regions {
            limit = limit.or_else(|| Some(only_these_regions(&proof)));
        }
        let regions = proof.regions.iter().map(|region| &**region);
        draft = draft.evidence(
            "CloudTrail logs",
            format!(
                "none of {} of {} called from {} to {}, with events of {}",
                listing::counted(granted.len(), "action"),
                listing::quoted(&named.arn),
                proof.window.from,
                proof.window.to,
                listing::some_of(regions, 5)
            ),
        );
    }
    let count = listing::counted(names.len(), "attached policy");
    if limit.is_some() {
        draft.confidence = Confidence::Medium;
    }
    (!names.is_empty()).then(|| {
        draft.detail(format!(
            "it uses nothing of {count}: {}{}",
            listing::and(names),
            limit.unwrap_or_default()
        ))
    })
}

fn managed(named: &NamedPolicy) -> Option<()> {
    (named.kind == PolicyKind::Managed).then_some(())
}

/// The actions that a policy allows, if all of them are known and it does nothing else.
fn granted_by(document: &Policy) -> Option<ActionSet> {
    let is_plain = document.statements.iter().all(|statement| {
        let mut entries = statement.action.entries.iter();
        statement.effect == Effect::Allow
            && entries.all(|entry| !Catalog::get().expand(entry).is_empty())
    });
    let granted = granted::allowed_by(&[document]);
    (is_plain && !granted.is_empty()).then_some(granted)
}
