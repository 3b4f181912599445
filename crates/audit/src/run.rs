//! Asking the rules.

use std::collections::BTreeSet;

use leastgrant_inventory::{Error, Inventory, Timestamp};
use rayon::prelude::*;

use crate::context::{Context, Draft};
use crate::contexts::AttachmentContext;
use crate::contexts::KeyContext;
use crate::contexts::{EvidenceContext, GraphContext, PolicyContext};
use crate::facts::{AccountFacts, Facts};
use crate::finding::finding_id;
use crate::jobs::{self, Job};
use crate::lazy_facts::LazyFacts;
use crate::ranking::{self, AccessPrivileges, DocumentGifts, Exposures, LastUses};
use crate::reach::Universe;
use crate::rules::{self, Check, Rule};
use crate::{
    AuditOutcome, Finding, NotChecked, Ranked, ResourceType, Settings, Thresholds, age, exemptions,
    left_out, owner,
};

/// Which rules to ask; all by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Ids of the rules; empty means all.
    pub only: BTreeSet<String>,
}

impl RuleSelection {
    fn has(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.contains(id)
    }
}

/// Asks the rules about every account of an inventory.
///
/// # Errors
/// Only if a table of the inventory cannot be read.
pub fn audit(
    inventory: &Inventory,
    settings: &Settings,
    selection: &RuleSelection,
    as_of: Timestamp,
) -> Result<AuditOutcome, Error> {
    let judges_exemptions = selection.has(rules::expired_exemption::ID);
    // Whether an exemption still covers something can be told only from the findings of all rules.
    let is_asked = |rule: &Rule| judges_exemptions || selection.has(rule.metadata.id);
    if rules::ALL
        .iter()
        .any(|rule| is_asked(rule) && asks_what_policies_allow(rule))
    {
        // It takes a core as long to unpack the catalogue as to read a small inventory.
        // Without another thread the first rule that asks does it.
        drop(std::thread::Builder::new().spawn(Universe::get));
    }
    let facts = Facts::load(inventory, as_of)?;
    let judgement = Judgement::new(inventory, &facts, settings, as_of);
    let mut outcome = judgement.ask(&settings.thresholds, is_asked)?;
    if judges_exemptions {
        exemptions::report_expired(&mut outcome.findings, &facts, settings, as_of);
        outcome
            .findings
            .retain(|finding| selection.has(finding.rule));
        outcome
            .not_checked
            .retain(|entry| selection.has(entry.rule));
    }
    sort(&mut outcome.findings);
    let mut wanted = rules::ALL.iter().map(|rule| rule.metadata.id);
    if let Some(rule) = wanted.find(|id| selection.has(id)) {
        outcome
            .not_checked
            .extend(left_out::entries(inventory, &facts, rule)?);
        outcome
            .not_checked
            .extend(age::before_the_data(inventory, as_of));
        outcome.not_checked.sort();
    }
    let ranking = judgement.rank(&outcome)?;
    let notes = judgement.lazy.notes().to_vec();
    judgement.lazy.free();
    Ok(AuditOutcome {
        as_of,
        accounts: inventory.manifest().accounts.clone(),
        ranking,
        findings: outcome.findings,
        not_checked: outcome.not_checked,
        notes,
        gaps: inventory.manifest().gaps.clone(),
    })
}

/// Whether a rule asks what principals can do, and so for every action of the catalogue.
fn asks_what_policies_allow(rule: &Rule) -> bool {
    match rule.check {
        Check::Account(_) | Check::Keys(_) => false,
        Check::Policies(_) | Check::Attachments(_) | Check::Graph(_) | Check::Evidence(_) => true,
    }
}

/// What some rules say of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    pub findings: Vec<Finding>,
    pub not_checked: Vec<NotChecked>,
    /// What rules told of access keys.
    pub exposures: Exposures,
}

/// The facts and how to judge them.
pub(crate) struct Judgement<'a> {
    facts: &'a Facts,
    lazy: LazyFacts<'a>,
    settings: &'a Settings,
    as_of: Timestamp,
}

impl<'a> Judgement<'a> {
    pub(crate) fn new(
        inventory: &'a Inventory,
        facts: &'a Facts,
        settings: &'a Settings,
        as_of: Timestamp,
    ) -> Self {
        Self {
            facts,
            lazy: LazyFacts::new(inventory, as_of),
            settings,
            as_of,
        }
    }

    /// Asks the wanted rules at these thresholds.
    ///
    /// # Errors
    /// A table that a rule asks of cannot be read.
    pub(crate) fn ask(
        &self,
        thresholds: &Thresholds,
        is_wanted: impl Fn(&Rule) -> bool,
    ) -> Result<Verdicts, Error> {
        let mut asked = Vec::new();
        let mut jobs = Vec::new();
        for account in &self.facts.accounts {
            for rule in rules::ALL.iter().filter(|rule| is_wanted(rule)) {
                asked.push((rule, &account.account_id));
                jobs.push(self.job(rule, account, thresholds)?);
            }
        }
        let mut verdicts = Verdicts::default();
        let mut drafts = Vec::new();
        for ((rule, account_id), output) in asked.into_iter().zip(jobs::done(jobs)) {
            let own = output.drafts.into_iter();
            drafts.extend(own.map(|draft| (rule, account_id, draft)));
            for (access_key_id, exposure) in &output.exposures {
                verdicts.exposures.add(access_key_id, *exposure);
            }
            let reasons = output.not_checked.into_iter();
            verdicts
                .not_checked
                .extend(reasons.map(|reason| NotChecked {
                    rule: rule.metadata.id,
                    account_id: account_id.clone(),
                    reason,
                }));
        }
        let finishing = Finishing {
            facts: self.facts,
            settings: self.settings,
            as_of: self.as_of,
        };
        verdicts.findings = drafts
            .into_par_iter()
            .map(|(rule, account_id, draft)| finishing.finished(rule, account_id, draft))
            .collect();
        verdicts.not_checked.sort();
        Ok(verdicts)
    }

