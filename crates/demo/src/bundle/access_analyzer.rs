//! `access-analyzer.json`: what the organisation's analyser found by itself, in the management
//! account's folder. It is evidence beside the findings of an audit, not their truth.

use serde::Serialize;

use super::Folder;
use crate::Error;
use crate::model::{Account, Expected, Organisation, Rule, Trust};
use crate::moment::{Moment, Zulu};
use crate::randomness::{fork, number, uuid};

#[derive(Serialize)]
struct Findings {
    findings: Vec<Finding>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    id: String,
    finding_type: &'static str,
    resource: String,
    resource_type: &'static str,
    resource_owner_account: String,
    created_at: Zulu,
    analyzed_at: Zulu,
    updated_at: Zulu,
    status: &'static str,
}

/// The most findings of one account; a real list has pages, and nothing hangs on the rest.
const MOST_OF_ACCOUNT: usize = 500;

/// Writes the file.
pub(super) fn write(organisation: &Organisation, folder: &Folder) -> Result<(), Error> {
    let Some(management) = organisation.accounts.first() else {
        return Ok(());
    };
    let findings = organisation
        .accounts
        .iter()
        .flat_map(|account| of_account(organisation.seed, account))
        .collect();
    folder.write_json(
        &format!("{}/access-analyzer.json", management.id),
        &Findings { findings },
    )
}

fn of_account(seed: u64, account: &Account) -> Vec<Finding> {
    let mut rng = fork(seed, "access-analyzer", number(account.index));
    let mut finding = |finding_type: &'static str, resource_type: &'static str, resource: &str| {
        let created = Moment::seconds_ago(rng.i64(100_000..8_000_000));
        Finding {
            id: uuid(&mut rng),
            finding_type,
            resource: resource.to_owned(),
            resource_type,
            resource_owner_account: account.id.clone(),
            created_at: Zulu(created),
            analyzed_at: Zulu(Moment::NOW.earlier(7_200)),
            updated_at: Zulu(created.later(60)),
            status: "ACTIVE",
        }
    };
    let mut findings = Vec::new();
    for role in &account.roles {
        if matches!(
            role.trust,
            Trust::Vendor { .. } | Trust::GitHub { .. } | Trust::Everybody
        ) {
            findings.push(finding("ExternalAccess", "AWS::IAM::Role", &role.arn));
        }
        if finds(&role.common.expected, Rule::StaleRole) {
            findings.push(finding("UnusedIAMRole", "AWS::IAM::Role", &role.arn));
        }
    }
    for user in &account.users {
        if finds(&user.common.expected, Rule::UnusedAccessKey) {
            findings.push(finding(
                "UnusedIAMUserAccessKey",
                "AWS::IAM::User",
                &user.arn,
            ));
        }
        if finds(&user.common.expected, Rule::UnusedPassword) {
            findings.push(finding(
                "UnusedIAMUserPassword",
                "AWS::IAM::User",
                &user.arn,
            ));
        }
    }
    findings.truncate(MOST_OF_ACCOUNT);
    findings
}

fn finds(expected: &[Expected], rule: Rule) -> bool {
    expected.iter().any(|expected| expected.rule == rule)
}
