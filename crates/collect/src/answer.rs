//! One answer of AWS inside a file: its members, and the call it answers where that is written beside it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// By what a page names the one that follows, beside IAM's `Marker`, which is of a page that is not the last only with `IsTruncated`.
const TOKENS_OF_LISTINGS: [&str; 4] = ["NextToken", "nextToken", "NextMarker", "ContinuationToken"];
/// By what a page was asked for.
const TOKENS: [&str; 5] = [
    "Marker",
    "NextToken",
    "nextToken",
    "ContinuationToken",
    "StartingToken",
];

/// The members of a JSON object, each still unread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// The member of this name; null counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| *value)
            .filter(|value| value.get() != "null")
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The member as text, if it is one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.get() == "true")
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    /// The members of an object-valued member.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
                    members.push((name, map.next_value::<&'de RawValue>()?));
                }
                // serde refuses repeated members of structs; here a second one could hide or replace the first.
                let mut names: Vec<&str> = members
                    .iter()
                    .map(|(name, _): &(Cow<'_, str>, _)| name.as_ref())
                    .collect();
                names.sort_unstable();
                if let Some([name, _]) = names
                    .array_windows()
                    .find(|[first, second]| first == second)
                {
                    let message = format!(
                        "the member `{}` is there twice",
                        name.chars().take(80).collect::<String>()
                    );
                    return Err(serde::de::Error::custom(message));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A member's name; a plain `Cow` as a map key would always allocate.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// One answer of AWS, recognised or still to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer<'a> {
    /// The JSON pointer of the answer inside its file; empty at the top.
    pub pointer: String,
    /// The call, such as `iam:ListSSHPublicKeys`, if the answer is wrapped.
    pub call: Option<String>,
    /// The call's parameters.
    pub parameters: Members<'a>,
    /// The answer's members.
    pub members: Members<'a>,
    /// The error that AWS gave in place of an answer: code and message.
    pub error: Option<(String, String)>,
}

impl Answer<'_> {
    /// A parameter of the call as text.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.text(name)
    }

    /// Whether another page follows: `IsTruncated` in IAM, a next token elsewhere.
    pub(crate) fn is_truncated(&self) -> bool {
        self.members.is_true("IsTruncated")
            || TOKENS_OF_LISTINGS.iter().any(|name| {
                self.members
                    .text(name)
                    .is_some_and(|token| !token.is_empty())
            })
    }

    /// The token of the page that follows, if one does.
    pub(crate) fn next_page(&self) -> Option<String> {
        std::iter::once(&"Marker")
            .chain(&TOKENS_OF_LISTINGS)
            .find_map(|name| self.members.text(name))
            .filter(|token| !token.is_empty())
    }

    /// The token that this page was asked for with; the first page has none.
    pub(crate) fn this_page(&self) -> Option<String> {
        TOKENS
            .iter()
            .find_map(|name| self.parameters.text(name))
            .filter(|token| !token.is_empty())
    }

    /// Call and parameters as one text that is equal for all pages of one listing.
    pub(crate) fn listing(&self, call: &str) -> String {
        let mut parameters: Vec<_> = self
            .parameters
            .0
            .iter()
            .filter(|(name, _)| {
                !TOKENS.contains(&name.as_ref())
                    && !["MaxItems", "MaxResults"].contains(&name.as_ref())
            })
            .map(|(name, value)| format!("{name}={}", value.get()))
            .collect();
        parameters.sort();
        format!("{call}({})", parameters.join(","))
    }
}
