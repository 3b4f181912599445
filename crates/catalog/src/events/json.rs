//! Request parameters as JSON that is borrowed: one level at a time, so that what nobody asks for is only passed by.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value, one level deep.
pub(super) enum Level<'a> {
    Object(Members<'a>),
    List(Vec<&'a RawValue>),
    Text(Cow<'a, str>),
    /// A number, as it is written.
    Number(&'a str),
    Flag(bool),
    Null,
}

/// The members of an object in their order.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

struct Text<'a>(Cow<'a, str>);

/// Reads a value; `None` for what is no JSON.
pub(super) fn level(text: &str) -> Option<Level<'_>> {
    let text = text.trim_ascii();
    Some(match text.as_bytes().first()? {
        b'{' => Level::Object(serde_json::from_str(text).ok()?),
        b'[' => Level::List(serde_json::from_str(text).ok()?),
        b'"' => Level::Text(serde_json::from_str::<Text<'_>>(text).ok()?.0),
        b't' => Level::Flag(true),
        b'f' => Level::Flag(false),
        b'n' => Level::Null,
        _ => Level::Number(text),
    })
}

impl<'a> Members<'a> {
    /// The members of this name, case ignored: CloudTrail writes the names of an API in a case of its own.
    pub(super) fn named(&self, lower: &str) -> impl Iterator<Item = &'a RawValue> {
        self.0
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(lower))
            .map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;
        impl<'de> Visitor<'de> for OfMap {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members::default();
                while let Some((Text(name), value)) = map.next_entry()? {
                    members.0.push((name, value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(OfMap)
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfText;
        impl<'de> Visitor<'de> for OfText {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(OfText)
    }
}
