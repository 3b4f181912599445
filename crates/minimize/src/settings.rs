//! What is never taken away: the table `[minimize]` of `leastgrant.toml`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use leastgrant_inventory::Timestamp;
use leastgrant_policy::{ActionPattern, Syntax, Wildcard};
use serde::{Deserialize, Deserializer};
use wildmatch::WildMatch;

/// The table `[minimize]`. Every member has a default, and a member that is not known is an error.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Statements whose Sid begins with one of these, in any case, stay as they are.
    pub keep_sid_prefixes: Vec<String>,
    /// ARNs of principals, with `*` and `?`, whose policies stay as they are: for emergencies, which no log foretells.
    #[serde(deserialize_with = "arns")]
    pub break_glass: Vec<WildMatch>,
    /// Rights that stay wherever they are granted.
    pub keep: Vec<Keep>,
    /// Whether the rights stay that AWS's services make necessary seldom and then at once: restoring, deleting what was made,
    /// turning keys.
    pub keep_counterparts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keep_sid_prefixes: vec!["Keep".to_owned()],
            break_glass: Vec::new(),
            keep: Vec::new(),
            keep_counterparts: true,
        }
    }
}

/// One entry `[[minimize.keep]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Actions, with `*` and `?`.
    #[serde(deserialize_with = "actions")]
    pub actions: Vec<ActionPattern>,
    /// Resources, with `*` and `?`: a statement keeps the actions if it grants them on some of these. Default: any.
    #[serde(default, deserialize_with = "resources")]
    pub resources: Vec<Wildcard>,
    /// ARNs of principals, with `*` and `?`. Default: all.
    #[serde(default, deserialize_with = "arns")]
    pub principals: Vec<WildMatch>,
    /// Why they stay.
    #[serde(deserialize_with = "not_blank")]
    pub reason: String,
    /// The last day on which it holds, in UTC. Default: for good.
    #[serde(default, deserialize_with = "date")]
    pub expires: Option<Date>,
}

impl Settings {
    /// Reads the table of a file's text; the other tables are another's matter.
    ///
    /// # Errors
    /// [`SettingsError`] with the place and what was expected.
    pub fn from_toml(text: &str) -> Result<Self, SettingsError> {
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            minimize: Settings,
        }
        toml::from_str(text)
            .map(|file: File| file.minimize)
            .map_err(|error| {
                let before = error.span().and_then(|span| text.get(..span.start));
                let place = before.map(|before| {
                    let column = before.chars().rev().take_while(|own| *own != '\n').count() + 1;
                    let line = before.matches('\n').count() + 1;
                    format!("line {line}, column {column}: ")
                });
                SettingsError {
                    message: format!(
                        "{}{}",
                        place.unwrap_or_default(),
                        error.message().trim_end().replace('\n', ", ")
                    ),
                }
            })
    }

    pub(crate) fn is_break_glass(&self, principal_arn: &str) -> bool {
        let mut patterns = self.break_glass.iter();
        patterns.any(|pattern| pattern.matches(principal_arn))
    }

    pub(crate) fn keeps_sid(&self, sid: &str) -> bool {
        let sid = sid.to_ascii_lowercase();
        let mut prefixes = self.keep_sid_prefixes.iter();
        prefixes.any(|prefix| !prefix.is_empty() && sid.starts_with(&prefix.to_ascii_lowercase()))
    }
}

impl Keep {
    /// Whether the entry holds for a principal at a time.
    pub(crate) fn holds(&self, principal_arn: &str, as_of: Timestamp) -> bool {
        let today = TimeZone::UTC.to_datetime(as_of).date();
        self.expires.is_none_or(|last| today <= last)
            && (self.principals.is_empty()
                || self.principals.iter().any(|own| own.matches(principal_arn)))
    }
}

/// The table could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// What is wrong, with line and column.
    message: String,
}

impl std::fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for SettingsError {}

fn arns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<WildMatch>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| {
            if text.starts_with("arn:") || text.starts_with('*') {
                return Ok(WildMatch::new(text));
            }
            Err(serde::de::Error::custom(format!(
                "`{text}` matches no ARN; a whole one was expected, such as `arn:aws:iam::111122223333:role/x` or `*:role/x`"
            )))
        })
        .collect()
}

fn actions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ActionPattern>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| {
            let pattern = ActionPattern::parse(text);
            if pattern.is_well_formed() {
                return Ok(pattern);
            }
            Err(serde::de::Error::custom(format!(
                "`{text}` matches no action; such as `rds:Restore*` was expected"
            )))
        })
        .collect()
}

fn resources<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Wildcard>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| {
            if text.starts_with("arn:") || text.starts_with('*') {
                return Ok(Wildcard::parse(text, Syntax::WILDCARDS));
            }
            Err(serde::de::Error::custom(format!(
                "`{text}` matches no resource; an ARN was expected, such as `arn:aws:s3:::backup-*`"
            )))
        })
        .collect()
}

fn not_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(serde::de::Error::custom("is empty; say why they stay"));
    }
    Ok(text)
}

/// A TOML date or the same as text.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    let text = match &value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse()
        .map(Some)
        .map_err(|_| serde::de::Error::custom(format!("`{text}` is no day such as `2027-01-31`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, message) in [
            (
                "[minimize]\nkeep_sids = []\n",
                "line 2, column 1: unknown field `keep_sids`",
            ),
            (
                "[minimize]\nbreak_glass = [\"role/x\"]\n",
                "line 2, column 15: `role/x` matches no ARN",
            ),
            (
                "[[minimize.keep]]\nactions = [\"rds\"]\nreason = \"r\"\n",
                "line 2, column 11: `rds` matches no action",
            ),
            (
                "[[minimize.keep]]\nactions = [\"rds:*\"]\nreason = \" \"\n",
                "line 3, column 10: is empty",
            ),
            (
                "[[minimize.keep]]\nactions = [\"rds:*\"]\n",
                "line 1, column 1: missing field `reason`",
            ),
        ] {
            let error = Settings::from_toml(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn an_entry_holds_to_the_end_of_its_last_day_and_for_its_principals() {
        let text = "[thresholds]\nstale_user_days = 1\n[[minimize.keep]]\nactions = [\"rds:Restore*\"]\nprincipals = [\"*:role/backup\"]\nreason = \"r\"\nexpires = 2027-01-31\n";
        let keep = Settings::from_toml(text).unwrap().keep.remove(0);
        let holds = |role: &str, at: &str| {
            keep.holds(
                &format!("arn:aws:iam::111122223333:role/{role}"),
                at.parse().unwrap(),
            )
        };
        assert!(holds("backup", "2027-01-31T23:59:59Z"));
        assert!(!holds("backup", "2027-02-01T00:00:00Z"));
        assert!(!holds("web", "2027-01-01T00:00:00Z"));
    }

    #[test]
    fn sids_are_compared_ignoring_case() {
        let settings = Settings::default();
        assert!(settings.keeps_sid("KEEPForever") && !settings.keeps_sid("OldKeep"));
    }
}
