//! How exposed a principal or key is: from outside, without MFA, in several hands.

use std::collections::HashMap;

use crate::{Finding, Severity};

/// One way of being exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Exposure {
    /// Anybody, or an account that is not known, may assume the role.
    OpenToOthers,
    /// The same by a finding that is not grave: some others, or with doubts.
    OpenToSome,
    /// The key lies with a vendor, in a CI system or on a computer outside of AWS.
    KeyElsewhere,
    /// Several hold the key.
    SharedKey,
    /// Signing in takes a password alone.
    WithoutMfa,
}

impl Exposure {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::OpenToOthers => "open to others",
            Self::OpenToSome => "open to some others",
            Self::KeyElsewhere => "the key lies outside of AWS",
            Self::SharedKey => "the key is shared",
            Self::WithoutMfa => "no MFA",
        }
    }

    pub(super) fn points(self) -> u32 {
        match self {
            Self::OpenToOthers => 2,
            Self::OpenToSome | Self::KeyElsewhere | Self::SharedKey | Self::WithoutMfa => 1,
        }
    }
}

/// Rules whose findings say that a principal is exposed.
const RULES: &[(&str, Exposure)] = &[
    ("confused-deputy", Exposure::OpenToOthers),
    ("cross-account-trust", Exposure::OpenToOthers),
    ("oidc-wide-subject", Exposure::OpenToOthers),
    ("oidc-without-subject", Exposure::OpenToOthers),
    ("public-trust", Exposure::OpenToOthers),
    ("root-without-mfa", Exposure::WithoutMfa),
    ("saml-without-audience", Exposure::OpenToOthers),
    ("user-without-mfa", Exposure::WithoutMfa),
];

/// The exposures that findings tell of their principals, exempted ones too: they are true all the same.
pub(super) fn by_findings(findings: &[Finding]) -> HashMap<&str, Vec<Exposure>> {
    let mut exposures: HashMap<&str, Vec<Exposure>> = HashMap::new();
    for finding in findings {
        if let Some(exposure) = of_finding(finding) {
            exposures
                .entry(&finding.resource_arn)
                .or_default()
                .push(exposure);
        }
    }
    exposures
}

fn of_finding(finding: &Finding) -> Option<Exposure> {
    let (rule, exposure) = RULES.iter().find(|(rule, _)| *rule == finding.rule)?;
    match (exposure, finding.severity) {
        // A service that may be asked by others checks most of them itself.
        (_, Severity::Low) if *rule == "confused-deputy" => None,
        (Exposure::OpenToOthers, Severity::Low | Severity::Medium) => Some(Exposure::OpenToSome),
        (exposure, _) => Some(*exposure),
    }
}

/// Exposures of access keys, which a rule on them has told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Exposures {
    by_key: HashMap<String, Vec<Exposure>>,
}

impl Exposures {
    pub(crate) fn add(&mut self, access_key_id: &str, exposure: Exposure) {
        self.by_key
            .entry(access_key_id.to_owned())
            .or_default()
            .push(exposure);
    }

    /// Those of the key that a finding is about.
    pub(super) fn of(&self, finding: &Finding) -> Vec<Exposure> {
        let key = finding.access_key_id.as_ref();
        key.and_then(|key| self.by_key.get(key))
            .cloned()
            .unwrap_or_default()
    }
}
