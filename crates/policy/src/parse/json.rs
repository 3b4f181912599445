//! JSON with positions: serde_json finds the values, and where they lie in the text tells their place.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::document::Span;
use crate::problem::{SyntaxProblem, SyntaxProblemKind, json_fault};

/// A JSON value in its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    pub text: &'a str,
    pub span: Span,
}

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub name: Cow<'a, str>,
    pub name_span: Span,
    pub value: Node<'a>,
}

/// A document's text, which all nodes are parts of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'a>(pub &'a str);

impl<'a> Document<'a> {
    pub(super) fn root(self) -> Result<Node<'a>, SyntaxProblem> {
        let as_problem = |error: serde_json::Error| {
            let start = byte_of(self.0, error.line(), error.column());
            let message = error.to_string();
            let end = message.rfind(" at line ").unwrap_or(message.len());
            SyntaxProblem {
                kind: SyntaxProblemKind::Json {
                    message: json_fault(message.get(..end).unwrap_or_default()),
                },
                span: Span {
                    start,
                    end: start + first_character_length(self.0, start),
                },
            }
        };
        let raw: &RawValue = serde_json::from_str(self.0).map_err(as_problem)?;
        // A raw value's escapes are not looked at, and `\ud800` alone stands for no character.
        if self.0.contains("\\u") {
            serde_json::from_str::<Unescaped>(self.0).map_err(as_problem)?;
        }
        Ok(self.node(raw))
    }

    fn node(self, raw: &'a RawValue) -> Node<'a> {
        let text = raw.get();
        let start = text.as_ptr().addr().saturating_sub(self.0.as_ptr().addr());
        Node {
            text,
            span: Span {
                start,
                end: start + text.len(),
            },
        }
    }

    /// The members of an object, in order, those that stand twice too. `None` if it is no object.
    pub(super) fn members(self, node: Node<'a>) -> Option<Vec<Member<'a>>> {
        let Members(members) = serde_json::from_str(node.text).ok()?;
        Some(
            members
                .into_iter()
                .map(|(name, value)| Member {
                    name: text_of(name.get()).unwrap_or_default(),
                    name_span: self.node(name).span,
                    value: self.node(value),
                })
                .collect(),
        )
    }

    /// The items of a list. `None` if it is none.
    pub(super) fn items(self, node: Node<'a>) -> Option<Vec<Node<'a>>> {
        let Items(items) = serde_json::from_str(node.text).ok()?;
        Some(items.into_iter().map(|item| self.node(item)).collect())
    }
}

impl<'a> Node<'a> {
    /// The string that it is, if it is one.
    pub(super) fn string(&self) -> Option<Cow<'a, str>> {
        self.text.starts_with('"').then(|| text_of(self.text))?
    }

    /// The text of a string, number or truth value: condition values may be any of these.
    pub(super) fn scalar(&self) -> Option<Cow<'a, str>> {
        match self.text.as_bytes().first()? {
            b'"' => text_of(self.text),
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.text)),
        }
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self.text.as_bytes().first() {
            Some(b'"') => "a string",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b't' | b'f') => "a truth value",
            Some(b'n') => "null",
            _ => "a number",
        }
    }
}

fn text_of(json_string: &str) -> Option<Cow<'_, str>> {
    let inside = json_string.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        serde_json::from_str(json_string).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inside))
    }
}

fn first_character_length(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    rest.chars().next().map_or(0, char::len_utf8)
}

/// serde_json counts lines and columns from 1, columns in bytes.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut byte = (line_start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// Reads every string of a value, and forgets it.
struct Unescaped;

impl<'de> Deserialize<'de> for Unescaped {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(|_| Self)
    }
}

struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

struct Items<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;

        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Items<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Items(items))
            }
        }

        deserializer.deserialize_seq(ItemsVisitor)
    }
}
