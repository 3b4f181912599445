//! `unused-service`: principal has permissions for services that it does not use.

use std::collections::HashMap;

use leastgrant_catalog::Catalog;
use leastgrant_inventory::Timestamp;

use super::principals;
use super::{Check, Rule};
use crate::context::Output;
use crate::contexts::EvidenceContext;
use crate::service_access::ServiceReport;
use crate::{RuleMetadata, Severity, age, listing};

/// The rule's id.
pub const ID: &str = "unused-service";

/// The rule.
pub static RULE: Rule = Rule {
    metadata: RuleMetadata {
        id: ID,
        severity: Severity::Low,
        worst_severity: Severity::Low,
        summary: "Principal has permissions for services that it does not use",
        what_it_does: "Reports users and roles older than `thresholds.unused_service_days` (90) that are granted actions of services which they did not access within the limit, by service last-accessed data. A denied attempt counts as an access, and so does a call in the CloudTrail logs that the inventory has.",
        why_it_is_bad: "What is not needed helps only who gets hold of the principal.",
        evidence_needed: "Policies (authorization details) and service last-accessed data (GenerateServiceLastAccessedDetails) of the principal, which `leastgrant collect` asks for.",
        limits: "AWS tracks 400 days, so that a limit above that finds nothing which was used before. A permission that was granted within the limit looks unused. AWS lists only services that the policies of that day allowed. Principals in `minimize.break_glass` and service-linked roles are not reported.",
        remediation: "Take the services out of the policies; `leastgrant minimize` does it where there was no access in 400 days.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        ],
    },
    check: Check::Evidence(check),
};

/// How far back last-accessed data look.
const TRACKED_DAYS: u32 = 400;

fn check(context: &EvidenceContext<'_>, output: &mut Output) {
    let policy = &context.policy;
    policy.report_missing_policies(output);
    let account = policy.account.account;
    let users = account.users.iter().map(|own| &own.user);
    let users = users.map(|user| (user.arn.as_str(), user.created_at));
    let roles = account.roles.iter();
    let roles = roles.map(|role| (role.arn.as_str(), role.created_at));
    let made: HashMap<&str, Option<Timestamp>> = users.chain(roles).collect();
    let limit = policy.account.thresholds.unused_service_days;
    let (mut unknown, mut is_any_known) = (Vec::new(), false);
    for principal in policy.principals() {
        let subject = principal.subject;
        if policy.is_break_glass(&subject.arn) {
            continue;
        }
        let report = context.service_access.of(&subject.arn);
        let made_at = made.get(&*subject.arn).copied().flatten();
        let known = report.and_then(|report| Some((report, report.completed_at?, made_at?)));
        let Some((report, completed_at, made_at)) = known else {
            unknown.push(&*subject.name);
            continue;
        };
        is_any_known = true;
        let until = completed_at.min(policy.account.as_of);
        if !age::exceeds(age::age(made_at, until), limit) {
            continue;
        }
        let granted = policy.policies.granted_actions(subject);
        let is_granted = |prefix: &str| {
            let service = Catalog::get().service(prefix);
            service.is_some_and(|service| granted.count_of(service) > 0)
        };
        let services: Vec<(&str, Option<Timestamp>)> = report
            .services
            .iter()
            .map(|(service, at)| (&**service, *at))
            .filter(|(service, _)| is_granted(service))
            .filter(|(service, at)| {
                let last = (*at).max(logged_at(context, &subject.arn, service));
                is_unused(last, until, limit)
            })
            .collect();
        if services.is_empty() {
            continue;
        }
        let draft = principals::draft(subject, &RULE)
            .detail(format!(
                "it did not access {} for {} as of {until}: {}",
                listing::counted(services.len(), "service"),
                age::days_in_words(limit),
                in_words(&services)
            ))
            .evidence(
                format!("service last-accessed data of {completed_at}"),
                format!(
                    "{} listed, {} of them accessed within the limit",
                    listing::counted(report.services.len(), "service"),
                    accessed(report, until, limit)
                ),
            )
            .remediation(RULE.metadata.remediation);
        output.find(draft);
    }
    match is_any_known {
        true => output.not_checked_for("no service last-accessed data were collected", &unknown),
        false if !unknown.is_empty() => {
            output.not_checked("no service last-accessed data were collected");
        }
        false => {}
    }
}

/// Whether the last access is too long ago. None in what AWS tracks tells nothing of the time before.
fn is_unused(last: Option<Timestamp>, until: Timestamp, limit: u32) -> bool {
    match last {
        Some(at) => age::exceeds(age::age(at, until), limit),
        None => limit <= TRACKED_DAYS,
    }
}

fn accessed(report: &ServiceReport, until: Timestamp, limit: u32) -> usize {
    let services = report.services.values();
    services.filter(|at| !is_unused(**at, until, limit)).count()
}

/// The last call of a service in the logs.
fn logged_at(context: &EvidenceContext<'_>, arn: &str, service: &str) -> Option<Timestamp> {
    let used = context.evidence.used_by(arn);
    let own = used.filter(|(action, _)| action.split(':').next() == Some(service));
    own.filter_map(|(_, used)| used.last_seen).max()
}

fn in_words(services: &[(&str, Option<Timestamp>)]) -> String {
    const SHOWN: usize = 10;
    let mut words: Vec<String> = services
        .iter()
        .take(SHOWN)
        .map(|(service, at)| match at {
            Some(at) => format!("`{service}` (last {at})"),
            None => format!("`{service}` (no access known)"),
        })
        .collect();
    if services.len() > SHOWN {
        words.push(format!("{} more", services.len() - SHOWN));
    }
    listing::and(words)
}
