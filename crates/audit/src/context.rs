//! What a rule is given and what it gives back.

use std::collections::HashMap;

use leastgrant_inventory::Timestamp;
use leastgrant_inventory::tables::{AccessKeyRow, RoleRow, UserRow};

use crate::facts::{AccountFacts, UserFacts};
use crate::logged_use::LoggedUse;
use crate::ranking::Exposure;
use crate::{Confidence, Evidence, ResourceType, Settings, Severity, Thresholds, age};

/// One account, and the settings to judge it by.
pub(crate) struct Context<'a> {
    pub account: &'a AccountFacts,
    pub settings: &'a Settings,
    /// The limits, which a gate may have put in the place of the settings'.
    pub thresholds: &'a Thresholds,
    pub as_of: Timestamp,
    /// Tags, by the ARN of what has them.
    pub tags: &'a HashMap<String, Vec<(String, String)>>,
    /// The latest use that last-accessed data show, by principal.
    pub last_accessed: &'a HashMap<String, Timestamp>,
    /// The last calls in CloudTrail logs.
    pub logged_use: &'a LoggedUse,
}

impl Context<'_> {
    /// Whether a key is unused for more than `limit_days`, by what AWS reports of it and by the logs.
    pub(crate) fn key_unused(&self, key: &AccessKeyRow, limit_days: u32) -> age::Unused {
        let logged_at = self.logged_use.of_key(key.access_key_id.as_deref());
        age::key_unused(key, logged_at, self.as_of, limit_days)
    }

    /// The tags of a resource that say something else than who owns it.
    pub(crate) fn tags_but_owners(&self, arn: &str) -> Vec<(String, String)> {
        let tags = self.tags.get(arn).map(Vec::as_slice).unwrap_or_default();
        let owners = &self.settings.owners.tags;
        let is_owner = |key: &str| owners.iter().any(|own| own.eq_ignore_ascii_case(key));
        tags.iter()
            .filter(|(key, _)| !is_owner(key))
            .cloned()
            .collect()
    }
}

/// What a rule found and what it could not judge.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub drafts: Vec<Draft>,
    pub not_checked: Vec<String>,
    /// What is told of access keys for the ranking.
    pub exposures: Vec<(String, Exposure)>,
}

/// A finding without account, owner and id, which are the same for every rule.
#[derive(Debug)]
pub(crate) struct Draft {
    pub resource_arn: String,
    pub resource_type: ResourceType,
    pub access_key_id: Option<String>,
    /// Tells two findings of one rule on one resource apart; never an age, a title or an order.
    pub discriminator: String,
    pub severity: Option<Severity>,
    pub confidence: Confidence,
    pub title: &'static str,
    pub detail: String,
    pub evidence: Vec<Evidence>,
    pub remediation: String,
}

impl Output {
    pub(crate) fn find(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Says that a key is exposed, so that what is found of it ranks higher.
    pub(crate) fn expose(&mut self, key: &AccessKeyRow, exposure: Exposure) {
        if let Some(id) = &key.access_key_id {
            self.exposures.push((id.clone(), exposure));
        }
    }

    pub(crate) fn not_checked(&mut self, reason: impl Into<String>) {
        self.not_checked.push(reason.into());
    }

    /// One reason for all users that lack the same data; nobody reads ten thousand lines.
    pub(crate) fn not_checked_for(&mut self, what: &str, names: &[&str]) {
        const SHOWN: usize = 3;
        if names.is_empty() {
            return;
        }
        let mut listed = names
            .iter()
            .take(SHOWN)
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        if names.len() > SHOWN {
            listed.push_str(&format!(" and {} more", names.len() - SHOWN));
        }
        self.not_checked.push(format!("{what} of {listed}"));
    }
}

impl Draft {
    pub(crate) fn new(
        resource_arn: &str,
        resource_type: ResourceType,
        title: &'static str,
    ) -> Self {
        Self {
            resource_arn: resource_arn.to_owned(),
            resource_type,
            access_key_id: None,
            discriminator: String::new(),
            severity: None,
            confidence: Confidence::High,
            title,
            detail: String::new(),
            evidence: Vec::new(),
            remediation: String::new(),
        }
    }

    pub(crate) fn user(user: &UserRow, title: &'static str) -> Self {
        Self::new(
            &user.arn,
            if user.is_root {
                ResourceType::Root
            } else {
                ResourceType::User
            },
            title,
        )
    }

    pub(crate) fn role(role: &RoleRow, title: &'static str) -> Self {
        Self::new(&role.arn, ResourceType::Role, title)
    }

    /// The same with the last call in the logs, if there is one.
    pub(crate) fn logged(self, logged_at: Option<Timestamp>) -> Self {
        match logged_at {
            Some(at) => self.evidence("CloudTrail logs", format!("last call {at}")),
            None => self,
        }
    }

