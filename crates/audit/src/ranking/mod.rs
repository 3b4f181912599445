//! What to do first: the open findings in the order of what matters, each with the reason for its place.
//!
//! A finding's score is the product of how bad it is, how long its principal or key has not been used, what the principal, or whoever
//! has the group or policy, can do at worst, and how exposed it is. What is not known counts as the middle: nobody should be at ease
//! about it. The order of `findings` stays what it is; this is another view of them.

mod exposure;
mod given;
mod privilege;
mod staleness;

use rayon::prelude::*;
use std::cmp::Reverse;

use crate::{Finding, ResourceType, Severity};

pub(crate) use exposure::{Exposure, Exposures};
pub(crate) use given::{DocumentGifts, Gifts};
pub(crate) use privilege::{AccessPrivileges, Privilege, Privileges};
pub(crate) use staleness::{LastUses, Staleness};

/// The place of an open finding among all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The finding's id.
    pub finding_id: String,
    /// Which of the findings it is, from 0.
    pub index: usize,
    /// Higher is more urgent. Scores of two audits compare only where both know the same.
    pub score: u32,
    /// What the score is the product of, in words.
    pub because: Vec<String>,
}

/// What the place of a finding depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub severity: Severity,
    pub staleness: Staleness,
    pub privilege: Privilege,
    /// Whether it is not the principal's own, but of whoever has the group, policy or permission set.
    pub is_given: bool,
    /// Each once.
    pub exposures: Vec<Exposure>,
}

impl Standing {
    fn factors(&self) -> [u32; 4] {
        let severity = match self.severity {
            Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 4,
            Severity::Critical => 8,
        };
        let exposure = self.exposures.iter().map(|exposure| exposure.points());
        [
            severity,
            self.staleness.factor(),
            self.privilege.factor(),
            exposure.fold(1, u32::saturating_add),
        ]
    }

    fn score(&self) -> u32 {
        self.factors().into_iter().fold(1, u32::saturating_mul)
    }

    /// The factors in words; those that change nothing are left out.
    fn because(&self) -> Vec<String> {
        let [severity, staleness, privilege, exposure] = self.factors();
        let mut because = vec![format!("severity {} (×{severity})", self.severity.name())];
        if staleness > 1 {
            because.push(format!("{} (×{staleness})", self.staleness.words()));
        }
        if privilege > 1 {
            let who = match self.is_given {
                true => "whoever has it",
                false => "it",
            };
            because.push(format!("{} (×{privilege})", self.privilege.words(who)));
        }
        if exposure > 1 {
            let words: Vec<&str> = self.exposures.iter().map(|own| own.words()).collect();
            because.push(format!("{} (×{exposure})", words.join(", ")));
        }
        because
    }
}

/// What is known beside the findings.
pub(crate) struct Known<'a> {
    pub last_uses: &'a LastUses,
    pub privileges: &'a (dyn Privileges + Sync),
    pub gifts: &'a (dyn Gifts + Sync),
    pub exposures: &'a Exposures,
}

/// The open findings, what to do first at the head. Findings of the same score stay in their order.
pub(crate) fn rank(findings: &[Finding], known: &Known<'_>) -> Vec<Ranked> {
    let exposed_by_findings = exposure::by_findings(findings);
    let mut ranked: Vec<Ranked> = findings
        .par_iter()
        .enumerate()
        .filter(|(_, finding)| finding.exemption.is_none())
        .map(|(index, finding)| {
            let is_given = gives_rights(finding);
            let privilege = if is_given {
                known.gifts.of(finding)
            } else if is_about_principal(finding) {
                known.privileges.of(&finding.resource_arn)
            } else {
                Privilege::NoPrincipal
            };
            let mut exposures = known.exposures.of(finding);
            let by_findings = exposed_by_findings.get(finding.resource_arn.as_str());
            exposures.extend(by_findings.into_iter().flatten());
            exposures.sort_unstable();
            exposures.dedup();
            if exposures.contains(&Exposure::OpenToOthers) {
                exposures.retain(|own| *own != Exposure::OpenToSome);
            }
            let standing = Standing {
                severity: finding.severity,
                staleness: known.last_uses.of(finding),
                privilege,
                is_given,
                exposures,
            };
            Ranked {
                finding_id: finding.id.clone(),
                index,
                score: standing.score(),
                because: standing.because(),
            }
        })
        .collect();
    ranked.par_sort_by_key(|own| (Reverse(own.score), own.index));
    ranked
}

/// Of what is about an account as such, no principal's rights make it worse.
fn is_about_principal(finding: &Finding) -> bool {
    match finding.resource_type {
        ResourceType::User | ResourceType::Role => true,
        ResourceType::Root => finding.rule.starts_with("root-"),
        ResourceType::Group | ResourceType::Policy | ResourceType::PermissionSet => false,
    }
}

/// Whether the finding is about what lets whoever has it do something.
fn gives_rights(finding: &Finding) -> bool {
    matches!(
        finding.resource_type,
        ResourceType::Group | ResourceType::Policy | ResourceType::PermissionSet
    )
}

#[cfg(test)]
mod tests;
