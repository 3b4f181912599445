//! Rules on policies, each on a small account with a principal for each case.

mod corpus;
mod escalation;
mod gate;
mod gate_baseline;
mod keys;
mod policies;
mod principals;
mod unused;

use crate::AuditOutcome;
use crate::testing::ACCOUNT;

/// About whom the findings are, sorted: `user/NAME`.
fn who(outcome: &AuditOutcome) -> Vec<String> {
    let findings = outcome.findings.iter();
    let mut who: Vec<String> = findings
        .map(|finding| {
            let about = finding.resource_arn.rsplit_once(&format!("{ACCOUNT}:"));
            about.map_or(finding.resource_arn.clone(), |(_, about)| about.to_owned())
        })
        .collect();
    who.sort();
    who
}
