//! What the mapping reads of requests: made here as a table, and held against what requests need.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path as FilePath;

use serde_json::{Map, Value, json};

use super::super::needed::{Needed, What};
use super::super::parameters::Path;
use super::super::role::Role;
use super::super::rule::{Source, TypeRule, Untold};
use super::super::{EventMapping, EventRequest, EventResource, MappingStatus, Need, name, tables};
use super::corpus;
use crate::{Catalog, narrowed, read_members};

/// Calls of any service whose `roleArn` tells the role of a session.
const BEGIN_SESSIONS: &str = "assumerole*";
/// A beginning takes the place of so many names at least: of a single call little is kept anyway, unless ids are looked for.
const FEWEST_CALLS: usize = 2;

const HEAD: &str = "\
# What the mapping reads of request parameters: made of the mapping itself, by `LEASTGRANT_UPDATE=1 cargo test -p leastgrant-catalog`.
# host of the event source\tmembers that are read; `*` before them: ids are looked for in all\tbeginnings of the names of calls whose requests nobody reads
";

/// All paths that a mapping asks requests for; matched without a wildcard, so that none is forgotten.
fn paths(needed: &Needed) -> Vec<&Path> {
    let mut paths = needed.when.paths();
    match &needed.what {
        What::Everything | What::Untold => {}
        What::Types(rules) => paths.extend(rules.iter().flat_map(paths_of_rule)),
        What::Roles(_, roles) => paths.extend(roles.iter().filter_map(|role| match role {
            Role::Named(path) | Role::Behind(path) | Role::Without(path) => Some(path),
            Role::Nowhere => None,
        })),
        What::Routes(routes) => paths.extend(routes.iter().flat_map(|route| route.paths())),
        What::TaggedTypes(rules, tagged) => {
            paths.extend(tagged);
            paths.extend(rules.iter().flat_map(paths_of_rule));
        }
    }
    paths
}

fn paths_of_rule(rule: &TypeRule) -> Vec<&Path> {
    let mut paths = match &rule.source {
        Source::Arns | Source::Never | Source::Ec2Ids => Vec::new(),
        Source::Variables(variables, conditions) => {
            let mut paths = conditions.paths();
            paths.extend(variables.iter().flat_map(|variable| &variable.paths));
            paths
        }
        Source::Whole(_, paths) => paths.iter().collect(),
        Source::BelowPath(path, name) => vec![path, name],
    };
    match &rule.untold {
        Untold::None | Untold::TheOnly | Untold::Unclear | Untold::AnyBesides | Untold::Always => {}
        Untold::Any(conditions) => paths.extend(conditions.paths()),
    }
    paths
}

fn paths_of(mapping: &EventMapping) -> Vec<Vec<String>> {
    let paths = mapping.needed.iter().flat_map(paths);
    paths.chain(&mapping.account).map(Path::names).collect()
}

fn has_ids(mapping: &EventMapping) -> bool {
    mapping.needed.iter().any(|needed| match &needed.what {
        What::Types(rules) | What::TaggedTypes(rules, _) => {
            rules.iter().any(|rule| rule.source == Source::Ec2Ids)
        }
        What::Everything | What::Untold | What::Roles(..) | What::Routes(_) => false,
    })
}

/// All hosts of events that a service is known of, but those that only AWS's interfaces are reached at.
fn hosts() -> BTreeSet<String> {
    let catalog = Catalog::get();
    let services = catalog.services().iter().map(|service| service.prefix());
    let by_table = tables::sources(None).map(|(host, _)| host);
    let by_sdk = catalog
        .sdk_services()
        .iter()
        .filter(|sdk| sdk.prefix.is_some())
        .flat_map(|sdk| [sdk.endpoint_prefix, sdk.signing_name])
        .filter(|host| !host.contains('.'));
    let all = services.chain(by_table).chain(by_sdk);
    all.map(str::to_ascii_lowercase)
        .filter(|host| !host.is_empty())
        .collect()
}

