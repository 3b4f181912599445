//! Actions and the patterns that match them: `s3:Get*`, `*`.

use std::fmt;

use crate::wildcard::{Piece, Syntax, Wildcard};

/// An action of a request: a service's prefix and a name, case ignored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Action {
    text: Box<str>,
    lower: Box<str>,
    colon: usize,
}

impl Action {
    /// Reads `prefix:Name`; `None` where the colon is missing or either side is empty.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (service, name) = text.split_once(':')?;
        (!service.is_empty() && !name.is_empty()).then(|| Self {
            text: text.into(),
            lower: text.to_ascii_lowercase().into(),
            colon: service.len(),
        })
    }

    /// Reads one action as people ask about it, which is no pattern and has no characters that no action has.
    ///
    /// # Errors
    ///
    /// What the text is instead.
    pub fn of_request(text: &str) -> Result<Self, NoAction> {
        let no_action = |make: fn(String) -> NoAction| Err(make(text.to_owned()));
        let is_invisible = |character: char| character.is_whitespace() || character.is_control();
        match Self::parse(text) {
            None => no_action(NoAction::Form),
            Some(_) if text.contains(['*', '?']) => no_action(NoAction::Pattern),
            Some(_) if text.contains(is_invisible) => no_action(NoAction::Space),
            Some(action) => Ok(action),
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The service's prefix in lower case: `s3`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.lower.get(..self.colon).unwrap_or_default()
    }

    /// The name in lower case: `getobject`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.lower.get(self.colon + 1..).unwrap_or_default()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Why a text is not one action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAction {
    /// It has no prefix or no name.
    #[error("`{0}` is no action: give a service's prefix and a name, such as `s3:GetObject`")]
    Form(String),
    /// It has a wildcard.
    #[error("`{0}` is a pattern: ask for one action, such as `s3:GetObject`")]
    Pattern(String),
    /// It has white space or a control character.
    #[error("`{0}` is no action: take out the spaces and control characters, which no action has")]
    Space(String),
}

/// An entry of an Action or NotAction list.
///
/// Prefix and name ignore case, and `*` and `?` do not cross the colon between them. `*` alone matches every action;
/// any other text without a colon is no action and matches none (IAM User Guide, "IAM JSON policy elements: Action").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionPattern {
    text: Box<str>,
    parts: Parts,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Parts {
    Every,
    None,
    /// Without wildcards.
    Plain(Box<ServiceAndName>),
    Pattern(Box<ServiceAndName>),
}

/// Apart from the text, so that lists of entries, most of which are plain, lie close together in memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ServiceAndName {
    service: Wildcard,
    name: Wildcard,
}

