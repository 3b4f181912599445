//! The part of `leastgrant.toml` that says whose accounts are known.

use leastgrant_policy::principal::is_account_id;
use serde::{Deserialize, Deserializer};

/// Accounts and organisations beside those of the inventory.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrustSettings {
    /// Accounts of one's own, twelve digits each, beside those of the inventory and of its organisation.
    #[serde(deserialize_with = "account_ids")]
    pub own_accounts: Vec<String>,
    /// Accounts of vendors that are known. They need an external id all the same.
    #[serde(deserialize_with = "account_ids")]
    pub third_party_accounts: Vec<String>,
    /// Other organisations of one's own, such as `o-exampleorgid`.
    #[serde(deserialize_with = "organization_ids")]
    pub organizations: Vec<String>,
}

fn account_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let ids: Vec<String> = Vec::deserialize(deserializer)?;
    match ids.iter().find(|id| !is_account_id(id)) {
        Some(id) => Err(serde::de::Error::custom(format!(
            "`{id}` is no account; twelve digits in quotation marks were expected, such as `\"111122223333\"`"
        ))),
        None => Ok(ids),
    }
}

fn organization_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let ids: Vec<String> = Vec::deserialize(deserializer)?;
    match ids.iter().find(|id| !id.starts_with("o-")) {
        Some(id) => Err(serde::de::Error::custom(format!(
            "`{id}` is no organization; an id such as `o-exampleorgid` was expected"
        ))),
        None => Ok(ids),
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn what_is_no_account_and_no_organization_is_named_with_its_place() {
        for (text, message) in [
            (
                "[trust]\nown_accounts = [\"1111\"]\n",
                "line 2, column 16: `1111` is no account",
            ),
            (
                "[trust]\norganizations = [\"r-1\"]\n",
                "line 2, column 17: `r-1` is no organization",
            ),
        ] {
            let error = Settings::from_toml(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