/// All names that calls of a host can have and that mean something, and with a `*` beginnings of names.
fn names(host: &str) -> BTreeSet<String> {
    let catalog = Catalog::get();
    let mut names = BTreeSet::new();
    for prefix in name::prefixes(catalog, host) {
        let actions = catalog
            .actions()
            .filter(|action| action.service().prefix() == prefix);
        names.extend(actions.map(|action| action.name().to_owned()));
        names.extend(catalog.calls().names(prefix).map(str::to_owned));
        names.extend(tables::actions(Some(prefix)).map(|row| row.event.to_owned()));
        names.extend(tables::roles(Some(prefix)).map(|row| row.event.to_owned()));
    }
    names
}

fn mapping(host: &str, name: &str) -> EventMapping {
    let name = name.replace('*', "Anything");
    Catalog::get().event(&format!("{host}.amazonaws.com"), &name)
}

/// The beginnings of a name that end before a capital letter, the shortest first, and the name.
fn beginnings(name: &str) -> Vec<&str> {
    let ends = name.char_indices().skip(1);
    let mut beginnings: Vec<&str> = ends
        .filter(|(_, one)| one.is_ascii_uppercase())
        .filter_map(|(place, _)| name.get(..place))
        .collect();
    beginnings.push(name);
    beginnings
}

/// Beginnings that all belong to names whose requests nobody reads.
fn unread(names: &BTreeSet<String>, read: &BTreeSet<String>, fewest: usize) -> BTreeSet<String> {
    let is_free = |beginning: &str| {
        read.iter().all(|name| match name.strip_suffix('*') {
            Some(start) => !start.starts_with(beginning) && !beginning.starts_with(start),
            // What follows on a name can be a version: see `without_version`.
            None => {
                !name.starts_with(beginning)
                    && beginning
                        .strip_prefix(&**name)
                        .is_none_or(|rest| !rest.starts_with("20"))
            }
        })
    };
    let lower = |name: &String| name.to_ascii_lowercase();
    let unread = names
        .iter()
        .filter(|name| !name.ends_with('*') && !read.contains(&lower(name)));
    let mut of_calls: BTreeMap<String, usize> = BTreeMap::new();
    for name in unread {
        let all = beginnings(name).into_iter();
        let mut free = all
            .map(str::to_ascii_lowercase)
            .filter(|beginning| is_free(beginning));
        if let Some(shortest) = free.next() {
            *of_calls.entry(shortest).or_default() += 1;
        }
    }
    let kept = of_calls.into_iter().filter(|(_, calls)| *calls >= fewest);
    kept.map(|(beginning, _)| beginning).collect()
}

fn line(host: &str) -> Option<String> {
    let names = names(host);
    let mut members = BTreeSet::new();
    let mut read = BTreeSet::from([BEGIN_SESSIONS.to_owned()]);
    let mut is_any = false;
    let mut is_known = false;
    for name in &names {
        let mapping = mapping(host, name);
        is_known |= mapping.status() == MappingStatus::Mapped;
        is_any |= has_ids(&mapping);
        if mapping.reads_request() {
            read.insert(name.to_ascii_lowercase());
            members.extend(paths_of(&mapping).into_iter().map(|path| path[0].clone()));
        }
    }
    // A path may begin with the names of all members; then there would be nothing to leave out.
    if !is_known || members.contains("{}") {
        return None;
    }
    let list = |texts: BTreeSet<String>| match texts.is_empty() {
        true => "-".to_owned(),
        false => texts.into_iter().collect::<Vec<_>>().join(" "),
    };
    let (any, fewest) = match is_any {
        true => ("* ", 1),
        false => ("", FEWEST_CALLS),
    };
    let unread = list(unread(&names, &read, fewest));
    Some(format!("{host}\t{any}{}\t{unread}", list(members)))
}

