//! Facts to the three texts of the catalogue, and these to one packed file.
//!
//! `crates/catalog/src/format.rs` says what the texts look like.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read, Write as _};

use anyhow::{Context, ensure};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::facts::{Facts, ServiceFacts};

const MAGIC: &str = "leastgrant.catalog/2";

/// What is asked for by everybody, what is asked for by service, and what the events of CloudTrail ask for.
#[derive(PartialEq, Eq)]
pub(super) struct Texts {
    pub index: String,
    pub details: String,
    pub calls: String,
}

pub(super) fn texts(facts: &Facts) -> anyhow::Result<Texts> {
    let mut index = format!("date\t{}\n", facts.date);
    for source in &facts.sources {
        let date = source.date.as_deref().unwrap_or_default();
        writeln!(
            index,
            "source\t{}\t{}\t{}\t{}\t{date}\t{}",
            source.registry, source.name, source.version, source.licence, source.gives
        )?;
    }
    writeln!(
        index,
        "counts\t{}\t{}",
        facts.resource_types(),
        facts.condition_keys()
    )?;
    for (key, kind) in &facts.global_keys {
        writeln!(index, "key\t{key}\t{kind}")?;
    }
    for sdk in &facts.sdk_services {
        let prefix = sdk.prefix.as_deref().unwrap_or_default();
        writeln!(
            index,
            "sdk\t{}\t{}\t{}\t{}\t{prefix}",
            sdk.name, sdk.service_id, sdk.endpoint_prefix, sdk.signing_name
        )?;
    }
    let mut details = String::new();
    for (prefix, service) in &facts.services {
        let block = details_of(service).with_context(|| format!("in the service `{prefix}`"))?;
        writeln!(
            index,
            "service\t{prefix}\t{}\t{}",
            service.name,
            block.len()
        )?;
        details.push_str(&block);
        for action in service.actions.values() {
            writeln!(index, "{}\t{}", action.levels, action.name)?;
        }
    }
    Ok(Texts {
        index,
        details,
        calls: facts.calls.clone(),
    })
}

fn details_of(service: &ServiceFacts) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut key_numbers = BTreeMap::new();
    for (number, (key, kind)) in service.keys.iter().enumerate() {
        writeln!(text, "key\t{key}\t{kind}")?;
        key_numbers.insert(key.as_str(), number);
    }
    let mut sets = Sets {
        key_numbers,
        numbers: BTreeMap::new(),
        text: String::new(),
    };
    let mut resources = String::new();
    let mut resource_numbers = BTreeMap::new();
    for (number, (name, resource)) in service.resources.iter().enumerate() {
        ensure!(
            !resource.arn_format.contains(['\t', '\n']),
            "`{name}` has blanks in its ARN"
        );
        let set = sets.number(&resource.keys)?;
        writeln!(resources, "type\t{name}\t{}\t{set}", resource.arn_format)?;
        resource_numbers.insert(name.as_str(), number);
    }
    let mut actions = String::new();
    for action in service.actions.values() {
        let mut used = Vec::new();
        for (name, resource) in &action.resources {
            let number = resource_numbers.get(name.as_str()).with_context(|| {
                format!("`{}` uses an unknown resource type `{name}`", action.name)
            })?;
            let required = if resource.required { "!" } else { "" };
            let set = sets.number(&resource.keys)?;
            used.push(format!(
                "{number}{required}{}",
                if set.is_empty() {
                    set
                } else {
                    format!(":{set}")
                }
            ));
        }
        let needed: Vec<&str> = action
            .dependent_actions
            .iter()
            .map(String::as_str)
            .collect();
        let line = format!(
            "action\t{}\t{}\t{}",
            sets.number(&action.keys)?,
            used.join(" "),
            needed.join(" ")
        );
        actions.push_str(line.trim_end());
        actions.push('\n');
    }
    text.push_str(&sets.text);
    text.push_str(&resources);
    text.push_str(&actions);
    Ok(text)
}

/// Sets of condition keys, which many actions share.
struct Sets<'a> {
    key_numbers: BTreeMap<&'a str, usize>,
    numbers: BTreeMap<&'a BTreeSet<String>, usize>,
    text: String,
}

impl<'a> Sets<'a> {
    /// The set's number; nothing for the empty set.
    fn number(&mut self, keys: &'a BTreeSet<String>) -> anyhow::Result<String> {
        if keys.is_empty() {
            return Ok(String::new());
        }
        if let Some(number) = self.numbers.get(keys) {
            return Ok(number.to_string());
        }
        let members: Vec<String> = keys
            .iter()
            .map(|key| {
                let number = self.key_numbers.get(key.as_str());
                Ok(number
                    .with_context(|| format!("`{key}` has no type"))?
                    .to_string())
            })
            .collect::<anyhow::Result<_>>()?;
        writeln!(self.text, "set\t{}", members.join(" "))?;
        let number = self.numbers.len();
        self.numbers.insert(keys, number);
        Ok(number.to_string())
    }
}

/// A line with the lengths of the parts, packed and unpacked, and the parts as zlib streams.
pub(super) fn packed(texts: &Texts) -> anyhow::Result<Vec<u8>> {
    let mut line = MAGIC.to_owned();
    let mut parts = Vec::new();
    for text in [&texts.index, &texts.details, &texts.calls] {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes())?;
        let part = encoder.finish()?;
        write!(line, " {} {}", part.len(), text.len())?;
        parts.extend(part);
    }
    line.push('\n');
    let mut bytes = line.into_bytes();
    bytes.extend(parts);
    Ok(bytes)
}

/// The texts of a packed file.
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "only the comparison with the committed file unpacks"
    )
)]
pub(super) fn unpacked(bytes: &[u8]) -> anyhow::Result<Texts> {
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .context("no first line")?;
    let (line, parts) = bytes.split_at(end);
    let line = std::str::from_utf8(line)?;
    let mut lengths = line.split(' ').skip(1).step_by(2);
    let mut rest = parts.get(1..).context("cut short")?;
    let mut unpack = || -> anyhow::Result<String> {
        let length = lengths.next().context("no length")?.parse()?;
        let (part, after) = rest.split_at_checked(length).context("cut short")?;
        rest = after;
        let mut text = String::new();
        ZlibDecoder::new(part).read_to_string(&mut text)?;
        Ok(text)
    };
    Ok(Texts {
        index: unpack()?,
        details: unpack()?,
        calls: unpack()?,
    })
}
