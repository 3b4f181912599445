//! Which request parameters the mapping reads, so that another engine can leave out all others.

use std::collections::{BTreeMap, BTreeSet};

use crate::Catalog;

use super::name::{Needed, SOURCES, rows};

/// A request parameter that decides what a call needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestParameter {
    /// The name as CloudTrail spells it. The mapping ignores its case.
    pub name: &'static str,
    /// Whether the value is read; else it is only asked whether there is one.
    pub is_value_read: bool,
}

/// Values, as JSON, of parameters that say nothing.
pub const EMPTY_VALUES: [&str; 4] = ["null", "\"\"", "[]", "{}"];

impl Catalog {
    /// The parameters that [`EventMapping::needs`](super::EventMapping::needs) reads, by event source. No others are read, and
    /// none of other sources.
    #[must_use]
    pub fn request_parameters(&self) -> BTreeMap<String, Vec<RequestParameter>> {
        let mut of_services: BTreeMap<&str, BTreeMap<&'static str, bool>> = BTreeMap::new();
        let mut read = |service, name, is_value_read| {
            let names = of_services.entry(service).or_default();
            *names.entry(name).or_default() |= is_value_read;
        };
        for (service, _, when, action) in rows().filter(|row| !row.2.is_empty()) {
            let name = when.strip_prefix('!').unwrap_or(when);
            read(service, name, action == "iam:PassRole");
        }
        read("sts", "roleArn", true);
        for service in self.services() {
            let needs = service.actions().map(|action| Needed::new(action, ""));
            for needed in needs.filter(|needed| needed.is_on_bucket || needed.is_on_object) {
                read(service.prefix(), "bucketName", true);
                if needed.is_on_object {
                    read(service.prefix(), "key", true);
                }
            }
        }
        let mut of_sources: BTreeMap<String, BTreeSet<RequestParameter>> = BTreeMap::new();
        for (service, names) in of_services {
            let renamed = SOURCES.iter().filter(|(_, to)| *to == service);
            for host in renamed.map(|(from, _)| *from).chain([service]) {
                let names = names.iter().map(|(name, is_value_read)| RequestParameter {
                    name,
                    is_value_read: *is_value_read,
                });
                of_sources
                    .entry(format!("{host}.amazonaws.com"))
                    .or_default()
                    .extend(names);
            }
        }
        let listed = |(source, names): (String, BTreeSet<_>)| (source, names.into_iter().collect());
        of_sources.into_iter().map(listed).collect()
    }
}
