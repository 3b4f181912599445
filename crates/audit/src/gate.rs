//! Pass or fail for CI.

use std::collections::{BTreeMap, HashSet};

use leastgrant_inventory::{DataKind, Error, Gap, Inventory, Timestamp};
use serde::{Deserialize, Deserializer, de};

use crate::facts::Facts;
use crate::rules::{stale_user, unrotated_access_key, unused_access_key, unused_password};
use crate::run::{self, Judgement, Verdicts};
use crate::{Finding, NotChecked, Settings, Severity, Thresholds, age, exemptions, left_out};

/// What a gate judges; at least one is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Active keys may be this old.
    pub max_key_age_days: Option<u32>,
    /// Active keys, passwords and users may be unused this long.
    pub max_unused_days: Option<u32>,
    /// Findings of this severity or above fail.
    pub fail_on: Option<Severity>,
    /// The inventory may be this old.
    pub max_inventory_age_days: Option<u32>,
}

/// The gate's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateResult {
    /// Nothing exceeds a limit, and everything could be judged.
    Pass,
    /// Something exceeds a limit.
    Fail,
    /// Nothing exceeds a limit, but something could not be judged.
    Incomplete,
}

impl GateResult {
    /// The name in machine-read output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Incomplete => "incomplete",
        }
    }
}

/// All that a gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateOutcome {
    /// The answer.
    pub result: GateResult,
    /// The time that ages are counted to.
    pub as_of: Timestamp,
    /// The limits that were asked for.
    pub limits: Limits,
    /// What fails the gate.
    pub findings: Vec<Finding>,
    /// What would fail it but for an exemption; each has [`Finding::exemption`].
    pub exempted: Vec<Finding>,
    /// What would fail it but is in the baseline.
    pub baselined: Vec<Finding>,
    /// What could not be judged.
    pub not_checked: Vec<NotChecked>,
    /// The inventory's gaps.
    pub gaps: Vec<Gap>,
}

/// Findings that are known already: they do not fail the gate as long as they are no more severe than they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    severities: BTreeMap<String, Severity>,
}

/// A baseline file could not be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It is not JSON, or not of the expected shape.
    #[error("is no baseline")]
    Json(#[from] serde_json::Error),
    /// It has another schema.
    #[error(
        "has the schema `{schema}`; a baseline is the output of `audit --format json` or `gate --format json`"
    )]
    Schema {
        /// The schema that it names.
        schema: String,
    },
}

impl Baseline {
    /// Reads a `leastgrant.findings/1` or `leastgrant.gate/1` file.
    ///
    /// # Errors
    /// [`BaselineError`] if it is neither.
    pub fn from_json(text: &str) -> Result<Self, BaselineError> {
        #[derive(Deserialize)]
        struct File {
            schema: String,
            findings: Vec<Known>,
            #[serde(default)]
            baselined: Vec<Known>,
        }
        #[derive(Deserialize)]
        struct Known {
            id: String,
            #[serde(deserialize_with = "severity")]
            severity: Severity,
        }
        let file: File = serde_json::from_str(text)?;
        if !matches!(
            file.schema.as_str(),
            "leastgrant.findings/1" | "leastgrant.gate/1"
        ) {
            return Err(BaselineError::Schema {
                schema: file.schema,
            });
        }
        // What one gate let pass for its baseline stays known to the next.
        let mut severities = BTreeMap::new();
        for known in file.findings.into_iter().chain(file.baselined) {
            let own = severities.entry(known.id).or_insert(known.severity);
            *own = known.severity.max(*own);
        }
        Ok(Self { severities })
    }

    /// Whether a finding is known; one that has become worse is not, and says so.
    fn lets_pass(&self, finding: &mut Finding) -> bool {
        match self.severities.get(&finding.id) {
            Some(was) if finding.severity > *was => {
                let worse = format!(
                    "; was {} in the baseline, is {}",
                    was.name(),
                    finding.severity.name()
                );
                finding.detail.push_str(&worse);
                false
            }
            known => known.is_some(),
        }
    }
}

fn severity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    let name = String::deserialize(deserializer)?;
    let mut all = Severity::ALL.into_iter();
    all.find(|own| own.name() == name)
        .ok_or_else(|| de::Error::custom(format!("`{name}` is no severity")))
}