#[test]
fn the_table_is_what_the_mapping_reads() {
    let mut text = HEAD.to_owned();
    for line in hosts().iter().filter_map(|host| line(host)) {
        writeln!(text, "{line}").unwrap();
    }
    let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("data/event-parameters.tsv");
    if std::env::var_os("LEASTGRANT_UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(
        text == std::fs::read_to_string(&path).unwrap(),
        "data/event-parameters.tsv is out of date: run the tests once with LEASTGRANT_UPDATE=1"
    );
}

/// What a request needs, whole and narrowed.
fn both(
    mapping: &EventMapping,
    (source, name): (&str, &str),
    parameters: Option<&str>,
    listed: &[EventResource<'_>],
) -> [Vec<Need>; 2] {
    let left = parameters.and_then(|text| narrowed(source, name, text));
    [parameters, left.as_deref()].map(|parameters| {
        let request = EventRequest {
            region: "eu-west-1",
            account_id: "111122223333",
            parameters,
            resources: listed,
        };
        let mut needs = Vec::new();
        mapping.needs_into(&request, &mut needs);
        needs
    })
}

/// Numbers that look random and are the same each time (Knuth's linear congruential generator for MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 2 { 5 } else { 8 }) {
            0 => json!(self.below(1000)),
            1 => json!(self.one(&[
                "true", "", "default", "*", "***", "private", "REPLACE", "k/ä\"\\"
            ])),
            2 => json!(self.one(&[
                "i-0123456789abcdef0",
                "vol-0123456789",
                "sg-0123456789",
                "/x/",
                "name",
                "alias/a",
                "b/k?versionId=1"
            ])),
            3 => json!(self.one(&[
                "arn:aws:s3:::b",
                "arn:aws:s3:::b/k",
                "arn:aws:iam::111122223333:role/r",
                "arn:aws:kms:eu-west-1:111122223333:key/1",
                "arn:aws:lambda:eu-west-1:111122223333:function:f",
                "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789"
            ])),
            4 => Value::Null,
            5 => Value::Array((0..self.below(3)).map(|_| self.value(depth + 1)).collect()),
            6 => {
                json!({self.one(&["items", "item", "key", "resourceType", "x"]): self.value(depth + 1)})
            }
            _ => json!({"tag": 1, "content": self.value(depth + 1)}),
        }
    }

    /// A value at a path, below objects and lists.
    fn at(&mut self, path: &[String]) -> Value {
        let Some((name, rest)) = path.split_first() else {
            return self.value(1);
        };
        let inner = self.at(rest);
        let name = if name == "{}" { "table" } else { name };
        match self.below(4) {
            0 => json!([{name: inner}]),
            1 => json!({"items": [{name: inner}]}),
            _ => json!({name: inner}),
        }
    }
}

const OTHERS: &[&str] = &[
    "roleSessionName",
    "clientToken",
    "nextToken",
    "filterSet",
    "tagSet",
    "tag",
    "content",
    "items",
    "fooRequest",
    "omitted",
    "sourceRegion",
    "peerVpcId",
    "groupName",
    "instanceId",
    "subnetIds",
    "x",
    "",
    "a b",
    "Ärger",
    "sourceArn",
    "description",
];