impl ActionPattern {
    /// Reads a pattern.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let parts = match lower.split_once(':') {
            Some((service, name)) => {
                let both = Box::new(ServiceAndName {
                    service: Wildcard::parse(service, Syntax::WILDCARDS),
                    name: Wildcard::parse(name, Syntax::WILDCARDS),
                });
                if text.contains(['*', '?']) {
                    Parts::Pattern(both)
                } else {
                    Parts::Plain(both)
                }
            }
            None if Wildcard::parse(&lower, Syntax::WILDCARDS).is_any() => Parts::Every,
            None => Parts::None,
        };
        Self {
            text: text.into(),
            parts,
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is one action, without wildcards.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.parts, Parts::Plain(_))
    }

    /// Whether it is `*`: every action of every service.
    #[must_use]
    pub fn is_every(&self) -> bool {
        match &self.parts {
            Parts::Every => true,
            Parts::None => false,
            Parts::Plain(both) | Parts::Pattern(both) => {
                both.service.is_any() && both.name.is_any()
            }
        }
    }

    /// The patterns of prefix and name in lower case; `None` for `*` and for what is no action.
    #[must_use]
    pub fn service_and_name(&self) -> Option<(&Wildcard, &Wildcard)> {
        match &self.parts {
            Parts::Plain(both) | Parts::Pattern(both) => Some((&both.service, &both.name)),
            Parts::Every | Parts::None => None,
        }
    }

    /// Whether it has the form of an action, with or without wildcards.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        match &self.parts {
            Parts::Every => true,
            Parts::None => false,
            Parts::Plain(both) | Parts::Pattern(both) => {
                let ServiceAndName { service, name } = &**both;
                !service.pieces().is_empty()
                    && !name.pieces().is_empty()
                    && name.pieces().iter().all(|piece| match piece {
                        Piece::Text(text) => !text.contains(':'),
                        _ => true,
                    })
            }
        }
    }

    /// Whether it matches the action.
    #[must_use]
    pub fn matches(&self, action: &Action) -> bool {
        self.matches_parts(action.service(), action.name())
    }

    /// Whether it matches the action of this prefix and name, both in lower case.
    #[must_use]
    pub fn matches_parts(&self, lower_service: &str, lower_name: &str) -> bool {
        match &self.parts {
            Parts::Every => true,
            Parts::None => false,
            // Most entries are of something else, which their length or first character tells.
            Parts::Plain(_) => self.is_written_like(lower_service, lower_name),
            Parts::Pattern(both) => {
                self.may_begin_like(lower_service)
                    && both.service.matches(lower_service)
                    && both.name.matches(lower_name)
            }
        }
    }

    fn is_written_like(&self, lower_service: &str, lower_name: &str) -> bool {
        let length = lower_service.len();
        self.text.len() == length + 1 + lower_name.len()
            && self.text.as_bytes().get(length) == Some(&b':')
            && self
                .text
                .get(..length)
                .is_some_and(|own| own.eq_ignore_ascii_case(lower_service))
            && self
                .text
                .get(length + 1..)
                .is_some_and(|own| own.eq_ignore_ascii_case(lower_name))
    }

    fn may_begin_like(&self, lower_service: &str) -> bool {
        match (
            self.text.as_bytes().first(),
            lower_service.as_bytes().first(),
        ) {
            (Some(b'*' | b'?'), _) => true,
            (Some(own), Some(other)) => own.to_ascii_lowercase() == *other,
            _ => true,
        }
    }
}

impl fmt::Display for ActionPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, action: &str) -> bool {
        ActionPattern::parse(pattern).matches(&Action::parse(action).unwrap())
    }

    proptest::proptest! {
        #[test]
        fn an_entry_matches_where_its_prefix_and_name_do(
            pattern in "[Aab*?:]{0,6}", service in "[Aab]{1,3}", name in "[Aab:]{1,3}",
        ) {
            let lower = pattern.to_ascii_lowercase();
            let by_parts = lower.split_once(':').map(|(own_service, own_name)| {
                let is_match = |own: &str, text: &str| {
                    Wildcard::parse(own, Syntax::WILDCARDS).matches(&text.to_ascii_lowercase())
                };
                is_match(own_service, &service) && is_match(own_name, &name)
            });
            let is_every = !pattern.is_empty() && pattern.chars().all(|own| own == '*');
            proptest::prop_assert_eq!(
                matches(&pattern, &format!("{service}:{name}")),
                by_parts.unwrap_or(is_every)
            );
        }
    }

    #[test]
    fn case_is_ignored_in_prefix_and_name() {
        assert!(matches("S3:getobject", "s3:GetObject"));
        assert!(matches("s3:GET*", "S3:getobject"));
    }

    #[test]
    fn a_wildcard_does_not_cross_the_colon() {
        assert!(matches("*", "s3:GetObject"));
        assert!(matches("*:*", "s3:GetObject"));
        assert!(matches("s?:Get*", "s3:GetObject"));
        assert!(!matches("s3*", "s3:GetObject"));
        assert!(!matches("*Object", "s3:GetObject"));
    }

    #[test]
    fn a_request_asks_for_one_action() {
        assert!(Action::of_request("s3:GetObject").is_ok());
        assert_eq!(
            Action::of_request("s3"),
            Err(NoAction::Form("s3".to_owned()))
        );
        for text in ["s3:Get*", "s?:GetObject"] {
            assert_eq!(
                Action::of_request(text),
                Err(NoAction::Pattern(text.to_owned()))
            );
        }
        for text in ["s3:GetObject ", "s3:\u{1b}[0m", "s3:Get\u{a0}Object"] {
            assert_eq!(
                Action::of_request(text),
                Err(NoAction::Space(text.to_owned()))
            );
        }
    }

    #[test]
    fn what_is_no_action_matches_none() {
        assert!(!matches("s3", "s3:GetObject"));
        assert!(!ActionPattern::parse("s3").is_well_formed());
        assert!(!ActionPattern::parse("s3:").is_well_formed());
        assert!(Action::parse("s3:").is_none());
    }
}
