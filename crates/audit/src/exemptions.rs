//! What the configuration accepts for a while, and what it accepted for too long.

use leastgrant_inventory::Timestamp;

use crate::facts::Facts;
use crate::finding::finding_id;
use crate::rules::expired_exemption;
use crate::{AppliedExemption, Confidence, Evidence, Exemption, Finding, ResourceType, Settings};

fn is_about(exemption: &Exemption, finding: &Finding) -> bool {
    exemption.rule == finding.rule
        && exemption
            .access_key_id
            .as_ref()
            .is_none_or(|id| finding.access_key_id.as_ref() == Some(id))
        && exemption.covers_resource(&finding.resource_arn)
}

/// The exemption that covers a finding and has not expired.
pub(crate) fn covering(
    finding: &Finding,
    exemptions: &[Exemption],
    as_of: Timestamp,
) -> Option<AppliedExemption> {
    exemptions
        .iter()
        .find(|exemption| !exemption.has_expired(as_of) && is_about(exemption, finding))
        .map(|exemption| AppliedExemption {
            owner: exemption.owner.clone(),
            reason: exemption.reason.clone(),
            expires: exemption.expires.to_string(),
        })
}

/// One finding for each exemption whose last day is over, on each resource that it would still cover.
pub(crate) fn report_expired(
    findings: &mut Vec<Finding>,
    facts: &Facts,
    settings: &Settings,
    as_of: Timestamp,
) {
    let mut expired = Vec::new();
    for exemption in settings
        .exemptions
        .iter()
        .filter(|exemption| exemption.has_expired(as_of))
    {
        let mut covered: Vec<_> = findings
            .iter()
            .filter(|finding| is_about(exemption, finding))
            .map(|finding| {
                (
                    finding.account_id.clone(),
                    finding.resource_arn.clone(),
                    finding.resource_type,
                )
            })
            .collect();
        covered.sort();
        covered.dedup();
        if covered.is_empty() {
            // The fault is gone and the exemption is still there: the account's root stands for the configuration.
            let named = exemption.resource.split(':').nth(4).unwrap_or_default();
            covered.extend(
                facts
                    .accounts
                    .iter()
                    .find(|account| account.account_id == named)
                    .or_else(|| facts.accounts.first())
                    .map(|account| {
                        (
                            account.account_id.clone(),
                            account.root_arn(),
                            ResourceType::Root,
                        )
                    }),
            );
        }
        expired.extend(
            covered
                .into_iter()
                .map(|(account_id, resource_arn, resource_type)| {
                    finding_of(exemption, account_id, resource_arn, resource_type)
                }),
        );
    }
    findings.extend(expired);
}

fn finding_of(
    exemption: &Exemption,
    account_id: String,
    resource_arn: String,
    resource_type: ResourceType,
) -> Finding {
    let discriminator = format!(
        "{}/{}/{}",
        exemption.rule,
        exemption.resource,
        exemption.access_key_id.as_deref().unwrap_or_default()
    );
    Finding {
        id: finding_id(
            expired_exemption::ID,
            &account_id,
            &resource_arn,
            exemption.access_key_id.as_deref(),
            &discriminator,
        ),
        rule: expired_exemption::ID,
        severity: expired_exemption::RULE.metadata.severity,
        confidence: Confidence::High,
        owner: exemption.owner.clone(),
        account_id,
        resource_arn,
        resource_type,
        access_key_id: exemption.access_key_id.clone(),
        title: "Exemption has expired".to_owned(),
        detail: format!(
            "the exemption from `{}` for `{}` held until {}: {}",
            exemption.rule, exemption.resource, exemption.expires, exemption.reason
        ),
        evidence: vec![Evidence {
            source: "leastgrant.toml".to_owned(),
            fact: format!("expires = {}", exemption.expires),
        }],
        remediation:
            "Mend what it excuses and remove the exemption, or renew it with a new date and reason."
                .to_owned(),
        exemption: None,
    }
}
