//! Who has to act.

use std::collections::HashMap;

use leastgrant_inventory::tables::TagRow;
use leastgrant_inventory::{Error, Inventory};

use crate::Settings;
use crate::settings::OwnerSettings;

/// The owner of what nobody owns.
pub const UNOWNED: &str = "unowned";

/// Who owns what in an inventory.
#[derive(Debug, Default)]
pub struct Owners {
    tags: HashMap<String, Vec<(String, String)>>,
    settings: OwnerSettings,
}

impl Owners {
    /// Reads the tags of an inventory.
    ///
    /// # Errors
    /// A table that is missing or damaged.
    pub fn load(inventory: &Inventory, settings: &Settings) -> Result<Self, Error> {
        Ok(Self {
            tags: tags(inventory)?,
            settings: settings.owners.clone(),
        })
    }

    /// The owner of a resource, as its findings have it.
    #[must_use]
    pub fn of(&self, resource_arn: &str) -> String {
        owner_of(resource_arn, &self.tags, &self.settings)
    }
}

/// The tags of each resource of an inventory, by its ARN.
pub(crate) fn tags(inventory: &Inventory) -> Result<HashMap<String, Vec<(String, String)>>, Error> {
    let mut tags: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for tag in inventory.read::<TagRow>()? {
        tags.entry(tag.resource_arn)
            .or_default()
            .push((tag.key, tag.value));
    }
    Ok(tags)
}

/// The owner of a resource: a tag of its own, else a pattern of the configuration, else `unowned`.
pub(crate) fn owner_of(
    resource_arn: &str,
    tags: &HashMap<String, Vec<(String, String)>>,
    settings: &OwnerSettings,
) -> String {
    let own_tags = tags
        .get(resource_arn)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for wanted in &settings.tags {
        let value = own_tags
            .iter()
            .find(|(key, value)| key.eq_ignore_ascii_case(wanted) && !value.trim().is_empty())
            .map(|(_, value)| value.trim());
        if let Some(value) = value {
            return value.to_owned();
        }
    }
    settings
        .patterns
        .iter()
        .find(|pattern| pattern.resource.matches(resource_arn))
        .map_or_else(|| UNOWNED.to_owned(), |pattern| pattern.owner.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:iam::111122223333:user/ci-build";

    fn owner(tags: &[(&str, &str)], settings: &str) -> String {
        let tags = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        owner_of(
            ARN,
            &HashMap::from([(ARN.to_owned(), tags)]),
            &Settings::from_toml(settings).unwrap().owners,
        )
    }

    #[test]
    fn the_first_configured_tag_wins_over_patterns() {
        let settings = "[owners]\ntags = [\"contact\", \"team\"]\n[[owners.match]]\nresource = \"*\"\nowner = \"all\"\n";
        assert_eq!(
            owner(&[("Team", "blue"), ("CONTACT", "ada")], settings),
            "ada"
        );
        assert_eq!(owner(&[("Team", "blue")], settings), "blue");
        assert_eq!(owner(&[("owner", "x")], settings), "all");
    }

    #[test]
    fn an_empty_tag_names_nobody() {
        assert_eq!(owner(&[("owner", " "), ("team", "blue")], ""), "blue");
        assert_eq!(owner(&[("owner", "")], ""), "unowned");
    }

    #[test]
    fn the_first_pattern_that_matches_wins() {
        let settings = "[[owners.match]]\nresource = \"*:user/ci-*\"\nowner = \"ci\"\n[[owners.match]]\nresource = \"*\"\nowner = \"all\"\n";
        assert_eq!(owner(&[], settings), "ci");
    }
}