    /// The open findings in the order of what matters.
    fn rank(&self, verdicts: &Verdicts) -> Result<Vec<Ranked>, Error> {
        if verdicts.findings.is_empty() {
            return Ok(Vec::new());
        }
        // Where only other rules were asked, the graph would cost more than all of them.
        let graph = self.lazy.graph_if_asked_for();
        let access = &self.lazy.policies()?.access;
        let privileges = AccessPrivileges::new(access, graph);
        let is_of_attachments = |finding: &Finding| {
            matches!(
                finding.resource_type,
                ResourceType::Policy | ResourceType::PermissionSet
            )
        };
        let needs_attachments = verdicts.findings.iter().any(is_of_attachments);
        let gifts = DocumentGifts {
            access,
            attachments: match needs_attachments {
                true => Some(self.lazy.attachments()?),
                false => None,
            },
        };
        let known = ranking::Known {
            last_uses: &LastUses::of_facts(self.facts, self.as_of),
            privileges: &privileges,
            gifts: &gifts,
            exposures: &verdicts.exposures,
        };
        Ok(ranking::rank(&verdicts.findings, &known))
    }

    /// Reads what a rule needs to judge an account.
    fn job<'j>(
        &'j self,
        rule: &Rule,
        account: &'a AccountFacts,
        thresholds: &'j Thresholds,
    ) -> Result<Job<'j>, Error> {
        let account = Context {
            account,
            settings: self.settings,
            thresholds,
            as_of: self.as_of,
            tags: &self.facts.tags,
            last_accessed: &self.facts.last_accessed,
            logged_use: &self.facts.logged_use,
        };
        let with_policies = |account| -> Result<_, Error> {
            Ok(PolicyContext {
                account,
                policies: self.lazy.policies()?,
            })
        };
        Ok(match rule.check {
            Check::Account(check) => jobs::job(check, account),
            Check::Keys(check) => {
                let keys = self.lazy.keys()?;
                let context = KeyContext {
                    account,
                    keys,
                    evidence: self.lazy.evidence()?,
                };
                jobs::job(check, context)
            }
            Check::Policies(check) => jobs::job(check, with_policies(account)?),
            Check::Attachments(check) => {
                let context = AttachmentContext {
                    policy: with_policies(account)?,
                    attachments: self.lazy.attachments()?,
                };
                jobs::job(check, context)
            }
            Check::Graph(check) => {
                let context = GraphContext {
                    policy: with_policies(account)?,
                    graph: self.lazy.graph(self.as_of)?,
                };
                jobs::job(check, context)
            }
            Check::Evidence(check) => {
                let context = EvidenceContext {
                    policy: with_policies(account)?,
                    evidence: self.lazy.evidence()?,
                    service_access: self.lazy.service_access()?,
                };
                jobs::job(check, context)
            }
        })
    }
}

/// What a draft takes to be a finding.
struct Finishing<'a> {
    facts: &'a Facts,
    settings: &'a Settings,
    as_of: Timestamp,
}

impl Finishing<'_> {
    fn finished(&self, rule: &Rule, account_id: &str, draft: Draft) -> Finding {
        let id = finding_id(
            rule.metadata.id,
            account_id,
            &draft.resource_arn,
            draft.access_key_id.as_deref(),
            &draft.discriminator,
        );
        let severity = draft.severity.unwrap_or(rule.metadata.severity);
        debug_assert!(
            severity <= rule.metadata.worst_severity,
            "`{}` gives {severity:?}, and says it gives {:?} at worst",
            rule.metadata.id,
            rule.metadata.worst_severity
        );
        let mut finding = Finding {
            id,
            rule: rule.metadata.id,
            severity,
            confidence: draft.confidence,
            account_id: account_id.to_owned(),
            owner: owner::owner_of(&draft.resource_arn, &self.facts.tags, &self.settings.owners),
            resource_arn: draft.resource_arn,
            resource_type: draft.resource_type,
            access_key_id: draft.access_key_id,
            title: draft.title.to_owned(),
            detail: draft.detail,
            evidence: draft.evidence,
            remediation: draft.remediation,
            exemption: None,
        };
        finding.exemption = exemptions::covering(&finding, &self.settings.exemptions, self.as_of);
        finding
    }
}

/// Worst first, then by what people look for.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.par_sort_by(|left, right| {
        right
            .severity
            .cmp(&left.severity)
            .then_with(|| left.rule.cmp(right.rule))
            .then_with(|| left.account_id.cmp(&right.account_id))
            .then_with(|| left.resource_arn.cmp(&right.resource_arn))
            .then_with(|| left.access_key_id.cmp(&right.access_key_id))
            .then_with(|| left.id.cmp(&right.id))
    });
}
