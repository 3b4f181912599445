//! Members of the packages' JSON files; a shape that is not the expected one ends the generator.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use flate2::read::GzDecoder;
use serde_json::{Map, Value};

/// A file, packed by gzip if its name ends so.
pub(super) fn read(path: &Path) -> anyhow::Result<Value> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let parsed = if path.extension().is_some_and(|extension| extension == "gz") {
        let mut text = Vec::new();
        GzDecoder::new(bytes.as_slice()).read_to_end(&mut text)?;
        serde_json::from_slice(&text)
    } else {
        serde_json::from_slice(&bytes)
    };
    parsed.with_context(|| format!("`{}` is not JSON", path.display()))
}

pub(super) fn object<'a>(value: &'a Value, member: &str) -> anyhow::Result<&'a Map<String, Value>> {
    as_object(value.get(member).with_context(|| missing(member, value))?)
}

pub(super) fn as_object(value: &Value) -> anyhow::Result<&Map<String, Value>> {
    value
        .as_object()
        .with_context(|| missing("an object", value))
}

pub(super) fn list<'a>(value: &'a Value, member: &str) -> anyhow::Result<&'a Vec<Value>> {
    value
        .get(member)
        .and_then(Value::as_array)
        .with_context(|| missing(member, value))
}

pub(super) fn text<'a>(value: &'a Value, member: &str) -> anyhow::Result<&'a str> {
    value
        .get(member)
        .and_then(Value::as_str)
        .with_context(|| missing(member, value))
}

pub(super) fn flag(value: &Value, member: &str) -> anyhow::Result<bool> {
    value
        .get(member)
        .and_then(Value::as_bool)
        .with_context(|| missing(member, value))
}

/// A list of texts; an absent one is empty.
pub(super) fn texts(value: &Value, member: &str) -> anyhow::Result<Vec<String>> {
    if value.get(member).is_none() {
        return Ok(Vec::new());
    }
    list(value, member)?
        .iter()
        .map(|item| {
            let text = item.as_str().with_context(|| missing("a text", item))?;
            Ok(text.trim().to_owned())
        })
        .collect()
}

fn missing(what: &str, value: &Value) -> String {
    let mut seen = value.to_string();
    seen.truncate(seen.floor_char_boundary(200));
    format!("`{what}` is missing in `{seen}`")
}