    /// A finding about one key, with the key's evidence, and what is not known of its id.
    pub(crate) fn key(facts: &UserFacts, key: &AccessKeyRow, title: &'static str) -> Self {
        let mut draft = Self::user(&facts.user, title);
        draft.access_key_id.clone_from(&key.access_key_id);
        if key.access_key_id.is_none() {
            // Without an id the creation time names the key, and only a tie needs the slot.
            let created_at = key.created_at.map(|at| at.to_string()).unwrap_or_default();
            let twins = facts
                .keys
                .iter()
                .filter(|other| other.created_at == key.created_at)
                .count();
            let slot = key
                .slot
                .filter(|_| twins > 1)
                .map(|slot| slot.to_string())
                .unwrap_or_default();
            draft.discriminator = format!("{created_at}/{slot}");
        }
        draft.evidence = key_evidence(key);
        draft
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(crate) fn remediation(mut self, remediation: impl Into<String>) -> Self {
        self.remediation = remediation.into();
        self
    }

    pub(crate) fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    pub(crate) fn evidence(mut self, source: impl Into<String>, fact: impl Into<String>) -> Self {
        self.evidence.push(Evidence {
            source: source.into(),
            fact: fact.into(),
        });
        self
    }
}

/// Where what is known of a user's password and MFA was read, and when it was true.
pub(crate) fn credentials_source(user: &UserRow) -> String {
    let source = user
        .credentials_source
        .as_deref()
        .unwrap_or("credential report");
    let as_of = user
        .credentials_as_of
        .map(|at| format!(" of {at}"))
        .unwrap_or_default();
    format!("{source}{as_of}")
}

/// How findings name a key, and what is unknown about its id.
pub(crate) fn key_name(key: &AccessKeyRow) -> String {
    if let Some(id) = &key.access_key_id {
        return format!("access key `{id}`");
    }
    let slot = key
        .slot
        .map(|slot| format!(" in slot {slot} of the credential report"))
        .unwrap_or_default();
    let why = match key.access_key_id_evidence.as_str() {
        "tied" => {
            let ids = key
                .candidate_access_key_ids
                .iter()
                .map(|id| format!("`{id}`"))
                .collect::<Vec<_>>()
                .join(" and ");
            format!("the id cannot be told: {ids} were created in the same second")
        }
        "not_listed" => "the id cannot be told: no listed key was created at that time".to_owned(),
        "root" => "the report shows no ids, and the root user's keys cannot be listed".to_owned(),
        _ => "the id cannot be told: the user's keys were not listed".to_owned(),
    };
    format!("the access key{slot} ({why})")
}

pub(crate) fn key_evidence(key: &AccessKeyRow) -> Vec<Evidence> {
    let source = match (key.access_key_id_evidence.as_str(), key.slot) {
        ("listed", None) => "iam:ListAccessKeys".to_owned(),
        ("created_at", _) => "credential report and iam:ListAccessKeys".to_owned(),
        _ => "credential report".to_owned(),
    };
    let mut evidence = Vec::new();
    if let Some(created_at) = key.created_at {
        evidence.push(Evidence {
            source: source.clone(),
            fact: format!(
                "{}, created {created_at}",
                if key.is_active { "active" } else { "inactive" }
            ),
        });
    }
    if key.last_used_known {
        let as_of = key
            .last_used_as_of
            .map(|at| format!(" of {at}"))
            .unwrap_or_default();
        evidence.push(Evidence {
            source: format!("{source}{as_of}"),
            fact: key_use(key),
        });
    }
    evidence
}

/// 2015-04-22T00:00:00Z: no use before this day was recorded (IAM User Guide, "Credential report").
const USE_IS_RECORDED_SINCE: i64 = 1_429_660_800;

/// A long-lived credential's kind in words.
pub(crate) fn kind_in_words(kind: &str) -> &str {
    match kind {
        "ssh_public_key" => "SSH public key",
        "service_specific_credential" => "service-specific credential",
        "signing_certificate" => "signing certificate",
        other => other,
    }
}

/// A key's last use in words.
pub(crate) fn key_use(key: &AccessKeyRow) -> String {
    match key.last_used_at {
        Some(at) => {
            let service = key
                .last_used_service
                .as_deref()
                .map(|service| format!(" on {service}"))
                .unwrap_or_default();
            let region = key
                .last_used_region
                .as_deref()
                .map(|region| format!(" in {region}"))
                .unwrap_or_default();
            format!("last used {at}{service}{region}")
        }
        None if key
            .created_at
            .is_some_and(|at| at.as_second() < USE_IS_RECORDED_SINCE) =>
        {
            "no use recorded (uses before 2015-04-22 are not)".to_owned()
        }
        None => "never used".to_owned(),
    }
}

/// The time without use, in words.
pub(crate) fn unused_time(
    last_used_at: Option<Timestamp>,
    since: Timestamp,
    until: Timestamp,
) -> String {
    let time = age::in_words(age::age(since, until));
    match last_used_at {
        Some(_) => format!("not used for {time}, as of {until}"),
        None => format!("never used in {time} since it was made, as of {until}"),
    }
}