/// Judges an inventory at the given limits.
///
/// `now` is what the inventory's age is counted to; all other ages are counted to `as_of`.
///
/// # Errors
/// Only if a table of the inventory cannot be read.
pub fn judge_gate(
    inventory: &Inventory,
    settings: &Settings,
    limits: Limits,
    baseline: &Baseline,
    as_of: Timestamp,
    now: Timestamp,
) -> Result<GateOutcome, Error> {
    let facts = Facts::load(inventory, as_of)?;
    let judgement = Judgement::new(inventory, &facts, settings, as_of);
    let mut verdicts = Verdicts::default();
    let mut add = |more: Verdicts| {
        verdicts.findings.extend(more.findings);
        verdicts.not_checked.extend(more.not_checked);
    };
    if let Some(days) = limits.max_key_age_days {
        let thresholds = Thresholds {
            unrotated_access_key_days: days,
            ..settings.thresholds.clone()
        };
        add(judgement.ask(&thresholds, |rule| {
            rule.metadata.id == unrotated_access_key::ID
        })?);
    }
    if let Some(days) = limits.max_unused_days {
        let thresholds = Thresholds {
            unused_access_key_days: days,
            unused_password_days: days,
            stale_user_days: days,
            ..settings.thresholds.clone()
        };
        add(judgement.ask(&thresholds, |rule| {
            [unused_access_key::ID, unused_password::ID, stale_user::ID].contains(&rule.metadata.id)
        })?);
    }
    if let Some(severity) = limits.fail_on {
        let mut all = judgement.ask(&settings.thresholds, |_| true)?;
        exemptions::report_expired(&mut all.findings, &facts, settings, as_of);
        all.findings.retain(|finding| finding.severity >= severity);
        // A rule that could not be judged matters only if its findings would fail the gate.
        all.not_checked.retain(|entry| entry.leaves_open(severity));
        add(all);
    }
    run::sort(&mut verdicts.findings);
    // The worst of those with the same id comes first.
    let mut seen = HashSet::new();
    verdicts
        .findings
        .retain(|finding| seen.insert(finding.id.clone()));
    let mut baselined = Vec::new();
    let mut findings = Vec::new();
    for mut finding in verdicts.findings {
        if baseline.lets_pass(&mut finding) {
            baselined.push(finding);
        } else {
            findings.push(finding);
        }
    }
    let (exempted, findings): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.exemption.is_some());
    let gaps = inventory.manifest().gaps.clone();
    let mut not_checked = verdicts.not_checked;
    let asked = limits.first_rule();
    if limits.asks_of_credentials() {
        not_checked.extend(
            gaps.iter()
                .filter(|gap| could_hide_an_account(gap, limits.fail_on.is_some()))
                .map(|gap| NotChecked {
                    rule: asked,
                    account_id: gap.account_id.clone().unwrap_or_default(),
                    reason: format!(
                        "`{}` may hold {} of an account that is not known: it {}",
                        gap.source,
                        match limits.fail_on {
                            Some(_) => "credentials and policies",
                            None => "credentials",
                        },
                        gap.reason
                    ),
                }),
        );
        not_checked.extend(left_out::entries(inventory, &facts, asked)?);
        not_checked.extend(age::before_the_data(inventory, as_of));
        if facts.accounts.is_empty() {
            not_checked.push(NotChecked {
                rule: asked,
                account_id: String::new(),
                reason: "the inventory has no account, so no credential could be judged".to_owned(),
            });
        }
    }
    not_checked.extend(too_old(inventory, limits, now));
    not_checked.sort();
    not_checked.dedup();
    let result = match (findings.is_empty(), not_checked.is_empty()) {
        (false, _) => GateResult::Fail,
        (true, false) => GateResult::Incomplete,
        (true, true) => GateResult::Pass,
    };
    Ok(GateOutcome {
        result,
        as_of,
        limits,
        findings,
        exempted,
        baselined,
        not_checked,
        gaps,
    })
}

/// An inventory is as old as its oldest source.
fn too_old(inventory: &Inventory, limits: Limits, now: Timestamp) -> Option<NotChecked> {
    let days = limits.max_inventory_age_days?;
    let reason = match inventory
        .manifest()
        .sources
        .iter()
        // Old events are no old answer, and no limit of the gate is judged by them.
        .filter(|source| source.kind != DataKind::CloudTrail)
        .map(|source| source.earliest)
        .min()
    {
        Some(oldest) if age::exceeds(age::age(oldest, now), days) => format!(
            "the inventory's oldest source is of {oldest}, {} before {now}, and at most {} are allowed; collect it again",
            age::in_words(age::age(oldest, now)),
            age::days_in_words(days)
        ),
        Some(_) => return None,
        None => "the inventory does not say when its sources were collected; collect it again"
            .to_owned(),
    };
    Some(NotChecked {
        rule: "max-inventory-age",
        account_id: String::new(),
        reason,
    })
}

impl Limits {
    /// Whether nothing is asked of credentials.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.max_key_age_days.is_none()
            && self.max_unused_days.is_none()
            && self.fail_on.is_none()
            && self.max_inventory_age_days.is_none()
    }

    fn asks_of_credentials(&self) -> bool {
        self.max_key_age_days.is_some() || self.max_unused_days.is_some() || self.fail_on.is_some()
    }

    fn first_rule(&self) -> &'static str {
        if self.max_key_age_days.is_some() {
            unrotated_access_key::ID
        } else {
            unused_access_key::ID
        }
    }
}

/// What the organisation has closed, where no key works any more.
const CLOSED: &str = "AccountNotActive";

/// A file of which not even the account is known may be all that there is of an account and its keys and policies, and so may be what an account that
/// could not be asked has.
fn could_hide_an_account(gap: &Gap, asks_of_policies: bool) -> bool {
    if gap.unknowable.contains(&DataKind::Anything) && gap.account_id.is_some() {
        return gap.error_code.as_deref() != Some(CLOSED);
    }
    gap.account_id.is_none()
        && gap.unknowable.iter().any(|kind| {
            matches!(
                kind,
                DataKind::Anything
                    | DataKind::AuthorizationDetails
                    | DataKind::CredentialReport
                    | DataKind::AccessKeys
                    | DataKind::Users
                    | DataKind::LoginProfiles
            ) || asks_of_policies
                && matches!(
                    kind,
                    DataKind::Groups | DataKind::Roles | DataKind::Policies
                )
        })
}
