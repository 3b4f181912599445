//! What names and tags say. They say what somebody meant once, so they never suffice.

use super::mark::Weight;
use super::quote::{bounded, quoted};
use super::table::{self, Row};

/// A row of the table that a name or tag has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamePart {
    pub row: &'static Row,
    /// Less than the row's where a tag has it.
    pub weight: Weight,
    /// Where it stands.
    pub fact: String,
}

/// The rows that a user's name and the values of its tags have, each once.
pub(crate) fn parts(user_name: &str, tags: &[(String, String)]) -> Vec<NamePart> {
    const MOST_TAGS: usize = 50;
    let mut parts: Vec<NamePart> = Vec::new();
    let mut add = |text: &str, weight: Option<Weight>, place: &dyn Fn() -> String| {
        let words = words_of(text);
        for row in table::names()
            .iter()
            .filter(|row| has_words(&words, row.text))
        {
            if !parts.iter().any(|part| std::ptr::eq(part.row, row)) {
                parts.push(NamePart {
                    row,
                    weight: weight.unwrap_or(row.weight),
                    fact: place(),
                });
            }
        }
    };
    add(user_name, None, &|| {
        format!("the user's name {}", quoted(user_name))
    });
    for (key, value) in tags.iter().take(MOST_TAGS) {
        add(value, Some(Weight::Weak), &|| {
            format!("the tag {} with {}", quoted(key), quoted(value))
        });
    }
    parts
}

/// The words of a text in lower case, each between two `-`.
fn words_of(text: &str) -> String {
    let mut words = String::from("-");
    for character in bounded(text).chars() {
        if character.is_alphanumeric() {
            words.extend(character.to_lowercase());
        } else if !words.ends_with('-') {
            words.push('-');
        }
    }
    if !words.ends_with('-') {
        words.push('-');
    }
    words
}

fn has_words(words: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => words.contains(&format!("-{beginning}")),
        None => words.contains(&format!("-{wanted}-")),
    }
}

/// Whether a user is named as people are: by an address, or by a first and a last name with a dot between.
pub(crate) fn is_like_a_person(user_name: &str) -> Option<Weight> {
    let name = bounded(user_name);
    let is_name = |part: &str| {
        part.chars().count() >= 2 && part.chars().all(|own| own.is_alphabetic() || own == '-')
    };
    let is_full_name = |text: &str| {
        text.split_once('.')
            .is_some_and(|(first, last)| is_name(first) && is_name(last))
    };
    match name.split_once('@') {
        Some((person, domain)) if domain.contains('.') && !person.is_empty() => {
            // A list or a robot can have an address too; a full name in it is a person's.
            Some(if is_full_name(person) {
                Weight::Medium
            } else {
                Weight::Weak
            })
        }
        Some(_) => None,
        None => is_full_name(name).then_some(Weight::Weak),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, tags: &[(&str, &str)]) -> Vec<(&'static str, Weight)> {
        let tags: Vec<(String, String)> = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let parts = parts(name, &tags);
        parts
            .iter()
            .map(|part| (part.row.text, part.weight))
            .collect()
    }

    #[test]
    fn words_are_found_whole_or_as_beginnings() {
        assert_eq!(
            found("Datadog_Integration", &[]),
            [("datadog*", Weight::Medium)]
        );
        assert_eq!(found("datadoguser", &[]), [("datadog*", Weight::Medium)]);
        assert_eq!(
            found("terraform cloud", &[]),
            [("terraform-cloud", Weight::Medium)]
        );
        assert_eq!(found("specific-mydatadog-wizard-capacity", &[]), []);
        assert_eq!(
            found("x", &[("used-by", "CircleCI")]),
            [("circleci*", Weight::Weak)]
        );
        // The name counts where both have it.
        assert_eq!(
            found("circleci", &[("by", "circleci")]),
            [("circleci*", Weight::Medium)]
        );
        assert_eq!(found("", &[("", "")]), []);
    }

    #[test]
    fn people_have_addresses_or_full_names() {
        for (name, expected) in [
            ("ada.lovelace@example.com", Some(Weight::Medium)),
            ("alerts@example.com", Some(Weight::Weak)),
            ("ada.lovelace", Some(Weight::Weak)),
            ("alice", None),
            ("@everyone", None),
            ("app.v2", None),
            ("a.b.c", None),
            ("", None),
        ] {
            assert_eq!(is_like_a_person(name), expected, "{name}");
        }
    }
}
