//! `leastgrant.toml`: thresholds, owners, exemptions.

use jiff::civil::Date;
use leastgrant_inventory::Timestamp;
use serde::{Deserialize, Deserializer};
use wildmatch::WildMatch;

use crate::TrustSettings;

/// The whole file. Every member has a default, and a member that is not known is an error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// From when on something is too old or unused too long.
    pub thresholds: Thresholds,
    /// What a password policy must have.
    pub password_policy: PasswordPolicySettings,
    /// Who owns what.
    pub owners: OwnerSettings,
    /// Whose accounts are known.
    pub trust: TrustSettings,
    /// What is accepted for a while.
    #[serde(rename = "exemption")]
    pub exemptions: Vec<Exemption>,
    /// Who must have a permissions boundary.
    pub permissions_boundary: BoundarySettings,
    /// What `minimize` never takes away; it reads and checks the rest of this itself.
    pub minimize: MinimizeSettings,
}

/// For `boundary-missing`, which says nothing unless somebody must have one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoundarySettings {
    /// ARNs of users and roles, with `*` and `?`, that must have a permissions boundary.
    #[serde(deserialize_with = "patterns")]
    pub required_for: Vec<WildMatch>,
    /// ARNs of the policies, with `*` and `?`, that are good for one. Default: any.
    #[serde(deserialize_with = "patterns")]
    pub accepted: Vec<WildMatch>,
}

/// What the audit asks of the table `[minimize]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MinimizeSettings {
    /// ARNs of principals, with `*` and `?`, that are for emergencies.
    pub break_glass: Vec<String>,
}

/// Limits in days; strictly more exceeds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// For `stale-user`.
    pub stale_user_days: u32,
    /// For `unused-access-key`.
    pub unused_access_key_days: u32,
    /// For `unrotated-access-key`.
    pub unrotated_access_key_days: u32,
    /// For `unused-password`.
    pub unused_password_days: u32,
    /// For `root-used`.
    pub root_used_days: u32,
    /// For `long-lived-service-credential`.
    pub long_lived_service_credential_days: u32,
    /// For `stale-role`.
    pub stale_role_days: u32,
    /// For `unused-service`.
    pub unused_service_days: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            stale_user_days: 90,
            unused_access_key_days: 90,
            unrotated_access_key_days: 90,
            unused_password_days: 90,
            root_used_days: 90,
            long_lived_service_credential_days: 90,
            stale_role_days: 90,
            unused_service_days: 90,
        }
    }
}

/// What `weak-password-policy` asks for; the defaults are those of the CIS AWS Foundations Benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicySettings {
    /// The least length that a policy must demand, in characters.
    pub minimum_length: i64,
    /// How many earlier passwords a policy must remember.
    pub reuse_prevention: i64,
}

impl Default for PasswordPolicySettings {
    fn default() -> Self {
        Self {
            minimum_length: 14,
            reuse_prevention: 24,
        }
    }
}

/// Where owners come from: tags first, then patterns.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnerSettings {
    /// Keys of tags that name an owner, the first that is there wins; compared ignoring case.
    pub tags: Vec<String>,
    /// Patterns for what has no such tag, the first that matches wins.
    #[serde(rename = "match")]
    pub patterns: Vec<OwnerPattern>,
}

impl Default for OwnerSettings {
    fn default() -> Self {
        Self {
            tags: vec!["owner".to_owned(), "team".to_owned()],
            patterns: Vec::new(),
        }
    }
}

/// An owner by ARN.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerPattern {
    /// ARNs, with `*` and `?`.
    #[serde(deserialize_with = "pattern")]
    pub resource: WildMatch,
    /// Who owns them.
    #[serde(deserialize_with = "not_blank")]
    pub owner: String,
}

/// Something that is accepted until a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// The rule's id.
    pub rule: String,
    /// ARNs, with `*` and `?`.
    #[serde(deserialize_with = "resource")]
    pub resource: String,
    /// The one access key that is meant; without it all of the resource.
    pub access_key_id: Option<String>,
    /// Who answers for it.
    #[serde(deserialize_with = "not_blank")]
    pub owner: String,
    /// Why it is accepted.
    #[serde(deserialize_with = "not_blank")]
    pub reason: String,
    /// The last day on which it holds, in UTC.
    #[serde(deserialize_with = "date")]
    pub expires: Date,
}

impl Exemption {
    /// Whether the last day is over.
    #[must_use]
    pub fn has_expired(&self, as_of: Timestamp) -> bool {
        jiff::tz::TimeZone::UTC.to_datetime(as_of).date() > self.expires
    }

    /// Whether it is about this resource.
    #[must_use]
    pub fn covers_resource(&self, resource_arn: &str) -> bool {
        WildMatch::new(&self.resource).matches(resource_arn)
    }
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WildMatch, D::Error> {
    resource(deserializer).map(|text| WildMatch::new(&text))
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<WildMatch>, D::Error> {
    #[derive(Deserialize)]
    struct Pattern(#[serde(deserialize_with = "pattern")] WildMatch);
    let patterns = Vec::<Pattern>::deserialize(deserializer)?;
    Ok(patterns.into_iter().map(|Pattern(own)| own).collect())
}

/// A pattern that could match an ARN; `user/x` looks right and never would.
fn resource<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.starts_with("arn:") || text.starts_with('*') {
        return Ok(text);
    }
    let message = format!(
        "`{text}` matches no ARN; a whole one was expected, such as `arn:aws:iam::111122223333:user/x` or `*:user/x`"
    );
    Err(serde::de::Error::custom(message))
}

fn not_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(serde::de::Error::custom(
            "is empty; say who answers for it, or why it is accepted",
        ));
    }
    Ok(text)
}

/// A TOML date or the same as text.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    let text = match &value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse()
        .map_err(|_| serde::de::Error::custom(format!("`{text}` is no day such as `2027-01-31`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exemption(expires: &str) -> Exemption {
        let text = format!(
            "[[exemption]]\nrule = \"unrotated-access-key\"\nresource = \"*\"\nowner = \"o\"\nreason = \"r\"\nexpires = {expires}\n"
        );
        Settings::from_toml(&text).unwrap().exemptions.remove(0)
    }

    #[test]
    fn an_exemption_holds_to_the_end_of_its_last_day_in_utc() {
        for spelling in ["2027-01-31", "\"2027-01-31\""] {
            let exemption = exemption(spelling);
            assert!(!exemption.has_expired("2027-01-31T23:59:59Z".parse().unwrap()));
            assert!(exemption.has_expired("2027-02-01T00:00:00Z".parse().unwrap()));
        }
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        let settings = Settings::from_toml("").unwrap();
        assert_eq!(settings.thresholds, Thresholds::default());
        assert_eq!(settings.owners.tags, ["owner", "team"]);
    }
}
