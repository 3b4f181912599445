//! `unused-permission`: principal has permissions that it does not use.

use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_evidence::{Unused, Verdict};

use super::principals;
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::EvidenceContext;
use crate::{Confidence, RuleMetadata, Severity, listing};

/// The rule's id.
pub const ID: &str = "unused-permission";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Principal has permissions that it does not use",
        what_it_does: "Reports users and roles with actions that their policies grant within boundary and service control policies, that CloudTrail logs of at least 90 days show no use of, and of which they would have shown one. A role with `sqs:*` that made and emptied queues in that time has the other management actions of SQS unused, and not `sqs:SendMessage` where no trail logs data events.",
        why_it_is_bad: "What is not needed helps only who gets hold of the principal.",
        evidence_needed: "Policies (authorization details), CloudTrail logs of at least 90 days (`leastgrant usage`, `run`) and, better, the trails' settings.",
        limits: "What the logs cannot tell is never unused: data events that no trail logs, actions that no event shows, Regions and days that were not read, and whatever somebody may do who signs in and of whom no call is in the logs. A job of once a year, and what is meant for emergencies, look unused. Principals in `minimize.break_glass` and service-linked roles are not reported.",
        remediation: "Run `leastgrant minimize`, which writes the smaller policies, with a proof that they grant nothing new and all that was used.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
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
        let subject = principal.subject;
        if policy.is_break_glass(&subject.arn) {
            continue;
        }
        let granted = policy.policies.granted_actions(subject);
        let found = context.evidence.use_of(&subject.arn, &granted);
        let Some(proof) = first_proof(context, &subject.arn, &found.unused) else {
            continue;
        };
        let days = proof.window.days();
        let mut detail = format!(
            "of {} that it is granted, {} not used in {days} days of logs: {}",
            listing::counted(granted.len(), "action"),
            match found.unused.len() {
                1 => "1 was".to_owned(),
                count => format!("{count} were"),
            },
            listing::in_words(&found.unused)
        );
        if !found.unknown.is_empty() {
            detail.push_str(&format!(
                "; of {} the logs cannot tell",
                found.unknown.len()
            ));
        }
        let regions: Vec<&str> = proof.regions.iter().map(|region| &**region).collect();
        let elsewhere = match proof.logs_all_regions {
            true => {
                "; a trail logs the other Regions too, and their files are taken to be among those that were read"
            }
            false => "",
        };
        if !proof.logs_all_regions {
            detail.push_str(&only_these_regions(&proof));
        }
        let mut draft = principals::draft(subject, &RULE)
            .detail(detail)
            .evidence(
                "CloudTrail logs",
                format!(
                    "no such call from {} to {}, with events of {}{elsewhere}",
                    proof.window.from,
                    proof.window.to,
                    listing::some_of(regions.into_iter(), 5)
                ),
            )
            .evidence(
                "CloudTrail logs",
                format!(
                    "{} of the granted used",
                    listing::counted(found.used.len(), "action")
                ),
            )
            .remediation(RULE.metadata.remediation);
        if !proof.logs_all_regions {
            draft.confidence = Confidence::Medium;
        }
        output.find(draft);
    }
}

/// Says of which Regions the logs are, where no trail is known to log the others too.
pub(super) fn only_these_regions(proof: &Unused) -> String {
    let regions = proof.regions.iter().map(|region| &**region);
    format!(
        "; the logs that were read are of {} only, and what was called in other Regions is not known",
        listing::some_of(regions, 5)
    )
}

/// The proof of the first of some unused actions.
pub(super) fn first_proof(
    context: &EvidenceContext<'_>,
    arn: &str,
    unused: &ActionSet,
) -> Option<Unused> {
    let action = Catalog::get().actions_of(unused).next()?;
    match context.evidence.verdict(arn, &action.to_string()) {
        Verdict::Unused(proof) => Some(proof),
        Verdict::Used(_) | Verdict::Unknown(_) => None,
    }
}