#[test]
fn what_is_left_of_a_request_needs_what_the_whole_does() {
    let mut numbers = Numbers(1);
    let (mut differ, mut shorter, mut needed) = (Vec::new(), 0, 0);
    for read in read_members() {
        let source = format!("{}.amazonaws.com", read.host);
        for name in names(read.host) {
            let mapping = mapping(read.host, &name);
            let name = name.replace('*', "Anything");
            let paths = paths_of(&mapping);
            let rounds = if read.has_ids { 12 } else { 3 };
            for round in 0..if mapping.reads_request() { rounds } else { 1 } {
                let mut members = Map::new();
                for path in &paths {
                    if let (Some((first, rest)), 0 | 1) = (path.split_first(), numbers.below(3)) {
                        let upper = numbers.below(8) == 0;
                        let first = if upper {
                            first.to_ascii_uppercase()
                        } else {
                            first.clone()
                        };
                        members.insert(first, numbers.at(rest));
                    }
                }
                for _ in 0..numbers.below(5) {
                    members.insert(numbers.one(OTHERS).to_owned(), numbers.value(0));
                }
                let text = Value::Object(members).to_string();
                let event = (
                    &*source,
                    &*if round == 1 {
                        format!("{name}20150331v2")
                    } else {
                        name.clone()
                    },
                );
                let mapping = Catalog::get().event(event.0, event.1);
                let [whole, left] = both(&mapping, event, Some(&text), &[]);
                shorter += usize::from(
                    narrowed(event.0, event.1, &text).is_none_or(|left| left.len() < text.len()),
                );
                needed += whole.len();
                if whole != left {
                    differ.push(format!("{event:?} {text}\n{whole:?}\n{left:?}"));
                }
            }
        }
    }
    assert!(
        differ.is_empty(),
        "{}: {}",
        differ.len(),
        differ[..differ.len().min(5)].join("\n")
    );
    assert!(shorter > 20_000 && needed > 20_000, "{shorter} {needed}");
}

#[test]
fn what_is_left_of_real_requests_needs_what_the_whole_does() {
    let (mut before, mut after) = (0, 0);
    for event in corpus::events() {
        let mapping = Catalog::get().event(&event.event_source, &event.event_name);
        let parameters = event.request_parameters.as_deref().map(|raw| raw.get());
        let name = (&*event.event_source, &*event.event_name);
        let [whole, left] = both(&mapping, name, parameters, &event.listed());
        assert_eq!(whole, left, "{name:?} {parameters:?}");
        let text = parameters.unwrap_or_default();
        before += text.len();
        after += narrowed(name.0, name.1, text).map_or(0, |left| left.len());
    }
    assert!(before == 0 || after * 2 < before, "{after} of {before}");
}

#[test]
fn requests_keep_what_the_mapping_reads_and_what_could_change_its_reading() {
    let left = |source: &str, name: &str, text: &'static str| {
        let source = format!("{source}.amazonaws.com");
        narrowed(&source, name, text).map(std::borrow::Cow::into_owned)
    };
    let of = |text: &'static str| left("sts", "AssumeRole", text);
    assert_eq!(
        of(r#"{"roleArn":"arn:aws:iam::1:role/r","roleSessionName":"s","TAGS":[{"key":"a"}],"durationSeconds":900,"Ärger":1}"#).as_deref(),
        Some(r#"{"roleArn":"arn:aws:iam::1:role/r","TAGS":[{"key":"a"}],"Ärger":1}"#)
    );
    assert_eq!(of(r#"{"roleSessionName":"s"}"#).as_deref(), Some("{}"));
    for whole in [
        "null",
        "[1]",
        "{",
        "7",
        r#"{"a":1,"items":[2]}"#,
        r#"{"a":1,"AssumeRoleREQUEST":{}}"#,
        r#"{"a":"\u0061rn:"}"#,
        r#"{"a":1,"a":2}"#,
    ] {
        assert_eq!(of(whole).as_deref(), Some(whole));
    }
    // Nobody knows what calls of a service that nobody knows read.
    let text = r#"{"a":1}"#;
    assert_eq!(left("nobody-knows", "Do", text).as_deref(), Some(text));
    // Ids of EC2 stand anywhere but in filters and the like; no call that only describes is about one.
    assert_eq!(
        left("ec2", "StopInstances", r#"{"instancesSet":{"items":[{"instanceId":"i-1"}]},"filterSet":{},"clientToken":"t","force":true}"#).as_deref(),
        Some(r#"{"instancesSet":{"items":[{"instanceId":"i-1"}]},"force":true}"#)
    );
    assert_eq!(
        left("ec2", "DescribeInstances", r#"{"instancesSet":{}}"#),
        None
    );
    for host in read_members() {
        let mut beginnings = host.unread_calls.split(' ');
        assert!(
            !beginnings.any(|one| "assumerole".starts_with(one) || one.starts_with("assumerole")),
            "{host:?}"
        );
    }
}
